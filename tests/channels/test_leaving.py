"""The moment at which a letter leaves: marked neither too early nor too late."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from channels import sender
from channels.calls import Call, Sent
from channels.leaving import leaves
from channels.render import Reply
from channels.telegram import Telegram
from tests.channels.fake_platform import Office, Platform, Reaction

TO = {"chat": 5}
Scenario = Callable[[Office, Platform], Awaitable[None]]


class Carrier(Telegram):
    """With a way of sending of its own."""

    seen: Any = None

    async def send(self, http: Any, call: Call, key: str) -> Sent:
        before = await self.office.states()
        await leaves()
        Carrier.seen = [*before, *await self.office.states()]
        return Sent("sent")


def run(folder: Path, scenario: Scenario, adapter: type[Telegram] = Telegram, **more: Any) -> None:
    settings = {"token": "12:abc", "secret": "a-secret-of-ours", **more}
    with Platform() as platform:
        made = adapter({**settings, "api": platform.url})

        async def play() -> None:
            await scenario(Office(made, folder), platform)

        asyncio.run(play())


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(500):
        if await true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to that")


async def state(office: Office) -> str:
    ((found, _),) = await office.states()
    return found


@pytest.mark.parametrize(("again", "then", "times"), [(False, "unknown", 1), (True, "sent", 2)])
def test_what_left_before_a_crash_goes_again_only_where_the_stanza_says_so(
    tmp_path: Path, again: bool, then: str, times: int
) -> None:
    async def scenario(office: Office, platform: Platform) -> None:
        platform.script = [Reaction(seconds=30)]
        await office.say("5", Reply("One"), to=TO)
        assert await state(office) == "waiting"
        running = asyncio.create_task(office.sender.run())
        await until(lambda: heard(platform))
        assert await state(office) == "sending"
        for task in [running, *office.sender._pump._tasks.values()]:
            task.cancel()
        await asyncio.sleep(0.1)
        assert [found for found, _ in await office.send()] == [then]
        assert len(platform.heard) == times

    async def heard(platform: Platform) -> bool:
        return bool(platform.heard)

    run(tmp_path, scenario, again=again)


def test_a_lost_answer_is_asked_for_again_where_the_stanza_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "BACKOFF_SECONDS", (0.05, 0.1))

    async def scenario(office: Office, platform: Platform) -> None:
        platform.script = [Reaction(drop=True)]
        await office.say("5", Reply("One"), to=TO)
        assert [found for found, _ in await office.send()] == ["sent"]
        assert len(platform.heard) == 2

    run(tmp_path, scenario, again=True)


def test_a_letter_that_somebody_else_has_taken_does_not_leave(tmp_path: Path) -> None:
    async def scenario(office: Office, platform: Platform) -> None:
        await office.say("5", Reply("One"), to=TO)
        taken = "UPDATE outbox SET state = 'sending'"
        find = office.sender._pump._find

        async def late(busy: set[str], free: int) -> Any:
            found = await find(busy, free)
            await office.write(lambda db: db.execute(taken))
            return found

        office.sender._pump._find = late
        await office.send(1)
        assert platform.heard == []

    run(tmp_path, scenario)


def test_a_mark_waits_for_a_file_that_is_busy(tmp_path: Path) -> None:
    async def scenario(office: Office, platform: Platform) -> None:
        await office.say("5", Reply("One"), to=TO)
        other = sqlite3.connect(tmp_path / "inbox.db", isolation_level=None)
        running = asyncio.create_task(office.sender.run())
        await asyncio.sleep(0)
        other.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(0.4)
        assert platform.heard == []
        other.execute("ROLLBACK")
        await until(lambda: sent(office))
        assert len(platform.heard) == 1
        await office.sender.stop()
        await running

    async def sent(office: Office) -> bool:
        return await state(office) == "sent"

    run(tmp_path, scenario)


def test_another_way_of_sending_marks_by_itself(tmp_path: Path) -> None:
    async def scenario(office: Office, platform: Platform) -> None:
        office.adapter.office = office  # type: ignore[attr-defined]
        await office.say("5", Reply("One"), to=TO)
        assert [found for found, _ in await office.send()] == ["sent"]
        assert Carrier.seen == [("waiting", None), ("sending", None)]

    run(tmp_path, scenario, Carrier)
