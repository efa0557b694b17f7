"""Goings out and requests are read by their time, as presses are."""

from alembic import op

revision = "0030"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.drop_index("ix_exits_person_at", "exits")
    op.create_index("ix_exits_at_person", "exits", ["at", "person"])
    op.create_index("ix_requests_at", "requests", ["at"])


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_requests_at", "requests")
    op.drop_index("ix_exits_at_person", "exits")
    op.create_index("ix_exits_person_at", "exits", ["person", "at"])
