"""Rounds as their facts make them: who walks them, what was visited and when, whether they are signed. Read only.

A round is the union of what all recorders wrote. Of two checks of one checkpoint the earlier is the check and the
other adds to it; a round is closed once everybody who is still in it has signed.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from config.policy import Policy
from config.policy_posts import OtherRound
from config.words import say
from station.rules.calendar import DayTable
from station.rules.hours import moment
from station.rules.patrol import Check, RoundState, Slot, Timed, round_state, slots, time_of
from web.ledger.facts import FactRow
from web.ledger.patrol import CheckpointRow, CheckRow, FindingRow, RoundRow

OFFICER = "patrol_officer"
CHECKLIST = "patrol"
ROUND_KINDS = ("round_opened", "round_joined", "check", "addition", "finding")  # what signatures stand under


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody in a round. `by`: how they were identified; `left`: they went before its end; `signed`: when."""

    person: str
    by: str
    left: bool = False
    signed: datetime | None = None
    signed_by: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """What is known of one checkpoint in a round. `doubted`: a phone's time that could not be, so arrival counts."""

    checkpoint: str
    at: datetime
    doubted: bool
    rows: tuple[CheckRow, ...]

    @property
    def found(self) -> int:
        """How many findings, additions' too."""
        return sum(row.found for row in self.rows)

    @property
    def pictures(self) -> tuple[str, ...]:
        """The digests of all pictures."""
        return tuple(each for row in self.rows for each in read_list(row.photos))

    @property
    def needs(self) -> tuple[str, ...]:
        """Difficulties that were told."""
        return tuple(each for row in self.rows for each in read_list(row.needs))

    @property
    def notes(self) -> tuple[str, ...]:
        """What was noted beside."""
        return tuple(row.note for row in self.rows if row.note)

    @property
    def no_photo(self) -> str:
        """Why there is no picture; empty where there is one."""
        return "" if self.pictures else next((row.no_photo for row in self.rows if row.no_photo), "")


@dataclass(frozen=True, slots=True)
class Round:
    """A round. `named`: the checkpoints that a key round is about, none for all; `opened`: UTC."""

    id: str
    kind: str
    inspector: str
    checklist: str
    opened: datetime
    note: str = ""
    named: tuple[str, ...] = ()
    officers: tuple[Officer, ...] = ()
    visits: dict[str, Visit] = field(default_factory=dict)

    @property
    def walking(self) -> tuple[str, ...]:
        """Who is in it now."""
        return tuple(one.person for one in self.officers if not one.left)

    @property
    def closed(self) -> bool:
        """Whether everybody in it has signed."""
        left = [one for one in self.officers if not one.left]
        return bool(left) and all(one.signed for one in left)

    @property
    def signed(self) -> datetime | None:
        """When it was closed; None while it is open."""
        times = [one.signed for one in self.officers if one.signed and not one.left]
        return max(times) if self.closed else None

    @property
    def slot(self) -> str:
        """The slot of a scheduled one as 0930; empty for any other."""
        return self.id.partition("/")[2]


@dataclass(frozen=True, slots=True)
class Standing:
    """A round beside its plan at a moment: what it must visit, and its derived state (None: it has no slot)."""

    round: Round
    points: tuple[CheckpointRow, ...]
    state: RoundState | None
    short_handed: bool

    @property
    def unvisited(self) -> tuple[CheckpointRow, ...]:
        """What was not visited at all."""
        return tuple(point for point in self.points if point.id not in self.round.visits)


def of_day(session: Session, day: date, zone: ZoneInfo) -> list[Round]:
    """Every round of a day, by its time; two questions."""
    return of_days(session, day, day, zone).get(day, [])


