"""Patrol: rounds, checks, findings, signatures, tags as read; checkpoints, plan and phones' passes as kept."""

import sqlalchemy as sa
from alembic import op

from web.ledger.rows import Day, Instant

revision = "0008"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "rounds",
        sa.Column("round", sa.String(length=36), nullable=False),
        sa.Column("way", sa.String(length=6), nullable=False),
        sa.Column("officer", sa.String(length=36), nullable=False),
        sa.Column("by", sa.String(length=10), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("inspector", sa.String(length=36), nullable=False),
        sa.Column("checklist", sa.String(length=36), nullable=False),
        sa.Column("checkpoints", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("checks", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("lineage", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("station", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("clock", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rounds"),
    )
    op.create_index("ix_rounds_at", "rounds", ["at"])
    op.create_index("ix_rounds_round", "rounds", ["round"])
    op.create_table(
        "checks",
        sa.Column("round", sa.String(length=36), nullable=False),
        sa.Column("checkpoint", sa.String(length=36), nullable=False),
        sa.Column("adds", sa.Boolean(), nullable=False),
        sa.Column("how", sa.String(length=6), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("officers", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.Column("nothing_abnormal", sa.Boolean(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("photos", sa.Text(), nullable=False),
        sa.Column("no_photo", sa.Text(), nullable=False),
        sa.Column("needs", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("draft", sa.String(length=64), nullable=False),
        sa.Column("phone_at", Instant(length=27), nullable=True),
        sa.Column("offset_ms", sa.BigInteger(), nullable=False),
        sa.Column("offline", sa.Boolean(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("lineage", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("station", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("clock", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_checks"),
    )
    op.create_index("ix_checks_checkpoint_at", "checks", ["checkpoint", "at"])
    op.create_index("ix_checks_draft", "checks", ["draft"])
    op.create_index("ix_checks_round", "checks", ["round"])
    op.create_table(
        "findings",
        sa.Column("fact", sa.String(length=36), nullable=False),
        sa.Column("round", sa.String(length=36), nullable=False),
        sa.Column("checkpoint", sa.String(length=36), nullable=False),
        sa.Column("item", sa.String(length=36), nullable=False),
        sa.Column("column", sa.String(length=36), nullable=False),
        sa.Column("clauses", sa.Text(), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("officers", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("about", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("lineage", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("station", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("clock", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_findings"),
    )
    op.create_index("ix_findings_checkpoint_at", "findings", ["checkpoint", "at"])
    op.create_index("ix_findings_person_at", "findings", ["person", "at"])
    op.create_index("ix_findings_round", "findings", ["round"])
    op.create_table(
        "pictures",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("fact", sa.String(length=36), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("round", sa.String(length=36), nullable=False),
        sa.Column("checkpoint", sa.String(length=36), nullable=False),
        sa.Column("lineage", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("station", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("clock", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pictures"),
    )
    op.create_index("ix_pictures_at", "pictures", ["at"])
    op.create_index("ix_pictures_round", "pictures", ["round"])
    op.create_index("ix_pictures_sha256", "pictures", ["sha256"])
    op.create_table(
        "tags",
        sa.Column("uid", sa.String(length=100), nullable=False),
        sa.Column("medium", sa.String(length=6), nullable=False),
        sa.Column("checkpoint", sa.String(length=36), nullable=False),
        sa.Column("change", sa.String(length=10), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.Column("was", sa.String(length=100), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("lineage", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("station", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("clock", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tags"),
    )
    op.create_index("ix_tags_checkpoint", "tags", ["checkpoint"])
    op.create_index("ix_tags_uid", "tags", ["uid"])
    op.create_table(
        "checkpoints",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("place", sa.String(length=12), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=True),
        sa.Column("window", sa.String(length=36), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("since", Day(length=10), nullable=False),
        sa.Column("closed", Day(length=10), nullable=True),
        sa.ForeignKeyConstraint(["window"], ["windows.id"], name="fk_checkpoints_window"),
        sa.PrimaryKeyConstraint("id", name="pk_checkpoints"),
    )
    op.create_index("ix_checkpoints_window", "checkpoints", ["window"])
    op.create_table(
        "patrol_plan",
        sa.Column("day", Day(length=10), nullable=False),
        sa.Column("slot", sa.String(length=4), nullable=False),
        sa.Column("officer", sa.String(length=36), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["officer"], ["people.id"], name="fk_patrol_plan_officer"),
        sa.PrimaryKeyConstraint("day", "slot", "officer", name="pk_patrol_plan"),
    )
    op.create_table(
        "patrol_passes",
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("round", sa.String(length=36), nullable=False),
        sa.Column("officers", sa.Text(), nullable=False),
        sa.Column("station", sa.String(length=36), nullable=False),
        sa.Column("made", Instant(length=27), nullable=False),
        sa.Column("until", Instant(length=27), nullable=False),
        sa.ForeignKeyConstraint(["station"], ["stations.id"], name="fk_patrol_passes_station"),
        sa.PrimaryKeyConstraint("nonce", name="pk_patrol_passes"),
        sa.UniqueConstraint("hash", name="uq_patrol_passes_hash"),
    )


def downgrade() -> None:
    """Back."""
    for table in (
        "patrol_passes",
        "patrol_plan",
        "checkpoints",
        "tags",
        "pictures",
        "findings",
        "checks",
        "rounds",
    ):
        op.drop_table(table)
