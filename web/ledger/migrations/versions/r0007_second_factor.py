"""Where browsers signed in from, the second factor, where decisions came from, how far a hub is set up."""

import sqlalchemy as sa
from alembic import op

from web.ledger.rows import Instant

revision = "0007"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    with op.batch_alter_table("logins") as logins:
        logins.add_column(sa.Column("address", sa.String(length=45), server_default=sa.text("''"), nullable=False))
        logins.add_column(sa.Column("agent", sa.String(length=200), server_default=sa.text("''"), nullable=False))
    with op.batch_alter_table("accounts") as accounts:
        accounts.add_column(sa.Column("factor", sa.Text(), nullable=True))
        accounts.add_column(sa.Column("factor_since", Instant(length=27), nullable=True))
        accounts.add_column(sa.Column("factor_step", sa.BigInteger(), nullable=True))
    op.create_table(
        "recovery_codes",
        sa.Column("account", sa.String(length=36), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("used", Instant(length=27), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_recovery_codes_account"),
        sa.PrimaryKeyConstraint("hash", name="pk_recovery_codes"),
    )
    op.create_index("ix_recovery_codes_account", "recovery_codes", ["account"])
    with op.batch_alter_table("audit") as audit:
        audit.add_column(sa.Column("origin", sa.String(length=45), nullable=True))
    op.create_index("ix_audit_at", "audit", ["at"])
    with op.batch_alter_table("hall") as hall:
        hall.add_column(sa.Column("second_factor", sa.Boolean(), server_default=sa.false(), nullable=False))
        hall.add_column(sa.Column("first_run", sa.String(length=64), nullable=True))
        hall.add_column(sa.Column("setup", sa.Text(), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    """Back."""
    with op.batch_alter_table("hall") as hall:
        for name in ("setup", "first_run", "second_factor"):
            hall.drop_column(name)
    op.drop_index("ix_audit_at", "audit")
    with op.batch_alter_table("audit") as audit:
        audit.drop_column("origin")
    op.drop_table("recovery_codes")
    with op.batch_alter_table("accounts") as accounts:
        for name in ("factor_step", "factor_since", "factor"):
            accounts.drop_column(name)
    with op.batch_alter_table("logins") as logins:
        for name in ("agent", "address"):
            logins.drop_column(name)
