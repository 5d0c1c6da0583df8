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
    Column("email", String, unique=True),  # lower case
    Column("name", String),
    Column("phone", String, index=True),  # digits and +
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
    Column("who", String, index=True),  # like contacts.email or contacts.phone
    Column("at", BigInteger, nullable=False),
    Column("transcript", JSON),
    UniqueConstraint("conversation", "outcome", "reference"),
)

leads = Table(
    "leads",
    metadata,
    Column("reference", String, primary_key=True),
    Column("who", String, nullable=False, index=True),
    Column("question", Text, nullable=False),
    Column("language", String, nullable=False),
)

deals = Table(
    "deals",
    metadata,
    Column("number", String, primary_key=True),
    Column("who", String, nullable=False, index=True),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String, nullable=False),
    Column("stage", String, nullable=False),
    Column("items", JSON, nullable=False),
    Column("placed", BigInteger, nullable=False),
)

tickets = Table(
    "tickets",
    metadata,
    Column("number", String, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("conversation", String, nullable=False, index=True),
    Column("contact", String, nullable=False, index=True),
    Column("question", Text, nullable=False),
    Column("language", String, nullable=False),
    Column("transcript", JSON, nullable=False),
    Column("order_number", String),
    Column("created", BigInteger, nullable=False),
    Column("wanted", JSON),
    Column("products", JSON),
    Column("state", String),  # this and the answer: of tickets that live here (demo)
    Column("answer", Text),
    Column("told", String),  # which state and answer the shopper knows of
)
