"""A WooCommerce shop over its REST API v3: catalogue, stock, prices, coupons and orders are its.

commerce:
  type: shop.commerce.woocommerce.WooCommerce
  server: https://shop.example.com
  key: ${WOOCOMMERCE_KEY}                   # ck_...
  secret: ${WOOCOMMERCE_SECRET}             # cs_...
  delivery: {courier_pl: [3, 7], locker_pl: [4]}   # methods of policy.yml: instances of the zones
  languages: [en, pl, es]                   # optional: of WPML, the shop's own language first
  lowest_price: _lowest_30_day_price        # optional: metadata of an Omnibus plugin

What the shop owner does once (docs/shops.md says it step by step):
- WooCommerce > Settings > Advanced > REST API: a key with Read/Write of a user who may manage the
  shop: https://woocommerce.com/document/woocommerce-rest-api/
- pretty permalinks and HTTPS: https://developer.woocommerce.com/docs/apis/rest-api/authentication/
- shipping methods with plain costs; their instance ids are in the addresses of their settings.

The cart is ours (`basket.py` says why); an order of ours waits `on-hold`, for which WooCommerce
takes its pieces off the stock, until our payments port says that the money has come: then it is
`processing`. The REST API does not ask the stock when an order is written: we look before and
after, and take the order back where a buyer on the web was quicker.

What WooCommerce has none of is kept in our store: announced returns, exchanges and problems (its
people read them as a note at the order), saved payment methods, failed payments. It knows neither
the lowest price of thirty days nor when a parcel arrived. Languages and other currencies are those
of WPML: https://wpml.org/documentation/support/wcml-rest-api/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shop.commerce.remote.commerce import RemoteCommerce
from shop.commerce.remote.pull import POLL
from shop.commerce.woocommerce.api import Api
from shop.commerce.woocommerce.catalogue import Catalogue
from shop.commerce.woocommerce.vendor import Woo
from shop.policy import policy


class WooCommerce(RemoteCommerce):
    def __init__(
        self,
        server: str,
        key: str,
        secret: str,
        delivery: Mapping[str, Sequence[int]],
        languages: Sequence[str] = (),
        lowest_price: str = "",
        url: str | None = None,
        public_url: str | None = None,
        poll: float = POLL,
    ) -> None:
        api = Api(server, key, secret)
        catalogue = Catalogue(api, languages, policy().default_language, lowest_price)
        super().__init__(Woo(api, catalogue, delivery), url, public_url, poll)
