"""WeChat: turns as requests, and a token that ends."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given

from channels import pictures, sender, tokens
from channels.base import DAY
from channels.render import Button, Image, Reply
from channels.text import utf8
from channels.wechat import WeChat
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
from tests.channels.test_wechat import APP, GIVEN, KEY, PLAIN, TO, USER
from tests.channels.turns import ANY_SIZE, turns

URL = "https://api.weixin.qq.com/cgi-bin/message/custom/send?access_token="


def said(kind: str, **content: Any) -> dict[str, Any]:
    return {"touser": USER, "msgtype": kind, kind: content}


def menu(text: str, *lines: tuple[str, str]) -> dict[str, Any]:
    listed = [{"id": ident, "content": title} for ident, title in lines]
    return said("msgmenu", head_content=text, list=listed, tail_content="")


ARTICLE = {"title": "Jacket 1", "description": "129.90 zł · 4.5 (23)", "url": SITE + "j1"}
TURNS: dict[str, tuple[list[Reply], list[dict[str, Any]]]] = {
    "texts are one": ([Reply("Cześć"), Reply("你好")], [said("text", content="Cześć\n\n你好")]),
    "menu": (
        [Reply("Sure?", buttons=(*choices("Yes", "No"), Button("Pay", url="/pay")))],
        [menu(f"Sure?\nPay: {SITE}pay", ("id-1", "Yes"), ("id-2", "No"))],
    ),
    "one card": (
        [Reply("This?", cards=cards(1), buttons=choices("More"))],
        [
            said("news", articles=[{**ARTICLE, "picurl": SITE + "storm.png"}]),
            menu("This?", ("id-1a", "Details"), ("id-1b", "Add to cart"), ("id-1", "More")),
        ],
    ),
    "cards": (
        [Reply("Found:", cards=cards(2))],
        [
            menu(
                f"Found:\n\nJacket 1\n129.90 zł · 4.5 (23)\n{SITE}j1"
                f"\n\nJacket 2\n129.90 zł · 4.5 (23)\n{SITE}j2",
                ("id-1a", "Details: Jacket 1"), ("id-1b", "Add to cart: Jacket 1"),
                ("id-2a", "Details: Jacket 2"), ("id-2b", "Add to cart: Jacket 2"),
            )
        ],
    ),
    "image": (
        [Reply("Sizes", image=Image("/s.png", ""))],
        [said("image", url=SITE + "s.png"), said("text", content="Sizes")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TURNS)
def test_turns_are_shown(case: str) -> None:
    turn, expected = TURNS[case]
    assert sent(PLAIN, TO, *turn) == [(URL, body) for body in expected]


@ANY_SIZE
@given(turn=turns())
def test_turns_of_any_size_keep_the_limits_and_every_choice(turn: list[Reply]) -> None:
    shows_all(PLAIN, TO, turn)
    for _, body in sent(PLAIN, TO, *turn):
        limits(body)


def limits(body: dict[str, Any]) -> None:
    kind = body["msgtype"]
    content = body[kind]
    if kind == "text":
        assert 0 < utf8(content["content"]) <= 2048
    elif kind == "msgmenu":
        assert 0 < utf8(content["head_content"]) <= 1024
        assert 1 <= len(content["list"]) <= 10
        for line in content["list"]:
            assert 0 < utf8(line["content"]) <= 128
            assert 0 < utf8(line["id"]) <= 64
    elif kind == "news":
        (article,) = content["articles"]
        assert 0 < utf8(article["title"]) <= 128
        assert utf8(article["description"]) <= 512
        assert article["url"].startswith("http")
    else:
        assert (kind, set(content)) == ("image", {"url"})


FIRST = Reaction(body={"access_token": "t1", "expires_in": 7200})
SECOND = Reaction(body={"access_token": "t2", "expires_in": 7200})


def failed(code: int) -> Reaction:
    return Reaction(body={"errcode": code, "errmsg": "no"})


def play(folder: Path, story: Callable[[Office, Platform], Awaitable[None]]) -> list[str]:
    """Gives the paths that the platform heard."""
    with Platform({"errcode": 0, "errmsg": "ok"}) as platform:
        database = str(folder / "inbox.db")

        async def scenario() -> None:
            ours = WeChat({**GIVEN, "api": platform.url, "database": database})
            await story(Office(ours, folder), platform)

        asyncio.run(scenario())
        return [heard.path for heard in platform.heard]


def sends(*used: str) -> list[str]:
    return [f"/message/custom/send?access_token={token}" for token in used]


def test_the_token_is_fetched_once_and_outlives_a_restart(tmp_path: Path) -> None:
    async def story(office: Office, platform: Platform) -> None:
        platform.script = [replace_seconds(FIRST, 0.2)]
        for user in "abc":
            await office.say(user, Reply("Żółw"), to={"user": user})
        assert await office.send() == [("sent", None)] * 3
        bodies = [heard.body for heard in platform.heard]
        asked = {"grant_type": "client_credential", "appid": APP, "secret": "s"}
        assert bodies[0] == {**asked, "force_refresh": False}
        assert sorted(body["touser"] for body in bodies[1:]) == ["a", "b", "c"]
        again = Office(WeChat(office.adapter.settings), tmp_path)
        again.count = office.count
        await again.say("d", Reply("x"), to={"user": "d"})
        await again.send()

    assert play(tmp_path, story) == ["/stable_token", *sends("t1", "t1", "t1", "t1")]


def replace_seconds(reaction: Reaction, seconds: float) -> Reaction:
    return Reaction(reaction.status, reaction.body, seconds=seconds)


@pytest.mark.parametrize("code", [40001, 42001])
def test_a_token_that_ended_is_replaced_and_the_letter_sent_once(
    tmp_path: Path, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "YOUNG_SECONDS", -1.0)

    async def story(office: Office, platform: Platform) -> None:
        platform.script = [FIRST, failed(code), FIRST, SECOND]
        await office.say("a", Reply("x"), to={"user": "a"})
        assert await office.send() == [("sent", None)]
        assert [h.body.get("force_refresh") for h in platform.heard] == [
            False, None, False, True, None,
        ]  # fmt: skip

    tried = ["/stable_token", *sends("t1"), "/stable_token", "/stable_token", *sends("t2")]
    assert play(tmp_path, story) == tried


def test_a_new_token_that_is_refused_too_waits_for_somebody_to_mend_it(tmp_path: Path) -> None:
    async def story(office: Office, platform: Platform) -> None:
        platform.script = [FIRST, failed(40001)]
        await office.say("a", Reply("x"), to={"user": "a"})
        assert await office.send(0.6) == [("waiting", "40001 no")]

    assert play(tmp_path, story) == ["/stable_token", *sends("t1")]


def test_errors_inside_of_200_are_errors(tmp_path: Path) -> None:
    async def story(office: Office, platform: Platform) -> None:
        platform.script = [FIRST, failed(45047)]
        await office.say("a", Reply("One"), to={"user": "a"})
        await office.say("b", Reply("Two"), to={"user": "b"}, heard=time.time() - 2 * DAY - 1)
        assert await office.send() == [
            ("closed", "45047 no"), ("closed", "the window for messages is over"),
        ]  # fmt: skip

    assert play(tmp_path, story) == ["/stable_token", *sends("t1")]


def test_a_platform_that_stumbles_gets_each_answer_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "BACKOFF_SECONDS", (0.05, 0.1))

    async def story(office: Office, platform: Platform) -> None:
        platform.script = [Reaction(503), FIRST, Reaction(429, headers={"Retry-After": "0.1"})]
        platform.script += [Reaction(500), Reaction(body={"errcode": 0}, seconds=0.3)]
        platform.script += [Reaction(drop=True)]
        await office.say("a", Reply("One"), Reply(image=Image("/x.svg", "")), to={"user": "a"})
        await office.say("a", Reply("Two"), to={"user": "a"})
        states = await office.send()
        assert [state for state, _ in states] == ["sent", "unknown"]

    heard = play(tmp_path, story)
    assert heard == ["/stable_token", "/stable_token", *sends("t1", "t1", "t1", "t1")]


def test_a_picture_is_uploaded_once_or_goes_as_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fetch(_: Any, url: str, most: int) -> pictures.Picture:
        if "bad" in url:
            raise pictures.Trouble("no picture")
        return pictures.Picture(b"\xff\xd8\xff", "image/jpeg")

    monkeypatch.setattr(pictures, "fetch", fetch)

    async def story(office: Office, platform: Platform) -> None:
        platform.script = [FIRST, Reaction(body={"media_id": "m1"})]
        for name in ("good", "good", "bad"):
            await office.say("a", Reply(image=Image(f"/{name}.png", "")), to={"user": "a"})
        assert await office.send() == [("sent", None)] * 3
        assert platform.heard[1].body == {"media": b"\xff\xd8\xff"}
        shown = [h.body for h in platform.heard[2:]]
        assert [body.get("image") for body in shown] == [{"media_id": "m1"}] * 2 + [None]
        assert shown[2]["text"] == {"content": SITE + "bad.png"}

    upload = "/media/upload?access_token=t1&type=image"
    assert play(tmp_path, story) == ["/stable_token", upload, *sends("t1", "t1", "t1")]


def test_an_article_that_is_refused_goes_as_words(tmp_path: Path) -> None:
    async def story(office: Office, platform: Platform) -> None:
        platform.script = [FIRST, failed(40066)]
        await office.say("a", Reply(cards=cards(1)), to={"user": "a"})
        assert await office.send() == [("sent", None)] * 2
        assert platform.heard[2].body["text"]["content"] == "\n".join(ARTICLE.values())

    play(tmp_path, story)


def test_it_shows_that_it_writes() -> None:
    (typing,) = PLAIN.hints(TO)
    assert (typing.path, typing.body) == (
        "message/custom/typing", {"touser": USER, "command": "Typing"},
    )  # fmt: skip


def test_it_checks_its_secret_and_says_what_is_set_by_hand(tmp_path: Path) -> None:
    url = "https://bot.shop.example/webhooks/wechat/webhook"

    async def scenario(platform: Platform) -> None:
        given = {**GIVEN, "api": platform.url, "database": str(tmp_path / "inbox.db")}
        platform.script = [FIRST]
        async with aiohttp.ClientSession() as http:
            assert len(await WeChat({**given, "aes_key": KEY}).register(http, url)) == 2
            assert await WeChat({**given, "aes_key": KEY}).check(http, url) == []
            (unsafe,) = await WeChat(given).check(http, url)
        assert "aes_key" in unsafe
        paths = [heard.path for heard in platform.heard]
        assert paths == ["/stable_token", *["/get_api_domain_ip?access_token=t1"] * 3]

    with Platform({"ip_list": ["1.2.3.4"]}) as platform:
        asyncio.run(scenario(platform))
