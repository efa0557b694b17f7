"""Corrections of missing presses, and what was decided about them."""

import sqlalchemy as sa
from alembic import op

from web.ledger.rows import Day, Instant

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "corrections",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("day", Day(length=10), nullable=False),
        sa.Column("session", sa.String(length=20), nullable=False),
        sa.Column("side", sa.String(length=3), nullable=False),
        sa.Column("at", Instant(length=27), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("filed", Instant(length=27), nullable=False),
        sa.Column("filed_by", sa.String(length=36), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_corrections"),
    )
    op.create_index("ix_corrections_at_person", "corrections", ["at", "person"])
    op.create_index("ix_corrections_person_day", "corrections", ["person", "day"])
    op.create_index("ix_corrections_status", "corrections", ["status"])
    op.create_table(
        "correction_acts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("correction", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["correction"], ["corrections.id"], name="fk_correction_acts_correction"),
        sa.PrimaryKeyConstraint("id", name="pk_correction_acts"),
    )
    op.create_index("ix_correction_acts_correction", "correction_acts", ["correction"])


def downgrade() -> None:
    """Back."""
    op.drop_table("correction_acts")
    op.drop_table("corrections")
