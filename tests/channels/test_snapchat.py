"""Snapchat's public profiles: messages that are fetched, texts out."""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import aiohttp
import pytest
from hypothesis import given

from channels.base import Event, Incoming
from channels.calls import Trouble
from channels.guard import Refused
from channels.receive import read
from channels.render import Button, Reply
from channels.seen import Seen
from channels.snapchat import Snapchat
from tests.channels.fake_platform import SITE, Office, Platform, Reaction, choices, sent, shows_all
from tests.channels.turns import ANY_SIZE, turns

GIVEN = {"client": "c", "secret": "s", "refresh": "r-1", "profile": "p-1", "creators": ["u-1"]}
SNAPCHAT = Snapchat({**GIVEN, "site": SITE})
URL = "https://businessapi.snapchat.com/v1/public_profiles/p-1/group_conversation_messages"
TO = {"conversation_id": "c-1", "token": "SnapProfileId/p-1"}
OK = {"request_id": "r", "request_status": "SUCCESS"}
FOUND = {**OK, "conversation": TO}


def ours(key: str) -> str:
    (message,) = SNAPCHAT.request(next(iter(SNAPCHAT.render([Reply("x")], TO).calls)), key).json[
        "group_conversation_messages"
    ]
    return str(message["message_id"])


def other(number: int) -> str:
    return str(UUID(int=number, version=4))


MESSAGES: dict[str, tuple[dict[str, Any], Event | None]] = {
    "text": (
        {"type": "TEXT", "text_message": "Hello", "message_id": "uuid-1"},
        Event("text", "uuid-1", "c-1", text="Hello", to=TO),
    ),
    "snap": (
        {"type": "IMAGE", "message_id": other(1)},
        Event("media", other(1), "c-1", media="image", to=TO),
    ),
    "our own": ({"type": "TEXT", "text_message": "x", "message_id": ours("k/1")}, None),
    "without an id": ({"type": "TEXT", "text_message": "x"}, None),
}


@pytest.mark.parametrize("case", MESSAGES)
def test_messages_are_read(case: str) -> None:
    message, expected = MESSAGES[case]
    found = read(SNAPCHAT, [{"message": message, "to": TO}])
    assert found == ([expected] if expected else [])


def test_ids_of_ours_are_new_for_each_letter_and_known_to_us_only() -> None:
    assert ours("k/1") == ours("k/1") != ours("k/2")
    stranger = Snapchat({**GIVEN, "secret": "other"})
    assert len(read(stranger, [{"message": {"message_id": ours("k/1")}, "to": TO}])) == 1


def test_there_is_no_webhook() -> None:
    assert not SNAPCHAT.called
    with pytest.raises(Refused) as refused:
        SNAPCHAT.verify(Incoming(b"{}", {}))
    assert refused.value.status == 404


TURNS: dict[str, tuple[list[Reply], list[str]]] = {
    "texts are one": ([Reply("Hello"), Reply("there")], ["Hello\n\nthere"]),
    "choices": (
        [Reply("Sure?", buttons=(*choices("Yes", "No"), Button("Pay", url="/pay")))],
        [f"Sure?\n1. Yes\n2. No\nPay: {SITE}pay"],
    ),
}


@pytest.mark.parametrize("case", TURNS)
def test_turns_are_shown(case: str) -> None:
    turn, expected = TURNS[case]
    for number, (text, (url, body)) in enumerate(
        zip(expected, sent(SNAPCHAT, TO, *turn, key="key-"), strict=True), 1
    ):
        message = {"type": "TEXT", "text_message": text, "message_id": ours(f"key-{number}")}
        assert (url, body) == (URL, {**TO, "group_conversation_messages": [message]})


def test_a_request_has_the_published_form(specs: Path | None) -> None:
    if specs:
        published = json.loads((specs / "snapchat/public_profile_messaging.json").read_text())
        ((url, body),) = sent(SNAPCHAT, TO, Reply("Hello"))
        body["group_conversation_messages"][0]["message_id"] = "uuid-1"
        assert body == published["send"]["body"]
        assert url.endswith(published["send"]["path"].replace("{profile_id}", "p-1"))


@ANY_SIZE
@given(turn=turns())
def test_turns_of_any_size_keep_every_choice(turn: list[Reply]) -> None:
    shows_all(SNAPCHAT, TO, turn)
    for _, body in sent(SNAPCHAT, TO, *turn):
        (message,) = body["group_conversation_messages"]
        assert 1 <= len(message["text_message"]) <= 1000


