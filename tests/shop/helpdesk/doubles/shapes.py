"""Whether a JSON body is what a vendor's documents describe: fields, types, values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def faults(shape: Any, value: Any, path: str = "body") -> Iterator[str]:
    """A shape is a type, a set of values, a list with the shape of its items, or a dictionary with
    those of its fields, of which "name?" may be left out. Fields it does not name are faults."""
    if isinstance(shape, dict):
        yield from _object(shape, value, path)
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield f"{path}: {value!r} is no list"
            return
        for place, item in enumerate(value):
            yield from faults(shape[0], item, f"{path}[{place}]")
    elif isinstance(shape, (set, frozenset)):
        if value not in shape:
            yield f"{path}: {value!r}"
    elif type(value) is not shape or value == "":
        yield f"{path}: {value!r} is no {shape.__name__}"


def _object(shape: dict[str, Any], value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no object"
        return
    known = {name.rstrip("?"): inner for name, inner in shape.items()}
    for name in {*value} - {*known}:
        yield f"{path}.{name}: unknown"
    for name, inner in shape.items():
        if name.rstrip("?") in value:
            yield from faults(inner, value[name.rstrip("?")], f"{path}.{name.rstrip('?')}")
        elif not name.endswith("?"):
            yield f"{path}.{name}: missing"
