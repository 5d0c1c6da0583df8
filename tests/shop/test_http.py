"""The shared client against a server that misbehaves in every way that servers do."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
import traceback
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from shop import exchange, http
from shop.http import Answer, BackEnd, Header
from shop.model import Unavailable
from shop.tokens import Token
from tests.shop.vendor import Asked, Said, Vendor, serving

HTML = Said(200, b"<html><body>Bad gateway</body></html>", {"Content-Type": "text/html"})
SECRET, EMAIL = "sk_live_do_not_tell", "ewa@example.org"


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    monkeypatch.setattr(http, "PAUSE", 0.01)
    with serving(lambda asked: Said(200, {"n": 1})) as running:
        yield running


@pytest.fixture
def shop(vendor: Vendor) -> BackEnd:
    return BackEnd("vendor", vendor.url, Header("Authorization", f"Bearer {SECRET}"))


async def write(shop: BackEnd, repeatable: bool = False) -> Answer:
    return await shop.call("POST", f"/orders/{EMAIL}", json={"email": EMAIL}, repeatable=repeatable)


def rested(shop: BackEnd) -> None:
    """As if the breaker had been open for its whole time."""
    storage = shop._breaker._state_storage
    storage.opened_at = storage.opened_at - timedelta(seconds=http.REST)


async def failed(shop: BackEnd) -> None:
    with pytest.raises(Unavailable):
        await shop.call("GET", "/")


async def test_an_answer_is_handed_over(vendor: Vendor, shop: BackEnd) -> None:
    answer = await shop.call("GET", "/a", query={"q": "ż ó"}, headers={"X-Own": "1"})
    assert (answer.status, answer.content, answer.ok) == (200, {"n": 1}, True)
    (asked,) = vendor.asked
    assert (asked.path, asked.query) == ("/a", {"q": "ż ó"})
    assert asked.headers["authorization"] == f"Bearer {SECRET}"
    assert asked.headers["x-own"] == "1"


async def test_json_forms_and_bytes_go_out(vendor: Vendor, shop: BackEnd) -> None:
    await shop.call("POST", "/", json={"name": "Łódź"})
    await shop.call("POST", "/", form=[("a[0]", "ą"), ("a[1]", "2")])
    told, form = vendor.asked
    assert told.json == {"name": "Łódź"}
    assert told.headers["content-type"] == "application/json"
    assert form.form == {"a[0]": "ą", "a[1]": "2"}


@pytest.mark.parametrize("status", [302, 400, 403, 404, 409, 422])
async def test_a_refusal_is_an_answer(vendor: Vendor, shop: BackEnd, status: int) -> None:
    vendor.faults.append(Said(status, {"error": "no"}, {"Location": "/elsewhere"}))
    answer = await shop.call("GET", "/")
    assert (answer.status, answer.content) == (status, {"error": "no"})
    assert len(vendor.asked) == 1


async def test_an_empty_answer_has_no_content(vendor: Vendor, shop: BackEnd) -> None:
    vendor.faults.append(Said(204, b""))
    assert (await shop.call("DELETE", "/a")).content is None


FAULTS = {
    "429": Said(429, {}),
    "500": Said(500, {}),
    "503": Said(503, b"down"),
    "html": HTML,
    "html refusal": Said(403, b"<html>Blocked</html>"),
    "half an object": Said(200, b'{"n": 1'),
    "bytes": Said(200, b"\xff\xfe"),
    "deep": Said(200, b"[" * 100_000),
    "cut": Said(200, {"n": 1}, cut=4),
    "cut at once": Said(200, {"n": 1}, cut=0),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_what_only_reads_is_tried_again(vendor: Vendor, shop: BackEnd, fault: Said) -> None:
    vendor.faults += [fault, fault]
    assert (await shop.call("GET", "/")).content == {"n": 1}
    assert len(vendor.asked) == 3


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_a_write_is_sent_once(vendor: Vendor, shop: BackEnd, fault: Said) -> None:
    vendor.faults.append(fault)
    with pytest.raises(Unavailable):
        await write(shop)
    assert len(vendor.asked) == 1


async def test_a_write_with_an_idempotency_key_is_tried_again(
    vendor: Vendor, shop: BackEnd
) -> None:
    vendor.faults += [Said(500, {})]
    assert (await write(shop, repeatable=True)).ok
    first, second = vendor.asked
    assert first == second


async def test_three_attempts_are_enough(vendor: Vendor, shop: BackEnd) -> None:
    vendor.faults += [Said(500, {})] * 5
    await failed(shop)
    assert len(vendor.asked) == http.ATTEMPTS == 3


@pytest.mark.parametrize("as_date", [False, True])
async def test_retry_after_is_obeyed(vendor: Vendor, shop: BackEnd, as_date: bool) -> None:
    at = datetime.now(timezone.utc) + timedelta(seconds=2)
    wait = format_datetime(at, usegmt=True) if as_date else "0.5"
    vendor.faults.append(Said(429, {}, {"Retry-After": wait}))
    began = time.monotonic()
    assert (await shop.call("GET", "/")).ok
    assert time.monotonic() - began >= 0.5


async def test_nobody_waits_longer_than_the_budget(vendor: Vendor, shop: BackEnd) -> None:
    vendor.faults.append(Said(429, {}, {"Retry-After": "3600"}))
    began = time.monotonic()
    await failed(shop)
    assert time.monotonic() - began < http.BUDGET
    assert len(vendor.asked) == 1


@pytest.mark.parametrize("slow", [Said(wait=1.5), Said(drip=0.15, body="x" * 50)])
async def test_a_slow_back_end_is_given_up(
    vendor: Vendor, shop: BackEnd, monkeypatch: pytest.MonkeyPatch, slow: Said
) -> None:
    monkeypatch.setattr(exchange, "READ", 0.2)
    monkeypatch.setattr(http, "BUDGET", 0.8)
    vendor.faults += [slow] * 5
    began = time.monotonic()
    await failed(shop)
    assert time.monotonic() - began < 5


async def test_a_slow_back_end_does_not_hold_up_other_calls(vendor: Vendor, shop: BackEnd) -> None:
    """The breaker watches calls, it does not make them queue."""
    vendor.answer = lambda asked: Said(wait=0.3)
    began = time.monotonic()
    await asyncio.gather(*(shop.call("GET", "/") for _ in range(10)))
    assert time.monotonic() - began < 2.5


async def test_a_write_that_never_arrived_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    attempts: list[float] = []
    monkeypatch.setattr(http.time, "sleep", attempts.append)
    with pytest.raises(Unavailable):
        await write(BackEnd("gone", f"http://127.0.0.1:{port}"))
    assert len(attempts) >= http.ATTEMPTS - 1


async def test_an_endless_answer_is_not_read(
    vendor: Vendor, shop: BackEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "LARGEST", 1000)
    vendor.answer = lambda asked: Said(200, "x" * 2000)
    await failed(shop)


async def test_the_breaker_opens_and_closes(vendor: Vendor, shop: BackEnd) -> None:
    vendor.answer = lambda asked: Said(500, {})
    for _ in range(http.FAILURES):
        await failed(shop)
    count = len(vendor.asked)
    await failed(shop)
    assert len(vendor.asked) == count  # left alone
    rested(shop)
    await failed(shop)  # one look, and it rests again
    assert len(vendor.asked) == count + http.ATTEMPTS
    await failed(shop)
    assert len(vendor.asked) == count + http.ATTEMPTS
    vendor.answer = lambda asked: Said(200, {"n": 2})
    rested(shop)
    for _ in range(http.FAILURES + 1):
        assert (await shop.call("GET", "/")).content == {"n": 2}


async def test_refusals_do_not_open_the_breaker(vendor: Vendor, shop: BackEnd) -> None:
    vendor.answer = lambda asked: Said(404, {})
    for _ in range(http.FAILURES + 2):
        assert (await shop.call("GET", "/")).status == 404


async def test_cookies_of_one_shopper_do_not_reach_another(vendor: Vendor, shop: BackEnd) -> None:
    vendor.answer = lambda asked: Said(200, {}, {"Set-Cookie": "session=ewa; Path=/"})
    await shop.call("GET", "/")
    await shop.call("GET", "/")
    assert "cookie" not in vendor.asked[1].headers


@pytest.mark.parametrize("fault", [*FAULTS.values(), Said(401, {"email": EMAIL}), Said(wait=1)])
async def test_secrets_and_personal_data_are_not_told(
    vendor: Vendor,
    shop: BackEnd,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: Said,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(exchange, "READ", 0.2)
    vendor.answer = lambda asked: fault
    with pytest.raises(Unavailable) as caught:
        await write(shop, repeatable=True)
    told = caplog.text + "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    trouble: BaseException | None = caught.value
    while trouble := trouble.__cause__ or trouble.__context__:
        told += repr(trouble)
    assert SECRET not in told
    assert EMAIL not in told
    assert "Bad gateway" not in told


def tokens(vendor: Vendor) -> list[Asked]:
    return [asked for asked in vendor.asked if asked.path == "/token"]


def guarded(vendor: Vendor, good: set[str], life: int = 3600) -> None:
    """/token gives t1, t2, ...; everything else wants one of the good ones."""

    def answer(asked: Asked) -> Said:
        if asked.path == "/token":
            token = f"t{len(tokens(vendor))}"
            return Said(200, {"access_token": token, "expires_in": life}, wait=0.05)
        fits = asked.headers.get("authorization", "").removeprefix("Bearer ") in good
        return Said(200, {"ok": True}) if fits else Said(401, {})

    vendor.answer = answer


@pytest.fixture
def with_token(vendor: Vendor) -> BackEnd:
    form = {"client_id": "shop", "client_secret": SECRET}
    return BackEnd("vendor", vendor.url, Token("vendor", f"{vendor.url}/token", form))


async def test_a_token_is_fetched_once_for_all(vendor: Vendor, with_token: BackEnd) -> None:
    guarded(vendor, {"t1"})
    answers = await asyncio.gather(*(with_token.call("GET", "/") for _ in range(8)))
    assert all(answer.ok for answer in answers)
    (asked,) = tokens(vendor)
    assert asked.form == {
        "grant_type": "client_credentials",
        "client_id": "shop",
        "client_secret": SECRET,
    }


async def test_a_token_near_its_end_is_replaced(vendor: Vendor, with_token: BackEnd) -> None:
    guarded(vendor, {"t1", "t2"}, life=61)
    await with_token.call("GET", "/")
    await with_token.call("GET", "/")
    assert len(tokens(vendor)) == 1
    await asyncio.sleep(1.05)
    await with_token.call("GET", "/")
    assert len(tokens(vendor)) == 2


async def test_a_withdrawn_token_is_replaced_once(vendor: Vendor, with_token: BackEnd) -> None:
    guarded(vendor, {"t1"})
    await with_token.call("GET", "/")
    guarded(vendor, {"t2"})
    answers = await asyncio.gather(*(write(with_token) for _ in range(6)))
    assert all(answer.ok for answer in answers)
    assert len(tokens(vendor)) == 2


async def test_refused_credentials_are_unavailable(vendor: Vendor, with_token: BackEnd) -> None:
    guarded(vendor, set())
    await failed(with_token)
    assert len(tokens(vendor)) == 2  # a second one after the first 401, no more
    refusal = {"error": "invalid_client", "secret": SECRET}
    vendor.answer = lambda asked: Said(400 if asked.path == "/token" else 401, refusal)
    with pytest.raises(Unavailable) as caught:
        await with_token.call("GET", "/")
    assert SECRET not in repr(caught.value)
