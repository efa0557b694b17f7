"""Fingers: which station holds which places for whom, and the orders to enrol or forget them until a station has.

A station confirms by its facts alone: an order to forget stands there as long as one of the places that it means is
held, one to enrol until the finger is.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.words import say
from station.places import FINGERS
from web.ledger.facts import ConsentRow, FingerRow
from web.ledger.fingers import FingerOrderRow
from web.ledger.people import PersonRow
from web.ledger.stations import StationRow
from web.services import audit
from web.services.errors import BadInput, NotFound
from web.services.ids import is_id


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a station's module that means a person; `since`: when it was enrolled (by the station's clock)."""

    station: str
    place: int
    finger: str
    since: datetime
    synced: bool


@dataclass(slots=True)
class Answer:
    """How a station stands to an order: the places that it still has to forget, and when the last of them went."""

    station: str
    left: list[int] = field(default_factory=list)
    done: datetime | None = None

    @property
    def confirmed(self) -> bool:
        """Whether nothing is left there."""
        return not self.left


@dataclass(frozen=True, slots=True)
class Asked:
    """An order to enrol, and what came of it: `failed` when the person did not agree at that station."""

    order: FingerOrderRow
    state: Literal["waiting", "done", "failed"]
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fingers:
    """All of a person's: where held, the newest order to forget with how stations stand to it, orders to enrol."""

    places: list[Place]
    forget: FingerOrderRow | None
    answers: list[Answer]
    asked: list[Asked]


def fingers_of(session: Session, person: str) -> Fingers:
    """What the person's page shows. Three statements at most."""
    orders, rows = standing_of(session, person), _changes_of(session, person)
    forget = next((order for order in orders if order.do == "forget"), None)
    enrol = [order for order in orders if order.do == "enrol"]
    refusals = _refusals(session, {person} if enrol else set())
    return Fingers(
        [place for owner, place in _standing(rows) if owner == person],
        forget,
        _answers(forget, rows) if forget else [],
        [_asked(order, rows, refusals) for order in enrol],
    )


def held(session: Session) -> dict[str, list[Place]]:
    """Person → places at stations that were not revoked."""
    rows = session.execute(_changes().where(StationRow.state != "revoked")).scalars()
    found: dict[str, list[Place]] = {}
    for person, place in _standing(rows):
        found.setdefault(person, []).append(place)
    return found


def counted(session: Session, people: Collection[str]) -> dict[str, int]:
    """How many places each of these people has at stations that were not revoked; who has none is left out."""
    places = select(FingerRow.place).where(FingerRow.person.in_(people))
    rows = session.execute(_changes().where(StationRow.state != "revoked", FingerRow.place.in_(places))).scalars()
    return Counter(person for person, _ in _standing(rows))


def places_of(session: Session, person: str) -> list[Place]:
    """Where this person's fingers are held; at revoked stations too, whose modules hold them until they are cleared."""
    return fingers_of(session, person).places


def order_forget(session: Session, person: str, now: datetime, by: str, why: str = "asked") -> str:
    """Order every station to forget the person's fingers; the order's id. BadInput when one stands already."""
    if session.get(PersonRow, person) is None:
        raise NotFound(say("没有这个人"))
    standing = [order for order in orders_of(session, person) if order.why == why]
    if standing and (why == "left" or outstanding(session, standing[0])):
        raise BadInput(say("删除指纹的指令已经下达"), remedy=say("请等各考勤站回报"))
    order = FingerOrderRow(id=str(uuid7()), person=person, at=now, by=by, why=why, do="forget", finger="")
    session.add(order)
    session.flush()
    audit.note(session, now, by, "finger.forget", person, {"order": order.id, "why": why})
    if why == "left":
        for asked in asked_of(session, person):
            if asked.state != "done":
                withdraw(session, asked.order.id, now, by)
    return order.id


