"""PrestaShop's addresses and orders as ours: pure functions of what its webservice answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from shop.commerce.prestashop.api import Row
from shop.commerce.prestashop.facts import Facts, on
from shop.commerce.prestashop.goods import members
from shop.commerce.remote.amounts import minor
from shop.commerce.remote.vendor import TheirLine, TheirOrder, variant_id
from shop.model import Address, Money, OrderState
from shop.policy import policy

S = OrderState
OURS = "shopkeeper"  # the alias of addresses that we wrote
ROLES = {
    "cancelled": S.CANCELLED,
    "refunded": S.REFUNDED,
    "failed": S.PAYMENT_FAILED,
    "delivered": S.DELIVERED,
    "packed": S.PACKED,
}
KINDS = {"ps_wirepayment": "transfer", "paypal": "paypal", "ps_checkout": "paypal"}
# What PrestaShop's formats isName, isAddress, isCityName, isGenericName, isMessage do not take.
NAME = re.compile(r"[0-9!<>,;?=+()@#\"°{}_$%:¤|]")
STREET = re.compile(r"[!<>?=+@{}_$%]")
CITY = re.compile(r"[!<>;?=+@#\"°{}_$%]")
GENERIC = re.compile(r"[<>={}]")
MESSAGE = re.compile(r"[<>{}]")
POSTCODE = re.compile(r"[^a-zA-Z 0-9-]")
PHONE = re.compile(r"[^+0-9. ()/-]")


@dataclass(frozen=True)
class Around:
    """What belongs to orders: customers and addresses by id, the rest by order's id."""

    facts: Facts
    customers: Mapping[str, Row] = field(default_factory=dict)
    addresses: Mapping[str, Row] = field(default_factory=dict)
    slips: Mapping[str, list[Row]] = field(default_factory=dict)
    rules: Mapping[str, list[Row]] = field(default_factory=dict)
    history: Mapping[str, list[Row]] = field(default_factory=dict)


def grouped(rows: Iterable[Row], by: str = "id_order") -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row[by], []).append(row)
    return found


def number_of(id_: str) -> str:
    return f"{policy().order_prefix}{id_}"


def id_of(number: str) -> str:
    """ "" where it cannot be one of PrestaShop's."""
    plain = number.removeprefix(policy().order_prefix)
    return plain if plain.isascii() and plain.isdigit() else ""


def order(data: Row, around: Around) -> TheirOrder:
    facts, id_ = around.facts, data["id"]
    currency = facts.currency_of(data["id_currency"]).code
    customer = around.customers.get(data["id_customer"], {})
    address = around.addresses.get(data["id_address_delivery"], {})
    slips = around.slips.get(id_, [])
    state = state_of(data, slips, facts)
    rules = [row for row in around.rules.get(id_, []) if not on(row, "deleted")]
    return TheirOrder(
        number=number_of(id_),
        state=state,
        placed=facts.seconds(data["date_add"]),
        email=customer.get("email", ""),
        phone=address.get("phone") or address.get("phone_mobile") or None,
        account="" if on(customer, "is_guest") else data["id_customer"],
        currency=currency,
        lines=tuple(line(row, currency) for row in members(data, "order_rows")),
        discount=minor(data["total_discounts_tax_incl"], currency),
        delivery=facts.method_of(data["id_carrier"]),
        delivery_price=minor(data["total_shipping_tax_incl"], currency),
        total=total(data, facts),
        address=to_address(address, facts),
        point=address.get("address2") or None,
        code=rules[0]["name"] if rules else None,
        paid=paid(data, facts),
        refunded=refunded(slips, currency),
        method=KINDS.get(data["module"], "card"),
        tracking=tracking(data, around, state),
        delivered=since(around, id_, "delivered") if state is S.DELIVERED else None,
    )


def line(row: Row, currency: str) -> TheirLine:
    id_ = variant_id(row["product_id"], row["product_attribute_id"] or "0")
    price = minor(row["unit_price_tax_incl"], currency)
    return TheirLine(id_, row["product_name"], int(row["product_quantity"]), price)


