"""The hub's ledger walked lineage by lineage: chain, end, and the signatures under which the facts came."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from station.chain import Walk
from station.facts import Started, Stopped
from tests.web.halls import HallUnderTest, StationUnderTest
from web.ledger.facts import BatchRow, FactRow
from web.ledger.stations import LineageRow
from web.services.verifying import lineages, verify_lineage

pytestmark = pytest.mark.both_databases


def walked(hall: HallUnderTest) -> list[Walk]:
    with hall.hub.ledger.reading() as session:
        return [verify_lineage(session, lineage, station, lambda *_: None) for lineage, station in lineages(session)]


def a_day(station: StationUnderTest) -> None:
    station.record(Started(version="0.1"))
    for name, at in (("刘明", "08:52"), ("王芳", "09:03")):
        station.press(name, at)
    station.send(limit=2)
    station.record(Stopped(reason="asked"))
    station.send(after=1)  # overlaps what the hub has


def test_a_sound_ledger(hall: HallUnderTest, station: StationUnderTest) -> None:
    a_day(station)
    (found,) = walked(hall)
    assert (found.broken, found.facts, found.lineage) == (None, 4, station.journal.lineage)


def _turn_a_byte(session: Session) -> None:
    row = session.execute(select(FactRow).where(FactRow.seq == 2)).scalar_one()
    row.raw = bytes(row.raw).replace(b'"score":120', b'"score":121')


Damage = Callable[[Session], object]
DAMAGES: dict[str, tuple[Damage, int]] = {
    "a byte turned": (_turn_a_byte, 2),
    "a fact taken out": (lambda session: session.execute(delete(FactRow).where(FactRow.seq == 3)), 3),
    "the end cut off": (lambda session: session.execute(delete(FactRow).where(FactRow.seq == 4)), 4),
    "the mark put back": (lambda session: session.execute(update(LineageRow).values(upto=0)), 1),
    "a signature of somebody else": (
        lambda session: session.execute(update(BatchRow).where(BatchRow.first == 1).values(signature="00" * 64)), 1
    ),
    "a batch without its signature": (
        lambda session: session.execute(delete(BatchRow).where(BatchRow.last == 4)), 3
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", DAMAGES)
def test_the_first_fault_is_named(hall: HallUnderTest, station: StationUnderTest, kind: str) -> None:
    a_day(station)
    damage, seq = DAMAGES[kind]
    with hall.hub.ledger.writing() as session:
        damage(session)
    (found,) = walked(hall)
    assert found.broken is not None
    assert found.broken.seq == seq
    assert found.broken.what
