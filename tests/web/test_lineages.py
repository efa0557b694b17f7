"""A station's further lineages, facts recorded again, clocks put right, and everything read out of facts made anew."""

import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from station.clock import DrivenClock
from station.facts import ClockFix, Device, Enrolled, Exit, Fact, Forgotten, Punch, Request, ReRecorded, SignIn, Started
from station.journal import Journal
from tests.web.halls import ANYBODY, MONDAY, HallUnderTest, MakeStation, StationUnderTest
from tests.web.test_patrol_rows import BODIES as PATROL
from web.ledger.facts import FactRow, PunchRow, StaleRow
from web.ledger.stations import AlarmRow, LineageRow
from web.services import fingers
from web.services.lineages import approve as approve_lineage
from web.services.projection import TABLES
from web.services.rebuild import rebuild

pytestmark = [pytest.mark.zone, pytest.mark.both_databases]

TZ = timedelta(hours=8)


def rows_of(hall: HallUnderTest, table: Table) -> list[tuple[Any, ...]]:
    with hall.hub.ledger.reading() as session:
        return sorted(tuple(row) for row in session.execute(select(table)))


def times(hall: HallUnderTest) -> list[tuple[str, str]]:
    """Each punch's hall time and clock, in order of time."""
    with hall.hub.ledger.reading() as session:
        rows = session.execute(select(PunchRow.at, PunchRow.clock).order_by(PunchRow.at))
        return [(f"{at + TZ:%m-%d %H:%M}", clock) for at, clock in rows]


def forked(station: StationUnderTest, folder: Path, was: str | None, again: list[Fact]) -> Journal:
    """A new journal of the same station, carrying facts over from a sealed one."""
    journal = Journal(folder, DrivenClock(MONDAY + timedelta(hours=2), "synced"))
    journal.append(Started(version="0.1", was=was))
    for fact in again:
        where: dict[str, str | int] = {"lineage": fact.lineage, "seq": fact.seq, "hash": fact.hash}
        journal.append(ReRecorded(was=where, fact=fact.raw.decode()))
    return journal


def raws_of(journal: Journal) -> list[bytes]:
    with sqlite3.connect(journal.path) as db:
        return [bytes(raw) for (raw,) in db.execute("SELECT raw FROM facts ORDER BY seq")]


def test_a_further_lineage_is_held_until_an_administrator_approves(
    hall: HallUnderTest, station: StationUnderTest, tmp_path: Path
) -> None:
    station.record(Started(version="0.1"))
    kept = [station.press("刘明", "08:50"), station.press("王芳", "08:55")]
    station.send(limit=2)  # the hub has 刘明's, not 王芳's; the station never heard so
    journal = forked(station, tmp_path / "new", station.journal.lineage, kept)
    raws = raws_of(journal)

    for _ in range(2):
        refused = station.deliver(raws, lineage=journal.lineage)
        assert refused.status_code == 409
        assert "等待管理员批准" in refused.get_json()["error"]
    assert station.deliver([], lineage=journal.lineage).status_code == 409
    with hall.hub.ledger.writing() as session:
        alarm = session.execute(select(AlarmRow)).scalar_one()
        assert (alarm.kind, alarm.subject, alarm.times) == ("held", journal.lineage, 3)
        held = session.get_one(LineageRow, journal.lineage)
        assert (held.state, held.was, held.upto) == ("held", station.journal.lineage, 0)
        approve_lineage(session, journal.lineage, None, hall.hub.now())
    assert station.answer(station.deliver(raws, lineage=journal.lineage)).upto == 3
    assert [at for at, _ in times(hall)] == ["03-02 08:50", "03-02 08:55"], "one row for each fact inside"
    with hall.hub.ledger.reading() as session:
        assert session.execute(select(AlarmRow.cleared)).scalar_one() is not None
    assert station.send(after=2).upto == 3, "the old lineage is still taken: the clone may be the honest one"
    assert len(times(hall)) == 2
    journal.close()


def test_a_further_lineage_must_say_what_it_follows(
    hall: HallUnderTest, station: StationUnderTest, tmp_path: Path
) -> None:
    station.record(Started(version="0.1"))
    station.send()
    journal = forked(station, tmp_path / "new", None, [])
    refused = station.deliver(raws_of(journal), lineage=journal.lineage)
    assert refused.status_code == 409
    assert "没有说明接在哪个账本之后" in refused.get_json()["error"]
    with hall.hub.ledger.reading() as session:
        assert session.execute(select(func.count()).select_from(LineageRow)).scalar_one() == 1
    journal.close()


def test_a_lineage_belongs_to_one_station(hall: HallUnderTest, make_station: MakeStation) -> None:
    first, second = make_station(), make_station()
    first.record(Started(version="0.1"))
    first.send()
    assert second.deliver(first.reader.raw_after(0, 9), lineage=first.journal.lineage).status_code == 409
    assert second.deliver([], lineage=first.journal.lineage).status_code == 409


