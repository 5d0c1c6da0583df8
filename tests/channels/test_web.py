"""The web channel on the real server: sessions, messages, streams, bad input."""

import json
import socket
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.guard import Session, Sessions
from tests.channels.rig import ORIGIN, WEB_SECRET, Actions, Assistant, Browser

ON_ONE_SERVER = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def test_a_message_is_answered(shopper: Browser) -> None:
    asked = shopper.say("hello")
    (answer,) = shopper.answers(asked)
    mine = shopper.history()[0]
    assert (mine["id"], mine["from"], mine["text"], mine["client_id"]) == (
        1,
        "user",
        "hello",
        asked,
    )
    assert answer["buttons"][1] == {"title": "Shop", "url": "https://shop.example/"}
    assert answer | {"ts": "", "buttons": []} == {
        "id": 2, "from": "bot", "reply_to": asked, "client_id": None, "ts": "", "lang": "en",
        "text": "Hello!", "buttons": [], "cards": [], "image": None,
    }  # fmt: skip
    assert answer["ts"].endswith("Z")


def test_cards_go_out_whole_and_without_payloads(shopper: Browser) -> None:
    (answer, _) = shopper.answers(shopper.say("order"), 2)
    (card,) = answer["cards"]
    assert (card["id"], card["title"], card["price"]) == ("storm", "Storm jacket", "129.90")
    assert card["image"] == {"src": "https://shop.example/storm.svg", "alt": "Storm jacket"}
    assert "cost" not in card
    assert set(card["buttons"][0]) == {"title", "choice"}
    assert "/secret" not in json.dumps(shopper.history())


def test_a_choice_runs_its_payload_and_shows_its_own_title(shopper: Browser) -> None:
    (answer,) = shopper.answers(shopper.say("hello"))
    chosen = answer["buttons"][0]["choice"]
    assert len(chosen) >= 16
    shopper.post({"id": "tap", "choice": chosen, "title": "Something else"})
    assert shopper.answers("tap")[0]["text"] == "The secret page."
    assert [m["text"] for m in shopper.history() if m["client_id"] == "tap"] == ["Secret"]


def test_a_choice_of_another_conversation_is_the_typed_title(
    shopper: Browser, server: Assistant
) -> None:
    (answer,) = shopper.answers(shopper.say("hello"))
    other = Browser(server)
    other.post({"id": "tap", "choice": answer["buttons"][0]["choice"], "title": "say hi"})
    assert other.answers("tap")[0]["text"] == "say hi (None)"


@pytest.mark.parametrize(
    "typed",
    [
        "/secret", '/secret{"order_number": "1"}', " /secret", "//secret", "\u2060/secret",
        "\u00a0/secret", "/ /secret", "/restart", "/session_start", "/paid{\"amount\": 1}", "/",
        "\u200b/secret@1.0", "/\u200e/secret",
    ],
)  # fmt: skip
def test_a_typed_intent_is_plain_text(shopper: Browser, typed: str) -> None:
    assert shopper.ask(typed) == "Sorry?"


def test_locale_and_currency_reach_the_dialogue(server: Assistant, actions: Actions) -> None:
    shopper = Browser(server, lang="pl-PL")
    assert shopper.ask("say a") == "say a (pl)"
    assert (
        shopper.ask("say b", lang="es", page={"url": "https://x/", "product": "p"}) == "say b (es)"
    )


def test_ten_parallel_copies_are_one_turn(
    shopper: Browser, server: Assistant, actions: Actions
) -> None:
    body = {"id": "same", "text": "order"}
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: shopper.post(body).status_code, range(10)))
    assert answers == [202] * 10
    shopper.answers("same", 2)
    time.sleep(0.5)
    assert len([m for m in shopper.history() if m["reply_to"] == "same"]) == 2
    assert len([m for m in shopper.history() if m["client_id"] == "same"]) == 1
    assert actions.calls().count(["action_order", f"{shopper.conversation}.same"]) == 1


def test_a_burst_is_answered_in_order(server: Assistant, actions: Actions) -> None:
    shoppers = [Browser(server) for _ in range(4)]
    for number in range(8):
        for shopper in shoppers:
            shopper.say(f"say {number}")
    for shopper in shoppers:
        shopper.answers("c-8", seconds=30)
        said = [m["text"] for m in shopper.history() if m["from"] == "bot"]
        assert said == [f"say {number} (None)" for number in range(8)]
        assert [m["id"] for m in shopper.history()] == list(range(1, 17))


def test_a_slow_answer_does_not_hold_up_others(server: Assistant, shopper: Browser) -> None:
    shopper.say("slow")
    begun = time.monotonic()
    assert Browser(server).ask("hello") == "Hello!"
    assert time.monotonic() - begun < 1


