"""Covers: what kiosks said of them, and what desks decided."""

import sqlalchemy as sa
from alembic import op

from web.ledger.rows import Instant

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "cover_turns",
        sa.Column("turn", sa.String(length=5), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("covered", sa.String(length=36), nullable=False),
        sa.Column("covering", sa.String(length=36), nullable=False),
        sa.Column("covers_from", Instant(length=27), nullable=True),
        sa.Column("covers_to", Instant(length=27), nullable=True),
        sa.Column("cover", sa.String(length=36), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("lineage", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("station", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("clock", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cover_turns"),
    )
    op.create_index("ix_cover_turns_at", "cover_turns", ["at"])
    op.create_table(
        "covers",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("post", sa.String(length=36), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("covered", sa.String(length=36), nullable=True),
        sa.Column("occasion", sa.String(length=12), nullable=False),
        sa.Column("standing", sa.String(length=20), nullable=False),
        sa.Column("began", sa.String(length=6), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("start", Instant(length=27), nullable=False),
        sa.Column("end", Instant(length=27), nullable=True),
        sa.Column("handover", sa.Text(), nullable=False),
        sa.Column("handback", sa.Text(), nullable=False),
        sa.Column("clauses", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.String(length=36), nullable=True),
        sa.Column("ended_by", sa.String(length=36), nullable=True),
        sa.Column("decided", Instant(length=27), nullable=True),
        sa.Column("decided_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_covers"),
        sa.ForeignKeyConstraint(["post"], ["posts.id"], name="fk_covers_post"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_covers_person"),
    )
    op.create_index("ix_covers_start", "covers", ["start"])
    op.create_index("ix_covers_post", "covers", ["post"])
    op.create_index("ix_covers_person", "covers", ["person"])


def downgrade() -> None:
    """Back."""
    op.drop_table("covers")
    op.drop_table("cover_turns")
