"""The first tables: hall, people, accounts, stations, facts and what is read out of them, audit."""

import sqlalchemy as sa
from alembic import op

from web.ledger.rows import Day, DayOrInstant, Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "audit",
    "clock_fixes",
    "consents",
    "exits",
    "fingers",
    "hall",
    "join_codes",
    "people",
    "punches",
    "requests",
    "sign_ins",
    "stale",
    "station_events",
    "stations",
    "unreadable",
    "accounts",
    "alarms",
    "lineages",
    "roles",
    "batches",
    "facts",
    "logins",
)


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "audit",
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=True),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("row", name="pk_audit"),
        sa.UniqueConstraint("prev", name="uq_audit_prev"),
    )
    op.create_table(
        "clock_fixes",
        sa.Column("boot", sa.String(length=64), nullable=False),
        sa.Column("offset_us", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("lineage", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("station", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("clock", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_clock_fixes"),
    )
    op.create_index("ix_clock_fixes_boot", "clock_fixes", ["boot"])

    op.create_table(
        "consents",
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("text_version", sa.Text(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("lineage", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("station", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("clock", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
    )
    op.create_index("ix_consents_person_at", "consents", ["person", "at"])

    op.create_table(
        "exits",
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("way", sa.String(length=4), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("lineage", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("station", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("clock", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_exits"),
    )
    op.create_index("ix_exits_person_at", "exits", ["person", "at"])

    op.create_table(
        "fingers",
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("change", sa.String(length=10), nullable=False),
        sa.Column("finger", sa.Text(), nullable=False),
        sa.Column("module", sa.Text(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("lineage", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("station", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("clock", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fingers"),
    )
    op.create_index("ix_fingers_person", "fingers", ["person"])
    op.create_index("ix_fingers_station_place", "fingers", ["station", "place"])

    op.create_table(
        "hall",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hall"),
    )
    op.create_table(
        "join_codes",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("until", Instant(length=27), nullable=False),
        sa.Column("used", Instant(length=27), nullable=True),
        sa.PrimaryKeyConstraint("hash", name="pk_join_codes"),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("pinyin", sa.String(length=120), nullable=False),
        sa.Column("unit", sa.String(length=100), nullable=False),
        sa.Column("window", sa.String(length=20), nullable=False),
        sa.Column("group", sa.String(length=12), nullable=False),
        sa.Column("posted_from", DayOrInstant(length=40), nullable=True),
        sa.Column("posted_to", DayOrInstant(length=40), nullable=True),
        sa.Column("added", Instant(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
    )
    op.create_index("ix_people_number", "people", ["number"])
    op.create_index("ix_people_unit", "people", ["unit"])

    op.create_table(
        "punches",
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(length=3), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("lineage", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("station", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("clock", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_punches"),
    )
    op.create_index("ix_punches_at_person", "punches", ["at", "person"])

    op.create_table(
        "requests",
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("asks", sa.String(length=20), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("lineage", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("station", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("clock", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
    )
    op.create_index("ix_requests_person_at", "requests", ["person", "at"])

    op.create_table(
        "sign_ins",
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("by", sa.String(length=10), nullable=False),
        sa.Column("witness", sa.String(length=36), nullable=True),
        sa.Column("direction", sa.String(length=3), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("lineage", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("station", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("clock", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_ins"),
    )
    op.create_index("ix_sign_ins_at_person", "sign_ins", ["at", "person"])

    op.create_table(
        "stale",
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("day", Day(length=10), nullable=False),
        sa.PrimaryKeyConstraint("person", "day", name="pk_stale"),
    )
    op.create_table(
        "station_events",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("lineage", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("station", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("clock", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_station_events"),
    )
    op.create_index("ix_station_events_station_kind_at", "station_events", ["station", "kind", "at"])

    op.create_table(
        "stations",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("public_key", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("joined", Instant(length=27), nullable=False),
        sa.Column("confirmed", Instant(length=27), nullable=True),
        sa.Column("revoked", Instant(length=27), nullable=True),
        sa.Column("last_contact", Instant(length=27), nullable=True),
        sa.Column("drift_ms", sa.Integer(), nullable=True),
        sa.Column("backlog", sa.Integer(), nullable=True),
        sa.Column("papers_etag", sa.String(length=64), nullable=True),
        sa.Column("papers_at", Instant(length=27), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_stations"),
        sa.UniqueConstraint("public_key", name="uq_stations_public_key"),
    )
    op.create_table(
        "unreadable",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("v", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("lineage", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("station", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("clock", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_unreadable"),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("password", sa.String(length=200), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("wait_until", Instant(length=27), nullable=True),
        sa.Column("made", Instant(length=27), nullable=False),
        sa.Column("closed", Instant(length=27), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_accounts_person"),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("name", name="uq_accounts_name"),
        sa.UniqueConstraint("person", name="uq_accounts_person"),
    )
    op.create_table(
        "alarms",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("station", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("first", Instant(length=27), nullable=False),
        sa.Column("last", Instant(length=27), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("cleared", Instant(length=27), nullable=True),
        sa.ForeignKeyConstraint(["station"], ["stations.id"], name="fk_alarms_station"),
        sa.PrimaryKeyConstraint("id", name="pk_alarms"),
        sa.UniqueConstraint("station", "kind", "subject", name="uq_alarms_station_kind_subject"),
    )
    op.create_table(
        "lineages",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("station", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("was", sa.String(length=36), nullable=True),
        sa.Column("first_seen", Instant(length=27), nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.Column("hash_at_upto", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["station"], ["stations.id"], name="fk_lineages_station"),
        sa.PrimaryKeyConstraint("id", name="pk_lineages"),
    )
    op.create_index("ix_lineages_station", "lineages", ["station"])

    op.create_table(
        "roles",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("since", Day(length=10), nullable=True),
        sa.Column("until", Day(length=10), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_roles_person"),
        sa.PrimaryKeyConstraint("id", name="pk_roles"),
    )
    op.create_index("ix_roles_person", "roles", ["person"])

    op.create_table(
        "batches",
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lineage", sa.String(length=36), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("nonce", sa.String(length=100), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.Column("received", Instant(length=27), nullable=False),
        sa.ForeignKeyConstraint(["lineage"], ["lineages.id"], name="fk_batches_lineage"),
        sa.PrimaryKeyConstraint("row", name="pk_batches"),
    )
    op.create_index("ix_batches_lineage", "batches", ["lineage"])

    op.create_table(
        "facts",
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lineage", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("boot", sa.String(length=64), nullable=False),
        sa.Column("clock", sa.String(length=10), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["lineage"], ["lineages.id"], name="fk_facts_lineage"),
        sa.PrimaryKeyConstraint("row", name="pk_facts"),
        sa.UniqueConstraint("id", name="uq_facts_id"),
        sa.UniqueConstraint("lineage", "seq", name="uq_facts_lineage_seq"),
    )
    op.create_index(
        "ix_facts_unsynced",
        "facts",
        ["boot"],
        sqlite_where=sa.text("clock = 'unsynced'"),
        postgresql_where=sa.text("clock = 'unsynced'"),
    )

    op.create_table(
        "logins",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=36), nullable=False),
        sa.Column("begun", Instant(length=27), nullable=False),
        sa.Column("seen", Instant(length=27), nullable=False),
        sa.Column("ended", Instant(length=27), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_logins_account"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_logins"),
    )
    op.create_index("ix_logins_account", "logins", ["account"])


def downgrade() -> None:
    """Back."""
    for table in reversed(TABLES):
        op.drop_table(table)
