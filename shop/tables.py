"""The embedded shop's tables. Moments are UTC seconds, amounts minor units."""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def parent(name: str, of: str, **options: Any) -> Column:
    return Column(name, String, ForeignKey(of, ondelete="CASCADE"), **options)


# catalogue

meta = Table("meta", metadata, Column("key", String, primary_key=True), Column("value", Text))

terms = Table(
    "terms",
    metadata,
    Column("facet", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("parent", String),
    Column("names", JSON, nullable=False),  # language -> [label, synonym ...]
)

products = Table(
    "products",
    metadata,
    Column("id", String, primary_key=True),
    Column("category", String, nullable=False, index=True),
    Column("brand", String, nullable=False),
    Column("picture", String, nullable=False),  # the drawing's name, or an address of a photo
    Column("url", String),
    Column("added", BigInteger, nullable=False),
    Column("rating", Float),
    Column("rating_count", Integer, nullable=False, default=0),
    Column("weight_g", Integer),
    Column("facets", JSON, nullable=False),  # facet -> [term ids]
    Column("axes", JSON, nullable=False),  # axis ids in the order in which to ask
    Column("goes_with", JSON, nullable=False),
)

product_texts = Table(
    "product_texts",
    metadata,
    parent("product_id", "products.id", primary_key=True),
    Column("language", String, primary_key=True),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("details", Text, nullable=False),
)

product_vectors = Table(
    "product_vectors",
    metadata,
    parent("product_id", "products.id", primary_key=True),
    Column("digest", String, nullable=False),  # of the text it stands for
    Column("vector", LargeBinary, nullable=False),  # float16, unit length
)

variants = Table(
    "variants",
    metadata,
    Column("id", String, primary_key=True),
    parent("product_id", "products.id", nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("options", JSON, nullable=False),  # axis id -> value id
    Column("picture", String),  # where it differs from the product's
    Column("stock", Integer, nullable=False),
)

prices = Table(
    "prices",
    metadata,
    parent("variant_id", "variants.id", primary_key=True),
    Column("currency", String(3), primary_key=True),
    Column("regular", BigInteger, nullable=False),
    Column("sale", BigInteger),
    Column("lowest_30d", BigInteger),
)

# carts and orders

promotions = Table(
    "promotions",
    metadata,
    Column("code", String, primary_key=True),  # upper case
    Column("percent", Integer),
    Column("fixed", JSON),  # currency -> minor units
    Column("minimum", JSON),  # currency -> minor units
    Column("starts", BigInteger),
    Column("ends", BigInteger),
    Column("once", Boolean, nullable=False),  # once for each e-mail address
    Column("with_sale", Boolean, nullable=False),  # also for goods whose price is reduced
)

carts = Table(
    "carts",
    metadata,
    Column("conversation", String, primary_key=True),
    Column("code", String),
    Column("updated", BigInteger, nullable=False),
)

cart_lines = Table(
    "cart_lines",
    metadata,
    parent("conversation", "carts.conversation", primary_key=True),
    parent("variant_id", "variants.id", primary_key=True),
    Column("position", Integer, nullable=False),
    Column("quantity", Integer, nullable=False),
)

shoppers = Table(
    "shoppers",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("email", String, nullable=False, index=True),  # lower case
    Column("phone", String),
    Column("address", JSON),
    Column("name_key", String, nullable=False),  # folded, for comparison
    Column("postcode_key", String, nullable=False),
    Index(None, "name_key", "postcode_key"),
)

orders = Table(
    "orders",
    metadata,
    Column("number", String, primary_key=True),
    Column("key", String, unique=True),
    Column("conversation", String, index=True),
    parent("shopper_id", "shoppers.id", nullable=False, index=True),
    Column("email", String, nullable=False),
    Column("phone", String),
    Column("language", String, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("state", String, nullable=False),
    Column("placed", BigInteger, nullable=False),
    Column("delivery", String, nullable=False),
    Column("delivery_price", BigInteger, nullable=False),
    Column("point", String),
    Column("address", JSON, nullable=False),
    Column("code", String),
    Column("discount", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("payment", String),  # the payment that paid it
    Column("tracking", JSON),
)

order_lines = Table(
    "order_lines",
    metadata,
    parent("order_number", "orders.number", primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("variant_id", String, nullable=False),
    Column("product_id", String, nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("options", JSON, nullable=False),
    Column("picture", String, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("price", BigInteger, nullable=False),
)

# An unpaid order's claim on the stock, until a moment.
holds = Table(
    "holds",
    metadata,
    parent("order_number", "orders.number", primary_key=True),
    Column("variant_id", String, primary_key=True, index=True),
    Column("quantity", Integer, nullable=False),
    Column("until", BigInteger, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

# payments, outgoing and incoming messages

payments = Table(
    "payments",
    metadata,
    Column("id", String, primary_key=True),
    Column("key", String, unique=True),
    Column("order_number", String, nullable=False, index=True),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("state", String, nullable=False),
    Column("language", String, nullable=False),
    Column("return_url", String, nullable=False),
    Column("created", BigInteger, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", String, primary_key=True),  # the webhook-id
    Column("target", String, nullable=False),
    Column("body", JSON, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due", Float, nullable=False, index=True),
    Column("sent", Boolean, nullable=False),
)

events_seen = Table(
    "events_seen",
    metadata,
    Column("id", String, primary_key=True),
    Column("at", BigInteger, nullable=False),
)

# people

identities = Table(
    "identities",
    metadata,
    Column("conversation", String, primary_key=True),
    Column("shopper_id", String, nullable=False),
    Column("shopper", JSON, nullable=False),
    Column("since", BigInteger, nullable=False),
)

identity_tries = Table(
    "identity_tries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation", String, nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", String, primary_key=True),
    Column("email", String, nullable=False, unique=True),  # lower case
    Column("name", String),
    Column("phone", String),
    Column("language", String),
    Column("preferences", JSON, nullable=False),
    Column("consents", JSON, nullable=False),
    Column("consented", JSON, nullable=False),  # purpose -> when
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("reference", String, nullable=False),
    Column("details", JSON, nullable=False),
    Column("email", String, index=True),
    Column("at", BigInteger, nullable=False),
    UniqueConstraint("conversation", "outcome", "reference"),
)

tickets = Table(
    "tickets",
    metadata,
    Column("number", String, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("conversation", String, nullable=False),
    Column("contact", String, nullable=False),
    Column("question", Text, nullable=False),
    Column("language", String, nullable=False),
    Column("transcript", JSON, nullable=False),
    Column("order_number", String),
    Column("created", BigInteger, nullable=False),
)

# What shall go wrong on purpose: see shop.faults.
faults = Table(
    "faults",
    metadata,
    Column("call", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("times", Integer, nullable=False),
)
