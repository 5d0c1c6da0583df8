"""What PrestaShop's own people see of it, and what happens when the two sides are not of one
mind."""

from __future__ import annotations

import uuid
from dataclasses import replace
from decimal import Decimal

import pytest

from shop.commerce.prestashop import PrestaShopCommerce
from shop.commerce.remote.vendor import product_of
from shop.model import (
    Address,
    Checkout,
    Locale,
    Money,
    NotFound,
    OrderState,
    OutOfStock,
    Refused,
)
from tests.shop.backroom import PL, PRICES, STOCK
from tests.shop.buying import HOME, ordered, paying
from tests.shop.commerce.prestashop.back import BackOffice, cents, slips
from tests.shop.commerce.prestashop.conftest import Room
from tests.shop.commerce.prestashop.server import Row
from tests.shop.commerce.prestashop.shop import CANCELLED, PAID, WAITING


def noted(office: BackOffice, order: Row) -> list[int]:
    """Payments of an order at PrestaShop."""
    rows = office.shop.where("order_payments", order_reference=order["reference"])
    return [cents(row["amount"]) for row in rows]


def messages(office: BackOffice, number: str) -> list[str]:
    threads = office.shop.where("customer_threads", id_order=number)
    found = [
        m
        for t in threads
        for m in office.shop.where("customer_messages", id_customer_thread=t["id"])
    ]
    assert all(message["private"] == "1" for message in found)
    return [message["message"] for message in found]


async def test_an_order_waits_and_is_paid_there(
    commerce: PrestaShopCommerce, office: BackOffice, room: Room
) -> None:
    thing = await room.thing()
    order = await room.order((thing.variant("a"), 2), door="locker_pl")
    there = office.order(order.number)
    assert (there["current_state"], cents(there["total_paid"])) == (str(WAITING), order.total.minor)
    assert noted(office, there) == []
    address = office.shop.tables["addresses"][int(there["id_address_delivery"])]
    assert (address["address2"], address["company"]) == ("WAW314N", order.address.name)
    carrier = office.shop.tables["carriers"][int(there["id_carrier"])]
    assert (order.delivery.id, carrier["name"]) == ("locker_pl", "InPost")
    await commerce.record_payment(paying(order))
    assert (there["current_state"], noted(office, there)) == (str(PAID), [order.total.minor])
    (payment,) = office.shop.where("order_payments", order_reference=there["reference"])
    assert payment["payment_method"] == "card"
    assert payment["transaction_id"]
    assert office.shop.mails[-1] == (int(order.number), PAID)


async def test_a_cancelled_order_is_cancelled_and_refunded_there(
    commerce: PrestaShopCommerce, office: BackOffice, room: Room
) -> None:
    thing = await room.thing()
    order = await room.paid((thing.variant("a"), 1))
    await commerce.cancel(order.number, "other", PL, "k")
    assert office.order(order.number)["current_state"] == str(CANCELLED)
    assert slips(office, order.number) == [order.total.minor]
    assert messages(office, order.number) == ["cancelled: other"]


@pytest.mark.parametrize("name", ["b", "c"])
async def test_changed_items_cost_the_same_there(
    commerce: PrestaShopCommerce, office: BackOffice, room: Room, name: str
) -> None:
    thing = await room.thing()
    order = await room.paid((thing.variant("a"), 2))
    done = await commerce.change_items(order.number, {"0": thing.variant(name)}, None, PL, "k")
    there, (detail,) = (
        office.order(order.number),
        office.shop.where("order_details", id_order=order.number),
    )
    assert detail["product_attribute_id"] == thing.variant(name).rpartition("-")[2]
    assert (detail["product_quantity"], cents(detail["unit_price_tax_incl"])) == ("2", PRICES[name])
    assert cents(there["total_paid"]) == done.total.minor == sum(noted(office, there))
    assert cents(there["total_products_wt"]) == 2 * PRICES[name]
    net = Decimal(there["total_paid_tax_excl"])
    assert abs(net * Decimal("1.23") - Decimal(there["total_paid_tax_incl"])) < Decimal("0.02")
    assert there["current_state"] == str(PAID)
    assert office.stock(thing.variant(name))["quantity"] == str(STOCK - 2)


