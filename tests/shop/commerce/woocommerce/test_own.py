"""What WooCommerce's own people see, and what happens when the two sides are not of one mind."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from shop.commerce.woocommerce import WooCommerce
from shop.model import (
    Money,
    NotFound,
    OrderState,
    OutOfStock,
    Refused,
    ReturnKind,
    Unavailable,
    Wishes,
)
from tests.shop.backroom import PL, PRICES, STOCK, Thing
from tests.shop.buying import checkout, paying
from tests.shop.commerce.woocommerce.conftest import Room
from tests.shop.commerce.woocommerce.server import Shop
from tests.shop.vendor import Asked, Said, Vendor

S = OrderState


@pytest.fixture
def meddle(server: Vendor, shop: Shop) -> Iterator[Callable[..., None]]:
    """Something happens at the first request that fits: before it, or its answer gets lost."""

    def arrange(fits: Callable[[Asked], bool], before: Callable[[], None] | None = None) -> None:
        waiting = [before]

        def answer(asked: Asked) -> Said:
            here = bool(waiting) and fits(asked)
            then = waiting.pop() if here else None
            if then:
                then()
            said = shop.answer(asked)
            return Said(200, said.bytes, cut=0) if here and not then else said

        server.answer = answer

    yield arrange
    server.answer = shop.answer


def posting(path: str) -> Callable[[Asked], bool]:
    return lambda asked: asked.method == "POST" and asked.path.endswith(path)


def stock(shop: Shop, id_: str) -> int:
    return int(shop.goods.variation(int(id_.rpartition("-")[2]))["stock_quantity"])


async def test_an_order_waits_on_hold_and_is_processed_when_paid(
    commerce: WooCommerce, shop: Shop, room: Room
) -> None:
    thing = await room.thing()
    order = await room.order((thing.variant("a"), 2), door="locker_pl")
    there = shop.orders.get(int(order.number))
    assert (there["status"], there["date_paid_gmt"]) == ("on-hold", None)
    assert there["billing"]["email"] == order.email
    assert there["shipping"]["address_2"] == order.point == "WAW314N"
    assert stock(shop, thing.variant("a")) == STOCK - 2
    await commerce.record_payment(paying(order))
    assert (there["status"], bool(there["date_paid_gmt"])) == ("processing", True)
    assert stock(shop, thing.variant("a")) == STOCK - 2
    assert there["transaction_id"] == f"card pay-{order.number}"


async def test_drafts_are_no_orders(commerce: WooCommerce, shop: Shop, room: Room) -> None:
    thing = await room.thing()
    mine = uuid.uuid4().hex
    await commerce.set_quantity(mine, thing.variant("a"), 1, PL)
    shop.promotion("TEN", 10)
    cart = await commerce.apply_code(mine, "TEN", PL)
    assert (cart.code, cart.discount.minor) == ("TEN", PRICES["a"] // 10)
    assert not [o for o in shop.orders.all.values() if o["status"] == "auto-draft"]
    wish = await checkout(commerce, mine, PL)
    draft = shop.orders.create({"status": "auto-draft"})
    with pytest.raises(NotFound):
        await commerce.order(draft["number"], PL)
    order = await commerce.place_order(mine, wish, PL, mine)
    assert order.discount == cart.discount


async def test_a_buyer_on_the_web_may_be_quicker(
    commerce: WooCommerce, shop: Shop, room: Room, meddle: Callable[..., None]
) -> None:
    thing = await room.thing()
    last = int(thing.variant("last").rpartition("-")[2])
    meddle(lambda asked: asked.method == "PUT", before=lambda: shop.goods.moved(last, -1))
    with pytest.raises(OutOfStock):
        await room.order((thing.variant("last"), 1))
    there = shop.orders.all[max(shop.orders.all)]
    assert (there["status"], stock(shop, thing.variant("last"))) == ("cancelled", 0)


@pytest.mark.parametrize("call", ["draft", "place"])
async def test_an_order_whose_answer_was_lost_is_placed_once(
    commerce: WooCommerce, shop: Shop, room: Room, meddle: Callable[..., None], call: str
) -> None:
    thing = await room.thing()
    mine = uuid.uuid4().hex
    await commerce.set_quantity(mine, thing.variant("a"), 2, PL)
    wish = replace(await checkout(commerce, mine, PL), email=f"{mine[:9]}@example.org")
    fits = posting("/orders") if call == "draft" else lambda asked: asked.method == "PUT"
    meddle(fits)
    if call == "draft":
        with pytest.raises(Unavailable):
            await commerce.place_order(mine, wish, PL, mine)
    order = await commerce.place_order(mine, wish, PL, mine)
    assert [str(o["id"]) for o in shop.orders.found(wish.email)] == [order.number]
    assert stock(shop, thing.variant("a")) == STOCK - 2


async def test_money_that_was_noted_is_not_noted_again(
    commerce: WooCommerce, shop: Shop, room: Room, meddle: Callable[..., None]
) -> None:
    thing = await room.thing()
    order = await room.delivered(await room.paid((thing.variant("a"), 1), (thing.variant("c"), 1)))
    wish = (order.number, ReturnKind.REFUND, {"1": 1}, "missing_item", PL, "k")
    meddle(posting("/refunds"))
    with pytest.raises(Unavailable):
        await commerce.settle_problem(*wish)
    await commerce.settle_problem(*wish)
    refunds = shop.orders.get(int(order.number))["refunds"]
    assert [one["total"] for one in refunds] == ["-80.00"]


async def test_pieces_that_were_taken_are_not_taken_again(
    commerce: WooCommerce, shop: Shop, room: Room, meddle: Callable[..., None]
) -> None:
    thing = await room.thing()
    order = await room.delivered(await room.paid((thing.variant("a"), 1)))
    wish = (order.number, ReturnKind.REPLACEMENT, {"0": 1}, "damaged", PL, "k")
    meddle(posting("/notes"))
    with pytest.raises(Unavailable):
        await commerce.settle_problem(*wish)
    await commerce.settle_problem(*wish)
    assert stock(shop, thing.variant("a")) == STOCK - 2
    assert "replacement" in shop.orders.notes[int(order.number)][-1]


async def test_changed_lines_cost_and_hold_what_was_agreed(
    commerce: WooCommerce, shop: Shop, room: Room
) -> None:
    thing = await room.thing()
    order = await room.discounted(await room.paid((thing.variant("b"), 1)), 900)
    done = await commerce.change_items(order.number, {"0": thing.variant("c")}, None, PL, "k")
    their = await commerce.vendor.order(order.number)
    assert their is not None
    assert (their.total, their.discount) == (done.total.minor, 480)
    assert stock(shop, thing.variant("b")) == STOCK - 1  # of the order that it was modelled on
    assert stock(shop, thing.variant("c")) == STOCK - 1
    assert shop.orders.get(int(order.number))["status"] == "processing"


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"date_expires_gmt": "2020-01-01T00:00:00"}, "code_expired"),
        ({"minimum_amount": "900.00"}, "code_minimum"),
        ({"usage_limit": 1, "usage_count": 1}, "code_used"),
        ({"status": "draft"}, "code_unknown"),
        ({"amount": "0"}, "code_not_combinable"),
    ],
)
async def test_a_coupon_says_why_not(
    commerce: WooCommerce, shop: Shop, room: Room, other: dict[str, str], reason: str
) -> None:
    thing = await room.thing()
    mine = uuid.uuid4().hex
    shop.promotion(mine[:8], 10, **other)
    before = await commerce.set_quantity(mine, thing.variant("a"), 1, PL)
    with pytest.raises(Refused) as refusal:
        await commerce.apply_code(mine, mine[:8], PL)
    assert refusal.value.reason == reason
    if reason == "code_minimum":
        assert refusal.value.details == {"minimum": Money(90000, "PLN")}
    assert await commerce.cart(mine, PL) == before


async def test_a_coupon_is_used_once_a_shopper(
    commerce: WooCommerce, shop: Shop, room: Room
) -> None:
    thing = await room.thing()
    code = uuid.uuid4().hex[:8]
    shop.promotion(code, 10, usage_limit_per_user=1)
    for attempt in ("first", "second"):
        mine = f"{code}-{attempt}"
        await commerce.set_quantity(mine, thing.variant("a"), 1, PL)
        await commerce.apply_code(mine, code, PL)
        wish = replace(await checkout(commerce, mine, PL), email=f"{code}@example.org")
        if attempt == "first":
            assert (await commerce.place_order(mine, wish, PL, mine)).discount.minor
            continue
        with pytest.raises(Refused) as refusal:
            await commerce.place_order(mine, wish, PL, mine)
        assert refusal.value.reason == "code_used"


async def test_nobody_pays_other_than_was_told(
    commerce: WooCommerce, shop: Shop, room: Room, meddle: Callable[..., None]
) -> None:
    thing: Thing = await room.thing()
    row = shop.goods.variation(int(thing.variant("a").rpartition("-")[2]))
    meddle(posting("/orders"), before=lambda: row.update(price="123.45"))
    with pytest.raises(Unavailable):
        await room.order((thing.variant("a"), 1))
    assert stock(shop, thing.variant("a")) == STOCK


async def test_a_parcel_is_told_with_its_number(
    commerce: WooCommerce, shop: Shop, room: Room
) -> None:
    thing = await room.thing()
    order = await room.paid((thing.variant("a"), 1))
    shop.ship(order.number, "JJD0001")
    there = await commerce.order(order.number, PL)
    assert there.state is S.SHIPPED
    assert there.tracking is not None
    assert (there.tracking.carrier, there.tracking.number) == ("DPD", "JJD0001")


async def test_all_pages_are_read(
    commerce: WooCommerce, shop: Shop, server: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.commerce.woocommerce.api.PAGE", 7)
    goods = await commerce.vendor.products()
    assert {product.id for product in goods.products} == {str(id_) for id_ in shop.goods.products}
    assert {asked.query["page"] for asked in server.asked if "page" in asked.query} >= {"2", "3"}


async def test_a_busy_shop_is_asked_again(commerce: WooCommerce, server: Vendor) -> None:
    server.faults += [Said(429, {}, {"Retry-After": "0"}), Said(503, {})]
    assert (await commerce.vendor.products({"1"})).products == ()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (Said(401, {"code": "woocommerce_rest_cannot_view"}), "woocommerce: 401"),
        (Said(400, {"code": "x_invalid", "message": "ewa@example.org"}), "x_invalid"),
        (Said(404, {"code": "rest_no_route"}), "rest_no_route"),
        (Said(200, b"<html>Maintenance</html>"), "nonsense"),
        (Said(302, b""), "woocommerce: 302"),
    ],
)
async def test_trouble_is_told_without_people(
    commerce: WooCommerce, server: Vendor, said: Said, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.http.ATTEMPTS", 1)
    server.faults.append(said)
    with pytest.raises(Unavailable) as trouble:
        await commerce.vendor.orders(email="ewa@example.org")
    assert told in str(trouble.value)
    assert "ewa" not in str(trouble.value)


async def test_a_customers_particulars_are_theirs_there_too(
    commerce: WooCommerce, shop: Shop, room: Room, elsewhere: WooCommerce
) -> None:
    order = await room.known(elsewhere, f"Ola {uuid.uuid4().hex[:6]}", "30-001")
    person = await commerce.find_shopper(email=order.email, order_number=order.number)
    own = shop.orders.customers[order.email]
    await commerce.change_profile(person.id, "k", email=f"new-{order.email}")
    assert shop.orders.customers[f"new-{order.email}"] == own
    shop.customer("Somebody", f"taken-{order.email}")
    with pytest.raises(Refused) as refusal:
        await commerce.change_profile(person.id, "k2", email=f"taken-{order.email}")
    assert refusal.value.reason == "email_taken"


async def test_a_price_that_changed_there_is_told(
    commerce: WooCommerce, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.commerce.remote.commerce.FRESH", 0.0)
    some = (await commerce.search(Wishes(), PL, limit=1)).products[0]
    for row in shop.goods.variations[int(some.id)].values():
        row |= {"price": "77.77", "regular_price": "77.77", "sale_price": "", "on_sale": False}
    assert (await commerce.product(some.id, PL)).price.amount.minor == 7777
