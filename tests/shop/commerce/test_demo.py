from __future__ import annotations

import time

import pytest
from sqlalchemy import select, update

from shop import faults
from shop.commerce.demo import DemoCommerce
from shop.model import Locale, Money, OrderState, PaymentState, Refused, Unavailable, Wishes
from shop.store import Store
from shop.tables import holds, promotions
from tests.shop.backroom import Backroom
from tests.shop.buying import buyable, checkout, ordered, paying
from tests.shop.contract import CommerceContract


class TestDemoCommerce(CommerceContract):
    pass


async def test_the_demo_shop_is_a_whole_shop(commerce: DemoCommerce, store: Store) -> None:
    found = await commerce.search(Wishes(), Locale("es", "EUR"), limit=500)
    vocabulary = await commerce.vocabulary()
    tops = [id_ for id_, parent in commerce_parents(store).items() if parent is None]
    assert found.total >= 110
    assert sum(len(product.variants) for product in found.products) >= 600
    assert len(tops) >= 8
    assert set(vocabulary["facets"]) >= {"category", "colour", "size", "brand", "material"}


def commerce_parents(store: Store) -> dict[str, str | None]:
    from shop.commerce.names import read

    with store.begin(write=False) as connection:
        return read(connection, "en").parents


async def test_there_are_orders_in_every_state(commerce: DemoCommerce, store: Store) -> None:
    from shop.tables import orders

    with store.begin(write=False) as connection:
        rows = connection.execute(select(orders.c.state, orders.c.number)).all()
    assert len(rows) >= 200
    assert {row.state for row in rows} == {state.value for state in OrderState}


@pytest.mark.parametrize("kind", ["before", "after", "nonsense"])
async def test_a_write_that_broke_off_is_done_once_by_its_repeat(
    commerce: DemoCommerce, store: Store, conversation: str, pl: Locale, kind: faults.Kind
) -> None:
    _, variant = await buyable(commerce, pl)
    await commerce.set_quantity(conversation, variant.id, 1, pl)
    details = await checkout(commerce, conversation, pl)
    await faults.plan(store, "place_order", kind)
    with pytest.raises(Unavailable):
        await commerce.place_order(conversation, details, pl, conversation)
    there = await commerce.placed_in(conversation, pl)
    assert len(there) == (0 if kind == "before" else 1)
    order = await commerce.place_order(conversation, details, pl, conversation)
    assert await commerce.placed_in(conversation, pl) == (order,)


