"""What every shop must do: subclass the contract and give it a `commerce`."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from shop.commerce.base import Commerce
from shop.model import (
    Locale,
    Money,
    NotFound,
    Order,
    OrderState,
    OutOfStock,
    PaymentState,
    Refused,
    Sort,
    Wishes,
)
from tests.shop.buying import HOME, buyable, checkout, ordered, paying


class CommerceContract:
    async def test_search_finds_a_categorys_products(self, commerce: Commerce, en: Locale) -> None:
        some = (await commerce.search(Wishes(), en, limit=1)).products[0]
        found = await commerce.search(Wishes(facets={"category": (some.category,)}), en, limit=100)
        assert some.id in {product.id for product in found.products}
        assert {product.category for product in found.products} == {some.category}
        assert found.total == len(found.products)
        assert found.dropped == ()

    async def test_pages_do_not_overlap(self, commerce: Commerce, en: Locale) -> None:
        first = await commerce.search(Wishes(), en, 0, 5)
        second = await commerce.search(Wishes(), en, 5, 5)
        assert not {p.id for p in first.products} & {p.id for p in second.products}
        assert first.total == second.total > 10

    async def test_prices_are_sorted_and_bounded(self, commerce: Commerce, pl: Locale) -> None:
        limit = Money(30000, "PLN")
        wishes = Wishes(price_max=limit, in_stock=True, sort=Sort.DEAREST)
        found = await commerce.search(wishes, pl, limit=20)
        prices = [product.price.amount for product in found.products]
        assert prices == sorted(prices, reverse=True)
        assert prices[0] <= limit
        assert all(product.in_stock for product in found.products)

    async def test_an_impossible_wish_is_dropped_and_named(
        self, commerce: Commerce, en: Locale
    ) -> None:
        product = (await commerce.search(Wishes(), en, limit=1)).products[0]
        wishes = Wishes(facets={"category": (product.category,)}, price_max=Money(1, en.currency))
        found = await commerce.search(wishes, en)
        assert found.products
        assert found.dropped == ("price_max",)
        assert {p.category for p in found.products} == {product.category}

    async def test_a_product_speaks_the_shoppers_language(
        self, commerce: Commerce, en: Locale, pl: Locale
    ) -> None:
        product, _ = await buyable(commerce, en)
        polish = await commerce.product(product.id, pl)
        assert polish.title != product.title
        assert polish.price.amount.currency == "PLN"
        assert set(polish.axes) == set(product.axes)
        for variant in polish.variants:
            assert set(polish.axes) <= set(variant.options) == set(variant.labels)

    async def test_a_reduced_price_names_the_lowest_of_thirty_days(
        self, commerce: Commerce, pl: Locale
    ) -> None:
        found = await commerce.search(Wishes(on_sale=True), pl, limit=10)
        assert found.products
        for product in found.products:
            assert product.price.regular
            assert product.price.lowest_30d
            assert product.price.amount < product.price.regular

    async def test_unknown_product_is_not_found(self, commerce: Commerce, en: Locale) -> None:
        with pytest.raises(NotFound):
            await commerce.product("no-such-product", en)

    async def test_similar_products_are_others_in_stock(
        self, commerce: Commerce, en: Locale
    ) -> None:
        product, _ = await buyable(commerce, en)
        related = await commerce.related("similar", product.id, en)
        assert related
        assert all(other.in_stock and other.id != product.id for other in related)

    async def test_vocabulary_names_what_can_be_found(self, commerce: Commerce, en: Locale) -> None:
        vocabulary = await commerce.vocabulary()
        product, _ = await buyable(commerce, en)
        assert vocabulary["version"] == 1
        names = vocabulary["facets"]["category"][product.category]
        assert all(names[language] for language in ("en", "pl", "es"))
        assert vocabulary["products"][product.id]["en"] == product.title

    async def test_a_new_conversation_has_an_empty_cart(
        self, commerce: Commerce, conversation: str, pl: Locale
    ) -> None:
        cart = await commerce.cart(conversation, pl)
        assert (cart.lines, cart.total, cart.code) == ((), Money(0, "PLN"), None)

    async def test_quantity_is_set_not_added(
        self, commerce: Commerce, conversation: str, pl: Locale
    ) -> None:
        _, variant = await buyable(commerce, pl)
        await commerce.set_quantity(conversation, variant.id, 2, pl)
        cart = await commerce.set_quantity(conversation, variant.id, 3, pl)
        assert [line.quantity for line in cart.lines] == [3]
        assert cart.total == variant.price.amount * 3
        assert await commerce.cart(conversation, pl) == cart
        assert (await commerce.set_quantity(conversation, variant.id, 0, pl)).lines == ()

    async def test_more_than_the_stock_is_refused_and_changes_nothing(
        self, commerce: Commerce, conversation: str, pl: Locale
    ) -> None:
        _, variant = await buyable(commerce, pl)
        before = await commerce.set_quantity(conversation, variant.id, 1, pl)
        with pytest.raises(OutOfStock) as refusal:
            await commerce.set_quantity(conversation, variant.id, variant.stock + 1, pl)
        assert refusal.value.available == variant.stock
        assert await commerce.cart(conversation, pl) == before

    async def test_unknown_variant_is_not_found(
        self, commerce: Commerce, conversation: str, pl: Locale
    ) -> None:
        with pytest.raises(NotFound):
            await commerce.set_quantity(conversation, "no-such-variant", 1, pl)

    async def test_carts_of_others_are_not_seen(
        self, commerce: Commerce, conversation: str, pl: Locale
    ) -> None:
        _, variant = await buyable(commerce, pl)
        await commerce.set_quantity(conversation, variant.id, 1, pl)
        assert (await commerce.cart(f"{conversation}-other", pl)).lines == ()

    async def test_unknown_code_is_refused(
        self, commerce: Commerce, conversation: str, pl: Locale
    ) -> None:
        with pytest.raises(Refused) as refusal:
            await commerce.apply_code(conversation, "NO-SUCH-CODE", pl)
        assert refusal.value.reason == "code_unknown"

    async def test_delivery_is_offered_cheapest_first(
        self, commerce: Commerce, conversation: str, pl: Locale
    ) -> None:
        methods = await commerce.delivery_methods(conversation, "PL", pl)
        assert methods
        assert list(methods) == sorted(methods, key=lambda method: method.price)
        assert await commerce.delivery_methods(conversation, "AQ", pl) == ()

    async def test_an_order_holds_all_that_was_agreed(
        self, commerce: Commerce, conversation: str, pl: Locale
    ) -> None:
        order = await ordered(commerce, conversation, pl, pieces=2)
        goods = sum(line.total.minor for line in order.lines)
        assert order.state is OrderState.AWAITING_PAYMENT
        assert order.total.minor == goods - order.discount.minor + order.delivery.price.minor
        assert (order.address, order.email) == (HOME, "ewa@example.org")
        assert order.conversation == conversation
        assert order.placed.tzinfo
        assert await commerce.order(order.number, pl) == order
        assert (await commerce.cart(conversation, pl)).lines == ()

    async def test_an_order_takes_its_pieces_off_the_stock(
        self, commerce: Commerce, conversation: str, pl: Locale
    ) -> None:
        order = await ordered(commerce, conversation, pl, pieces=2)
        line = order.lines[0]
        product = await commerce.product(line.product_id, pl)
        left = next(v.stock for v in product.variants if v.id == line.variant_id)
        with pytest.raises(OutOfStock) as refusal:
            await commerce.set_quantity(conversation, line.variant_id, left + 1, pl)
        assert refusal.value.available == left

    async def test_the_same_key_orders_once(
        self, commerce: Commerce, conversation: str, pl: Locale
    ) -> None:
        order = await ordered(commerce, conversation, pl)
        details = await checkout(commerce, conversation, pl)
        again = await commerce.place_order(conversation, details, pl, f"{conversation}/place")
        assert again == order
        assert await commerce.placed_in(conversation, pl) == (order,)

    async def test_an_empty_cart_is_not_ordered(
        self, commerce: Commerce, conversation: str, pl: Locale
    ) -> None:
        details = await checkout(commerce, conversation, pl)
        with pytest.raises(Refused) as refusal:
            await commerce.place_order(conversation, details, pl, "key")
        assert refusal.value.reason == "cart_empty"

    async def test_a_payment_pays_once(
        self, commerce: Commerce, conversation: str, pl: Locale
    ) -> None:
        order = await ordered(commerce, conversation, pl)
        paid = await commerce.record_payment(paying(order))
        assert paid.state is OrderState.PAID
        stock = await commerce.product(order.lines[0].product_id, pl)
        assert (await commerce.record_payment(paying(order))).state is OrderState.PAID
        assert await commerce.product(order.lines[0].product_id, pl) == stock

    async def test_a_failed_payment_can_be_made_good(
        self, commerce: Commerce, conversation: str, pl: Locale
    ) -> None:
        order = await ordered(commerce, conversation, pl)
        failed = await commerce.record_payment(paying(order, PaymentState.FAILED, "first"))
        assert failed.state is OrderState.PAYMENT_FAILED
        paid = await commerce.record_payment(paying(order, PaymentState.SUCCEEDED, "second"))
        assert paid.state is OrderState.PAID
        late = await commerce.record_payment(paying(order, PaymentState.FAILED, "first"))
        assert late.state is OrderState.PAID

    async def test_another_amount_is_refused(
        self, commerce: Commerce, conversation: str, pl: Locale
    ) -> None:
        order = await ordered(commerce, conversation, pl)
        less = replace(paying(order), amount=Money(order.total.minor - 1, "PLN"))
        with pytest.raises(Refused) as refusal:
            await commerce.record_payment(less)
        assert refusal.value.reason == "amount_differs"
        assert (await commerce.order(order.number, pl)).state is OrderState.AWAITING_PAYMENT

    async def test_paying_twice_is_refused(
        self, commerce: Commerce, conversation: str, pl: Locale
    ) -> None:
        order = await ordered(commerce, conversation, pl)
        await commerce.record_payment(paying(order, id_="first"))
        with pytest.raises(Refused) as refusal:
            await commerce.record_payment(paying(order, id_="second"))
        assert refusal.value.reason == "not_payable"

    async def test_unknown_order_is_not_found(self, commerce: Commerce, pl: Locale) -> None:
        with pytest.raises(NotFound):
            await commerce.order("99999999", pl)

    async def test_a_shopper_is_found_by_two_facts(
        self, commerce: Commerce, conversation: str, pl: Locale
    ) -> None:
        order = await ordered(commerce, conversation, pl)
        by_order = await commerce.find_shopper(
            email="EWA@example.org", order_number=f"#{order.number}"
        )
        by_name = await commerce.find_shopper(name="bak EWA", postcode="00950")
        assert by_order.id == by_name.id == order.shopper_id
        mine = await commerce.orders(by_order.id, pl)
        assert order in mine
        assert list(mine) == sorted(mine, key=lambda o: o.placed, reverse=True)

    @pytest.mark.parametrize(
        "facts",
        [
            {"email": "ewa@example.org"},
            {"email": "ewa@example.org", "order_number": "1"},
            {"email": "nobody@example.org", "order_number": "{number}"},
            {"name": "Ewa Bąk"},
            {"name": "Ewa Bąk", "postcode": "11-111"},
            {"order_number": "{number}", "postcode": "00-950"},
        ],
    )
    async def test_half_of_the_facts_is_not_enough(
        self, commerce: Commerce, conversation: str, pl: Locale, facts: dict[str, str]
    ) -> None:
        order = await ordered(commerce, conversation, pl)
        given = {name: value.format(number=order.number) for name, value in facts.items()}
        with pytest.raises(NotFound):
            await commerce.find_shopper(**given)

    async def test_buyers_at_once_never_get_more_than_the_stock(
        self, commerce: Commerce, conversation: str, pl: Locale
    ) -> None:
        """20 buyers with full carts; each wants a third of the pieces that are left."""
        _, variant = await buyable(commerce, pl)
        share = variant.stock // 3
        details = await checkout(commerce, conversation, pl)
        buyers = [f"{conversation}-{number}" for number in range(20)]
        for mine in buyers:
            await commerce.set_quantity(mine, variant.id, share, pl)

        async def buy(mine: str) -> Order | None:
            try:
                return await commerce.place_order(mine, details, pl, mine)
            except OutOfStock:
                return None

        orders = [order for order in await asyncio.gather(*map(buy, buyers)) if order]
        assert sum(order.lines[0].quantity for order in orders) <= variant.stock
        assert len(orders) == variant.stock // share
