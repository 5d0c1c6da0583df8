"""What the platforms' official specifications say of a request."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml


def telegram(api: Mapping[str, Any] | None, method: str, body: Mapping[str, Any]) -> None:
    """Names, types and required fields as the Bot API publishes them."""
    if api:
        _fits(api, {"name": method, **api["methods"][method]}, body)


def _fits(api: Mapping[str, Any], described: dict[str, Any], value: Mapping[str, Any]) -> None:
    fields = {field["name"]: field for field in described["fields"]}
    assert set(value) <= set(fields), set(value) - set(fields)
    assert {name for name, field in fields.items() if field["required"]} <= set(value)
    for name, inner in value.items():
        assert any(_is_a(api, kind, inner) for kind in fields[name]["types"]), (name, inner)


def _is_a(api: Mapping[str, Any], kind: str, value: Any) -> bool:
    if kind.startswith("Array of "):
        inner = kind.removeprefix("Array of ")
        return isinstance(value, list) and all(_is_a(api, inner, item) for item in value)
    if kind in api["types"] and isinstance(value, dict):
        try:
            _fits(api, api["types"][kind], value)
        except AssertionError:
            return False
        return True
    return {"Integer": int, "String": str, "Boolean": bool}.get(kind, tuple) is type(value)


def whatsapp(specs: Path | None, body: Mapping[str, Any]) -> None:
    """A message to a person."""
    if specs:
        _message(specs).validate(body)


@cache
def _message(specs: Path) -> Any:
    """As published no message at all fits: each part of an `allOf`
    forbids the fields of the others; `unevaluatedProperties` says what is meant."""
    parts = _repaired(_components(specs / "whatsapp/business-messaging-api_v23.0.yaml"))
    whole = {"components": parts, "$ref": "#/components/schemas/Message"}
    return jsonschema.Draft202012Validator(whole)


def _repaired(value: Any) -> Any:
    if isinstance(value, list):
        return [_repaired(item) for item in value]
    if not isinstance(value, dict):
        return value
    made = {name: _repaired(item) for name, item in value.items()}
    if "allOf" in made and isinstance(made["allOf"], list):
        closed = [part for part in made["allOf"] if part.pop("additionalProperties", True) is False]
        made |= {"unevaluatedProperties": False} if closed else {}
    return made


def line(specs: Path | None, body: Mapping[str, Any]) -> None:
    """A push to a person."""
    if specs:
        _push(specs).validate(body)


@cache
def _push(specs: Path) -> Any:
    published = _components(specs / "line/messaging-api.yml")
    kinds = {
        f"#/components/schemas/{name}": described["discriminator"]["mapping"]
        for name, described in published["schemas"].items()
        if "mapping" in described.get("discriminator", {})
    }
    whole = {"components": _discriminated(published, kinds)}
    return jsonschema.Draft202012Validator(
        {**whole, "$ref": "#/components/schemas/PushMessageRequest"}
    )


def _discriminated(value: Any, kinds: dict[str, Any], within: str = "") -> Any:
    """References to a family of schemas lead to the member that `type` names."""
    if isinstance(value, list):
        return [_discriminated(item, kinds, within) for item in value]
    if not isinstance(value, dict):
        return value
    made = {name: _discriminated(item, kinds, name) for name, item in value.items()}
    if within != "allOf" and isinstance(value.get("$ref"), str) and value["$ref"] in kinds:
        mapping = kinds[value["$ref"]]
        members = [
            {"if": {"properties": {"type": {"const": name}}}, "then": {"$ref": where}}
            for name, where in mapping.items()
        ]
        known = {"properties": {"type": {"enum": list(mapping)}}, "required": ["type"]}
        return {"allOf": [known, *members]}
    return made


def discord(specs: Path | None, body: Mapping[str, Any]) -> None:
    """A message to a channel."""
    if specs:
        _create_message(specs).validate(body)


@cache
def _create_message(specs: Path) -> Any:
    whole = {
        "components": _components(specs / "discord/openapi.json"),
        "$ref": "#/components/schemas/MessageCreateRequest",
    }
    return jsonschema.Draft202012Validator(whole)


def _components(file: Path) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(file.read_text(), loader)["components"]
