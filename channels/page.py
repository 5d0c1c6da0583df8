"""What Messenger and Instagram share: their events, templates and quick replies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from channels.base import Address, Event, each, part
from channels.calls import Call
from channels.limits import Bubble
from channels.meta import MetaAdapter
from channels.receipts import Receipt
from channels.render import Button, Card

START = "start"
"""The payload of the first button, set when the channel is registered."""


class PageAdapter(MetaAdapter):
    """Messenger and Instagram: the same events and templates."""

    photos = True

    def items(self, body: bytes) -> Iterable[Any]:
        for entry in self.entries(body):
            if str(entry.get("id")) == self.account:  # `standby`: another app has the thread
                yield from each(entry, "messaging")

    def event(self, item: Any) -> Event | Receipt | None:
        user = str((item.get("sender") or {}).get("id") or "")
        if (item.get("message") or {}).get("is_echo"):
            return _echo(item)
        if not user or user == self.account:
            return None
        if message := item.get("message"):
            if any(message.get(mark) for mark in ("is_echo", "is_self", "is_deleted")):
                return None
            return self._message(item, user, message)
        if postback := item.get("postback"):
            ident = postback.get("mid") or f"{user}.{item['timestamp']}"
            kind, chosen = "choice", str(postback.get("payload") or "")
            if chosen == START:
                kind, chosen = "start", ""
            title = str(postback.get("title") or "")
            return _event(kind, ident, user, item, text=title, choice=chosen, about=_ref(postback))
        if referral := item.get("referral"):
            return _event(
                "start",
                f"{user}.{item['timestamp']}",
                user,
                item,
                about=_ref({"referral": referral}),
            )
        return None

    def _message(self, item: Any, user: str, message: Any) -> Event | None:
        words, reply = str(message.get("text") or ""), message.get("quick_reply") or {}
        media = [a for a in message.get("attachments") or () if a.get("type") != "fallback"]
        kind = "choice" if reply.get("payload") else "text" if words else "media"
        if kind == "media" and not media and not message.get("is_unsupported"):
            return None
        chosen = str(reply.get("payload") or "")
        more: dict[str, Any] = {"text": words, "choice": chosen, "about": _ref(message)}
        images = [part(a, "payload").get("url") for a in media if a.get("type") == "image"]
        if any(images) and not message.get("sticker_id"):
            more["photo"] = str(next(filter(None, images)))
        if kind == "media" and media:
            more["media"] = "sticker" if message.get("sticker_id") else str(media[0].get("type"))
        return _event(kind, message["mid"], user, item, **more)

    def draw(self, bubble: Bubble, to: Address) -> Iterable[Call]:
        if bubble.form == "picture":
            image = {"type": "image", "payload": {"url": bubble.image}}
            return [self._message_to(to, {"attachment": image})]
        if bubble.form == "carousel":
            elements = [_element(card) for card in bubble.cards]
            payload = {"template_type": "generic", "elements": elements}
        elif bubble.form == "buttons":
            buttons = [_button(button) for button in bubble.buttons]
            payload = {"template_type": "button", "text": bubble.text, "buttons": buttons}
        else:
            quick = {"quick_replies": [_quick(b) for b in bubble.buttons]} if bubble.buttons else {}
            return [self._message_to(to, {"text": bubble.text, **quick})]
        return [self._message_to(to, {"attachment": {"type": "template", "payload": payload}})]

    def instead(self, call: Call) -> Call | None:
        """A carousel without its images: one that Meta cannot fetch refuses them all."""
        message = call.body.get("message") or {}
        payload = (message.get("attachment") or {}).get("payload") or {}
        elements = payload.get("elements") or ()
        if not any("image_url" in element for element in elements):
            return None
        bare = [{k: v for k, v in element.items() if k != "image_url"} for element in elements]
        template = {"type": "template", "payload": {**payload, "elements": bare}}
        return Call(call.path, {**call.body, "message": {"attachment": template}})

    def hints(self, to: Address) -> Iterable[Call]:
        for action in ("mark_seen", "typing_on"):
            body = {"recipient": {"id": to["id"]}, "sender_action": action}
            yield Call(self.messages, body)

    @property
    def messages(self) -> str:
        return f"{self.account}/messages"

    def _message_to(self, to: Address, message: Mapping[str, Any]) -> Call:
        body = {"recipient": {"id": to["id"]}, "messaging_type": "RESPONSE", "message": message}
        return Call(self.messages, body)


def _event(kind: Any, ident: str, user: str, item: Any, **more: Any) -> Event:
    stamp = float(item["timestamp"]) if "timestamp" in item else None
    return Event(kind, ident, user, at=stamp and stamp / 1000, to={"id": user}, **more)


def _echo(item: Any) -> Receipt | None:
    """Of a message of ours, as we marked it, or by its words: people write from the page too."""
    message = item["message"]
    if letter := message.get("metadata"):
        return Receipt("sent", str(letter))
    person, text = str((item.get("recipient") or {}).get("id") or ""), message.get("text")
    known = person and text and not (message.get("is_self") or message.get("is_deleted"))
    return Receipt("sent", user=person, text=str(text)) if known else None


def _ref(holder: Mapping[str, Any]) -> dict[str, Any]:
    ref = (holder.get("referral") or {}).get("ref")
    return {"ref": str(ref)} if ref else {}


def _button(button: Button) -> dict[str, str]:
    if button.payload:
        return {"type": "postback", "title": button.title, "payload": button.payload}
    return {"type": "web_url", "title": button.title, "url": str(button.url)}


def _quick(button: Button) -> dict[str, str]:
    return {"content_type": "text", "title": button.title, "payload": str(button.payload)}


def _element(card: Card) -> dict[str, Any]:
    parts: dict[str, Any] = {"title": card.title}
    if card.subtitle:
        parts["subtitle"] = card.subtitle
    if card.image:
        parts["image_url"] = card.image.src
    if card.url:
        parts["default_action"] = {"type": "web_url", "url": card.url}
    if card.buttons:
        parts["buttons"] = [_button(button) for button in card.buttons]
    return parts
