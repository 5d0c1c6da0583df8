"""A vendor's catalogue in our own store: pulled as a whole by polling, so that search, spelling and
advice work on it, and product by product where price and stock are told to a shopper."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import threading
import time
from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import Connection, delete, func, select

from shop import tables
from shop.catalogue import NewProduct, NewVariant, save_products, save_terms, upsert
from shop.commerce import snapshot, stock
from shop.commerce.paying import PAYABLE
from shop.commerce.remote.vendor import Goods, Vendor
from shop.model import Unavailable
from shop.store import Store, now

logger = logging.getLogger(__name__)
POLL = 300.0  # seconds between two pulls of everything
FRESH = 60.0  # seconds for which price and stock may be told
DIGEST = "remote_catalogue"


class Pull:
    def __init__(self, store: Store, vendor: Vendor, poll: float = POLL) -> None:
        self._store, self._vendor, self._poll = store, vendor, poll
        self._lock = threading.Lock()
        self._known: dict[str, float] = {}  # product id -> when it was pulled
        self._whole = 0.0
        self._puller: threading.Thread | None = None

    def first(self, store: Store) -> None:
        """Work for a store's first use. With the vendor away an old catalogue will do for now:
        nothing of it is told without another look."""
        try:
            asyncio.run(self.everything())
        except Unavailable:
            with store.begin(write=False) as connection:
                if connection.scalar(select(tables.products.c.id).limit(1)) is None:
                    raise

    def poll(self) -> None:
        """Starts a pull of everything on a thread of its own, if it is time for one."""
        with self._lock:
            running = self._puller is not None and self._puller.is_alive()
            if running or time.monotonic() - self._whole < self._poll:
                return
            self._whole = time.monotonic()
            self._puller = threading.Thread(target=self._again, daemon=True)
            self._puller.start()

    def _again(self) -> None:
        try:
            asyncio.run(self.everything())
        except Exception as trouble:  # the next poll tries again
            logger.warning("catalogue not pulled: %s", type(trouble).__name__)

    async def everything(self) -> None:
        asked = time.monotonic()
        goods = await self._vendor.products()
        await asyncio.to_thread(self._take_over, goods)
        self._whole = asked
        self._known |= {product.id: asked for product in goods.products}

    async def some(self, ids: Collection[str], age: float = 0.0) -> None:
        """Pulls those of the products that were last pulled longer ago than `age` seconds."""
        asked = time.monotonic()
        wanted = {id_ for id_ in ids if asked - self._known.get(id_, -1e9) >= age}
        if not wanted:
            return
        goods = await self._vendor.products(wanted)
        await self._store.write(lambda c: save(c, goods, wanted))
        self._known |= dict.fromkeys(wanted, asked)

    def _take_over(self, goods: Goods) -> None:
        with self._store.begin() as connection:
            save(connection, goods)
            fresh = digest(goods)
            key = tables.meta.c.key == DIGEST
            if connection.scalar(select(tables.meta.c.value).where(key)) == fresh:
                return
            upsert(connection, tables.meta, [{"key": DIGEST, "value": fresh}])
            snapshot.changed(connection)
        snapshot.refresh(self._store)


def digest(goods: Goods) -> str:
    """Of all that a search goes by but the stock, which it reads more often."""
    bare = [
        replace(p, variants=tuple(replace(v, stock=0) for v in p.variants), added=0)
        for p in goods.products
    ]
    return hashlib.sha256(repr((bare, goods.terms)).encode()).hexdigest()


def save(connection: Connection, goods: Goods, only: Collection[str] | None = None) -> None:
    """Products (all there are, or those asked for) as the vendor has them now; what it has no more
    goes."""
    stored = select(tables.products.c.id)
    asked = stored if only is None else stored.where(tables.products.c.id.in_(sorted(only)))
    gone = set(connection.scalars(asked)) - {product.id for product in goods.products}
    if gone:
        connection.execute(delete(tables.products).where(tables.products.c.id.in_(sorted(gone))))
    save_terms(connection, new_terms(connection, goods) if only is not None else goods.terms)
    claimed = claims(connection)
    products = [with_claims(product, claimed) for product in goods.products]
    moved = restocked(connection, products)
    save_products(connection, products)
    if moved:
        stock.touch(connection, moved)


def new_terms(connection: Connection, goods: Goods) -> list:
    query = select(tables.terms.c.facet, tables.terms.c.id)
    known = {(facet, id_) for facet, id_ in connection.execute(query)}
    return [term for term in goods.terms if (term.facet, term.id) not in known]


def claims(connection: Connection) -> dict[str, int]:
    """What unpaid orders hold: the vendor has taken it off already, and our shelf does so again."""
    held, orders = tables.holds, tables.orders
    query = (
        select(held.c.variant_id, func.sum(held.c.quantity))
        .join(orders, orders.c.number == held.c.order_number)
        .where(held.c.until > now(), orders.c.state.in_([state.value for state in PAYABLE]))
    )
    return {id_: int(n) for id_, n in connection.execute(query.group_by(held.c.variant_id))}


def with_claims(product: NewProduct, claimed: dict[str, int]) -> NewProduct:
    def add(variant: NewVariant) -> NewVariant:
        return replace(variant, stock=variant.stock + claimed.get(variant.id, 0))

    return replace(product, variants=tuple(add(variant) for variant in product.variants))


def restocked(connection: Connection, products: Collection[NewProduct]) -> list[str]:
    """Variants of which there is another number now."""
    ids = [product.id for product in products]
    query = select(tables.variants.c.id, tables.variants.c.stock)
    of_these = query.where(tables.variants.c.product_id.in_(ids))
    before = {row.id: row.stock for row in connection.execute(of_these)}
    found = [variant for product in products for variant in product.variants]
    return [v.id for v in found if before.get(v.id, v.stock) != v.stock]
