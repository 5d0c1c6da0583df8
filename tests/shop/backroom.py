"""What a test can do to the embedded shop that no shopper and no port can."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, select, true, update

from shop import faults, tables
from shop.catalogue import NewPrice, NewProduct, NewVariant, save_products
from shop.commerce import methods
from shop.commerce.base import Commerce
from shop.model import Address, Checkout, Locale, Money, Order, OrderState, PaymentMethod
from shop.store import Store, now
from tests.shop.buying import paying

PL = Locale("pl", "PLN")
DAY = 24 * 3600
STOCK = 10
KNOWN = ("shopper-01", "shopper-02")  # seeded, and used by tests as they are
PRICES = {"a": 10000, "b": 15000, "c": 8000, "gone": 10000, "last": 10000}
CHANGED = (
    tables.orders,
    tables.order_lines,
    tables.transactions,
    tables.payment_methods,
    tables.returns,
    tables.shoppers,
    tables.holds,
    tables.variants,
    tables.done,
    tables.counters,
)


@dataclass(frozen=True)
class Thing:
    """A product with variants a (100 zł), b (150), c (80), gone (none left) and last (one left)."""

    id: str

    def variant(self, name: str) -> str:
        return f"{self.id}-{name}"


class Backroom:
    def __init__(self, store: Store, commerce: Commerce) -> None:
        self.store, self.commerce = store, commerce
        self.orders: list[str] = []
        self.people: list[str] = []
        self.things: list[str] = []

    async def thing(self) -> Thing:
        thing = Thing(f"thing-{uuid.uuid4().hex[:8]}")
        self.things.append(thing.id)
        stock = {"gone": 0, "last": 1}
        variants = [
            NewVariant(
                thing.variant(name),
                {"colour": "black", "size": name},
                stock.get(name, STOCK),
                {"PLN": NewPrice(price), "EUR": NewPrice(price // 4)},
            )
            for name, price in PRICES.items()
        ]
        texts = dict.fromkeys(("en", "pl", "es"), (f"Thing {thing.id}", "", ""))
        product = NewProduct(
            thing.id, "lamps", "halny", "lamp", now(), texts, tuple(variants), axes=("size",)
        )
        await self.store.write(lambda c: save_products(c, [product]))
        return thing

    async def order(self, *wanted: tuple[str, int], door: str = "courier_pl") -> Order:
        """An unpaid order of a shopper of its own: (variant id, pieces) each."""
        mine = uuid.uuid4().hex
        for variant_id, pieces in wanted:
            await self.commerce.set_quantity(mine, variant_id, pieces, PL)
        home = Address(f"Ewa {mine[:12]}", "ul. Krótka 1", "00-950", "Warszawa", "PL")
        point = None if door == "courier_pl" else "WAW314N"
        checkout = Checkout(f"{mine[:12]}@example.org", None, home, door, point, "pl")
        order = await self.commerce.place_order(mine, checkout, PL, mine)
        self.orders.append(order.number)
        self.people.append(order.shopper_id)
        return order

    async def paid(self, *wanted: tuple[str, int], door: str = "courier_pl") -> Order:
        order = await self.order(*wanted, door=door)
        await self.commerce.record_payment(paying(order))
        return await self.commerce.order(order.number, PL)

    async def paid_by(self, method: PaymentMethod, *wanted: tuple[str, int]) -> Order:
        """A paid order of the shopper whose method it is, who has paid with it before today."""
        order = await self.paid(*wanted)
        owner = tables.payment_methods.c.id == method.id
        whose = select(tables.payment_methods.c.shopper_id).where(owner).scalar_subquery()
        mine = tables.orders.c.number == order.number
        await self._do(update(tables.orders).where(mine).values(shopper_id=whose))
        paid = tables.transactions.c.order_number == order.number
        await self._do(update(tables.transactions).where(paid).values(method_id=method.id))
        return await self.commerce.order(order.number, PL)

    async def delivered(self, order: Order, days_ago: float = 1) -> Order:
        at = now() - int(days_ago * DAY)
        return await self.now_is(order, OrderState.DELIVERED, delivered=at)

    async def now_is(self, order: Order, state: OrderState, **values: Any) -> Order:
        mine = update(tables.orders).where(tables.orders.c.number == order.number)
        await self._do(mine.values(state=state.value, **values))
        return await self.commerce.order(order.number, PL)

    async def discounted(self, order: Order, minor: int) -> Order:
        """As if a code had taken so much off, before it was paid."""
        total = order.total.minor - minor
        mine = update(tables.orders).where(tables.orders.c.number == order.number)
        await self._do(mine.values(discount=minor, total=total))
        paid = update(tables.transactions).where(tables.transactions.c.order_number == order.number)
        await self._do(paid.values(amount=total))
        return await self.commerce.order(order.number, PL)

    async def give(
        self, shopper_id: str, kind: str, balance: int | None = None, currency: str = "PLN"
    ) -> PaymentMethod:
        money = None if balance is None else Money(balance, currency)
        named = {"name": "Visa", "ending": "4242"} if kind == "card" else {}
        method = PaymentMethod(f"{kind}-{uuid.uuid4().hex[:8]}", kind, **named, balance=money)

        def put(connection: Connection) -> None:
            methods.add(connection, shopper_id, method)

        await self.store.write(put)
        return method

    async def balance(self, method: PaymentMethod) -> int:
        mine = tables.payment_methods.c.id == method.id
        query = select(tables.payment_methods.c.balance).where(mine)
        return await self.store.read(lambda c: c.scalar(query))

    async def left(self, variant_id: str) -> int:
        """What can be bought of a variant now."""
        product = await self.commerce.product(variant_id.rpartition("-")[0], PL)
        return next(v.stock for v in product.variants if v.id == variant_id)

    async def state(self) -> dict[str, Any]:
        """All that a write could have changed: every row of this test's orders, shoppers and
        things, and how many rows there are of everybody's."""

        def read(connection: Connection) -> dict[str, Any]:
            found: dict[str, Any] = {}
            for table in CHANGED:
                own = self._own(table)
                found[table.name] = sorted(map(repr, connection.execute(select(table).where(own))))
                found[f"{table.name} in all"] = connection.scalar(
                    select(func.count()).select_from(table)
                )
            return found

        return await self.store.read(read)

    def _own(self, table: Table) -> ColumnElement[bool]:
        columns, orders = table.c, self.orders
        if "order_number" in columns:
            return columns.order_number.in_(orders)
        if table is tables.orders:
            return columns.number.in_(orders)
        if table is tables.variants:
            return columns.product_id.in_(self.things)
        if table is tables.shoppers or table is tables.payment_methods:
            person = columns.id if table is tables.shoppers else columns.shopper_id
            return person.in_([*self.people, *KNOWN])
        return true()

    async def fault(self, call: str, kind: faults.Kind) -> None:
        await faults.plan(self.store, call, kind)

    async def _do(self, statement: Any) -> None:
        await self.store.write(lambda connection: connection.execute(statement))


def moved_to(address: Address, **other: str) -> Address:
    return replace(address, street="ul. Nowa 7/2", postcode="31-123", city="Kraków", **other)
