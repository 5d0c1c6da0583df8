"""WeChat: `channels.wechat.WeChat: {appid, secret, token, aes_key}` in credentials.yml.

https://developers.weixin.qq.com/doc/service/en/guide/product/kf/intro.html: a verified service
account; others may not write. `token` and `aes_key` are what is set in the console beside the
address; with `aes_key` only safe mode is taken, without it nothing proves a message but the
address it comes to, for 10 minutes. Text 2,048 bytes; a menu has a text of 1,024 bytes and 10
lines of 128 (the customer service platform's limits; this one's are not published); one article
with a picture; a picture of 10 MB, which is uploaded and keeps for 3 days.

After a message 5 answers within 48 h; after a tap on a menu, a follow or a scan 3 within a
minute: so texts that follow one another are one, and cards, unless it is a single one, stand in
the text. Every answer is HTTP 200: its `errcode` says what it means. A click on a custom menu of
the account is taken as its key, said by the person.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import aiohttp
from rasa.shared.exceptions import RasaException
from sanic.response import HTTPResponse, text

from channels.base import DAY, Address, Event, Incoming, Rendered, same
from channels.calls import Answer, Call, File, Pace, Request, Sent, by_status
from channels.guard import Refused
from channels.limits import Bubble, Can, Carousel, Form
from channels.pictures import Picture, UploadAdapter
from channels.render import Card, Reply
from channels.text import utf8
from channels.tokens import Token
from channels.wechat_envelope import fields, opened, secret_key, signature

PLAIN_SECONDS = 600.0
"""How old the signature of a message may be that does not sign the message itself."""
SEND = "message/custom/send"
MEDIA = {
    "image": "picture",
    "video": "video",
    "shortvideo": "video",
    "voice": "voice",
    "location": "place",
}
UNSHOWN = "【收到不支持的消息类型，暂无法显示】"
"""What comes in the place of a sticker."""
TOKEN = {40001, 40014, 41001, 42001}
LATER = {-1: 5.0, 45009: 3600.0, 45011: 60.0, 40013: 60.0, 40125: 60.0, 40164: 60.0, 61004: 60.0}
"""Busy, quota of the day and of the minute; account, secret, address: somebody will mend it."""
CLOSED = {45015, 45047}
"""The time, or the number of answers, is over."""
LEFT = {40003, 43004, 46004}
"""Not a person who follows this account."""

logger = logging.getLogger(__name__)


class WeChat(UploadAdapter):
    needs = ("appid", "secret", "token")
    api = "https://api.weixin.qq.com/cgi-bin"
    window = 2 * DAY
    account_pace, person_pace = Pace(50, 50), Pace(2, 5)
    can = Can(
        text=2048,
        unit=utf8,
        titles=utf8,
        buttons=Form(count=10, title=128, text=1024),
        carousel=Carousel(1, title=128, text=512, buttons=Form(0, 0, 0), single=True),
        picture=Form(count=0, title=0, text=0),
        joined=True,
    )
    picture_bytes, picture_seconds = 10_000_000, 2 * DAY

    @classmethod
    def name(cls) -> str:
        return "wechat"

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        try:
            self._key = secret_key(self["aes_key"]) if self["aes_key"] else None
        except ValueError as error:
            raise RasaException(f"credentials: channels.wechat.WeChat: aes_key: {error}") from error
        self._refused = ""

    @property
    def account(self) -> str:
        return self["appid"]

    def verify(self, request: Incoming) -> None:
        """In safe mode the message itself is signed, else only that WeChat knows the token."""
        if self._key:
            try:
                sealed = fields(request.body)["Encrypt"]
            except (ValueError, KeyError) as error:
                raise Refused(401, "not sealed") from error
            same(request.query.get("msg_signature"), self._signature(request, sealed))
            return
        same(request.query.get("signature"), self._signature(request))
        stamp = request.query.get("timestamp", "")
        known = stamp.isascii() and stamp.isdigit() and len(stamp) <= 12
        if not known or abs(time.time() - int(stamp)) > PLAIN_SECONDS:
            raise Refused(401, "age")

    def challenge(self, request: Incoming) -> HTTPResponse | None:
        """WeChat tries the address: in the plain, or sealed as WeCom does it."""
        said = request.query.get("echostr", "")
        if self._key and "msg_signature" in request.query:
            same(request.query.get("msg_signature"), self._signature(request, said))
            try:
                return text(opened(said, self._key, self.account).decode())
            except ValueError as error:
                raise Refused(401, "sealed") from error
        same(request.query.get("signature"), self._signature(request))
        return text(said)

    def items(self, body: bytes) -> Iterable[Any]:
        message = fields(body)
        return (
            [fields(opened(message["Encrypt"], self._key, self.account))]
            if self._key
            else [message]
        )

    def event(self, item: Any) -> Event | None:
        user, kind = item["FromUserName"], item["MsgType"]
        known: dict[str, Any] = {"at": float(item["CreateTime"]), "to": {"user": user}}
        if kind == "event":
            return _happened(item, user, known)
        ident, words = item["MsgId"], item.get("Content") or item.get("Recognition") or ""
        if item.get("bizmsgmenuid"):
            return Event("choice", ident, user, text=words, choice=item["bizmsgmenuid"], **known)
        if words.strip() and words != UNSHOWN:
            return Event("text", ident, user, text=words, **known)
        media = "sticker" if words else MEDIA.get(kind, "")
        return Event("media", ident, user, media=media, **known)

    def taken(self, body: bytes = b"") -> HTTPResponse:
        return text("success")

    def render(self, turn: Sequence[Reply], to: Address) -> Rendered:
        return super().render([part for reply in turn for part in _articles(reply)], to)

    def draw(self, bubble: Bubble, to: Address) -> Iterable[Call]:
        if bubble.form == "picture":
            return [_call(to["user"], "image", url=bubble.image)]
        if bubble.form == "carousel":
            return [_article(to["user"], card) for card in bubble.cards]
        if not bubble.buttons:
            return [_call(to["user"], "text", content=bubble.text)]
        lines = [{"id": button.payload, "content": button.title} for button in bubble.buttons]
        menu = {"head_content": bubble.text, "list": lines, "tail_content": ""}
        return [_call(to["user"], "msgmenu", **menu)]

    def instead(self, call: Call) -> Call | None:
        """A picture or an article that is refused: its words and its address."""
        user, kind = str(call.body.get("touser")), call.body.get("msgtype")
        if kind == "image":
            return _call(user, "text", content=call.body["image"]["url"])
        if kind != "news":
            return None
        (article,) = call.body["news"]["articles"]
        words = [article[name] for name in ("title", "description", "url") if article.get(name)]
        return _call(user, "text", content="\n".join(words))

    def hints(self, to: Address) -> Iterable[Call]:
        yield Call("message/custom/typing", {"touser": to["user"], "command": "Typing"})

    def request(self, call: Call, key: str) -> Request:
        token = quote(self._tokens.access, safe="")
        return Request(f"{self.host}/{call.path}?access_token={token}", json=dict(call.body))

    def judge(self, answer: Answer) -> Sent:
        said = answer.body if isinstance(answer.body, dict) else None
        if answer.status != 200 or said is None:
            sent = by_status(answer)
            return sent if sent.error else Sent("later", "no JSON")
        code = said.get("errcode", 0)
        words = f"{code} {str(said.get('errmsg', ''))[:100]}".strip()
        if code == 0:
            return Sent("sent")
        if code in TOKEN:
            self._refused = self._tokens.access
            again = self._tokens.refused()
            return Sent("later", words, 0.0 if again else 60.0)
        if code in LATER:
            return Sent("later", words, LATER[code], everyone=code != -1)
        if code in CLOSED:
            return Sent("closed", words)
        return Sent("left" if code in LEFT else "refused", words)

    async def register(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        """There is no request for it; the console calls `url` while it is set."""
        await self.check(http, url)
        return [
            f"in the console under basic configuration set the URL {url}, the token and the"
            " EncodingAESKey, in safe mode",
            "there too, put this server's address on the IP allow-list",
        ]

    async def check(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        """Whether the account's secret is good and this server may call; WeChat tells no more."""
        await self.ask(http, "get_api_domain_ip")
        if not self._key:
            return [
                "without `aes_key` messages are not signed: set it, and safe mode in the console"
            ]
        return []

    def _signature(self, request: Incoming, *sealed: str) -> str:
        query = request.query
        return signature(self["token"], query.get("timestamp", ""), query.get("nonce", ""), *sealed)

    async def _renewed(self, http: aiohttp.ClientSession, _: str) -> Token:
        """The account's token; a new one only if WeChat refused the one that it would give."""
        for force in (False, True):
            body = {"grant_type": "client_credential", "appid": self["appid"]}
            body |= {"secret": self["secret"]}
            request = Request(f"{self.host}/stable_token", json={**body, "force_refresh": force})
            given = await self._given(http, request, "access_token")
            token = str(given["access_token"])
            if token != self._refused:
                break
        return Token(token, time.time() + float(given.get("expires_in") or 0))

    async def _uploaded(self, http: aiohttp.ClientSession, picture: Picture) -> str:
        file = File("media", picture.name, picture.type, picture.content)
        where = f"{self.request(Call('media/upload', {}), '').url}&type=image"
        data = await self._given(http, Request(where, form=[], file=file), "media_id")
        return str(data["media_id"])


