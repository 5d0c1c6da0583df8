"""Vendure's carts and orders as ours: pure functions of what its APIs answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shop.commerce.changes import pieces
from shop.commerce.remote.vendor import TheirCart, TheirLine, TheirOrder, variant_id
from shop.model import Address, Order, OrderState

S = OrderState
STATES = {
    "PaymentAuthorized": S.PAID,
    "PaymentSettled": S.PAID,
    "Modifying": S.PAID,
    "ArrangingAdditionalPayment": S.PAID,
    "PartiallyShipped": S.SHIPPED,
    "Shipped": S.SHIPPED,
    "PartiallyDelivered": S.SHIPPED,
    "Delivered": S.DELIVERED,
    "Cancelled": S.CANCELLED,
}
PARCEL = {"Shipped": "in_transit", "Delivered": "delivered"}
LINE = "id quantity unitPriceWithTax productVariant { id productId name }"
CART = f"code state couponCodes currencyCode subTotalWithTax lines {{ {LINE} }}"
ORDER = f"""id code state orderPlacedAt couponCodes currencyCode
  subTotalWithTax shippingWithTax totalWithTax
  customer {{ id emailAddress phoneNumber user {{ id }} }}
  shippingAddress {{ fullName streetLine1 streetLine2 city province postalCode countryCode }}
  shippingLines {{ shippingMethod {{ code }} }}
  payments {{ id state amount method refunds {{ id state total }} }}
  fulfillments {{ state method trackingCode updatedAt }}
  lines {{ orderPlacedQuantity {LINE} }}"""


def line(data: dict[str, Any], quantity: int) -> TheirLine:
    variant = data["productVariant"]
    id_ = variant_id(variant["productId"], variant["id"])
    return TheirLine(id_, variant["name"], quantity, data["unitPriceWithTax"])


def in_order(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Oldest first, always: Vendure gives those of one moment in any order."""
    return sorted(lines, key=lambda one: (len(one["id"]), one["id"]))


def discount(data: dict[str, Any]) -> int:
    goods = sum(one["unitPriceWithTax"] * one["quantity"] for one in data["lines"])
    return goods - data["subTotalWithTax"]


def cart(data: dict[str, Any] | None, session: str) -> TheirCart:
    if data is None:
        return TheirCart(session)
    return TheirCart(
        session,
        tuple(line(one, one["quantity"]) for one in in_order(data["lines"]) if one["quantity"]),
        discount(data),
        next(iter(data["couponCodes"]), None),
        data["code"],
    )


def order(data: dict[str, Any], ours: str) -> TheirOrder:
    """`ours` is the code of the payment method with which our orders wait."""
    state = state_of(data, ours)
    address, customer = data["shippingAddress"] or {}, data["customer"] or {}
    shipped = [one["shippingMethod"]["code"] for one in data["shippingLines"]]
    return TheirOrder(
        number=data["code"],
        state=state,
        placed=seconds(data["orderPlacedAt"]),
        email=customer.get("emailAddress", ""),
        phone=customer.get("phoneNumber") or None,
        account=customer["id"] if customer.get("user") else "",
        currency=data["currencyCode"],
        lines=lines_of(data),
        discount=discount(data),
        delivery=method_id(shipped[0]) if shipped else "",
        delivery_price=data["shippingWithTax"],
        total=data["totalWithTax"],
        address=to_address(address),
        point=address.get("streetLine2") or None,
        code=next(iter(data["couponCodes"]), None),
        paid=paid(data),
        refunded=refunded(data),
        method=next((p["method"] for p in data["payments"] or ()), "card"),
        tracking=tracking(data),
        delivered=delivered(data) if state is S.DELIVERED else None,
    )


def state_of(data: dict[str, Any], ours: str) -> OrderState:
    payments = data["payments"] or ()
    waiting = any(p["method"] == ours and p["state"] == "Authorized" for p in payments)
    state = STATES.get(data["state"], S.PAID)
    if state is not S.CANCELLED and 0 < paid(data) <= refunded(data):
        return S.REFUNDED
    if state is S.PAID and waiting:
        return S.AWAITING_PAYMENT
    if state is S.PAID and data["fulfillments"]:
        return S.PACKED
    return state


def lines_of(data: dict[str, Any]) -> tuple[TheirLine, ...]:
    """Of a cancelled order what was bought: Vendure has nothing left in its lines."""
    gone = data["state"] == "Cancelled"
    count = "orderPlacedQuantity" if gone else "quantity"
    return tuple(line(one, one[count]) for one in in_order(data["lines"]) if one[count])


def paid(data: dict[str, Any]) -> int:
    return sum(p["amount"] for p in data["payments"] or () if p["state"] == "Settled")


def refunds(payment: dict[str, Any]) -> int:
    return sum(r["total"] for r in payment["refunds"] if r["state"] != "Failed")


def refunded(data: dict[str, Any]) -> int:
    return sum(refunds(payment) for payment in data["payments"] or ())


def tracking(data: dict[str, Any]) -> dict[str, Any] | None:
    for one in data["fulfillments"] or ():
        if one["trackingCode"]:
            return {
                "carrier": one["method"],
                "number": one["trackingCode"],
                "url": "",
                "status": PARCEL.get(one["state"], "label_created"),
                "updated": one["updatedAt"].replace("Z", "+00:00"),
            }
    return None


def delivered(data: dict[str, Any]) -> int | None:
    arrived = [
        seconds(f["updatedAt"]) for f in data["fulfillments"] or () if f["state"] == "Delivered"
    ]
    return max(arrived, default=None)


def seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp())


def method_id(code: str) -> str:
    return code.replace("-", "_")


def to_address(data: dict[str, Any]) -> Address:
    names = ("fullName", "streetLine1", "postalCode", "city", "countryCode", "province")
    return Address(*(data.get(name) or "" for name in names))


def from_address(address: Address, point: str | None, phone: str | None = None) -> dict[str, Any]:
    data = {
        "fullName": address.name,
        "streetLine1": address.street,
        "streetLine2": point or "",
        "city": address.city,
        "province": address.region,
        "postalCode": address.postcode,
        "countryCode": address.country.upper(),
    }
    return {**data, "phoneNumber": phone} if phone else data


def new_lines(data: dict[str, Any], after: Order) -> dict[str, Any]:
    """What `modifyOrder` has to do so that the order holds the pieces that it shall hold."""
    wanted = {id_.rpartition("-")[2]: count for id_, count in pieces(after).items()}
    here: dict[str, Any] = {}
    for one in data["lines"]:
        if one["quantity"]:
            here[one["productVariant"]["id"]] = one
    adjusted = [
        {"orderLineId": one["id"], "quantity": wanted.get(variant, 0)}
        for variant, one in here.items()
        if one["quantity"] != wanted.get(variant, 0)
    ]
    added = [
        {"productVariantId": variant, "quantity": count}
        for variant, count in wanted.items()
        if variant not in here
    ]
    return {"adjustOrderLines": adjusted, "addItems": added} if adjusted or added else {}
