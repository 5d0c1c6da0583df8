"""What a platform can show, and a turn laid out for it. Pure functions.

The ladder: buttons, quick replies, a list, a numbered menu in the text; cards in a carousel, one
by one with an image and a caption, in the text. A rung is taken when everything fits on it, so
that no choice, price or link is left out; a title that is cut stands in full in the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import urljoin, urlsplit

import yaml

from channels.limits import Bubble, Can, Carousel, Form
from channels.render import Button, Card, Reply
from channels.text import fit, split

UNSHOWN = (".svg", ".webp")
"""Images for which some platforms refuse the whole message."""
SEPARATOR = "\n\n"


@dataclass
class Menu:
    """The numbers under which choices are shown in texts of one turn."""

    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, button: Button) -> int:
        return self.numbers.setdefault(button.payload or "", len(self.numbers) + 1)


def layout(turn: Sequence[Reply], can: Can, site: str = "") -> tuple[list[Bubble], dict[str, int]]:
    """The bubbles of a turn, and the number of each choice that a text numbers.

    `site` is what paths such as `/product/1` are below.
    """
    menu, bubbles = Menu(), []
    for left, reply in zip(range(len(turn) - 1, -1, -1), turn, strict=True):
        bubbles += _Layout(can, menu, reply.lang, site, last=not left).reply(reply)
    return (_join(bubbles, can) if can.joined else bubbles), menu.numbers


def word(name: str, language: str | None) -> str:
    """A word of the channels' own, in the language of the conversation."""
    known = words()
    return known.get(language or "", known["en"])[name]


@cache
def words() -> dict[str, dict[str, str]]:
    return dict(yaml.safe_load(Path(__file__).with_name("words.yml").read_text("utf-8")))


def absolute(link: str | None, site: str) -> str | None:
    """`link` as the platform can follow it; None if it is a path and no site is known."""
    whole = urljoin(site, link) if link else None
    return whole if whole and urlsplit(whole).scheme else None


def picture(link: str | None, site: str) -> str | None:
    """The address of an image that platforms fetch: public, and in a format that all show."""
    whole = absolute(link, site) or ""
    parts = urlsplit(whole)
    shown = parts.scheme == "https" and not parts.path.lower().endswith(UNSHOWN)
    return whole if shown and len(whole) <= 1000 else None


