"""Medusa's answers as our values; the adapter itself runs over a real Medusa in tests/peers."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.catalogue import NewPrice
from shop.commerce.medusa import codes, goods, sales
from shop.commerce.medusa.api import OUT_OF_STOCK, Denied, pairs, trouble
from shop.commerce.medusa.vendor import Settings
from shop.exchange import Answer
from shop.model import Address, NotFound, OrderState, Unavailable

S = OrderState
HOME = Address("Ewa Bąk", "ul. Krótka 1", "00-950", "Warszawa", "PL", "mazowieckie")
REGIONS = (
    {"id": "r1", "currency_code": "pln", "countries": [{"iso_2": "pl"}]},
    {"id": "r2", "currency_code": "eur", "countries": [{"iso_2": "es"}, {"iso_2": "ie"}]},
    {"id": "r3", "currency_code": "eur", "countries": [{"iso_2": "de"}]},
)


def priced(now: float, before: float, kind: str | None = None) -> dict[str, Any]:
    return {
        "calculated_amount": now,
        "original_amount": before,
        "calculated_price": {"price_list_type": kind},
    }


def variant(**other: Any) -> dict[str, Any]:
    size = {"id": "s1", "value": "XL", "option": {"id": "o1", "title": "Shirt size"}}
    colour = {"id": "c1", "value": "Light grey", "option": {"id": "o2", "title": "Color"}}
    return {
        "id": "v1",
        "options": [size, colour],
        "metadata": {"lowest_30d_pln": "90.00"},
        "calculated_price": priced(80, 100, "sale"),
        "manage_inventory": True,
        "allow_backorder": False,
        "inventory_quantity": 5,
        **other,
    }


def product(**other: Any) -> dict[str, Any]:
    return {
        "id": "p1",
        "title": "Shirt",
        "description": "<p>A&amp;B</p>",
        "handle": "shirt",
        "thumbnail": None,
        "created_at": "2026-01-02T00:00:00.000Z",
        "material": "Merino wool",
        "categories": [{"id": "k1", "handle": "t-shirts", "name": "T-shirts"}],
        "tags": [{"id": "t1", "value": "brand:Halny"}, {"id": "t2", "value": "new"}],
        "options": [
            {"id": "o1", "title": "Shirt size", "values": [{"id": "s1", "value": "XL"}]},
            {"id": "o2", "title": "Color", "values": [{"id": "c1", "value": "Light grey"}]},
        ],
        "variants": [variant()],
        **other,
    }


def polish() -> dict[str, Any]:
    return product(
        title="Koszula",
        material="wełna merino",
        categories=[{"id": "k1", "handle": "t-shirts", "name": "Koszulki"}],
        options=[
            {"id": "o2", "title": "Kolor", "values": [{"id": "c1", "value": "jasnoszary"}]},
            {"id": "o1", "title": "Rozmiar", "values": [{"id": "s1", "value": "XL"}]},
        ],
        variants=[variant(calculated_price=priced(20, 20), metadata=None)],
    )


def both() -> goods.Goods:
    looks = [goods.Look("en", "PLN", [product()]), goods.Look("pl", "EUR", [polish()])]
    return goods.goods(looks, "https://shop.test/{slug}")


def test_a_product_is_read() -> None:
    (found,) = both().products
    assert (found.id, found.category, found.brand) == ("p1", "t_shirts", "halny")
    assert (found.url, found.axes) == ("https://shop.test/shirt", ("size", "colour"))
    assert found.texts == {"en": ("Shirt", "A&B", ""), "pl": ("Koszula", "A&B", "")}
    assert found.facets == {"material": ("merino_wool",)}
    (only,) = found.variants
    assert (only.id, only.stock) == ("p1-v1", 5)
    assert only.options == {"size": "XL", "colour": "light_grey"}
    assert only.prices == {"PLN": NewPrice(10000, 8000, 9000), "EUR": NewPrice(2000)}


def test_terms_have_a_name_in_every_language() -> None:
    terms = {(t.facet, t.id): t.names for t in both().terms}
    assert {facet for facet, _ in terms} == {"category", "brand", "material", "axis", "colour"}
    assert terms["colour", "light_grey"]["pl"] == ["jasnoszary"]
    assert terms["material", "merino_wool"]["pl"] == ["wełna merino"]
    assert terms["category", "t_shirts"] == {
        "en": ["T-shirts"],
        "pl": ["Koszulki"],
        "es": ["T-shirts"],
    }


def test_what_has_no_options_has_no_axes() -> None:
    title = {"id": "o1", "title": "Default option"}
    only = variant(options=[{"id": "s1", "value": "Default option value", "option": title}])
    bare = product(options=[{**title, "values": []}], variants=[only])
    (found,) = goods.goods([goods.Look("en", "PLN", [bare])], "").products
    assert (found.axes, found.variants[0].options, found.url) == ((), {}, None)


def test_what_was_told_once_only_waits_for_the_next_pull() -> None:
    looks = [goods.Look("en", "PLN", [product()]), goods.Look("pl", "EUR", [])]
    assert goods.goods(looks, "").products == ()


@pytest.mark.parametrize(
    ("data", "left"),
    [
        ({}, 5),
        ({"inventory_quantity": None}, 0),
        ({"manage_inventory": False}, goods.UNTRACKED),
        ({"allow_backorder": True}, goods.UNTRACKED),
    ],
)
def test_stock_is_what_medusa_would_sell(data: dict[str, Any], left: int) -> None:
    assert goods.stock(variant(**data)) == left


@pytest.mark.parametrize(
    ("told", "metadata", "price"),
    [
        (priced(80, 100, "sale"), {"lowest_30d_pln": 90}, NewPrice(10000, 8000, 9000)),
        (priced(80, 100, "sale"), {}, NewPrice(8000)),
        (priced(80, 100, "override"), {"lowest_30d_pln": 90}, NewPrice(8000)),
        ({**priced(100, 100), "calculated_amount_with_tax": 123}, {}, NewPrice(12300)),
        (None, {}, None),
    ],
)
def test_a_reduction_is_told_with_the_lowest_price(
    told: Any, metadata: dict[str, Any], price: NewPrice | None
) -> None:
    assert goods.price(variant(calculated_price=told, metadata=metadata), "PLN") == price


@given(st.integers(0, 10**9), st.sampled_from(["PLN", "EUR", "JPY", "KWD"]))
def test_amounts_go_there_and_back(minor: int, currency: str) -> None:
    assert goods.minor(sales.major(minor, currency), currency) == minor


def test_a_region_sells_to_its_countries() -> None:
    settings = Settings(REGIONS, {"pl": "pl-PL", "es": "es-ES"})
    assert (settings.region("PLN"), settings.region("EUR", "DE")) == ("r1", "r3")
    assert settings.region("EUR", "PL") is None
    assert [*settings.looks()] == [("en", "PLN"), ("pl", "EUR"), ("es", "")]
    with pytest.raises(Unavailable):
        [*Settings((), {}).looks()]


def money(took: int = 0, back: int = 0, provider: str = sales.SYSTEM) -> dict[str, Any]:
    return {
        "provider_id": provider,
        "currency_code": "pln",
        "captures": [{"amount": took}] if took else [],
        "refunds": [{"amount": back}] if back else [],
    }


@pytest.mark.parametrize(
    ("status", "fulfilled", "payment", "told"),
    [
        ("pending", "not_fulfilled", money(), S.AWAITING_PAYMENT),
        ("pending", "not_fulfilled", money(provider="pp_stripe"), S.PAID),
        ("pending", "not_fulfilled", money(100), S.PAID),
        ("pending", "not_fulfilled", money(100, 40), S.PAID),
        ("pending", "not_fulfilled", money(100, 100), S.REFUNDED),
        ("pending", "fulfilled", money(100), S.PACKED),
        ("pending", "partially_shipped", money(100), S.SHIPPED),
        ("completed", "delivered", money(100), S.DELIVERED),
        ("canceled", "not_fulfilled", money(100, 100), S.CANCELLED),
    ],
)
def test_states(status: str, fulfilled: str, payment: dict[str, Any], told: OrderState) -> None:
    collections = [{"payments": [payment]}]
    data = {"status": status, "fulfillment_status": fulfilled, "payment_collections": collections}
    assert sales.state_of(data) is told


@given(
    st.tuples(st.text(), st.text()).map(" ".join).map(str.split).map(" ".join),
    st.text().map(str.strip),
)
def test_an_address_comes_back_as_it_went(name: str, street: str) -> None:
    home = Address(name, street, "00-950", "Warszawa", "PL", "mazowieckie")
    assert sales.to_address(sales.from_address(home, "WAW314N")) == home


@pytest.mark.parametrize(
    ("promotion", "reason"),
    [
        (None, "code_unknown"),
        ({"status": "draft"}, "code_unknown"),
        ({"status": "inactive"}, "code_expired"),
        ({"campaign": {"ends_at": "2026-11-22T00:00:00.000Z"}}, "code_expired"),
        ({"campaign": {"ends_at": "2026-11-24T00:00:00.000Z"}}, "code_not_combinable"),
        ({"limit": 3, "used": 3}, "code_used"),
        ({"campaign": {"budget": {"limit": 3, "used": 4}}}, "code_used"),
        (
            {"rules": [{"attribute": "item_total", "operator": "gte", "values": [{"value": "5"}]}]},
            "code_minimum",
        ),
    ],
)
def test_why_a_code_is_refused(promotion: dict[str, Any] | None, reason: str) -> None:
    now = datetime(2026, 11, 23, tzinfo=timezone.utc)
    assert codes.why(promotion, now, "PLN").reason == reason


def test_refusals_say_nothing_of_shoppers() -> None:
    said = {"type": "invalid_data", "message": "ewa@example.org is not known"}
    assert isinstance(trouble(Answer(404, said, {})), NotFound)
    denied = trouble(Answer(400, said, {}))
    assert isinstance(denied, Denied)
    assert (denied.kind, "ewa" in str(denied)) == ("invalid_data", False)


@pytest.mark.parametrize(
    "said",
    [
        {"type": "not_allowed", "code": "insufficient_inventory", "message": "Some variant"},
        {"type": "not_allowed", "message": "Not enough stock available for item iitem_1 at sloc_2"},
    ],
)
def test_an_empty_stock_is_told_in_two_ways(said: dict[str, Any]) -> None:
    denied = trouble(Answer(400, said, {}))
    assert isinstance(denied, Denied)
    assert denied.kind == OUT_OF_STOCK


def test_lists_of_values_have_names_of_their_own() -> None:
    assert pairs({"id": ["a", "b"], "limit": 2}) == [("id[]", "a"), ("id[]", "b"), ("limit", "2")]
