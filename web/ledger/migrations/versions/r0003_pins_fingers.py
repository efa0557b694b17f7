"""PINs, orders to forget fingers, the key with which one seals for a station, telephones."""

import sqlalchemy as sa
from alembic import op

from web.ledger.rows import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "pins",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("hash", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_pins"),
    )
    op.create_index("ix_pins_person", "pins", ["person"])
    op.create_table(
        "finger_orders",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=True),
        sa.Column("why", sa.String(length=10), nullable=False),
        sa.Column("cancelled", Instant(length=27), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_finger_orders"),
    )
    op.create_index("ix_finger_orders_person", "finger_orders", ["person"])
    op.add_column("people", sa.Column("phone", sa.String(length=20), nullable=True))
    op.add_column("stations", sa.Column("seal_key", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Back."""
    with op.batch_alter_table("stations") as stations:
        stations.drop_column("seal_key")
    with op.batch_alter_table("people") as people:
        people.drop_column("phone")
    op.drop_table("finger_orders")
    op.drop_table("pins")
