"""TikTok: `channels.tiktok.TikTok: {app, secret, business, refresh}` in credentials.yml.

https://business-api.tiktok.com/portal/docs (Business Messaging API, v1.3), for approved apps and
for businesses that are not registered in the EEA, Switzerland or the UK. Text 6,000 characters; a
card has a question of 40 and 3 answers, of 20 characters as buttons, of 40 as lines; a JPEG or
PNG of 3 MB, which is uploaded and keeps for 30 days. 10 requests a second. The person writes
first; answers within 48 h, about 10 of them until they write again. Every answer is HTTP 200: its
`code` says what it means.

`business` is the account's `open_id`, `refresh` the refresh token that came with it. A token lasts
24 h; with the next one comes the next refresh token, so both are kept beside the inbox.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import time
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp

from channels.base import DAY, Address, Event, Incoming, json_object, part, same
from channels.calls import Answer, Call, File, Pace, Request, Sent, Trouble, by_status
from channels.guard import Refused
from channels.ladder import word
from channels.limits import Bubble, Can, Form
from channels.pictures import Picture, UploadAdapter
from channels.receipts import Receipt
from channels.tokens import Token

AGE_SECONDS = 300.0
"""How old a signature may be."""
SEND, UPLOAD = "business/message/send/", "business/message/media/upload/"
HOOK, HOOKS, RENEW = (
    "business/webhook/update/",
    "business/webhook/list/",
    "tt_user/oauth2/refresh_token/",
)
QUESTION = 40
RATE, TOKEN, WINDOW, TROUBLED = 40100, {40104, 40105}, 40064, 50_000
_ASKED = re.compile(r"(?s)(.*[.!?…\n])\s*([^\n.!?…]{1,39}\?)")

logger = logging.getLogger(__name__)


class TikTok(UploadAdapter):
    needs = ("app", "secret", "business", "refresh")
    api = "https://business-api.tiktok.com/open_api/v1.3"
    window = 2 * DAY
    most = 10
    account_pace, person_pace = Pace(8, 8), Pace(2, 10)
    can = Can(
        text=6000,
        buttons=Form(count=3, title=20, text=6000),
        rows=Form(count=3, title=40, text=6000),
        picture=Form(count=0, title=0, text=0),
        joined=True,
    )
    picture_bytes, picture_seconds = 3_000_000, 29 * DAY

    @classmethod
    def name(cls) -> str:
        return "tiktok"

    @property
    def account(self) -> str:
        return self["business"]

    def verify(self, request: Incoming) -> None:
        header = request.headers.get("tiktok-signature", "")
        given = dict(field.partition("=")[::2] for field in header.split(","))
        stamp = given.get("t", "")
        signed = stamp.encode("utf-8", "replace") + b"." + request.body
        same(given.get("s"), hmac.new(self["secret"].encode(), signed, hashlib.sha256).hexdigest())
        if not re.fullmatch(r"[0-9]{1,12}", stamp) or abs(time.time() - int(stamp)) > AGE_SECONDS:
            raise Refused(401, "age")

    def items(self, body: bytes) -> Iterable[Any]:
        return [json_object(body)]

    def event(self, item: Any) -> Event | Receipt | None:
        if item["user_openid"] != self.account:
            return None
        if item["event"] == "im_receive_msg_eu":  # without its words and without a way to answer
            logger.warning("tiktok: a person in the EEA, Switzerland or the UK cannot be answered")
        if item["event"] not in ("im_receive_msg", "im_referral_msg", "im_send_msg"):
            return None
        content = json_object(item["content"].encode())
        if item["event"] == "im_send_msg":
            return _echo(content)
        if str(part(content, "from_user").get("role")).lower() == "business_account":
            return None
        if item["event"] == "im_referral_msg":
            ident = f"{content['conversation_id']}.{content['timestamp']}"
            return _event("start", ident, content, about=_about(content))
        return _written(content)

    def draw(self, bubble: Bubble, to: Address) -> Iterable[Call]:
        if bubble.form == "picture":
            return [self._call(to["id"], "IMAGE", image={"url": bubble.image})]
        if not bubble.buttons:
            return [self._call(to["id"], "TEXT", text={"body": bubble.text})]
        text, question = _question(bubble)
        answers = [{"type": "REPLY", "title": b.title, "id": b.payload} for b in bubble.buttons]
        kind = "QA_BUTTON_CARD" if bubble.form == "buttons" else "QA_LINK_CARD"
        card = {"type": kind, "title": question, "buttons": answers}
        before = [self._call(to["id"], "TEXT", text={"body": text})] if text else []
        return [*before, self._call(to["id"], "TEMPLATE", template=card)]

    def instead(self, call: Call) -> Call | None:
        """A picture that cannot be uploaded, or shown where the person is: its address."""
        if call.body.get("message_type") != "IMAGE":
            return None
        return self._call(call.body["recipient"], "TEXT", text={"body": call.body["image"]["url"]})

    def hints(self, to: Address) -> Iterable[Call]:
        for action in ("MARK_READ", "TYPING"):
            yield self._call(to["id"], "SENDER_ACTION", sender_action=action)

    def request(self, call: Call, key: str) -> Request:
        if call.path == HOOKS:  # here, so that no message about an error has the secret
            query = {"app_id": self["app"], "secret": self["secret"]}
            more = "?" + urlencode({**query, "event_type": "DIRECT_MESSAGE"})
            return Request(f"{self.host}/{HOOKS}{more}")
        headers = {"Access-Token": self._tokens.access}
        return Request(f"{self.host}/{call.path}", headers, dict(call.body))

    def judge(self, answer: Answer) -> Sent:
        code = answer.body.get("code") if isinstance(answer.body, dict) else None
        if answer.status != 200 or not isinstance(code, int):
            sent = by_status(answer)
            return sent if sent.error else Sent("unknown", "no code")
        words = f"{code} {str(answer.body.get('message', ''))[:100]}".strip()
        if code == 0:
            named = part(part(answer.body, "data"), "message").get("message_id")
            return Sent("sent", message=str(named or ""))
        if code in TOKEN:
            self._tokens.refused()
            return Sent("later", words)
        if code == RATE or code >= TROUBLED:
            return Sent("later", words, 2.0 if code == RATE else None, everyone=code == RATE)
        return Sent("closed" if code == WINDOW else "refused", words)

    async def register(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        app = {"app_id": self["app"], "secret": self["secret"]}
        await self.ask(http, HOOK, {**app, "event_type": "DIRECT_MESSAGE", "callback_url": url})
        return ["in the TikTok app let the account take direct messages from everyone"]

    async def check(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        """The token is renewed on the way, if it is time."""
        hook = part(await self.ask(http, HOOKS), "data").get("callback_url")
        return [] if hook == url else [f"the webhook is {hook or 'not set'}, not {url}"]

    def _call(self, recipient: str, kind: str, **more: Any) -> Call:
        to = {"recipient_type": "CONVERSATION", "recipient": recipient}
        return Call(SEND, {"business_id": self.account, **to, "message_type": kind, **more})

    async def _uploaded(self, http: aiohttp.ClientSession, picture: Picture) -> str:
        form = [("business_id", self.account), ("media_type", "IMAGE")]
        file = File("file", picture.name, picture.type, picture.content)
        headers = {"Access-Token": self._tokens.access}
        request = Request(f"{self.host}/{UPLOAD}", headers, form=form, file=file)
        return str((await self._given(http, request, "media_id"))["media_id"])

    async def _renewed(self, http: aiohttp.ClientSession, refresh: str) -> Token:
        app = {"client_id": self["app"], "client_secret": self["secret"]}
        body = {**app, "grant_type": "refresh_token", "refresh_token": refresh}
        request = Request(f"{self.host}/{RENEW}", json=body)
        given = await self._given(http, request, "access_token", "refresh_token", "expires_in")
        if given.get("open_id", self.account) != self.account:
            raise Trouble("the refresh token is another account's")
        until = time.time() + float(given["expires_in"])
        return Token(given["access_token"], until, given["refresh_token"])

    def _content(self, body: Any) -> dict[str, Any]:
        return part(body, "data")


def _echo(content: Mapping[str, Any]) -> Receipt | None:
    """Of what an app sent; people write in TikTok itself too."""
    if part(content, "message_tag").get("source") != "API":
        return None
    return Receipt("sent", message=content["message_id"], user=content["conversation_id"])


def _written(content: Mapping[str, Any]) -> Event | None:
    ident, kind = content["message_id"], content["type"]
    if kind == "text":
        text = content["text"]["body"]
        tapped = part(content, "reply_source_payload").get("reply_source_unique_id")
        if tapped:
            return _event("choice", ident, content, text=text, choice=str(tapped))
        return _event("text", ident, content, text=text)
    if kind in ("reaction", "template"):
        return None
    return _event("media", ident, content, media=kind)


def _event(kind: Any, ident: str, content: Mapping[str, Any], **more: Any) -> Event:
    held, at = content["conversation_id"], content["timestamp"] / 1000
    return Event(kind, ident, held, at=at, to={"id": held}, **more)


def _about(content: Mapping[str, Any]) -> dict[str, Any]:
    """The word of the link, or the advertisement, that led here."""
    referral = part(content, "referral")
    ref = part(referral, "short_link").get("ref") or part(referral, "ad").get("ad_id")
    return {"ref": str(ref)} if ref else {}


def _question(bubble: Bubble) -> tuple[str, str]:
    """The text that comes first, and the question of the card, where links cannot be opened."""
    text = bubble.text
    if len(text) <= QUESTION and "\n" not in text and "://" not in text:
        return "", text
    if asked := _ASKED.fullmatch(text):
        return asked[1].strip(), asked[2].strip()
    return text, word("choose", bubble.lang)
