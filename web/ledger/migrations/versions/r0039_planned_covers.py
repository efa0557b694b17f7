"""Covers that are planned for a leave: which one, since when, and when their notes were written."""

import sqlalchemy as sa
from alembic import op

from web.ledger.rows import Instant

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None
MOMENTS = ("made", "handover_at", "handback_at")


def upgrade() -> None:
    """Forward."""
    op.add_column("covers", sa.Column("leave", sa.String(length=36), nullable=True))
    for name in MOMENTS:
        op.add_column("covers", sa.Column(name, Instant(length=27), nullable=True))
    op.create_index("ix_covers_leave", "covers", ["leave"])


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_covers_leave", "covers")
    with op.batch_alter_table("covers") as table:
        for name in ("leave", *MOMENTS):
            table.drop_column(name)
