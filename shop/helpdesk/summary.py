"""A ticket in words for the person who answers it, made of facts. The words are those of words.yml
in the shop's own language (policy.yml: default_language)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale

from shop.model import Ticket
from shop.policy import policy

SUBJECT = 80  # characters of the question in a subject
LONGEST = 30_000  # characters of a note: the shortest of the vendors' limits, with a margin


def subject(ticket: Ticket) -> str:
    """One line: the order, if there is one, and how the question begins."""
    line = " ".join(ticket.question.split())
    short = line if len(line) <= SUBJECT else f"{line[: SUBJECT - 1]}…"
    order = f"{words()['order']} {ticket.order_number}: " if ticket.order_number else ""
    return f"{order}{short}" or words()["subject"]


def summary(ticket: Ticket) -> str:
    """Lines of "label: value"; what is not known has no line."""
    known = words()
    wishes = [known["wishes"][wish] for wish in ticket.wanted if wish in known["wishes"]]
    lines = {
        "question": ticket.question,
        "contact": ticket.contact,
        "order": ticket.order_number or "",
        "wanted": ", ".join(wishes),
        "products": ", ".join(ticket.products),
        "language": language_name(ticket.language),
        "channel": known["channels"].get(ticket.channel, ticket.channel),
        "conversation": ticket.conversation,
    }
    return "\n".join(f"{known[label]}: {value}" for label, value in lines.items() if value)


def transcript(ticket: Ticket) -> str:
    return "\n".join(f"{words()[who]}: {said}" for who, said in ticket.transcript)


def note(ticket: Ticket) -> str:
    """Summary and transcript in one text."""
    said = transcript(ticket)
    parts = (summary(ticket), f"{words()['transcript']}\n{said}" if said else "")
    return "\n\n".join(part for part in parts if part)[:LONGEST]


def language_name(code: str) -> str:
    return Locale(words_language()).languages.get(code, code)


def words() -> dict[str, Any]:
    return all_words()[words_language()]


def words_language() -> str:
    wished = policy().default_language
    return wished if wished in all_words() else "en"


@cache
def all_words() -> dict[str, Any]:
    return yaml.safe_load(Path(__file__).with_name("words.yml").read_text(encoding="utf-8"))