@dataclass(frozen=True)
class _Layout:
    can: Can
    menu: Menu
    lang: str | None
    site: str
    last: bool
    """Whether nothing comes after: quick replies go away with the next message."""

    def reply(self, reply: Reply) -> list[Bubble]:
        text, buttons = reply.text, tuple(self._linked(reply.buttons))
        cards = [replace(c, buttons=tuple(self._linked(c.buttons))) for c in reply.cards]
        image = picture(reply.image.src, self.site) if reply.image and self.can.picture else None
        if reply.image and not image:
            link = absolute(reply.image.src, self.site)
            text = "\n".join(part for part in (text, reply.image.alt, link) if part)
        if not cards:
            return self._pictured(image, text, buttons) if image else self._ask(text, buttons)
        shown = self._pictured(image, text, ()) if image else []
        if image:
            text = ""
        if carousels := self._carousels(cards):
            return [*shown, *self._ask(text, ()), *carousels, *self._ask("", buttons)]
        if self.can.each or (len(cards) == 1 and self.can.picture):
            single = [bubble for card in cards for bubble in self._single(card)]
            return [*shown, *self._ask(text, ()), *single, *self._ask("", buttons)]
        listed = SEPARATOR.join([text, *(self._card_text(card) for card in cards)]).strip()
        about = [replace(b, about=card.title) for card in cards for b in card.buttons]
        return [*shown, *self._ask(listed, (*about, *buttons))]

    def _linked(self, buttons: Iterable[Button]) -> Iterable[Button]:
        for button in buttons:
            if button.payload:
                yield button
            elif url := absolute(button.url, self.site):
                yield replace(button, url=url)

    def _single(self, card: Card) -> list[Bubble]:
        if self.last:
            return replace(self, last=False)._single(card)
        text, source = self._card_text(card), card.image.src if card.image else None
        image = picture(source, self.site)
        if image and self.can.picture:
            return self._pictured(image, text, card.buttons)
        return self._ask(text, card.buttons)

    def _card_text(self, card: Card) -> str:
        lines = (card.title, card.subtitle, absolute(card.url, self.site))
        return "\n".join(line for line in lines if line)

    def _carousels(self, cards: Sequence[Card]) -> list[Bubble]:
        """All the cards natively, or nothing if a part of one would be lost."""
        room = self.can.carousel
        if not room or (room.single and len(cards) > 1):
            return []
        cards = [self._spread(card, room) for card in cards]
        if not all(self._fits(card, room) for card in cards):
            return []
        groups = [cards[at : at + room.count] for at in range(0, len(cards), room.count)]
        ready = [tuple(self._ready(card) for card in group) for group in groups]
        return [Bubble("carousel", lang=self.lang, cards=group) for group in ready]

    def _spread(self, card: Card, room: Carousel) -> Card:
        """A title that is too long goes on in the line below."""
        title, *rest = split(card.title, room.title, self.can.titles) or [""]
        below = "\n".join(part for part in (" ".join(rest), card.subtitle) if part)
        return replace(card, title=title, subtitle=below)

    def _fits(self, card: Card, room: Carousel) -> bool:
        length, link = self.can.titles, absolute(card.url, self.site)
        return (
            0 < length(card.title) <= room.title
            and length(card.subtitle) <= room.text
            and bool(card.subtitle or card.buttons)
            and len(card.buttons) <= room.buttons.count
            and all(b.payload or _linkable(b, room.buttons) for b in card.buttons)
            and (link is None or _public(link))
            and self._distinct([button.title for button in card.buttons], room.buttons)
        )

    def _ready(self, card: Card) -> Card:
        link, image = absolute(card.url, self.site), card.image
        src = picture(image.src, self.site) if image else None
        return replace(card, url=link, image=replace(image, src=src) if image and src else None)

    def _pictured(self, image: str, text: str, buttons: tuple[Button, ...]) -> list[Bubble]:
        form = self.can.picture
        if form:
            made = self._under("picture", form, text, buttons)
            if made and self.can.unit(made.text) <= form.text:
                return [replace(made, image=image)]
        alone = Bubble("picture", lang=self.lang, image=image)
        return [alone, *self._ask(text, buttons)]

    def _ask(self, text: str, buttons: tuple[Button, ...]) -> list[Bubble]:
        """A text with its choices and links on the highest rung where they fit."""
        if not buttons:
            return self._texts(text)
        text = text or word("choose", self.lang)
        rungs: list[tuple[Literal["buttons", "quick", "rows"], Form | None]] = [
            ("buttons", self.can.buttons),
            ("quick", self.can.quick if self.last else None),
            ("rows", self.can.rows),
        ]
        forms = [(name, form) for name, form in rungs if form]
        made = (
            (form, self._under(name, form, text, buttons, whole))
            for whole in (True, False)
            for name, form in forms
        )
        for form, bubble in made:
            if bubble:
                return self._parted(bubble, form)
        if forms and any(
            button.payload for button in buttons
        ):  # the most that one takes, and all of them in the text
            name, form = max(forms, key=lambda rung: rung[1].count)
            text += self._lines(buttons)
            shown = [self._numbered(b, form) for b in buttons if b.payload][: form.count]
            return self._parted(Bubble(name, text, self.lang, tuple(shown)), form)
        return self._texts(text + self._lines(buttons))

    def _parted(self, bubble: Bubble, form: Form) -> list[Bubble]:
        """A text that is too long for its choices comes before them, in part."""
        *before, last = split(bubble.text, form.text, self.can.unit)
        parts = [Bubble(text=part, lang=self.lang) for part in before]
        return [*parts, replace(bubble, text=last)]

    def _under(
        self,
        name: Literal["buttons", "quick", "rows", "picture"],
        form: Form,
        text: str,
        buttons: tuple[Button, ...],
        whole: bool = True,
    ) -> Bubble | None:
        """The bubble if its buttons fit; with `whole` only if no title has to be cut."""
        shown = tuple(b for b in buttons if b.payload or _linkable(b, form))
        rest = tuple(b for b in buttons if b not in shown)
        if len(shown) > form.count or (not shown and name != "picture"):
            return None
        if self._distinct([_named(b, form) for b in shown], form):
            text += self._lines(rest)
            shown = tuple(replace(b, title=_named(b, form)) for b in shown)
        elif whole:
            return None
        else:
            text += self._lines(buttons)
            shown = tuple(self._numbered(b, form) for b in shown)
        return Bubble(name, text.strip(), self.lang, shown)

    def _distinct(self, titles: Sequence[str], form: Form) -> bool:
        """Whether every title fits and no two look alike."""
        fitting = all(self.can.titles(title) <= form.title for title in titles)
        return fitting and len({title.casefold() for title in titles}) == len(titles)

    def _numbered(self, button: Button, form: Form) -> Button:
        if not button.payload:
            return replace(button, title=fit(button.title, form.title, self.can.titles))
        title = f"{self.menu.number(button)}. {_named(button, form)}"
        return replace(button, title=fit(title, form.title, self.can.titles))

    def _lines(self, buttons: Iterable[Button]) -> str:
        """The numbered menu: what has no other form."""
        lines = []
        for button in buttons:
            name = f"{button.about}: {button.title}" if button.about else button.title
            mark = f"{self.menu.number(button)}. {name}" if button.payload else name
            lines.append(mark if button.payload else f"{mark}: {button.url}")
        return "".join(f"\n{line}" for line in lines)

    def _texts(self, text: str) -> list[Bubble]:
        parts = split(text, self.can.text, self.can.unit)
        return [Bubble(text=part, lang=self.lang) for part in parts]


def _linkable(button: Button, form: Form) -> bool:
    return form.links and _public(button.url) and len(button.url or "") <= form.link


def _public(url: str | None) -> bool:
    """Whether platforms take it for a button: no mail, no telephone, no machine of our own."""
    parts = urlsplit(url or "")
    return parts.scheme in ("http", "https") and "." in (parts.hostname or "")


def _named(button: Button, form: Form) -> str:
    return f"{button.title}: {button.about}" if button.about and not form.detail else button.title


def _join(bubbles: Sequence[Bubble], can: Can) -> list[Bubble]:
    out: list[Bubble] = []
    for bubble in bubbles:
        if out and out[-1].form == "text" and bubble.form != "carousel":
            joined = f"{out[-1].text}{SEPARATOR}{bubble.text}".strip()
            if can.unit(joined) <= _room(bubble, can):
                out[-1] = replace(bubble, text=joined)
                continue
        out.append(bubble)
    return out


def _room(bubble: Bubble, can: Can) -> int:
    forms: dict[str, Form | None] = {
        "buttons": can.buttons,
        "quick": can.quick,
        "rows": can.rows,
        "picture": can.picture,
    }
    form = forms.get(bubble.form)
    return form.text if form else can.text
