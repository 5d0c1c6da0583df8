"""What happens to an order after it was placed."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Integer, String, Table

from shop.tables.base import metadata, parent

payment_methods = Table(
    "payment_methods",
    metadata,
    Column("id", String, primary_key=True),
    parent("shopper_id", "shoppers.id", nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("name", String, nullable=False),
    Column("ending", String, nullable=False),
    Column("balance", BigInteger),  # a gift card's
    Column("currency", String(3)),
    Column("kept", Boolean, nullable=False),  # in the account, or known from one order only
)

transactions = Table(
    "transactions",
    metadata,
    parent("order_number", "orders.number", primary_key=True),
    Column("position", Integer, primary_key=True),
    parent("method_id", "payment_methods.id", nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("refund", Boolean, nullable=False),
    Column("at", BigInteger, nullable=False),
)

returns = Table(
    "returns",
    metadata,
    Column("id", String, primary_key=True),
    parent("order_number", "orders.number", nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("order_state", String, nullable=False),  # the order's before, for taking it back
    Column("quantities", JSON, nullable=False),  # line id -> pieces
    Column("changes", JSON, nullable=False),  # line id -> variant id
    Column("reason", String, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    parent("method_id", "payment_methods.id"),
    Column("requested", BigInteger, nullable=False),
    Column("send_by", BigInteger),
    Column("refund_by", BigInteger),
    Column("label", Boolean, nullable=False),  # a prepaid one
)

# Writes that were done: what a repeat of the same key is answered with.
done = Table(
    "done",
    metadata,
    Column("key", String, primary_key=True),
    Column("reference", String, nullable=False),
    Column("at", BigInteger, nullable=False),
)

# One-time codes sent by e-mail; the newest of a conversation counts.
codes = Table(
    "codes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation", String, nullable=False, index=True),
    Column("shopper_id", String, nullable=False, index=True),  # "": nobody the shop knows
    Column("shopper", JSON),
    Column("salt", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("sent", BigInteger, nullable=False),
)
