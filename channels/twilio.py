"""SMS through Twilio: `channels.twilio.Twilio: {sid, token, number, url}` in credentials.yml.

https://www.twilio.com/docs/messaging/api/message-resource. A text of at most 10 segments, which is
below Twilio's 1,600 characters: Polish letters, and á í ó ú, halve what a segment holds. No
buttons: choices are a numbered menu. `number` is a telephone number or a messaging service (MG...);
`url` is a part of what Twilio signs. Who sends STOP is not written to again until they write.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import aiohttp
from sanic.response import HTTPResponse

from channels.base import Adapter, Address, Event, Incoming
from channels.calls import Answer, Call, Pace, Request, Sent, Trouble, by_status
from channels.guard import Refused
from channels.limits import Bubble, Can
from channels.receipts import Receipt
from channels.text import segments

STOPPED = 21610
RATE = {14107, 20429, 63038}
NUMBERS = "IncomingPhoneNumbers"
ARRIVED, FAILED = ("sent", "delivered", "read"), ("undelivered", "failed")


class Twilio(Adapter):
    needs = ("sid", "token", "number", "url")
    api = "https://api.twilio.com"
    account_pace, person_pace = Pace(1, 10), Pace(1, 3)
    can = Can(text=10, unit=segments, joined=True)

    @classmethod
    def name(cls) -> str:
        return "sms"

    @property
    def account(self) -> str:
        return self["number"]

    def verify(self, request: Incoming) -> None:
        """Behind a proxy Twilio signs the address it knows, with or without the port."""
        given = request.headers.get("x-twilio-signature", "").encode("utf-8", "replace")
        form = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
        signed = [self._signature(address, form).encode() for address in self._addresses()]
        if not any(hmac.compare_digest(given, ours) for ours in signed):
            raise Refused(401, "signature")

    def items(self, body: bytes) -> Iterable[Any]:
        return [dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True))]

    def event(self, item: Any) -> Event | Receipt | None:
        if "MessageStatus" in item:
            return _receipt(item)
        ident, user, to = item["MessageSid"], item["From"], {"to": item["From"]}
        if item.get("OptOutType") in ("START", "HELP"):  # Twilio answers these itself
            return None
        if item.get("OptOutType") == "STOP":
            return Event("left", ident, user, to=to)
        if item["Body"].strip():
            return Event("text", ident, user, text=item["Body"], to=to)
        if item.get("NumMedia", "0") in ("", "0"):
            return None
        media = item.get("MediaContentType0", "").partition("/")[0]
        return Event("media", ident, user, media=media, to=to)

    def taken(self, body: bytes = b"") -> HTTPResponse:
        return HTTPResponse("<Response/>", content_type="text/xml")

    def draw(self, bubble: Bubble, to: Address) -> Iterable[Call]:
        service = self["number"].startswith("MG")
        sender = {"MessagingServiceSid" if service else "From": self["number"]}
        return [Call("Messages", {**sender, "To": to["to"], "Body": bubble.text})]

    def request(self, call: Call, key: str) -> Request:
        path, mark, query = call.path.partition("?")
        where = f"{self.host}/2010-04-01/Accounts/{self['sid']}/{path}.json{mark}{query}"
        secret = base64.b64encode(f"{self['sid']}:{self['token']}".encode()).decode()
        told = {"StatusCallback": self._addresses()[0]} if key else {}
        form = [(name, str(value)) for name, value in {**call.body, **told}.items()]
        return Request(where, {"Authorization": f"Basic {secret}"}, form=form)

    def judge(self, answer: Answer) -> Sent:
        said = answer.body if isinstance(answer.body, dict) else {}
        sent, code = by_status(answer), said.get("code")
        if not sent.error:
            return replace(sent, message=str(said.get("sid") or ""))
        words = f"{sent.error} {code or ''} {str(said.get('message', ''))[:100]}".strip()
        if code == STOPPED:
            return Sent("left", words)
        if code in RATE:
            return Sent("later", words, 5.0, everyone=True)
        return Sent(sent.state, words, 60.0 if answer.status == 401 else sent.wait, sent.everyone)

    async def register(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        if self["number"].startswith("MG"):
            return [f"in the messaging service's integration set the webhook {url}"]
        number = await self._number(http)
        await self.ask(http, f"{NUMBERS}/{number['sid']}", {"SmsUrl": url, "SmsMethod": "POST"})
        return []

    async def check(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        if self["number"].startswith("MG"):
            await self.ask(http, NUMBERS)
            return []
        known = (await self._number(http)).get("sms_url")
        return [] if known == url else [f"the webhook is {known or 'not set'}, not {url}"]

    async def _number(self, http: aiohttp.ClientSession) -> dict[str, Any]:
        found = await self.ask(http, f"{NUMBERS}?PhoneNumber={quote(self['number'])}")
        numbers = found.get("incoming_phone_numbers") or []
        if not numbers:
            raise Trouble(f"{self['number']} is not a number of this account")
        return dict(numbers[0])

    def _addresses(self) -> list[str]:
        whole = f"{self['url'].rstrip('/')}/webhooks/{self.name()}/webhook"
        parts = urlsplit(whole)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        hosts = (str(parts.hostname), f"{parts.hostname}:{port}")
        return [parts._replace(netloc=host).geturl() for host in hosts]

    def _signature(self, address: str, form: list[tuple[str, str]]) -> str:
        text = address + "".join(name + value for name, value in sorted(set(form)))
        digest = hmac.new(self["token"].encode(), text.encode("utf-8"), hashlib.sha1)
        return base64.b64encode(digest.digest()).decode()


def _receipt(item: Mapping[str, Any]) -> Receipt | None:
    about = {"message": item["MessageSid"], "user": item["To"]}
    if item["MessageStatus"] in ARRIVED:
        return Receipt("sent", **about)
    if item["MessageStatus"] not in FAILED:
        return None
    code = str(item.get("ErrorCode") or "")
    words = f"{item['MessageStatus']} {code}".strip()
    return Receipt("left" if code == str(STOPPED) else "refused", **about, error=words)
