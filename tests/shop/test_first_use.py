"""What the store's first use waits for, and who waits for it."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Connection

from shop.model import Unavailable
from shop.patience import deadline, within
from shop.store import Store


def seven(_: Connection) -> int:
    return 7


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr("shop.schema.upgrade", lambda engine: None)
    return Store(f"sqlite:///{tmp_path / 'shop.db'}")


async def test_a_shopper_does_not_wait_for_all_of_it_and_it_goes_on(empty: Store) -> None:
    may_end, seen = Event(), list[float]()

    def slow(_: Store) -> None:
        seen.append(deadline(math.inf))  # nobody's impatience is its own
        may_end.wait(20)

    empty.on_first_use.append(slow)
    with within(0.05):
        for _ in range(3):
            with pytest.raises(Unavailable):
                await empty.read(seven)
    may_end.set()
    assert await empty.read(seven) == 7
    assert seen == [math.inf]


async def test_what_failed_is_tried_again_by_the_next_one(empty: Store) -> None:
    troubles = [Unavailable("the vendor is away"), None]

    def work(_: Store) -> None:
        if trouble := troubles.pop(0):
            raise trouble

    empty.on_first_use.append(work)
    with pytest.raises(Unavailable, match="away"):
        await empty.read(seven)
    found = await asyncio.gather(*(empty.read(seven) for _ in range(4)))
    assert (found, troubles) == ([7] * 4, [])
