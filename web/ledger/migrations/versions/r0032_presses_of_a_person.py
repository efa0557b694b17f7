"""One person's presses are found by an index of their own: their first one decides from when they are posted."""

from alembic import op

revision = "0032"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_index("ix_punches_person_at", "punches", ["person", "at"])


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_punches_person_at", "punches")