def test_an_unsynced_boot_gets_its_time_when_it_becomes_known(hall: HallUnderTest, make_station: MakeStation) -> None:
    station = make_station(trust="unsynced", start=MONDAY - timedelta(days=400))
    station.record(Started(version="0.1"), Punch(person=hall.people["刘明"], place=1, score=90))
    early = station.journal.head.seq
    station.send()
    assert times(hall) == [("01-26 08:40", "unsynced")]
    station.record(Punch(person=hall.people["王芳"], place=2, score=90))
    boot = station.clock.read().boot
    offset = timedelta(days=400) // timedelta(microseconds=1)
    station.record(ClockFix(boot=boot, offset_us=offset))
    station.record(Punch(person=hall.people["张伟"], place=3, score=90))
    raws = station.reader.raw_after(early, 9)
    station.answer(station.deliver(raws))
    assert times(hall) == [("03-02 08:40", "synced")] * 3
    with hall.hub.ledger.reading() as session:
        stale = {(row.person, row.day.isoformat()) for row in session.execute(select(StaleRow)).scalars()}
        assert (hall.people["刘明"], "2025-01-26") in stale, "the day it left"
        assert (hall.people["刘明"], "2026-03-02") in stale, "the day it came to"
        kept = session.execute(select(FactRow.raw).order_by(FactRow.seq)).scalars().all()
        assert list(kept) == station.reader.raw_after(0, 9), "the bytes stay as they were"
    station.record(ClockFix(boot=boot, offset_us=offset + 60_000_000))
    station.send(after=early)
    assert times(hall) == [("03-02 08:41", "synced")] * 3, "of several the last holds"


def test_another_stations_fix_moves_nothing(hall: HallUnderTest, make_station: MakeStation) -> None:
    lost, liar = make_station(trust="unsynced"), make_station()
    lost.record(Punch(person=hall.people["刘明"], place=1, score=90))
    lost.send()
    liar.record(ClockFix(boot=lost.clock.read().boot, offset_us=3_600_000_000))
    liar.send()
    assert times(hall) == [("03-02 08:40", "unsynced")]


def test_rebuilding_gives_what_arrival_gave(
    hall: HallUnderTest, station: StationUnderTest, make_station: MakeStation, tmp_path: Path
) -> None:
    ming, fang = hall.people["刘明"], hall.people["王芳"]
    station.record(Started(version="0.1"), Device(device="reader", state="ready"))
    station.record(Enrolled(person=ming, place=1, finger="右手食指", module="m1"), Forgotten(person=ming, place=1))
    kept = [station.press("刘明", "08:50"), station.press("王芳", "08:58", direction="in")]
    station.record(SignIn(person=fang, by="witness", witness=ming), Exit(person=ming, way="out", reason="取件"))
    station.record(Request(person=ming, asks="leave", fields={"kind": "sick", "days": 1}))
    taken = {"covered": ming, "covering": fang, "emergency": True, "from": "2026-03-02T01:30:00.000000Z", "to": ""}
    station.record(Request(person=fang, asks="cover", fields=taken), *PATROL)
    station.send(limit=6)
    unsynced = make_station(trust="unsynced", start=MONDAY - timedelta(days=3))
    unsynced.record(Punch(person=ming, place=1, score=80), Exit(person=ming, way="back"))
    unsynced.send()
    unsynced.record(ClockFix(boot=unsynced.clock.read().boot, offset_us=3 * 86_400_000_000))
    unsynced.send(after=2)
    strange = json.loads(unsynced.record(Exit(person=fang, way="out"))[0].raw) | {"kind": "coffee"}
    unsynced.deliver([json.dumps(strange, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()])
    journal = forked(station, tmp_path / "new", station.journal.lineage, kept)
    station.deliver(raws_of(journal), lineage=journal.lineage)
    with hall.hub.ledger.writing() as session:
        approve_lineage(session, journal.lineage, None, hall.hub.now())
    station.answer(station.deliver(raws_of(journal), lineage=journal.lineage))
    station.send(after=6)
    journal.close()

    tables = [*TABLES, StaleRow.__table__, FactRow.__table__]
    before = {table.name: rows_of(hall, table) for table in tables if isinstance(table, Table)}
    assert {name for name, rows in before.items() if not rows} == {"consents"}
    with hall.hub.ledger.writing() as session:
        assert rebuild(session, hall.hub_zone()) == len(before["facts"])
    after = {table.name: rows_of(hall, table) for table in tables if isinstance(table, Table)}
    assert after == before


def test_fingers_are_what_the_last_fact_of_a_place_says(hall: HallUnderTest, station: StationUnderTest) -> None:
    ming, fang = hall.people["刘明"], hall.people["王芳"]
    station.record(Enrolled(person=ming, place=1), Enrolled(person=ming, place=2), Enrolled(person=fang, place=3))
    station.record(Forgotten(person=ming, place=2), Enrolled(person=fang, place=1), Enrolled(person=ANYBODY, place=9))
    station.send()
    with hall.hub.ledger.reading() as session:
        assert {one: len(places) for one, places in fingers.held(session).items()} == {fang: 2, ANYBODY: 1}
