"""What a station says of itself, keys that were changed, joining anew, orders to enrol, tokens of other systems."""

import sqlalchemy as sa
from alembic import op

from web.ledger.rows import Instant

revision = "0006"
down_revision = "0011"
branch_labels = None
depends_on = None

SAID = ("papers_checked", "pins_checked")


def upgrade() -> None:
    """Forward."""
    with op.batch_alter_table("stations") as stations:
        stations.add_column(sa.Column("location", sa.String(length=100), server_default=sa.text("''"), nullable=False))
        stations.add_column(sa.Column("version", sa.String(length=40), nullable=True))
        stations.add_column(sa.Column("disk_percent", sa.Integer(), nullable=True))
        for name in SAID:
            stations.add_column(sa.Column(name, Instant(length=27), nullable=True))
        stations.add_column(sa.Column("key_asked", sa.String(length=36), nullable=True))
    op.create_table(
        "old_keys",
        sa.Column("public_key", sa.String(length=64), nullable=False),
        sa.Column("station", sa.String(length=36), nullable=False),
        sa.Column("until", Instant(length=27), nullable=False),
        sa.ForeignKeyConstraint(["station"], ["stations.id"], name="fk_old_keys_station"),
        sa.PrimaryKeyConstraint("public_key", name="pk_old_keys"),
    )
    op.create_index("ix_old_keys_station", "old_keys", ["station"])
    with op.batch_alter_table("join_codes") as codes:
        codes.add_column(sa.Column("station", sa.String(length=36), nullable=True))
        codes.create_foreign_key("fk_join_codes_station", "stations", ["station"], ["id"])
    with op.batch_alter_table("lineages") as lineages:
        lineages.add_column(sa.Column("ahead", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("finger_orders") as orders:
        orders.add_column(sa.Column("do", sa.String(length=6), server_default="forget", nullable=False))
        orders.add_column(sa.Column("station", sa.String(length=36), nullable=True))
        orders.add_column(sa.Column("finger", sa.String(length=20), server_default=sa.text("''"), nullable=False))
        orders.create_foreign_key("fk_finger_orders_station", "stations", ["station"], ["id"])
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.String(length=10), nullable=False),
        sa.Column("made", Instant(length=27), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=True),
        sa.Column("until", Instant(length=27), nullable=False),
        sa.Column("last_used", Instant(length=27), nullable=True),
        sa.Column("revoked", Instant(length=27), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("hash", name="uq_api_tokens_hash"),
    )


def downgrade() -> None:
    """Back."""
    op.drop_table("api_tokens")
    with op.batch_alter_table("finger_orders") as orders:
        orders.drop_constraint("fk_finger_orders_station", type_="foreignkey")
        for name in ("do", "station", "finger"):
            orders.drop_column(name)
    with op.batch_alter_table("lineages") as lineages:
        lineages.drop_column("ahead")
    with op.batch_alter_table("join_codes") as codes:
        codes.drop_constraint("fk_join_codes_station", type_="foreignkey")
        codes.drop_column("station")
    op.drop_table("old_keys")
    with op.batch_alter_table("stations") as stations:
        for name in ("location", "version", "disk_percent", *SAID, "key_asked"):
            stations.drop_column(name)
