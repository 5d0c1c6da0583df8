"""Whether a request is what a vendor's official specification asks for: its schema, and no field
that the specification does not know, however deep."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_schema_validator import OAS30Validator, OAS31Validator

SPECS = Path(os.environ.get("SPECS") or Path(__file__).parents[4] / "shared/specs")
MISSING = not SPECS.is_dir() and not os.environ.get("CI")  # in CI they must be there
needed = pytest.mark.skipif(MISSING, reason=f"THE SPECIFICATIONS ARE NOT AT {SPECS}")
FILES = {
    "stripe": "stripe/stripe.openapi.slice.json",
    "payu": "payu/payu-europe-rest-api.yaml",
    "paypal orders": "paypal/checkout_orders_v2.json",
    "paypal payments": "paypal/payments_payment_v2.json",
    "paypal webhooks": "paypal/notifications_webhooks_v1.json",
    "adyen": "adyen/CheckoutService-v72.json",
    "adyen webhooks": "adyen/Webhooks-v1.json",
    "hubspot": "hubspot-derived/hubspot.openapi.derived.json",
}
TYPES = {"integer": int, "number": float, "boolean": lambda text: text == "true"}


@cache
def spec(name: str) -> dict[str, Any]:
    text = (SPECS / FILES[name]).read_text(encoding="utf-8")
    return json.loads(text) if FILES[name].endswith("json") else yaml.load(text, yaml.CSafeLoader)


def body_schema(name: str, method: str, path: str) -> dict[str, Any]:
    content = spec(name)["paths"][path][method.lower()]["requestBody"]
    return next(iter(resolved(spec(name), content)["content"].values()))["schema"]


def request_faults(name: str, method: str, path: str, value: Any) -> list[str]:
    """What is wrong with a request's body, as "path: why"; nothing, if it is right."""
    if MISSING:
        warnings.warn(f"THE SPECIFICATIONS ARE NOT AT {SPECS}: not checked", stacklevel=1)
        return []
    return faults(name, body_schema(name, method, path), value)


def faults(name: str, schema: dict[str, Any], value: Any) -> list[str]:
    root = spec(name)
    kind = OAS31Validator if root["openapi"].startswith("3.1") else OAS30Validator
    validator = kind({**schema, "components": root.get("components", {})})
    found = [
        f"{'.'.join(map(str, e.path))}: {e.message[:120]}" for e in validator.iter_errors(value)
    ]
    return found + [f"{path}: unknown field" for path in unknown(root, schema, value)]


def resolved(root: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        target: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/")]
        schema = target
    return schema


def parts(root: dict[str, Any], schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A schema and all that it is composed of."""
    schema = resolved(root, schema)
    yield schema
    for word in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(word, ()):
            yield from parts(root, part)


def unknown(
    root: dict[str, Any], schema: dict[str, Any], value: Any, path: str = ""
) -> Iterator[str]:
    known = list(parts(root, schema))
    if isinstance(value, list):
        for item in value:
            for part in known:
                if isinstance(part.get("items"), dict):
                    yield from unknown(root, part["items"], item, f"{path}[]")
    if not isinstance(value, dict):
        return
    free = any(isinstance(part.get("additionalProperties"), dict) for part in known)
    named = any(part.get("properties") for part in known)
    for key, item in value.items():
        fitting = [p["properties"][key] for p in known if key in (p.get("properties") or {})]
        if fitting:
            yield from unknown(root, {"allOf": fitting}, item, f"{path}.{key}".strip("."))
        elif named and not free:
            yield f"{path}.{key}".strip(".")


def typed(root: dict[str, Any], schema: dict[str, Any], value: Any) -> Any:
    """A form's texts as the numbers and truths that the schema has in their places."""
    known = list(parts(root, schema))
    if isinstance(value, dict):
        fields = {k: v for part in known for k, v in (part.get("properties") or {}).items()}
        return {k: typed(root, fields[k], v) if k in fields else v for k, v in value.items()}
    if isinstance(value, list):
        items = next((part["items"] for part in known if "items" in part), {})
        return [typed(root, items, item) for item in value]
    for part in known:
        if part.get("type") in TYPES:
            try:
                return TYPES[part["type"]](value)
            except ValueError:
                return value
    return value


def nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Stripe's form fields as what they mean: a[b][0]=c is {"a": {"b": ["c"]}}."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        steps = name.replace("]", "").split("[")
        place = tree
        for step in steps[:-1]:
            place = place.setdefault(step, {})
        place[steps[-1] or str(len(place))] = value
    return listed(tree)


def listed(tree: Any) -> Any:
    if not isinstance(tree, dict):
        return tree
    if tree and all(key.isdigit() for key in tree):
        return [listed(tree[key]) for key in sorted(tree, key=int)]
    return {key: listed(item) for key, item in tree.items()}
