"""What the assistant has just said: its words compared with the texts in data/<topic>.

The web channel sends words alone, as a person gets them. A message is the response whose text it
fits; which question that is, is in its name: utter_which_method_return asks for a payment method.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pyicumessageformat import Parser

from bench.retail.data import ROOT

LEAST_LETTERS = 6  # of a template's own words; one with fewer fits anything
QUESTIONS = {  # what a reply is about, and the responses of that shape
    "who": ("utter_question_who", "utter_identify_unknown"),
    "postcode": ("utter_question_postcode",),
    "number": ("utter_question_order_number",),
    "order": ("utter_which_order", "utter_order_unknown"),
    "items": ("utter_which_lines_*",),
    "variants": ("utter_which_variant", "utter_no_such_variant"),
    "method": ("utter_which_method_*", "utter_method_not_possible"),
    "reason": ("utter_which_reason",),
    "address": ("utter_which_address",),
    "change": ("utter_change_what",),
    "confirm": ("utter_confirm_*",),
    "done": ("utter_done_*",),
    "refused": ("utter_refused_*", "utter_cannot_*", "utter_not_found", "utter_line_not_sold"),
    "left": ("utter_request_left", "utter_left_as_it_was"),
    "unclear": ("utter_which", "utter_offer_person", "utter_default", "utter_write_unclear"),
}
KINDS = {
    "change_items": "items",
    "change_payment": "payment",
    "change_address": "address",
    "exchange": "exchange",
    "return": "return",
    "cancel": "cancel",
}
Node = Any


@cache
def responses(language: str) -> list[tuple[str, re.Pattern[str], int]]:
    """Name, pattern and the number of letters that are the template's own."""
    found = []
    for file in sorted((ROOT / "data").glob(f"*/{language}.yml")):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        for name, variations in (content.get("responses") or {}).items():
            for text in (v.get("text") for v in variations):
                nodes = Parser().parse(text) if text and not name.startswith("utter_name_") else []
                weight = letters(nodes)
                if weight >= LEAST_LETTERS:
                    pattern = re.compile(rf"(?:.*\n\n)?{regex(nodes)}\s*", re.DOTALL)
                    found.append((name, pattern, weight))
    return sorted(found, key=lambda entry: -entry[2])


def letters(nodes: list[Node]) -> int:
    """How many letters are the template's own; of a choice, those of the shortest way."""
    count = 0
    for node in nodes:
        if isinstance(node, str):
            count += len(re.sub(r"\W", "", node))
        elif node.get("options"):
            count += min(letters(way) for way in node["options"].values())
    return count


def regex(nodes: list[Node]) -> str:
    """A pattern for what an ICU message may become."""
    parts = []
    for node in nodes:
        if isinstance(node, str):
            parts.append(re.escape(node.strip("\n")) if node.isspace() else re.escape(node))
        elif node.get("options"):
            ways = sorted({regex(way) for way in node["options"].values()}, key=len, reverse=True)
            parts.append(f"(?:{'|'.join(ways)})")
        else:
            parts.append(".*?")
    return "".join(parts)


def name_of(text: str, language: str) -> str | None:
    """The response that a message is, the one with most words of its own that fits."""
    said = text.strip()
    return next((n for n, pattern, _ in responses(language) if pattern.fullmatch(said)), None)


def asks(name: str) -> str | None:
    """What a response is about, in the words of QUESTIONS."""
    shapes = ((what, shape) for what, names in QUESTIONS.items() for shape in names)
    return next((what for what, shape in shapes if fnmatchcase(name, shape)), None)


def kind_of(name: str) -> str | None:
    """The kind of wish that a response speaks of."""
    return next((kind for ending, kind in KINDS.items() if name.endswith(f"_{ending}")), None)


@cache
def labels(language: str) -> dict[str, dict[str, str]]:
    """How the shop shows its products and option values to this shopper."""
    path = Path(ROOT / "shop" / "retail" / "terms.yml")
    terms = yaml.safe_load(path.read_text(encoding="utf-8"))
    products = {name: said.get(language, name) for name, said in terms["products"].items()}
    values = {name: said[language][0] for name, said in terms["values"].items() if language in said}
    return {"products": products, "values": values}


def shown(part: str, name: str, language: str) -> str:
    return labels(language)[part].get(name, name)
