"""Shopify's carts and orders as ours: pure functions of what its Admin API answers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from babel.numbers import get_currency_precision

from shop.commerce.remote.vendor import TheirCart, TheirLine, TheirOrder, variant_id
from shop.commerce.shopify.api import gid, plain_id
from shop.feed.terms import key
from shop.model import Address, Checkout, Money, OrderState
from shop.payments.amounts import from_units, written
from shop.policy import policy

S = OrderState
UNPAID = ("PENDING", "EXPIRED", "VOIDED")
CODE = re.compile(r"[A-Z]{1,3}|[0-9]{1,3}")  # of a region: IL, M, 13
ARRIVED = ("DELIVERED", "PICKED_UP")
SENT = ("FULFILLED", "PARTIALLY_FULFILLED")
PARCEL = {
    "ATTEMPTED_DELIVERY": "not_delivered",
    "CARRIER_PICKED_UP": "in_transit",
    "DELAYED": "in_transit",
    "DELIVERED": "delivered",
    "FAILURE": "not_delivered",
    "IN_TRANSIT": "in_transit",
    "NOT_DELIVERED": "not_delivered",
    "OUT_FOR_DELIVERY": "out_for_delivery",
    "PICKED_UP": "delivered",
    "READY_FOR_PICKUP": "ready_to_collect",
}


@dataclass(frozen=True)
class Basket:
    """A cart of ours, which is its session: pieces by variant id, a code, the draft of its order
    once there is one."""

    lines: dict[str, int] = field(default_factory=dict)
    code: str = ""
    draft: str = ""

    @property
    def session(self) -> str:
        return json.dumps(asdict(self))

    def line_items(self) -> list[dict[str, Any]]:
        return [
            {"variantId": gid("ProductVariant", plain_variant(id_)), "quantity": count}
            for id_, count in self.lines.items()
        ]


def basket(session: str) -> Basket:
    return Basket(**json.loads(session)) if session else Basket()


def plain_variant(id_: str) -> str:
    return id_.rpartition("-")[2]


def minor(amount: str, currency: str) -> int:
    return from_units(amount, 0, currency).minor


def amount(minor: int, currency: str) -> str:
    return written(Money(minor, currency), get_currency_precision(currency))


def paid_in(money: dict[str, Any]) -> int:
    """Minor units of the currency that the shopper pays in."""
    there = money["presentmentMoney"]
    return minor(there["amount"], there["currencyCode"])


def seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp())


def line(data: dict[str, Any], quantity: int) -> TheirLine:
    """What has been deleted from the shop since has no ids any more."""
    variant = data["variant"] or {}
    product = variant.get("product") or {}
    id_ = variant_id(plain_id(product.get("id", "0")), plain_id(variant.get("id", "0")))
    return TheirLine(id_, data["title"], quantity, paid_in(data["originalUnitPriceSet"]))


def goods(lines: tuple[TheirLine, ...]) -> int:
    return sum(one.price * one.quantity for one in lines)


def cart(data: dict[str, Any], mine: Basket) -> TheirCart:
    """Of a calculated draft order."""
    lines = tuple(line(one, one["quantity"]) for one in data["lineItems"])
    discount = goods(lines) - paid_in(data["subtotalPriceSet"])
    return TheirCart(mine.session, lines, discount, mine.code or None)


def useless(data: dict[str, Any]) -> tuple[str, ...]:
    """The codes of a draft that bring nothing, in capitals."""
    return tuple(one["discountCode"].upper() for one in data["warnings"] if one.get("discountCode"))


def order(data: dict[str, Any]) -> TheirOrder:
    state = state_of(data)
    gone = state is S.CANCELLED
    nodes = data["lineItems"]["nodes"]
    counted = [(one, one["quantity" if gone else "currentQuantity"]) for one in nodes]
    lines = tuple(line(one, count) for one, count in counted if count)
    delivery = data["shippingLine"]
    price = paid_in(delivery["discountedPriceSet"]) if delivery else 0
    subtotal = paid_in(data["currentSubtotalPriceSet"])
    off = paid_in(data["totalDiscountsSet"]) if gone else goods(lines) - subtotal
    address, customer = data["shippingAddress"] or {}, data["customer"] or {}
    country = address.get("countryCodeV2") or ""
    return TheirOrder(
        number=str(data["number"]),
        state=state,
        placed=seconds(data["createdAt"]),
        email=data["email"] or "",
        phone=data["phone"] or address.get("phone") or None,
        account=plain_id(customer["id"]) if customer.get("state") == "ENABLED" else "",
        currency=data["presentmentCurrencyCode"],
        lines=lines,
        discount=off,
        delivery=method_of(delivery["title"], country) if delivery else "",
        delivery_price=price,
        total=paid_in(data["totalPriceSet"]) if gone else subtotal + price,
        address=to_address(address),
        point=address.get("address2") or None,
        code=next(iter(data["discountCodes"]), None),
        paid=paid_in(data["totalReceivedSet"]),
        refunded=paid_in(data["totalRefundedSet"]),
        method=next(iter(data["paymentGatewayNames"]), "card"),
        tracking=tracking(data),
        delivered=delivered(data) if state is S.DELIVERED else None,
    )


def state_of(data: dict[str, Any]) -> OrderState:
    if data["cancelledAt"]:
        return S.CANCELLED
    if data["displayFinancialStatus"] == "REFUNDED":
        return S.REFUNDED
    parcels = [one["displayStatus"] for one in data["fulfillments"]]
    if data["displayFulfillmentStatus"] in SENT:
        if data["displayFulfillmentStatus"] == "FULFILLED" and all(p in ARRIVED for p in parcels):
            return S.DELIVERED
        return S.READY_TO_COLLECT if "READY_FOR_PICKUP" in parcels else S.SHIPPED
    if data["displayFinancialStatus"] in UNPAID:
        return S.AWAITING_PAYMENT
    return S.PACKED if data["displayFulfillmentStatus"] == "IN_PROGRESS" else S.PAID


def tracking(data: dict[str, Any]) -> dict[str, Any] | None:
    for parcel in data["fulfillments"]:
        for one in parcel["trackingInfo"]:
            if one["number"]:
                return {
                    "carrier": one["company"] or "",
                    "number": one["number"],
                    "url": one["url"] or "",
                    "status": PARCEL.get(parcel["displayStatus"], "label_created"),
                    "updated": parcel["updatedAt"].replace("Z", "+00:00"),
                }
    return None


def delivered(data: dict[str, Any]) -> int:
    return max(seconds(one["deliveredAt"] or one["updatedAt"]) for one in data["fulfillments"])


def method_of(title: str, country: str) -> str:
    """The method of policy.yml that a rate's title names, by id or in any language; "" if none."""
    for method in policy().deliveries(country):
        if key(title) in {key(name) for name in (method.id, *method.title.values())}:
            return method.id
    return ""


