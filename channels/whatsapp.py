"""WhatsApp: `channels.whatsapp.WhatsApp: {number, token, app_secret, verify_token}`.

https://developers.facebook.com/docs/whatsapp/cloud-api. `number` is the telephone number's id.
Text 4,096 characters, with buttons or a list 1,024; 3 buttons with titles of 20, or a list of 10
rows with titles of 24 and a second line of 72. One message in 6 s to a person in the long run, so
texts that follow one another are one message. Answers within 24 h of the person's message; later
only the setting `template: {name, language}`, an approved template with one variable in its body.

A person may hide the number: then `user_id` says who it is. It is also the conversation's name
when both are given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import aiohttp

from channels.base import DAY, Address, Event, each, part
from channels.calls import Answer, Call, Pace, Sent
from channels.ladder import word
from channels.limits import Bubble, Can, Form
from channels.meta import MetaAdapter
from channels.receipts import Receipt, final
from channels.render import Button
from channels.text import fit

MEDIA = ("image", "video", "audio", "document", "sticker", "location", "contacts", "order")
UNKNOWN = ("unsupported", "unknown")
ARRIVED = ("sent", "delivered", "read", "played")
NEWS = 900
"""Characters of a template's variable."""


class WhatsApp(MetaAdapter):
    needs = ("number", "token", "app_secret", "verify_token")
    of = "whatsapp_business_account"
    window = DAY
    photos = True
    account_pace, person_pace = Pace(80, 80), Pace(1 / 6, 6)
    can = Can(
        text=4096,
        buttons=Form(count=3, title=20, text=1024),
        rows=Form(count=10, title=24, text=1024, detail=72),
        picture=Form(count=3, title=20, text=1024),
        joined=True,
    )

    @classmethod
    def name(cls) -> str:
        return "whatsapp"

    @property
    def account(self) -> str:
        return self["number"]

    def items(self, body: bytes) -> Iterable[Any]:
        for entry in self.entries(body):
            for change in each(entry, "changes"):
                value = part(change, "value") if change.get("field") == "messages" else {}
                if part(value, "metadata").get("phone_number_id") == self.account:
                    people = each(value, "contacts") or [{}]
                    for place, message in enumerate(each(value, "messages")):
                        yield message, people[min(place, len(people) - 1)]
                    for status in each(value, "statuses"):
                        yield status, None

    def event(self, item: Any) -> Event | Receipt | None:
        message, contact = item
        if contact is None:
            return self._receipt(message)
        if message.get("group_id"):
            return None
        number = message.get("from") or ""
        user = message.get("from_user_id") or (number and contact.get("user_id")) or number
        to = {"to": number} if number else {"recipient": user}
        known = {"at": float(message["timestamp"]), "to": {**to, "message": message["id"]}}
        return _event(message, str(user), {**known, "about": _about(message)})

    def _receipt(self, status: Mapping[str, Any]) -> Receipt | None:
        told, person = status.get("status"), status.get("recipient_user_id")
        about = {"message": status["id"], "user": person or str(status.get("recipient_id"))}
        if told in ARRIVED:
            return Receipt("sent", **about)
        if told != "failed":
            return None
        error = (each(status, "errors") or [{}])[0]
        words = {"code": error.get("code"), "message": error.get("title")}
        judged = self.judge(Answer(400, {}, {"error": words}))
        return Receipt(final(judged), **about, error=judged.error)

    def judge(self, answer: Answer) -> Sent:
        sent = super().judge(answer)
        made = each(answer.body, "messages")
        return replace(sent, message=str(made[0].get("id") or "")) if made else sent

    def draw(self, bubble: Bubble, to: Address) -> Iterable[Call]:
        if bubble.form == "picture" and not bubble.buttons:
            caption = {"caption": bubble.text} if bubble.text else {}
            return [self._call(to, "image", {"link": bubble.image, **caption})]
        if not bubble.buttons:
            return [self._call(to, "text", {"body": bubble.text, "preview_url": False})]
        text = bubble.text or word("choose", bubble.lang)
        if bubble.form == "rows":
            rows = [_row(button) for button in bubble.buttons]
            label = word("choose", bubble.lang)
            kind, action = "list", {"button": label, "sections": [{"rows": rows}]}
        else:
            kind, action = "button", {"buttons": [_reply(button) for button in bubble.buttons]}
        body = {"type": kind, "body": {"text": text}, "action": action}
        if bubble.image:
            body["header"] = {"type": "image", "image": {"link": bubble.image}}
        return [self._call(to, "interactive", body)]

    def instead(self, call: Call) -> Call | None:
        body = dict(call.body)
        if body.get("type") == "image" and "caption" in body["image"]:
            return self._call(body, "text", {"body": body["image"]["caption"]})
        if "header" in body.get("interactive", {}):
            bare = {name: part for name, part in body["interactive"].items() if name != "header"}
            return self._call(body, "interactive", bare)
        return None

    def reopened(self, call: Call) -> Call | None:
        template, words = self.settings.get("template") or {}, _words(call.body)
        if not template.get("name") or not words:
            return None
        variable = {"type": "text", "text": fit(" ".join(words.split()), NEWS)}
        parts = {
            "name": template["name"],
            "language": {"policy": "deterministic", "code": template.get("language") or "en"},
            "components": [{"type": "body", "parameters": [variable]}],
        }
        return self._call(call.body, "template", parts)

    def hints(self, to: Address) -> Iterable[Call]:
        if "message" in to:
            seen = {"messaging_product": "whatsapp", "status": "read", "message_id": to["message"]}
            yield Call(self._messages, {**seen, "typing_indicator": {"type": "text"}})

    async def register(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        left = []
        if self["business"]:
            await self.ask(http, f"{self['business']}/subscribed_apps", {})
        else:
            left = ["set `business` to the WhatsApp Business account's id and register again"]
        return [*left, *await self.subscribe(http, url, ["messages"])]

    async def check(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        await self.ask(http, self.account)
        if not self["business"]:
            return []
        apps = (await self.ask(http, f"{self['business']}/subscribed_apps")).get("data") or []
        return [] if apps else ["the account does not deliver messages: register it"]

    @property
    def _messages(self) -> str:
        return f"{self.account}/messages"

    def _call(self, to: Mapping[str, Any], kind: str, content: Mapping[str, Any]) -> Call:
        person = {name: to[name] for name in ("to", "recipient") if name in to}
        head = {"messaging_product": "whatsapp", "recipient_type": "individual", **person}
        return Call(self._messages, {**head, "type": kind, kind: content})


def _event(message: Mapping[str, Any], user: str, known: dict[str, Any]) -> Event | None:
    kind, ident = message["type"], message["id"]
    content = message.get(kind) or {}
    if kind == "text":
        return Event("text", ident, user, text=content["body"], **known)
    if kind == "interactive" and content["type"] in ("button_reply", "list_reply"):
        reply = content[content["type"]]
        return Event("choice", ident, user, text=reply["title"], choice=reply["id"], **known)
    if kind == "button":  # of a template: what stands on it is all that we know
        return Event("text", ident, user, text=content["text"], **known)
    if kind == "request_welcome":
        return Event("start", ident, user, **known)
    if kind == "image" and isinstance(content, dict) and content.get("id"):
        known["photo"] = str(content["id"])
    if kind in MEDIA and isinstance(content, dict) and content.get("caption"):
        return Event("text", ident, user, text=content["caption"], **known)
    if kind in (*MEDIA, *UNKNOWN, "interactive"):
        return Event("media", ident, user, media=kind, **known)
    return None  # reactions, edits, withdrawn messages, changes of number


def _about(message: Mapping[str, Any]) -> dict[str, Any]:
    """The advertisement that led here, and the product that the message is about."""
    referral, product = (
        part(message, "referral"),
        part(part(message, "context"), "referred_product"),
    )
    about: dict[str, Any] = {}
    if referral.get("source_id"):
        about["ref"] = str(referral["source_id"])
    if product.get("product_retailer_id"):
        about["page"] = {"product": str(product["product_retailer_id"])}
    return about


def _reply(button: Button) -> dict[str, Any]:
    return {"type": "reply", "reply": {"id": button.payload, "title": button.title}}


def _row(button: Button) -> dict[str, Any]:
    row = {"id": button.payload, "title": button.title}
    return {**row, "description": fit(button.about, 72)} if button.about else row


def _words(body: Mapping[str, Any]) -> str:
    kind = body.get("type")
    content = body.get(str(kind)) or {}
    if kind == "text":
        return str(content["body"])
    return str(content.get("caption") or (content.get("body") or {}).get("text") or "")
