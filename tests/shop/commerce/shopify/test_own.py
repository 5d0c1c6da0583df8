"""What Shopify's own people see of it, and what happens when the two sides are not of one mind."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from shop.catalogue import NewPrice, NewProduct, NewVariant
from shop.commerce.shopify import ShopifyCommerce
from shop.model import (
    Address,
    Checkout,
    Locale,
    Money,
    NotFound,
    Order,
    OrderState,
    OutOfStock,
    Refused,
    Unavailable,
)
from shop.policy import policy
from tests.shop.backroom import PL, PRICES, STOCK
from tests.shop.buying import HOME, ordered, paying
from tests.shop.commerce.doubles import FarRoom
from tests.shop.commerce.shopify.double import Double
from tests.shop.payments.spec import needed

pytestmark = needed
CHECKOUT = Checkout("ewa@example.org", None, HOME, "courier_pl", language="pl")


async def placed(room: FarRoom) -> Order:
    thing = await room.thing()
    return await room.order((thing.variant("a"), 1))


async def test_an_order_waits_and_is_settled_there(
    commerce: ShopifyCommerce, double: Double, room: FarRoom
) -> None:
    thing = await room.thing()
    order = await room.order((thing.variant("a"), 2), door="locker_pl")
    there = double.order(order.number)
    assert (there.total, there.kept, there.wish["tags"]) == (order.total.minor, 0, ["shopkeeper"])
    assert there.wish["shippingAddress"]["address2"] == "WAW314N"
    assert double.variant(thing.variant("a")).left == STOCK - 2
    await commerce.record_payment(paying(order))
    assert there.kept == order.total.minor
    assert there.note.startswith("paid: card")


async def test_a_cancelled_order_is_cancelled_and_refunded_there(
    commerce: ShopifyCommerce, double: Double, room: FarRoom
) -> None:
    thing = await room.thing()
    order = await room.paid((thing.variant("a"), 1))
    await commerce.cancel(order.number, "other", PL, "k")
    there = double.order(order.number)
    assert there.cancelled
    assert (there.kept, double.variant(thing.variant("a")).left) == (0, STOCK)


@pytest.mark.parametrize(("name", "pieces"), [("b", 1), ("c", 2)])
async def test_changed_items_cost_the_same_there(
    commerce: ShopifyCommerce, double: Double, room: FarRoom, name: str, pieces: int
) -> None:
    thing = await room.thing()
    order = await room.paid((thing.variant("a"), pieces))
    done = await commerce.change_items(order.number, {"0": thing.variant(name)}, None, PL, "k")
    there = double.order(order.number)
    lines = [(one.variant.new.options["size"], one.current) for one in there.lines if one.current]
    assert lines == [(name, pieces)]
    assert there.total == done.total.minor == there.kept


async def test_a_discount_of_several_pieces_is_agreed_on(
    commerce: ShopifyCommerce, double: Double, room: FarRoom
) -> None:
    """Shopify takes a discount off each piece, which only the total shows."""
    thing = await room.thing()
    order = await room.discounted(await room.paid((thing.variant("b"), 2)), 3000)
    done = await commerce.change_items(order.number, {"0": thing.variant("c")}, None, PL, "k")
    assert done.discount == Money(1600, "PLN")
    assert double.order(order.number).total == done.total.minor


async def test_their_people_read_of_a_return(
    commerce: ShopifyCommerce, double: Double, room: FarRoom
) -> None:
    thing = await room.thing()
    order = await room.delivered(await room.paid((thing.variant("a"), 2)))
    back = await commerce.request_return(order.number, {"0": 1}, "does_not_fit", None, PL, "k")
    note = double.order(order.number).note.splitlines()
    assert note[0].startswith("paid: ")
    assert any(back.id in line and "does_not_fit" in line for line in note[1:])


async def test_a_parcel_is_followed(
    commerce: ShopifyCommerce, double: Double, room: FarRoom
) -> None:
    thing = await room.thing()
    order = await room.paid((thing.variant("a"), 1))
    double.ship(order.number, "DPD123", to="Shipped")
    sent = await commerce.order(order.number, PL)
    assert sent.state is OrderState.SHIPPED
    assert sent.tracking is not None
    assert (sent.tracking.number, sent.tracking.status) == ("DPD123", "in_transit")


async def test_an_old_price_is_not_told(
    commerce: ShopifyCommerce, double: Double, room: FarRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    thing = await room.thing()
    double.price(thing.variant("a"), 12345)
    product_id = thing.variant("a").rpartition("-")[0]
    seen = await commerce.product(product_id, PL)
    assert seen.variants[0].price.amount == Money(PRICES["a"], "PLN")  # not a minute old
    monkeypatch.setattr("shop.commerce.remote.commerce.FRESH", 0.0)
    later = await commerce.product(product_id, PL)
    assert later.variants[0].price.amount == Money(12345, "PLN")


async def test_what_was_sold_while_it_was_ordered_is_given_back(
    commerce: ShopifyCommerce,
    double: Double,
    room: FarRoom,
    conversation: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between our look at the stock and the order, the web shop sells all but one."""
    thing = await room.thing()
    variant, prepare = thing.variant("a"), commerce.vendor.prepare
    await commerce.set_quantity(conversation, variant, 3, PL)

    async def late(*arguments: Any) -> Any:
        found = await prepare(*arguments)
        double.stock(variant, 1)
        return found

    monkeypatch.setattr(commerce.vendor, "prepare", late)
    with pytest.raises(OutOfStock) as refusal:
        await commerce.place_order(conversation, CHECKOUT, PL, conversation)
    assert refusal.value.available == 1
    assert double.variant(variant).left == 1
    assert len((await commerce.cart(conversation, PL)).lines) == 1


