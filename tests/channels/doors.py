"""How a person's words and taps come in on each platform: the webhook as the platform makes it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlencode

from standardwebhooks import Webhook
from twilio.request_validator import RequestValidator

PUBLIC = "https://bot.example"
RELAY_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HEX_SECRET = "6f0c1b2a9d8e7f605142332415061728"
PERSON = "7000001"


@dataclass(frozen=True)
class Said:
    """What a person does: types `text`, or taps the choice that is shown as `text`."""

    text: str
    choice: str = ""
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def number(self) -> int:
        return int(self.id[:12], 16)


@dataclass(frozen=True)
class Post:
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Door:
    stanza: str
    settings: dict[str, Any]
    post: Callable[[Said], Post]
    cards: str
    """What the requests have in which cards are shown natively."""
    choices: str
    """The same for choices; "" where there are none and a number is typed."""


def hexed(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def telegram(said: Said) -> Post:
    person = {"id": int(PERSON), "is_bot": False, "first_name": "A", "language_code": "en"}
    chat = {"id": int(PERSON), "type": "private"}
    message = {"message_id": 1, "date": int(time.time()), "chat": chat, "from": person}
    update: dict[str, Any] = {"message": {**message, "text": said.text}}
    if said.choice:
        query = {"id": said.id, "from": person, "message": message, "data": said.choice}
        update = {"callback_query": query}
    body = json.dumps({"update_id": said.number, **update}).encode()
    return Post(body, {"X-Telegram-Bot-Api-Secret-Token": "a-secret-of-ours"})


def page(kind: str) -> Callable[[Said], Post]:
    def post(said: Said) -> Post:
        event: dict[str, Any] = {"message": {"mid": said.id, "text": said.text}}
        if said.choice:
            event = {"postback": {"mid": said.id, "payload": said.choice, "title": said.text}}
        known = {"sender": {"id": PERSON}, "recipient": {"id": "1"}, "timestamp": now()}
        entry = {"id": "1", "time": now(), "messaging": [{**known, **event}]}
        return meta({"object": kind, "entry": [entry]})

    return post


def whatsapp(said: Said) -> Post:
    what: dict[str, Any] = {"type": "text", "text": {"body": said.text}}
    if said.choice:
        reply = {"type": "button_reply", "button_reply": {"id": said.choice, "title": said.text}}
        what = {"type": "interactive", "interactive": reply}
    message = {"from": PERSON, "id": said.id, "timestamp": str(int(time.time())), **what}
    value = {"metadata": {"phone_number_id": "1"}, "messages": [message]}
    value |= {"messaging_product": "whatsapp", "contacts": [{"wa_id": PERSON}]}
    entry = {"id": "2", "changes": [{"field": "messages", "value": value}]}
    return meta({"object": "whatsapp_business_account", "entry": [entry]})


def meta(content: Any) -> Post:
    body = json.dumps(content).encode()
    return Post(body, {"X-Hub-Signature-256": f"sha256={hexed('s', body)}"})


def line(said: Said) -> Post:
    event: dict[str, Any] = {"type": "message", "message": {"type": "text", "text": said.text}}
    if said.choice:
        event = {"type": "postback", "postback": {"data": said.choice}}
    known = {"source": {"type": "user", "userId": PERSON}, "timestamp": now(), "mode": "active"}
    known |= {"webhookEventId": said.id, "replyToken": said.id}
    body = json.dumps({"destination": "1", "events": [{**event, **known}]}).encode()
    digest = hmac.new(b"s", body, hashlib.sha256).digest()
    return Post(body, {"X-Line-Signature": base64.b64encode(digest).decode()})


def viber(said: Said) -> Post:
    person = {"id": PERSON, "name": "A", "language": "en"}
    message = {"type": "text", "text": said.choice or said.text}
    known = {"event": "message", "timestamp": now(), "message_token": said.number}
    body = json.dumps({**known, "sender": person, "message": message}).encode()
    return Post(body, {"X-Viber-Content-Signature": hexed("t", body)})


def sms(said: Said) -> Post:
    form = {"MessageSid": said.id, "From": f"+{PERSON}", "To": "+1", "Body": said.text}
    signature = RequestValidator("t").compute_signature(f"{PUBLIC}/webhooks/sms/webhook", form)
    typed = "application/x-www-form-urlencoded"
    return Post(urlencode(form).encode(), {"X-Twilio-Signature": signature, "Content-Type": typed})


def wechat(said: Said) -> Post:
    stamp = str(int(time.time()))
    digest = hashlib.sha1("".join(sorted(("t", stamp, "n"))).encode()).hexdigest()
    parts = {"ToUserName": "g", "FromUserName": PERSON, "CreateTime": stamp, "MsgType": "text"}
    parts |= {"Content": said.text, "MsgId": str(said.number)}
    parts |= {"bizmsgmenuid": said.choice} if said.choice else {}
    body = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in parts.items())
    query = {"timestamp": stamp, "nonce": "n", "signature": digest}
    return Post(f"<xml>{body}</xml>".encode(), {}, query)


def x(said: Said) -> Post:
    message = {"sender_id": PERSON, "target": {"recipient_id": "1"}}
    message |= {"message_data": {"text": said.text}}
    known = {"type": "message_create", "id": said.id, "created_timestamp": str(now())}
    payload = {"direct_message_events": [{**known, "message_create": message}]}
    head = {"event_uuid": said.id, "filter": {"user_id": "1"}, "event_type": "dm.received"}
    body = json.dumps({"data": {**head, "payload": payload}}).encode()
    digest = base64.b64encode(hmac.new(b"s", body, hashlib.sha256).digest()).decode()
    return Post(body, {"X-Twitter-Webhooks-Signature": f"sha256={digest}"})


def tiktok(said: Said) -> Post:
    tapped = {"reply_source_payload": {"reply_source_unique_id": said.choice}}
    content = {
        "conversation_id": PERSON,
        "message_id": said.id,
        "timestamp": now(),
        "type": "text",
        "from_user": {"id": "u", "role": "personal_account"},
        "text": {"body": said.text},
        **(tapped if said.choice else {}),
    }
    known = {"event": "im_receive_msg", "user_openid": "b"}
    body = json.dumps({**known, "content": json.dumps(content)}).encode()
    stamp = str(int(time.time()))
    return Post(
        body, {"Tiktok-Signature": f"t={stamp},s={hexed('s', stamp.encode() + b'.' + body)}"}
    )


def hootsuite(said: Said) -> Post:
    data = {"conversationId": "0-01e67a8c216", "contactProfile": {"id": PERSON}}
    data |= {"message": {"messageId": said.id, "text": said.text}}
    stamp = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f789Z")
    head = {"type": "INBOUND_MESSAGE_RECEIVED", "version": 1, "idempotencyKey": said.id}
    body = json.dumps({**head, "timestamp": stamp, "data": data}).encode()
    digest = hmac.new(bytes.fromhex(HEX_SECRET), body, hashlib.sha256).hexdigest()
    return Post(body, {"X-Hootsuite-Signature": digest})


def relay(said: Said) -> Post:
    message = {"id": said.id, "from": PERSON, "text": said.text, "choice": said.choice}
    body, when = json.dumps({"messages": [message]}), datetime.now(timezone.utc)
    signature = Webhook(RELAY_SECRET).sign(said.id, when, body)
    stamp = str(int(when.timestamp()))
    head = {"webhook-id": said.id, "webhook-timestamp": stamp, "webhook-signature": signature}
    return Post(body.encode(), head)


def now() -> int:
    return int(time.time() * 1000)


META = {"token": "t", "app_secret": "s", "verify_token": "v"}
DOORS = {
    "telegram": Door(
        "channels.telegram.Telegram",
        {"token": "12:abc", "secret": "a-secret-of-ours"},
        telegram,
        cards='"inline_keyboard"',
        choices='"callback_data"',
    ),
    "messenger": Door(
        "channels.messenger.Messenger",
        {"page": "1", **META},
        page("page"),
        cards='"template_type": "generic"',
        choices='"template_type": "button"|"quick_replies"',
    ),
    "instagram": Door(
        "channels.instagram.Instagram",
        {"account": "1", **META},
        page("instagram"),
        cards='"template_type": "generic"',
        choices='"template_type": "button"|"quick_replies"',
    ),
    "whatsapp": Door(
        "channels.whatsapp.WhatsApp",
        {"number": "1", **META},
        whatsapp,
        cards='"type": "list"',
        choices='"type": "button"',
    ),
    "line": Door(
        "channels.line.Line",
        {"token": "t", "secret": "s"},
        line,
        cards='"type": "carousel"',
        choices='"type": "buttons"|"quickReply"',
    ),
    "viber": Door(
        "channels.viber.Viber",
        {"token": "t", "sender": "Halny"},
        viber,
        cards='"type": "rich_media"',
        choices='"keyboard"',
    ),
    "sms": Door(
        "channels.twilio.Twilio",
        {"sid": "AC1", "token": "t", "number": "+1", "url": PUBLIC},
        sms,
        cards=r"1\. ",
        choices="",
    ),
    "wechat": Door(
        "channels.wechat.WeChat",
        {"appid": "wx1", "secret": "s", "token": "t"},
        wechat,
        cards='"msgtype": "msgmenu"',
        choices='"msgtype": "msgmenu"',
    ),
    "x": Door(
        "channels.x.X",
        {"user": "1", "consumer_secret": "s", "token": "t"},
        x,
        cards=r"1\. ",
        choices="",
    ),
    "tiktok": Door(
        "channels.tiktok.TikTok",
        {"app": "a", "secret": "s", "business": "b", "refresh": "r"},
        tiktok,
        cards='"type": "QA_BUTTON_CARD"',
        choices='"type": "QA_(BUTTON|LINK)_CARD"',
    ),
    "hootsuite": Door(
        "channels.hootsuite.Hootsuite",
        {"organization": "900002", "client": "c", "secret": "s", "webhook_secret": HEX_SECRET},
        hootsuite,
        cards=r"1\. ",
        choices="",
    ),
    "relay": Door(
        "channels.relay.Relay",
        {"secret": RELAY_SECRET},
        relay,
        cards='"cards"',
        choices='"choice"',
    ),
}
