"""Every write is done once: repeated, broken off before, during and after, and by two at once."""

from __future__ import annotations

import asyncio

import pytest

from shop import faults
from shop.commerce.demo import DemoCommerce
from shop.model import Refused, Unavailable
from tests.shop.backroom import Backroom
from tests.shop.commerce.aftersale_writes import NAMES, WRITES, Write

every_write = pytest.mark.parametrize("write", WRITES, ids=NAMES)


@every_write
async def test_the_same_key_writes_once(
    commerce: DemoCommerce, room: Backroom, write: Write
) -> None:
    do = await write.prepare(room)
    before = await room.state()
    first = await do(commerce, "key")
    after = await room.state()
    assert before != after
    assert await do(commerce, "key") == first
    assert await room.state() == after


@every_write
async def test_another_key_is_another_write(
    commerce: DemoCommerce, room: Backroom, write: Write
) -> None:
    do = await write.prepare(room)
    await do(commerce, "key")
    after = await room.state()
    if write.again is None:
        await do(commerce, "other")
        return
    with pytest.raises(Refused) as refusal:
        await do(commerce, "other")
    assert refusal.value.reason == write.again
    assert await room.state() == after


@every_write
@pytest.mark.parametrize("kind", ["before", "during", "after", "nonsense"])
async def test_a_write_that_broke_off_is_done_once_by_its_repeat(
    commerce: DemoCommerce, room: Backroom, write: Write, kind: faults.Kind
) -> None:
    do = await write.prepare(room)
    before = await room.state()
    await room.fault(write.call, kind)
    with pytest.raises(Unavailable):
        await do(commerce, "key")
    broken_off = await room.state()
    assert (broken_off == before) is (kind in ("before", "during"))
    told = await do(commerce, "key")
    done = await room.state()
    assert done != before
    assert kind in ("before", "during") or done == broken_off
    assert await do(commerce, "key") == told
    assert await room.state() == done


@every_write
async def test_the_same_message_twice_at_once_writes_once(
    commerce: DemoCommerce, room: Backroom, write: Write
) -> None:
    do = await write.prepare(room)
    results = await asyncio.gather(*(do(commerce, "key") for _ in range(4)))
    done = await room.state()
    assert all(result == results[0] for result in results)
    await do(commerce, "key")
    assert await room.state() == done


@pytest.mark.parametrize("write", [w for w in WRITES if w.again], ids=lambda w: w.prepare.__name__)
async def test_of_two_writers_at_once_one_is_refused(
    commerce: DemoCommerce, room: Backroom, write: Write
) -> None:
    do = await write.prepare(room)
    outcomes = await asyncio.gather(
        *(do(commerce, key) for key in ("one", "two")), return_exceptions=True
    )
    refused = [out for out in outcomes if isinstance(out, BaseException)]
    assert [getattr(out, "reason", out) for out in refused] == [write.again]


async def test_a_slow_write_is_unavailable_and_its_repeat_finds_it_done(
    commerce: DemoCommerce, room: Backroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    do = await WRITES[0].prepare(room)
    before = await room.state()
    await room.fault("cancel", "slow")
    monkeypatch.setattr(faults, "SLOW", 2.0)
    monkeypatch.setattr("shop.store.PATIENCE", 1.0)
    with pytest.raises(Unavailable):
        await do(commerce, "key")
    monkeypatch.setattr("shop.store.PATIENCE", 20.0)
    for _ in range(300):
        if await room.state() != before:
            break
        await asyncio.sleep(0.1)
    late = await room.state()  # the look that saw the change may have seen half of it
    order = await do(commerce, "key")
    assert order.state.value == "cancelled"
    assert await room.state() == late
