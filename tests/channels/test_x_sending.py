"""X, unencrypted: turns as requests, checked with X's published specification."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given

from channels import pictures, sender, tokens
from channels.calls import Answer, Trouble
from channels.render import Button, Image, Reply
from channels.x import X
from tests.channels.fake_platform import (
    SITE,
    Office,
    Platform,
    Reaction,
    cards,
    choices,
    sent,
    shows_all,
)
from tests.channels.test_x import GIVEN, OAUTH1, OAUTH2, OURS, TO
from tests.channels.turns import ANY_SIZE, turns
from tests.channels.x_phone import PERSON

PLACE = f"/2/dm_conversations/with/{PERSON}/messages"
URL = "https://api.x.com" + PLACE
TURNS: dict[str, tuple[list[Reply], list[dict[str, Any]]]] = {
    "texts are one": ([Reply("Hello"), Reply("there")], [{"text": "Hello\n\nthere"}]),
    "choices": (
        [Reply("Sure?", buttons=(*choices("Yes", "No"), Button("Pay", url="/pay")))],
        [{"text": f"Sure?\n1. Yes\n2. No\nPay: {SITE}pay"}],
    ),
    "card": (
        [Reply(cards=cards(1))],
        [
            {
                "image": SITE + "storm.png",
                "text": f"Jacket 1\n129.90 zł · 4.5 (23)\n{SITE}j1\n\n1. Details\n2. Add to cart",
            }
        ],
    ),
    "image": (
        [Reply("Sizes", image=Image("/s.png", ""), buttons=choices("Yes"))],
        [{"image": SITE + "s.png", "text": "Sizes\n1. Yes"}],
    ),
}


@pytest.mark.parametrize("case", TURNS)
def test_turns_are_shown_in_one_message(case: str) -> None:
    turn, expected = TURNS[case]
    shown = sent(OURS, TO, *turn)
    assert [url for url, _ in shown] == [URL] * len(expected)
    if case != "card":
        assert [body for _, body in shown] == expected
    else:
        assert shown[0][1]["image"] == expected[0]["image"]
        assert shown[0][1]["text"].startswith("Jacket 1\n129.90 zł")


@ANY_SIZE
@given(turn=turns())
def test_turns_of_any_size_keep_the_limits_and_every_choice(
    specs: Path | None, turn: list[Reply]
) -> None:
    shows_all(OURS, TO, turn)
    for _, body in sent(OURS, TO, *turn):
        assert 0 < len(body.get("text", "x")) <= 10_000
        if specs:
            whole = {name: value for name, value in body.items() if name != "image"}
            attached = {"attachments": [{"media_id": "1"}]} if "image" in body else {}
            schema(specs, "CreateDirectMessagesByParticipantIdRequest").validate(whole | attached)


@cache
def schema(specs: Path, name: str) -> Any:
    file = specs / "x/x_api_v2_dm_chat_activity_webhooks_slice.json"
    known = {"components": json.loads(file.read_text())["components"]}
    return jsonschema.Draft202012Validator({**known, "$ref": f"#/components/schemas/{name}"})


def problem(status: int, detail: str) -> Answer:
    return Answer(status, {}, {"title": "x", "detail": detail, "status": status})


@pytest.mark.parametrize(
    ("answer", "state", "wait"),
    [
        (Answer(201, {}, {"data": {"dm_event_id": "1"}}), "sent", None),
        (Answer(200, {}, {"errors": [{"title": "Forbidden", "detail": "no"}]}), "refused", None),
        (problem(403, "You cannot send messages to this user."), "left", None),
        (problem(403, "Forbidden"), "refused", None), (problem(400, "text"), "refused", None),
        (problem(402, "CreditsDepleted"), "later", 600.0), (problem(401, ""), "later", 60.0),
        (Answer(429, {}, None), "later", 60.0), (Answer(503, {}, None), "later", None),
        (Answer(429, {"x-rate-limit-reset": "0"}, {}), "later", 1.0),
        (Answer(500, {"retry-after": "3"}, "no"), "later", 3.0),
    ],
)  # fmt: skip
def test_answers_are_understood(answer: Answer, state: str, wait: float | None) -> None:
    judged = OURS.judge(answer)
    assert (judged.state, judged.wait) == (state, wait)


def test_x_says_when_its_quarter_of_an_hour_is_over() -> None:
    soon = {"x-rate-limit-reset": str(int(time.time()) + 300)}
    judged = OURS.judge(Answer(429, soon, {}))
    assert judged.everyone
    assert 200 < (judged.wait or 0) <= 300
    assert (OURS.account_pace.burst, OURS.account_pace.per_second) == (15, 15 / 900)
    assert X({**GIVEN, "per_quarter": 450}).account_pace.burst == 450


def play(
    folder: Path, story: Callable[[Office, Platform], Awaitable[None]], **more: str
) -> list[str]:
    """Gives the paths that the platform heard."""
    with Platform({"data": {"dm_event_id": "1"}}) as platform:
        database = str(folder / "inbox.db")

        async def scenario() -> None:
            ours = X({**GIVEN, "api": platform.url, "database": database, **more})
            await story(Office(ours, folder), platform)

        asyncio.run(scenario())
        return [heard.path for heard in platform.heard]


def test_a_platform_that_stumbles_gets_each_answer_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "BACKOFF_SECONDS", (0.05, 0.1))

    async def story(office: Office, platform: Platform) -> None:
        error = {"errors": [{"title": "Invalid Request", "detail": "no"}]}
        platform.script = [Reaction(503), Reaction(429, headers={"x-rate-limit-reset": "1"})]
        platform.script += [Reaction(201, seconds=0.3), Reaction(body=error), Reaction(drop=True)]
        for words in ("One", "Two", "Three"):
            await office.say(PERSON, Reply(words), to=TO)
        assert [state for state, _ in await office.send()] == ["sent", "refused", "unknown"]
        texts = [heard.body["text"] for heard in platform.heard]
        assert texts == ["One", "One", "One", "Two", "Three"]
        assert {heard.headers["authorization"] for heard in platform.heard} == {"Bearer xcbot_1"}

    assert play(tmp_path, story) == [PLACE] * 5


def test_a_picture_is_uploaded_once_or_goes_as_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fetch(_: Any, url: str, most: int) -> pictures.Picture:
        if "bad" in url:
            raise Trouble("no picture")
        return pictures.Picture(b"\xff\xd8\xff", "image/jpeg")

    monkeypatch.setattr(pictures, "fetch", fetch)

    async def story(office: Office, platform: Platform) -> None:
        platform.script = [Reaction(body={"data": {"id": "88"}})]
        for name in ("good", "good", "bad"):
            await office.say(PERSON, Reply("Look", image=Image(f"/{name}.png", "")), to=TO)
        assert await office.send() == [("sent", None)] * 3
        upload, *shown = [heard.body for heard in platform.heard]
        assert upload == {"media_category": "dm_image", "media": b"\xff\xd8\xff"}
        attached = {"text": "Look", "attachments": [{"media_id": "88"}]}
        assert shown == [attached, attached, {"text": f"Look\n{SITE}bad.png"}]

    assert play(tmp_path, story) == ["/2/media/upload", *[PLACE] * 3]


def test_a_token_that_ends_is_renewed_with_the_next_refresh_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "YOUNG_SECONDS", -1.0)

    async def story(office: Office, platform: Platform) -> None:
        for number in (1, 2):
            given = {"access_token": f"a{number}", "refresh_token": f"r{number}"}
            platform.script += [Reaction(body={**given, "expires_in": 7200})]
            platform.script += [Reaction(401, {"title": "Unauthorized"})] if number == 1 else []
        await office.say(PERSON, Reply("One"), to=TO)
        assert await office.send() == [("sent", None)]
        first, refused, second, last = platform.heard
        forms = [dict(heard.body) for heard in (first, second)]
        assert [form["refresh_token"] for form in forms] == ["r0", "r1"]
        assert first.headers["authorization"] == "Basic Y2k6Y3M="
        used = [heard.headers["authorization"] for heard in (refused, last)]
        assert used == ["Bearer a1", "Bearer a2"]

    renew = "/2/oauth2/token"
    assert play(tmp_path, story, **OAUTH2) == [renew, PLACE, renew, PLACE]


def test_oauth_1_signs_each_request(tmp_path: Path) -> None:
    async def story(office: Office, platform: Platform) -> None:
        await office.say(PERSON, Reply("One"), to=TO)
        assert await office.send() == [("sent", None)]
        said = platform.heard[0].headers["authorization"]
        assert said.startswith("OAuth ")
        for part in ('oauth_consumer_key="ck"', 'oauth_token="at"', 'method="HMAC-SHA1"'):
            assert part in said

    play(tmp_path, story, **OAUTH1)
