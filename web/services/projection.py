"""What is read out of facts: rows by family, keyed by the fact, the same whether read on arrival or by a rebuild."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Table
from sqlalchemy.orm import Session

from station import facts
from station.errors import BadFact
from station.facts import Fact
from web.ledger import facts as rows
from web.ledger.engine import insert_new, put_rows
from web.ledger.facts import BOOT, KIND
from web.ledger.leaves import LeaveRow
from web.services import cover_turns, patrol_rows
from web.services.absences import days_between, kiosk_leave
from web.services.correction_rows import TABLE as CORRECTIONS
from web.services.correction_rows import kiosk_correction

EXIT_REACH = timedelta(days=4)  # a return belongs to a going out at most so long before it (assumed)
Row = dict[str, Any]
Offsets = Mapping[str, int]  # one station's: boot → microseconds to add to what its unsynced facts state
_DAY_START = timedelta(hours=6)  # no hall's day begins later, so both days of a night's press are marked
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)  # so that zones and offsets stay within what a date can be
_LATEST = datetime(2900, 1, 1, tzinfo=UTC)
_QUARTER_S = 900
_ID_LENGTH = 36
_INT = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Read:
    """A fact as read: where its bytes stand, the fact that speaks (inside, if re-recorded), its body, its true time."""

    envelope: Fact
    inner: Fact
    body: facts.Body | None  # None: not understood
    at: datetime
    clock: str  # unsynced only while the true time is not known

    def fact_row(self) -> Row:
        """The row that keeps the bytes."""
        envelope, inner = self.envelope, self.inner
        return {
            "lineage": envelope.lineage, "seq": envelope.seq, "id": envelope.id, "kind": clean(envelope.kind, KIND),
            "at": self.at, "boot": clean(inner.boot, BOOT), "clock": inner.clock, "hash": envelope.hash,
            "raw": envelope.raw,
        }  # fmt: skip


@dataclass(slots=True)
class Projected:
    """Rows to write, by table, and the (person, day) pairs that they make stale."""

    tables: dict[Table, list[Row]] = field(default_factory=dict)
    stale: set[tuple[str, date]] = field(default_factory=set)

    def write(self, session: Session) -> None:
        """Insert what is new: one statement a table."""
        for table, given in self.tables.items():
            insert_new(session, table, given)
        days = [{"person": person, "day": day} for person, day in sorted(self.stale)]
        put_rows(session, _table(rows.StaleRow), days)  # a mark that is being worked off waits for this one


def opened(envelope: Fact) -> tuple[Fact, facts.Body | None]:
    """The fact that speaks, and its body; a re-recorded one gives the fact inside it."""
    body = facts.read_body(envelope)
    if not isinstance(body, facts.ReRecorded):
        return envelope, body if body is None or _fits(envelope, body) else None
    try:
        inner = facts.parse(body.fact.encode())
    except (BadFact, UnicodeError):
        return envelope, None
    if inner.kind == "re_recorded" or inner.hash != body.was.get("hash"):
        return envelope, None
    inner_body = facts.read_body(inner)
    return inner, inner_body if inner_body is None or _fits(inner, inner_body) else None


def timed(envelope: Fact, inner: Fact, body: facts.Body | None, offsets: Offsets) -> Read:
    """The fact with its true time: what it states, put right by its boot's offset where the boot was unsynced."""
    known = inner.clock == "unsynced" and body is not None  # a fact not understood may state any time at all
    offset = offsets.get(clean(inner.boot, BOOT)) if known else None
    if offset is None:
        return Read(envelope, inner, body, inner.at, inner.clock)
    return Read(envelope, inner, body, inner.at + timedelta(microseconds=offset), "synced")


def project(read: Iterable[Read], station_of: Mapping[str, str], zone: ZoneInfo) -> Projected:
    """Every row that follows from these facts. `station_of`: lineage → station."""
    out = Projected()
    for one in read:
        if type(one.body) in patrol_rows.BODIES:
            for table, row in _patrol(one, station_of[one.envelope.lineage]):
                out.tables.setdefault(table, []).append(row)
            continue
        shape = _SHAPES.get(type(one.body)) if one.body is not None else _UNREADABLE
        if shape is None:
            continue
        table, columns = shape
        row = _keys(one, station_of[one.envelope.lineage])
        row.update(columns(one))
        out.tables.setdefault(table, []).append(row)
        if type(one.body) in _OF_A_DAY:
            reach = EXIT_REACH.days if isinstance(one.body, facts.Exit) else 0
            for day in days_touched(one.at, zone):
                out.stale.update((row["person"], day + timedelta(days=more)) for more in range(reach + 1))
        if isinstance(one.body, facts.Request):
            _asked(out, row, one, one.body)
        elif isinstance(one.body, facts.ClockFix):
            out.tables.setdefault(_table(rows.StationEventRow), []).append(_keys(one, row["station"]) | _event(one))
    return out


def _asked(out: Projected, row: Row, one: Read, body: facts.Request) -> None:
    """What acts beside the list of requests: a leave or correction is a desk's row from then on, a post taken over a
    turn.

    The desk's rows are written once and never cleared by a rebuild.
    """
    correction = kiosk_correction(row["id"], one.at, body) if body.asks == "correction" else None
    if correction is not None:
        out.tables.setdefault(CORRECTIONS, []).append(correction)
    leave = kiosk_leave(row["id"], one.at, body) if body.asks == "leave" else None
    if leave is not None:
        out.tables.setdefault(_table(LeaveRow), []).append(leave)
        out.stale.update((body.person, day) for day in days_between(leave["start"], leave["ends"]))
    if (turn := cover_turns.turn_of(body)) is not None:
        out.tables.setdefault(cover_turns.TABLE, []).append(_keys(one, row["station"]) | turn)