def order_enrol(session: Session, person: str, station: str, finger: str, now: datetime, by: str) -> str:
    """Ask for a finger of the person to be enrolled at a station; the order's id. BadInput says why it cannot be."""
    if session.get(PersonRow, person) is None:
        raise NotFound(say("没有这个人"))
    if finger not in FINGERS:
        raise BadInput(say("没有选手指"), remedy=say("请选择一枚手指"))
    row = session.get(StationRow, station) if is_id(station) else None
    if row is None or row.state != "confirmed":
        raise BadInput(say("这个考勤站没有在用"), remedy=say("请选择另一个考勤站"))
    if any((place.station, place.finger) == (station, finger) for place in places_of(session, person)):
        raise BadInput(say("{name} 已有这枚手指", name=row.name), remedy=say("请换一枚手指或另一个考勤站"))
    same = [a for a in asked_of(session, person) if (a.order.station, a.order.finger) == (station, finger)]
    if any(asked.state == "waiting" for asked in same):
        raise BadInput(say("录这枚手指的指令已经下达"), remedy=say("请本人到考勤站录入"))
    order = FingerOrderRow(
        id=str(uuid7()), person=person, at=now, by=by, why="asked", do="enrol", station=station, finger=finger
    )
    session.add(order)
    session.flush()
    audit.note(session, now, by, "finger.enrol", person, {"order": order.id, "station": station, "finger": finger})
    return order.id


def withdraw(session: Session, order: str, now: datetime, by: str) -> str:
    """Take an order back, as far as it was not carried out; whose it was. BadInput for one because somebody left."""
    row = session.get(FingerOrderRow, order, with_for_update=True) if is_id(order) else None
    if row is None or row.cancelled is not None:
        raise NotFound(say("没有这条指令，或已撤回"), remedy=say("请从人员台账重新进入"))
    if row.why == "left":
        raise BadInput(say("此人已调离，删除指令不能单独撤回"), remedy=say("办错了请撤销调离"))
    row.cancelled = now
    session.flush()
    audit.note(session, now, by, "finger.withdraw", row.person, {"order": order, "do": row.do})
    return row.person


def asked_of(session: Session, person: str) -> list[Asked]:
    """The person's orders to enrol that were not withdrawn, with what came of each, newest first."""
    return fingers_of(session, person).asked


def newest_asked(session: Session) -> Asked | None:
    """The newest order to enrol that was not withdrawn, whoever it is for, with what came of it."""
    query = select(FingerOrderRow).where(FingerOrderRow.do == "enrol", FingerOrderRow.cancelled.is_(None))
    newest = session.execute(query.order_by(FingerOrderRow.at.desc(), FingerOrderRow.id.desc()).limit(1)).scalar()
    if newest is None:
        return None
    return next(asked for asked in asked_of(session, newest.person) if asked.order.id == newest.id)


def cancel_left(session: Session, person: str, now: datetime, by: str) -> None:
    """The person is back: what was ordered because they left holds for nothing that is enrolled from now on."""
    for order in orders_of(session, person):
        if order.why == "left":
            order.cancelled = now
            audit.note(session, now, by, "finger.keep", person, {"order": order.id})


def orders_of(session: Session, person: str) -> list[FingerOrderRow]:
    """The person's orders to forget that were not cancelled, newest first."""
    return [order for order in standing_of(session, person) if order.do == "forget"]


def standing_of(session: Session, person: str) -> Sequence[FingerOrderRow]:
    """The person's orders of either kind that were not cancelled, newest first."""
    query = select(FingerOrderRow).where(FingerOrderRow.person == person, FingerOrderRow.cancelled.is_(None))
    return session.execute(query.order_by(FingerOrderRow.at.desc(), FingerOrderRow.id.desc())).scalars().all()


def orders_for(session: Session, station: str) -> list[FingerOrderRow]:
    """The orders that this station has still to carry out, in their order: the commands in its papers."""
    return outstanding_by_station(session, station).get(station, [])


def outstanding_by_station(session: Session, station: str | None = None) -> dict[str, list[FingerOrderRow]]:
    """Station → the orders that it has still to carry out, in their order. Of all stations, or of one."""
    query = select(FingerOrderRow).where(FingerOrderRow.cancelled.is_(None)).order_by(FingerOrderRow.id)
    if station is not None:
        query = query.where(FingerOrderRow.station.is_(None) | (FingerOrderRow.station == station))
    standing = session.execute(query).scalars().all()
    if not standing:
        return {}
    changes = _changes() if station is None else _changes().where(FingerRow.station == station)
    rows = session.execute(changes).scalars().all()
    refusals = _refusals(session, {order.person for order in standing if order.do == "enrol"})
    here: dict[tuple[str, str], list[Place]] = {}
    for person, place in _standing(rows):
        here.setdefault((place.station, person), []).append(place)
    found: dict[str, list[FingerOrderRow]] = {}
    for at in sorted({at for at, _ in here} | {order.station for order in standing if order.station}):
        for order in standing:
            if _waits(order, at, here.get((at, order.person), ()), rows, refusals):
                found.setdefault(at, []).append(order)
    return found


