"""users.json and orders.json as rows of the store's tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

from shop import text
from shop.commerce.orders import name_key
from shop.policy import policy
from shop.retail.catalogue import CURRENCY, cents, options

Row = dict[str, Any]
STATES = {
    "pending": "paid",
    "processed": "packed",
    "delivered": "delivered",
    "cancelled": "cancelled",
}
KINDS = {"credit_card": "card", "paypal": "paypal", "gift_card": "gift_card"}
AGE = {"paid": 1, "packed": 2, "delivered": 7, "cancelled": 9}  # days since it was placed
DELIVERED_AFTER = timedelta(days=4)
COUNTRIES = {"USA": "US"}


def full_name(user: Row) -> str:
    return f"{user['name']['first_name']} {user['name']['last_name']}"


def address(entry: Row, name: str) -> Row:
    """The set's two lines of a street are one, with a comma between."""
    return {
        "name": name,
        "street": f"{entry['address1']}, {entry['address2']}",
        "postcode": entry["zip"],
        "city": entry["city"],
        "country": COUNTRIES.get(entry["country"], entry["country"]),
        "region": entry["state"],
    }


def shoppers(users: dict[str, Row]) -> Iterator[Row]:
    for id_, user in users.items():
        name = full_name(user)
        yield {
            "id": id_,
            "name": name,
            "email": user["email"].lower(),
            "phone": None,
            "address": address(user["address"], name),
            "name_key": name_key(name),
            "postcode_key": text.key(user["address"]["zip"]),
        }


def payment_methods(users: dict[str, Row]) -> Iterator[Row]:
    for shopper, user in users.items():
        for position, method in enumerate(user["payment_methods"].values()):
            balance = method.get("balance")
            yield {
                "id": method["id"],
                "shopper_id": shopper,
                "position": position,
                "kind": KINDS[method["source"]],
                "name": method.get("brand", ""),
                "ending": method.get("last_four", ""),
                "balance": None if balance is None else cents(balance),
                "currency": None if balance is None else CURRENCY,
                "kept": True,
            }


class Orders:
    """Rows of orders, their lines and payments; dated back from `at`."""

    def __init__(self, orders: dict[str, Row], users: dict[str, Row], at: datetime) -> None:
        self.orders, self.users, self.at = orders, users, at

    def rows(self) -> Iterator[Row]:
        method = policy().delivery[0]
        for number, order in self.orders.items():
            user, state = self.users[order["user_id"]], STATES[order["status"]]
            placed = self.at - timedelta(days=AGE[state])
            delivered = placed + DELIVERED_AFTER if state == "delivered" else None
            yield {
                "number": number,
                "key": f"retail/{number}",
                "conversation": None,
                "shopper_id": order["user_id"],
                "email": user["email"].lower(),
                "phone": None,
                "language": policy().default_language,
                "currency": CURRENCY,
                "state": state,
                "placed": seconds(placed),
                "delivery": method.id,
                "delivery_price": 0,
                "point": None,
                "address": address(order["address"], full_name(user)),
                "code": None,
                "discount": 0,
                "total": sum(cents(item["price"]) for item in order["items"]),
                "payment": f"retail-{number}",
                "tracking": tracking(order, method.carrier, delivered or placed),
                "delivered": delivered and seconds(delivered),
                "items_changed": False,
            }

    def lines(self) -> Iterator[Row]:
        for number, order in self.orders.items():
            for position, item in enumerate(order["items"]):
                yield {
                    "order_number": number,
                    "position": position,
                    "variant_id": item["item_id"],
                    "product_id": item["product_id"],
                    "title": item["name"],
                    "options": options(item["options"]),
                    "picture": "",
                    "quantity": 1,
                    "price": cents(item["price"]),
                }

    def transactions(self) -> Iterator[Row]:
        for number, order in self.orders.items():
            for position, entry in enumerate(order["payment_history"]):
                yield {
                    "order_number": number,
                    "position": position,
                    "method_id": entry["payment_method_id"],
                    "amount": cents(entry["amount"]),
                    "refund": entry["transaction_type"] == "refund",
                    "at": seconds(self.at - timedelta(days=AGE[STATES[order["status"]]])),
                }


def tracking(order: Row, carrier: str, updated: datetime) -> Row | None:
    """The first parcel's; the set says no more of a parcel than its number."""
    numbers = [number for parcel in order["fulfillments"] for number in parcel["tracking_id"]]
    if not numbers:
        return None
    return {
        "carrier": carrier,
        "number": numbers[0],
        "url": f"https://tracking.example/{numbers[0]}",
        "status": "delivered" if order["status"] == "delivered" else "label_created",
        "updated": updated.astimezone(timezone.utc).isoformat(timespec="seconds"),
        "estimated": None,
    }


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())
