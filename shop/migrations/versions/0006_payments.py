"""What is kept of payments at a provider, and of money given back."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("url", "reference", "charge"):
        op.add_column("payments", sa.Column(name, sa.String(), nullable=True))
    op.create_index(op.f("ix_payments_reference"), "payments", ["reference"], unique=True)
    op.create_table(
        "refunds",
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["payments.id"],
            name=op.f("fk_refunds_payment_id_payments"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("payment_id", "key", name=op.f("pk_refunds")),
    )
