"""What became of findings and needs, and key patrols that were proposed."""

import sqlalchemy as sa
from alembic import op

from web.ledger.rows import Instant

revision = "0035"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "finding_steps",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("finding", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("photo", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_finding_steps"),
    )
    op.create_index("ix_finding_steps_finding", "finding_steps", ["finding"])
    op.create_index("ix_finding_steps_at", "finding_steps", ["at"])
    op.create_table(
        "asked_findings",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("of", sa.String(length=36), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("item", sa.String(length=36), nullable=False),
        sa.Column("opened", Instant(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_asked_findings"),
    )
    op.create_index("ix_asked_findings_of", "asked_findings", ["of"])
    op.create_table(
        "need_steps",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("need", sa.String(length=40), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_need_steps"),
    )
    op.create_index("ix_need_steps_need", "need_steps", ["need"])
    op.create_table(
        "key_decisions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("window", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_key_decisions"),
    )
    op.create_index("ix_key_decisions_window_at", "key_decisions", ["window", "at"])
    op.create_index("ix_findings_at", "findings", ["at"])


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_findings_at", "findings")
    for table in ("key_decisions", "need_steps", "asked_findings", "finding_steps"):
        op.drop_table(table)
