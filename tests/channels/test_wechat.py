"""WeChat: messages in, plain and sealed."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from rasa.shared.exceptions import RasaException

from channels.base import Event, Incoming
from channels.guard import Refused
from channels.receive import conversation, events
from channels.wechat import UNSHOWN, WeChat
from channels.wechat_envelope import fields, opened, secret_key, signature
from tests.channels.fake_platform import (
    SITE,
)
from tests.channels.forgery import changed_text

APP, TOKEN, NONCE = "wx49f0ab532d5d035a", "test", "n1"
KEY = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
GIVEN = {"appid": APP, "secret": "s", "token": TOKEN, "site": SITE}
PLAIN, SAFE = WeChat(GIVEN), WeChat({**GIVEN, "aes_key": KEY})
USER = "ofromUser-_1"
TO = {"user": USER}


def xml(kind: str, **more: str) -> str:
    known = {"ToUserName": "gh_1", "FromUserName": USER, "CreateTime": "1700", "MsgType": kind}
    parts = {**known, **({"MsgId": "77"} if kind != "event" else {}), **more}
    texts = (f"<{name}><![CDATA[{value}]]></{name}>" for name, value in parts.items() if value)
    return f"<xml>{''.join(texts)}</xml>"


def happened(kind: str, ident: str = "77", **more: Any) -> Event:
    return Event(kind, ident, USER, at=1700.0, to=TO, **more)  # type: ignore[arg-type]


def event(name: str, **more: str) -> str:
    return xml("event", Event=name, **more)


def did(kind: str, name: str, **more: Any) -> Event:
    return happened(kind, f"{USER}.1700.{name}", **more)


SCANNED = "<ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>P-1</ScanResult></ScanCodeInfo>"
MESSAGES: dict[str, tuple[str, Event | None]] = {
    "text": (xml("text", Content="a < b & 你好 👍🏽"), happened("text", text="a < b & 你好 👍🏽")),
    "text that is escaped": (
        xml("text", Content="x").replace("<![CDATA[x]]>", "a &lt; b"),
        happened("text", text="a < b"),
    ),
    "choice": (
        xml("text", Content="Yes", bizmsgmenuid="id-1"),
        happened("choice", text="Yes", choice="id-1"),
    ),
    "picture": (xml("image", PicUrl="http://a", MediaId="m"), happened("media", media="picture")),
    "voice": (xml("voice", MediaId="m", Format="amr"), happened("media", media="voice")),
    "voice that was understood": (
        xml("voice", MediaId="m", Recognition="red shoes"),
        happened("text", text="red shoes"),
    ),
    "film": (xml("shortvideo", MediaId="m"), happened("media", media="video")),
    "place": (xml("location", Location_X="1.5", Label="x"), happened("media", media="place")),
    "link": (xml("link", Title="t", Url="u"), happened("media")),
    "sticker": (xml("text", Content=UNSHOWN), happened("media", media="sticker")),
    "of a later kind": (xml("hologram"), happened("media")),
    "follow": (event("subscribe"), did("start", "subscribe")),
    "follow by a code": (
        event("subscribe", EventKey="qrscene_spring", Ticket="t"),
        did("start", "subscribe", about={"ref": "spring"}),
    ),
    "scan": (event("SCAN", EventKey="9"), did("start", "scan", about={"ref": "9"})),
    "unfollow": (event("unsubscribe"), did("left", "unsubscribe")),
    "menu": (event("CLICK", EventKey="my orders"), did("text", "click", text="my orders")),
    "menu with a scan": (
        event("scancode_waitmsg", EventKey="k").replace("</xml>", SCANNED + "</xml>"),
        did("text", "scancode_waitmsg", text="P-1"),
    ),
    "menu with a page": (event("VIEW", EventKey="http://a"), None),
    "where they are": (event("LOCATION", Latitude="1", Longitude="2"), None),
    "our own": (event("TEMPLATESENDJOBFINISH", Status="success"), None),
    "without a person": (xml("text", Content="x", FromUserName=""), None),
    "without an id": (xml("text", Content="x", MsgId=""), None),
    "without a time": (xml("text", Content="x", CreateTime="soon"), None),
}


@pytest.mark.parametrize("case", MESSAGES)
def test_messages_are_read(case: str) -> None:
    message, expected = MESSAGES[case]
    for ours, body in ((PLAIN, message), (SAFE, enveloped(message))):
        assert events(ours, body.encode()) == ([expected] if expected else [])


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><MsgType>&b;</MsgType></xml>'
FILE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Content>&a;</Content></xml>'


@pytest.mark.parametrize("body", ["", "{}", "<xml>", BOMB, FILE, "<a>" * 50 + "</a>" * 50, "\x00"])
def test_what_is_no_message_is_refused(body: str) -> None:
    for ours in (PLAIN, SAFE):
        with pytest.raises(Refused) as refused:
            events(ours, body.encode())
        assert refused.value.status == 400


FIXTURES = {
    "text_message": "text", "image_message": "media", "voice_message": "media",
    "video_message": "media", "location_message": "media", "link_message": "media",
    "unknown_message": "media", "subscribe_event": "start",
    "subscribe_event_with_last_trade_no": "start", "subscribe_scan_event": "start",
    "scan_event": "start", "location_event": None, "click_event": "text", "view_event": None,
    "subscribe_scan_product_event": "start", "subscribe_scan_product_event_2": "start",
}  # fmt: skip


def test_published_examples_are_read(specs: Path | None) -> None:
    if not specs:
        return
    examples = json.loads((specs / "wechat/inbound_xml.json").read_text())
    assert {name for name in examples if name != "_source"} == set(FIXTURES)
    for name, kind in FIXTURES.items():
        found = events(PLAIN, examples[name].encode())
        assert [event.kind for event in found] == ([kind] if kind else []), name
        assert all(conversation(PLAIN, event.user) for event in found)
    (scanned,) = events(PLAIN, examples["subscribe_scan_event"].encode())
    assert scanned.about == {"ref": "123123"}


def enveloped(message: str, account: str = APP) -> str:
    """As WeChat seals it in safe mode."""
    plain = b"r" * 16 + len(message.encode()).to_bytes(4, "big") + message.encode()
    plain += account.encode()
    pad = 32 - len(plain) % 32
    key = secret_key(KEY)
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    whole = base64.b64encode(cipher.update(plain + bytes([pad]) * pad) + cipher.finalize())
    return f"<xml><ToUserName>gh_1</ToUserName><Encrypt>{whole.decode()}</Encrypt></xml>"


def query(*sealed: str, stamp: float | None = None) -> dict[str, str]:
    when = str(int(time.time() if stamp is None else stamp))
    made = {"timestamp": when, "nonce": NONCE, "signature": signature(TOKEN, when, NONCE)}
    more = {"encrypt_type": "aes", "msg_signature": signature(TOKEN, when, NONCE, *sealed)}
    return {**made, **more} if sealed else made


def test_without_safe_mode_only_who_knows_the_token_may_speak() -> None:
    body, good = xml("text", Content="hi").encode(), query()
    PLAIN.verify(Incoming(body, {}, good))
    bad = [{}, {**good, "nonce": "n2"}, {**good, "signature": "ł"}, query(stamp=0)]
    bad += [query(stamp=time.time() - 700), query(stamp=time.time() + 700)]
    bad += [{name: value for name, value in good.items() if name != left} for left in good]
    bad += [{**good, name: value} for name in good for value in changed_text(good[name])]
    bad += [{**good, "signature": good["signature"].upper()}]
    for wrong in bad:
        with pytest.raises(Refused):
            PLAIN.verify(Incoming(body, {}, wrong))


def test_in_safe_mode_each_byte_is_signed() -> None:
    body = enveloped(xml("text", Content="hi"))
    sealed = fields(body.encode())["Encrypt"]
    good = query(sealed)
    SAFE.verify(Incoming(body.encode(), {}, good))
    plain = xml("text", Content="hi").encode()
    bad = [(plain, good), (plain, query()), (body.encode(), query()), (b"", good)]
    bad += [
        (body.encode(), {**good, "msg_signature": s}) for s in changed_text(good["msg_signature"])
    ]
    bad += [(body.encode(), {**good, "timestamp": "1"}), (body.encode(), {**good, "nonce": ""})]
    bad += [(body.replace(sealed, other).encode(), good) for other in changed_text(sealed)]
    for wrong, asked in bad:
        with pytest.raises(Refused):
            SAFE.verify(Incoming(wrong, {}, asked))


@pytest.mark.parametrize(
    "broken",
    [enveloped("<xml/>", "another"), "<xml><Encrypt>!</Encrypt></xml>", "<xml/>",
     "<xml><Encrypt></Encrypt></xml>", "<xml><Encrypt>QUJD</Encrypt></xml>",
     f"<xml><Encrypt>{base64.b64encode(bytes(64)).decode()}</Encrypt></xml>"],
)  # fmt: skip
def test_what_was_sealed_for_somebody_else_or_badly_is_not_read(broken: str) -> None:
    with pytest.raises(Refused):
        events(SAFE, broken.encode())


def test_the_published_vectors_are_accepted(specs: Path | None) -> None:
    if not specs:
        return
    vectors = json.loads((specs / "wechat/crypto_vectors.json").read_text())
    plain, safe = vectors["plain_signature"], vectors["safe_mode"]
    answer = PLAIN.challenge(Incoming(b"", {}, {**plain, "echostr": "4375120948345356249"}))
    assert answer
    assert answer.body == b"4375120948345356249"
    given = {**GIVEN, "appid": safe["id"], "token": safe["token"]}
    ours = WeChat({**given, "aes_key": safe["encoding_aes_key"]})
    sealed = safe["decrypt"]
    ours.verify(Incoming(sealed["body"].encode(), {}, sealed))
    (event,) = events(ours, sealed["body"].encode())
    assert (event.text, event.user) == (
        sealed["expect"]["Content"], sealed["expect"]["FromUserName"],
    )  # fmt: skip
    tried = ours.challenge(Incoming(b"", {}, safe["echostr"]))
    assert tried
    assert tried.body == b"5927782489442352469"
    made = fields(safe["encrypt"]["expected"].encode())
    stamp, nonce = safe["encrypt"]["timestamp"], safe["encrypt"]["nonce"]
    assert signature(safe["token"], stamp, nonce, made["Encrypt"]) == made["MsgSignature"]
    key = secret_key(safe["encoding_aes_key"])
    assert opened(made["Encrypt"], key, safe["id"]).decode() == safe["encrypt"]["plain"]


def test_the_trial_of_the_address_is_answered() -> None:
    for ours in (PLAIN, SAFE):
        answer = ours.challenge(Incoming(b"", {}, {**query(stamp=5), "echostr": "<b>"}))
        assert answer
        assert (answer.body, answer.content_type) == (b"<b>", "text/plain; charset=utf-8")
        for wrong in ({}, {**query(), "signature": "x"}, {**query(), "nonce": ""}):
            with pytest.raises(Refused):
                ours.challenge(Incoming(b"", {}, {**wrong, "echostr": "x"}))
    for said in ("x", "QUJD"):
        with pytest.raises(Refused):
            SAFE.challenge(
                Incoming(b"", {}, {**query("y" if said == "x" else said), "echostr": said})
            )
    assert SAFE.taken().body == b"success"


@pytest.mark.parametrize("missing", ["appid", "secret", "token"])
def test_it_does_not_start_without(missing: str) -> None:
    with pytest.raises(RasaException, match=f"{missing} is missing"):
        WeChat.from_credentials({**GIVEN, missing: ""})
    with pytest.raises(RasaException, match="aes_key"):
        WeChat.from_credentials({**GIVEN, "aes_key": "short"})
