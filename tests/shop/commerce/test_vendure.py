"""Vendure's answers as our values; the adapter itself runs over a real Vendure in tests/peers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.catalogue import NewPrice
from shop.commerce.vendure import goods, sales
from shop.commerce.vendure.api import LoggedOut, trouble
from shop.model import Address, DeliveryMethod, Money, Order, OrderLine, OrderState, Unavailable

S = OrderState
SETTINGS = goods.Settings(track=True, threshold=0, with_tax=True, currency="PLN")
HOME = Address("Ewa Bąk", "ul. Krótka 1", "00-950", "Warszawa", "PL", "mazowieckie")


def names(text: str) -> dict[str, Any]:
    return {"translations": [{"languageCode": "en", "name": text}]}


def variant(**other: Any) -> dict[str, Any]:
    size = {"code": "xl", "group": {"code": "shirt-size"}, **names("XL")}
    return {
        "id": "7",
        "enabled": True,
        "trackInventory": "INHERIT",
        "outOfStockThreshold": 0,
        "useGlobalOutOfStockThreshold": True,
        "featuredAsset": None,
        "facetValues": [{"code": "black", "facet": {"code": "color"}, **names("Black")}],
        "stockLevels": [{"stockOnHand": 9, "stockAllocated": 4}],
        "prices": [{"currencyCode": "PLN", "price": 8000}, {"currencyCode": "EUR", "price": 2000}],
        "taxRateApplied": {"value": 23},
        "options": [size],
        "customFields": {"was": 10000, "lowest": 9000},
        **other,
    }


def product(**other: Any) -> dict[str, Any]:
    text = {"languageCode": "en", "name": "Shirt", "slug": "shirt", "description": "<p>A&amp;B</p>"}
    return {
        "id": "3",
        "createdAt": "2026-01-02T00:00:00.000Z",
        "enabled": True,
        "translations": [text],
        "featuredAsset": {"preview": "http://shop.test/a.jpg"},
        "facetValues": [{"code": "shirts", "facet": {"code": "category"}, **names("Shirts")}],
        "optionGroups": [{"code": "shirt-size", **names("Size")}],
        "variants": [variant()],
        **other,
    }


def test_a_product_is_read() -> None:
    shelves = goods.Shelves("https://shop.test/{slug}", ("was", "lowest"))
    (found,) = shelves.goods([product()], SETTINGS).products
    assert (found.id, found.category, found.url) == ("3", "shirts", "https://shop.test/shirt")
    assert (found.texts, found.axes) == ({"en": ("Shirt", "A&B", "")}, ("size",))
    (only,) = found.variants
    assert (only.id, only.stock) == ("3-7", 5)
    assert only.options == {"size": "XL", "colour": "black"}
    assert only.prices == {"PLN": NewPrice(10000, 8000, 9000), "EUR": NewPrice(2000)}


def test_terms_have_a_name_in_every_language() -> None:
    terms = {(t.facet, t.id): t.names for t in goods.Shelves().goods([product()], SETTINGS).terms}
    assert set(terms) == {("category", "shirts"), ("colour", "black"), ("axis", "size")}
    assert terms["category", "shirts"] == {language: ["Shirts"] for language in ("en", "pl", "es")}


@pytest.mark.parametrize(
    "off",
    [{"enabled": False}, {"variants": []}, {"variants": [variant(enabled=False)]}],
)
def test_what_is_not_on_sale_is_left_out(off: dict[str, Any]) -> None:
    assert goods.Shelves().goods([product(**off)], SETTINGS).products == ()


@pytest.mark.parametrize(
    ("data", "settings", "left"),
    [
        ({}, {}, 5),
        ({}, {"threshold": 2}, 3),
        ({"useGlobalOutOfStockThreshold": False, "outOfStockThreshold": -3}, {"threshold": 2}, 8),
        ({"trackInventory": "FALSE"}, {}, goods.UNTRACKED),
        ({}, {"track": False}, goods.UNTRACKED),
        ({"trackInventory": "TRUE"}, {"track": False}, 5),
    ],
)
def test_stock_is_what_vendure_would_sell(
    data: dict[str, Any], settings: dict[str, Any], left: int
) -> None:
    assert goods.stock(variant(**data), replace(SETTINGS, **settings)) == left


def test_tax_is_added_where_prices_are_without() -> None:
    assert goods.gross(10000, 23, with_tax=True) == 10000
    assert goods.gross(10000, 23, with_tax=False) == 12300


def payment(state: str, amount: int = 100, back: int = 0, method: str = "ours") -> dict[str, Any]:
    refunds = [{"id": "1", "state": "Settled", "total": back}] if back else []
    return {"id": "1", "state": state, "amount": amount, "method": method, "refunds": refunds}


@pytest.mark.parametrize(
    ("state", "payments", "fulfilments", "told"),
    [
        ("PaymentAuthorized", [payment("Authorized")], [], S.AWAITING_PAYMENT),
        ("PaymentAuthorized", [payment("Authorized", method="stripe")], [], S.PAID),
        ("PaymentSettled", [payment("Settled")], [], S.PAID),
        ("Modifying", [payment("Settled")], [], S.PAID),
        ("PaymentSettled", [payment("Settled")], [{"state": "Pending"}], S.PACKED),
        ("PartiallyShipped", [payment("Settled")], [{"state": "Shipped"}], S.SHIPPED),
        ("Delivered", [payment("Settled")], [{"state": "Delivered"}], S.DELIVERED),
        ("Delivered", [payment("Settled", back=40)], [{"state": "Delivered"}], S.DELIVERED),
        ("Delivered", [payment("Settled", back=100)], [{"state": "Delivered"}], S.REFUNDED),
        ("Cancelled", [payment("Settled", back=100)], [], S.CANCELLED),
        ("Cancelled", [payment("Authorized")], [], S.CANCELLED),
    ],
)
def test_states_are_told_in_our_words(
    state: str, payments: list[Any], fulfilments: list[Any], told: OrderState
) -> None:
    data = {"state": state, "payments": payments, "fulfillments": fulfilments}
    assert sales.state_of(data, "ours") is told


def test_an_address_comes_back_as_it_was_given() -> None:
    data = sales.from_address(HOME, "WAW314N")
    assert sales.to_address(data) == HOME
    assert data["streetLine2"] == "WAW314N"


def order_of(counts: dict[str, int]) -> Order:
    zloty = Money(0, "PLN")
    lines = tuple(
        OrderLine(f"3-{id_}", "3", "Shirt", {}, count, zloty, "", str(n))
        for n, (id_, count) in enumerate(counts.items())
    )
    method = DeliveryMethod("courier_pl", "", zloty, (1, 2))
    at = datetime(2026, 1, 2, tzinfo=timezone.utc)
    return Order("1", S.PAID, at, "s", "e@x.test", lines, method, HOME, zloty, zloty)


counted = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 5), min_size=1)


@given(before=counted, after=counted)
def test_modifying_leads_to_what_was_wished(before: dict[str, int], after: dict[str, int]) -> None:
    lines = [
        {"id": f"line-{id_}", "quantity": count, "productVariant": {"id": id_}}
        for id_, count in before.items()
    ]
    wish = sales.new_lines({"lines": lines}, order_of(after))
    assert bool(wish) is (before != after)
    held = dict(before)
    for one in wish.get("adjustOrderLines", ()):
        held[one["orderLineId"].removeprefix("line-")] = one["quantity"]
    for one in wish.get("addItems", ()):
        held[one["productVariantId"]] = held.get(one["productVariantId"], 0) + one["quantity"]
    assert {id_: count for id_, count in held.items() if count} == after


def test_errors_tell_codes_and_no_messages() -> None:
    said = {"message": "ewa@example.org is unknown", "extensions": {"code": "FORBIDDEN"}}
    assert isinstance(trouble({"errors": [said]}), LoggedOut)
    other = trouble({"errors": [{**said, "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]})
    assert (type(other), str(other)) == (Unavailable, "vendure: INTERNAL_SERVER_ERROR")
    assert "ewa" not in str(trouble({}))
