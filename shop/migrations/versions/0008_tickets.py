"""What tickets are about, and what became of them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, kind in (("wanted", sa.JSON), ("products", sa.JSON), ("answer", sa.Text)):
        op.add_column("tickets", sa.Column(name, kind(), nullable=True))
    for name in ("state", "told"):
        op.add_column("tickets", sa.Column(name, sa.String(), nullable=True))
    for name in ("conversation", "contact"):
        op.create_index(op.f(f"ix_tickets_{name}"), "tickets", [name])
