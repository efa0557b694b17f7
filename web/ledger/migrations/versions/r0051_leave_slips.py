"""Photos of the slips that were handed in with leaves."""

import sqlalchemy as sa
from alembic import op

from web.ledger.rows import HASH, ID, Instant

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "leave_slips",
        sa.Column("id", ID, primary_key=True),
        sa.Column("leave", ID, sa.ForeignKey("leaves.id"), nullable=False),
        sa.Column("page", sa.Integer, nullable=False),
        sa.Column("sha256", HASH, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by", ID, nullable=False),
    )
    op.create_index("ix_leave_slips_leave", "leave_slips", ["leave"])
    op.create_index("ix_leave_slips_sha256", "leave_slips", ["sha256"])


def downgrade() -> None:
    """Back."""
    op.drop_table("leave_slips")
