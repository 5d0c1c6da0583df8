"""The gateway: what is missed comes after all, nothing is answered twice, one process listens."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from channels import listen
from channels.__main__ import main
from channels.calls import Trouble
from channels.discord import Discord
from tests.channels.fake_discord import TOKEN
from tests.channels.fake_discord import Discord as Platform
from tests.channels.parrot import Assistant, inbox
from tests.channels.test_receive import until


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    monkeypatch.setattr(listen, "BACKOFF_SECONDS", (0.05, 0.2))
    with Platform() as running:
        yield running


def ours(platform: Platform, folder: Path, **more: Any) -> Discord:
    known = {"token": TOKEN, "api": platform.url, "database": inbox(folder)}
    return Discord({**known, **more})


def connected(platform: Platform, count: int = 1) -> None:
    until(lambda: platform.connections > 0)
    until(lambda: len(platform.greetings) >= count)


def answers(platform: Platform, count: int, person: int = 7) -> list[str]:
    until(lambda: len(platform.messages(person)) >= count)
    return [body["content"] for body in platform.messages(person)]


def test_a_message_is_answered_and_a_tap_is_acknowledged(
    platform: Platform, tmp_path: Path
) -> None:
    with Assistant(ours(platform, tmp_path)) as assistant:
        connected(platform)
        (greeting,) = platform.greetings
        assert (greeting["op"], greeting["d"]["intents"]) == (2, 1 << 12)
        ident = platform.say("hello")
        assert answers(platform, 1) == ["You said hello"]
        (heard,) = assistant.parrot.heard
        assert (heard.sender_id, heard.message_id) == ("discord:42:7", ident)
        platform.say("menu")
        answers(platform, 2)
        shown = platform.messages()[1]["components"][0]["components"]
        tap = platform.tap(shown[1]["custom_id"])
        answers(platform, 3)
        assert assistant.parrot.heard[-1].text == "/pick1"
        until(lambda: any("/callback" in heard.path for heard in platform.heard))
        (seen,) = (heard for heard in platform.heard if "/callback" in heard.path)
        assert (seen.path, seen.body) == (f"/interactions/{tap}/t{tap}/callback", {"type": 6})
        assert "authorization" not in seen.headers
        assert "/channels/97/typing" in {heard.path for heard in platform.heard}


def test_a_choice_of_somebody_else_and_a_typed_intent_are_words(
    platform: Platform, tmp_path: Path
) -> None:
    with Assistant(ours(platform, tmp_path)) as assistant:
        connected(platform)
        platform.say("menu")
        answers(platform, 1)
        shown = platform.messages()[0]["components"][0]["components"]
        platform.tap(shown[0]["custom_id"], person=8)
        answers(platform, 1, person=8)
        platform.say('/pick1{"a": 1}', person=8)
        answers(platform, 2, person=8)
        given = [message.text for message in assistant.parrot.heard]
        assert given == ["menu", "?", 'pick1{"a": 1}']


def test_what_is_not_for_us_is_not_answered(platform: Platform, tmp_path: Path) -> None:
    with Assistant(ours(platform, tmp_path)) as assistant:
        connected(platform)
        platform.say("in a server", guild_id="5")
        platform.say("mine", author={"id": "42", "bot": True})
        platform.tell("TYPING_START", {"user_id": "7"})
        platform.tell("MESSAGE_CREATE", {"id": "odd", "author": 7})
        platform.send({"op": 99, "d": None})
        platform.say("hello")
        assert answers(platform, 1) == ["You said hello"]
        assert len(assistant.parrot.heard) == 1


@pytest.mark.parametrize("how", ["reconnect", "closed", "invalid", "cut"])
def test_a_session_is_taken_up_again_and_gives_what_was_missed(
    platform: Platform, tmp_path: Path, how: str
) -> None:
    with Assistant(ours(platform, tmp_path)):
        connected(platform)
        platform.say("one")
        answers(platform, 1)
        endings = {"reconnect": {"op": 7, "d": None}, "invalid": {"op": 9, "d": True}}
        if how in endings:
            platform.send(endings[how])
        else:
            platform.cut(4000 if how == "closed" else None)
        platform.say("two")
        assert answers(platform, 2) == ["You said one", "You said two"]
        until(lambda: len(platform.greetings) >= 2)
        assert {greeting["op"] for greeting in platform.greetings[1:]} == {6}
        platform.say("three")
        assert answers(platform, 3)[2:] == ["You said three"]


def test_after_a_restart_the_session_goes_on(platform: Platform, tmp_path: Path) -> None:
    with Assistant(ours(platform, tmp_path)):
        connected(platform)
        platform.say("one")
        answers(platform, 1)
    assert platform.codes == [4000]
    platform.say("two")
    with Assistant(ours(platform, tmp_path)) as again:
        assert answers(platform, 2) == ["You said one", "You said two"]
        assert [message.text for message in again.parrot.heard] == ["two"]
    assert [greeting["op"] for greeting in platform.greetings] == [2, 6]


def test_what_a_lost_session_missed_is_fetched(platform: Platform, tmp_path: Path) -> None:
    with Assistant(ours(platform, tmp_path)):
        connected(platform)
        platform.say("one")
        answers(platform, 1)
    platform.forget()
    platform.say("two")
    platform.say("mine", author={"id": "42", "bot": True})
    platform.say("three")
    with Assistant(ours(platform, tmp_path)):
        said = ["You said one", "You said two", "You said three"]
        assert answers(platform, 3) == said
    assert [greeting["op"] for greeting in platform.greetings] == [2, 6, 2]


def test_what_comes_again_is_answered_once(platform: Platform, tmp_path: Path) -> None:
    with Assistant(ours(platform, tmp_path)) as assistant:
        connected(platform)
        platform.say("one")
        answers(platform, 1)
        (session,) = platform.sessions.values()
        for _ in range(9):
            platform.send(session.events[0])
        platform.say("two")
        assert answers(platform, 2) == ["You said one", "You said two"]
        assert len(assistant.parrot.heard) == 2


def test_a_dead_connection_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listen, "BACKOFF_SECONDS", (0.05, 0.2))
    with Platform(beat_ms=200) as platform, Assistant(ours(platform, tmp_path)):
        connected(platform)
        until(lambda: platform.beats >= 2)
        platform.deaf = True
        until(lambda: 4000 in platform.codes)
        platform.deaf = False
        platform.say("hello")
        assert answers(platform, 1) == ["You said hello"]
        assert platform.greetings[1]["op"] == 6


def test_heartbeats_are_given_when_they_are_asked_for(platform: Platform, tmp_path: Path) -> None:
    with Assistant(ours(platform, tmp_path)):
        connected(platform)
        platform.send({"op": 1, "d": None})
        until(lambda: platform.beats == 1)


def test_a_refused_token_is_tried_again_later_and_later(platform: Platform, tmp_path: Path) -> None:
    platform.refuses = 4004
    with Assistant(ours(platform, tmp_path)):
        until(lambda: len(platform.greetings) >= 3)
        platform.refuses = None
        platform.say("hello")
        connected(platform)
        platform.say("hello again")
        answers(platform, 1)


def test_one_process_holds_the_connection(platform: Platform, tmp_path: Path) -> None:
    with Assistant(ours(platform, tmp_path)):
        connected(platform)
        with Assistant(ours(platform, tmp_path)):
            time.sleep(1)
            assert len(platform.greetings) == 1
            assert platform.connections == 1


def test_a_session_that_is_unreadable_is_begun_anew(platform: Platform, tmp_path: Path) -> None:
    adapter = ours(platform, tmp_path)
    adapter._gateway._file.write_text("{")
    with Assistant(adapter):
        connected(platform)
        platform.say("hello")
        answers(platform, 1)
    kept = json.loads(adapter._gateway._file.read_text())
    assert (kept["id"], kept["seq"], len(kept["last"])) == ("session-1", 2, 1)
    assert TOKEN not in adapter._gateway._file.read_text()


def test_it_checks_the_token_and_where_taps_go(platform: Platform, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with aiohttp.ClientSession() as http:
            adapter = ours(platform, tmp_path)
            assert await adapter.check(http, "") == []
            door = ours(platform, tmp_path, public_key="00" * 32)
            assert await door.check(http, "https://b.c") == [
                "the interactions endpoint is not set, not https://b.c"
            ]
            with pytest.raises(Trouble, match="401"):
                await ours(platform, tmp_path, token="MQ.x").check(http, "")

    asyncio.run(scenario())


def test_an_operator_needs_no_address(
    platform: Platform, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stanza = {"token": TOKEN, "api": platform.url, "database": inbox(tmp_path)}
    file = tmp_path / "credentials.yml"
    file.write_text(json.dumps({"channels.discord.Discord": stanza}))
    assert main(["--credentials", str(file), "register", "discord"]) == 0
    assert main(["--credentials", str(file), "doctor"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert (said[0], said[-1]) == ("discord: ready", "discord: well")
