"""Shopify's answers as our values; the adapter itself runs over a double in `shopify/`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.catalogue import NewPrice
from shop.commerce.shopify import orders, sales
from shop.commerce.shopify.api import plain_id
from shop.commerce.shopify.goods import Settings, Shelves, listed
from shop.commerce.shopify.vendor import country_of, settings_of
from shop.model import Address, Locale, OrderState, Unavailable

S = OrderState
SETTINGS = Settings("PLN", "en", ("pl",), {"EUR": "ES"})
HOME = Address("Ewa Bąk", "ul. Krótka 1", "00-950", "Warszawa", "PL", "mazowieckie")


def said(key: str, text: str) -> dict[str, Any]:
    return {"in_pl": [{"key": key, "value": text}]}


def variant(**other: Any) -> dict[str, Any]:
    lowest = {"jsonValue": {"amount": "75.00", "currency_code": "PLN"}}
    there = {"price": {"amount": "20.5", "currencyCode": "EUR"}, "compareAtPrice": {"amount": "30"}}
    chosen = [{"name": "Shoe size", "value": "XL"}, {"name": "Color", "value": "Night blue"}]
    return {
        "id": "gid://shopify/ProductVariant/7",
        "price": "80.00",
        "compareAtPrice": "100.00",
        "lowest": lowest,
        "EUR": there,
        "inventoryQuantity": 5,
        "inventoryPolicy": "DENY",
        "inventoryItem": {"tracked": True},
        "selectedOptions": chosen,
        "media": {"nodes": [{"preview": {"image": {"url": "http://shop.test/v.jpg"}}}]},
        **other,
    }


def product(**other: Any) -> dict[str, Any]:
    night = {"name": "Night blue", **said("name", "Nocny błękit")}
    wool = {"key": "material", "jsonValue": ["Wool", "Silk"], **said("value", '["Wełna","Jedwab"]')}
    return {
        "id": "gid://shopify/Product/3",
        "title": "Shirt",
        "descriptionHtml": "<p>A&amp;B</p>",
        "in_pl": said("title", "Koszula")["in_pl"] + said("product_type", "Koszule")["in_pl"],
        "status": "ACTIVE",
        "createdAt": "2026-01-02T00:00:00Z",
        "publishedAt": "2026-01-02T00:00:00Z",
        "onlineStoreUrl": "https://shop.test/shirt",
        "vendor": "Halny Peak",
        "productType": "Shirts",
        "featuredMedia": None,
        "metafields": {"nodes": [wool, {"key": "care", "jsonValue": "Wash"}]},
        "options": [
            {"name": "Shoe size", "optionValues": [{"name": "XL"}]},
            {"name": "Color", "optionValues": [night]},
        ],
        "variants": {"nodes": [variant()]},
        **other,
    }


def test_a_product_is_read() -> None:
    (found,) = Shelves(SETTINGS, "a.lowest").goods([product()]).products
    assert (found.id, found.category, found.brand) == ("3", "shirts", "halny-peak")
    assert found.texts == {"en": ("Shirt", "A&B", ""), "pl": ("Koszula", "A&B", "")}
    assert (found.url, found.facets) == ("https://shop.test/shirt", {"material": ("wool", "silk")})
    (only,) = found.variants
    assert (only.id, only.stock, only.picture) == ("3-7", 5, "http://shop.test/v.jpg")
    assert only.options == {"size": "XL", "colour": "night-blue"}
    assert found.axes == ("size", "colour")
    assert only.prices == {"PLN": NewPrice(10000, 8000, 7500), "EUR": NewPrice(2050)}


def test_terms_are_named_in_every_language() -> None:
    terms = {(t.facet, t.id): t.names for t in Shelves(SETTINGS).goods([product()]).terms}
    assert terms["colour", "night-blue"] == {
        "pl": ["Nocny błękit"],
        "es": ["Night blue"],
        "en": ["Night blue"],
    }
    assert terms["category", "shirts"]["pl"] == ["Koszule"]
    assert [terms["material", id_]["pl"] for id_ in ("wool", "silk")] == [["Wełna"], ["Jedwab"]]
    assert ("care", "wash") not in terms


@pytest.mark.parametrize(
    "off",
    [
        {"status": "DRAFT"},
        {"status": "UNLISTED"},
        {"publishedAt": None},
        {"variants": {"nodes": []}},
    ],
)
def test_what_is_not_on_sale_to_everybody_is_left_out(off: dict[str, Any]) -> None:
    assert Shelves(SETTINGS).goods([product(**off)]).products == ()


@pytest.mark.parametrize(
    ("other", "left"),
    [
        ({}, 5),
        ({"inventoryQuantity": -2}, -2),
        ({"inventoryQuantity": None}, 0),
        ({"inventoryPolicy": "CONTINUE"}, 999),
        ({"inventoryItem": {"tracked": False}}, 999),
    ],
)
def test_stock_is_what_shopify_would_sell(other: dict[str, Any], left: int) -> None:
    data = product(variants={"nodes": [variant(**other)]})
    assert Shelves(SETTINGS).goods([data]).products[0].variants[0].stock == left


def test_a_product_without_options_has_no_axes() -> None:
    bare = [{"name": "Title", "optionValues": [{"name": "Default Title"}]}]
    chosen = [{"name": "Title", "value": "Default Title"}]
    data = product(options=bare, variants={"nodes": [variant(selectedOptions=chosen)]})
    (found,) = Shelves(SETTINGS).goods([data]).products
    assert (found.axes, found.variants[0].options) == ((), {})


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("Wool", ["Wool"]),
        (["Wool", " "], ["Wool"]),
        ('["Wool, thick"]', ["Wool, thick"]),
        (None, []),
    ],
)
def test_a_metafield_holds_one_text_or_many(value: Any, names: list[str]) -> None:
    assert listed(value) == names


def bag(amount: str, currency: str = "PLN") -> dict[str, Any]:
    return {"presentmentMoney": {"amount": amount, "currencyCode": currency}}


@pytest.mark.parametrize(
    ("money", "fulfilment", "parcels", "told"),
    [
        ("PENDING", "UNFULFILLED", [], S.AWAITING_PAYMENT),
        ("EXPIRED", "UNFULFILLED", [], S.AWAITING_PAYMENT),
        ("AUTHORIZED", "UNFULFILLED", [], S.PAID),
        ("PAID", "UNFULFILLED", [], S.PAID),
        ("PARTIALLY_REFUNDED", "UNFULFILLED", [], S.PAID),
        ("PAID", "IN_PROGRESS", [], S.PACKED),
        ("PAID", "PARTIALLY_FULFILLED", ["DELIVERED"], S.SHIPPED),
        ("PAID", "FULFILLED", ["IN_TRANSIT"], S.SHIPPED),
        ("PENDING", "FULFILLED", ["FULFILLED"], S.SHIPPED),
        ("PAID", "FULFILLED", ["READY_FOR_PICKUP"], S.READY_TO_COLLECT),
        ("PAID", "FULFILLED", ["DELIVERED", "IN_TRANSIT"], S.SHIPPED),
        ("PAID", "FULFILLED", ["DELIVERED", "PICKED_UP"], S.DELIVERED),
        ("REFUNDED", "FULFILLED", ["DELIVERED"], S.REFUNDED),
    ],
)
def test_states_are_told_in_our_words(
    money: str, fulfilment: str, parcels: list[str], told: OrderState
) -> None:
    data = {
        "cancelledAt": None,
        "displayFinancialStatus": money,
        "displayFulfillmentStatus": fulfilment,
        "fulfillments": [{"displayStatus": one} for one in parcels],
    }
    assert sales.state_of(data) is told
    assert sales.state_of({**data, "cancelledAt": "2026-01-02T00:00:00Z"}) is S.CANCELLED


@pytest.mark.parametrize(
    ("title", "country", "id_"),
    [
        ("Kurier", "PL", "courier_pl"),
        ("courier_pl", "PL", "courier_pl"),
        ("COURIER", "DE", "courier_eu"),
        ("Parcel locker", "PL", "locker_pl"),
        ("Parcel locker", "DE", ""),
        ("By horse", "PL", ""),
    ],
)
def test_a_rate_is_the_method_that_it_is_called_after(title: str, country: str, id_: str) -> None:
    assert sales.method_of(title, country) == id_


def test_an_address_comes_back_as_it_was_given() -> None:
    data = sales.from_address(HOME, "WAW314N")
    name = f"{data['firstName']} {data['lastName']}"
    back = {**data, "name": name, "countryCodeV2": data["countryCode"]}
    assert (sales.to_address(back), data["address2"]) == (HOME, "WAW314N")
    one = sales.from_address(Address("Ewa", "a", "b", "c", "pl"), None)
    assert (one["firstName"], one["lastName"], one["countryCode"]) == ("", "Ewa", "PL")


@pytest.mark.parametrize(
    ("region", "before", "code"),
    [
        ("IL", {}, "IL"),
        ("il", {}, "IL"),
        ("13", {}, "13"),
        ("mazowieckie", {}, None),
        ("", {"province": "", "provinceCode": ""}, None),
        ("", {"province": "Illinois", "provinceCode": "IL"}, None),
        ("Illinois", {"province": "Illinois", "provinceCode": "IL"}, "IL"),
        ("Illinois", {"province": "Ohio", "provinceCode": "OH"}, None),
        ("Galway", {"province": "Galway", "provinceCode": None}, None),
    ],
)
def test_a_region_is_told_by_its_code(
    region: str, before: dict[str, Any], code: str | None
) -> None:
    address = Address("Ewa Bąk", "a", "b", "c", "PL", region)
    there = sales.from_address(address, None, before=before)
    assert there.get("provinceCode") == code
    named = {**there, "name": address.name, "countryCodeV2": "PL"}
    back = sales.to_address({**named, "province": region} if code else named)
    assert back == address


@given(minor=st.integers(0, 10**9), currency=st.sampled_from(["PLN", "JPY", "KWD"]))
def test_amounts_are_exact(minor: int, currency: str) -> None:
    assert sales.minor(sales.amount(minor, currency), currency) == minor


def test_nonsense_is_no_amount() -> None:
    with pytest.raises(Unavailable):
        sales.minor("1.234", "PLN")


@given(
    paid=st.lists(st.tuples(st.integers(1, 500), st.integers(0, 500)), max_size=4),
    wanted=st.integers(0, 2500),
)
def test_no_payment_gives_back_more_than_it_took(paid: list[tuple[int, int]], wanted: int) -> None:
    moved: list[dict[str, Any]] = []
    for number, (amount, back) in enumerate(paid):
        one = {"status": "SUCCESS", "amountSet": bag(str(amount), "JPY"), "gateway": "manual"}
        moved.append({**one, "id": str(number), "kind": "SALE", "parentTransaction": None})
        refund = {**one, "amountSet": bag(str(min(back, amount)), "JPY"), "kind": "REFUND"}
        moved.append({**refund, "id": f"r{number}", "parentTransaction": {"id": str(number)}})
        moved.append({**refund, "id": f"f{number}", "status": "FAILURE", "kind": "SALE"})
    left = {str(n): amount - min(back, amount) for n, (amount, back) in enumerate(paid)}
    parts = {parent["id"]: part for parent, part in orders.shares(moved, wanted)}
    assert all(0 < part <= left[id_] for id_, part in parts.items())
    assert sum(parts.values()) == min(wanted, sum(left.values()))


def test_a_basket_is_its_session() -> None:
    mine = sales.Basket({"3-7": 2}, "CODE", "gid://shopify/DraftOrder/1")
    assert sales.basket(mine.session) == mine
    assert mine.line_items() == [{"variantId": "gid://shopify/ProductVariant/7", "quantity": 2}]
    assert sales.basket("") == sales.Basket()
    assert plain_id("gid://shopify/LineItem/7?x=1") == "7"


def test_settings_are_what_both_sides_know() -> None:
    shop = {
        "currencyCode": "PLN",
        "enabledPresentmentCurrencies": ["PLN", "EUR", "USD"],
        "orderNumberFormatPrefix": "#",
        "orderNumberFormatSuffix": "-A",
    }
    locales = [{"locale": "en-GB", "primary": True}, {"locale": "pl", "primary": False}]
    found = settings_of(shop, [*locales, {"locale": "fr", "primary": False}])
    assert found == Settings("PLN", "en", ("pl",), {"EUR": "ES"}, "#", "-A")


def test_a_cart_has_the_prices_of_its_shoppers_country() -> None:
    asked = [Locale("pl", "PLN"), Locale("es", "EUR"), Locale("pl", "EUR"), Locale("en", "EUR")]
    assert [country_of(locale) for locale in asked] == ["PL", "ES", "ES", "IE"]