def of_days(session: Session, first: date, last: date, zone: ZoneInfo) -> dict[date, list[Round]]:
    """Day → its rounds, by their time; two questions for however many days."""
    start, end = (datetime.combine(each, time(), zone).astimezone(UTC) for each in (first, last + timedelta(days=1)))
    begun = select(RoundRow.round).where(
        RoundRow.way == "opened", RoundRow.at >= start, RoundRow.at < end, RoundRow.round.not_like("%/%")
    )
    slots_of_days = RoundRow.round.between(f"{first.isoformat()}/", f"{last.isoformat()}/9999")
    query = select(RoundRow).where(or_(slots_of_days, RoundRow.round.in_(begun)))
    found: dict[date, list[Round]] = {}
    for one in _read(session, session.execute(query).scalars().all()):
        day = date.fromisoformat(one.id[:10]) if one.slot else one.opened.astimezone(zone).date()
        found.setdefault(day, []).append(one)
    return found


def read(session: Session, round_id: str) -> Round | None:
    """One round; None when nobody began it; two questions."""
    rows = session.execute(select(RoundRow).where(RoundRow.round == round_id)).scalars().all()
    return next(iter(_read(session, rows)), None)


def heads(session: Session, round_ids: Collection[str]) -> dict[str, Round]:
    """Rounds by id, without their checks; one question."""
    rows = session.execute(select(RoundRow).where(RoundRow.round.in_(round_ids))).scalars().all() if round_ids else ()
    return {key: _round(key, events, ()) for key, events in _by_round(rows).items()}


def counted(row: CheckRow, opened: datetime) -> Timed:
    """When a check of a round that was opened then counts as made."""
    return time_of(opened, row.at, _claimed(row))


def findings(session: Session, round_id: str) -> dict[str, list[FindingRow]]:
    """Checkpoint → the findings of a round, in the order of time."""
    rows = session.execute(select(FindingRow).where(FindingRow.round == round_id).order_by(FindingRow.at)).scalars()
    found: dict[str, list[FindingRow]] = {}
    for row in rows:
        found.setdefault(row.checkpoint, []).append(row)
    return found


def stand(
    one: Round, points: Sequence[CheckpointRow], policy: Policy, table: DayTable, now: datetime, zone: ZoneInfo
) -> Standing:
    """A round beside its plan. `points`: all checkpoints of its day."""
    wanted = tuple(point for point in points if not one.named or point.id in one.named)
    slot = slot_of(one, policy, table)
    pairs = [set(read_list(visit.rows[0].officers)) for visit in one.visits.values()]
    fewest = min([*pairs, set(one.walking)], key=len) if one.officers else set()
    short = bool(one.officers) and not one.inspector and len(fewest) < policy.patrol.team
    if slot is None:
        return Standing(one, wanted, None, short)
    checks = [Check(visit.checkpoint, visit.at.astimezone(zone)) for visit in one.visits.values()]
    state = round_state(policy, slot, checks, [point.id for point in wanted], fewest, now.astimezone(zone))
    return Standing(one, wanted, state, short)


def slot_of(one: Round, policy: Policy, table: DayTable) -> Slot | None:
    """The slot of a scheduled round, as the policy has it; None for any other, or one that the policy lacks."""
    if not one.slot:
        return None
    day = date.fromisoformat(one.id[:10])
    return next((slot for slot in slots(policy, day, table) if slot.id == one.id), None)


def kind_words(policy: Policy, one: Round, table: DayTable) -> str:
    """What a round is called: 上午定时巡查, 不定时巡查, 值班长检查, …"""
    slot = slot_of(one, policy, table)
    if slot is not None:
        return say(slot.name)
    named = kind_of(policy, one.inspector or one.kind)
    return say(named.name) if named else one.kind


def kind_of(policy: Policy, kind: str) -> OtherRound | None:
    """The policy's row for a kind of round that has no slot."""
    return next((each for each in policy.patrol.kinds if each.kind == kind), None)


def slot_time(slot: Slot, zone: ZoneInfo) -> datetime:
    """A slot's time in the hall's zone."""
    return moment(slot.minute, zone)


