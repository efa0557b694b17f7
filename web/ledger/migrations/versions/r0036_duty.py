"""Duty: the roster with its swaps, the log, the closing check, handovers."""

import sqlalchemy as sa
from alembic import op

from web.ledger.rows import Day, Instant

revision = "0036"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "duty_days",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("day", Day(length=10), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=True),
        sa.Column("start", Instant(length=27), nullable=True),
        sa.Column("ends", Instant(length=27), nullable=True),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_duty_days"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_duty_days_person"),
    )
    op.create_index("ix_duty_days_day", "duty_days", ["day"])
    op.create_table(
        "duty_swaps",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("day", Day(length=10), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("other", sa.String(length=36), nullable=False),
        sa.Column("other_day", Day(length=10), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_duty_swaps"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_duty_swaps_person"),
        sa.ForeignKeyConstraint(["other"], ["people.id"], name="fk_duty_swaps_other"),
    )
    op.create_index("ix_duty_swaps_day", "duty_swaps", ["day"])
    _log()


def _log() -> None:
    op.create_table(
        "duty_entries",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("day", Day(length=10), nullable=False),
        sa.Column("happened", Instant(length=27), nullable=False),
        sa.Column("task", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=60), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("damage", sa.Boolean(), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_duty_entries"),
    )
    op.create_index("ix_duty_entries_day", "duty_entries", ["day"])
    op.create_table(
        "duty_checks",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("day", Day(length=10), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=True),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("faults", sa.Text(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_duty_checks"),
    )
    op.create_index("ix_duty_checks_day_floor", "duty_checks", ["day", "floor"])
    op.create_table(
        "duty_handovers",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("day", Day(length=10), nullable=False),
        sa.Column("to_day", Day(length=10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_duty_handovers"),
    )
    op.create_index("ix_duty_handovers_day", "duty_handovers", ["day"])
    op.create_index("ix_duty_handovers_to_day", "duty_handovers", ["to_day"])
    op.create_table(
        "duty_acts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("about", sa.String(length=36), nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("told", sa.String(length=60), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_duty_acts"),
    )
    op.create_index("ix_duty_acts_about", "duty_acts", ["about"])


def downgrade() -> None:
    """Back."""
    for table in ("duty_acts", "duty_handovers", "duty_checks", "duty_entries", "duty_swaps", "duty_days"):
        op.drop_table(table)
