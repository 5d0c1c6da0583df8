"""The retail set as it is kept beside the project: tasks, and the world before any of them.

Amounts are in cents here. A world is {"users": {id: user}, "orders": {number: order}}, in the shape
of the files; `products` never change.
"""

from __future__ import annotations

import json
import os
import sys
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
World = dict[str, dict[str, Any]]


def folder() -> Path:
    return Path(os.environ.get("RETAIL_DATA") or ROOT.parent / "shared" / "retail")


def require() -> None:
    """Ends the program, loudly, where the set is missing."""
    if not (folder() / "tasks.json").exists():
        sys.exit(f"The retail set is not there: {folder()} (or name its folder in RETAIL_DATA)")


@cache
def load(name: str) -> Any:
    """One of the files; whoever changes what is in it makes a copy first."""
    content = (folder() / f"{name}.json").read_text(encoding="utf-8")
    return json.loads(content, parse_float=Decimal, object_hook=in_cents)


def in_cents(entry: dict[str, Any]) -> dict[str, Any]:
    amounts = ("price", "amount", "balance")
    return {key: cents(value) if key in amounts else value for key, value in entry.items()}


def cents(amount: Decimal | int) -> int:
    return int((Decimal(amount) * 100).to_integral_value())


def tasks() -> list[dict[str, Any]]:
    return load("tasks")


def products() -> dict[str, Any]:
    return load("products")


def world() -> World:
    return {"users": load("users"), "orders": load("orders")}


def of_user(user_id: str) -> World:
    """The part of the world that one shopper can touch."""
    everything = world()
    mine = {n: o for n, o in everything["orders"].items() if o["user_id"] == user_id}
    return {"users": {user_id: everything["users"][user_id]}, "orders": mine}
