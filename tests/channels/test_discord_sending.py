"""Discord: turns as requests within the specification and the real limits, and their answers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from channels.discord import Discord
from channels.render import Button, Image, Reply
from tests.channels import oracles
from tests.channels.fake_discord import TOKEN
from tests.channels.fake_discord import Discord as Platform
from tests.channels.fake_platform import SITE, Office, Reaction, cards, choices, sent, shows_all
from tests.channels.turns import ANY_SIZE, turns

GIVEN = {"token": TOKEN, "site": SITE}
OURS = Discord(GIVEN)
TO = {"channel": "97"}
URL = "https://discord.com/api/v10/channels/97/messages"


def button(title: str, ident: str) -> dict[str, Any]:
    return {"type": 2, "style": 2, "label": title, "custom_id": ident}


def row(*keys: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(keys)}


LAST = {"allowed_mentions": {"parse": []}, "enforce_nonce": True}
LONG = "A title of a choice that is too long for a button but short enough for an option, {}"
PAY = "https://pay.example/" + "x" * 500
TURNS: dict[str, tuple[Reply, list[dict[str, Any]]]] = {
    "text": (Reply("Hello @everyone"), [{"content": "Hello @everyone", "flags": 4}]),
    "buttons": (
        Reply("Sure?", buttons=(*choices(*"123456"), Button("Pay", url="/pay"))),
        [
            {
                "content": "Sure?",
                "flags": 4,
                "components": [
                    row(*(button(str(n), f"id-{n}") for n in range(1, 6))),
                    row(
                        button("6", "id-6"),
                        {"type": 2, "style": 5, "label": "Pay", "url": SITE + "pay"},
                    ),
                ],
            }
        ],
    ),
    "a link too long for a button": (
        Reply("Pay:", buttons=(Button("Pay", url=PAY),)),
        [{"content": f"Pay:\nPay: {PAY}", "flags": 4}],
    ),
    "long titles": (
        Reply("Which?", buttons=choices(LONG.format(1), LONG.format(2))),
        [
            {
                "content": "Which?",
                "flags": 4,
                "components": [
                    row(
                        {
                            "type": 3,
                            "custom_id": "choices",
                            "options": [
                                {"label": LONG.format(n), "value": f"id-{n}"} for n in (1, 2)
                            ],
                        }
                    )
                ],
            }
        ],
    ),
    "cards": (
        Reply("Found:", cards=cards(2)),
        [
            {"content": "Found:", "flags": 4},
            *(
                {
                    "embeds": [
                        {
                            "title": f"Jacket {n}",
                            "description": "129.90 zł · 4.5 (23)",
                            "url": f"{SITE}j{n}",
                            "image": {"url": SITE + "storm.png"},
                        }
                    ],
                    "components": [
                        row(button("Details", f"id-{n}a"), button("Add to cart", f"id-{n}b"))
                    ],
                }
                for n in (1, 2)
            ),
        ],
    ),
    "image": (
        Reply("Sizes", image=Image("/s.jpg", "")),
        [{"content": "Sizes", "embeds": [{"image": {"url": SITE + "s.jpg"}}]}],
    ),
}


@pytest.mark.parametrize("case", TURNS)
def test_turns_are_drawn(case: str, specs: Path | None) -> None:
    turn, expected = TURNS[case]
    requests = sent(OURS, TO, turn)
    assert {url for url, _ in requests} == {URL}
    assert [{k: v for k, v in body.items() if k != "nonce"} for _, body in requests] == [
        {**body, **LAST} for body in expected
    ]
    for _, body in requests:
        oracles.discord(specs, body)


@ANY_SIZE
@given(turns())
def test_no_choice_is_lost_and_every_limit_is_kept(specs: Path | None, turn: list[Reply]) -> None:
    shows_all(OURS, TO, turn)
    for _, body in sent(OURS, TO, *turn):
        oracles.discord(specs, body)
        assert body.get("content") or body.get("embeds")
        assert len(body.get("content", "")) <= 2000
        assert len(body["nonce"]) <= 25
        rows = body.get("components", [])
        keys = [key for row in rows for key in row["components"]]
        idents = [key["custom_id"] for key in keys if "custom_id" in key]
        assert len(rows) <= 5
        assert len(set(idents)) == len(idents)
        assert all(key["label"].strip() for key in keys if key["type"] == 2)
        for embed in body.get("embeds", []):
            words = embed.get("title", "") + embed.get("description", "")
            assert len(words) <= 6000


def test_every_try_has_the_same_nonce_and_every_letter_its_own() -> None:
    (call,) = OURS.render([Reply("Hello")], TO).calls
    nonces = [OURS.request(call, key).json["nonce"] for key in ("a/1", "a/1", "a/2", "a/1/plain")]
    assert nonces[0] == nonces[1]
    assert len(set(nonces)) == 3


LIMITED = {"message": "You are being rate limited.", "retry_after": 0.3, "global": False}


def test_trouble_on_the_way_out_doubles_nothing(tmp_path: Path) -> None:
    async def scenario(platform: Platform) -> None:
        office = Office(Discord({**GIVEN, "api": platform.url}), tmp_path)
        platform.script = [
            Reaction(429, LIMITED), Reaction(503), Reaction(body={"id": "1"}, drop=True),
            Reaction(body={"id": "1"}), Reaction(400, {"code": 50035}),
        ]  # fmt: skip
        await office.say("7", Reply("One"), Reply("Two", image=Image("/s.jpg", "")), to=TO)
        assert await office.send(15) == [("sent", None)] * 2
        assert [body["content"] for body in platform.messages()] == ["One", "Two"]
        assert "embeds" not in platform.messages()[1]
        heard = [h for h in platform.heard if h.path.endswith("/messages")]
        assert len(heard) == 6
        assert heard[0].headers["user-agent"].startswith("DiscordBot (")

    with Platform() as platform:
        asyncio.run(scenario(platform))
