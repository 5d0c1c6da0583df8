"""The demo shop's past: orders in every state, dated back from the day of seeding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from random import Random
from typing import Any

from shop.catalogue import NewProduct, NewVariant
from shop.commerce.orders import FIRST_NUMBER
from shop.demo.people import at_home
from shop.demo.returns import delivered
from shop.model import OrderState, Shopper
from shop.policy import Delivery, policy

S = OrderState
MOST_LINES = 3

# State: how many orders, and how many days ago they were placed.
PAST: dict[OrderState, tuple[int, tuple[float, float]]] = {
    S.AWAITING_PAYMENT: (8, (0.05, 0.9)),
    S.PAYMENT_FAILED: (8, (0.1, 1.5)),
    S.PAID: (20, (0.05, 1.0)),
    S.PACKED: (18, (0.6, 1.8)),
    S.SHIPPED: (34, (1.0, 4.0)),
    S.READY_TO_COLLECT: (14, (1.8, 4.0)),
    S.DELIVERED: (76, (3.0, 75.0)),
    S.RETURN_REQUESTED: (10, (6.0, 25.0)),
    S.RETURNED: (8, (12.0, 35.0)),
    S.REFUNDED: (10, (20.0, 70.0)),
    S.CANCELLED: (10, (1.0, 60.0)),
    S.LOST: (4, (9.0, 20.0)),
}
EXCHANGES = 3  # every third of those who asked to send something back wants it in another size
UNPAID = (S.AWAITING_PAYMENT, S.PAYMENT_FAILED, S.CANCELLED)
UNSENT = (*UNPAID, S.PAID, S.PACKED)
PARCEL = {
    S.SHIPPED: ("in_transit", "out_for_delivery"),
    S.READY_TO_COLLECT: ("ready_to_collect",),
    S.LOST: ("in_transit",),
}
POINTS = {
    "PL": ("KRA012", "WAW314N", "WRO27M", "GDA08A", "POZ145"),
    "ES": ("Citypaq 0421", "Correos 2812094", "Punto 5530", "Citypaq 1187"),
}
NUMBER_LENGTH = {"InPost": 24, "GLS": 11}


class Past:
    """Makes the rows of orders and order lines; the same seed makes the same past."""

    def __init__(
        self, people: list[Shopper], products: list[NewProduct], at: datetime, seed: int = 20
    ) -> None:
        self.people, self.products, self.at = people, products, at
        self.random = Random(seed)  # noqa: S311 - nothing secret

    def orders(self) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
        """Numbered by age, as a shop would have numbered them."""
        plan = [
            (self.random.uniform(*ages), state)
            for state, (count, ages) in PAST.items()
            for _ in range(count)
        ]
        # Everybody has bought something: one order each, then more at random.
        buyers = [*self.people, *self.random.choices(self.people, k=len(plan) - len(self.people))]
        self.random.shuffle(buyers)
        oldest_first = sorted(zip(plan, buyers, strict=True), key=lambda pair: -pair[0][0])
        asked_back = 0
        for number, ((age, state), buyer) in enumerate(oldest_first, FIRST_NUMBER):
            asked_back += state is S.RETURN_REQUESTED
            if state is S.RETURN_REQUESTED and asked_back % EXCHANGES == 0:
                state = S.EXCHANGE_REQUESTED
            yield self._order(str(number), age, state, buyer)

    def _order(
        self, number: str, age: float, state: OrderState, buyer: Shopper
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        address = at_home(buyer)
        country = address.country
        language = {"PL": "pl", "ES": "es"}.get(country, "en")
        currency = policy().market(language).currency
        lines = list(self._lines(number, language, currency))
        goods = sum(line["price"] * line["quantity"] for line in lines)
        method = self._method(country, state)
        free = goods >= method.free_from.get(currency, goods + 1)
        delivery = 0 if free else method.price[currency]
        placed = self.at - timedelta(days=age)
        point = self.random.choice(POINTS[country]) if method.to_point else None
        tracking = self._tracking(state, method, placed, address.postcode)
        row = {
            "number": number,
            "key": f"seed/{number}",
            "conversation": None,
            "shopper_id": buyer.id,
            "email": buyer.email,
            "phone": buyer.phone,
            "language": language,
            "currency": currency,
            "state": state.value,
            "placed": int(placed.timestamp()),
            "delivery": method.id,
            "delivery_price": delivery,
            "point": point,
            "address": asdict(address),
            "code": None,
            "discount": 0,
            "total": goods + delivery,
            "payment": None if state in UNPAID else f"seed-{number}",
            "tracking": tracking,
            "delivered": delivered(state, tracking),
            "cancel_reason": "no_longer_needed" if state is S.CANCELLED else None,
        }
        return row, lines

    def _lines(self, number: str, language: str, currency: str) -> Iterator[dict[str, Any]]:
        count = self.random.choice((1, 1, 1, 2, 2, MOST_LINES))
        for position, product in enumerate(self.random.sample(self.products, count)):
            variant: NewVariant = self.random.choice(product.variants)
            price = variant.prices[currency]
            yield {
                "order_number": number,
                "position": position,
                "variant_id": variant.id,
                "product_id": product.id,
                "title": product.texts[language][0],
                "options": variant.options,
                "picture": variant.picture or product.picture,
                "quantity": self.random.choice((1, 1, 1, 1, 2)),
                "price": price.sale or price.regular,
            }

    def _method(self, country: str, state: OrderState) -> Delivery:
        methods = [m for m in policy().deliveries(country) if m.carrier != policy().name]
        if state is S.READY_TO_COLLECT:
            methods = [m for m in methods if m.to_point] or methods
        return self.random.choice(methods)

    def _tracking(
        self, state: OrderState, method: Delivery, placed: datetime, postcode: str
    ) -> dict[str, Any] | None:
        if state in UNSENT:
            return None
        sent = placed + timedelta(hours=self.random.uniform(8, 26))
        due = policy().working_day(sent.date(), method.days[1])
        status = self.random.choice(PARCEL.get(state, ("delivered",)))
        updated = min(sent + timedelta(hours=self.random.uniform(14, 40)), self.at)
        number = self._tracking_number(method.carrier, postcode)
        return {
            "carrier": method.carrier,
            "number": number,
            "url": f"https://tracking.example/{number}",
            "status": status,
            "updated": updated.isoformat(timespec="seconds"),
            "estimated": due.isoformat(),
        }

    def _tracking_number(self, carrier: str, postcode: str) -> str:
        digits = "".join(self.random.choices("0123456789", k=24))
        if carrier.startswith("Correos"):
            return f"PQ4F2X0{digits[:9]}{postcode}{self.random.choice('ABCDEFGHJK')}"
        if carrier == "DPD":
            return f"{digits[:13]}{self.random.choice('ABCDEFGHUX')}"
        return digits[: NUMBER_LENGTH.get(carrier, 12)]
