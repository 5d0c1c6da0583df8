"""Instagram: webhooks in, requests out; what differs from Messenger."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from channels.base import Event
from channels.instagram import Instagram
from channels.receive import events
from channels.render import Reply
from channels.text import utf8
from tests.channels.fake_platform import SITE, cards, choices, sent, shows_all
from tests.channels.test_messenger import ITEMS, PEOPLE, TO, limits, message
from tests.channels.turns import ANY_SIZE, turns

GIVEN = {"account": "7", "token": "t", "app_secret": "s", "verify_token": "v", "site": SITE}
INSTAGRAM = Instagram(GIVEN)
OWN: dict[str, tuple[dict[str, Any], int]] = {
    "share": (message(attachments=[{"type": "share", "payload": {"url": "https://a.b"}}]), 1),
    "story": (message(text="nice", reply_to={"story": {"id": "7", "url": "https://a.b"}}), 1),
    "unsent": (message(is_deleted=True), 0),
    "note to self": (message(text="x", is_echo=True, is_self=True), 0),
    "unsupported": (message(is_unsupported=True), 1),
    "seen": ({"read": {"mid": "m0"}}, 0),
    **{name: (item, int(event is not None)) for name, (item, event) in ITEMS.items()},
}


def webhook(*items: Any) -> bytes:
    entry = {"id": "7", "time": 1, "messaging": items}
    return json.dumps({"object": "instagram", "entry": [entry]}).encode()


@pytest.mark.parametrize("case", OWN)
def test_items_are_read(case: str) -> None:
    item, count = OWN[case]
    assert len(events(INSTAGRAM, webhook({**PEOPLE, **item}))) == count


def test_an_event_has_all_that_is_known() -> None:
    (event,) = events(INSTAGRAM, webhook({**PEOPLE, **message(text="hi")}))
    assert event == Event("text", "m1", "u1", text="hi", at=1700.0, to=TO)


def test_published_examples_are_read(specs: Path | None) -> None:
    expected = {
        "cw_text": "text", "cw_story_reply": "text", "cw_share": "media",
        "cw_story_mention": "media", "cw_app_dashboard_test": "text",
        "doc_postback_icebreaker": "choice", "doc_quick_reply": "choice",
        "doc_unsupported": "media",
    }  # fmt: skip
    if specs:
        examples = json.loads((specs / "instagram/webhooks.json").read_text())
        for name, example in examples.items():
            if not name.startswith("_"):
                ours = Instagram({**GIVEN, "account": example["entry"][0]["id"]})
                kinds = [event.kind for event in events(ours, json.dumps(example).encode())]
                assert kinds == ([expected[name]] if name in expected else []), name


@pytest.mark.parametrize(
    ("more", "url"),
    [
        ({}, "https://graph.instagram.com/v25.0/7/messages"),
        (
            {"api": "https://graph.facebook.com/", "page": "9", "version": "v26.0"},
            "https://graph.facebook.com/v26.0/9/messages",
        ),
    ],
)
def test_answers_go_to_the_product_that_is_used(more: dict[str, str], url: str) -> None:
    ((where, body),) = sent(Instagram({**GIVEN, **more}), TO, Reply("Hi", buttons=choices("Yes")))
    assert where == url
    assert body["recipient"] == {"id": "u1"}


def test_a_text_is_counted_in_bytes() -> None:
    parts = [body["message"]["text"] for _, body in sent(INSTAGRAM, TO, Reply("ąę " * 400))]
    assert [utf8(part) for part in parts] == [999, 999]
    assert len(sent(INSTAGRAM, TO, Reply("Found:", cards=cards(12)))) == 3


@ANY_SIZE
@given(turn=turns())
def test_turns_of_any_size_keep_the_limits_and_every_choice(turn: list[Reply]) -> None:
    shows_all(INSTAGRAM, TO, turn)
    for _, body in sent(INSTAGRAM, TO, *turn):
        limits(body["message"], utf8, 1000)
