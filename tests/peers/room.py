"""The back room of a shop elsewhere: what happens to goods and orders there, happens there."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

from shop.catalogue import NewPrice, NewProduct, NewVariant
from shop.commerce.remote.commerce import RemoteCommerce
from shop.commerce.remote.vendor import product_of
from shop.model import Address, Checkout, Order, OrderState
from shop.store import now
from tests.shop.backroom import DAY, PL, PRICES, STOCK, Backroom, Thing
from tests.shop.buying import paying

WORDS = ("en", "pl", "es")
BRAND = "Halny"


@dataclass(frozen=True)
class There:
    """An order as the vendor's people see it. `state` is waiting, paid or cancelled; `kept` is
    what was paid and not paid back; `pieces` are by our ids of variants."""

    state: str
    total: int
    kept: int
    email: str
    name: str
    point: str
    pieces: dict[str, int]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Made(Thing):
    """A thing whose variants have the ids that the vendor gave them."""

    ids: dict[str, str] = field(default_factory=dict)

    def variant(self, name: str) -> str:
        return self.ids[f"{self.id}-{name}"]


class RemoteRoom(Backroom, ABC):
    """`admin` does what a vendor's people do: product, promotion, customer, ship, price, stock."""

    def __init__(self, admin: Any, commerce: RemoteCommerce) -> None:
        super().__init__(commerce.store, commerce)
        self.admin, self.shop = admin, commerce

    @abstractmethod
    def there(self, number: str) -> There: ...

    async def thing(self) -> Thing:
        name = f"thing-{uuid.uuid4().hex[:8]}"
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
        product = NewProduct(name, "lamps", BRAND, "", 0, texts, variants, axes=("size",))
        made = Made(name, self.admin.product(product))
        await self.shop.pull.some({product_of(made.variant("a"))})
        return made

    async def delivered(self, order: Order, days_ago: float = 1) -> Order:
        self.admin.ship(order.number)
        await self.commerce.order(order.number, PL)
        at = now() - int(days_ago * DAY)
        return await self.now_is(order, OrderState.DELIVERED, delivered=at)

    async def discounted(self, order: Order, minor: int) -> Order:
        """Another order of the same, with a code of theirs that takes so much off its goods."""
        goods = sum(line.total.minor for line in order.lines)
        code = f"OFF{uuid.uuid4().hex[:8]}".upper()
        self.admin.promotion(code, minor * 100 // goods)
        mine = uuid.uuid4().hex
        for line in order.lines:
            await self.commerce.set_quantity(mine, line.variant_id, line.quantity, PL)
        await self.commerce.apply_code(mine, code, PL)
        home, email = order.address, f"{mine[:12]}@example.org"
        wish = Checkout(email, None, home, order.delivery.id, None, "pl")
        placed = await self.commerce.place_order(mine, wish, PL, mine)
        assert placed.discount.minor == minor
        await self.commerce.record_payment(paying(placed))
        return await self.commerce.order(placed.number, PL)

    async def known(self, elsewhere: RemoteCommerce, name: str, postcode: str) -> Order:
        """A first order of a customer with an account, from the vendor's own pages."""
        thing = await self.thing()
        mine = uuid.uuid4().hex
        email = f"{mine[:12]}@example.org"
        self.admin.customer(name, email)
        await elsewhere.set_quantity(mine, thing.variant("a"), 1, PL)
        home = Address(name, "ul. Krótka 1", postcode, "Kraków", "PL")
        checkout = Checkout(email, None, home, "courier_pl", None, "pl")
        return await elsewhere.place_order(mine, checkout, PL, mine)