def digest(session: Session, round_id: str) -> str:
    """SHA-256 over the hashes of the round's facts other than signatures, in the order of the facts' ids."""
    rows = (RoundRow, CheckRow, FindingRow)
    seen: set[tuple[str, int]] = set()
    for table in rows:
        query = select(table.lineage, table.seq).where(table.round == round_id)
        if table is RoundRow:
            query = query.where(RoundRow.way != "signed")
        seen.update((row.lineage, row.seq) for row in session.execute(query))
    lineages = {lineage for lineage, _ in seen}
    facts = session.execute(
        select(FactRow.lineage, FactRow.seq, FactRow.id, FactRow.hash).where(
            FactRow.lineage.in_(lineages), FactRow.seq.in_({seq for _, seq in seen})
        )
    )
    signed = sorted((row.id, row.hash) for row in facts if (row.lineage, row.seq) in seen)
    return hashlib.sha256("\n".join(each for _, each in signed).encode()).hexdigest()


def read_list(text: str) -> list[str]:
    """A JSON list of texts, as the rows keep them."""
    return list(json.loads(text))


def _read(session: Session, rows: Sequence[RoundRow]) -> list[Round]:
    """Rounds from their events, with their checks."""
    by_round = _by_round(rows)
    if not by_round:
        return []
    checks: dict[str, list[CheckRow]] = {}
    for check in session.execute(select(CheckRow).where(CheckRow.round.in_(by_round))).scalars():
        checks.setdefault(check.round, []).append(check)
    return [_round(key, events, checks.get(key, ())) for key, events in by_round.items()]


def _by_round(rows: Sequence[RoundRow]) -> dict[str, list[RoundRow]]:
    found: dict[str, list[RoundRow]] = {}
    for row in sorted(rows, key=lambda each: (each.at, each.id)):
        found.setdefault(row.round, []).append(row)
    return found


def _round(key: str, events: Sequence[RoundRow], checks: Iterable[CheckRow]) -> Round:
    first = next((row for row in events if row.way == "opened"), events[0])
    kind = first.kind or ("scheduled" if "/" in key else "unscheduled")
    return Round(
        key, kind, first.inspector, first.checklist or CHECKLIST, first.at, first.note,
        tuple(read_list(first.checkpoints)), _officers(events), _visits(checks, first.at),
    )  # fmt: skip


def _officers(events: Iterable[RoundRow]) -> tuple[Officer, ...]:
    found: dict[str, Officer] = {}
    for row in events:
        known = found.get(row.officer)
        if row.way in ("opened", "joined"):
            kept = known or Officer(row.officer, row.by or "")
            found[row.officer] = Officer(row.officer, kept.by, False, kept.signed, kept.signed_by)
        elif known and row.way == "left":
            found[row.officer] = Officer(row.officer, known.by, True, known.signed, known.signed_by)
        elif known and row.way == "signed" and known.signed is None:
            found[row.officer] = Officer(row.officer, known.by, known.left, row.at, row.by or "")
    return tuple(found.values())


def _visits(checks: Iterable[CheckRow], opened: datetime) -> dict[str, Visit]:
    by_point: dict[str, list[tuple[datetime, bool, CheckRow]]] = {}
    for row in checks:
        at, doubted = counted(row, opened)
        by_point.setdefault(row.checkpoint, []).append((at, doubted, row))
    found: list[Visit] = []
    for point, given in by_point.items():
        given.sort(key=lambda each: (each[2].adds, each[0], each[2].id))
        at, doubted, _ = given[0]
        found.append(Visit(point, at, doubted, tuple(row for *_, row in given)))
    return {visit.checkpoint: visit for visit in sorted(found, key=lambda visit: visit.at)}


def _claimed(row: CheckRow) -> datetime | None:
    """The time that an offline check's phone claims, put right by its offset; None for one sent as it was made."""
    if not row.offline:
        return None
    if row.phone_at is None:
        return datetime.max.replace(tzinfo=UTC)
    try:
        return row.phone_at + timedelta(milliseconds=row.offset_ms)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)
