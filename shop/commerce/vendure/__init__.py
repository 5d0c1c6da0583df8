"""A Vendure shop (3.x): catalogue, stock, carts, codes, orders and fulfilment are Vendure's.

commerce:
  type: shop.commerce.vendure.VendureCommerce
  server: https://shop.example.com          # /shop-api and /admin-api are below it
  username: ${VENDURE_USERNAME}
  password: ${VENDURE_PASSWORD}
  storefront: https://shop.example.com/products/{slug}
  payment_method: shopkeeper                # code of the method that orders of ours wait with
  channel: ${VENDURE_CHANNEL_TOKEN}         # optional: another channel than the default one
  reduced: [regularPrice, lowestPrice30d]   # optional: custom fields of the variants, see below

What the shop owner does once (docs/shops.md says it step by step):
- an administrator for us with a role that may read and update catalogue, orders and customers and
  read settings: https://docs.vendure.io/guides/core-concepts/auth/
- `tokenMethod` contains `bearer`; an `orderCodeStrategy` that gives digits, which can be said and
  typed: https://docs.vendure.io/reference/typescript-api/orders/order-code-strategy/
- a payment method whose handler creates payments as Authorized (they are settled when our payments
  port says that the money came): https://docs.vendure.io/guides/core-concepts/payment/
- shipping methods with the ids of policy.yml as codes (`courier_pl` or `courier-pl`).

What Vendure has none of is kept in our store: announced returns, exchanges and problems (its people
read them as a note at the order), shoppers' saved payment methods, failed payments, parcel lockers
(a second line of the address there). Stock has no idempotency key: a note at the order says what
becomes of it. It knows no reduced prices: with two custom integer fields of
the variants (minor units of the channel's default currency) a reduction is told in that currency.
"""

from __future__ import annotations

from collections.abc import Sequence

from shop.commerce.remote.commerce import RemoteCommerce
from shop.commerce.remote.pull import POLL
from shop.commerce.vendure.api import Api
from shop.commerce.vendure.goods import Shelves
from shop.commerce.vendure.vendor import Vendure


class VendureCommerce(RemoteCommerce):
    def __init__(
        self,
        server: str,
        username: str,
        password: str,
        storefront: str = "",
        payment_method: str = "shopkeeper",
        channel: str = "",
        reduced: Sequence[str] = (),
        url: str | None = None,
        public_url: str | None = None,
        poll: float = POLL,
    ) -> None:
        api = Api(server, username, password, channel)
        vendor = Vendure(api, Shelves(storefront, tuple(reduced)), payment_method)
        super().__init__(vendor, url, public_url, poll)