def to_address(data: dict[str, Any]) -> Address:
    names = ("name", "address1", "zip", "city", "countryCodeV2", "province")
    found = Address(*(data.get(name) or "" for name in names))
    city, _, region = found.city.partition(", ")
    return found if found.region else replace(found, city=city, region=region)


def from_address(
    address: Address,
    point: str | None,
    phone: str | None = None,
    before: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """`before` is the address that it replaces, whose region has a code. One without a code, of
    which Shopify knows none in many countries, stands behind the city."""
    first, _, last = address.name.strip().rpartition(" ")
    data = {
        "firstName": first,
        "lastName": last,
        "address1": address.street,
        "address2": point or "",
        "zip": address.postcode,
        "city": address.city,
        "countryCode": address.country.upper(),
    }
    named = address.region and address.region == before.get("province")
    code = before.get("provinceCode") if named else address.region.upper()
    if CODE.fullmatch(code or ""):
        data["provinceCode"] = str(code)
    elif address.region:
        data["city"] = f"{address.city}, {address.region}"
    return {**data, "phone": phone} if phone else data


def draft(lines: list[dict[str, Any]], code: str, currency: str, country: str) -> dict[str, Any]:
    """What prices a cart: the input of a draft order."""
    return {
        "lineItems": lines,
        "discountCodes": [code] if code else [],
        "acceptAutomaticDiscounts": True,
        "presentmentCurrencyCode": currency,
        "shippingAddress": {"countryCode": country},
    }


def whole_draft(
    mine: Basket, checkout: Checkout, currency: str, rate: dict[str, Any], terms: str
) -> dict[str, Any]:
    """The same for an order, which is due when it is received, and not paid yet."""
    where = from_address(checkout.address, checkout.point, checkout.phone)
    return {
        **draft(mine.line_items(), mine.code, currency, checkout.address.country.upper()),
        "email": checkout.email,
        "shippingAddress": where,
        "billingAddress": where,
        "shippingLine": shipping(rate),
        "paymentTerms": {"paymentTermsTemplateId": terms},
        "tags": ["shopkeeper"],
    }


def shipping(rate: dict[str, Any]) -> dict[str, Any]:
    return {"shippingRateHandle": rate["handle"], "title": rate["title"]}