async def test_a_slow_shop_is_unavailable_in_time(
    commerce: DemoCommerce,
    store: Store,
    conversation: str,
    pl: Locale,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await faults.plan(store, "cart", "slow")
    monkeypatch.setattr("shop.store.PATIENCE", 1.0)
    started = time.monotonic()
    with pytest.raises(Unavailable):
        await commerce.cart(conversation, pl)
    assert time.monotonic() - started < 4.0


async def test_a_store_that_is_gone_is_unavailable(pl: Locale) -> None:
    gone = DemoCommerce("postgresql://postgres@127.0.0.1:1/none")
    with pytest.raises(Unavailable):
        await gone.cart("conversation", pl)


async def test_an_unpaid_order_gives_its_stock_back(
    commerce: DemoCommerce, store: Store, conversation: str, pl: Locale
) -> None:
    order = await ordered(commerce, conversation, pl, pieces=2)
    line = order.lines[0]

    async def left() -> int:
        product = await commerce.product(line.product_id, pl)
        return next(v.stock for v in product.variants if v.id == line.variant_id)

    held = await left()
    await expire(store, order.number)
    assert await left() == held + 2
    paid = await commerce.record_payment(paying(order))
    assert paid.state is OrderState.PAID
    assert await left() == held


async def test_a_late_payment_of_what_is_sold_out_is_refused(
    commerce: DemoCommerce, store: Store, conversation: str, pl: Locale
) -> None:
    order = await ordered(commerce, conversation, pl)
    line = order.lines[0]
    await expire(store, order.number)
    product = await commerce.product(line.product_id, pl)
    stock = next(v.stock for v in product.variants if v.id == line.variant_id)
    other = f"{conversation}-other"
    await commerce.set_quantity(other, line.variant_id, stock, pl)
    details = await checkout(commerce, other, pl)
    await commerce.place_order(other, details, pl, other)
    with pytest.raises(Refused) as refusal:
        await commerce.record_payment(paying(order))
    assert refusal.value.reason == "not_payable"
    assert (await commerce.order(order.number, pl)).state is OrderState.AWAITING_PAYMENT


async def expire(store: Store, number: str) -> None:
    mine = holds.c.order_number == number
    await store.write(lambda c: c.execute(update(holds).where(mine).values(until=1)))


async def test_a_guest_does_not_get_into_anothers_orders_by_naming_their_email(
    commerce: DemoCommerce, conversation: str, pl: Locale
) -> None:
    victim = await commerce.find_shopper(name="Anna Nowak", postcode="00-238")
    _, variant = await buyable(commerce, pl)
    await commerce.set_quantity(conversation, variant.id, 1, pl)
    details = await checkout(commerce, conversation, pl, email=victim.email)
    order = await commerce.place_order(conversation, details, pl, conversation)
    found = await commerce.find_shopper(email=victim.email, order_number=order.number)
    assert found.id != victim.id
    assert await commerce.orders(found.id, pl) == (order,)
    assert order not in await commerce.orders(victim.id, pl)


async def test_an_identified_shoppers_order_is_theirs(
    commerce: DemoCommerce, conversation: str, pl: Locale
) -> None:
    anna = await commerce.find_shopper(name="Anna Nowak", postcode="00-238")
    _, variant = await buyable(commerce, pl)
    await commerce.set_quantity(conversation, variant.id, 1, pl)
    details = await checkout(commerce, conversation, pl, shopper_id=anna.id)
    order = await commerce.place_order(conversation, details, pl, conversation)
    assert (await commerce.orders(anna.id, pl))[0] == order


@pytest.mark.parametrize(
    ("code", "reason"),
    [("SUMMER20", "code_expired"), ("WINTER25", "code_unknown"), ("gory50", "code_minimum")],
)
async def test_a_code_that_does_not_hold_is_refused(
    commerce: DemoCommerce, conversation: str, pl: Locale, code: str, reason: str
) -> None:
    wishes = Wishes(price_max=Money(9000, "PLN"), in_stock=True)
    cheap = (await commerce.search(wishes, pl, limit=1)).products[0]
    variant = next(v for v in cheap.variants if v.stock)
    await commerce.set_quantity(conversation, variant.id, 1, pl)
    with pytest.raises(Refused) as refusal:
        await commerce.apply_code(conversation, code, pl)
    assert refusal.value.reason == reason


async def test_a_percentage_is_exact_and_goes_with_the_cart(
    commerce: DemoCommerce, conversation: str, pl: Locale
) -> None:
    _, variant = await buyable(commerce, pl)
    await commerce.set_quantity(conversation, variant.id, 2, pl)
    cart = await commerce.apply_code(conversation, " outlet5 ", pl)
    assert cart.code == "OUTLET5"
    assert cart.discount.minor == -(-cart.subtotal.minor * 5 // 100)
    assert cart.total.minor == cart.subtotal.minor - cart.discount.minor
    details = await checkout(commerce, conversation, pl)
    order = await commerce.place_order(conversation, details, pl, conversation)
    assert order.discount == cart.discount


async def test_a_code_for_one_use_works_once_a_shopper(
    commerce: DemoCommerce, store: Store, conversation: str, pl: Locale
) -> None:
    free = update(promotions).where(promotions.c.code == "HELLO10").values(with_sale=True)
    await store.write(lambda connection: connection.execute(free))
    _, variant = await buyable(commerce, pl, least=4)
    email = f"{conversation}@example.org"
    for number in (1, 2):
        mine = f"{conversation}-{number}"
        await commerce.set_quantity(mine, variant.id, 1, pl)
        await commerce.apply_code(mine, "HELLO10", pl)
        details = await checkout(commerce, mine, pl, email=email)
        if number == 1:
            await commerce.place_order(mine, details, pl, mine)
            continue
        with pytest.raises(Refused) as refusal:
            await commerce.place_order(mine, details, pl, mine)
        assert refusal.value.reason == "code_used"


async def test_a_point_is_needed_where_the_parcel_goes_to_one(
    commerce: DemoCommerce, conversation: str, pl: Locale
) -> None:
    _, variant = await buyable(commerce, pl)
    await commerce.set_quantity(conversation, variant.id, 1, pl)
    for delivery, reason in (("locker_pl", "point_missing"), ("home_es", "delivery_unavailable")):
        details = await checkout(commerce, conversation, pl, delivery=delivery)
        with pytest.raises(Refused) as refusal:
            await commerce.place_order(conversation, details, pl, conversation)
        assert refusal.value.reason == reason


async def test_size_and_colour_must_be_of_one_variant(commerce: DemoCommerce, en: Locale) -> None:
    both = {"colour": ("black",), "size": ("S",), "category": ("rain-jackets",)}
    found = await commerce.search(Wishes(facets=both, in_stock=True), en, limit=50)
    assert found.products
    assert "halny-storm-jacket" not in {product.id for product in found.products}
    for product in found.products:
        assert any(
            v.options == {"colour": "black", "size": "S"} and v.stock for v in product.variants
        )


async def test_excluded_features_are_left_out(commerce: DemoCommerce, en: Locale) -> None:
    hooded = {"feature": ("hood",)}
    jackets = {"category": ("jackets",)}
    found = await commerce.search(Wishes(facets=jackets, without=hooded), en, limit=50)
    assert found.products
    assert all("hood" not in product.facts.get("feature", ()) for product in found.products)


async def test_advice_from_orders_offers_what_they_do_not_have(
    commerce: DemoCommerce, pl: Locale
) -> None:
    anna = await commerce.find_shopper(name="Anna Nowak", postcode="00-238")
    bought = {line.product_id for o in await commerce.orders(anna.id, pl) for line in o.lines}
    offered = await commerce.related("bought_by", anna.id, pl)
    assert offered
    assert not bought & {product.id for product in offered}
    assert await commerce.related("bought_by", "nobody", pl) == ()


async def test_a_pending_payment_changes_nothing(
    commerce: DemoCommerce, conversation: str, pl: Locale
) -> None:
    order = await ordered(commerce, conversation, pl)
    same = await commerce.record_payment(paying(order, PaymentState.PENDING))
    assert same.state is OrderState.AWAITING_PAYMENT


async def test_a_search_soon_knows_what_was_sold_out(
    commerce: DemoCommerce, conversation: str, pl: Locale, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.commerce.snapshot.STOCK_AGE", 0.0)
    product = next(
        p
        for p in (await commerce.search(Wishes(in_stock=True), pl, limit=200)).products
        if sum(v.stock > 0 for v in p.variants) == 1
    )
    variant = next(v for v in product.variants if v.stock)
    await commerce.set_quantity(conversation, variant.id, variant.stock, pl)
    details = await checkout(commerce, conversation, pl)
    await commerce.place_order(conversation, details, pl, conversation)
    found = await commerce.search(Wishes(product.title, in_stock=True), pl, limit=200)
    assert product.id not in {p.id for p in found.products}


async def test_a_search_soon_knows_what_came_back(
    commerce: DemoCommerce, room: Backroom, monkeypatch: pytest.MonkeyPatch, pl: Locale
) -> None:
    """Of an order from long ago too: its cancelling moves the stock today."""
    monkeypatch.setattr("shop.commerce.snapshot.STOCK_AGE", 0.0)
    found = await commerce.search(Wishes(in_stock=True), pl, limit=200)
    product = next(p for p in found.products if sum(v.stock > 0 for v in p.variants) == 1)
    variant = next(v for v in product.variants if v.stock)
    order = await room.paid((variant.id, variant.stock))
    await room.now_is(order, OrderState.PAID, placed=1)

    async def offered() -> bool:
        wishes = Wishes(product.title, in_stock=True)
        found = await commerce.search(wishes, pl, limit=200)
        return product.id in {p.id for p in found.products} and not found.dropped

    assert not await offered()
    await commerce.cancel(order.number, "other", pl, "k")
    assert await offered()
