"""Words of a query that are no names of goods: small.yml."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def small() -> dict[str, Any]:
    return yaml.safe_load(Path(__file__).with_name("small.yml").read_text(encoding="utf-8"))


@cache
def empty_words() -> frozenset[str]:
    """Words that say nothing about the goods."""
    return frozenset(word for words in small()["empty"].values() for word in words)


@cache
def words_of(language: str) -> frozenset[str]:
    """The small words by which a language is told from the others."""
    empty = small()["empty"]
    others = [set(words) for name, words in empty.items() if name != language]
    return frozenset(empty.get(language, ())).difference(*others)


@cache
def refusals() -> frozenset[str]:
    """The words after which a thing is named that shall not be there."""
    return frozenset(small()["without"])


@cache
def denials() -> frozenset[str]:
    """The words that do the same after the kind of goods."""
    return frozenset(small()["not"])


@cache
def money() -> re.Pattern[str]:
    """An amount of money, with what bounds it."""
    return re.compile(small()["money"], re.IGNORECASE)


@cache
def small_words() -> frozenset[str]:
    """What is no name of goods, but must not be taken for a misspelt one."""
    return empty_words().union(small()["without"], small()["not"], small()["money_words"])
