"""Carts, orders, payments and the messages about them."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
)

from shop.tables.base import metadata, parent

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
    Column("delivered", BigInteger),
    Column("items_changed", Boolean, nullable=False, default=False, server_default=false()),
    Column("cancel_reason", String),
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
    Column("url", String),  # of the hosted page, where it is not our own
    Column("reference", String, unique=True, index=True),  # ours, as the provider was told it
    Column("charge", String),  # the provider's id of the money, where a refund needs it
)

# Money given back by the provider.
refunds = Table(
    "refunds",
    metadata,
    parent("payment_id", "payments.id", primary_key=True),
    Column("key", String, primary_key=True),
    Column("amount", BigInteger, nullable=False),
    Column("reference", String, nullable=False),  # the provider's
    Column("at", BigInteger, nullable=False),
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
