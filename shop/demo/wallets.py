"""What the demo shop's shoppers pay with, and what they paid their past orders with."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from shop.demo.people import at_home
from shop.model import OrderState, Shopper
from shop.policy import policy

USUAL = {"PL": ("blik", "paypal", "card"), "ES": ("bizum", "paypal", "card")}
ELSEWHERE = ("paypal", "apple_pay", "card")
BRANDS = ("Visa", "Mastercard")
GIFT_CARDS = 3  # every third shopper has one
LANGUAGES = {"PL": "pl", "ES": "es"}


def currency_of(shopper: Shopper) -> str:
    language = LANGUAGES.get(at_home(shopper).country, "en")
    return policy().market(language).currency


def methods(shopper: Shopper) -> list[dict[str, Any]]:
    """A card, perhaps another way of paying, and for some a gift card; the same every time."""
    random = Random(f"wallet {shopper.id}")  # noqa: S311 - nothing secret
    number = int(shopper.id.rpartition("-")[2])
    kinds = ["card"]
    if random.random() < 0.6:
        kinds.append(random.choice(USUAL.get(at_home(shopper).country, ELSEWHERE)))
    if number % GIFT_CARDS == 1:
        kinds.append("gift_card")
    return [method(shopper, position, kind, random) for position, kind in enumerate(kinds)]


def method(shopper: Shopper, position: int, kind: str, random: Random) -> dict[str, Any]:
    currency = currency_of(shopper)
    number = shopper.id.rpartition("-")[2]
    balance = None
    if kind == "gift_card":
        balance = random.choice(policy().gifts.card_values[currency]) - random.randrange(0, 2000, 5)
    return {
        "id": f"{kind}-{number}-{position + 1}",
        "shopper_id": shopper.id,
        "position": position,
        "kind": kind,
        "name": random.choice(BRANDS) if kind == "card" else "",
        "ending": f"{random.randrange(10000):04}" if kind == "card" else "",
        "balance": balance,
        "currency": None if balance is None else currency,
        "kept": True,
    }


def payments(order: dict[str, Any], wallet: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Transactions that add up to the order's total, or to nothing where it was refunded."""
    if order["payment"] is None:
        return
    random = Random(f"paid {order['number']}")  # noqa: S311 - nothing secret
    parts = shares(order["total"], wallet, random)
    back = parts if order["state"] == OrderState.REFUNDED.value else {}
    moves = [(id_, part, False) for id_, part in parts.items()]
    moves += [(id_, part, True) for id_, part in back.items()]
    for position, (method_id, amount, refund) in enumerate(moves):
        yield {
            "order_number": order["number"],
            "position": position,
            "method_id": method_id,
            "amount": amount,
            "refund": refund,
            "at": order["placed"],
        }


def shares(total: int, wallet: list[dict[str, Any]], random: Random) -> dict[str, int]:
    """Method id -> what it paid: one method all of it, now and then a gift card a part."""
    own = random.choice([one for one in wallet if one["kind"] != "gift_card"])
    card = next((one for one in wallet if one["kind"] == "gift_card"), None)
    if card is None or random.random() > 0.25:
        return {own["id"]: total}
    part = min(total // 2, 5000)
    return {own["id"]: total - part, card["id"]: part}
