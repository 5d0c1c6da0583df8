"""What happens to an order after it was placed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_columns()
    create_codes()
    create_done()
    create_payment_methods()
    create_returns()
    create_transactions()


def add_columns() -> None:
    op.add_column("identities", sa.Column("proved", sa.BigInteger(), nullable=True))
    op.add_column("variants", sa.Column("moved", sa.BigInteger(), nullable=True))
    op.add_column("orders", sa.Column("delivered", sa.BigInteger(), nullable=True))
    op.add_column(
        "orders",
        sa.Column("items_changed", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("orders", sa.Column("cancel_reason", sa.String(), nullable=True))


def create_codes() -> None:
    op.create_table(
        "codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation", sa.String(), nullable=False),
        sa.Column("shopper_id", sa.String(), nullable=False),
        sa.Column("shopper", sa.JSON(), nullable=True),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_codes")),
    )
    op.create_index(op.f("ix_codes_conversation"), "codes", ["conversation"], unique=False)
    op.create_index(op.f("ix_codes_shopper_id"), "codes", ["shopper_id"], unique=False)


def create_done() -> None:
    op.create_table(
        "done",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_done")),
    )


def create_payment_methods() -> None:
    op.create_table(
        "payment_methods",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("shopper_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("ending", sa.String(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shopper_id"],
            ["shoppers.id"],
            name=op.f("fk_payment_methods_shopper_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_methods")),
    )
    op.create_index(
        op.f("ix_payment_methods_shopper_id"), "payment_methods", ["shopper_id"], unique=False
    )


def create_returns() -> None:
    op.create_table(
        "returns",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("order_number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("order_state", sa.String(), nullable=False),
        sa.Column("quantities", sa.JSON(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("method_id", sa.String(), nullable=True),
        sa.Column("requested", sa.BigInteger(), nullable=False),
        sa.Column("send_by", sa.BigInteger(), nullable=True),
        sa.Column("refund_by", sa.BigInteger(), nullable=True),
        sa.Column("label", sa.Boolean(), nullable=False),
        of_order("returns"),
        of_method("returns"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returns")),
    )
    op.create_index(op.f("ix_returns_order_number"), "returns", ["order_number"], unique=False)


def create_transactions() -> None:
    op.create_table(
        "transactions",
        sa.Column("order_number", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("method_id", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("refund", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        of_order("transactions"),
        of_method("transactions"),
        sa.PrimaryKeyConstraint("order_number", "position", name=op.f("pk_transactions")),
    )


def of_order(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_order_number")
    return sa.ForeignKeyConstraint(
        ["order_number"], ["orders.number"], name=name, ondelete="CASCADE"
    )


def of_method(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_method_id")
    return sa.ForeignKeyConstraint(
        ["method_id"], ["payment_methods.id"], name=name, ondelete="CASCADE"
    )


def downgrade() -> None:
    op.drop_table("transactions")
    op.drop_index(op.f("ix_returns_order_number"), table_name="returns")
    op.drop_table("returns")
    op.drop_index(op.f("ix_payment_methods_shopper_id"), table_name="payment_methods")
    op.drop_table("payment_methods")
    op.drop_table("done")
    op.drop_index(op.f("ix_codes_shopper_id"), table_name="codes")
    op.drop_index(op.f("ix_codes_conversation"), table_name="codes")
    op.drop_table("codes")
    for name in ("cancel_reason", "items_changed", "delivered"):
        op.drop_column("orders", name)
    op.drop_column("variants", "moved")
    op.drop_column("identities", "proved")
