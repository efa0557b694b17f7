"""Month sheets as signed, and their signatures."""

import sqlalchemy as sa
from alembic import op

from web.ledger.rows import Instant

revision = "0011"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "sheets",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("unit", sa.String(length=100), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("frozen", Instant(length=27), nullable=False),
        sa.Column("closed", Instant(length=27), nullable=True),
        sa.Column("reopened", Instant(length=27), nullable=True),
        sa.Column("reopened_by", sa.String(length=36), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sheets"),
    )
    op.create_index("ix_sheets_month_unit", "sheets", ["month", "unit"])
    op.create_table(
        "signatures",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("sheet", sa.String(length=36), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.ForeignKeyConstraint(["sheet"], ["sheets.id"], name="fk_signatures_sheet"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_signatures_person"),
        sa.PrimaryKeyConstraint("id", name="pk_signatures"),
    )
    op.create_index("ix_signatures_sheet", "signatures", ["sheet"])
