"""Group robots of messengers, and what was put out for them."""

import sqlalchemy as sa
from alembic import op

from web.ledger.rows import Instant

revision = "0050"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "robots",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("topics", sa.String(length=100), nullable=False),
        sa.Column("root", sa.String(length=200), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("sent", Instant(length=27), nullable=True),
        sa.Column("failed", Instant(length=27), nullable=True),
        sa.Column("failure", sa.String(length=300), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try", Instant(length=27), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_robots"),
    )
    op.create_table(
        "robot_messages",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("robot", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made", Instant(length=27), nullable=False),
        sa.Column("until", Instant(length=27), nullable=False),
        sa.Column("sent", Instant(length=27), nullable=True),
        sa.Column("dropped", Instant(length=27), nullable=True),
        sa.ForeignKeyConstraint(["robot"], ["robots.id"], name="fk_robot_messages_robot"),
        sa.PrimaryKeyConstraint("id", name="pk_robot_messages"),
    )
    op.create_index("ix_robot_messages_robot_key", "robot_messages", ["robot", "key"], unique=True)
    op.create_index("ix_robot_messages_made", "robot_messages", ["made"])


def downgrade() -> None:
    """Back."""
    op.drop_table("robot_messages")
    op.drop_table("robots")
