"""What people asked for at the kiosks: leave, cover, correction, an answer to a finding. Listed here, decided later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVarTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from web.ledger.facts import RequestRow
from web.ledger.people import PersonRow
from web.ledger.stations import StationRow
from web.services.kiosk_fields import Value, read_fields
from web.services.scopes import EVERYBODY, Scope

KINDS = ("leave", "cover", "correction", "answer")  # PINs and unlocking are no requests that anybody decides
PAGE = 100
_Columns = TypeVarTuple("_Columns")
_PEOPLE = ("covered", "covering")  # fields that name a person by id


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as listed. `at`: when it was made (UTC); `names`: the people its fields name, by id."""

    id: str
    asks: str
    person: PersonRow | None
    at: datetime
    synced: bool
    station: str
    fields: dict[str, Value]
    names: dict[str, str]

    def name(self, key: str) -> str:
        """The name of the person in a field; empty when the field names nobody known."""
        return self.names.get(str(self.fields.get(key, "")), "")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of requests, newest first, and how many there are of each kind in all."""

    asked: Sequence[Asked]
    counts: dict[str, int]
    total: int


def listed(session: Session, kind: str = "", scope: Scope = EVERYBODY, page: int = 1) -> Page:
    """Requests, newest first; of one kind, of the people within the scope, from `page` (1 is the newest) on."""
    kinds = (kind,) if kind in KINDS else KINDS
    counts = _counts(session, scope)
    query = _within(select(RequestRow, StationRow.name), scope).join(StationRow, StationRow.id == RequestRow.station)
    query = query.where(RequestRow.asks.in_(kinds)).order_by(RequestRow.at.desc(), RequestRow.id.desc())
    rows = session.execute(query.limit(PAGE).offset(PAGE * (max(page, 1) - 1))).all()
    read = [(row, station, read_fields(row.fields)) for row, station in rows]
    people = _people(session, {row.person for row, _, _ in read} | {name for *_, f in read for name in _named(f)})
    asked = [_asked(row, station, fields, people) for row, station, fields in read]
    return Page(asked, counts, sum(counts[one] for one in kinds))


def _asked(row: RequestRow, station: str, fields: dict[str, Value], people: dict[str, PersonRow]) -> Asked:
    names = {key: people[key].name for key in _named(fields) if key in people}
    return Asked(row.id, row.asks, people.get(row.person), row.at, row.clock != "unsynced", station, fields, names)


def _named(fields: dict[str, Value]) -> list[str]:
    return [str(fields[key]) for key in _PEOPLE if key in fields]


def _people(session: Session, ids: set[str]) -> dict[str, PersonRow]:
    found = session.execute(select(PersonRow).where(PersonRow.id.in_(sorted(ids)))).scalars()
    return {row.id: row for row in found}


def _counts(session: Session, scope: Scope) -> dict[str, int]:
    query = _within(select(RequestRow.asks, func.count()), scope).where(RequestRow.asks.in_(KINDS))
    found = {asks: count for asks, count in session.execute(query.group_by(RequestRow.asks))}  # noqa: C416
    return {kind: found.get(kind, 0) for kind in KINDS}


def _within(query: Select[*_Columns], scope: Scope) -> Select[*_Columns]:
    """The same query, narrower."""
    return query if scope.hall else scope.of(query.join(PersonRow, PersonRow.id == RequestRow.person))
