"""Fingers: which station holds which places for whom, and the orders to forget them until every station has.

A station confirms by its facts alone: an order stands there as long as one of the places that it means is held.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.words import say
from web.ledger.facts import FingerRow
from web.ledger.fingers import FingerOrderRow
from web.ledger.people import PersonRow
from web.ledger.stations import StationRow
from web.services import audit
from web.services.errors import BadInput, NotFound


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
    places = select(FingerRow.place).where(FingerRow.person == person)
    rows = session.execute(_changes().where(FingerRow.place.in_(places))).scalars()
    return [place for owner, place in _standing(rows) if owner == person]


def order_forget(session: Session, person: str, now: datetime, by: str, why: str = "asked") -> str:
    """Order every station to forget the person's fingers; the order's id. BadInput when one stands already."""
    if session.get(PersonRow, person) is None:
        raise NotFound(say("没有这个人"))
    standing = [order for order in orders_of(session, person) if order.why == why]
    if standing and (why == "left" or outstanding(session, standing[0])):
        raise BadInput(say("删除指纹的指令已经下达"), remedy=say("请等各考勤站回报"))
    order = FingerOrderRow(id=str(uuid7()), person=person, at=now, by=by, why=why)
    session.add(order)
    session.flush()
    audit.note(session, now, by, "finger.forget", person, {"order": order.id, "why": why})
    return order.id


def cancel_left(session: Session, person: str, now: datetime, by: str) -> None:
    """The person is back: what was ordered because they left holds for nothing that is enrolled from now on."""
    for order in orders_of(session, person):
        if order.why == "left":
            order.cancelled = now
            audit.note(session, now, by, "finger.keep", person, {"order": order.id})


def orders_of(session: Session, person: str) -> Sequence[FingerOrderRow]:
    """The person's orders that were not cancelled, newest first."""
    query = select(FingerOrderRow).where(FingerOrderRow.person == person, FingerOrderRow.cancelled.is_(None))
    return session.execute(query.order_by(FingerOrderRow.at.desc(), FingerOrderRow.id.desc())).scalars().all()


def orders_for(session: Session, station: str) -> list[FingerOrderRow]:
    """The orders that this station has still to carry out, in their order: the commands in its papers."""
    orders = session.execute(
        select(FingerOrderRow).where(FingerOrderRow.cancelled.is_(None)).order_by(FingerOrderRow.id)
    )
    standing = orders.scalars().all()
    if not standing:
        return []
    rows = session.execute(_changes().where(FingerRow.station == station)).scalars()
    here: dict[str, list[Place]] = {}
    for person, place in _standing(rows):
        here.setdefault(person, []).append(place)
    return [order for order in standing if any(_means(order, place) for place in here.get(order.person, ()))]


def answers(session: Session, order: FingerOrderRow) -> list[Answer]:
    """How every station stands that held a finger which the order means, by station."""
    places = select(FingerRow.place).where(FingerRow.person == order.person)
    rows = session.execute(_changes().where(FingerRow.place.in_(places))).scalars().all()
    found: dict[str, Answer] = {}
    meant: dict[tuple[str, int], Place] = {}
    for row in rows:
        place = _place(row)
        key = (row.station, row.place)
        gone = meant.pop(key, None)
        if gone is not None and _gone_after(order, row):
            found.setdefault(row.station, Answer(row.station)).done = row.at
        if row.change == "enrolled" and row.person == order.person and _means(order, place):
            meant[key] = place
    for station, number in meant:
        found.setdefault(station, Answer(station)).left.append(number)
    return sorted(found.values(), key=lambda answer: answer.station)


def outstanding(session: Session, order: FingerOrderRow) -> bool:
    """Whether a station has still to confirm."""
    return any(not answer.confirmed for answer in answers(session, order))


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


def _gone_after(order: FingerOrderRow, row: FingerRow) -> bool:
    return row.clock == "unsynced" or row.at >= order.at
