"""Contacts known by phone alone, whole conversations, leads and deals."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("contacts") as contacts:
        contacts.alter_column("email", existing_type=sa.String(), nullable=True)
    op.create_index(op.f("ix_contacts_phone"), "contacts", ["phone"])
    op.drop_index(op.f("ix_outcomes_email"), table_name="outcomes")
    op.execute("ALTER TABLE outcomes RENAME COLUMN email TO who")
    op.create_index(op.f("ix_outcomes_who"), "outcomes", ["who"])
    op.add_column("outcomes", sa.Column("transcript", sa.JSON(), nullable=True))
    op.create_table(
        "leads",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_leads")),
    )
    op.create_index(op.f("ix_leads_who"), "leads", ["who"])
    op.create_table(
        "deals",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("placed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_deals")),
    )
    op.create_index(op.f("ix_deals_who"), "deals", ["who"])
