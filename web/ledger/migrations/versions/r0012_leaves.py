"""Leave and what was decided about it."""

import sqlalchemy as sa
from alembic import op

from web.ledger.rows import Instant

revision = "0012"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "leaves",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("start", Instant(length=27), nullable=False),
        sa.Column("ends", Instant(length=27), nullable=False),
        sa.Column("asked_to", Instant(length=27), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("filed", Instant(length=27), nullable=False),
        sa.Column("filed_by", sa.String(length=36), nullable=True),
        sa.Column("paper", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_leaves"),
    )
    op.create_index("ix_leaves_person_start", "leaves", ["person", "start"])
    op.create_index("ix_leaves_ends", "leaves", ["ends"])
    op.create_index("ix_leaves_status", "leaves", ["status"])
    op.create_table(
        "leave_acts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("leave", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("step", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("until", Instant(length=27), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["leave"], ["leaves.id"], name="fk_leave_acts_leave"),
        sa.PrimaryKeyConstraint("id", name="pk_leave_acts"),
    )
    op.create_index("ix_leave_acts_leave", "leave_acts", ["leave"])
