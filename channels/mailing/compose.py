"""A turn as one mail: the words in plain text, and the same as HTML with links to tap."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from html import escape
from typing import Any
from urllib.parse import quote

from channels.ladder import absolute, picture
from channels.render import Button, Card, Reply
from channels.text import LINK, fit

MARK = "[#{}]"
"""Around the id of a choice, in the mail that a link begins."""
SUBJECT = 150
_POLICY = SMTP.clone(max_line_length=998)
"""Shorter lines would break the long ids of other mails; RFC 5322 has 998."""
_CELL = 'style="padding:8px;vertical-align:top"'


def answered(subject: str, text: str) -> str:
    """The subject of an answer; what has none is named by its first words."""
    first = " ".join(subject.split())
    if first[:3].lower() == "re:":
        return fit(first, SUBJECT)
    return f"Re: {fit(first or ' '.join(text.split())[:60], SUBJECT)}"


class Page:
    """The HTML of a turn. `numbers` are those under which the plain text shows the choices."""

    def __init__(self, address: str, subject: str, site: str, numbers: Mapping[str, int]) -> None:
        self._address, self._subject = address, subject
        self._site, self._numbers = site, numbers

    def html(self, turn: Sequence[Reply]) -> str:
        lang = next((reply.lang for reply in turn if reply.lang), None)
        mark = f' lang="{escape(lang)}"' if lang else ""
        parts = "".join(part for reply in turn for part in self._reply(reply))
        head = '<head><meta charset="utf-8"></head>'
        return f"<!doctype html><html{mark}>{head}<body>{parts}</body></html>"

    def _reply(self, reply: Reply) -> Iterable[str]:
        if reply.text:
            yield f"<p>{_lines(reply.text)}</p>"
        if reply.image:
            yield f"<p>{self._image(reply.image.src, reply.image.alt, 480)}</p>"
        if reply.cards:
            rows = "".join(self._card(card) for card in reply.cards)
            yield f'<table role="presentation" cellspacing="0">{rows}</table>'
        for button in reply.buttons:
            yield f"<p>{self._link(button)}</p>"

    def _card(self, card: Card) -> str:
        image = self._image(card.image.src, card.image.alt, 120) if card.image else ""
        link = absolute(card.url, self._site)
        title = f"<b>{escape(card.title)}</b>"
        head = _anchor(link, title) if link else title
        links = "".join(f"<br>{self._link(button)}" for button in card.buttons)
        text = f"{head}<br>{_lines(card.subtitle)}{links}"
        return f"<tr><td {_CELL}>{image}</td><td {_CELL}>{text}</td></tr>"

    def _image(self, src: str, alt: str, width: int) -> str:
        if shown := picture(src, self._site):
            return f'<img src="{escape(shown)}" alt="{escape(alt)}" width="{width}">'
        link = absolute(src, self._site)
        return _anchor(link, escape(alt or link)) if link else escape(alt)

    def _link(self, button: Button) -> str:
        if not button.payload:
            link = absolute(button.url, self._site)
            return _anchor(link, escape(button.title)) if link else escape(button.title)
        number = self._numbers.get(button.payload)
        words = quote(f"{button.title} {MARK.format(button.payload)}", safe="")
        subject, ours = quote(self._subject, safe=""), quote(self._address, safe="@")
        link = f"mailto:{ours}?subject={subject}&body={words}"
        return _anchor(link, escape(f"{number}. {button.title}" if number else button.title))


def message(body: Mapping[str, Any], address: str, sender: str, key: str) -> EmailMessage:
    """The mail of a letter; the same `key` gives the same Message-ID. Raises `ValueError`."""
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = formataddr((sender, address)) if sender else address
    mail["To"] = ascii_address(body["to"])
    mail["Subject"] = body["subject"]
    mail["Date"] = format_datetime(datetime.now(timezone.utc))
    mail["Message-ID"] = (
        f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{address.partition('@')[2]}>"
    )
    if body["answers"]:
        mail["In-Reply-To"] = body["answers"]
        mail["References"] = " ".join(body["references"])
    mail["Auto-Submitted"] = "auto-replied"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(body["text"], cte="quoted-printable")
    mail.add_alternative(body["html"], subtype="html", cte="quoted-printable")
    return mail


def ascii_address(address: str) -> str:
    """With the name of the host as the net has it. Raises `ValueError` if that is not enough."""
    name, _, host = address.rpartition("@")
    made = f"{name}@{host.encode('idna').decode()}"
    if not made.isascii():
        raise ValueError("an address that few servers take")
    return made


def _lines(text: str) -> str:
    """Text as HTML, its links to be followed."""
    out, place = [], 0
    for link in LINK.finditer(text):
        url = link.group().rstrip(".,;:!?)")
        out += [escape(text[place : link.start()]), _anchor(url, escape(url))]
        place = link.start() + len(url)
    return "".join([*out, escape(text[place:])]).replace("\n", "<br>")


def _anchor(link: str, html: str) -> str:
    return f'<a href="{escape(link)}">{html}</a>'
