"""What the demo shop's shoppers have sent back, or are about to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from random import Random
from typing import Any

from shop.catalogue import NewProduct, NewVariant
from shop.commerce.return_rows import FIRST_NUMBER
from shop.model import OrderState, ReturnKind, ReturnState
from shop.policy import policy

DAY = 24 * 3600
STATES = {
    OrderState.RETURN_REQUESTED.value: ReturnState.REQUESTED,
    OrderState.EXCHANGE_REQUESTED.value: ReturnState.REQUESTED,
    OrderState.RETURNED.value: ReturnState.RECEIVED,
    OrderState.REFUNDED.value: ReturnState.DONE,
}
REASONS = ("does_not_fit", "not_as_expected", "no_longer_needed")

Line = dict[str, Any]


class PastReturns:
    """Makes the rows; the same orders give the same returns."""

    def __init__(self, products: list[NewProduct], at: datetime) -> None:
        self.products = {product.id: product for product in products}
        self.at = int(at.timestamp())
        self.count = 0

    def of(
        self, order: dict[str, Any], lines: list[Line], paid: list[dict[str, Any]]
    ) -> Iterator[dict[str, Any]]:
        state = STATES.get(order["state"])
        if state is None:
            return
        self.count += 1
        random = Random(f"return {order['number']}")  # noqa: S311 - nothing secret
        exchange = order["state"] == OrderState.EXCHANGE_REQUESTED.value
        sent = lines[:1] if state is ReturnState.REQUESTED else lines
        changes = {str(line["position"]): self._other(line, random) for line in sent if exchange}
        yield {
            "id": f"R{FIRST_NUMBER + self.count - 1}",
            "order_number": order["number"],
            "kind": (ReturnKind.EXCHANGE if exchange else ReturnKind.RETURN).value,
            "state": state.value,
            "order_state": OrderState.DELIVERED.value,
            "quantities": {str(line["position"]): line["quantity"] for line in sent},
            "changes": {line_id: variant.id for line_id, variant in changes.items()},
            "reason": "does_not_fit" if exchange else random.choice(REASONS),
            "amount": self._amount(order, lines, sent, changes),
            "currency": order["currency"],
            "method_id": paid[0]["method_id"],
            **self._times(order, state, exchange, random),
        }

    def _other(self, line: Line, random: Random) -> NewVariant:
        """Another variant in stock, or the same again where there is no other."""
        variants = self.products[line["product_id"]].variants
        others = [v for v in variants if v.id != line["variant_id"] and v.stock]
        same = [v for v in variants if v.id == line["variant_id"]]
        return random.choice(others or same)

    def _amount(
        self,
        order: dict[str, Any],
        lines: list[Line],
        sent: list[Line],
        changes: dict[str, NewVariant],
    ) -> int:
        if not changes:
            goods = sum(line["price"] * line["quantity"] for line in sent)
            return order["total"] if len(sent) == len(lines) else goods
        currency = order["currency"]
        return sum(
            (today(changes[str(line["position"])], currency) - line["price"]) * line["quantity"]
            for line in sent
        )

    def _times(
        self, order: dict[str, Any], state: ReturnState, exchange: bool, random: Random
    ) -> dict[str, Any]:
        """Announced a few days ago, or soon after the delivery where all that is over."""
        terms = policy().returns
        recent = self.at - int(random.uniform(0.5, 4) * DAY)
        early = order["delivered"] + int(random.uniform(0.5, 3) * DAY)
        requested = recent if state is ReturnState.REQUESTED else min(early, recent)
        requested = max(requested, order["delivered"])
        return {
            "requested": requested,
            "send_by": requested + terms.send_back_days * DAY,
            "refund_by": None if exchange else requested + terms.refund_days * DAY,
            "label": order["address"]["country"] in terms.label_free,
        }


def today(variant: NewVariant, currency: str) -> int:
    price = variant.prices[currency]
    return price.sale or price.regular


def delivered(state: OrderState, tracking: dict[str, Any] | None) -> int | None:
    """When the parcel was handed over, as its carrier says."""
    if tracking is None or (state is not OrderState.DELIVERED and state.value not in STATES):
        return None
    return int(datetime.fromisoformat(tracking["updated"]).timestamp())
