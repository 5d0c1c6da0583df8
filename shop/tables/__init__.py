"""The embedded shop's tables. Moments are UTC seconds, amounts minor units."""

from shop.tables.aftersale import codes, done, payment_methods, returns, transactions
from shop.tables.base import metadata
from shop.tables.catalogue import (
    counters,
    faults,
    meta,
    prices,
    product_texts,
    product_vectors,
    products,
    terms,
    variants,
)
from shop.tables.people import contacts, identities, identity_tries, outcomes, tickets
from shop.tables.remote import remote_notes
from shop.tables.sales import (
    cart_lines,
    carts,
    events_seen,
    holds,
    order_lines,
    orders,
    outbox,
    payments,
    promotions,
    refunds,
    shoppers,
)

__all__ = [
    "cart_lines",
    "carts",
    "codes",
    "contacts",
    "counters",
    "done",
    "events_seen",
    "faults",
    "holds",
    "identities",
    "identity_tries",
    "meta",
    "metadata",
    "order_lines",
    "orders",
    "outbox",
    "outcomes",
    "payment_methods",
    "payments",
    "prices",
    "product_texts",
    "product_vectors",
    "products",
    "promotions",
    "refunds",
    "remote_notes",
    "returns",
    "shoppers",
    "terms",
    "tickets",
    "transactions",
    "variants",
]
