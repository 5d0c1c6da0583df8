"""Tokens that end: one renewal for all who wait, kept over restarts, never lost half-way."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from channels import tokens
from channels.calls import Trouble
from channels.tokens import Token, Tokens, file_for

HTTP: Any = None


class Platform:
    """Gives a token for each refresh token once, and with it the next one."""

    def __init__(self, seconds: float = 3600) -> None:
        self.asked: list[str] = []
        self.seconds = seconds
        self.slow = 0.0

    async def renew(self, _: Any, refresh: str) -> Token:
        assert refresh not in self.asked, "a refresh token was used twice"
        self.asked.append(refresh)
        await asyncio.sleep(self.slow)
        number = len(self.asked)
        return Token(f"a-{number}", time.time() + self.seconds, f"r-{number}")


def run(scenario: Callable[[], Awaitable[Any]]) -> Any:
    return asyncio.run(scenario())  # type: ignore[arg-type]


def test_all_who_wait_get_one_new_token(tmp_path: Path) -> None:
    async def scenario() -> None:
        platform = Platform()
        platform.slow = 0.05
        own = [Tokens(tmp_path / "t", "s", platform.renew, "r-0") for _ in range(2)]
        given = await asyncio.gather(*(one.fresh(HTTP) for one in own * 5))
        assert set(given) == {"a-1"}
        assert platform.asked == ["r-0"]

    run(scenario)


def test_a_restart_goes_on_with_the_last_refresh_token(tmp_path: Path) -> None:
    async def scenario() -> None:
        platform = Platform(seconds=10)  # ends before it is of use to anybody
        for count in range(1, 4):
            assert await Tokens(tmp_path / "t", "s", platform.renew, "r-0").fresh(HTTP) == (
                f"a-{count}"
            )
        assert platform.asked == ["r-0", "r-1", "r-2"]

    run(scenario)


def test_another_first_token_or_secret_begins_anew(tmp_path: Path) -> None:
    async def scenario() -> None:
        platform = Platform()
        for secret, first in (("s", "x"), ("s", "y"), ("other", "z")):
            await Tokens(tmp_path / "t", secret, platform.renew, first).fresh(HTTP)
        assert platform.asked == ["x", "y", "z"]
        (tmp_path / "t").write_bytes(b"broken")
        await Tokens(tmp_path / "t", "s", platform.renew, "w").fresh(HTTP)
        assert platform.asked[-1] == "w"

    run(scenario)


def test_the_file_shows_nothing_and_belongs_to_us_alone(tmp_path: Path) -> None:
    run(lambda: Tokens(tmp_path / "t", "s", Platform().renew, "r-0").fresh(HTTP))
    assert b"a-1" not in (tmp_path / "t").read_bytes()
    assert (tmp_path / "t").stat().st_mode & 0o077 == 0


def test_a_refused_token_is_renewed_once_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        platform = Platform()
        ours = Tokens(tmp_path / "t", "s", platform.renew, "r-0")
        await ours.fresh(HTTP)
        assert not ours.refused()
        assert await ours.fresh(HTTP) == "a-1"
        monkeypatch.setattr(tokens, "YOUNG_SECONDS", -1.0)
        assert ours.refused()
        assert await ours.fresh(HTTP) == "a-2"

    run(scenario)


def test_a_failed_renewal_is_trouble_and_tried_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        platform = Platform()

        async def fails(*_: Any) -> Token:
            raise Trouble("down")

        with pytest.raises(Trouble):
            await Tokens(tmp_path / "t", "s", fails, "r-0").fresh(HTTP)
        assert await Tokens(tmp_path / "t", "s", platform.renew, "r-0").fresh(HTTP) == "a-1"

    run(scenario)


def test_who_gives_up_waiting_does_not_lose_the_next_refresh_token(tmp_path: Path) -> None:
    async def scenario() -> None:
        platform = Platform()
        platform.slow = 0.1
        ours = Tokens(tmp_path / "t", "s", platform.renew, "r-0")
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(ours.fresh(HTTP), 0.02)
        assert await ours.fresh(HTTP) == "a-1"
        assert platform.asked == ["r-0"]

    run(scenario)


def test_the_file_is_beside_the_inbox_or_in_var() -> None:
    assert file_for("/data/inbox.db", "tiktok", "b").parent == Path("/data")
    assert file_for("postgresql://u:p@host/db", "tiktok", "b").parent == Path("var")
    assert file_for("x/i.db", "tiktok", "b") != file_for("x/i.db", "tiktok", "c")
