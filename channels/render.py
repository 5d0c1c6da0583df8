"""What the bot said (Rasa's message dictionaries) as replies that every channel understands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from channels.clean import clean_text

PRODUCT = ("price", "currency", "regular", "lowest_30d", "rating", "reviews", "note", "in_stock")
"""Facts of a card that go out as the action gave them; all else about a product stays inside."""
_LINKS = {"https", "http", "mailto", "tel"}


@dataclass(frozen=True)
class Button:
    """Something to tap: a choice (`payload`, never shown to the shopper) or a link (`url`)."""

    title: str
    payload: str | None = None
    url: str | None = None
    about: str = ""
    """The card that it belongs to, where that is not to be seen."""


@dataclass(frozen=True)
class Image:
    src: str
    alt: str


@dataclass(frozen=True)
class Card:
    id: str
    title: str
    subtitle: str
    url: str | None
    image: Image | None
    facts: Mapping[str, Any]
    buttons: tuple[Button, ...]


@dataclass(frozen=True)
class Reply:
    """One message of the bot."""

    text: str = ""
    lang: str | None = None
    buttons: tuple[Button, ...] = ()
    cards: tuple[Card, ...] = ()
    image: Image | None = None
    person: bool = False
    """Whether a person is wanted from here on; for channels on which people read along."""

    def choices(self) -> list[Button]:
        """Every button with a payload, in the order in which they are shown."""
        shown = [*self.buttons, *(button for card in self.cards for button in card.buttons)]
        return [button for button in shown if button.payload]

    def offered(self, choice: Callable[[Button], str]) -> Reply:
        """The same with the ids that stand for its payloads."""

        def swap(buttons: tuple[Button, ...]) -> tuple[Button, ...]:
            return tuple(replace(b, payload=choice(b)) if b.payload else b for b in buttons)

        cards = tuple(replace(card, buttons=swap(card.buttons)) for card in self.cards)
        return replace(self, buttons=swap(self.buttons), cards=cards)

    def as_dict(self, choice: Callable[[Button], str]) -> dict[str, Any]:
        """The JSON that is kept and sent; `choice` gives the id that stands for a payload."""
        return {
            "text": self.text,
            "lang": self.lang,
            "buttons": [_tappable(button, choice) for button in self.buttons],
            "cards": [_card_dict(card, choice) for card in self.cards],
            "image": vars(self.image) if self.image else None,
        }


def replies(said: Iterable[Mapping[str, Any]]) -> list[Reply]:
    """A turn's messages, without the empty ones and those that only repeat the one before.

    Buttons that come without a text belong to the message before them.
    """
    out: list[Reply] = []
    for message in said:
        reply = _reply(message)
        only_buttons = reply.buttons and not (reply.text or reply.cards or reply.image)
        if only_buttons and out:
            out[-1] = replace(out[-1], buttons=out[-1].buttons + reply.buttons)
        elif reply != Reply(lang=reply.lang) and out[-1:] != [reply]:
            out.append(reply)
    return out


def _reply(said: Mapping[str, Any]) -> Reply:
    text = _text(said.get("text"))
    attachment = _link(said.get("attachment"))
    return Reply(
        text="\n".join(part for part in (text, attachment) if part),
        lang=said.get("lang"),
        buttons=_buttons([*(said.get("buttons") or []), *(said.get("quick_replies") or [])]),
        cards=tuple(_card(element) for element in said.get("elements") or []),
        image=_image(said.get("image"), ""),
        person=bool(said.get("person")),
    )


def _card(element: Mapping[str, Any]) -> Card:
    product = element.get("product") or {}
    title = _text(element.get("title"))
    return Card(
        id=_text(product.get("id")),
        title=title,
        subtitle=_text(element.get("subtitle")),
        url=_link(element.get("url")),
        image=_image(element.get("image_url"), _text(product.get("alt")) or title),
        facts={name: product.get(name) for name in PRODUCT},
        buttons=_buttons(element.get("buttons") or []),
    )


def _buttons(given: Iterable[Mapping[str, Any]]) -> tuple[Button, ...]:
    made = (
        Button(_text(button.get("title")), button.get("payload") or None, _link(button.get("url")))
        for button in given
    )
    return tuple(button for button in made if button.title and (button.payload or button.url))


def _image(src: Any, alt: str) -> Image | None:
    link = _link(src)
    return Image(link, alt) if link else None


def _link(url: Any) -> str | None:
    """`url` if a person may be sent there; a path of the shop's own page may, a script may not."""
    address = _text(url)
    try:
        scheme = urlsplit(address).scheme
    except ValueError:
        return None
    own = address.startswith("/") and not address.startswith("//")
    return address if scheme in _LINKS or own else None


def _text(value: Any) -> str:
    return clean_text(value) if isinstance(value, str) else ""


def _tappable(button: Button, choice: Callable[[Button], str]) -> dict[str, str]:
    if button.payload:
        return {"title": button.title, "choice": choice(button)}
    return {"title": button.title, "url": button.url or ""}


def _card_dict(card: Card, choice: Callable[[Button], str]) -> dict[str, Any]:
    return {
        "id": card.id,
        "title": card.title,
        "subtitle": "" if card.facts.get("price") else card.subtitle,  # the page has the facts
        "url": card.url,
        "image": vars(card.image) if card.image else None,
        **card.facts,
        "buttons": [_tappable(button, choice) for button in card.buttons],
    }
