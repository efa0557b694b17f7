"""Outages of people: the confirmed gaps of every station that holds their fingers, and those still to be decided."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from station.rules.given import Outage
from station.rules.outage import Gap, held_by, shared
from web.ledger.facts import FingerRow
from web.ledger.outages import OutageRow
from web.services.station_gaps import undecided

Holding = dict[str, dict[str, list[tuple[datetime, datetime | None]]]]


def of_gaps(session: Session, good: Sequence[Gap]) -> Iterator[tuple[str | None, Outage]]:
    """What confirmed gaps come to: person (None: everybody) and outage. One statement where there is any."""
    yield from ((None, Outage(gap.id, gap.start, gap.end)) for gap in good if not gap.station and gap.end is not None)
    yield from _of_people(session, good, good)


def unconfirmed(session: Session, since: datetime, until: datetime) -> Iterator[tuple[str | None, Outage]]:
    """What would act, were every gap confirmed that nobody decided. One statement, and two where there is any."""
    open_ = [gap for gap in undecided(session, since, until) if gap.end is not None]
    rows = decided(session, since, until) if open_ else ()
    good = [Gap(row.id, row.station or "", row.start, row.ends, "entered") for row in rows if row.status == "confirmed"]
    yield from _of_people(session, open_, [*open_, *good])


def decided(session: Session, since: datetime, until: datetime) -> Sequence[OutageRow]:
    """The gaps that were decided and touch a stretch."""
    query = select(OutageRow).where(OutageRow.start < until, OutageRow.ends > since)
    return session.execute(query.order_by(OutageRow.start, OutageRow.id)).scalars().all()


def holding(session: Session) -> Holding:
    """Person → station → from when until when one of their fingers was held there. One statement."""
    found: Holding = {}
    meant: dict[tuple[str, int], tuple[str, datetime]] = {}
    order = (FingerRow.station, FingerRow.lineage, FingerRow.seq)
    columns = (FingerRow.station, FingerRow.place, FingerRow.change, FingerRow.person, FingerRow.at)
    for row in session.execute(select(*columns).order_by(*order)):
        gone = meant.pop((row.station, row.place), None)
        if gone is not None:
            found.setdefault(gone[0], {}).setdefault(row.station, []).append((gone[1], row.at))
        if row.change == "enrolled":
            meant[row.station, row.place] = row.person, row.at
    for (station, _place), (person, since) in meant.items():
        found.setdefault(person, {}).setdefault(station, []).append((since, None))
    return found


def _of_people(session: Session, gaps: Sequence[Gap], all_: Sequence[Gap]) -> Iterator[tuple[str, Outage]]:
    """These gaps for each person whose every station had one at that time, by these or by others of `all_`."""
    local = [gap for gap in gaps if gap.station]
    if not local:
        return
    by_station: dict[str, list[Gap]] = {}
    for gap in all_:
        by_station.setdefault(gap.station, []).append(gap)
    hall = by_station.get("", [])
    kept: dict[tuple[str, frozenset[str]], list[Outage]] = {}
    for person, stations in holding(session).items():
        for gap in local:
            held = held_by(stations, gap)
            if gap.station not in held:
                continue
            if (gap.id, held) not in kept:
                others = [[*by_station.get(each, ()), *hall] for each in held - {gap.station}]
                kept[gap.id, held] = [Outage(gap.id, start, end) for start, end in shared(gap, others)]
            yield from ((person, outage) for outage in kept[gap.id, held])