async def test_a_price_that_changed_on_the_way_is_not_charged(
    commerce: ShopifyCommerce,
    double: Double,
    room: FarRoom,
    conversation: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    thing = await room.thing()
    variant, prepare = thing.variant("a"), commerce.vendor.prepare
    await commerce.set_quantity(conversation, variant, 1, PL)

    async def late(*arguments: Any) -> Any:
        double.price(variant, 99999)
        return await prepare(*arguments)

    monkeypatch.setattr(commerce.vendor, "prepare", late)
    before = len(double.drafts)
    with pytest.raises(Unavailable):
        await commerce.place_order(conversation, CHECKOUT, PL, conversation)
    assert len(double.drafts) == before


async def test_an_order_from_elsewhere_is_found_by_its_buyer_alone(
    commerce: ShopifyCommerce, elsewhere: ShopifyCommerce, conversation: str
) -> None:
    email = f"{uuid.uuid4().hex[:12]}@example.org"
    bought = await ordered(elsewhere, conversation, PL, email=email)
    await elsewhere.record_payment(paying(bought))
    with pytest.raises(NotFound):
        await commerce.find_shopper(email="ewa@example.org", order_number=bought.number)
    buyer = await commerce.find_shopper(email=email, order_number=bought.number)
    mine = await commerce.orders(buyer.id, PL)
    assert [(o.number, o.state, o.total) for o in mine] == [
        (bought.number, OrderState.PAID, bought.total)
    ]
    assert [m.amount for m in mine[0].transactions] == [bought.total]


async def test_an_order_is_known_before_their_search_knows_it(
    commerce: ShopifyCommerce,
    elsewhere: ShopifyCommerce,
    double: Double,
    room: FarRoom,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(double, "indexed", False)
    order = await placed(room)
    assert (await commerce.record_payment(paying(order))).state is OrderState.PAID
    with pytest.raises(NotFound):
        await elsewhere.order(order.number, PL)


async def test_codes_are_theirs(
    commerce: ShopifyCommerce, double: Double, room: FarRoom, conversation: str
) -> None:
    ten, dear, old, spent = (uuid.uuid4().hex[:8].upper() for _ in range(4))
    double.promotion(ten, 10)
    double.promotion(dear, 10, minimum=50000)
    double.promotion(old, 10, status="EXPIRED")
    double.promotion(spent, 10, uses=1)
    thing = await room.thing()
    await commerce.set_quantity(conversation, thing.variant("a"), 2, PL)
    for code, reason in ((dear, "code_minimum"), (old, "code_expired")):
        with pytest.raises(Refused) as refusal:
            await commerce.apply_code(conversation, code, PL)
        assert refusal.value.reason == reason
    cart = await commerce.apply_code(conversation, ten.lower(), PL)
    assert (cart.discount, cart.total) == (Money(2000, "PLN"), Money(18000, "PLN"))
    bare = await commerce.apply_code(conversation, "", PL)
    assert (bare.code, bare.discount.minor) == (None, 0)
    await commerce.apply_code(conversation, spent, PL)
    order = await commerce.place_order(conversation, CHECKOUT, PL, conversation)
    assert order.discount == Money(2000, "PLN")
    assert double.order(order.number).code == spent
    other = f"{conversation}-other"
    await commerce.set_quantity(other, thing.variant("a"), 1, PL)
    with pytest.raises(Refused) as refusal:
        await commerce.apply_code(other, spent, PL)
    assert refusal.value.reason == "code_used"


async def test_many_variants_come_on_several_pages(
    double: Double, commerce: ShopifyCommerce
) -> None:
    name = f"thing-{uuid.uuid4().hex[:8]}"
    price = {"PLN": NewPrice(1000), "EUR": NewPrice(250)}
    variants = tuple(NewVariant(f"{name}-{n}", {"size": str(n)}, n, price) for n in range(45))
    texts = dict.fromkeys(("en", "pl", "es"), (name, "", ""))
    ids = double.product(NewProduct(name, "lamps", "halny", "", 0, texts, variants))
    (found,) = (await commerce.vendor.products({ids[f"{name}-0"].rpartition("-")[0]})).products
    assert [variant.stock for variant in found.variants] == list(range(45))


async def test_prices_without_tax_are_not_told(
    elsewhere: ShopifyCommerce, double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {**double.root["shop"](None), "taxesIncluded": False}
    monkeypatch.setitem(double.root, "shop", lambda _: told)
    with pytest.raises(Unavailable, match="tax"):
        await elsewhere.vendor.products()


async def test_a_search_is_not_broken_out_of(commerce: ShopifyCommerce) -> None:
    assert await commerce.vendor.orders(email='x" OR email:*') == ()
    assert await commerce.vendor.orders(name="*:* (") == ()
    assert await commerce.vendor.order('1" OR name:*') is None


async def test_another_currency_of_the_shop_is_sold_in(
    commerce: ShopifyCommerce, double: Double, room: FarRoom, conversation: str
) -> None:
    thing = await room.thing()
    euros = Locale("es", "EUR")
    cart = await commerce.set_quantity(conversation, thing.variant("a"), 1, euros)
    assert cart.total == Money(PRICES["a"] // 4, "EUR")
    offered = await commerce.delivery_methods(conversation, "ES", euros)
    known = {one.id: one.price["EUR"] for one in policy().deliveries("ES")}
    assert {one.id: one.price.minor for one in offered} == known
    madrid = Address("Ana Ruiz", "Calle Mayor 1", "28001", "Madrid", "ES")
    wish = Checkout("ana@example.org", "+34600000000", madrid, "home_es", language="es")
    order = await commerce.place_order(conversation, wish, euros, conversation)
    assert order.total == Money(PRICES["a"] // 4 + known["home_es"], "EUR")
    there = double.order(order.number)
    assert (there.currency, there.wish["shippingAddress"]["phone"]) == ("EUR", wish.phone)
