"""Medusa's carts and orders as ours: pure functions of what its APIs answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision

from shop.commerce.medusa.goods import minor
from shop.commerce.remote.vendor import TheirCart, TheirLine, TheirOrder, variant_id
from shop.model import Address, OrderState

S = OrderState
SYSTEM = "pp_system_default"  # the provider of payments with which our orders wait
FULFILLED = {
    "fulfilled": S.PACKED,
    "partially_fulfilled": S.PACKED,
    "shipped": S.SHIPPED,
    "partially_shipped": S.SHIPPED,
    "partially_delivered": S.SHIPPED,
    "delivered": S.DELIVERED,
}
CART = (
    "+items.total,+items.original_total,+items.product_title,+items.variant_id,+items.product_id,"
    "+promotions.code,+promotions.is_automatic,+shipping_address.country_code,+completed_at,"
    "*payment_collection"
)
ORDER = (
    "+email,+currency_code,+fulfillment_status,+metadata,+summary,+customer.id,"
    "+customer.has_account,*shipping_address,*items,+items.total,+items.original_total,"
    "*shipping_methods,+shipping_methods.total,+shipping_methods.shipping_option_id,"
    "*payment_collections,*payment_collections.payments,*payment_collections.payments.captures,"
    "*payment_collections.payments.refunds,*fulfillments,*fulfillments.labels,*promotions"
)
Data = dict[str, Any]


def major(amount: int, currency: str) -> float:
    """What Medusa writes for so many minor units."""
    return float(Decimal(amount).scaleb(-get_currency_precision(currency.upper())))


def lines(items: Iterable[Data], currency: str) -> tuple[TheirLine, ...]:
    """In the order in which they came: ids of Medusa's grow with time."""
    return tuple(
        TheirLine(
            variant_id(one["product_id"], one["variant_id"]),
            one["product_title"],
            int(one["quantity"]),
            minor(Decimal(str(one["original_total"])) / int(one["quantity"]), currency),
        )
        for one in sorted(items, key=lambda one: one["id"])
        if int(one["quantity"])
    )


def discount(items: Iterable[Data], currency: str) -> int:
    off = (Decimal(str(one["original_total"])) - Decimal(str(one["total"])) for one in items)
    return minor(sum(off, Decimal(0)), currency)


def codes(data: Data) -> list[str]:
    """Those that somebody gave; a promotion of the whole shop has none."""
    given = (one for one in data.get("promotions") or () if not one.get("is_automatic"))
    return [one["code"] for one in given]


def cart(data: Data) -> TheirCart:
    items, currency = data["items"] or (), data["currency_code"]
    code = next(iter(codes(data)), None)
    return TheirCart(data["id"], lines(items, currency), discount(items, currency), code)


def order(data: Data, methods: dict[str, str]) -> TheirOrder:
    """`methods` are ids of policy.yml by those of Medusa's shipping options."""
    state, currency = state_of(data), data["currency_code"]
    address, customer = data["shipping_address"] or {}, data.get("customer") or {}
    ways, items = data["shipping_methods"] or (), data["items"] or ()
    delivery_price = sum(minor(way["total"], currency) for way in ways)
    return TheirOrder(
        number=str(data["display_id"]),
        state=state,
        placed=seconds(data["created_at"]),
        email=data["email"] or "",
        phone=address.get("phone") or None,
        account=customer["id"] if customer.get("has_account") else "",
        currency=currency.upper(),
        lines=lines(items, currency),
        discount=discount(items, currency),
        delivery=next((methods.get(way["shipping_option_id"], "") for way in ways), ""),
        delivery_price=delivery_price,
        # Not Medusa's own, from which it takes off what was paid back.
        total=sum(minor(one["total"], currency) for one in items) + delivery_price,
        address=to_address(address),
        point=address.get("address_2") or None,
        code=next(iter(codes(data)), None),
        paid=paid(data),
        refunded=refunded(data),
        tracking=tracking(data),
        delivered=delivered(data) if state is S.DELIVERED else None,
    )


def state_of(data: Data) -> OrderState:
    money = paid(data)
    if data["status"] == "canceled":
        return S.CANCELLED
    if 0 < money <= refunded(data):
        return S.REFUNDED
    if state := FULFILLED.get(data["fulfillment_status"]):
        return state
    # What a provider of web buyers' has authorized, the shop will take.
    theirs = any(one["provider_id"] != SYSTEM for one in payments(data))
    return S.PAID if money or theirs else S.AWAITING_PAYMENT


def payments(data: Data) -> Iterator[Data]:
    for collection in data.get("payment_collections") or ():
        for payment in collection.get("payments") or ():
            if not payment.get("canceled_at"):
                yield payment


def captured(payment: Data) -> int:
    return moved(payment, "captures")


def returned(payment: Data) -> int:
    return moved(payment, "refunds")


def moved(payment: Data, way: str) -> int:
    currency = payment["currency_code"]
    return sum(minor(one["amount"], currency) for one in payment.get(way) or ())


def paid(data: Data) -> int:
    return sum(map(captured, payments(data)))


def refunded(data: Data) -> int:
    return sum(map(returned, payments(data)))


def owed(data: Data) -> int:
    """What Medusa thinks the shopper still has to pay; negative: to be paid back."""
    return minor(data["summary"]["pending_difference"], data["currency_code"])


def tracking(data: Data) -> Data | None:
    carrier = next((way["name"] for way in data["shipping_methods"] or ()), "")
    for one in data["fulfillments"] or ():
        for label in one.get("labels") or ():
            if label["tracking_number"]:
                return {
                    "carrier": carrier,
                    "number": label["tracking_number"],
                    "url": (label["tracking_url"] or "").strip("#"),
                    "status": "delivered" if one["delivered_at"] else "in_transit",
                    "updated": one["updated_at"].replace("Z", "+00:00"),
                }
    return None


def delivered(data: Data) -> int | None:
    arrived = [seconds(f["delivered_at"]) for f in data["fulfillments"] or () if f["delivered_at"]]
    return max(arrived, default=None)


def seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp())


def to_address(data: Data) -> Address:
    name = " ".join(filter(None, (data.get("first_name"), data.get("last_name"))))
    return Address(
        name,
        street=data.get("address_1") or "",
        postcode=data.get("postal_code") or "",
        city=data.get("city") or "",
        country=(data.get("country_code") or "").upper(),
        region=data.get("province") or "",
    )


def from_address(address: Address, point: str | None, phone: str | None = None) -> Data:
    given, _, family = address.name.strip().rpartition(" ")
    data = {
        "first_name": given,
        "last_name": family,
        "address_1": address.street,
        "address_2": point or "",
        "city": address.city,
        "province": address.region,
        "postal_code": address.postcode,
        "country_code": address.country.lower(),
    }
    return {**data, "phone": phone} if phone else data
