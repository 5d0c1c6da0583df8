"""WooCommerce's answers as our values, and ours as its."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.catalogue import NewPrice
from shop.commerce.remote.words import UNTRACKED
from shop.commerce.woocommerce import amend, delivery, goods, sales
from shop.commerce.woocommerce.basket import Basket, opened
from shop.commerce.woocommerce.taxes import Settings, settings
from shop.model import Address, DeliveryMethod, Money, Order, OrderLine, OrderState
from shop.store import now

S, DAY = OrderState, 24 * 3600
HOME = Address("Ewa Bąk", "ul. Krótka 1", "00-950", "Warszawa", "PL", "MZ")
RATE = Decimal("0.23")


def options(**other: str) -> list[dict[str, str]]:
    said = {"currency": "PLN", "default_country": "PL:MZ", "calc_taxes": "yes", **other}
    return [{"id": f"woocommerce_{name}", "value": value} for name, value in said.items()]


def tax(**other: Any) -> dict[str, Any]:
    usual = {"country": "PL", "state": "", "rate": "23.0000", "class": "standard"}
    return {**usual, "shipping": True, **other}


@pytest.mark.parametrize(
    ("said", "taxes", "gross", "courier"),
    [
        ({"prices_include_tax": "yes"}, [tax()], 10000, 1599),
        ({"prices_include_tax": "no"}, [tax()], 12300, 1599),
        ({"prices_include_tax": "no"}, [tax(country="DE", rate="19.0000")], 10000, 1300),
        ({"prices_include_tax": "no"}, [tax(country="", rate="20")], 12000, 1560),
        ({"prices_include_tax": "no"}, [tax(), tax(country="", rate="20")], 12300, 1599),
        ({"prices_include_tax": "no"}, [tax(shipping=False)], 12300, 1300),
        ({"prices_include_tax": "no", "calc_taxes": "no"}, [tax()], 10000, 1300),
    ],
)
def test_what_is_told_has_the_tax_of_the_shops_country(
    said: dict[str, str], taxes: list[dict[str, Any]], gross: int, courier: int
) -> None:
    shop = settings(options(**said), taxes)
    assert shop.gross("100.00", "PLN") == gross
    assert shop.delivery("13.00", "PLN", taxable=True) == courier
    assert shop.delivery("13.00", "PLN", taxable=False) == 1300


def test_a_tax_class_has_its_own_rate() -> None:
    books = tax(rate="5", **{"class": "reduced-rate"})
    shop = settings(options(prices_include_tax="no"), [tax(), books])
    assert shop.gross("100", "PLN", "reduced-rate") == 10500
    assert shop.gross("100", "PLN", "reduced-rate", taxable=False) == 10000


def stocked(**other: Any) -> dict[str, Any]:
    usual = {"manage_stock": True, "stock_quantity": 5, "stock_status": "instock"}
    return {**usual, "backorders_allowed": False, **other}


@pytest.mark.parametrize(
    ("data", "left"),
    [
        ({}, 5),
        ({"manage_stock": "parent", "stock_quantity": 7}, 7),
        ({"manage_stock": False, "stock_quantity": None}, UNTRACKED),
        ({"manage_stock": False, "stock_quantity": None, "stock_status": "outofstock"}, 0),
        ({"stock_status": "outofstock", "stock_quantity": 3}, 0),
        ({"stock_status": "outofstock", "stock_quantity": -2}, -2),
        ({"backorders_allowed": True, "stock_quantity": 0, "stock_status": "onbackorder"},
         UNTRACKED),
    ],
)  # fmt: skip
def test_stock_is_what_woocommerce_would_sell(data: dict[str, Any], left: int) -> None:
    assert goods.stock(stocked(**data)) == left


def simple(**other: Any) -> dict[str, Any]:
    usual = {"id": 7, "type": "simple", "name": "Lamp &amp; bulb", "description": "<p>Warm.</p>"}
    usual |= {"date_created_gmt": "2026-01-02T10:00:00", "status": "publish", "purchasable": True}
    usual |= {"permalink": "https://shop.test/lamp", "images": [{"src": "https://shop.test/l.jpg"}]}
    usual |= {"regular_price": "99.99", "sale_price": "79.99", "on_sale": True, "attributes": []}
    usual |= {"tax_class": "", "tax_status": "taxable", "categories": [], "meta_data": []}
    return {**stocked(), **usual, **other}


def test_a_product_without_variations_is_its_own() -> None:
    shelves = goods.Shelves(Settings("PLN"), "en", lowest="_lowest")
    colour = {"name": "Color", "variation": False, "options": ["Jet Black"]}
    lowest = {"key": "_lowest", "value": "89.5"}
    found = shelves.product(simple(attributes=[colour], meta_data=[lowest]), [])
    assert found is not None
    assert (found.id, found.texts, found.axes) == ("7", {"en": ("Lamp & bulb", "Warm.", "")}, ())
    (only,) = found.variants
    assert (only.id, only.options, only.stock) == ("7-7", {"colour": "jet-black"}, 5)
    assert only.prices == {"PLN": NewPrice(9999, 7999, 8950)}
    assert sales.reference(only.id) == {"product_id": 7}


@pytest.mark.parametrize(
    "off",
    [
        {"status": "private"},
        {"purchasable": False},
        {"regular_price": ""},
        {"type": "external"},
        {"type": "grouped"},
        {"type": "variable"},
    ],
)
def test_what_cannot_be_bought_is_left_out(off: dict[str, Any]) -> None:
    assert goods.Shelves(Settings("PLN"), "en").product(simple(**off), []) is None


def placed(**other: Any) -> dict[str, Any]:
    usual = {"id": 5, "status": "processing", "date_completed_gmt": None}
    return {**usual, **other}


@pytest.mark.parametrize(
    ("status", "days_ago", "state"),
    [
        ("pending", None, S.AWAITING_PAYMENT),
        ("on-hold", None, S.AWAITING_PAYMENT),
        ("failed", None, S.PAYMENT_FAILED),
        ("processing", None, S.PAID),
        ("completed", 0, S.SHIPPED),
        ("completed", 30, S.DELIVERED),
        ("cancelled", 30, S.CANCELLED),
        ("refunded", 30, S.REFUNDED),
        ("delivered", None, S.DELIVERED),
        ("wc-of-a-plugin", None, S.PAID),
    ],
)
def test_states_are_told_in_our_words(status: str, days_ago: int | None, state: S) -> None:
    done = None
    if days_ago is not None:
        at = datetime.fromtimestamp(now() - days_ago * DAY, timezone.utc)
        done = at.strftime("%Y-%m-%dT%H:%M:%S")
    data = placed(status=status, date_completed_gmt=done)
    assert sales.state_of(data, "courier_pl")[0] is state


def test_an_address_comes_back_as_it_was_given() -> None:
    assert sales.to_address(sales.from_address(HOME, None)) == HOME
    data = sales.from_address(HOME, "WAW314N")
    assert data["address_2"] == "WAW314N"
    assert sales.to_address(data) == HOME


def method(kind: str = "flat_rate", number: int = 3, **said: str) -> dict[str, Any]:
    settings = {name: {"value": value} for name, value in said.items()}
    named = {"instance_id": number, "method_id": kind, "title": "Courier", "enabled": True}
    return {**named, "settings": settings}


@pytest.mark.parametrize(
    ("methods", "price"),
    [
        ([method(cost="13.00")], 1599),
        ([method(cost="13.00", tax_status="none")], 1300),
        ([method(cost="10.00 * [qty]")], None),
        ([method(cost="13.00", class_cost_9="4.00")], None),
        ([method(cost="13.00"), method("free_shipping", 7)], 0),
        ([method("free_shipping", requires="min_amount", min_amount="200.00")], 0),
        ([method("free_shipping", requires="min_amount", min_amount="200.01")], None),
        ([method("free_shipping", requires="coupon")], None),
        ([method("local_pickup", cost="")], 0),
        ([{**method("local_pickup"), "settings": []}], 0),
        ([{**method(cost="13.00"), "enabled": False}], None),
        ([method("table_rate", cost="13.00")], None),
        ([method(number=9, cost="13.00")], None),
    ],
)
def test_delivery_costs_what_woocommerce_would_take(
    methods: list[dict[str, Any]], price: int | None
) -> None:
    shop = Settings("PLN", shipping=RATE)
    found = delivery.offers(methods, {"courier_pl": [3, 7]}, shop, 20000, "PLN")
    assert {id_: offer.price for id_, offer in found.items()} == (
        {} if price is None else {"courier_pl": price}
    )


def test_a_basket_is_its_session() -> None:
    basket = opened("").put("1-2", 2).put("1-3", 1).put("1-2", 0).with_code("TEN")
    prices = {"1-3": 500}
    assert opened(basket.session) == basket
    assert basket.pieces == {"1-3": 1}
    assert basket.known_discount(prices, "PLN") is None
    priced = basket.with_discount(50, prices, "PLN")
    assert priced.known_discount(prices, "PLN") == 50
    assert priced.known_discount({"1-3": 600}, "PLN") is None
    assert priced.known_discount(prices, "EUR") is None
    assert priced.put("1-3", 2).known_discount(prices, "PLN") is None
    assert Basket("x").known_discount({}, "PLN") == 0


def order_of(pieces: dict[str, tuple[int, int]], discount: int) -> Order:
    lines = tuple(
        OrderLine(f"3-{id_}", "3", "Shirt", {}, count, Money(price, "PLN"), "", str(n))
        for n, (id_, (count, price)) in enumerate(pieces.items())
    )
    zloty, at = Money(0, "PLN"), datetime(2026, 1, 2, tzinfo=timezone.utc)
    way = DeliveryMethod("courier_pl", "", zloty, (1, 2))
    off = Money(discount, "PLN")
    return Order("1", S.PAID, at, "s", "e@x.test", lines, way, HOME, off, zloty)


def row(id_: int, variation: int, count: int, price: int) -> dict[str, Any]:
    net = Decimal(price * count) / 100 / (1 + RATE)
    amounts = {"subtotal": str(net), "subtotal_tax": str(net * RATE)}
    amounts |= {"total": str(net), "total_tax": str(net * RATE)}
    return {"id": id_, "product_id": 3, "variation_id": variation, "quantity": count,
            "name": "Shirt", **amounts}  # fmt: skip


bought = st.dictionaries(
    st.sampled_from("567"), st.tuples(st.integers(1, 4), st.integers(1, 90000)), min_size=1
)


@given(before=bought, after=bought, share=st.integers(0, 100))
def test_new_lines_hold_and_cost_what_was_agreed(
    before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]], share: int
) -> None:
    here = [row(n, int(id_), *line) for n, (id_, line) in enumerate(before.items(), 1)]
    data = {"currency": "PLN", "line_items": here}
    kept = {id_ for id_ in before if after.get(id_, (0, 0))[0] == before[id_][0]}
    new = {id_: line for id_, line in after.items() if id_ not in kept}
    discount = sum(count * price for count, price in new.values()) * share // 100
    wish = amend.new_lines(data, order_of(after, discount))
    gone = {one["id"] for one in wish if one.get("quantity") == 0}
    left = {str(one["variation_id"]): one["quantity"] for one in here if one["id"] not in gone}
    added = {str(one["variation_id"]): one["quantity"] for one in wish if "variation_id" in one}
    assert left | added == {id_: count for id_, (count, _) in after.items()}
    gross = sum(Decimal(one["total"]) * (1 + RATE) for one in wish if "total" in one)
    worth = sum(count * price for count, price in new.values()) - discount
    assert round(gross * 100) == worth
