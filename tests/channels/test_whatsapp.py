"""WhatsApp: webhooks in, requests out, checked with Meta's own specification."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from channels.base import Event, Incoming
from channels.receive import events
from channels.render import Button, Image, Reply
from channels.whatsapp import WhatsApp
from tests.channels import oracles
from tests.channels.fake_platform import (
    SITE,
    cards,
    choices,
    sent,
    shows_all,
)
from tests.channels.turns import ANY_SIZE, turns

GIVEN = {"number": "27", "token": "t", "app_secret": "s", "verify_token": "v", "site": SITE}
WHATSAPP = WhatsApp(GIVEN)
URL = "https://graph.facebook.com/v25.0/27/messages"
PHONE, HIDDEN = "48601234567", "PL.1234567890"
TO = {"to": PHONE, "message": "wamid.1"}


def happened(kind: str, **more: Any) -> Event:
    return Event(kind, "wamid.1", PHONE, at=1700.0, to=TO, **more)  # type: ignore[arg-type]


def button_reply(kind: str) -> dict[str, Any]:
    reply = {"id": "id-1", "title": "Red", "description": "A jacket"}
    return {"type": "interactive", "interactive": {"type": kind, kind: reply}}


FORM = {"type": "nfm_reply", "nfm_reply": {"response_json": "{}"}}
ORDER = {"catalog_id": "1", "product_items": [{"product_retailer_id": "j1", "quantity": 1}]}
MESSAGES: dict[str, tuple[dict[str, Any], Event | None]] = {
    "text": ({"type": "text", "text": {"body": "hi"}}, happened("text", text="hi")),
    "button": (button_reply("button_reply"), happened("choice", text="Red", choice="id-1")),
    "row": (button_reply("list_reply"), happened("choice", text="Red", choice="id-1")),
    "button of a template": (
        {"type": "button", "button": {"payload": "/secret", "text": "Stop"}},
        happened("text", text="Stop"),
    ),
    "form": ({"type": "interactive", "interactive": FORM}, happened("media", media="interactive")),
    "image": (
        {"type": "image", "image": {"id": "1", "sha256": "x"}},
        happened("media", media="image", photo="1"),
    ),
    "caption": (
        {"type": "image", "image": {"id": "1", "caption": "this one"}},
        happened("text", text="this one", photo="1"),
    ),
    "voice": (
        {"type": "audio", "audio": {"id": "1", "voice": True}},
        happened("media", media="audio"),
    ),
    "location": (
        {"type": "location", "location": {"latitude": 1.5}},
        happened("media", media="location"),
    ),
    "contacts": (
        {"type": "contacts", "contacts": [{"name": {}}]},
        happened("media", media="contacts"),
    ),
    "order": ({"type": "order", "order": ORDER}, happened("media", media="order")),
    "unsupported": (
        {"type": "unsupported", "errors": [{"code": 131051}]},
        happened("media", media="unsupported"),
    ),
    "first contact": ({"type": "request_welcome"}, happened("start")),
    "advertisement": (
        {"type": "text", "text": {"body": "hi"}, "referral": {"source_id": "ad1"}},
        happened("text", text="hi", about={"ref": "ad1"}),
    ),
    "about a product": (
        {
            "type": "text",
            "text": {"body": "hi"},
            "context": {"referred_product": {"catalog_id": "1", "product_retailer_id": "j1"}},
        },
        happened("text", text="hi", about={"page": {"product": "j1"}}),
    ),
    "reaction": ({"type": "reaction", "reaction": {"message_id": "w", "emoji": "👍"}}, None),
    "edit": ({"type": "edit", "edit": {"original_message_id": "w"}}, None),
    "withdrawn": ({"type": "revoke", "revoke": {"original_message_id": "w"}}, None),
    "change of number": ({"type": "system", "system": {"body": "x"}}, None),
    "group": ({"type": "text", "text": {"body": "hi"}, "group_id": "g"}, None),
    "of a later kind": ({"type": "hologram", "hologram": {}}, None),
    "without a body": ({"type": "text", "text": {}}, None),
    "without a type": ({}, None),
}


def webhook(*messages: Any, number: str = "27", **more: Any) -> bytes:
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "48", "phone_number_id": number},
        "contacts": [{"profile": {"name": "A"}, "wa_id": PHONE}],
        "messages": [
            {"from": PHONE, "id": "wamid.1", "timestamp": "1700", **m} if isinstance(m, dict) else m
            for m in messages
        ],
        **more,
    }
    change = {"field": "messages", "value": value}
    whole = {"object": "whatsapp_business_account", "entry": [{"id": "9", "changes": [change]}]}
    return json.dumps(whole).encode()


@pytest.mark.parametrize("case", MESSAGES)
def test_messages_are_read(case: str) -> None:
    message, expected = MESSAGES[case]
    assert events(WHATSAPP, webhook(message)) == ([expected] if expected else [])


def test_a_batch_is_read_whole_and_in_order() -> None:
    expected = [event for _, event in MESSAGES.values() if event]
    body = webhook("?", None, *(m for m, _ in MESSAGES.values()), statuses=["?", {"errors": 7}])
    assert events(WHATSAPP, body) == expected


def test_statuses_other_numbers_and_other_fields_are_no_messages() -> None:
    failed = {"id": "w", "status": "failed", "errors": [{"code": 131047}]}
    text = MESSAGES["text"][0]
    assert events(WHATSAPP, webhook(statuses=[failed, {"id": "w", "status": "read"}])) == []
    assert events(WHATSAPP, webhook(text, number="28")) == []
    assert (
        events(WHATSAPP, webhook(text).replace(b'"messages", "value"', b'"calls", "value"')) == []
    )


def test_who_hides_the_number_is_known_by_another_id() -> None:
    text = MESSAGES["text"][0]
    both = webhook(text, contacts=[{"wa_id": PHONE, "user_id": HIDDEN}])
    (event,) = events(WHATSAPP, both)
    assert (event.user, event.to) == (HIDDEN, TO)
    hidden = webhook({**text, "from": None, "from_user_id": HIDDEN}, contacts=[{"user_id": HIDDEN}])
    (event,) = events(WHATSAPP, hidden)
    assert (event.user, event.to) == (HIDDEN, {"recipient": HIDDEN, "message": "wamid.1"})
    ((_, body),) = sent(WHATSAPP, event.to, Reply("Hi"))
    assert (body.get("to"), body["recipient"]) == (None, HIDDEN)


def test_the_published_signed_request_is_read(specs: Path | None) -> None:
    if specs:
        vector = json.loads((specs / "meta/signature_vector.json").read_text())
        given_ = {**GIVEN, "app_secret": vector["app_secret"], "number": "277321005464405"}
        body = vector["body"].encode()
        ours = WhatsApp(given_)
        ours.verify(Incoming(body, {"x-hub-signature-256": vector["x_hub_signature_256"]}))
        (event,) = events(ours, body)
        assert (event.user, event.text) == ("972544401243", "Hey there! I am using PyWa.")


HEAD = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": PHONE}


def interactive(**content: Any) -> dict[str, Any]:
    return {**HEAD, "type": "interactive", "interactive": content}


def button(title: str, ident: str) -> dict[str, Any]:
    return {"type": "reply", "reply": {"id": ident, "title": title}}


def row(title: str, ident: str, about: str) -> dict[str, str]:
    return {"id": ident, "title": title, "description": about}


IMAGE = {"link": SITE + "storm.png"}
TURNS: dict[str, tuple[list[Reply], list[dict[str, Any]]]] = {
    "texts are one": (
        [Reply("Hello"), Reply("there")],
        [{**HEAD, "type": "text", "text": {"body": "Hello\n\nthere", "preview_url": False}}],
    ),
    "buttons": (
        [Reply("Sure?", buttons=choices("Yes", "No"))],
        [
            interactive(
                type="button",
                body={"text": "Sure?"},
                action={"buttons": [button("Yes", "id-1"), button("No", "id-2")]},
            )
        ],
    ),
    "list": (
        [Reply("Size?", lang="pl", buttons=choices(*"SMLX"))],
        [
            interactive(
                type="list",
                body={"text": "Size?"},
                action={
                    "button": "Wybierz",
                    "sections": [
                        {"rows": [{"id": f"id-{n}", "title": t} for n, t in enumerate("SMLX", 1)]}
                    ],
                },
            )
        ],
    ),
    "link": (
        [Reply("Pay", buttons=(Button("Pay now", url="/pay"),))],
        [
            {
                **HEAD,
                "type": "text",
                "text": {"body": f"Pay\nPay now: {SITE}pay", "preview_url": False},
            }
        ],
    ),
    "one card": (
        [Reply(cards=cards(1))],
        [
            interactive(
                type="button",
                body={"text": f"Jacket 1\n129.90 zł · 4.5 (23)\n{SITE}j1"},
                action={"buttons": [button("Details", "id-1a"), button("Add to cart", "id-1b")]},
                header={"type": "image", "image": IMAGE},
            )
        ],
    ),
    "cards": (
        [Reply("Found:", cards=cards(2))],
        [
            interactive(
                type="list",
                body={
                    "text": f"Found:\n\nJacket 1\n129.90 zł · 4.5 (23)\n{SITE}j1\n\n"
                    f"Jacket 2\n129.90 zł · 4.5 (23)\n{SITE}j2\n"
                    "1. Jacket 1: Details\n2. Jacket 1: Add to cart\n"
                    "3. Jacket 2: Details\n4. Jacket 2: Add to cart"
                },
                action={
                    "button": "Choose",
                    "sections": [
                        {
                            "rows": [
                                row("1. Details", "id-1a", "Jacket 1"),
                                row("2. Add to cart", "id-1b", "Jacket 1"),
                                row("3. Details", "id-2a", "Jacket 2"),
                                row("4. Add to cart", "id-2b", "Jacket 2"),
                            ]
                        }
                    ],
                },
            )
        ],
    ),
    "image": (
        [Reply("Sizes", image=Image("/storm.png", "Table"))],
        [{**HEAD, "type": "image", "image": {**IMAGE, "caption": "Sizes"}}],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TURNS)
def test_turns_are_shown(case: str, specs: Path | None) -> None:
    turn, expected = TURNS[case]
    shown = sent(WHATSAPP, TO, *turn)
    assert shown == [(URL, body) for body in expected]
    for _, body in shown:
        oracles.whatsapp(specs, body)


@ANY_SIZE
@given(turn=turns())
def test_turns_of_any_size_keep_the_limits_and_every_choice(
    specs: Path | None, turn: list[Reply]
) -> None:
    shows_all(WHATSAPP, TO, turn)
    for _, body in sent(WHATSAPP, TO, *turn):
        oracles.whatsapp(specs, body)
        limits(body)


def limits(body: dict[str, Any]) -> None:
    assert 0 < len(body.get("text", {"body": "x"})["body"]) <= 4096
    assert len(body.get("image", {}).get("caption", "")) <= 1024
    content = body.get("interactive", {"body": {"text": "x"}, "action": {}})
    assert 0 < len(content["body"]["text"]) <= 1024
    buttons = [one["reply"] for one in content["action"].get("buttons", ())]
    assert len(buttons) <= 3
    assert len({one["title"] for one in buttons}) == len(buttons)
    assert all(0 < len(one["title"]) <= 20 and 0 < len(one["id"]) <= 256 for one in buttons)
    rows = [row for section in content["action"].get("sections", ()) for row in section["rows"]]
    assert len(rows) <= 10
    assert len({row["title"] for row in rows}) == len(rows)
    for row in rows:
        assert 0 < len(row["title"]) <= 24
        assert 0 < len(row["id"]) <= 200
        assert 0 < len(row.get("description", "x")) <= 72
