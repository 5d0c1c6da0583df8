"""What a person wrote in a mail: without the mails that it quotes, and without a signature.

In doubt a line is kept: words too many are understood better than words too few.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from channels.mailing.phrases import pattern

_WHEN = re.compile(r"\d{1,2}[:.]\d\d|\d{4}|@|<")
_RULE = re.compile(r"_{25,}")
SIGNATURE_LINES, SIGNATURE_WIDTH = 8, 80
HEAD_LINES = 3
"""Lines over which "On ... wrote:" may be broken."""


def written(text: str) -> str:
    """The person's own words; "" if there are none."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return "\n".join(_unsigned(_unquoted(lines))).strip()


def forwarded(text: str) -> str:
    """The words of the mail that was passed on; "" if none was."""
    lines = [line.strip() for line in text.splitlines()]
    for place in range(len(lines)):
        if _ends(lines, place):
            rest = [inner.lstrip("> ") for inner in lines[place:]]
            while rest and (not rest[0] or _passed_on(rest[0]) or _field(rest[0])):
                rest = rest[1:]
            return written("\n".join(rest))
    return ""


def _unquoted(lines: Sequence[str]) -> list[str]:
    kept: list[str] = []
    place = 0
    while place < len(lines):
        line = lines[place].strip()
        if _ends(lines, place):
            break
        if length := _attribution(lines, place):
            place += length
            if not _quote_follows(lines, place):
                break
            continue
        if not line.startswith((">", "|>")):
            kept.append(lines[place])
        place += 1
    return kept


def _attribution(lines: Sequence[str], place: int) -> int:
    """The number of lines that "On ... wrote:" takes here, 0 if it does not stand here."""
    if not lines[place].strip():
        return 0
    for length in range(1, HEAD_LINES + 1):
        part = [line.strip() for line in lines[place : place + length]]
        if not all(part):
            return 0
        joined = " ".join(part).lstrip("> ")
        if len(joined) > 300:
            return 0
        wrote = pattern("wrote", r"\b{}.{0,120}:$")
        if joined.endswith(":") and wrote.search(joined) and _WHEN.search(joined):
            return length if length == 1 or not _sentence(part[0]) else 0
    return 0


def _sentence(line: str) -> bool:
    return line.endswith((".", "!", "?"))


def _quote_follows(lines: Sequence[str], place: int) -> bool:
    following = next((line.strip() for line in lines[place:] if line.strip()), "")
    return following.startswith((">", "|>"))


def _ends(lines: Sequence[str], place: int) -> bool:
    """Whether another mail begins here, and so all that follows is not the person's."""
    line = lines[place].strip()
    return bool(_passed_on(line) or _RULE.fullmatch(line)) or _head(lines, place)


def _passed_on(line: str) -> bool:
    marked = line.startswith(("-", "_")) or line.endswith(":")
    return marked and bool(pattern("passed_on", r"[-_ ]*{}[-_: ]*").fullmatch(line))


def _field(line: str) -> bool:
    return bool(pattern("fields", r"\W{0,3}{}\W{0,2}:").match(line))


def _head(lines: Sequence[str], place: int) -> bool:
    """Whether the header of another mail stands here, as Outlook writes it."""
    if not pattern("sender", r"\W{0,3}{}\W{0,2}:").match(lines[place].strip()):
        return False
    near = [line.strip() for line in lines[place : place + 8] if line.strip()]
    return sum(_field(line) for line in near[:6]) >= 3


def _unsigned(lines: list[str]) -> list[str]:
    for place, line in enumerate(lines):
        own = any(before.strip() for before in lines[:place])
        if line.rstrip() in ("--", "—") or pattern("device", r"\W{0,2}{}").match(line.strip()):
            return lines[:place]
        closing = pattern("closing", r"{}[\s,.!]*").fullmatch(line.strip())
        if own and closing and _short(lines[place + 1 :]):
            return lines[:place]
    return lines


def _short(rest: Sequence[str]) -> bool:
    """Whether it can be a name and an address: few lines, none of them a sentence or a question."""
    full = [line.strip() for line in rest if line.strip()]
    return len(full) <= SIGNATURE_LINES and not any(
        len(line) > SIGNATURE_WIDTH or line.endswith("?") for line in full
    )
