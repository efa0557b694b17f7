"""Gaps of stations that were confirmed, refused or entered."""

import sqlalchemy as sa
from alembic import op

from web.ledger.rows import Instant

revision = "0038"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "outages",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("station", sa.String(length=36), nullable=True),
        sa.Column("start", Instant(length=27), nullable=False),
        sa.Column("ends", Instant(length=27), nullable=False),
        sa.Column("why", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("decided", Instant(length=27), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outages"),
    )
    op.create_index("ix_outages_ends", "outages", ["ends"])


def downgrade() -> None:
    """Back."""
    op.drop_table("outages")
