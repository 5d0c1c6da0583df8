"""Carts, orders, payments and the messages about them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_carts()
    create_events_seen()
    create_outbox()
    create_payments()
    create_promotions()
    create_shoppers()
    create_orders()
    create_cart_lines()
    create_holds()
    create_order_lines()


def create_carts() -> None:
    op.create_table(
        "carts",
        sa.Column("conversation", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("conversation", name=op.f("pk_carts")),
    )


def create_events_seen() -> None:
    op.create_table(
        "events_seen",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events_seen")),
    )


def create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", sa.Float(), nullable=False),
        sa.Column("sent", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_due"), "outbox", ["due"], unique=False)


def create_payments() -> None:
    op.create_table(
        "payments",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("order_number", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("return_url", sa.String(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("key", name=op.f("uq_payments_key")),
    )
    op.create_index(op.f("ix_payments_order_number"), "payments", ["order_number"], unique=False)


def create_promotions() -> None:
    op.create_table(
        "promotions",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("fixed", sa.JSON(), nullable=True),
        sa.Column("minimum", sa.JSON(), nullable=True),
        sa.Column("starts", sa.BigInteger(), nullable=True),
        sa.Column("ends", sa.BigInteger(), nullable=True),
        sa.Column("once", sa.Boolean(), nullable=False),
        sa.Column("with_sale", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_promotions")),
    )


def create_shoppers() -> None:
    op.create_table(
        "shoppers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("address", sa.JSON(), nullable=True),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("postcode_key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shoppers")),
    )
    op.create_index(op.f("ix_shoppers_email"), "shoppers", ["email"], unique=False)
    op.create_index(
        op.f("ix_shoppers_name_key_postcode_key"),
        "shoppers",
        ["name_key", "postcode_key"],
        unique=False,
    )


def create_orders() -> None:
    op.create_table(
        "orders",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("conversation", sa.String(), nullable=True),
        sa.Column("shopper_id", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("placed", sa.BigInteger(), nullable=False),
        sa.Column("delivery", sa.String(), nullable=False),
        sa.Column("delivery_price", sa.BigInteger(), nullable=False),
        sa.Column("point", sa.String(), nullable=True),
        sa.Column("address", sa.JSON(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("payment", sa.String(), nullable=True),
        sa.Column("tracking", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["shopper_id"], ["shoppers.id"], name=op.f("fk_orders_shopper_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_orders")),
        sa.UniqueConstraint("key", name=op.f("uq_orders_key")),
    )
    op.create_index(op.f("ix_orders_conversation"), "orders", ["conversation"], unique=False)
    op.create_index(op.f("ix_orders_shopper_id"), "orders", ["shopper_id"], unique=False)


def create_cart_lines() -> None:
    op.create_table(
        "cart_lines",
        sa.Column("conversation", sa.String(), nullable=False),
        sa.Column("variant_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation"],
            ["carts.conversation"],
            name=op.f("fk_cart_lines_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["variants.id"],
            name=op.f("fk_cart_lines_variant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation", "variant_id", name=op.f("pk_cart_lines")),
    )


def create_holds() -> None:
    op.create_table(
        "holds",
        sa.Column("order_number", sa.String(), nullable=False),
        sa.Column("variant_id", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_number"],
            ["orders.number"],
            name=op.f("fk_holds_order_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("order_number", "variant_id", name=op.f("pk_holds")),
    )
    op.create_index(op.f("ix_holds_variant_id"), "holds", ["variant_id"], unique=False)


def create_order_lines() -> None:
    op.create_table(
        "order_lines",
        sa.Column("order_number", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("variant_id", sa.String(), nullable=False),
        sa.Column("product_id", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("picture", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_number"],
            ["orders.number"],
            name=op.f("fk_order_lines_order_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("order_number", "position", name=op.f("pk_order_lines")),
    )
    op.create_index(op.f("ix_order_lines_product_id"), "order_lines", ["product_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_order_lines_product_id"), table_name="order_lines")
    op.drop_table("order_lines")
    op.drop_index(op.f("ix_holds_variant_id"), table_name="holds")
    op.drop_table("holds")
    op.drop_table("cart_lines")
    op.drop_index(op.f("ix_orders_shopper_id"), table_name="orders")
    op.drop_index(op.f("ix_orders_conversation"), table_name="orders")
    op.drop_table("orders")
    op.drop_index(op.f("ix_shoppers_name_key_postcode_key"), table_name="shoppers")
    op.drop_index(op.f("ix_shoppers_email"), table_name="shoppers")
    op.drop_table("shoppers")
    op.drop_table("promotions")
    op.drop_index(op.f("ix_payments_order_number"), table_name="payments")
    op.drop_table("payments")
    op.drop_index(op.f("ix_outbox_due"), table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("events_seen")
    op.drop_table("carts")