def test_messages_are_acknowledged_before_they_are_answered(shopper: Browser) -> None:
    begun = time.monotonic()
    shopper.say("slow")
    assert time.monotonic() - begun < 0.5
    assert [m["from"] for m in shopper.history()] == ["user"]


def test_the_stream_says_all_that_happens(shopper: Browser) -> None:
    events: list[dict[str, Any]] = []
    begun = threading.Event()

    def listen() -> None:
        for event in shopper.stream():
            events.append(event)
            begun.set()
            if event.get("event") == "done" and event["data"]["reply_to"] == "c-1":
                return

    thread = threading.Thread(target=listen)
    thread.start()
    assert begun.wait(5)
    shopper.say("hello")
    thread.join(10)
    kinds = [event["event"] for event in events if event["event"] != "comment"]
    assert sorted(kinds[:2]) == ["message", "typing"]
    assert kinds[2:] == ["message", "done"]
    assert [e["id"] for e in events if e["event"] == "message"] == ["1", "2"]
    assert "retry" in events[0]
    assert events[-1]["event"] == "done"
    after_message = events[[e["event"] for e in events].index("message") + 1]
    assert after_message["event"] == "comment"
    assert shopper.stream_headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert shopper.stream_headers["X-Accel-Buffering"] == "no"
    assert "no-transform" in shopper.stream_headers["Cache-Control"]


def test_the_stream_resumes_at_any_number(shopper: Browser) -> None:
    for number in range(5):
        shopper.ask(f"say {number}")
    whole = shopper.history()
    for cut in range(len(whole) + 1):
        seen = []
        for event in shopper.stream(after=cut):
            if event["event"] == "message":
                seen.append(event["data"])
            if event["event"] == "done":
                assert event["data"] == {"reply_to": "c-5"}
                break
        assert seen == whole[cut:]


def test_a_resumed_stream_tells_that_an_answer_is_due(shopper: Browser) -> None:
    shopper.say("slow")
    kinds = []
    for event in shopper.stream(after=1):
        kinds.append(event["event"])
        if event["event"] == "done":
            break
    assert kinds.index("typing") < kinds.index("message") < kinds.index("done")


def test_a_number_from_elsewhere_hides_nothing(shopper: Browser) -> None:
    events = shopper.stream(after=999)
    next(events)
    shopper.say("hello")
    assert [e for e in (next(events) for _ in range(6)) if e["event"] == "message"]


def test_history_is_paged(shopper: Browser) -> None:
    shopper.ask("hello")
    shopper.ask("hello")
    url = shopper.base + "/history"
    page = requests.get(url, {"after": 1, "limit": 2}, headers=shopper.headers, timeout=5).json()
    assert [message["id"] for message in page["messages"]] == [2, 3]
    assert page["last"] == 4


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


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400),
        (b"null", 400),
        (b"[]", 400),
        (b'"hello"', 400),
        (b"{", 400),
        (b"\xff\xfe\x00", 400),
        (b'{"id":"a","text":"\xff"}', 400),
        (b'{"id":"a"}', 400),
        (b'{"id":"a","text":""}', 400),
        (b'{"id":"a","text":"  \\u0000 "}', 400),
        (b'{"id":"a","text":null}', 400),
        (b'{"id":"a","text":["hello"]}', 400),
        (b'{"id":"a","text":{"a":1}}', 400),
        (b'{"id":"a","text":7}', 400),
        (b'{"id":"","text":"hello"}', 400),
        (b'{"id":1,"text":"hello"}', 400),
        (b'{"id":"a b","text":"hello"}', 400),
        (b'{"id":"a\\u0000","text":"hello"}', 400),
        (b'{"id":"' + b"a" * 65 + b'","text":"hello"}', 400),
        (b'{"id":"a","text":"hello","lang":"english"}', 400),
        (b'{"id":"a","text":"hello","lang":7}', 400),
        (b'{"id":"a","text":"hello","currency":"z"}', 400),
        (b'{"id":"a","text":"hello","page":"x"}', 400),
        (b'{"id":"a","choice":"unknown"}', 400),
        (b'{"id":"a","choice":{"a":1},"title":[]}', 400),
        (b'{"id":"a","text":NaN}', 400),
        (b'{"id":"a","text":"hello","x":' + b"[" * 100 + b"]" * 100 + b"}", 400),
        (b'{"id":"a","text":"' + b"a" * 100_000 + b'"}', 413),
        (b"[" * 15_000, 400),
    ],
)
def test_bad_input_is_refused(shopper: Browser, raw: bytes, status: int) -> None:
    answer = shopper.post(raw=raw)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]
    assert shopper.history() == []


