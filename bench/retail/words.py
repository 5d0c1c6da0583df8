"""The scripted shopper's words: wishes as sentences in many ways (bench/retail/<language>.yml)."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from bench.retail.data import load, products
from bench.retail.ear import shown
from bench.retail.wishes import Item, Who, Wish

OPEN_VALUES = frozenset(  # values that say nothing without their axis
    (
        *("yes", "no", "none", "high", "low", "medium", "small", "large", "fixed", "standard"),
        *("full", "half", "basic", "light", "dark", "plain", "custom", "graphic", "adjustable"),
        *("electric", "gas", "manual", "black", "blue", "white", "brown", "silver", "green"),
    )
)


@cache
def script(language: str) -> dict[str, Any]:
    path = Path(__file__).with_name(f"{language}.yml")
    return yaml.safe_load(path.read_text(encoding="utf-8"))


class Words:
    """One shopper's way of speaking: the same seed says the same."""

    def __init__(self, language: str, user_id: str, random: Random) -> None:
        self.script, self.random, self.language = script(language), random, language
        self.user = load("users")[user_id]
        self.orders = load("orders")

    def pick(self, *path: str) -> str:
        options: Any = self.script
        for name in path:
            options = options[name]
        return self.random.choice(options)

    def say(self, *path: str, **values: str) -> str:
        return filled(self.pick(*path), values)

    def who(self, who: Who) -> str:
        if who.email:
            return self.say("who", "email", name=who.name, email=who.email)
        return self.say("who", "postcode", name=who.name, postcode=who.postcode)

    def wish(self, wish: Wish, whole: bool) -> str:
        """The wish in a sentence or two; where it is not to be `whole`, how to pay is left out."""
        said = self.say("wishes", wish.kind, **self.values(wish))
        if whole and wish.kind in self.script["money"]:
            said += " " + self.say("money", wish.kind, method=self.method(wish))
        return self.contracted(said)

    def contracted(self, said: str) -> str:
        """ "a el pedido" is "al pedido"."""
        for apart, together in self.script.get("contractions", {}).items():
            said = said.replace(apart, together)
        return said

    def answer(self, kind: str, wish: Wish, whole: bool = True) -> str:
        template = self.pick("answers", kind)
        values = {"wish": self.wish(wish, whole)} if "{wish}" in template else self.values(wish)
        return self.contracted(filled(template, values))

    def values(self, wish: Wish) -> dict[str, str]:
        """What the templates may name of a wish."""
        reason = self.pick("reasons", wish.reason) if wish.reason else ""
        return {
            "order": self.order(wish.order),
            "reason": reason,
            "items": self.items(wish),
            "pairs": self.pairs(wish),
            "options": self.joined([self.options(item) for item in wish.items if item.gets]),
            "method": self.method(wish) if wish.method else "",
            "address": self.address(wish) if wish.address else "",
        }

    def order(self, number: str) -> str:
        return self.random.choice((number, number, number[1:]))

    def method(self, wish: Wish) -> str:
        """As a person would call it: by brand and last digits, or by what it is."""
        method = self.user["payment_methods"][wish.method]
        kind = method["source"]
        paid = self.orders[wish.order]["payment_history"][0]["payment_method_id"]
        if wish.kind == "return" and wish.method == paid and self.random.random() < 0.2:
            return self.pick("methods", "original")
        brand, ending = method.get("brand", ""), method.get("last_four", "")
        return self.say("methods", kind, brand=brand, ending=ending)

    def address(self, wish: Wish) -> str:
        address = wish.address or {}
        ways = ["full", "full", "same"]
        if address == self.user["address"]:
            ways.append("home")
        way = self.random.choice(ways)
        return self.say("addresses", way, same_as=self.order(wish.same_as), **address)

    def items(self, wish: Wish) -> str:
        return self.joined([self.item(item, wish) for item in wish.items])

    def pairs(self, wish: Wish) -> str:
        """What shall become what."""
        if wish.kind not in ("exchange", "items"):
            return ""
        stays = "items_stay" if any(item.gets for item in wish.items) else "items_same"
        same = "exchange_same" if wish.kind == "exchange" else stays
        said = []
        for item in wish.items:
            template = f"{wish.kind}_pair" if item.gets else same
            said.append(self.say(template, item=self.item(item, wish), options=self.options(item)))
        return self.joined(said, long=any(" and " in part or "," in part for part in said))

    def item(self, item: Item, wish: Wish) -> str:
        """An item's name; with what tells it apart where the order has two of the kind."""
        bought = [i["name"] for i in self.orders[wish.order]["items"]]
        name = self.name(item.name, bought)
        if self.twins(item, wish):
            return self.say("item_one_of", name=name)
        if bought.count(item.name) > 1 and item.has:
            values = self.joined([self.value(value) for value in self.telling(item, wish)])
            return self.say("item_of_several", name=name, values=values)
        return self.say("item", name=name)

    def twins(self, item: Item, wish: Wish) -> bool:
        """Whether the order has more of the very same thing than are meant."""
        alike = [
            other["item_id"]
            for other in self.orders[wish.order]["items"]
            if other["name"] == item.name and (not item.has or other["options"] == item.has)
        ]
        meant = sum(other == item for other in wish.items)
        return len(set(alike)) == 1 and len(alike) > meant

    def telling(self, item: Item, wish: Wish) -> list[str]:
        """Values that the other items of the same name do not have."""
        others = [
            other["options"]
            for other in self.orders[wish.order]["items"]
            if other["name"] == item.name and other["options"] != item.has
        ]
        telling = [v for a, v in item.has.items() if all(o.get(a) != v for o in others)]
        return telling[:2] or list(item.has.values())

    def name(self, name: str, bought: list[str]) -> str:
        known = self.script["names"].get(name)
        if known:
            return self.random.choice(known) if isinstance(known, list) else known
        short = self.script["short"].get(name)
        alike = [other for other in set(bought) if self.script["short"].get(other) == short]
        if short and len(alike) == 1 and self.random.random() < 0.3 and unique(short, bought):
            return short
        return self.random.choice((name, name.lower()))

    def options(self, item: Item) -> str:
        return self.joined([self.option(a, v, item.name) for a, v in item.gets.items()])

    def option(self, axis: str, value: str, product: str) -> str:
        own = self.script["option"]
        kind = axis if axis in own else "bare" if says_its_axis(axis, value, product) else "any"
        said = self.script["axes"].get(axis, axis)
        return self.say("option", kind, axis=said, value=self.value(value))

    def value(self, value: str) -> str:
        return self.script["values"].get(value) or shown("values", value, self.language)

    def joined(self, parts: list[str], long: bool = False) -> str:
        if len(parts) < 2:
            return "".join(parts)
        between = self.random.choice(("; ", ", ")) if long else ", "
        return between.join(parts[:-1]) + self.pick("last_joint") + parts[-1]


def unique(short: str, bought: list[str]) -> bool:
    """Whether no other thing of the order is called so too."""
    word = short.split()[-1]
    return sum(word in name.lower().split() for name in set(bought)) <= 1


@cache
def values_of(product: str) -> dict[str, Counter[str]]:
    (entry,) = (p for p in products().values() if p["name"] == product)
    found: dict[str, Counter[str]] = {}
    for variant in entry["variants"].values():
        for axis, value in variant["options"].items():
            found.setdefault(axis, Counter())[value] += 1
    return found


def says_its_axis(axis: str, value: str, product: str) -> bool:
    """Whether the value alone tells which option it is of."""
    axes = [name for name, values in values_of(product).items() if value in values]
    return axes == [axis] and value not in OPEN_VALUES


def filled(template: str, values: dict[str, str]) -> str:
    """`{Reason}` is `{reason}` with a capital."""
    capital = {name.capitalize(): value[:1].upper() + value[1:] for name, value in values.items()}
    return template.format(**{**capital, **values})
