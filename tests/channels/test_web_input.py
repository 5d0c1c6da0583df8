"""What the web channel takes: sizes, odd bodies and odd characters, too much at once."""

import json
import socket

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.channels.rig import Assistant, Browser

ON_ONE_SERVER = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


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
