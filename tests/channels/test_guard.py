"""Signed sessions, rate limits and JSON bodies."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.guard import SESSION_SECONDS, Limiter, Refused, Session, Sessions, json_body

NOW = 1_800_000_000.0


def sessions(secret: str = "s" * 16, now: float = NOW) -> Sessions:
    return Sessions(secret, "web", lambda: now)


def test_a_session_is_read_back_until_it_expires() -> None:
    session = sessions().begin("pl", "PLN")
    token = sessions().token(session)
    assert sessions(now=NOW + SESSION_SECONDS - 1).read(token) == session
    with pytest.raises(Refused):
        sessions(now=NOW + SESSION_SECONDS).read(token)


def test_renewing_keeps_the_conversation() -> None:
    old = Session("web:abc", 1, "pl", None)
    assert sessions().renew(old, None, "EUR") == Session(
        "web:abc", int(NOW) + SESSION_SECONDS, "pl", "EUR"
    )


def test_conversations_have_128_random_bits_or_more() -> None:
    made = {sessions().begin(None, None).conversation for _ in range(1_000)}
    assert len(made) == 1_000
    assert all(len(name.removeprefix("web:")) * 6 >= 128 for name in made)


@given(st.data())
def test_every_changed_character_of_a_token_is_noticed(data: st.DataObject) -> None:
    token = sessions().token(sessions().begin("pl", None))
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda c: c != token[at]))
    changed = token[:at] + other + token[at + 1 :]
    with pytest.raises(Refused):
        sessions().read(changed)


@given(st.text(st.characters()))
def test_no_other_text_is_a_token(text: str) -> None:
    with pytest.raises(Refused):
        sessions().read(text)


def test_a_token_of_another_secret_or_channel_is_refused() -> None:
    session = Session("web:abc", int(NOW) + 9, None, None)
    for other in (Sessions("t" * 16, "web"), Sessions("s" * 16, "page")):
        with pytest.raises(Refused):
            sessions().read(other.token(session))


def test_the_limiter_allows_a_burst_and_then_one_each_few_seconds() -> None:
    clock = [0.0]
    limiter = Limiter(20, 10, lambda: clock[0])
    for _ in range(10):
        limiter.take("a")
    with pytest.raises(Refused) as refused:
        limiter.take("a")
    assert (refused.value.status, refused.value.wait) == (429, 4)
    limiter.take("b")
    clock[0] = 3.1
    limiter.take("a")


def test_the_limiter_forgets_those_that_are_quiet() -> None:
    clock = [0.0]
    limiter = Limiter(20, 10, lambda: clock[0])
    for number in range(10_000):
        limiter.take(str(number))
    clock[0] = 31.0
    limiter.take("one more")
    assert len(limiter._buckets) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"[]", b"null", b'"x"', b"{", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000,
        b'{"a":' * 100 + b"1" + b"}" * 100, b'{"a": ' + b"9" * 5_000 + b"}",
    ],
)  # fmt: skip
def test_a_body_that_is_no_flat_json_object_is_refused(raw: bytes) -> None:
    with pytest.raises(Refused) as refused:
        json_body(raw, 1_000_000)
    assert refused.value.status == 400


def test_a_large_body_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        json_body(b"x" * 17, 16)
    assert refused.value.status == 413


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.text() | st.floats(), st.lists).map(
        lambda value: json.dumps(value).encode()
    )
)
def test_a_body_is_an_object_or_refused(raw: bytes) -> None:
    with suppress(Refused):
        assert isinstance(json_body(raw, 1_000), dict)
