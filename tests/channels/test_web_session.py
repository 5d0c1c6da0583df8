"""Whose conversation it is: sessions, tokens, origins, erasure, and what stays closed."""

import sqlite3
import time

import pytest
import requests

from channels.guard import Session, Sessions
from tests.channels.rig import ORIGIN, WEB_SECRET, Assistant, Browser


def test_a_session_can_be_renewed(shopper: Browser) -> None:
    shopper.ask("hello")
    url = shopper.base + "/session"
    renewed = requests.post(url, headers=shopper.headers, timeout=5)
    assert renewed.status_code == 201
    assert renewed.json()["conversation"] == shopper.conversation
    shopper.headers = {"Authorization": "Bearer " + renewed.json()["token"]}
    assert len(shopper.history()) == 2


def test_a_session_that_is_not_ours_begins_a_new_conversation(shopper: Browser) -> None:
    forged = {"Authorization": "Bearer x.y"}
    made = requests.post(shopper.base + "/session", headers=forged, timeout=5)
    assert made.status_code == 201
    assert made.json()["conversation"] != shopper.conversation


def _tokens(shopper: Browser) -> dict[str, str]:
    token = shopper.headers["Authorization"]
    body, _, signature = token.partition(".")
    mine = Session(shopper.conversation, 1, None, None)
    far = Session(shopper.conversation, 2_000_000_000, None, None)
    return {
        "none": "",
        "basic": "Basic " + token,
        "empty": "Bearer ",
        "unsigned": body + ".",
        "changed": body[:-1] + ("A" if body[-1] != "A" else "B") + "." + signature,
        "expired": "Bearer " + Sessions(WEB_SECRET, "web").token(mine),
        "another secret": "Bearer " + Sessions("x" * 16, "web").token(far),
        "not text": "Bearer \xff\xfe",
    }


@pytest.mark.parametrize(
    "kind",
    ["none", "basic", "empty", "unsigned", "changed", "expired", "another secret", "not text"],
)
def test_a_token_that_is_not_valid_is_refused_everywhere(shopper: Browser, kind: str) -> None:
    headers = {"Authorization": _tokens(shopper)[kind].encode("latin-1")}
    for method, path in (
        ("POST", "/message"), ("GET", "/events"), ("GET", "/history"), ("DELETE", "/conversation"),
    ):  # fmt: skip
        body = {"id": "a", "text": "hello"} if method == "POST" else None
        answer = requests.request(
            method, shopper.base + path, json=body, headers=headers, timeout=5
        )
        assert (answer.status_code, answer.json()["error"]) == (401, "session"), path
    assert shopper.history() == []


def test_a_valid_token_shows_nothing_of_another_conversation(
    shopper: Browser, server: Assistant
) -> None:
    shopper.ask("say private")
    other = Browser(server)
    assert other.history() == []
    url = f"{other.base}/history?conversation={shopper.conversation}"
    assert requests.get(url, headers=other.headers, timeout=5).json()["messages"] == []


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ORIGIN + ".evil.example", ""])
def test_another_origin_is_refused(shopper: Browser, origin: str) -> None:
    headers = {**shopper.headers, "Origin": origin}
    for method, path in (("POST", "/session"), ("GET", "/history"), ("OPTIONS", "/message")):
        answer = requests.request(method, shopper.base + path, headers=headers, timeout=5)
        assert answer.status_code == 403
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_listed_origin_is_let_in(shopper: Browser) -> None:
    headers = {**shopper.headers, "Origin": ORIGIN}
    asked = requests.options(shopper.base + "/message", headers=headers, timeout=5)
    assert asked.status_code == 204
    assert asked.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert asked.headers["Access-Control-Max-Age"] == "600"
    assert "authorization" in asked.headers["Access-Control-Allow-Headers"].lower()
    answer = requests.get(shopper.base + "/history", headers=headers, timeout=5)
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    refused = requests.get(shopper.base + "/history", headers={"Origin": ORIGIN}, timeout=5)
    assert refused.headers["Access-Control-Allow-Origin"] == ORIGIN
    stream = requests.get(shopper.base + "/events", headers=headers, timeout=5, stream=True)
    assert stream.headers["Access-Control-Allow-Origin"] == ORIGIN
    stream.close()


def test_card_numbers_and_codes_are_masked_before_they_are_kept(
    shopper: Browser, server: Assistant
) -> None:
    answer = shopper.ask("say 4111 1111 1111 1111, blik 777 123")
    assert answer == "say •••• 1111, blik •••• (en)"
    for file in (server.inbox, server.talk):
        for part in file.parent.glob(file.name + "*"):
            assert b"4111 1111" not in part.read_bytes()
            assert b"777 123" not in part.read_bytes()


def test_erasing_a_conversation_erases_every_word(shopper: Browser, server: Assistant) -> None:
    shopper.ask("say xylophone4711")
    events = shopper.stream()
    next(events)
    erased = requests.delete(shopper.base + "/conversation", headers=shopper.headers, timeout=15)
    assert erased.status_code == 204
    list(events)  # the stream ends
    for file in (server.inbox, server.talk):
        for part in file.parent.glob(file.name + "*"):
            assert b"xylophone4711" not in part.read_bytes(), part
    url = shopper.base + "/history"
    assert requests.get(url, headers=shopper.headers, timeout=5).status_code == 401
    assert shopper.post({"id": "late", "text": "hello"}).status_code == 401
    again = requests.delete(shopper.base + "/conversation", headers=shopper.headers, timeout=15)
    assert again.status_code == 204


def test_erasing_while_a_turn_runs_leaves_nothing(shopper: Browser, server: Assistant) -> None:
    shopper.say("slow xylophone4712")
    time.sleep(0.4)
    requests.delete(shopper.base + "/conversation", headers=shopper.headers, timeout=15)
    db = sqlite3.connect(server.talk)
    query = "SELECT count(*) FROM events WHERE sender_id = ?"
    assert db.execute(query, (shopper.conversation,)).fetchone() == (0,)


@pytest.mark.parametrize(
    "path",
    [
        "/webhooks/rest/webhook", "/webhooks/callback/webhook", "/socket.io/", "/domain", "/status",
        "/conversations/x/tracker", "/model",
    ],
)  # fmt: skip
def test_rasas_own_doors_are_closed(server: Assistant, path: str) -> None:
    for method in ("GET", "POST", "PUT", "DELETE"):
        assert requests.request(method, server.url + path, timeout=5).status_code in (404, 405)


def test_health_says_ready(server: Assistant) -> None:
    answer = requests.get(server.url + "/webhooks/web/health", timeout=5)
    assert (answer.status_code, answer.json()) == (200, {"ready": True})


def test_logs_hold_no_words_of_shoppers(shopper: Browser, server: Assistant) -> None:
    """All logging is on; this looks through the lines of a few turns, errors included."""
    for text in ("say marimba99 to anna@example.com", "fill", "marimba99 street", "slow marimba99"):
        shopper.answers(shopper.say(text))
    token = shopper.headers["Authorization"].split()[1]
    written = server.log.read_text()
    for secret in ("marimba99", "anna@example.com", token, WEB_SECRET):
        assert secret not in written, _around(written, secret)


def _around(text: str, found: str) -> str:
    at = text.index(found)
    return text[max(0, at - 500) : at + 200]
