from __future__ import annotations

from shop.commerce.remote.vendor import variant_id
from tests.peers.room import RemoteRoom, There

STATES = {"PaymentAuthorized": "waiting", "PaymentSettled": "paid", "Cancelled": "cancelled"}


class VendureRoom(RemoteRoom):
    def there(self, number: str) -> There:
        order = self.admin.order(number)
        settled = [payment for payment in order["payments"] if payment["state"] == "Settled"]
        back = sum(refund["total"] for p in order["payments"] for refund in p["refunds"])
        notes = (e["data"] for e in order["history"]["items"] if e["type"] == "ORDER_NOTE")
        home = order["shippingAddress"]
        lines = [(line["productVariant"], line["quantity"]) for line in order["lines"]]
        return There(
            state=STATES.get(order["state"], order["state"]),
            total=order["totalWithTax"],
            kept=sum(payment["amount"] for payment in settled) - back,
            email=order["customer"]["emailAddress"],
            name=home["fullName"],
            point=home["streetLine2"],
            pieces={variant_id(v["productId"], v["id"]): n for v, n in lines if n},
            notes=tuple(map(str, notes)),
        )