def page(*idents: str, after: str = "") -> Reaction:
    messages = [
        {"sub_request_status": "SUCCESS", "group_conversation_message": text(ident)}
        for ident in idents
    ]
    more = {"paging": {"next_page_id": after}} if after else {}
    return Reaction(body={**OK, "group_conversation_messages": messages, **more})


def text(ident: str) -> dict[str, str]:
    return {"type": "TEXT", "text_message": f"text {ident}", "message_id": ident}


TOKEN = Reaction(body={"access_token": "a-1", "expires_in": 1800})


def on(platform: Platform, folder: Path) -> Snapchat:
    addresses = {"api": platform.url, "login": platform.url + "/login"}
    return Snapchat({**GIVEN, **addresses, "database": str(folder / "inbox.db")})


def test_messages_are_fetched_once_in_order_and_history_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.snapchat.POLL_SECONDS", 0)
    taken: list[str] = []

    async def listen(platform: Platform, looks: list[list[Reaction]]) -> None:
        async def take(item: Any) -> None:
            taken.append(item["message"]["message_id"])

        platform.script = [TOKEN] if not platform.heard else []
        for look in looks:
            platform.script += [Reaction(body=FOUND), *look]
        platform.script += [Reaction(500)]
        async with aiohttp.ClientSession() as http:
            with pytest.raises(Trouble):
                await on(platform, tmp_path).listen(http, take)

    with Platform() as platform:
        history, news = page("m-2", "m-1"), page("m-4", "m-3", "m-2", "m-1")
        asyncio.run(listen(platform, [[history], [history], [news], [news]]))
        assert taken == ["m-3", "m-4"]
        asyncio.run(listen(platform, [[page("m-6", after="x"), page("m-5", "m-4")]]))
        assert taken == ["m-3", "m-4", "m-5", "m-6"]  # and a restart forgets nothing
        login, conversation, messages = platform.heard[:3]
        assert dict(login.body)["refresh_token"] == "r-1"
        assert conversation.headers["authorization"] == "Bearer a-1"
        assert conversation.path == "/public_profiles/p-1/group_conversation?creator_profile_id=u-1"
        asked = parse_qs(urlsplit(messages.path).query)
        assert asked == {name: [value] for name, value in {**TO, "limit": "50"}.items()}
        assert "page_id=x" in "".join(heard.path for heard in platform.heard)


@pytest.mark.parametrize(
    ("known", "found", "new"),
    [
        (None, ["b", "a"], []), ([], ["b", "a"], ["a", "b"]), (["a"], ["c", "b", "a"], ["b", "c"]),
        (["a"], ["a", "b", "c"], ["b", "c"]), (["a"], ["a"], []), (["a"], [], []),
        (["a"], ["c", "b"], ["b", "c"]),
    ],
)  # fmt: skip
def test_what_is_new_is_known_whichever_end_it_stands_at(
    known: list[str] | None, found: list[str], new: list[str], tmp_path: Path
) -> None:
    if known is not None:
        Seen(tmp_path / "seen").add("c-1", known)
    assert Seen(tmp_path / "seen").new("c-1", found) == new


def test_a_file_that_cannot_be_read_begins_anew(tmp_path: Path) -> None:
    (tmp_path / "seen").write_text("[")
    assert Seen(tmp_path / "seen").new("c-1", ["a"]) == []
    assert Seen(tmp_path / "seen").new("c-1", ["b", "a"]) == ["b"]


def test_a_text_is_sent_with_a_token_that_is_renewed(tmp_path: Path) -> None:
    async def scenario(platform: Platform) -> None:
        office = Office(on(platform, tmp_path), tmp_path)
        platform.script = [TOKEN, Reaction(body=OK), Reaction(drop=True)]
        await office.say("c-1", Reply("Hello"), to=TO)
        await office.say("c-1", Reply("There"), to=TO)
        assert [state for state, _ in await office.send()] == ["sent", "unknown"]
        message = platform.heard[1].body["group_conversation_messages"][0]
        assert message["text_message"] == "Hello"
        assert read(office.adapter, [{"message": message, "to": TO}]) == []

    with Platform(OK) as platform:
        asyncio.run(scenario(platform))


def test_the_doctor_looks_at_every_creator(tmp_path: Path) -> None:
    async def scenario(platform: Platform) -> None:
        async with aiohttp.ClientSession() as http:
            platform.script = [TOKEN, Reaction(body=FOUND), Reaction(body=OK)]
            snapchat = on(platform, tmp_path)
            assert await snapchat.check(http, "") == []
            with pytest.raises(Trouble):
                await snapchat.check(http, "")
            assert await snapchat.register(http, "") == ["nothing: the messages are fetched"]

    with Platform(OK) as platform:
        asyncio.run(scenario(platform))
