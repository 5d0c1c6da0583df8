"""What the shop sells, and the store's own bookkeeping."""

from sqlalchemy import JSON, BigInteger, Column, Float, Integer, LargeBinary, String, Table, Text

from shop.tables.base import metadata, parent

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
    Column("moved", BigInteger),  # when an order already placed last changed what is left
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

# What shall go wrong on purpose: see shop.faults.
faults = Table(
    "faults",
    metadata,
    Column("call", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("times", Integer, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
