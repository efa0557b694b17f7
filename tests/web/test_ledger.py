"""The ledger: migrations make what the rows say, writers take turns, and trouble is said in words."""

import sqlite3
import threading
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import InvalidRequestError

from config.settings import HubSettings
from tests.web.halls import MONDAY, HallUnderTest
from web.ledger import engine
from web.ledger.audit import AuditRow
from web.ledger.engine import Ledger
from web.ledger.errors import LedgerBusy, LedgerUnwritable, NeedsUpgrade
from web.ledger.migrate import check_current, upgrade
from web.ledger.people import PersonRow
from web.ledger.tables import metadata
from web.services import audit, people
from web.services.errors import AlreadyInitialised, NotInitialised
from web.services.hub import begin, open_hub

pytestmark = pytest.mark.both_databases


def test_migrating_an_empty_database_gives_the_rows_tables(empty: str) -> None:
    upgrade(empty)
    ledger = Ledger(empty)
    with ledger.engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), metadata())
    assert differences == []
    names = set(inspect(ledger.engine).get_table_names())
    assert names == set(metadata().tables) | {"alembic_version"}
    check_current(ledger)
    upgrade(empty)
    ledger.close()


def test_a_ledger_of_another_version_is_not_touched(empty: str) -> None:
    ledger = Ledger(empty)
    with pytest.raises(NeedsUpgrade, match="zaigang hub upgrade"):
        check_current(ledger)
    ledger.close()


def test_sqlite_is_opened_as_durably_as_it_can_be(tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path / 'l.sqlite3'}")
    with ledger.reading() as session:
        pragmas = {
            name: session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    assert (tmp_path / "l.sqlite3").stat().st_mode & 0o077 == 0
    ledger.close()


def test_instants_come_back_as_they_went_whatever_their_zone(hall: HallUnderTest) -> None:
    with hall.hub.ledger.writing() as session:
        row = session.execute(select(PersonRow)).scalars().first()
        assert row is not None
        key = row.id
        row.added = datetime(1, 1, 1, 0, 0, 0, 7, tzinfo=UTC)
        row.posted_from = date(2026, 1, 5)
        row.posted_to = datetime(2026, 3, 2, 12, tzinfo=hall.hub_zone())
    with hall.hub.ledger.reading() as session:
        row = session.get_one(PersonRow, key)
        assert row.added == datetime(1, 1, 1, 0, 0, 0, 7, tzinfo=UTC)
        assert (row.posted_from, row.posted_to) == (date(2026, 1, 5), datetime(2026, 3, 2, 4, tzinfo=UTC))
    with pytest.raises(Exception, match="naive"), hall.hub.ledger.writing() as session:
        session.get_one(PersonRow, key).added = datetime(2026, 1, 1)  # noqa: DTZ001


def test_a_writer_that_fails_changes_nothing_and_gives_the_turn_back(hall: HallUnderTest) -> None:
    def fail() -> None:
        with hall.hub.ledger.writing() as session:
            audit.note(session, MONDAY, None, "test", "x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with hall.hub.ledger.writing() as session:
        assert session.execute(select(func.count()).where(AuditRow.act == "test")).scalar_one() == 0


def test_writers_take_turns_and_none_is_lost(hall: HallUnderTest) -> None:
    def write(number: int) -> None:
        with hall.hub.ledger.writing() as session:
            audit.note(session, MONDAY, None, "turn", str(number))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with hall.hub.ledger.reading() as session:
        assert session.execute(select(func.count()).where(AuditRow.act == "turn")).scalar_one() == 12
        assert audit.broken(session) is None


def test_audit_lines_cannot_be_altered_unseen(hall: HallUnderTest) -> None:
    with hall.hub.ledger.writing() as session:
        for number in range(3):
            audit.note(session, MONDAY, None, "act", str(number), {"n": number})
    with hall.hub.ledger.writing() as session:
        line = session.execute(select(AuditRow).where(AuditRow.subject == "1")).scalar_one()
        line.detail = '{"n":7}'
        changed = line.row
    with hall.hub.ledger.reading() as session:
        assert audit.broken(session) == changed


def test_busy_and_full_are_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_MS", 50)
    monkeypatch.setattr(engine, "TURN_S", 0.05)
    path = tmp_path / "l.sqlite3"
    upgrade(f"sqlite:///{path}")
    ledger = Ledger(f"sqlite:///{path}")
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LedgerBusy, match="正忙"), ledger.writing() as session:
            session.execute(text("SELECT 1"))
        other.execute("ROLLBACK")
    twin = Ledger(f"sqlite:///{path}")
    with ledger.writing(), pytest.raises(LedgerBusy), twin.writing():
        raise AssertionError("two writers at once")
    with pytest.raises(LedgerUnwritable, match="没有改动任何数据"):
        _fill(ledger)
    twin.close()
    ledger.close()


def _fill(ledger: Ledger) -> None:
    """Write until there is no room; the database may not grow, as on a full disk."""
    with ledger.writing() as session:
        session.execute(text("PRAGMA max_page_count = 1"))
        for number in range(100):
            session.add(_line(number))
            session.flush()


def _line(number: int) -> AuditRow:
    return AuditRow(at=MONDAY, by=None, act="fill", subject="", detail="x" * 9000, prev=f"{number}", hash="")


def test_a_hub_begins_once(tmp_path: Path) -> None:
    settings = HubSettings(folder=tmp_path / "hub")
    with pytest.raises(NotInitialised, match="hub init"):
        open_hub(settings)
    made = begin(settings, "一号大厅")
    key = made.key.public
    made.close()
    with pytest.raises(AlreadyInitialised, match="已有一个中枢"):
        begin(settings, "二号大厅")
    again = open_hub(settings)
    assert (again.hall.name, again.key.public) == ("一号大厅", key)
    again.close()


def test_a_reader_that_was_closed_takes_no_connection_again(hall: HallUnderTest) -> None:
    with hall.hub.ledger.reading() as session:
        assert people.get(session, hall.people["刘明"]).name == "刘明"
    with pytest.raises(InvalidRequestError):
        session.execute(select(PersonRow))
