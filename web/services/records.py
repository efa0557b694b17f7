"""What the ledger holds of people over a stretch of time, as the rules want it: facts and desks in one statement."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, cast, literal, null, select, union_all
from sqlalchemy.orm import Session

from station.rules.given import Absence, Exit, Finding, Outage, Posting, Punch, Record
from web.ledger.corrections import CorrectionRow
from web.ledger.facts import ExitRow, PunchRow, SignInRow
from web.services import desk_rows
from web.services.judging import confirmed_findings
from web.services.projection import EXIT_REACH

BEFORE = timedelta(hours=1)  # presses before a day's opening that may make its first one a duplicate
NEVER = cast(null(), PunchRow.at.type)
DESK = frozenset((desk_rows.LEAVE, desk_rows.OUTAGE))
FEW = 500  # so many people are asked for by name; of more everybody is read

Desk = Absence | Finding | Outage
# What desks decided besides absences and outages, which say where somebody was and are always read: rows for people,
# or for everybody (None). A later table adds its reader to SOURCES, and verdicts read it.
Source = Callable[[Session, datetime, datetime], Iterable[tuple[str | None, Desk]]]
SOURCES: tuple[Source, ...] = (confirmed_findings,)


class Gone(NamedTuple):
    """A registered going out ("out") or coming back ("back")."""

    at: datetime
    way: str
    id: str


class Facts(NamedTuple):
    """One person's facts, in the order of time, and among the presses what was approved to stand for a missing one.

    `signed`: ids of the presses that are signings-in; `corrected`: of those that are corrections.
    """

    punches: list[Punch]
    gone: list[Gone]
    signed: set[str]
    corrected: set[str]


class Read(NamedTuple):
    """What was read of a stretch. `desk`: absences and outages by person; None: everybody's."""

    since: datetime
    until: datetime
    facts: dict[str, Facts]
    desk: dict[str | None, list[Desk]]


def read(session: Session, since: datetime, until: datetime, people: Sequence[str] | None) -> Read:
    """Everything recorded of these people (None: of everybody) from `since` up to, not including, `until`.

    Goings out are read from earlier on, as far as a return may reach back. One statement, and one where there was an
    outage.
    """
    found: dict[str, Facts] = {}
    decided: list[Any] = []
    rows: Iterable[Any] = session.execute(_query(since, until, people))
    for row in rows:
        kind, id_, person, at, way, clock, _ends, _decided = row
        if kind in DESK:
            decided.append(row)
            continue
        facts = found.get(person)
        if facts is None:
            facts = found[person] = Facts([], [], set(), set())
        if kind == "exit":
            facts.gone.append(Gone(at, way, id_))
            continue
        facts.punches.append(Punch(at, way, clock != "unsynced", id_))
        if kind == "sign_in":
            facts.signed.add(id_)
        elif kind == "correction":
            facts.corrected.add(id_)
    for facts in found.values():
        facts.gone.sort()
    desk: dict[str | None, list[Desk]] = {}
    for whose, each in desk_rows.decided(session, decided):
        desk.setdefault(whose, []).append(each)
    return Read(since, until, found, desk)


def facts_of(session: Session, since: datetime, until: datetime, people: Sequence[str] | None) -> dict[str, Facts]:
    """The facts alone."""
    return read(session, since, until, people).facts


def paired(events: Iterable[Gone]) -> list[Exit]:
    """Each going out with the next coming back, if that is not too long after; one not ended is open."""
    found: list[Exit] = []
    for event in events:
        if event.way == "out":
            found.append(Exit(event.id, event.at, None))
        elif found and found[-1].end is None and event.at - found[-1].start <= EXIT_REACH:
            found[-1] = Exit(found[-1].id, found[-1].start, event.at)
    return found


def records_of(session: Session, found: Read, postings: Mapping[str, Posting],
               sources: Iterable[Source] = ()) -> dict[str, Record]:  # fmt: skip
    """Everybody in `postings`: what was read, and what further sources say of the stretch. One statement a source."""
    desk = {whose: list(each) for whose, each in found.desk.items()}
    for source in sources:
        for whose, row in source(session, found.since - EXIT_REACH, found.until):
            desk.setdefault(whose, []).append(row)
    everybody = desk.get(None, [])
    return {
        person: record_of(person, found.facts.get(person), [*desk.get(person, ()), *everybody], posting)
        for person, posting in postings.items()
    }


def record_of(person: str, facts: Facts | None, desk: Iterable[Desk], posting: Posting) -> Record:
    """Everything known of one person, for the rules."""
    rows = tuple(desk)
    return Record(
        person,
        tuple(facts.punches) if facts else (),
        tuple(row for row in rows if isinstance(row, Absence)),
        tuple(row for row in rows if isinstance(row, Finding)),
        tuple(paired(facts.gone)) if facts and facts.gone else (),
        tuple(row for row in rows if isinstance(row, Outage)),
        posting,
    )


def _query(since: datetime, until: datetime, people: Sequence[str] | None) -> CompoundSelect[Any]:
    if people is not None and len(people) > FEW:
        people = None
    parts: list[Any] = []
    for kind, table, way, reach in (
        ("punch", PunchRow, PunchRow.direction, BEFORE),
        ("sign_in", SignInRow, SignInRow.direction, BEFORE),
        ("exit", ExitRow, ExitRow.way, EXIT_REACH),
    ):
        part = select(literal(kind), table.id, table.person, table.at, way, table.clock, NEVER, NEVER).where(
            table.at >= since - reach, table.at < until
        )
        parts.append(part if people is None else part.where(table.person.in_(people)))
    parts.append(_corrections(since - BEFORE, until, people))
    return union_all(*parts, *desk_rows.parts(since - EXIT_REACH, until, people))


def _corrections(since: datetime, until: datetime, people: Sequence[str] | None) -> Any:
    row = CorrectionRow
    query = select(literal("correction"), row.id, row.person, row.at, row.side, literal("synced"), NEVER, NEVER).where(
        row.at >= since, row.at < until, row.status == "approved"
    )
    return query if people is None else query.where(row.person.in_(people))