async def test_their_people_read_of_a_return(
    commerce: PrestaShopCommerce, office: BackOffice, room: Room
) -> None:
    thing = await room.thing()
    order = await room.delivered(await room.paid((thing.variant("a"), 2)))
    back = await commerce.request_return(order.number, {"0": 1}, "does_not_fit", None, PL, "k")
    (told,) = messages(office, order.number)
    assert back.id in told
    assert "does_not_fit" in told


async def test_a_parcel_is_followed(
    commerce: PrestaShopCommerce, office: BackOffice, room: Room
) -> None:
    thing = await room.thing()
    order = await room.paid((thing.variant("a"), 1))
    office.ship(order.number, "0123", to="Shipped")
    sent = await commerce.order(order.number, PL)
    assert sent.state is OrderState.SHIPPED
    assert sent.tracking is not None
    assert (sent.tracking.carrier, sent.tracking.status) == ("DPD", "in_transit")
    assert sent.tracking.url == "https://parcels.example/0123"


async def test_an_old_price_is_not_told(
    commerce: PrestaShopCommerce,
    office: BackOffice,
    room: Room,
    conversation: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    thing = await room.thing()
    office.cost_now(thing.variant("a"), 12345)
    product_id = product_of(thing.variant("a"))
    seen = await commerce.product(product_id, PL)
    assert seen.variants[0].price.amount == Money(PRICES["a"], "PLN")  # not a minute old
    cart = await commerce.set_quantity(conversation, thing.variant("a"), 1, PL)
    assert cart.total == Money(12345, "PLN")
    monkeypatch.setattr("shop.commerce.remote.commerce.FRESH", 0.0)
    later = await commerce.product(product_id, PL)
    assert later.variants[0].price.amount == Money(12345, "PLN")


async def test_what_was_sold_elsewhere_is_not_ordered(
    commerce: PrestaShopCommerce, office: BackOffice, room: Room, conversation: str
) -> None:
    """PrestaShop itself would take the order, and have less than nothing left."""
    thing = await room.thing()
    await commerce.set_quantity(conversation, thing.variant("a"), 3, PL)
    office.stock(thing.variant("a"))["quantity"] = "2"
    checkout = Checkout("ewa@example.org", None, HOME, "courier_pl", language="pl")
    with pytest.raises(OutOfStock) as refusal:
        await commerce.place_order(conversation, checkout, PL, conversation)
    assert refusal.value.available == 2
    assert len((await commerce.cart(conversation, PL)).lines) == 1


async def test_a_code_is_reckoned_here_and_stands_at_the_order_there(
    commerce: PrestaShopCommerce, office: BackOffice, room: Room, conversation: str
) -> None:
    code = f"TEN{uuid.uuid4().hex[:6]}".upper()
    office.promotion(code, 10)
    thing = await room.thing()
    await commerce.set_quantity(conversation, thing.variant("a"), 2, PL)
    cart = await commerce.apply_code(conversation, code.lower(), PL)
    assert (cart.discount, cart.total) == (Money(2000, "PLN"), Money(18000, "PLN"))
    email = f"{conversation[-12:]}@example.org"
    checkout = Checkout(email, None, HOME, "courier_pl", language="pl")
    order = await commerce.place_order(conversation, checkout, PL, conversation)
    there = office.order(order.number)
    assert order.total.minor == 18000 + order.delivery.price.minor == cents(there["total_paid"])
    assert cents(there["total_discounts_tax_incl"]) == 2000
    (rule,) = office.shop.where("cart_rules", code=code)
    assert rule["quantity"] == "99"
    assert rule["name"]["2"] == code
    (note,) = office.shop.where("order_cart_rules", id_order=order.number)
    assert (cents(note["value"]), note["id_cart_rule"]) == (2000, str(rule["id"]))
    again = f"{conversation}-again"
    await commerce.set_quantity(again, thing.variant("a"), 1, PL)
    await commerce.apply_code(again, code, PL)
    with pytest.raises(Refused) as refusal:
        await commerce.place_order(again, checkout, PL, again)
    assert refusal.value.reason == "code_used"
    assert (await commerce.apply_code(again, "", PL)).code is None


async def test_a_discount_that_shrinks_does_so_there(
    commerce: PrestaShopCommerce, office: BackOffice, room: Room
) -> None:
    thing = await room.thing()
    order = await room.discounted(await room.paid((thing.variant("b"), 1)), 1500)
    done = await commerce.change_items(order.number, {"0": thing.variant("c")}, None, PL, "k")
    there = office.order(order.number)
    (note,) = office.shop.where("order_cart_rules", id_order=order.number)
    assert done.discount.minor == 800 == cents(note["value"])
    assert cents(there["total_discounts_tax_incl"]) == 800
    assert cents(there["total_paid"]) == done.total.minor == sum(noted(office, there))


@pytest.mark.parametrize(
    ("reason", "other"),
    [
        ("code_unknown", {"active": "0"}),
        ("code_unknown", {"date_from": "2098-01-01 00:00:00"}),
        ("code_expired", {"date_to": "2021-01-01 00:00:00"}),
        ("code_used", {"quantity": "0"}),
        ("code_minimum", {"minimum_amount": "500.000000"}),
        ("code_not_combinable", {"product_restriction": "1"}),
        ("code_not_combinable", {"free_shipping": "1"}),
    ],
)
async def test_a_code_that_is_of_no_use_is_refused(
    commerce: PrestaShopCommerce,
    office: BackOffice,
    conversation: str,
    room: Room,
    reason: str,
    other: dict[str, str],
) -> None:
    code = f"NO{uuid.uuid4().hex[:8]}".upper()
    office.promotion(code, 10, **other)
    thing = await room.thing()
    await commerce.set_quantity(conversation, thing.variant("a"), 1, PL)
    with pytest.raises(Refused) as refusal:
        await commerce.apply_code(conversation, code, PL)
    assert refusal.value.reason == reason


async def test_a_name_that_prestashop_does_not_take_is_kept(
    commerce: PrestaShopCommerce, conversation: str, pl: Locale
) -> None:
    home = replace(HOME, name="4F & Synowie 24", street="ul. Długa 5 m. 3", region="mazowieckie")
    order = await ordered(commerce, conversation, pl, address=home)
    assert (await commerce.order(order.number, pl)).address == home


async def test_an_order_from_elsewhere_is_found_by_its_buyer_alone(
    commerce: PrestaShopCommerce, elsewhere: PrestaShopCommerce, conversation: str
) -> None:
    email = f"{uuid.uuid4().hex[:12]}@example.org"
    bought = await ordered(elsewhere, conversation, PL, email=email)
    await elsewhere.record_payment(paying(bought))
    with pytest.raises(NotFound):
        await commerce.find_shopper(email="ewa@example.org", order_number=bought.number)
    buyer = await commerce.find_shopper(email=email, order_number=bought.number)
    (mine,) = await commerce.orders(buyer.id, PL)
    assert (mine.number, mine.state, mine.total) == (bought.number, OrderState.PAID, bought.total)
    assert [m.amount for m in mine.transactions] == [bought.total]


async def test_a_customers_email_changes_there(
    commerce: PrestaShopCommerce, elsewhere: PrestaShopCommerce, office: BackOffice, room: Room
) -> None:
    order = await room.known(elsewhere, "Maria Zielona", "30-001")
    shopper = await commerce.find_shopper(name="Maria Zielona", postcode="30-001")
    new = f"new-{order.email}"
    await commerce.change_profile(
        shopper.id, "k", email=new, address=Address("M", "", "", "", "PL")
    )
    (customer,) = office.shop.where("customers", email=new)
    assert (customer["lastname"], customer["is_guest"]) == ("Zielona", "0")
    assert customer["passwd"].startswith("$2y$")


@pytest.mark.parametrize("number", ["XKBKNABJK", "99999999", "0"])
async def test_what_is_no_number_of_theirs_is_not_found(
    commerce: PrestaShopCommerce, number: str
) -> None:
    with pytest.raises(NotFound):
        await commerce.order(number, PL)
