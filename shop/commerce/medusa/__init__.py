"""A Medusa shop (v2): catalogue, stock, carts, codes, orders and fulfilment are Medusa's.

commerce:
  type: shop.commerce.medusa.MedusaCommerce
  server: https://shop.example.com          # /store and /admin are below it
  publishable_key: ${MEDUSA_PUBLISHABLE_KEY}
  secret_key: ${MEDUSA_SECRET_KEY}
  storefront: https://shop.example.com/products/{slug}

What the shop owner does once (docs/shops.md says it step by step):
- a publishable API key with the sales channel that we sell in, and a secret API key:
  https://docs.medusajs.com/user-guide/settings/developer
- a region for each currency of policy.yml, with the system payment provider and prices that
  include tax: https://docs.medusajs.com/user-guide/settings/regions
- shipping options whose type has an id of policy.yml as code (`courier_pl` or `courier-pl`):
  https://docs.medusajs.com/user-guide/settings/locations-and-shipping
- translations (optional): https://docs.medusajs.com/resources/commerce-modules/translation

An order of ours waits with a payment of the system provider authorized, its stock reserved, until
our payments port says that the money has come. What is kept in our store: announced returns,
exchanges and problems (Medusa's people read them in the order's metadata), shoppers' saved payment
methods, failed payments, parcel lockers (the second line of the address there), a customer's new
e-mail, since they sign in with the old one. Stock has no idempotency key: a line in the order's
metadata says what becomes of it (remote/levels.py). The lowest price
of thirty days, without which no reduction is told, is `lowest_30d_pln` of a variant's metadata.
"""

from __future__ import annotations

from shop.commerce.medusa.api import Api
from shop.commerce.medusa.vendor import Medusa
from shop.commerce.remote.commerce import RemoteCommerce
from shop.commerce.remote.pull import POLL


class MedusaCommerce(RemoteCommerce):
    def __init__(
        self,
        server: str,
        publishable_key: str,
        secret_key: str,
        storefront: str = "",
        url: str | None = None,
        public_url: str | None = None,
        poll: float = POLL,
    ) -> None:
        vendor = Medusa(Api(server, publishable_key, secret_key), storefront)
        super().__init__(vendor, url, public_url, poll)
