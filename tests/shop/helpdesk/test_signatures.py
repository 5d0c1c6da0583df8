"""Who may tell of tickets: vectors, and every way to forge, change or repeat."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from shop.helpdesk import chatwoot, zendesk
from shop.helpdesk.kept import KeptHelpdesk
from shop.model import Refused
from tests.shop.helpdesk.conftest import DOUBLES
from tests.shop.helpdesk.doubles import chatwoot as woot
from tests.shop.helpdesk.doubles import zendesk as zen
from tests.shop.helpdesk.doubles.base import Call, DeskDouble

CALLED = [name for name, double in DOUBLES.items() if double.webhooks]
BODY = b'{"ticket_id": "35436"}'
called = pytest.mark.parametrize("double", CALLED, indirect=True)


@pytest.fixture
def double(request: pytest.FixtureRequest) -> DeskDouble:
    return DOUBLES[request.param]()


def test_zendesk_signs_time_and_body() -> None:
    """With the secret that Zendesk's documents give for tests; the digest is openssl's."""
    secret = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
    digest = zendesk.sign(secret, "2021-03-25T05:09:27Z", BODY)
    assert digest == "M8tZnvrTyR+vEc/AiGJf3Y6nrLrUsv3F9+JP/YZPhHY="


def test_chatwoot_signs_time_dot_body() -> None:
    """The digest is openssl's."""
    assert (
        chatwoot.sign("woot", "1786625346", BODY)
        == "sha256=0810e8bf2f036362400992ae984cdfd1c8929d9ec4e81e304b36071e25b0b868"
    )


def test_without_a_secret_nothing_is_believed() -> None:
    assert zendesk.sign("", "2021-03-25T05:09:27Z", BODY) == ""
    assert chatwoot.sign("", "1786625346", BODY) == ""


@called
@pytest.mark.parametrize("event", ["answered", "solved"])
async def test_a_call_says_which_ticket(desk: KeptHelpdesk, double: DeskDouble, event: str) -> None:
    assert await desk.verify(*double.call("35436", event)) == "35436"
    headers, body = double.call("35436", event)
    assert await desk.verify({name.lower(): v for name, v in headers.items()}, body) == "35436"


@called
async def test_a_call_about_something_else_is_about_none(
    desk: KeptHelpdesk, double: DeskDouble
) -> None:
    assert await desk.verify(*double.call("", "other")) is None


@called
async def test_nothing_of_a_call_can_be_changed(desk: KeptHelpdesk, double: DeskDouble) -> None:
    headers, body = double.call("35436")
    proofs = [name for name in headers if not name.endswith("Delivery")]
    for name in proofs:
        await refused(desk, {k: v for k, v in headers.items() if k != name}, body)
        told = headers[name]
        for changed in {"", "ł", told[:-1], f"{told}0", told.swapcase()} - {told}:
            await refused(desk, {**headers, name: changed}, body)
    if len(proofs) > 1:  # signed: the very bytes count
        for at in range(len(body)):
            await refused(desk, headers, bytes([*body[:at], body[at] ^ 1, *body[at + 1 :]]))


async def refused(desk: KeptHelpdesk, headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(Refused) as caught:
        await desk.verify(headers, body)
    assert caught.value.reason == "signature"


NOW = datetime.now(timezone.utc)


@pytest.mark.parametrize("double", ["zendesk"], indirect=True)
@pytest.mark.parametrize("minutes", [-6, 6])
async def test_old_and_future_calls_of_zendesk_are_refused(
    desk: KeptHelpdesk, minutes: int
) -> None:
    headers, body = zen.signed(BODY, datetime.now(timezone.utc) + timedelta(minutes=minutes))
    await refused(desk, headers, body)


@pytest.mark.parametrize("double", ["zendesk"], indirect=True)
async def test_a_trigger_of_zendesk_names_the_ticket(desk: KeptHelpdesk) -> None:
    assert await desk.verify(*zen.signed(BODY)) == "35436"
    await refused(desk, *zen.signed(BODY, secret="another"))


@pytest.mark.parametrize("double", ["chatwoot"], indirect=True)
@pytest.mark.parametrize("seconds", [-400, 400])
async def test_old_and_future_calls_of_chatwoot_are_refused(
    desk: KeptHelpdesk, seconds: int
) -> None:
    await refused(desk, *woot.signed(BODY, time.time() + seconds))
    await refused(desk, *woot.signed(BODY, secret="another"))


@called
@pytest.mark.parametrize(
    "told", [[], 7, None, {"detail": 7}, {"event": "message_created", "conversation": 7}]
)
async def test_odd_bodies_with_a_proof_are_about_no_ticket(
    desk: KeptHelpdesk, double: DeskDouble, told: Any
) -> None:
    headers, body = proved(double, json.dumps(told).encode())
    if isinstance(told, dict):
        assert await desk.verify(headers, body) is None
    else:
        await refused(desk, headers, body)


def proved(double: DeskDouble, body: bytes) -> Call:
    if isinstance(double, zen.ZendeskDouble):
        return zen.signed(body)
    if isinstance(double, woot.ChatwootDouble):
        return woot.signed(body)
    return double.call("1")[0], body