def days_touched(at: datetime, zone: ZoneInfo) -> frozenset[date]:
    """The hall's days that an instant may belong to: the calendar's, and at night also the one before."""
    return _days_of(int(at.timestamp()) // _QUARTER_S, zone)


@lru_cache(maxsize=4096)
def _days_of(quarter: int, zone: ZoneInfo) -> frozenset[date]:
    """For every instant of a quarter of an hour, since no zone changes its day within one."""
    local = datetime.fromtimestamp(quarter * _QUARTER_S, zone)
    return frozenset((local.date(), (local - _DAY_START).date()))


def clean(text: str, length: int) -> str:
    """Text that any database takes: no NUL, at most `length` characters. The fact's bytes keep what was there."""
    return text[:length].replace("\0", "�")


def plausible_offset(offset_us: int) -> bool:
    """Whether an offset can belong to a real clock: less than a hundred years either way."""
    return abs(offset_us) < 100 * 366 * 86_400 * 1_000_000


def _fits(fact: Fact, body: facts.Body) -> bool:
    """Whether the ledger's columns can hold it. What cannot be held counts as not understood; its bytes are kept."""
    if not _EARLIEST < fact.at < _LATEST or b"\\u0000" in fact.raw:
        return False
    if type(body) in patrol_rows.BODIES:
        return patrol_rows.fits(body)
    numbers, ids = _NARROW.get(type(body), ((), ()))
    for name in numbers:
        if abs(getattr(body, name)) > _INT:
            return False
    for name in ids:
        if len(getattr(body, name) or "") > _ID_LENGTH:
            return False
    return not isinstance(body, facts.ClockFix) or plausible_offset(body.offset_us)


def _keys(one: Read, station: str) -> Row:
    return {
        "id": one.inner.id, "lineage": one.envelope.lineage, "seq": one.envelope.seq, "station": station,
        "at": one.at, "clock": one.clock,
    }  # fmt: skip


def _patrol(one: Read, station: str) -> Iterator[tuple[Table, Row]]:
    assert one.body is not None
    keys = _keys(one, station)
    if type(one.body) in patrol_rows.SHAPES:
        table, columns = patrol_rows.SHAPES[type(one.body)]
        yield table, keys | columns(one.body)
    yield from patrol_rows.more_rows(one.body, keys)


def _plain(*names: str) -> Callable[[Read], Row]:
    pick = attrgetter(*names)
    return lambda one: dict(zip(names, pick(one.body), strict=True))


def _request(one: Read) -> Row:
    assert isinstance(one.body, facts.Request)
    fields = json.dumps(one.body.fields, ensure_ascii=False, sort_keys=True)
    return {"person": one.body.person, "asks": one.body.asks, "fields": fields}


def _event(one: Read) -> Row:
    assert one.body is not None
    body = json.dumps(one.body.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
    return {"kind": one.inner.kind, "body": body}


def _enrolled(one: Read) -> Row:
    return {**_plain("person", "place", "finger", "module")(one), "change": "enrolled"}


def _forgotten(one: Read) -> Row:
    return {**_plain("person", "place")(one), "change": "forgotten", "finger": "", "module": ""}


def _fix(one: Read) -> Row:
    assert isinstance(one.body, facts.ClockFix)
    return {"boot": clean(one.body.boot, BOOT), "offset_us": one.body.offset_us}


def _unreadable(one: Read) -> Row:
    return {"kind": clean(one.inner.kind, KIND), "v": one.inner.v}


def _table(model: type[rows.FromFact] | type[rows.StaleRow] | type[LeaveRow]) -> Table:
    table = model.__table__  # type: ignore[union-attr]  # the mixin gets its table from the row
    assert isinstance(table, Table)
    return table


_Shape = tuple[Table, Callable[[Read], Row]]
_EVENT: _Shape = (_table(rows.StationEventRow), _event)
_UNREADABLE: _Shape = (_table(rows.UnreadableRow), _unreadable)
_SHAPES: Mapping[type[facts.Body], _Shape] = {
    facts.Punch: (_table(rows.PunchRow), _plain("person", "place", "score", "direction")),
    facts.SignIn: (_table(rows.SignInRow), _plain("person", "by", "witness", "direction")),
    facts.Exit: (_table(rows.ExitRow), _plain("person", "way", "reason")),
    facts.Request: (_table(rows.RequestRow), _request),
    facts.Consent: (_table(rows.ConsentRow), _plain("person", "text_version", "given")),
    facts.Enrolled: (_table(rows.FingerRow), _enrolled),
    facts.Forgotten: (_table(rows.FingerRow), _forgotten),
    facts.ClockFix: (_table(rows.ClockFixRow), _fix),
    facts.Started: _EVENT,
    facts.Stopped: _EVENT,
    facts.Device: _EVENT,
    facts.Unmatched: _EVENT,
    facts.Refused: _EVENT,
}
_OF_A_DAY = frozenset((facts.Punch, facts.SignIn, facts.Exit, facts.Request))
# Body → its fields that stand in columns for plain integers, and in columns for ids.
_NARROW = {
    body: (
        [name for name in body.model_fields if name in ("place", "score")],
        [name for name in body.model_fields if name in ("person", "witness")],
    )
    for body, shape in _SHAPES.items()
    if shape is not _EVENT
}
TABLES = (
    *dict.fromkeys(table for table, _ in (*_SHAPES.values(), _UNREADABLE)),
    cover_turns.TABLE,
    *patrol_rows.TABLES,
)
