"""The embedded shop's tables. Moments are UTC seconds, amounts minor units."""

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
    shoppers,
)

__all__ = [
    "cart_lines",
    "carts",
    "contacts",
    "counters",
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
    "payments",
    "prices",
    "product_texts",
    "product_vectors",
    "products",
    "promotions",
    "shoppers",
    "terms",
    "tickets",
    "variants",
]
