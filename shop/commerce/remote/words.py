"""What vendors call things, in our words: facets, axes, texts."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from shop.policy import policy

OTHER = "other"
UNTRACKED = 999  # pieces of what a vendor does not count
FACETS = {
    **dict.fromkeys(("color", "colours", "colors", "colour", "kolor"), "colour"),
    **dict.fromkeys(("size", "rozmiar", "talla"), "size"),
    "categories": "category",
}
KNOWN = ("category", "colour", "brand", "material", "audience", "feature", "purpose")
TAG = re.compile(r"<[^>]*>")


def axis(code: str) -> str:
    """Vendors make codes unique by product or kind: "shoe-size", "pa_size" and "size" are sizes, as
    "rozmiar-buta" is."""
    parts = code.lower().replace("_", "-").split("-")
    return ([FACETS[part] for part in parts if part in FACETS] or parts)[-1]


def in_all_languages(said: Mapping[str, str]) -> dict[str, list[str]]:
    """By language; a language without a translation has the default one's, or the first."""
    default = said.get(policy().default_language) or next(iter(said.values()))
    return {language: [said.get(language) or default] for language in (*policy().languages, *said)}


def plain(text: str) -> str:
    return " ".join(html.unescape(TAG.sub(" ", text)).split())
