"""Notices of our own processes: signed, once, behind the shopper's messages."""

import base64
import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa.shared.exceptions import RasaException
from standardwebhooks import Webhook

from channels.notice import NoticeInput
from channels.web import WebInput
from tests.channels.rig import NOTICE_SECRET, Assistant, Browser

BODY = {"notice": "paid", "data": {"amount": "129.90 PLN"}}
FEW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def signed(
    body: bytes, ident: str = "n-1", age: float = 0, secret: str = NOTICE_SECRET
) -> dict[str, str]:
    at = datetime.now(timezone.utc) - timedelta(seconds=age)
    return {
        "webhook-id": ident,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(ident, at, body.decode()),
    }


def send(server: Assistant, body: bytes, headers: dict[str, Any]) -> int:
    url = server.url + "/webhooks/notice/webhook"
    return requests.post(url, data=body, headers=headers, timeout=10).status_code


def about(shopper: Browser, **more: Any) -> bytes:
    return json.dumps({**BODY, "conversation": shopper.conversation, **more}).encode()


def test_a_notice_is_told_in_the_shoppers_conversation(shopper: Browser, server: Assistant) -> None:
    shopper.ask("hello")
    body = about(shopper)
    assert send(server, body, signed(body, "told")) == 202
    told = shopper.answers(None)[-1]
    assert (told["text"], told["from"], told["id"]) == ("Paid: 129.90 PLN", "bot", 3)


def test_a_notice_waits_behind_the_shoppers_messages(shopper: Browser, server: Assistant) -> None:
    shopper.say("slow")
    body = about(shopper)
    send(server, body, signed(body, "behind"))
    shopper.say("hello")
    shopper.answers("c-2")
    said = [m["text"] for m in shopper.history() if m["from"] == "bot"]
    assert said == ["Slow.", "Paid: 129.90 PLN", "Hello!"]


def test_the_same_notice_again_does_nothing(shopper: Browser, server: Assistant) -> None:
    body = about(shopper)
    assert [send(server, body, signed(body, "again")) for _ in range(5)] == [202] * 5
    shopper.ask("hello")
    texts = [m["text"] for m in shopper.history()]
    assert texts.count("Paid: 129.90 PLN") == 1


def test_what_is_not_signed_now_by_us_is_refused(shopper: Browser, server: Assistant) -> None:
    body = about(shopper)
    good = signed(body, "x")
    other = "whsec_" + base64.b64encode(b"y" * 24).decode()
    for headers in (
        {},
        {name: value for name, value in good.items() if name != "webhook-id"},
        {name: value for name, value in good.items() if name != "webhook-timestamp"},
        {name: value for name, value in good.items() if name != "webhook-signature"},
        {**good, "webhook-id": "y"},
        {**good, "webhook-timestamp": str(int(good["webhook-timestamp"]) + 1)},
        {**good, "webhook-timestamp": "nan"},
        {**good, "webhook-timestamp": "9" * 30},
        {**good, "webhook-signature": good["webhook-signature"].replace("v1", "v2")},
        {**good, "webhook-signature": "v1,"},
        {**good, "webhook-signature": "v1"},
        {**good, "webhook-signature": "v1,a,b"},
        {**good, "webhook-signature": "v1,\xff"},
        signed(body, "x", age=301),
        signed(body, "x", age=-330),
        signed(body, "x", secret=other),
    ):
        sent = {name: value.encode("latin-1") for name, value in headers.items()}
        assert send(server, body, sent) == 401
    assert send(server, body + b" ", good) == 401
    assert shopper.history() == []


@FEW
@given(data=st.data())
def test_every_changed_byte_is_noticed(server: Assistant, data: st.DataObject) -> None:
    body = json.dumps({**BODY, "conversation": "web:nobody"}).encode()
    at = data.draw(st.integers(0, len(body) - 1))
    changed = bytes([*body[:at], data.draw(st.integers(0, 255)), *body[at + 1 :]])
    expected = 202 if changed == body else 401
    assert send(server, changed, signed(body, "changed")) == expected


@pytest.mark.parametrize(
    "more",
    [
        {"notice": "secret"}, {"notice": None}, {"notice": ["paid"]}, {"conversation": "nobody"},
        {"conversation": "web:a\u0000"}, {"conversation": 7}, {"data": [1]}, {"data": {"a": {}}},
        {"data": {"a b": 1}}, {"data": {"a": [1]}}, {"data": "x"},
    ],
)  # fmt: skip
def test_a_signed_notice_that_makes_no_sense_is_refused(
    shopper: Browser, server: Assistant, more: dict[str, Any]
) -> None:
    body = about(shopper, **more)
    assert send(server, body, signed(body, "odd")) == 400
    assert shopper.history() == []


def test_no_json_and_too_much_are_refused(server: Assistant) -> None:
    for body, status in ((b"[1]", 400), (b"{", 400), (b"x" * 17_000, 413)):
        assert send(server, body, signed(body)) == status
    assert send(server, b"\xff", {**signed(b""), "webhook-id": "n"}) == 401


def test_a_notice_for_an_erased_conversation_is_dropped(
    shopper: Browser, server: Assistant
) -> None:
    shopper.ask("hello")
    requests.delete(shopper.base + "/conversation", headers=shopper.headers, timeout=15)
    body = about(shopper)
    assert send(server, body, signed(body, "erased")) == 202


@pytest.mark.parametrize("secret", [None, "", "plain", "whsec_", "whsec_YWJj", "whsec_%%%", 7])
def test_it_does_not_start_without_a_proper_secret(secret: Any) -> None:
    with pytest.raises(RasaException, match="secret"):
        NoticeInput.from_credentials({"secret": secret, "notices": ["paid"]})


@pytest.mark.parametrize("credentials", [None, {}, {"secret": None}, {"secret": "short"}])
def test_the_web_channel_does_not_start_without_a_secret(credentials: Any) -> None:
    with pytest.raises(RasaException, match="secret"):
        WebInput.from_credentials(credentials)


def test_origins_may_be_a_list_or_a_text() -> None:
    for origins in (["https://a", "https://b/"], "https://a, https://b"):
        made = WebInput.from_credentials({"secret": "s" * 16, "origins": origins})
        assert made._origins == {"https://a", "https://b"}
