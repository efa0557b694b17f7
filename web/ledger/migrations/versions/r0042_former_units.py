"""The units that people belonged to before they moved, with the last day there."""

import sqlalchemy as sa
from alembic import op

from web.ledger.rows import Day

revision = "0042"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "former_units",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("person", sa.String(36), sa.ForeignKey("people.id"), nullable=False),
        sa.Column("unit", sa.String(100), nullable=False),
        sa.Column("window", sa.String(20), nullable=False),
        sa.Column("until", Day(10), nullable=False),
    )
    op.create_index("ix_former_units_person", "former_units", ["person"])
    op.create_index("ix_former_units_unit", "former_units", ["unit"])


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_former_units_unit", "former_units")
    op.drop_index("ix_former_units_person", "former_units")
    op.drop_table("former_units")
