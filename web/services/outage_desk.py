"""Gaps of stations at the desk: listed, confirmed or refused, entered by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import Table, select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.words import say
from station.rules.hours import minute_of
from station.rules.outage import Gap
from web.ledger.engine import put_rows
from web.ledger.facts import StaleRow
from web.ledger.outages import OutageRow
from web.ledger.people import PersonRow
from web.ledger.stations import StationRow
from web.services import audit, in_force, outages, signing
from web.services.absences import days_between
from web.services.errors import BadInput, NotFound
from web.services.in_force import InForce
from web.services.station_gaps import undecided
from web.services.waits import Viewer, Waiting

DECIDERS = frozenset(("duty_leader", "supervision"))
LOOKED_BACK = timedelta(days=63)  # the last month and this one
LONGEST_REASON = 200
LONGEST = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Listed:
    """A gap as it is listed. `status`: ongoing, open, confirmed, refused; `name`: the station's; `by`: who decided."""

    gap: Gap
    name: str
    status: str
    reason: str = ""
    by: str = ""
    decided: datetime | None = None


class Entered(NamedTuple):
    """A gap as somebody tells it. `station` empty: every one of the hall."""

    station: str
    start: datetime
    end: datetime
    reason: str


def listed(session: Session, held: InForce, now: datetime, since: datetime | None = None) -> list[Listed]:
    """The gaps since the last month began that touch when people come or leave, newest first. Three statements."""
    since = since or _since(held, now)
    rows = {row.id: row for row in outages.decided(session, since, now)}
    stations = {row.id: row.name for row in session.execute(select(StationRow)).scalars()}
    names = {row.id: row.name for row in session.execute(select(PersonRow.id, PersonRow.name).where(
        PersonRow.id.in_({row.by for row in rows.values()})))}  # fmt: skip
    found = [
        Listed(gap, stations.get(gap.station, ""), "ongoing" if gap.end is None else "open")
        for gap in undecided(session, since, now) if _matters(held, gap, now)
    ]  # fmt: skip
    found += [
        Listed(Gap(row.id, row.station or "", row.start, row.ends, row.why),  # type: ignore[arg-type]  # one of Why
               stations.get(row.station or "", ""), row.status, row.reason, names.get(row.by, ""), row.decided)
        for row in rows.values()
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.gap.start, reverse=True)


def decide(session: Session, held: InForce, gap: str, by: str, good: bool, reason: str, now: datetime) -> list[str]:
    """Confirm or refuse a gap, also one that was decided otherwise before; which closed months it may differ from.

    BadInput without a reason.
    """
    _reasoned(reason)
    row = session.get(OutageRow, gap)
    before = row.status if row is not None else ""
    status = "confirmed" if good else "refused"
    if row is None:
        found = next((each for each in undecided(session, now - LOOKED_BACK, now) if each.id == gap), None)
        if found is None:
            raise NotFound(say("没有这次故障"), remedy=say("请从设备故障列表进入"))
        if found.end is None:
            raise BadInput(say("这台考勤站还没有恢复"), remedy=say("恢复后再核实"))
        row = OutageRow(id=gap, station=found.station, start=found.start, ends=found.end, why=found.why)
        session.add(row)
    row.status, row.reason, row.decided, row.by = status, reason.strip(), now, by
    session.flush()
    closed = _mark(session, held, row)
    detail = {"status": [before, status], "start": row.start.isoformat(), "until": row.ends.isoformat(),
              "station": row.station or "", "reason": row.reason, "sheets": closed}  # fmt: skip
    audit.note(session, now, by, "outage.confirm" if good else "outage.refuse", gap, detail)
    return closed


def enter(session: Session, held: InForce, gap: Entered, by: str, now: datetime) -> list[str]:
    """A gap that no fact tells; it counts by the word of who enters it. Answers as `decide` does."""
    station, start, end, reason = gap
    _reasoned(reason)
    if not start < end <= now or end - start > LONGEST:
        raise BadInput(say("故障要有先后，并且已经过去"), remedy=say("请改正时间"))
    if station and session.get(StationRow, station) is None:
        raise BadInput(say("没有选考勤站"), remedy=say("请选一台，或选全部"))
    row = OutageRow(id=str(uuid7()), station=station or None, start=start, ends=end, why="entered",
                    status="confirmed", reason=reason.strip(), decided=now, by=by)  # fmt: skip
    session.add(row)
    session.flush()
    closed = _mark(session, held, row)
    detail = {"start": start.isoformat(), "until": end.isoformat(), "station": station, "reason": row.reason,
              "sheets": closed}  # fmt: skip
    audit.note(session, now, by, "outage.add", row.id, detail)
    return closed


def waits(session: Session, viewer: Viewer) -> Waiting | None:
    """The bell's line for whoever confirms outages. One statement, for them alone."""
    if viewer.acting.isdisjoint(DECIDERS):
        return None
    gaps = undecided(session, _since(viewer.held, viewer.now), viewer.now)
    found = [gap for gap in gaps if gap.end is not None and _matters(viewer.held, gap, viewer.now)]
    return Waiting("outages", len(found), say("设备故障待核实"), "/outages")


def _since(held: InForce, now: datetime) -> datetime:
    """When the month before today's began: it cannot be closed while one of its gaps is open."""
    return datetime.combine(in_force.last_month(now.astimezone(held.zone).date()), time(), held.zone)


def _matters(held: InForce, gap: Gap, now: datetime) -> bool:
    """Whether it touches the hour before a session or after one, on a working day."""
    first, last = minute_of(gap.start), minute_of(gap.end or now)
    days: Sequence[date] = list(days_between(gap.start, gap.end or now))
    for date_ in days:
        day, law = held.day(date_, "window"), held.law(date_, "window")
        for span in day.spans if day.worked else ():
            if first < last and ((first < span.start and last > span.start - law.outage)
                                 or (first < span.end + law.outage and last > span.end)):  # fmt: skip
                return True
    return False


def _mark(session: Session, held: InForce, row: OutageRow) -> list[str]:
    """Have the days of everybody whom it may concern judged anew; the closed months among them."""
    people = session.execute(select(PersonRow.id)).scalars().all()
    if row.station:
        people = [person for person, there in outages.holding(session).items() if row.station in there]
    table = StaleRow.__table__
    assert isinstance(table, Table)
    days = list(days_between(row.start, row.ends))
    put_rows(session, table, [{"person": person, "day": day} for person in sorted(people) for day in days])
    first, last = (at.astimezone(held.zone).date() for at in (row.start, row.ends))
    return signing.closed_with(session, people, first, last)


def _reasoned(reason: str) -> None:
    if not 1 <= len(reason.strip()) <= LONGEST_REASON:
        raise BadInput(say("没有写理由，或理由太长"), remedy=say("请写 1 到 {n} 个字", n=LONGEST_REASON))