@pytest.mark.parametrize(
    "text",
    ["say \x00a", "say \ud800a", "say \u202ea", "say \ufeffa", "say \x1ba", "\r\nsay a\x7f"],
)
def test_odd_characters_are_taken_out(shopper: Browser, text: str) -> None:
    assert shopper.ask(text).replace(" ", "") == "saya(en)"


def test_a_mega_byte_is_refused_before_it_is_read(server: Assistant) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 5) as line:
        line.sendall(
            b"POST /webhooks/web/session HTTP/1.1\r\nHost: x\r\nContent-Length: 99000000\r\n\r\n"
        )
        assert b" 413 " in line.recv(200)


def test_a_long_message_is_refused_politely(shopper: Browser, server: Assistant) -> None:
    asked = shopper.say("ą" * 2_001)
    assert shopper.answers(asked)[0]["text"] == "That is too long for me."
    assert shopper.history()[0]["text"] == "ą" * 2_000
    polish = Browser(server, lang="pl")
    assert polish.ask("a" * 5_000) == "To dla mnie za długie."
    assert polish.ask("say " + "a" * 1_996).startswith("say aaa")


def test_too_many_messages_are_refused_for_a_while(server: Assistant) -> None:
    shopper = Browser(server)
    answers = [shopper.post({"id": f"m-{n}", "text": "hello"}) for n in range(14)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert [answer.status_code for answer in answers[:10]] == [202] * 10
    assert len(refused) >= 3
    assert 1 <= int(refused[0].headers["Retry-After"]) <= 4
    assert Browser(server).ask("hello") == "Hello!"


def test_numbers_in_the_address_are_checked(shopper: Browser) -> None:
    for query in ("after=-1", "after=x", "after=1e9", "limit=x", "after=" + "9" * 50):
        for path in ("/history", "/events"):
            if path == "/events" and query.startswith("limit"):
                continue
            url = f"{shopper.base}{path}?{query}"
            assert requests.get(url, headers=shopper.headers, timeout=5).status_code == 400


short = st.text(max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(short, inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(["id", "text", "choice", "title", "lang", "currency", "page", "x"])


@ON_ONE_SERVER
@given(body=st.dictionaries(names, json_values) | json_values)
def test_no_body_is_too_strange(server: Assistant, body: object) -> None:
    for path in ("/message", "/session"):
        shopper = Browser(server)
        raw = json.dumps(body).encode()
        answer = requests.post(shopper.base + path, data=raw, headers=shopper.headers, timeout=15)
        assert answer.status_code in (201, 202, 400, 413)


@ON_ONE_SERVER
@given(raw=st.binary(max_size=400), header=st.binary(max_size=40))
def test_no_bytes_are_too_strange(server: Assistant, raw: bytes, header: bytes) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 5) as line:
        line.sendall(
            b"POST /webhooks/web/message HTTP/1.1\r\nHost: x\r\nConnection: close\r\nOrigin: "
            + header.replace(b"\n", b"").replace(b"\r", b"")
            + b"\r\nContent-Length: %d\r\n\r\n" % len(raw) + raw
        )  # fmt: skip
        assert line.recv(200)[9:10] == b"4"
    assert server.alive


@ON_ONE_SERVER
@given(text=st.text(st.characters(), min_size=1, max_size=60))
def test_any_text_is_answered_or_refused(server: Assistant, text: str) -> None:
    shopper = Browser(server)
    answer = shopper.post({"id": "a", "text": text})
    assert answer.status_code in (202, 400)
    if answer.status_code == 202:
        assert shopper.answers("a")[0]["text"] in ("Sorry?", "Hello!") or "say" in text.lower()


def test_a_turn_without_reply_is_an_honest_sentence(server: Assistant, actions: Actions) -> None:
    shopper = Browser(server, lang="pl")
    assert shopper.ask("nothing") == "Coś nie działa. Nic nie zmieniono."
    assert shopper.ask("loop") == "Coś nie działa. Nic nie zmieniono."
    assert shopper.ask("hello") == "Hello!"


@pytest.mark.parametrize("mode", ["500", "html", "nonsense"])
def test_a_broken_action_server_is_an_honest_sentence(
    shopper: Browser, actions: Actions, mode: str
) -> None:
    actions.mode(mode)
    texts = [m["text"] for m in shopper.answers(shopper.say("order"))]
    actions.mode("ok")
    assert texts == ["Something does not work. Nothing was changed."]
    assert shopper.ask("say again") == "say again (en)"


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
