"""Who a conversation is, contacts, outcomes and tickets."""

from sqlalchemy import JSON, BigInteger, Column, Integer, String, Table, Text, UniqueConstraint

from shop.tables.base import metadata

identities = Table(
    "identities",
    metadata,
    Column("conversation", String, primary_key=True),
    Column("shopper_id", String, nullable=False),
    Column("shopper", JSON, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("proved", BigInteger),  # when a one-time code was right
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
