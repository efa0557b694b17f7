"""What people asked for at the kiosks: leave, cover, correction, an answer to a finding. Listed here, decided later."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeVarTuple, get_args

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from web.ledger.corrections import CorrectionRow
from web.ledger.covers import CoverRow, CoverTurnRow
from web.ledger.facts import RequestRow
from web.ledger.leaves import LeaveRow
from web.ledger.people import PersonRow
from web.ledger.stations import StationRow
from web.services import cover_requests
from web.services.in_force import InForce
from web.services.kiosk_fields import Value, read_fields
from web.services.scopes import EVERYBODY, Scope

KINDS = ("leave", "cover", "correction", "answer")  # PINs and unlocking are no requests that anybody decides
PAGE = 100
State = Literal["pending", "approved", "refused", "cancelled", "revoked", "withdrawn", "annulled", "unreadable", ""]
STATES: tuple[State, ...] = get_args(State)
_Columns = TypeVarTuple("_Columns")
_BECAME = (LeaveRow.status, CorrectionRow.status, CoverRow.state, CoverTurnRow.id)
_PEOPLE = ("covered", "covering")  # fields that name a person by id


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as listed. `at`: when it was made (UTC); `names`: the people its fields name, by id.

    `state`: what came of it; unreadable: its fields make no leave, cover or correction; empty where nobody decides.
    """

    id: str
    asks: str
    person: PersonRow | None
    at: datetime
    synced: bool
    station: str
    fields: dict[str, Value]
    names: dict[str, str]
    state: State

    def name(self, key: str) -> str:
        """The name of the person in a field; empty when the field names nobody known."""
        return self.names.get(str(self.fields.get(key, "")), "")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of requests, newest first, and how many there are of each kind in all."""

    asked: Sequence[Asked]
    counts: dict[str, int]
    total: int


def listed(session: Session, held: InForce, kind: str = "", scope: Scope = EVERYBODY, page: int = 1) -> Page:
    """Requests, newest first; of one kind, of the people within the scope, from `page` (1 is the newest) on.

    What became of each stands under the same id: a leave, a correction, a cover.
    """
    kinds = (kind,) if kind in KINDS else KINDS
    counts = _counts(session, scope)
    query = _within(select(RequestRow, StationRow.name, *_BECAME), scope)
    query = query.join(StationRow, StationRow.id == RequestRow.station)
    for table in (LeaveRow, CorrectionRow, CoverRow, CoverTurnRow):
        query = query.outerjoin(table, table.id == RequestRow.id)
    query = query.where(RequestRow.asks.in_(kinds)).order_by(RequestRow.at.desc(), RequestRow.id.desc())
    rows = session.execute(query.limit(PAGE).offset(PAGE * (max(page, 1) - 1))).all()
    read = [(row, station, read_fields(row.fields)) for row, station, *_ in rows]
    people = _people(session, {row.person for row, _, _ in read} | {name for *_, f in read for name in _named(f)})
    open_ = [row for row, _, _, _, cover, turn in rows if row.asks == "cover" and not cover and not turn]
    readable = cover_requests.readable(session, held, open_) if open_ else set()
    states = {row.id: _state(row, became, readable) for row, _, *became in rows}
    asked = [_asked(row, station, fields, people, states[row.id]) for row, station, fields in read]
    return Page(asked, counts, sum(counts[one] for one in kinds))


def _asked(row: RequestRow, station: str, fields: dict[str, Value], people: dict[str, PersonRow],
           state: State) -> Asked:  # fmt: skip
    names = {key: people[key].name for key in _named(fields) if key in people}
    return Asked(row.id, row.asks, people.get(row.person), row.at, row.clock != "unsynced", station, fields, names,
                 state)  # fmt: skip


def _state(row: RequestRow, became: Sequence[str | None], readable: Collection[str]) -> State:
    leave, correction, cover, at_once = became
    if row.asks == "cover":
        if cover is not None:
            return "refused" if cover == "refused" else "cancelled" if cover == "cancelled" else "approved"
        return "pending" if at_once or row.id in readable else "unreadable"
    if row.asks not in ("leave", "correction"):
        return ""
    return _known(leave if row.asks == "leave" else correction)


def _known(status: str | None) -> State:
    return next((each for each in STATES if each == status), "unreadable")


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
