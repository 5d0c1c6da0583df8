"""A PrestaShop (1.7, 8 or 9) over its webservice: catalogue, stock, carts, codes and orders are
PrestaShop's.

commerce:
  type: shop.commerce.prestashop.PrestaShopCommerce
  server: https://shop.example.com          # /api is below it
  key: ${PRESTASHOP_KEY}                    # a webservice key
  storefront: https://shop.example.com/{id}-{slug}.html
  module: ps_wirepayment                    # an active payment module, whose name orders carry
  carriers: {courier_pl: DPD, locker_pl: InPost}    # ids of policy.yml: names of carriers
  names: {size: Rozmiar, material: Materiał}        # optional: axes and facets in the shop's words
  lowest: Lowest price of 30 days           # optional: a feature, see below
  shop: "1"                                 # optional: of a multistore, its id

What the shop owner does once (docs/shops.md says it step by step):
- a webservice key with the permissions that docs/shops.md lists:
  https://devdocs.prestashop-project.org/9/webservice/tutorials/creating-access/
- an order state that is not a paid one for the orders of the assistant, named by the setting
  PS_OS_WS_PAYMENT: PrestaShop begins every order of the webservice in it, whatever the order asks
  for, and its own ("Remote payment accepted") counts as paid. We refuse to begin with that one.
- the numbers of orders in its e-mails ({id_order} in the templates, beside {order_name}).

Orders are numbered by their id: digits, which can be said and typed, and one order each. The
reference (nine letters) is the same for all orders that one cart was split into, and no rule for
numbers can tell it from a word; PrestaShop's own pages show it, the assistant does not.

The webservice knows no idempotency keys: the cart is one, of which PrestaShop makes one order; a
write looks at the order's state, credit slips, rows and messages first. What the webservice does
not do, or PrestaShop has none of, is done by us or kept in our store: codes (reckoned here, written
to the order), stock when items change (moved here), announced returns, exchanges and problems (a
private message at the order), saved payment methods, failed payments, parcel lockers (second line
of the address). The lowest price of thirty days (98/6/EC) is a feature of the product, a number in
the default currency; without it a price is just a price.
"""

from __future__ import annotations

from collections.abc import Mapping

from shop.commerce.prestashop.api import Api
from shop.commerce.prestashop.shelf import Setup, Shelf
from shop.commerce.prestashop.vendor import PrestaShop
from shop.commerce.remote.commerce import RemoteCommerce
from shop.commerce.remote.pull import POLL
from shop.policy import policy


class PrestaShopCommerce(RemoteCommerce):
    def __init__(
        self,
        server: str,
        key: str,
        storefront: str = "",
        module: str = "ps_wirepayment",
        payment: str = "Shopkeeper",
        carriers: Mapping[str, str] | None = None,
        names: Mapping[str, str] | None = None,
        lowest: str = "",
        shop: str = "",
        url: str | None = None,
        public_url: str | None = None,
        poll: float = POLL,
    ) -> None:
        server = server.rstrip("/")
        methods = {method.id: method.id for method in policy().delivery} | dict(carriers or {})
        setup = Setup(server, storefront, lowest, dict(names or {}), methods)
        vendor = PrestaShop(Shelf(Api(server, key, shop), setup), module, payment)
        super().__init__(vendor, url, public_url, poll)
