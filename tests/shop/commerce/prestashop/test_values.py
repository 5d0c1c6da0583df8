"""PrestaShop's answers as our values, and ours as its."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.commerce.prestashop import codes, delivery, goods, sales
from shop.commerce.prestashop.api import plain_values, rows, to_xml
from shop.commerce.prestashop.facts import Currency, Facts
from shop.commerce.remote.amounts import minor
from shop.commerce.remote.words import UNTRACKED
from shop.model import Address, Locale, Money, OrderState, Refused, Unavailable
from tests.shop.commerce.prestashop.fields import RESOURCES
from tests.shop.commerce.prestashop.server import valid

S = OrderState
ZLOTY = Currency("1", "PLN", Decimal(1))
EURO = Currency("2", "EUR", Decimal("0.25"))
ROLES = "waiting paid packed shipped delivered cancelled refunded failed"
NO_WORDS = goods.Words({}, {}, {}, {}, {}, {})


def facts(**settings: str) -> Facts:
    roles = {role: str(n) for n, role in enumerate(ROLES.split(), 1)}
    paid = {"2": "1", "3": "1", "4": "1", "5": "1"}
    states = {n: {"paid": paid.get(n, "0"), "shipped": str(int(n in "45"))} for n in roles.values()}
    known = {"PS_CURRENCY_DEFAULT": "1", "PS_LANG_DEFAULT": "1", "PS_TIMEZONE": "Europe/Warsaw"}
    return Facts(
        {**known, "PS_STOCK_MANAGEMENT": "1", **settings},
        roles,
        states,
        {"1": "en", "2": "pl"},
        {"PLN": ZLOTY, "EUR": EURO},
        {"PL": ("14", "1")},
        {"7": {"id": "7", "name": "DPD", "active": "1"}, "3": {"id": "3", "name": "DPD"}},
        {"courier_pl": "dpd"},
        "1",
    )


@given(units=st.integers(0, 10**9), currency=st.sampled_from(["PLN", "JPY", "KWD"]))
def test_amounts_come_back_as_they_were_written(units: int, currency: str) -> None:
    assert minor(sales.amount(units, currency), currency) == units
    assert minor(f"{Decimal(sales.amount(units, currency)):.6f}", currency) == units


def test_prices_that_tax_has_made_long_are_rounded() -> None:
    assert minor("99.999999", "PLN") == 10000
    assert minor("12.345", "PLN") == 1235
    assert minor("", "PLN") == 0


words = st.text(max_size=30)


@given(name=words, street=words, city=words, region=words, phone=words)
def test_any_address_is_one_that_prestashop_takes(
    name: str, street: str, city: str, region: str, phone: str
) -> None:
    address = Address(name, street, "00-950", city, "PL", region)
    row = sales.from_address(address, None, phone, "5", facts())
    fields = RESOURCES["addresses"].fields
    for field, value in row.items():
        valid(field, value, fields[field])
        assert value or not fields[field].required


@pytest.mark.parametrize("name", ["Ewa Bąk", "Ana María López Ruiz", "Ewa", "4F Sport 24"])
def test_an_address_comes_back_as_it_was_given(name: str) -> None:
    home = Address(name, "ul. Krótka 1/2", "00-950", "Łódź", "PL", "łódzkie")
    row = sales.from_address(home, "WAW314N", "+48 500", "5", facts())
    assert sales.to_address({**row, "id": "1"}, facts()) == home
    assert (row["address2"], row["phone"], row["id_country"]) == ("WAW314N", "+48 500", "14")


def test_a_company_beside_a_person_is_not_the_name() -> None:
    row = {"alias": "Home", "company": "Acme", "firstname": "Ewa", "lastname": "Bąk"}
    assert sales.to_address(row, facts()).name == "Ewa Bąk"


def placed(state: int, **other: str) -> dict[str, Any]:
    amounts = {"total_paid_tax_incl": "100.000000", "total_paid_real": "0.000000"}
    return {"current_state": str(state), "id_currency": "1", **amounts, **other}


@pytest.mark.parametrize(
    ("state", "back", "told"),
    [
        (1, 0, S.AWAITING_PAYMENT),
        (99, 0, S.AWAITING_PAYMENT),
        (2, 0, S.PAID),
        (2, 40, S.PAID),
        (2, 100, S.REFUNDED),
        (3, 0, S.PACKED),
        (4, 0, S.SHIPPED),
        (5, 0, S.DELIVERED),
        (5, 100, S.REFUNDED),
        (6, 100, S.CANCELLED),
        (7, 0, S.REFUNDED),
        (8, 0, S.PAYMENT_FAILED),
    ],
)
def test_states_are_told_in_our_words(state: int, back: int, told: OrderState) -> None:
    slip = {"total_products_tax_incl": f"{back}.000000", "total_shipping_tax_incl": "0.000000"}
    assert sales.state_of(placed(state), [slip] if back else [], facts()) is told


def test_a_carrier_that_was_changed_is_still_the_same_method() -> None:
    assert facts().method_of("3") == facts().method_of("7") == "courier_pl"
    carrier = facts().carrier_of("courier_pl")
    assert carrier is not None
    assert carrier["id"] == "7"


def test_times_are_the_shops_own() -> None:
    assert facts().seconds("0000-00-00 00:00:00") == 0
    assert facts().iso("2026-07-01 12:00:00") == "2026-07-01T12:00:00+02:00"


CARRIER = {
    "id": "7",
    "shipping_external": "0",
    "is_free": "0",
    "shipping_handling": "0",
    "shipping_method": "2",
    "range_behavior": "0",
    "id_tax_rules_group": "1",
}
DELIVERIES = (
    {"id_carrier": "7", "id_range_price": "1", "id_range_weight": "0", "price": "10.000000"},
    {"id_carrier": "7", "id_range_price": "2", "id_range_weight": "0", "price": "5.000000"},
    {"id_carrier": "7", "id_range_price": "0", "id_range_weight": "3", "price": "8.000000"},
)
RANGES = {
    ("2", "1"): {"delimiter1": "0.000000", "delimiter2": "100.000000"},
    ("2", "2"): {"delimiter1": "100.000000", "delimiter2": "500.000000"},
    ("1", "3"): {"delimiter1": "0.000000", "delimiter2": "20.000000"},
}


@pytest.mark.parametrize(
    ("carrier", "load", "settings", "price"),
    [
        ({}, {}, {}, 1230),
        ({}, {"total": Decimal(100)}, {}, 615),
        ({}, {"total": Decimal(900)}, {}, 615),
        ({"range_behavior": "1"}, {"total": Decimal(900)}, {}, None),
        ({"shipping_method": "1"}, {"weight": Decimal(3)}, {}, 984),
        ({"shipping_method": "0"}, {}, {"PS_SHIPPING_METHOD": "1"}, 984),
        ({"is_free": "1"}, {}, {}, 0),
        ({"shipping_external": "1"}, {}, {}, None),
        ({"shipping_handling": "1"}, {}, {"PS_SHIPPING_HANDLING": "2.000000"}, 1476),
        ({}, {"extra": Decimal(1)}, {}, 1353),
        ({}, {"total": Decimal(60)}, {"PS_SHIPPING_FREE_PRICE": "60.000000"}, 0),
        ({"id_tax_rules_group": "0"}, {}, {}, 1000),
        ({"id": "8"}, {}, {}, None),
        ({}, {"total": Decimal(30), "currency": EURO}, {}, 154),
    ],
)
def test_a_carrier_costs_what_its_ranges_say(
    carrier: dict[str, str], load: dict[str, Any], settings: dict[str, str], price: int | None
) -> None:
    tariff = delivery.Tariff(facts(**settings), DELIVERIES, RANGES, {"1": Decimal(23)})
    cart = {"total": Decimal(50), "currency": ZLOTY, **load}
    assert tariff.price({**CARRIER, **carrier}, delivery.Load(**cart)) == price


RULE = {
    "minimum_amount": "0.000000",
    "minimum_amount_currency": "1",
    "reduction_percent": "0.00",
    "reduction_amount": "0.000000",
    "reduction_currency": "1",
}


@pytest.mark.parametrize(
    ("rule", "currency", "off"),
    [
        ({"reduction_percent": "12.50"}, "PLN", 1250),
        ({"reduction_percent": "33.33"}, "PLN", 3333),
        ({"reduction_amount": "20.000000"}, "PLN", 2000),
        ({"reduction_amount": "20.000000"}, "EUR", 500),
        ({"reduction_amount": "20.000000", "reduction_currency": "0"}, "PLN", 2000),
        ({"reduction_amount": "900.000000"}, "PLN", 10000),
    ],
)
def test_a_rule_takes_off_what_it_says(rule: dict[str, str], currency: str, off: int) -> None:
    assert codes.discount({**RULE, **rule}, 10000, Locale("pl", currency), facts()) == off


def test_a_minimum_is_told_in_the_shoppers_currency() -> None:
    rule = {**RULE, "reduction_percent": "10.00", "minimum_amount": "400.000000"}
    assert codes.discount(rule, 10000, Locale("pl", "EUR"), facts()) == 1000
    with pytest.raises(Refused) as refusal:
        codes.discount(rule, 9999, Locale("pl", "EUR"), facts())
    assert refusal.value.details["minimum"] == Money(10000, "EUR")


@pytest.mark.parametrize(
    ("row", "settings", "left"),
    [
        ({"quantity": "5", "out_of_stock": "0"}, {}, 5),
        ({"quantity": "-2", "out_of_stock": "2"}, {}, -2),
        ({"quantity": "0", "out_of_stock": "1"}, {}, UNTRACKED),
        ({"quantity": "0", "out_of_stock": "2"}, {"PS_ORDER_OUT_OF_STOCK": "1"}, UNTRACKED),
        ({"quantity": "5", "out_of_stock": "0"}, {"PS_STOCK_MANAGEMENT": "0"}, UNTRACKED),
    ],
)
def test_stock_is_what_prestashop_would_sell(
    row: dict[str, str], settings: dict[str, str], left: int
) -> None:
    ids = {"id_product": "1", "id_product_attribute": "0"}
    assert goods.stock([{**row, **ids}], facts(**settings)).left("1", "0") == left


def test_a_product_without_combinations_in_one_language_is_read() -> None:
    shelves = goods.Shelves("https://shop.test", "", "", {}, facts(), NO_WORDS)
    data = {
        "id": "12",
        "active": "1",
        "available_for_order": "1",
        "id_manufacturer": "0",
        "id_category_default": "4",
        "id_default_image": "123",
        "date_add": "2026-01-02 00:00:00",
        "name": "Mug &amp; lid",
        "description": "<p>A&amp;B</p>",
        "link_rewrite": "mug",
        "weight": "0.350000",
        "now_pln": "80.000000",
        "was_pln": "100.000000",
        "associations": {"accessories": [{"id": "9"}]},
    }
    stock = goods.stock([], facts())
    product = shelves.product(data, [], stock)
    assert product is not None
    assert (product.texts, product.weight_g) == ({"en": ("Mug &amp; lid", "A&B", "")}, 350)
    assert product.picture == "https://shop.test/img/p/1/2/3/123.jpg"
    assert (product.category, product.goes_with, product.axes) == ("other", ("9",), ())
    (only,) = product.variants
    assert (only.id, only.stock, only.prices["PLN"].regular) == ("12-0", 0, 8000)
    assert only.prices["PLN"].lowest_30d is None
    assert shelves.product({**data, "active": "0"}, [], stock) is None


def test_bodies_are_xml_whatever_shoppers_write() -> None:
    body = to_xml("customer_message", {"message": 'a < b & "c" \x00\x0b ]]> </message>'})
    message = ElementTree.fromstring(body).findtext("customer_message/message")
    assert message == 'a < b & "c"  ]]> </message>'


def test_nothing_found_is_an_empty_array() -> None:
    assert rows([]) == []
    assert rows({"orders": [{"id": 5, "valid": None, "gift": False}]}) == [
        {"id": "5", "valid": "", "gift": ""}
    ]
    for nonsense in (None, "", {"errors": "none"}, [1]):
        with pytest.raises(Unavailable):
            rows(nonsense)
    assert plain_values({"a": [{"b": 1}]}) == {"a": [{"b": "1"}]}


@pytest.mark.parametrize(("number", "id_"), [("1005", "1005"), ("XKB", ""), ("¹", ""), ("", "")])
def test_a_number_is_an_id(number: str, id_: str) -> None:
    assert sales.id_of(number) == id_
