"""The hub's own lineage: durable first, taken by the same intake, once, whatever was lost or cut off."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from station.facts import Fact, Refused
from station.journal import Reader
from tests.web.halls import HallUnderTest
from web.cli import hub as command
from web.ledger.errors import LedgerBusy
from web.ledger.facts import FactRow, StationEventRow
from web.ledger.stations import LineageRow, StationRow
from web.services import intake, stations
from web.services.hub import write_settings
from web.services.recording import FOLDER, Recorder

pytestmark = pytest.mark.both_databases


def write(recorder: Recorder, *details: str) -> list[Fact]:
    return recorder.record(lambda _session: [Refused(what="tag", detail=each) for each in details])


def held(hall: HallUnderTest) -> list[str]:
    """What the ledger says was refused, in the order of arrival."""
    with hall.hub.ledger.reading() as session:
        rows = session.execute(select(StationEventRow).where(StationEventRow.kind == "refused"))
        return [row.body.split('"detail": "')[1].split('"')[0] for row in sorted(rows.scalars(), key=lambda r: r.id)]


def reopened(hall: HallUnderTest, recorder: Recorder) -> Recorder:
    recorder.close()
    return Recorder(hall.hub)


def test_what_is_recorded_stands_in_journal_and_ledger_as_the_same_bytes(hall: HallUnderTest) -> None:
    recorder = Recorder(hall.hub)
    made = write(recorder, "a", "b")
    reader = Reader(hall.hub.settings.folder / FOLDER / "journal.sqlite3")
    with hall.hub.ledger.reading() as session:
        rows = session.execute(select(FactRow.raw).order_by(FactRow.seq)).scalars()
        assert [bytes(raw) for raw in rows] == list(reader.all_raw())
        assert [row.name for row in stations.listed(session)] == []  # the hub is no station among stations
    assert [fact.clock for fact in made] == ["synced", "synced"]
    reader.close()
    recorder.close()


def test_a_fact_that_the_ledger_could_not_take_is_kept_and_taken_with_the_next(
    hall: HallUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(hall.hub)
    write(recorder, "a")
    with monkeypatch.context() as patch:
        patch.setattr(intake, "take", lambda *_: (_ for _ in ()).throw(LedgerBusy("busy")))
        with pytest.raises(LedgerBusy):
            write(recorder, "b")
    assert held(hall) == ["a"]
    seen: list[int] = []

    def look(session: Session) -> list[Refused]:
        seen.append(session.execute(select(func.count(FactRow.row))).scalar_one())
        return []

    recorder.record(look)
    assert seen == [3]  # started, a and b: whoever decides sees all that was recorded before
    assert held(hall) == ["a", "b"]
    recorder.close()


def test_a_hub_that_died_between_journal_and_ledger_goes_on_without_loss(hall: HallUnderTest) -> None:
    recorder = Recorder(hall.hub)
    write(recorder, "a")
    journal = recorder._open()
    journal.append(Refused(what="tag", detail="b"))
    recorder = reopened(hall, recorder)
    write(recorder, "c")
    assert held(hall) == ["a", "b", "c"]
    recorder.close()


def copied(hall: HallUnderTest, name: str) -> Path:
    aside = hall.hub.settings.folder.parent / name
    shutil.copytree(hall.hub.settings.folder / FOLDER, aside)
    return aside


def test_an_older_copy_of_the_journal_put_back_goes_on_in_a_new_lineage(hall: HallUnderTest) -> None:
    recorder = Recorder(hall.hub)
    write(recorder, "a")
    recorder.close()
    old = copied(hall, "old")
    recorder = Recorder(hall.hub)
    write(recorder, "b")
    recorder.close()
    shutil.rmtree(hall.hub.settings.folder / FOLDER)
    old.rename(hall.hub.settings.folder / FOLDER)
    recorder = Recorder(hall.hub)
    write(recorder, "c")
    assert held(hall) == ["a", "b", "c"]
    with hall.hub.ledger.reading() as session:
        states = session.execute(select(LineageRow.state).order_by(LineageRow.first_seen)).scalars().all()
    assert states == ["accepted", "accepted"]
    recorder.close()


def test_the_own_row_is_the_hubs_key_and_is_made_once(hall: HallUnderTest) -> None:
    recorder = Recorder(hall.hub)
    write(recorder, "a")
    recorder = reopened(hall, recorder)
    write(recorder, "b")
    with hall.hub.ledger.reading() as session:
        rows = session.execute(select(StationRow)).scalars().all()
        assert [(row.public_key, row.state) for row in rows] == [(hall.hub.key.public, "own")]
    recorder.close()


def test_verify_and_rebuild_know_the_hubs_own_journal(hall: HallUnderTest) -> None:
    if not hall.hub.ledger.is_sqlite:
        write_settings(hall.hub.settings.folder, f'database = "{hall.hub.settings.database}"\n')
    recorder = Recorder(hall.hub)
    write(recorder, "a")
    recorder._open().append(Refused(what="tag", detail="b"))  # the ledger has it not yet
    recorder.close()
    folder = str(hall.hub.settings.folder)
    assert CliRunner().invoke(command, ["rebuild", "--folder", folder]).exit_code == 0
    assert held(hall) == ["a", "b"]
    told = CliRunner().invoke(command, ["verify", "--folder", folder])
    assert told.exit_code == 0
    assert told.output.count("✓") == 2
    journal = hall.hub.settings.folder / FOLDER / "journal.sqlite3"
    journal.write_bytes(journal.read_bytes().replace(b'"detail":"b"', b'"detail":"x"'))
    assert CliRunner().invoke(command, ["verify", "--folder", folder]).exit_code == 1
