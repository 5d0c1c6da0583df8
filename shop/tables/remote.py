"""What is kept of a shop that runs elsewhere."""

from sqlalchemy import JSON, BigInteger, Column, String, Table

from shop.tables.base import metadata

remote_notes = Table(
    "remote_notes",
    metadata,
    Column("kind", String, primary_key=True),  # cart, placing, order or write
    Column("id", String, primary_key=True),
    Column("data", JSON, nullable=False),
    Column("at", BigInteger, nullable=False),
)
