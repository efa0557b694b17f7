"""What the ledger holds of people over a stretch of time, as the rules want it: one statement for all facts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, literal, select, union_all
from sqlalchemy.orm import Session

from station.rules.given import Absence, Exit, Finding, Outage, Posting, Punch, Record
from web.ledger.corrections import CorrectionRow
from web.ledger.facts import ExitRow, PunchRow, SignInRow
from web.services import desk_rows
from web.services.judging import confirmed_findings
from web.services.projection import EXIT_REACH

BEFORE = timedelta(hours=1)  # presses before a day's opening that may make its first one a duplicate
FEW = 500  # so many people are asked for by name; of more everybody is read

Desk = Absence | Finding | Outage
# What desks decided (absences, findings, outages): rows for people, or for everybody (None). A later table adds its
# reader to SOURCES, and verdicts read it; what says where somebody was also stands in WHEREABOUTS, which presence and
# the windows' board read.
Source = Callable[[Session, datetime, datetime], Iterable[tuple[str | None, Desk]]]
WHEREABOUTS: tuple[Source, ...] = (desk_rows.decided,)
SOURCES: tuple[Source, ...] = (*WHEREABOUTS, confirmed_findings)


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


def facts_of(session: Session, since: datetime, until: datetime, people: Sequence[str] | None) -> dict[str, Facts]:
    """Everything recorded of these people (None: of everybody) from `since` up to, not including, `until`.

    Goings out are read from earlier on, as far as a return may reach back.
    """
    found: dict[str, Facts] = {}
    rows: Iterable[Any] = session.execute(_query(since, until, people))
    for kind, id_, person, at, way, clock in rows:
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
    return found


def paired(events: Iterable[Gone]) -> list[Exit]:
    """Each going out with the next coming back, if that is not too long after; one not ended is open."""
    found: list[Exit] = []
    for event in events:
        if event.way == "out":
            found.append(Exit(event.id, event.at, None))
        elif found and found[-1].end is None and event.at - found[-1].start <= EXIT_REACH:
            found[-1] = Exit(found[-1].id, found[-1].start, event.at)
    return found


def decided(
    session: Session, since: datetime, until: datetime, sources: Iterable[Source]
) -> dict[str | None, list[Desk]]:
    """What desks decided about people, and under None what holds for everybody."""
    found: dict[str | None, list[Desk]] = {}
    for source in sources:
        for person, row in source(session, since, until):
            found.setdefault(person, []).append(row)
    return found


def records_of(
    session: Session, facts: Mapping[str, Facts], postings: Mapping[str, Posting], since: datetime, until: datetime,
    sources: Iterable[Source] = SOURCES,
) -> dict[str, Record]:  # fmt: skip
    """Everybody in `postings`: the facts that were read, and what desks decided about `since` to `until`."""
    desk = decided(session, since - EXIT_REACH, until, sources)
    everybody = desk.get(None, [])
    return {
        person: record_of(person, facts.get(person), [*desk.get(person, ()), *everybody], posting)
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
    parts: list[Any] = []
    for kind, table, way, reach in (
        ("punch", PunchRow, PunchRow.direction, BEFORE),
        ("sign_in", SignInRow, SignInRow.direction, BEFORE),
        ("exit", ExitRow, ExitRow.way, EXIT_REACH),
    ):
        part = select(literal(kind), table.id, table.person, table.at, way, table.clock).where(
            table.at >= since - reach, table.at < until
        )
        parts.append(part if people is None or len(people) > FEW else part.where(table.person.in_(people)))
    parts.append(_corrections(since - BEFORE, until, people))
    return union_all(*parts)


def _corrections(since: datetime, until: datetime, people: Sequence[str] | None) -> Any:
    row = CorrectionRow
    query = select(literal("correction"), row.id, row.person, row.at, row.side, literal("synced")).where(
        row.at >= since, row.at < until, row.status == "approved"
    )
    return query if people is None or len(people) > FEW else query.where(row.person.in_(people))