def answers(session: Session, order: FingerOrderRow) -> list[Answer]:
    """How every station stands that held a finger which the order means, by station."""
    return _answers(order, _changes_of(session, order.person))


def outstanding(session: Session, order: FingerOrderRow) -> bool:
    """Whether a station has still to confirm."""
    return any(not answer.confirmed for answer in answers(session, order))


def _answers(order: FingerOrderRow, rows: Iterable[FingerRow]) -> list[Answer]:
    found: dict[str, Answer] = {}
    meant: dict[tuple[str, int], Place] = {}
    for row in rows:
        place = _place(row)
        key = (row.station, row.place)
        gone = meant.pop(key, None)
        if gone is not None and _since(order, row):
            found.setdefault(row.station, Answer(row.station)).done = row.at
        if row.change == "enrolled" and row.person == order.person and _means(order, place):
            meant[key] = place
    for station, number in meant:
        found.setdefault(station, Answer(station)).left.append(number)
    return sorted(found.values(), key=lambda answer: answer.station)


def _changes_of(session: Session, person: str) -> Sequence[FingerRow]:
    """Every change of a place that ever meant this person."""
    places = select(FingerRow.place).where(FingerRow.person == person)
    return session.execute(_changes().where(FingerRow.place.in_(places))).scalars().all()


def _refusals(session: Session, people: set[str]) -> Sequence[ConsentRow]:
    """Where and when these people did not agree to have a finger taken."""
    if not people:
        return ()
    said_no = select(ConsentRow).where(ConsentRow.person.in_(people), ConsentRow.given.is_(False))
    return session.execute(said_no.order_by(ConsentRow.at)).scalars().all()


def _changes() -> Select[FingerRow]:
    """Changes of places in the order in which they happened at each station."""
    return (
        select(FingerRow)
        .join(StationRow, StationRow.id == FingerRow.station)
        .order_by(FingerRow.station, FingerRow.lineage, FingerRow.seq)
    )


def _standing(rows: Iterable[FingerRow]) -> list[tuple[str, Place]]:
    """What each place means at present, with its person."""
    now: dict[tuple[str, int], FingerRow] = {}
    for row in rows:
        now[row.station, row.place] = row
    return [(row.person, _place(row)) for row in now.values() if row.change == "enrolled"]


def _place(row: FingerRow) -> Place:
    return Place(row.station, row.place, row.finger, row.at, row.clock != "unsynced")


def _means(order: FingerOrderRow, place: Place) -> bool:
    """Whether the order is about this place: enrolled before it, at a time not known, or of somebody who left."""
    return order.why == "left" or not place.synced or place.since <= order.at


def _waits(
    order: FingerOrderRow, station: str, here: Iterable[Place], rows: Iterable[FingerRow],
    refusals: Iterable[ConsentRow],
) -> bool:  # fmt: skip
    """Whether the order waits at this station, where these places mean its person."""
    if order.do == "forget":
        return any(_means(order, place) for place in here)
    return order.station == station and _asked(order, rows, refusals).state == "waiting"


def _asked(order: FingerOrderRow, taken: Iterable[FingerRow], refusals: Iterable[ConsentRow]) -> Asked:
    """What came of an order to enrol. A finger taken at a time not known yet counts for it."""
    for row in taken:
        same = (row.person, row.station, row.finger) == (order.person, order.station, order.finger)
        if same and row.change == "enrolled" and _since(order, row):
            return Asked(order, "done", row.at)
    for no in refusals:
        if (no.person, no.station) == (order.person, order.station) and _since(order, no):
            return Asked(order, "failed", no.at)
    return Asked(order, "waiting")


def _since(order: FingerOrderRow, row: FingerRow | ConsentRow) -> bool:
    return row.clock == "unsynced" or row.at >= order.at
