"""What vendors keep of us in their text fields, so that their people can read it and we can too.

The text of a contact holds one line a fact (`language: pl`, `preference size: M`,
`consent newsletter 2026-11-23: the words`), that of a deal when it was made and for how much
(`2026-11-23T10:00:00Z, 129.90 PLN`) and one line an item (`2 x Rain jacket [jacket/jacket-m]`);
lines of other people in between stay as they are. What is logged ends in a mark, by which it is
found again.
"""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import replace
from datetime import datetime, timezone

from shop.model import Bought, Contact, Deal, DealStage, Lead, Note
from shop.payments.amounts import from_units

LONGEST = 9_000  # characters of a note: the shortest of the vendors' limits, with a margin
FACT = re.compile(r"(language|preference|consent)(?: (.+?))??(?: \d{4}-\d\d-\d\d)?: (.*)")
MOMENT = "%Y-%m-%dT%H:%M:%SZ"
TOTAL = re.compile(r"(\d{4}-\d\d-\d\dT[\d:]{8}Z), (-?\d+(?:\.\d+)?) ([A-Z]{3})")
ITEM = re.compile(r"(\d+) x (.*) \[([^\[\]/]+)/([^\[\]]+)\]")


def address(who: str) -> str:
    """An e-mail in lower case, a phone number without its spaces and signs."""
    return who.strip().lower() if "@" in who else re.sub(r"[^\d+]", "", who)


def split(name: str | None) -> tuple[str, str]:
    """First and last name, as vendors keep them apart; a single word is the last one."""
    first, _, last = (name or "").strip().rpartition(" ")
    return first, last


def joined(*parts: str | None) -> str | None:
    return " ".join(part for part in parts if part) or None


def one_line(text: str) -> str:
    return " ".join(text.split())


def written(contact: Contact, before: str = "") -> str:
    """The text of a contact with what is new; a consent keeps the day on which it was given."""
    lines = [line for line in before.splitlines() if line.strip()]
    known = known_facts(before)
    today = datetime.now(timezone.utc).date()
    new = {f"preference {k}": (f"preference {k}", v) for k, v in contact.preferences.items()}
    new |= {f"consent {k}": (f"consent {k} {today}", v) for k, v in contact.consents.items()}
    if contact.language:
        new["language"] = ("language", contact.language)
    for key, (label, value) in new.items():
        if known.get(key) == one_line(value):
            continue
        lines = [line for line in lines if not is_fact(line, key)]
        lines.append(f"{label}: {one_line(value)}")
    return "\n".join(lines)


def is_fact(line: str, key: str) -> bool:
    return key in known_facts(line)


def known_facts(text: str) -> dict[str, str]:
    found = (FACT.fullmatch(line.strip()) for line in text.splitlines())
    return {" ".join(filter(None, match.groups()[:2])): match[3] for match in found if match}


def read(contact: Contact, text: str) -> Contact:
    """The contact with what its text says."""
    facts = known_facts(text)
    return replace(
        contact,
        language=facts.get("language"),
        preferences={
            key.removeprefix("preference "): value
            for key, value in facts.items()
            if key.startswith("preference ")
        },
        consents={
            key.removeprefix("consent "): value
            for key, value in facts.items()
            if key.startswith("consent ")
        },
    )


def deal_written(deal: Deal) -> str:
    items = (
        f"{item.quantity} x {one_line(item.title)} [{item.product_id}/{item.variant_id}]"
        for item in deal.items
    )
    return "\n".join(
        [f"{moment(deal.placed)}, {deal.amount.decimal} {deal.amount.currency}", *items]
    )


def deal_read(number: str, who: str, text: str) -> Deal | None:
    """A won deal; None where people have written something else in its place."""
    lines = [line.strip() for line in text.splitlines()]
    total = next(filter(None, map(TOTAL.fullmatch, lines)), None)
    if total is None:
        return None
    items = tuple(Bought(m[3], m[4], m[2], int(m[1])) for m in map(ITEM.fullmatch, lines) if m)
    placed = datetime.strptime(total[1], MOMENT).replace(tzinfo=timezone.utc)
    amount = from_units(total[2], 0, total[3])
    return Deal(number, who, amount, DealStage.WON, items, int(placed.timestamp()))


def moment(at: int) -> str:
    return datetime.fromtimestamp(at, timezone.utc).strftime(MOMENT)


def mark(*parts: str) -> str:
    """Tells apart what was logged; says nothing of the conversation, whose id may be a phone."""
    return f"sk-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:16]}"


def mark_of(note: Note) -> str:
    return mark(note.conversation, note.outcome, note.reference)


def subject(note: Note) -> str:
    return one_line(f"{note.outcome} {note.reference}")[:120]


def body(note: Note) -> str:
    """What happened, what was said, and the mark; of a long conversation the end."""
    details = [f"{name}: {one_line(value)}" for name, value in note.details.items() if value]
    said = "\n".join(f"{who}: {text}" for who, text in note.transcript)[-LONGEST:]
    return "\n".join(filter(None, [subject(note), *details, said, mark_of(note)]))


def question(lead: Lead) -> str:
    return f"{lead.reference} ({lead.language})\n{lead.question[:LONGEST]}\n{mark(lead.reference)}"


def to_html(text: str) -> str:
    return html.escape(text, quote=False).replace("\n", "<br/>")


def from_html(text: str) -> str:
    lines = re.sub(r"<br\s*/?>|</(?:p|div|li)>", "\n", text)
    return html.unescape(re.sub(r"<[^>]+>", "", lines)).strip()
