"""Units, windows, posts, seats, the roster's changes, and what a role is held for."""

import sqlalchemy as sa
from alembic import op

from web.ledger.rows import Day, Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "units",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_units"),
        sa.UniqueConstraint("name", name="uq_units_name"),
    )
    op.create_table(
        "windows",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=True),
        sa.Column("side", sa.String(length=12), nullable=False),
        sa.Column("unit", sa.String(length=100), nullable=False),
        sa.Column("closed", Day(length=10), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_windows"),
    )
    op.create_index("ix_windows_number", "windows", ["number"])
    op.create_table(
        "posts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("window", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("closed", Day(length=10), nullable=True),
        sa.ForeignKeyConstraint(["window"], ["windows.id"], name="fk_posts_window"),
        sa.PrimaryKeyConstraint("id", name="pk_posts"),
    )
    op.create_index("ix_posts_window", "posts", ["window"])
    op.create_table(
        "seats",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("post", sa.String(length=36), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=1), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("since", Day(length=10), nullable=False),
        sa.Column("until", Day(length=10), nullable=True),
        sa.ForeignKeyConstraint(["post"], ["posts.id"], name="fk_seats_post"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_seats_person"),
        sa.PrimaryKeyConstraint("id", name="pk_seats"),
    )
    op.create_index("ix_seats_post", "seats", ["post"])
    op.create_index("ix_seats_person", "seats", ["person"])
    op.create_table(
        "roster_changes",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("unit", sa.String(length=100), nullable=False),
        sa.Column("day", Day(length=10), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=True),
        sa.Column("person", sa.String(length=36), nullable=True),
        sa.Column("what", sa.String(length=12), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_roster_changes"),
    )
    op.create_index("ix_roster_changes_unit", "roster_changes", ["unit"])
    op.create_index("ix_roster_changes_person", "roster_changes", ["person"])
    op.add_column("roles", sa.Column("scope", sa.String(length=36), nullable=True))


def downgrade() -> None:
    """Back."""
    with op.batch_alter_table("roles") as roles:
        roles.drop_column("scope")
    for table in ("roster_changes", "seats", "posts", "windows", "units"):
        op.drop_table(table)
