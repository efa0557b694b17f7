"""Photos whose time is over, each with when its bytes were let go."""

import sqlalchemy as sa
from alembic import op

from web.ledger.rows import HASH, Instant

revision = "0034"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "photos_let_go",
        sa.Column("sha256", HASH, primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
    )
    op.create_index("ix_photos_let_go_at", "photos_let_go", ["at"])


def downgrade() -> None:
    """Back."""
    op.drop_table("photos_let_go")
