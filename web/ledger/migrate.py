"""Bringing a ledger to the present form."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from config.words import say
from web.ledger.engine import Ledger, make_engine
from web.ledger.errors import NeedsUpgrade

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(url: str, to: str = "head") -> None:
    """Create or bring up the ledger at `url`; each migration is one transaction."""
    engine = make_engine(url, foreign_keys=False)
    try:
        with engine.connect() as connection:
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, to)
    finally:
        engine.dispose()


def check_current(ledger: Ledger) -> None:
    """NeedsUpgrade unless the ledger has the form that this version works with."""
    head = _head()
    with ledger.engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    if present != head:
        raise NeedsUpgrade(
            say("数据库版本为 {present}，本程序需要 {head}", present=present or say("空"), head=head),
            remedy=say("请先运行 zaigang hub upgrade"),
        )


@cache
def _head() -> str | None:
    """The form that this version works with; reading every migration for it takes a while."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
