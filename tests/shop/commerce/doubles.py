"""What doubles of shops elsewhere have in common: what is in them, and their back room."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import Protocol

import pytest

from shop.catalogue import NewPrice, NewProduct, NewVariant, Term
from shop.commerce.remote.commerce import RemoteCommerce
from shop.commerce.remote.vendor import product_of
from shop.demo import catalogue
from shop.model import Address, Checkout, Order, OrderState
from shop.store import now
from tests.shop.backroom import DAY, PL, PRICES, STOCK, Backroom, Thing
from tests.shop.buying import paying

PRODUCTS = 24  # of the demo shop: whole categories, some of them reduced
WORDS = ("en", "pl", "es")


def demo_products() -> Iterator[NewProduct]:
    return islice(catalogue.products(), PRODUCTS)


@cache
def terms() -> tuple[Term, ...]:
    return tuple(catalogue.terms())


@cache
def labels(facet: str) -> dict[str, dict[str, str]]:
    """What the demo shop's terms are called: id -> language -> name."""
    return {
        term.id: {language: term.names[language][0] for language in WORDS}
        for term in terms()
        if term.facet == facet
    }


def patient(patch: pytest.MonkeyPatch) -> None:
    """A busy machine may be slow: what is tested is what happens, not how soon."""
    for setting, seconds in {
        "shop.store.PATIENCE": 20.0,
        "shop.http.BUDGET": 40.0,
        "shop.http.PAUSE": 0.01,
        "shop.exchange.CONNECT": 5.0,
        "shop.exchange.READ": 30.0,
    }.items():
        patch.setattr(setting, seconds)


def new_thing(name: str) -> NewProduct:
    """What `Thing` promises, for a shop that gives its variants ids of its own."""
    stock = {"gone": 0, "last": 1}
    variants = tuple(
        NewVariant(
            f"{name}-{size}",
            {"size": size},
            stock.get(size, STOCK),
            {"PLN": NewPrice(price), "EUR": NewPrice(price // 4)},
        )
        for size, price in PRICES.items()
    )
    texts = dict.fromkeys(WORDS, (f"Thing {name}", "", ""))
    return NewProduct(name, "lamps", "Halny", "", 0, texts, variants, axes=("size",))


class Far(Protocol):
    """What its own people do in a shop elsewhere."""

    def product(self, product: NewProduct) -> dict[str, str]:
        """Puts it on sale; returns our ids of its variants by the ids that they had."""

    def ship(self, number: str, code: str = "", to: str = "Delivered") -> None: ...

    def promotion(self, code: str, percent: int, minimum: int = 0) -> None: ...

    def customer(self, name: str, email: str) -> None: ...


@dataclass(frozen=True)
class Made(Thing):
    """A thing whose variants have the ids that the shop gave them."""

    ids: dict[str, str] = field(default_factory=dict)

    def variant(self, name: str) -> str:
        return self.ids[f"{self.id}-{name}"]


class FarRoom(Backroom):
    """The back room of a shop elsewhere: what happens to goods and orders there happens there."""

    def __init__(self, far: Far, commerce: RemoteCommerce) -> None:
        super().__init__(commerce.store, commerce)
        self.far, self.shop = far, commerce

    async def thing(self) -> Thing:
        name = f"thing-{uuid.uuid4().hex[:8]}"
        made = Made(name, self.far.product(new_thing(name)))
        await self.shop.pull.some({product_of(made.variant("a"))})
        return made

    async def delivered(self, order: Order, days_ago: float = 1) -> Order:
        self.far.ship(order.number)
        await self.commerce.order(order.number, PL)
        at = now() - int(days_ago * DAY)
        return await self.now_is(order, OrderState.DELIVERED, delivered=at)

    async def discounted(self, order: Order, minor: int) -> Order:
        """Another order of the same, with a code there that takes so much off its goods."""
        code = f"OFF{uuid.uuid4().hex[:8]}".upper()
        self.far.promotion(code, minor * 100 // sum(line.total.minor for line in order.lines))
        mine = uuid.uuid4().hex
        for line in order.lines:
            await self.commerce.set_quantity(mine, line.variant_id, line.quantity, PL)
        await self.commerce.apply_code(mine, code, PL)
        email, delivery = f"{mine[:12]}@example.org", order.delivery.id
        wish = Checkout(email, None, order.address, delivery, None, "pl")
        placed = await self.commerce.place_order(mine, wish, PL, mine)
        assert placed.discount.minor == minor
        await self.commerce.record_payment(paying(placed))
        return await self.commerce.order(placed.number, PL)

    async def known(self, elsewhere: RemoteCommerce, name: str, postcode: str) -> Order:
        """A first order of a customer with an account, from that shop's own pages."""
        thing = await self.thing()
        mine = uuid.uuid4().hex
        email = f"{mine[:12]}@example.org"
        self.far.customer(name, email)
        await elsewhere.set_quantity(mine, thing.variant("a"), 1, PL)
        home = Address(name, "ul. Krótka 1", postcode, "Kraków", "PL")
        checkout = Checkout(email, None, home, "courier_pl", None, "pl")
        return await elsewhere.place_order(mine, checkout, PL, mine)
