"""Mails as they come from the net, and what the adapter makes of them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from channels.base import Event
from channels.mail import Mail
from channels.mailing.imap import Fetched
from channels.receive import read

GIVEN = {
    "address": "Help@shop.example",
    "aliases": "sklep@shop.example",
    "imap": "imaps://imap.example",
    "smtp": "smtps://smtp.example",
    "password": "x",
    "sender": "Halny",
    "site": "https://shop.example/",
}
MINE = "Where is my order 10001?"
QUOTE = "> Which order do you mean?\n> 1. Jacket\n"


def mail(text: str = MINE, raw: bytes | None = None, **headers: str) -> bytes:
    """A mail as it comes from the net; `_` in a name is `-`, a header that is "" is left out."""
    usual = {
        "From": "Anna Nowak <Anna@Example.com>",
        "To": "help@shop.example",
        "Subject": "Hello",
        "Message_ID": "<m1@example.com>",
        "MIME_Version": "1.0",
        "Content_Type": "text/plain; charset=utf-8",
        **headers,
    }
    head = "".join(f"{k.replace('_', '-')}: {v}\r\n" for k, v in usual.items() if v)
    body = raw if raw is not None else text.replace("\n", "\r\n").encode()
    return head.encode() + b"\r\n" + body


def heard(raw: bytes, **settings: Any) -> Event | None:
    found = read(Mail({**GIVEN, **settings}), [Fetched(raw, "7.42", 1700.0)])
    return found[0] if found else None


def said(text: str, **headers: str) -> str:
    event = heard(mail(text, **headers))
    assert event
    return event.text


def body(made: Any, kind: str) -> str:
    return str(made.get_body((kind,)).get_content()).replace("\r\n", "\n").strip()


def links(html: str) -> dict[str, str]:
    found = re.findall(r'<a href="([^"]*)">(.*?)</a>', html)
    return {unescape(re.sub("<[^>]*>", "", title)): unescape(link) for link, title in found}


ANNA = "anna@example.com"
THREAD = ["<m0@shop.example>", "<m1@example.com>"]
TO = {"address": ANNA, "subject": "Hello", "id": "<m1@example.com>", "references": THREAD}
