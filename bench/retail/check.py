"""Whether what the assistant reads back is what the shopper wished for."""

from __future__ import annotations

import re
from typing import Any

from bench.retail.data import load
from bench.retail.ear import shown
from bench.retail.wishes import Wish

METHOD_WORDS = {
    "paypal": {"en": "paypal", "pl": "paypal", "es": "paypal"},
    "gift_card": {"en": "gift card", "pl": "podarunkow", "es": "regalo"},
}
ORIGINAL = {"en": "original|paid", "pl": "pierwotn|zapłac|płatno", "es": "original|pag"}


class ReadBack:
    def __init__(self, text: str, wish: Wish, language: str) -> None:
        self.text, self.wish, self.language = text.casefold(), wish, language
        self.order = load("orders")[wish.order]

    def faults(self) -> list[str]:
        """What is wrong or missing; empty: say yes."""
        found = [] if self.has(self.wish.order[2:]) else [f"order {self.wish.order} is not named"]
        if self.wish.items:
            found += self.items()
            found += [f"{value!r} is not named" for value in self.missing_values()]
        if self.wish.method and self.moves_money() and not self.names_method():
            found.append(f"{self.wish.method} is not named")
        if self.wish.address:
            found += self.address(self.wish.address)
        return found

    def has(self, part: str) -> bool:
        return part.casefold() in self.text

    def address(self, wished: dict[str, str]) -> list[str]:
        """Every part of it, and on its line nothing else but the name and the country."""
        parts = [wished[part] for part in ("address1", "address2", "city", "state", "zip")]
        missing = [f"{part!r} is not named" for part in parts if not self.has(part)]
        if missing:
            return missing
        street = parts[0].casefold()
        rest = next(line for line in self.text.splitlines() if street in line)
        name = load("users")[self.order["user_id"]]["name"]
        for part in (*parts, *name.values(), "USA", "US"):
            rest = rest.replace(part.casefold(), " ", 1)
        extra = re.findall(r"\w+", rest)
        return [f"{word!r} is no part of the address" for word in extra]

    def items(self) -> list[str]:
        names = {item.name for item in self.wish.items}
        moved = {i.name for i in self.wish.items if i.gets or self.wish.kind != "items"}
        missing = [name for name in moved if not self.title(name)]
        wrong = [
            item["name"]
            for item in self.order["items"]
            if item["name"] not in names and self.title(item["name"])
        ]
        twice = [n for n in names if self.times(n) > self.wished(n)]
        faults = {"is not named": missing, "is not wished": wrong, "is named too often": twice}
        return [f"{name} {fault}" for fault, found in faults.items() for name in found]

    def wished(self, name: str) -> int:
        """How many of the name shall become something else, or be given back."""
        same = self.wish.kind == "items"
        return sum(i.name == name and (bool(i.gets) or not same) for i in self.wish.items)

    def times(self, name: str) -> int:
        """How many of the product are given back, or become something else, in the read-back."""
        own = shown("products", name, self.language).casefold()
        lines = self.text.splitlines()
        if self.wish.kind == "items":
            return sum(line.startswith(f"{own}:") and "→" in line for line in lines)
        return sum(line.startswith((f"{own}:", f"{own} (")) for line in lines)

    def title(self, name: str) -> bool:
        """Whether the product is named, and not within a longer product's name."""
        own = shown("products", name, self.language).casefold()
        text = self.text
        for other in self.order["items"]:
            longer = shown("products", other["name"], self.language).casefold()
            if own in longer and own != longer:
                text = text.replace(longer, "")
        return own in text

    def missing_values(self) -> list[str]:
        values = [value for item in self.wish.items for value in item.gets.values()]
        return [v for v in values if not self.has(self.value(v))]

    def value(self, value: str) -> str:
        return shown("values", {"gray": "grey"}.get(value, value), self.language)

    def moves_money(self) -> bool:
        """Not where an item becomes the same again: no method need be named then."""
        return self.wish.kind == "return" or not self.wish.items or self.changes_something()

    def changes_something(self) -> bool:
        return any(item.gets for item in self.wish.items)

    def names_method(self) -> bool:
        users: dict[str, Any] = load("users")
        method = users[self.order["user_id"]]["payment_methods"][self.wish.method]
        ending = method.get("last_four") or METHOD_WORDS[method["source"]][self.language]
        paid = self.order["payment_history"][0]["payment_method_id"] == self.wish.method
        original = paid and re.search(ORIGINAL[self.language], self.text) is not None
        return self.has(ending) or original
