"""WooCommerce's orders as ours, and ours as its: pure functions of what its REST API answers.

https://developer.woocommerce.com/docs/apis/rest-api/v3/orders/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from shop.commerce.remote.amounts import minor
from shop.commerce.remote.vendor import TheirLine, TheirOrder, product_of, variant_id
from shop.commerce.woocommerce.goods import seconds
from shop.model import Address, Checkout, OrderState
from shop.policy import policy
from shop.store import now

S = OrderState
STATES = {
    "pending": S.AWAITING_PAYMENT,
    "on-hold": S.AWAITING_PAYMENT,
    "failed": S.PAYMENT_FAILED,
    "processing": S.PAID,
    "completed": S.SHIPPED,
    "cancelled": S.CANCELLED,
    "refunded": S.REFUNDED,
    # What plugins add and call so.
    "packed": S.PACKED,
    "shipped": S.SHIPPED,
    "delivered": S.DELIVERED,
}
UNPLACED = ("auto-draft", "checkout-draft", "trash")
PARCELS = "_wc_shipment_tracking_items"  # https://woocommerce.com/document/shipment-tracking/
METHODS = {
    "bacs": "transfer",
    "cod": "cash_on_delivery",
    "paypal": "paypal",
    "ppcp-gateway": "paypal",
    "przelewy24": "przelewy24",
}
Deliveries = Mapping[str, Sequence[int]]  # id of policy.yml -> WooCommerce's instance ids


def order(data: dict[str, Any], deliveries: Deliveries) -> TheirOrder:
    currency, lines = data["currency"], tuple(line(one, data) for one in data["line_items"])
    delivery, shipping = delivery_of(data, deliveries), amount(data, "shipping_total")
    total, goods = minor(data["total"], currency), sum(one.price * one.quantity for one in lines)
    shipping += amount(data, "shipping_tax")
    state, arrived = state_of(data, delivery)
    where = data["shipping"] if data["shipping"].get("address_1") else data["billing"]
    return TheirOrder(
        number=str(data["id"]),
        state=state,
        placed=seconds(data["date_created_gmt"]),
        email=data["billing"].get("email") or "",
        phone=data["billing"].get("phone") or None,
        account=str(data["customer_id"] or ""),
        currency=currency,
        lines=lines,
        discount=goods + shipping - total,
        delivery=delivery,
        delivery_price=shipping,
        total=total,
        address=to_address(where),
        point=where.get("address_2") or None,
        code=next((one["code"].upper() for one in data["coupon_lines"]), None),
        paid=total if data["date_paid_gmt"] else 0,
        refunded=refunded(data),
        method=METHODS.get(data["payment_method"], "card"),
        tracking=tracking(data),
        delivered=arrived if state is S.DELIVERED else None,
    )


def line(data: dict[str, Any], of: dict[str, Any]) -> TheirLine:
    """The price of a piece before discounts, as it was taken: of three for 10.00 it is 3.33."""
    product, variation = str(data["product_id"]), str(data["variation_id"] or data["product_id"])
    whole = Decimal(data["subtotal"]) + Decimal(data["subtotal_tax"])
    price = minor(whole / max(data["quantity"], 1), of["currency"])
    title = data.get("parent_name") or data["name"]
    return TheirLine(variant_id(product, variation), title, data["quantity"], price)


def amount(data: dict[str, Any], name: str) -> int:
    return minor(data[name], data["currency"])


def refunded(data: dict[str, Any]) -> int:
    """Their totals are negative."""
    return -sum(minor(refund["total"], data["currency"]) for refund in data["refunds"])


def state_of(data: dict[str, Any], delivery: str) -> tuple[OrderState, int]:
    """And when it arrived, or should have. WooCommerce's `completed` is sent: nobody tells it of
    the arrival, so that is taken to be the last day that the delivery method promises."""
    state = STATES.get(data["status"], S.PAID)
    done = seconds(data["date_completed_gmt"]) if data["date_completed_gmt"] else now()
    if data["status"] != "completed":
        return state, done
    days = next((m.days[1] for m in policy().delivery if m.id == delivery), 0)
    sent = policy().local(datetime.fromtimestamp(done, timezone.utc))
    last = policy().working_day(sent.date(), days)
    arrived = int((sent + timedelta(days=(last - sent.date()).days)).timestamp())
    return (S.DELIVERED, arrived) if arrived <= now() else (S.SHIPPED, arrived)


def delivery_of(data: dict[str, Any], deliveries: Deliveries) -> str:
    for one in data["shipping_lines"]:
        for id_, instances in deliveries.items():
            if str(one.get("instance_id", "")) in map(str, instances):
                return id_
        return str(one["method_id"])
    return ""


def tracking(data: dict[str, Any]) -> dict[str, Any] | None:
    """As the plugin Shipment Tracking keeps it."""
    parcels = next((m["value"] for m in data["meta_data"] if m["key"] == PARCELS), None) or []
    for parcel in parcels:
        at = datetime.fromtimestamp(int(parcel.get("date_shipped") or now()), timezone.utc)
        return {
            "carrier": parcel.get("tracking_provider") or parcel.get("custom_tracking_provider"),
            "number": parcel["tracking_number"],
            "url": parcel.get("custom_tracking_link") or "",
            "status": "in_transit",
            "updated": at.isoformat(),
        }
    return None


def to_address(data: dict[str, Any]) -> Address:
    return Address(
        name=f"{data['first_name']} {data['last_name']}".strip(),
        street=data["address_1"],
        postcode=data["postcode"],
        city=data["city"],
        country=data["country"],
        region=data["state"],
    )


def from_address(address: Address, point: str | None) -> dict[str, Any]:
    given, _, family = address.name.strip().rpartition(" ")
    return {
        "first_name": given or family,
        "last_name": family if given else "",
        "address_1": address.street,
        "address_2": point or "",
        "city": address.city,
        "state": address.region,
        "postcode": address.postcode,
        "country": address.country.upper(),
    }


def people(checkout: Checkout) -> dict[str, Any]:
    billing = {**from_address(checkout.address, None), "email": checkout.email}
    if checkout.phone:
        billing["phone"] = checkout.phone
    return {"billing": billing, "shipping": from_address(checkout.address, checkout.point)}


def items(pieces: Mapping[str, int]) -> list[dict[str, Any]]:
    """Lines of an order to be; WooCommerce prices them."""
    return [{**reference(id_), "quantity": count} for id_, count in pieces.items()]


def reference(id_: str) -> dict[str, int]:
    product, variation = int(product_of(id_)), int(id_.rpartition("-")[2])
    own = {"product_id": product}
    return own if product == variation else {**own, "variation_id": variation}
