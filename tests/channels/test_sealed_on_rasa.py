"""The channels that seal their messages, on the real server: X Chat, and WeChat in safe mode."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from aiohttp import web

from channels.wechat_envelope import signature
from tests.channels.fake_platform import Heard, Platform
from tests.channels.rig import Actions, Assistant
from tests.channels.test_wechat import APP, KEY, TOKEN, USER, enveloped, fields, query, xml
from tests.channels.x_phone import BOT, PERSON, VERSION, Phone, chatted, received

SECRET = "a-secret-of-ours"
US, PHONE = Phone(BOT), Phone(PERSON, int(time.time() * 1000))


class Publishing(Platform):
    """X, which knows everybody's public keys."""

    async def _take(self, request: web.Request) -> web.StreamResponse:
        for phone in (US, PHONE):
            if request.path == f"/2/users/{phone.user}/public_keys":
                return web.json_response({"data": [phone.published]})
        return await super()._take(request)


class Sealed:
    """The assistant, both platforms, and a person on each."""

    def __init__(self, assistant: Assistant, x: Platform, wechat: Platform) -> None:
        self.assistant, self.x, self.wechat = assistant, x, wechat
        self.change = PHONE.begin(US)

    def post(self, name: str, body: bytes, **more: Any) -> requests.Response:
        url = f"{self.assistant.url}/webhooks/{name}/webhook"
        return requests.post(url, data=body, timeout=30, **more)

    def chat(self, words: str, **more: Any) -> bytes:
        """A sealed message arrives; gives the request, to be repeated."""
        event, _ = PHONE.write(words, **more)
        return self.deliver(received(chatted(event, self.change, created_at_msec=None)))

    def deliver(self, content: dict[str, Any]) -> bytes:
        body = json.dumps(content).encode()
        digest = hmac.new(SECRET.encode(), body, hashlib.sha256).digest()
        signed = f"sha256={base64.b64encode(digest).decode()}"
        taken = self.post("x", body, headers={"x-twitter-webhooks-signature": signed})
        assert taken.status_code == 200, taken.text
        return body

    def wechat_says(self, **parts: str) -> None:
        known = {"CreateTime": str(int(time.time())), "MsgId": str(time.time_ns())}
        body = enveloped(xml("text", **{**known, **parts}))
        sealed = fields(body.encode())["Encrypt"]
        taken = self.post("wechat", body.encode(), params=query(sealed))
        assert (taken.status_code, taken.text) == (200, "success")


def waited(count: int, shown: Callable[[], list[Any]], seconds: float = 60) -> list[Any]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if len(found := shown()) >= count:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{count} messages were not shown: {shown()}")


def to(platform: Platform, path: str) -> list[Heard]:
    return [heard for heard in list(platform.heard) if path in heard.path]


@pytest.fixture(scope="module")
def sealed(
    tmp_path_factory: pytest.TempPathFactory, model: Path, actions: Actions
) -> Iterator[Sealed]:
    answered = {"errcode": 0, "access_token": "t1", "expires_in": 7200}
    with Publishing({"data": {"dm_event_id": "1"}}) as x, Platform(answered) as wechat:
        keys = {"chat_keys": base64.b64encode(US.keys).decode(), "chat_version": VERSION}
        bot = {"user": BOT, "token": "xcbot_1", "consumer_secret": SECRET, "api": x.url}
        safe = {"appid": APP, "secret": "s", "token": TOKEN, "aes_key": KEY, "api": wechat.url}
        stanzas = {"channels.x.X": {**bot, **keys}, "channels.wechat.WeChat": safe}
        folder = tmp_path_factory.mktemp("sealed")
        assistant = Assistant(folder, model, actions, stanzas=stanzas)
        assistant.start()
        yield Sealed(assistant, x, wechat)
        assistant.stop()


def test_a_sealed_conversation_on_x(sealed: Sealed) -> None:
    def shown() -> list[Any]:
        return [PHONE.read(heard.body, US) for heard in to(sealed.x, "/messages")]

    again = sealed.chat("hello")
    (hello,) = waited(1, shown)
    (secret,) = hello["quick_reply"]["request"]["options"]["options"]
    assert (hello["text"], secret["label"]) == ("Hello!\nShop: https://shop.example/", "Secret")
    sealed.deliver(json.loads(again))
    sealed.chat('/secret{"order_number": "77"}')
    assert waited(2, shown)[1]["text"] == "Sorry?"
    sealed.chat("hello")
    (secret,) = waited(3, shown)[2]["quick_reply"]["request"]["options"]["options"]
    chosen = {"request_id": "q", "selected_option_id": secret["id"], "metadata": secret["id"]}
    sealed.chat("Secret", quick_reply={"response": {"options": chosen}})
    assert waited(4, shown)[3]["text"] == "The secret page."
    assert len(shown()) == 4
    assert to(sealed.x, "/typing")


def test_the_same_person_may_write_unsealed(sealed: Sealed) -> None:
    data = {"target": {"recipient_id": BOT}, "sender_id": PERSON, "message_data": {"text": "order"}}
    message = {"type": "message_create", "id": "1", "message_create": data}
    sealed.deliver(received({"direct_message_events": [message]}, "dm.received"))
    place = f"/2/dm_conversations/with/{PERSON}/messages"
    (found,) = waited(1, lambda: to(sealed.x, place))
    assert found.body["text"].startswith("Found:\n\nStorm jacket\nThree layers")


def test_a_conversation_on_wechat_in_safe_mode(sealed: Sealed) -> None:
    def shown() -> list[Any]:
        return [heard.body for heard in to(sealed.wechat, "/message/custom/send")]

    sealed.wechat_says(Content="hello")
    (hello,) = waited(1, shown)
    assert (hello["touser"], hello["msgtype"]) == (USER, "msgmenu")
    (secret,) = hello["msgmenu"]["list"]
    assert secret["content"] == "Secret"
    sealed.wechat_says(Content="Secret", bizmsgmenuid=secret["id"])
    assert waited(2, shown)[1]["text"]["content"] == "The secret page."
    sealed.wechat_says(Content="order")
    article, below = waited(4, shown)[2:4]
    assert article["news"]["articles"][0]["title"] == "Storm jacket"
    assert below["msgmenu"]["head_content"] == "Found:"
    assert len(to(sealed.wechat, "/stable_token")) == 1


def test_trials_of_the_address_are_answered_and_forgery_is_refused(sealed: Sealed) -> None:
    base = sealed.assistant.url + "/webhooks"
    tried = requests.get(f"{base}/x/webhook", params={"crc_token": "abc"}, timeout=10)
    digest = hmac.new(SECRET.encode(), b"abc", hashlib.sha256).digest()
    assert tried.json() == {"response_token": f"sha256={base64.b64encode(digest).decode()}"}
    body = received({"direct_message_events": []}, "dm.received")
    forging = requests.get(f"{base}/x/webhook", params={"crc_token": json.dumps(body)}, timeout=10)
    assert forging.status_code == 400
    made = {"timestamp": "1", "nonce": "n", "signature": signature(TOKEN, "1", "n")}
    tried = requests.get(f"{base}/wechat/webhook", params={**made, "echostr": "77"}, timeout=10)
    assert (tried.status_code, tried.text) == (200, "77")
    plain = xml("text", Content="hello").encode()
    for name, content in (("x", json.dumps(body).encode()), ("wechat", plain)):
        assert sealed.post(name, content, params=query()).status_code == 401
