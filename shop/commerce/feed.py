"""A shop that gives away a product feed and nothing else: what it sells is told and advised on
here, and bought on the shop's own pages.

commerce:
  type: shop.commerce.feed.FeedCommerce
  feed: ${FEED_URL}             # or a file: RSS, Atom, CSV, TSV; gzip or not
  checkout: https://shop.example.com/cart/{items}    # see below
  item: "{id}:{quantity}"       # optional: how `items` are written
  between: ","                  # optional: what stands between two of them
  language: en                  # optional: of the feed's texts; else it is guessed
  poll: 60                      # seconds between two looks at the feed
  oldest: 600                   # seconds without a look that succeeded, after which nothing is told

The feed is that of Google Merchant: https://support.google.com/merchants/answer/7052112. It is
asked for with If-None-Match and If-Modified-Since, so that a feed that has not changed costs
nothing; one that breaks off, or of which half cannot be read, leaves the catalogue as it is and is
logged.

`checkout` with {items} opens the whole cart, as Shopify's `/cart/{items}` does; with {id} and
{quantity} each thing has a link (`https://shop.example.com/cart/add?{id}={quantity}`); without a
template the things' own pages are the links.

What such a shop cannot do is said to the shopper: promotion codes are entered on its own pages, and
its orders are not known here. Prices and stock are those of the feed, at most `poll` seconds after
the shop has written them there; how often it does so is the shop's affair (docs/shops.md).
"""

from __future__ import annotations

from urllib.parse import quote

from shop.commerce.base import Relation
from shop.commerce.demo import DemoCommerce
from shop.feed.poll import Polling
from shop.feed.source import Source
from shop.links import make_secret
from shop.model import (
    Cart,
    CartLine,
    Found,
    Link,
    Locale,
    NotFound,
    Order,
    Product,
    Refused,
    Shopper,
    Wishes,
)
from shop.store import Store, open_store

POLL, OLDEST = 60.0, 600.0  # seconds


class FeedCommerce(DemoCommerce):
    def __init__(
        self,
        feed: str,
        checkout: str = "",
        item: str = "{id}:{quantity}",
        between: str = ",",
        language: str = "",
        poll: float = POLL,
        oldest: float = OLDEST,
        url: str | None = None,
        public_url: str | None = None,
    ) -> None:
        self._source, self._language, self._ages = Source(feed), language, (poll, oldest)
        self._checkout, self._item, self._between = checkout, item, between
        super().__init__(url, public_url)

    def _open(self, url: str | None) -> Store:
        store = open_store(url)
        self.polling = Polling(store, self._source, self._language, *self._ages)
        store.on_first_use[:0] = [make_secret, self.polling.first]
        return store

    async def search(
        self, wishes: Wishes, locale: Locale, offset: int = 0, limit: int = 5
    ) -> Found:
        await self._fresh()
        return await super().search(wishes, locale, offset, limit)

    async def product(self, product_id: str, locale: Locale) -> Product:
        await self._fresh()
        return await super().product(product_id, locale)

    async def related(
        self, relation: Relation, of: str, locale: Locale, limit: int = 3
    ) -> tuple[Product, ...]:
        await self._fresh()
        return await super().related(relation, of, locale, limit)

    async def cart(self, conversation: str, locale: Locale) -> Cart:
        await self._fresh()
        return await super().cart(conversation, locale)

    async def set_quantity(
        self, conversation: str, variant_id: str, quantity: int, locale: Locale
    ) -> Cart:
        await self._fresh()
        return await super().set_quantity(conversation, variant_id, quantity, locale)

    async def apply_code(self, conversation: str, code: str, locale: Locale) -> Cart:
        if code.strip():
            raise Refused("code_elsewhere")
        return await self.cart(conversation, locale)

    async def handover(self, conversation: str, locale: Locale) -> tuple[Link, ...]:
        lines = (await self.cart(conversation, locale)).lines
        if "{items}" in self._checkout:
            items = self._between.join(filled(self._item, line) for line in lines)
            return (Link(self._checkout.replace("{items}", items)),) if lines else ()
        if self._checkout:
            return tuple(Link(filled(self._checkout, line), line.title) for line in lines)
        pages = [await self.product(line.product_id, locale) for line in lines]
        return tuple(Link(page.url, page.title) for page in pages)

    async def order(self, number: str, locale: Locale) -> Order:
        raise NotFound(f"order {number}")

    async def placed_in(self, conversation: str, locale: Locale) -> tuple[Order, ...]:
        """Nobody here knows of any: raises Refused."""
        raise Refused("orders_elsewhere")

    async def find_shopper(
        self, *, email: str = "", order_number: str = "", name: str = "", postcode: str = ""
    ) -> Shopper:
        raise Refused("orders_elsewhere")

    async def _fresh(self) -> None:
        await self.store.read(lambda connection: None)  # the first use reads the feed
        await self.polling.fresh()


def filled(template: str, line: CartLine) -> str:
    values = {"{id}": quote(line.variant_id, safe=""), "{quantity}": str(line.quantity)}
    for name, value in values.items():
        template = template.replace(name, value)
    return template
