"""What the three platforms of Meta share: signature, the address's trial, errors."""

import hmac
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Incoming
from channels.guard import Refused
from channels.instagram import Instagram
from channels.messenger import Messenger
from channels.meta import MetaAdapter
from tests.channels.forgery import refuses

SETTINGS = {"page": "7", "account": "7", "token": "t", "verify_token": "ours"}
SECRET = "1222e786b144d0e85b9f365372d93676"
BODY = b'{"object":"page","entry":[]}'
NAME = "x-hub-signature-256"
ADAPTERS: list[type[MetaAdapter]] = [Messenger, Instagram]


def signed(body: bytes, kind: str = "sha256") -> str:
    return f"{kind}={hmac.new(SECRET.encode(), body, kind).hexdigest()}"


def test_the_published_vector_is_accepted(specs: Path | None) -> None:
    body, signature = BODY, signed(BODY)
    if specs:
        vector = json.loads((specs / "meta/signature_vector.json").read_text())
        assert vector["app_secret"] == SECRET
        body, signature = vector["body"].encode(), vector["x_hub_signature_256"]
    Messenger({**SETTINGS, "app_secret": SECRET}).verify(Incoming(body, {NAME: signature}))


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_every_other_signature_is_refused(adapter: type[MetaAdapter]) -> None:
    ours = adapter({**SETTINGS, "app_secret": SECRET})
    good = signed(BODY)
    ours.verify(Incoming(BODY, {NAME: good}))
    bad = [
        "", "sha256=", good[7:], good.replace("sha256", "sha1"), signed(BODY, "sha1"),
        signed(BODY, "md5"), good.upper(), good + " ", "sha256=é", signed(BODY + b" "),
    ]  # fmt: skip
    refuses(ours, [Incoming(BODY, {NAME: one}) for one in bad])
    refuses(ours, [Incoming(BODY, {}), Incoming(BODY, {"x-hub-signature": signed(BODY, "sha1")})])


@given(at=st.integers(0, len(BODY) - 1), byte=st.integers(0, 255))
def test_every_changed_byte_is_noticed(at: int, byte: int) -> None:
    changed = bytes([*BODY[:at], byte, *BODY[at + 1 :]])
    request = Incoming(changed, {NAME: signed(BODY)})
    ours = Messenger({**SETTINGS, "app_secret": SECRET})
    if changed == BODY:
        ours.verify(request)
    else:
        refuses(ours, [request])


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"hub.mode": "subscribe", "hub.verify_token": "ours", "hub.challenge": "77"}, 200),
        ({"hub.mode": "subscribe", "hub.verify_token": "other", "hub.challenge": "77"}, 403),
        ({"hub.mode": "unsubscribe", "hub.verify_token": "ours", "hub.challenge": "77"}, 403),
        ({"hub.verify_token": "ours"}, 403), ({}, 403),
    ],
)  # fmt: skip
def test_the_address_is_tried(query: dict[str, str], status: int) -> None:
    ours = Messenger({**SETTINGS, "app_secret": SECRET})
    if status == 200:
        answer = ours.challenge(Incoming(b"", {}, query))
        assert answer
        assert answer.body == b"77"
    else:
        with pytest.raises(Refused) as refused:
            ours.challenge(Incoming(b"", {}, query))
        assert refused.value.status == status
