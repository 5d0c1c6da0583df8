"""ICU MessageFormat with CLDR plural rules: "{count, plural, one {# item} other {# items}}".

Syntax: https://unicode-org.github.io/icu/userguide/format_parse/messages/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from babel import Locale
from pyicumessageformat import Parser

Show = Callable[[Any, str], str]


@lru_cache(maxsize=4096)
def parsed(text: str) -> list[Any]:
    return Parser().parse(text)


def fill(text: str, values: Mapping[str, Any], language: str, show: Show) -> str:
    """`text` with its arguments filled in; `show(value, style)` formats one value, where `style` is
    what stands after the name ("{lines, rows}"). A missing argument raises KeyError: half a
    sentence is never sent."""
    return render(parsed(text), values, language, show)


def render(nodes: list[Any], values: Mapping[str, Any], language: str, show: Show) -> str:
    return "".join(
        node if isinstance(node, str) else argument(node, values, language, show) for node in nodes
    )


def argument(node: dict[str, Any], values: Mapping[str, Any], language: str, show: Show) -> str:
    value = values[node["name"]]
    options = node.get("options")
    if not options:
        return show(value, node.get("type") or "")
    chosen = select(value, options, language) if node["type"] == "select" else None
    if node["type"] == "plural":
        chosen = plural(value, options, language)
    return render(options[chosen], values, language, show)


def select(value: Any, options: Mapping[str, Any], language: str) -> str:
    """The option named like the value; nothing at all (None, an empty list) is "none"."""
    key = str(value) if value not in (None, []) else "none"
    return key if key in options else "other"


def plural(value: float, options: Mapping[str, Any], language: str) -> str:
    exact = f"={value}"
    form = Locale(language).plural_form(value)
    return exact if exact in options else form if form in options else "other"
