"""Who a conversation is, contacts, outcomes and tickets."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_contacts()
    create_identities()
    create_identity_tries()
    create_outcomes()
    create_tickets()


def create_contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("preferences", sa.JSON(), nullable=False),
        sa.Column("consents", sa.JSON(), nullable=False),
        sa.Column("consented", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
        sa.UniqueConstraint("email", name=op.f("uq_contacts_email")),
    )


def create_identities() -> None:
    op.create_table(
        "identities",
        sa.Column("conversation", sa.String(), nullable=False),
        sa.Column("shopper_id", sa.String(), nullable=False),
        sa.Column("shopper", sa.JSON(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("conversation", name=op.f("pk_identities")),
    )


def create_identity_tries() -> None:
    op.create_table(
        "identity_tries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_tries")),
    )
    op.create_index(
        op.f("ix_identity_tries_conversation"), "identity_tries", ["conversation"], unique=False
    )


def create_outcomes() -> None:
    op.create_table(
        "outcomes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcomes")),
        sa.UniqueConstraint(
            "conversation",
            "outcome",
            "reference",
            name=op.f("uq_outcomes_conversation_outcome_reference"),
        ),
    )
    op.create_index(op.f("ix_outcomes_email"), "outcomes", ["email"], unique=False)


def create_tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("conversation", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("transcript", sa.JSON(), nullable=False),
        sa.Column("order_number", sa.String(), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_tickets")),
        sa.UniqueConstraint("key", name=op.f("uq_tickets_key")),
    )


def downgrade() -> None:
    op.drop_table("tickets")
    op.drop_index(op.f("ix_outcomes_email"), table_name="outcomes")
    op.drop_table("outcomes")
    op.drop_index(op.f("ix_identity_tries_conversation"), table_name="identity_tries")
    op.drop_table("identity_tries")
    op.drop_table("identities")
    op.drop_table("contacts")
