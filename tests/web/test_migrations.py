"""From the first released form of the ledger, with data in it, step by step to the present one, on both databases."""

from datetime import UTC, datetime

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Boolean, Column, DateTime, Engine, Integer, LargeBinary, MetaData, Table, select

from web.ledger.engine import Ledger
from web.ledger.migrate import MIGRATIONS, check_current, upgrade
from web.ledger.rows import text_of

pytestmark = pytest.mark.both_databases

NOON = datetime(2026, 3, 2, 4, 0, 0, 123456, tzinfo=UTC)
ID = "01950000-0000-7000-8000-000000000001"
Rows = dict[str, dict[str, object]]


def revisions() -> list[str]:
    """Every revision, the first released one first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return [step.revision for step in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def test_every_step_keeps_what_every_earlier_form_held(empty: str) -> None:
    ledger = Ledger(empty)
    held: Rows = {}
    for revision in revisions():
        upgrade(empty, revision)
        kept(ledger.engine, held, revision)
        held |= filled(ledger.engine, set(held))
    check_current(ledger)
    assert len(held) > 20
    ledger.close()


def filled(engine: Engine, done: set[str]) -> Rows:
    """One row, as full as it can be, in each table that has none yet; table → the row."""
    present, made = MetaData(), {}
    with engine.begin() as connection:
        present.reflect(connection)
        for table in present.sorted_tables:
            if table.name not in done | {"alembic_version"} and not connection.execute(select(table)).first():
                made[table.name] = row_of(table, connection.dialect.name)
                connection.execute(table.insert(), made[table.name])
    return made


def row_of(table: Table, dialect: str) -> dict[str, object]:
    """A value for every column; text is as long as the column takes, so that a column made narrower is found out."""
    return {column.name: value_of(column, dialect) for column in table.columns}


def value_of(column: Column[object], dialect: str) -> object:
    kind = column.type
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, Integer):
        return 1
    if isinstance(kind, DateTime):
        return NOON
    if isinstance(kind, LargeBinary):
        return b"\x00\xff"
    length = getattr(kind, "length", None) or 50
    special = {27: text_of(NOON), 10: "2026-03-02"} if dialect == "sqlite" else {10: "2026-03-02"}
    return special.get(length) or ID.ljust(length, "x")[:length]


def kept(engine: Engine, held: Rows, revision: str) -> None:
    """Every row is still there, once, with what its columns said."""
    present = MetaData()
    with engine.connect() as connection:
        present.reflect(connection)
        for name, row in held.items():
            table = present.tables[name]
            found = [dict(each) for each in connection.execute(select(table)).mappings()]
            assert len(found) == 1, (revision, name)
            assert {key: plain(found[0][key]) for key in row if key in found[0]} == {
                key: plain(value) for key, value in row.items() if key in found[0]
            }, (revision, name)


def plain(value: object) -> object:
    """Bytes and instants as either database gives them."""
    return bytes(value) if isinstance(value, memoryview) else value