def total(data: Row, facts: Facts) -> int:
    return minor(data["total_paid_tax_incl"], facts.currency_of(data["id_currency"]).code)


def paid(data: Row, facts: Facts) -> int:
    """In a paid state all of it, also where the shop makes no invoices and so notes no payment."""
    if on(facts.states.get(data["current_state"], {}), "paid"):
        return total(data, facts)
    return minor(data["total_paid_real"], facts.currency_of(data["id_currency"]).code)


def refunded(slips: Iterable[Row], currency: str) -> int:
    parts = ("total_products_tax_incl", "total_shipping_tax_incl")
    return sum(minor(slip[part], currency) for slip in slips for part in parts)


def state_of(data: Row, slips: Iterable[Row], facts: Facts) -> OrderState:
    current = data["current_state"]
    roles = {id_: role for role, id_ in facts.roles.items()}
    known = ROLES.get(roles.get(current, ""))
    if known in (S.CANCELLED, S.REFUNDED, S.PAYMENT_FAILED):
        return known
    currency = facts.currency_of(data["id_currency"]).code
    if 0 < paid(data, facts) <= refunded(slips, currency):
        return S.REFUNDED
    flags = facts.states.get(current, {})
    if known is not None:
        return known
    if on(flags, "shipped"):
        return S.SHIPPED
    return S.PAID if on(flags, "paid") else S.AWAITING_PAYMENT


def sent(data: Row, facts: Facts) -> bool:
    return bool(data["shipping_number"]) or on(
        facts.states.get(data["current_state"], {}), "shipped"
    )


def tracking(data: Row, around: Around, state: OrderState) -> dict[str, Any] | None:
    facts, number = around.facts, data["shipping_number"]
    if not number:
        return None
    carrier = facts.carriers.get(data["id_carrier"], {})
    status = {S.SHIPPED: "in_transit", S.DELIVERED: "delivered"}
    moments = [row["date_add"] for row in around.history.get(data["id"], [])]
    return {
        "carrier": carrier.get("name", ""),
        "number": number,
        "url": str(carrier.get("url", "")).replace("@", number),
        "status": status.get(state, "label_created"),
        "updated": facts.iso(max([data["date_add"], *moments])),
    }


def since(around: Around, id_: str, role: str) -> int | None:
    wanted, rows = around.facts.roles[role], around.history.get(id_, [])
    moments = [row["date_add"] for row in rows if row["id_order_state"] == wanted]
    return around.facts.seconds(max(moments)) if moments else None


def to_address(row: Row, facts: Facts) -> Address:
    ours = row.get("alias") == OURS
    parts = (row.get("firstname", ""), row.get("lastname", ""))
    name = row["company"] if ours and row.get("company") else " ".join(filter(None, parts))
    return Address(
        name,
        row.get("address1", ""),
        row.get("postcode", ""),
        row.get("city", ""),
        facts.country_code(row.get("id_country", "")),
        row.get("other", "") if ours else "",
    )


def from_address(
    address: Address, point: str | None, phone: str | None, customer: str, facts: Facts
) -> Row:
    """A name that PrestaShop does not take as a person's stands as the company's, all of it."""
    first, last = names(address.name)
    whole = f"{first} {last}" == address.name
    return {
        "id_customer": customer,
        "id_country": facts.country(address.country),
        "alias": OURS,
        "company": "" if whole else GENERIC.sub("", address.name)[:255],
        "firstname": first,
        "lastname": last,
        "address1": STREET.sub("", address.street)[:128] or "-",
        "address2": STREET.sub("", point or "")[:128],
        "postcode": POSTCODE.sub("", address.postcode)[:12],
        "city": CITY.sub("", address.city)[:64] or "-",
        "other": MESSAGE.sub("", address.region)[:300],
        "phone": PHONE.sub("", phone or "")[:32],
    }


def names(name: str) -> tuple[str, str]:
    """First and last name, of characters that PrestaShop takes."""
    given, _, family = NAME.sub("", name).strip().rpartition(" ")
    return (given.strip() or family or "-")[:255], (family or "-")[:255]


def amount(minor_units: int | Decimal, currency: str) -> str:
    return Money(int(minor_units), currency).decimal
