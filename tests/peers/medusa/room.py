from __future__ import annotations

from typing import Any

from shop.commerce.remote.amounts import minor
from shop.commerce.remote.vendor import variant_id
from tests.peers.room import RemoteRoom, There


class MedusaRoom(RemoteRoom):
    def there(self, number: str) -> There:
        order = self.admin.order(number)
        payments = [p for c in order["payment_collections"] for p in c["payments"]]
        taken, back = (
            sum(zloty(one) for payment in payments for one in payment[way])
            for way in ("captures", "refunds")
        )
        waiting = not taken and any(p["provider_id"] == "pp_system_default" for p in payments)
        state = "waiting" if waiting else "paid"
        home = order["shipping_address"]
        return There(
            state="cancelled" if order["status"] == "canceled" else state,
            total=minor(str(order["total"]), "PLN"),
            kept=taken - back,
            email=order["email"],
            name=f"{home['first_name']} {home['last_name']}",
            point=home["address_2"],
            pieces={
                variant_id(one["product_id"], one["variant_id"]): one["quantity"]
                for one in order["items"]
                if one["quantity"]
            },
            notes=tuple(map(str, (order["metadata"] or {}).values())),
        )


def zloty(moved: dict[str, Any]) -> int:
    return minor(str(moved["amount"]), "PLN")
