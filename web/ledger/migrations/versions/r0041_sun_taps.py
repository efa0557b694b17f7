"""The newest tap that the hub saw of each dynamic tag, so that an address counts once; lines of
the audit are found by what they are about."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "sun_taps",
        sa.Column("uid", sa.String(14), primary_key=True),
        sa.Column("counter", sa.Integer, nullable=False),
    )
    op.create_index("ix_audit_act_subject", "audit", ["act", "subject"])


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_audit_act_subject", "audit")
    op.drop_table("sun_taps")
