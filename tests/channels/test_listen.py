"""Who listens, and when a lost connection is made again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from channels import listen
from channels.base import Incoming
from channels.discord import Discord
from channels.guard import Refused
from channels.inbox.lock import alone


class Ear(Discord):
    """Hears one word at each connection, and then what it was told to."""

    def __init__(self, *ends: Any) -> None:
        super().__init__({"token": "t"})
        self.ends, self.begun = list(ends), 0

    async def listen(self, http: Any, take: listen.Take) -> None:
        self.begun += 1
        await take(self.begun)
        end = self.ends.pop(0) if self.ends else None
        if isinstance(end, Exception):
            raise end
        if end is None:
            await asyncio.sleep(60)


async def while_running(ear: Ear, folder: Path, done: Any, tries: int = 500) -> list[int]:
    heard: list[int] = []

    async def take(item: Any) -> None:
        heard.append(item)

    task = asyncio.create_task(listen.run(ear, str(folder / "inbox.db"), take))
    for _ in range(tries):
        await asyncio.sleep(0.01)
        if done():
            break
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return heard


@pytest.mark.parametrize("end", ["it is over", ValueError("x"), OSError("x"), KeyError("x")])
def test_a_lost_connection_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: Any
) -> None:
    monkeypatch.setattr(listen, "BACKOFF_SECONDS", (0.01, 0.02))
    ear = Ear(end, end, end)
    assert asyncio.run(while_running(ear, tmp_path, lambda: ear.begun == 4)) == [1, 2, 3, 4]


def test_the_waits_grow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listen, "BACKOFF_SECONDS", (1.0, 4.0))
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 5:
            raise asyncio.CancelledError

    async def scenario() -> None:
        async def take(item: Any) -> None: ...

        with monkeypatch.context() as patched:
            patched.setattr(listen.asyncio, "sleep", sleep)
            with pytest.raises(asyncio.CancelledError):
                await listen._again_and_again(Ear(*["over"] * 9), None, take)  # type: ignore[arg-type]

    asyncio.run(scenario())
    assert waits == [1.0, 2.0, 4.0, 4.0, 4.0]


def test_only_who_holds_the_lock_listens(tmp_path: Path) -> None:
    async def scenario() -> None:
        ear, other = Ear(), Ear()
        async with alone(str(tmp_path / "inbox.db"), "discord.listen"):
            assert await while_running(ear, tmp_path, lambda: ear.begun, 100) == []
        assert await while_running(other, tmp_path, lambda: other.begun) == [1]

    asyncio.run(scenario())


def test_who_has_lost_the_lock_listens_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen, "HELD_SECONDS", 0.01)
    locks: list[list[bool]] = [[True, False], [True] * 1000]

    class Lock:
        async def held(self) -> bool:
            return answers.pop(0)

        async def free(self) -> None: ...

    answers: list[bool] = []

    @asynccontextmanager
    async def alone_(address: str, name: str) -> AsyncIterator[Lock]:
        answers[:] = locks.pop(0)
        yield Lock()

    monkeypatch.setattr(listen, "alone", alone_)
    ear = Ear()
    assert asyncio.run(while_running(ear, tmp_path, lambda: ear.begun == 2)) == [1, 2]


def test_nothing_can_be_posted_to_it() -> None:
    with pytest.raises(Refused) as refused:
        Ear().verify(Incoming(b"{}", {}))
    assert refused.value.status == 404
