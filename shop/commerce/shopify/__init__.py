"""A Shopify shop over its Admin API 2026-10: catalogue, stock, prices, codes, taxes and orders are
Shopify's.

commerce:
  type: shop.commerce.shopify.ShopifyCommerce
  shop: https://halny.myshopify.com
  client_id: ${SHOPIFY_CLIENT_ID}
  client_secret: ${SHOPIFY_CLIENT_SECRET}
  lowest: shopkeeper.lowest_30d   # optional: metafield (money) of the variants, see below

What the shop owner does once (docs/shops.md says it step by step):
- an app of their own in the Dev Dashboard, installed in the shop; its client id and secret give a
  token of 24 hours (admin-made apps with eternal tokens cannot be made since January 2026):
  https://shopify.dev/docs/apps/build/dev-dashboard/get-api-access-tokens
- scopes: read_products, read_inventory, write_inventory, read_locales, read_translations,
  read_discounts, read_customers, read_orders, read_all_orders, write_orders, write_order_edits,
  write_draft_orders, write_payment_terms. The names and addresses of shoppers are given to such
  apps from a certain plan up:
  https://shopify.dev/docs/apps/launch/protected-customer-data
- prices that include tax; delivery rates named as in policy.yml (a title, or the id).

The catalogue is exported by a bulk operation (export.py); what is told to a shopper is read anew.

A cart is ours, and priced by Shopify as the draft of an order whenever it is looked at: the same
taxes, codes and market prices as the order will have, and no abandoned drafts in the shop's lists.
An order is a draft first. It is not `orderCreate`, which would hold stock in one step but takes
prices, taxes and discounts from us as they are, and does not count a code's uses. The draft
reserves its pieces; if the stock is then below nothing it is taken back, else it is completed with
payment due, which commits them. It is completed once, so a repeat finds the same order.

What Shopify has none of is kept in our store: exchanges, problems, announced returns (its people
read them in the order's note; its own returns are for what was fulfilled there), saved payment
methods, failed payments, parcel lockers (a second line of the address). A reduction is told where
the metafield of `lowest` holds the lowest price of thirty days, in that metafield's currency.
"""

from __future__ import annotations

from shop.commerce.remote.commerce import RemoteCommerce
from shop.commerce.remote.pull import POLL
from shop.commerce.shopify.api import Api
from shop.commerce.shopify.vendor import Shopify


class ShopifyCommerce(RemoteCommerce):
    def __init__(
        self,
        shop: str,
        client_id: str,
        client_secret: str,
        lowest: str = "",
        url: str | None = None,
        public_url: str | None = None,
        poll: float = POLL,
    ) -> None:
        vendor = Shopify(Api(shop, client_id, client_secret), lowest)
        super().__init__(vendor, url, public_url, poll)
