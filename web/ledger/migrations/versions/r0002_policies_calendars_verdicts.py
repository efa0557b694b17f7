"""Policy versions, the day table's versions, and closed days as they were judged."""

import sqlalchemy as sa
from alembic import op

from web.ledger.rows import Day, Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "policies",
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("since", Day(length=10), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made", Instant(length=27), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("row", name="pk_policies"),
    )
    op.create_table(
        "calendars",
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made", Instant(length=27), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("row", name="pk_calendars"),
    )
    op.create_table(
        "verdicts",
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("day", Day(length=10), nullable=False),
        sa.Column("basis", sa.String(length=40), nullable=False),
        sa.Column("sessions", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person", "day", name="pk_verdicts"),
    )
    op.create_index("ix_verdicts_day", "verdicts", ["day"])


def downgrade() -> None:
    """Back."""
    for table in ("verdicts", "calendars", "policies"):
        op.drop_table(table)
