"""The shop as the assistant sees it: `connect("commerce")` is the adapter endpoints.yml names."""

from __future__ import annotations

import os
import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

import yaml

if TYPE_CHECKING:
    from shop.commerce.base import Commerce
    from shop.crm.base import CRM
    from shop.helpdesk.base import Helpdesk
    from shop.payments.base import Payments

DEMO = {
    "commerce": "shop.commerce.demo.DemoCommerce",
    "payments": "shop.payments.demo.DemoPayments",
    "crm": "shop.crm.demo.DemoCRM",
    "helpdesk": "shop.helpdesk.demo.DemoHelpdesk",
}
VARIABLE = re.compile(r"\$\{(\w+)\}")


class SettingsError(Exception):
    """endpoints.yml asks for something that is not there; the message says what."""


@overload
def connect(port: Literal["commerce"]) -> Commerce: ...
@overload
def connect(port: Literal["payments"]) -> Payments: ...
@overload
def connect(port: Literal["crm"]) -> CRM: ...
@overload
def connect(port: Literal["helpdesk"]) -> Helpdesk: ...


@cache
def connect(port: str) -> Any:
    """The adapter of a port, one a process. Its stanza's `type` is the dotted path of its class,
    the rest are the arguments of its `__init__`; without a stanza it is the demo adapter."""
    stanza = dict(expanded(stanzas().get(port) or {}, port))
    path = stanza.pop("type", DEMO[port])
    return load(path, port)(**stanza)


def connect_all() -> None:
    """At the start of a process, so that it ends with what is missing and no shopper finds out."""
    try:
        for port in DEMO:
            connect(port)  # type: ignore[call-overload]
    except (SettingsError, TypeError) as trouble:
        raise SystemExit(f"endpoints.yml: {trouble}") from None


def stanzas() -> dict[str, Any]:
    path = Path(os.environ.get("SHOPKEEPER_ENDPOINTS", "endpoints.yml"))
    if not path.exists():
        return {}
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


def load(path: str, port: str) -> type:
    module, _, name = path.rpartition(".")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as trouble:
        raise SettingsError(f"{port}: cannot load {path!r}: {trouble}") from trouble


def expanded(value: Any, where: str) -> Any:
    """`value` with each ${VAR} replaced by the environment's."""
    if isinstance(value, dict):
        return {key: expanded(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        return [expanded(item, where) for item in value]
    if isinstance(value, str):
        return VARIABLE.sub(lambda match: variable(match[1], where), value)
    return value


def variable(name: str, where: str) -> str:
    try:
        return os.environ[name]
    except KeyError:
        raise SettingsError(f"{where} needs the environment variable {name}") from None