def _happened(item: Mapping[str, str], user: str, known: dict[str, Any]) -> Event | None:
    kind, key = item["Event"].lower(), item.get("EventKey", "")
    ident = f"{user}.{item['CreateTime']}.{kind}"
    if kind in ("subscribe", "scan"):
        ref = key.removeprefix("qrscene_")
        return Event("start", ident, user, about={"ref": ref} if ref else {}, **known)
    if kind == "unsubscribe":
        return Event("left", ident, user, **known)
    if kind in ("click", "scancode_waitmsg"):
        words = item.get("ScanResult") or key
        return Event("text", ident, user, text=words, **known) if words else None
    return None  # the person opened a page, or reports where they are; ends of what we sent


def _articles(reply: Reply) -> Iterable[Reply]:
    """A single card is an article, which has no choices: they come below, with the text."""
    if len(reply.cards) != 1 or not reply.cards[0].url:
        return [reply]
    (card,) = reply.cards
    below = replace(reply, cards=(), buttons=(*card.buttons, *reply.buttons))
    return [Reply(lang=reply.lang, cards=(replace(card, buttons=()),)), below]


def _article(user: str, card: Card) -> Call:
    """It always leads somewhere: to the product, else to its picture; or it is a text."""
    picture = card.image.src if card.image else None
    if not (card.url or picture):
        return _call(user, "text", content=f"{card.title}\n{card.subtitle}".strip())
    article = {"title": card.title, "description": card.subtitle, "url": card.url or picture}
    return _call(user, "news", articles=[{**article, **({"picurl": picture} if picture else {})}])


def _call(user: str, kind: str, **content: Any) -> Call:
    return Call(SEND, {"touser": user, "msgtype": kind, kind: content})
