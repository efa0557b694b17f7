"""Findings with what became of them: read together, so that list, page, papers and paper say the same."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from config.checklist import load_checklist
from config.policy import Policy
from config.words import say
from station.rules.following import Act, Following, Parties, Seen, Step, follow, may_now
from web.ledger.facts import RequestRow
from web.ledger.findings import AskedFindingRow, FindingStepRow
from web.ledger.patrol import CheckpointRow, CheckRow, FindingRow
from web.ledger.people import PersonRow
from web.ledger.posts import WindowRow
from web.services import holders
from web.services.errors import NotFound
from web.services.holders import Holding
from web.services.in_force import InForce
from web.services.judging import ARRIVES, TIMES, category_of, seen_at
from web.services.kiosk_fields import read_fields
from web.services.rounds import read_list
from web.services.scopes import Scope

MOST = 2000  # so many are read for a list at most, the newest
ACCUSES = ("left_post", "empty_window", "wandering")  # categories that say something of people, named or not
CLOCKS_DIFFER = timedelta(days=1)  # a station's clock may not be known to be right yet
SETTLE = ("verify", "refuse")
TURNS = (*SETTLE, "reopen", "withdraw", "assign")  # what settles a finding, and what takes it up again
ANSWER = "answer"  # of a request at the kiosk, which names the finding in its field of that name
_Clerk = aliased(PersonRow)
_Asked = aliased(PersonRow)


@dataclass(frozen=True, slots=True)
class Found:
    """A finding: what, where, about whom, by whom. `unit`: the window's, else the person's; `number`: the window's.

    `of`: the officers' finding beside which the product opened this one; empty for theirs.
    """

    id: str
    at: datetime
    item: str
    column: str
    clauses: tuple[str, ...]
    note: str
    person: str
    name: str
    unit: str
    window: str
    number: str
    place: str
    floor: int | None
    officers: frozenset[str]
    round: str
    fact: str
    photos: tuple[str, ...]
    source: str
    of: str = ""

    @property
    def category(self) -> str:
        """What the rules call it; empty where they have no name for it."""
        return category_of(self.item)

    @property
    def severity(self) -> str:
        """As the checklist has it; an item that it lost counts as minor."""
        known = load_checklist().items.get(self.item)
        return known.severity if known else "minor"

    def seen(self, day: date) -> Seen:
        """For the rules. A person named in it is accused of it."""
        mends = self.severity != "reminder"
        return Seen(day, bool(self.person and mends) or self.category in ACCUSES or bool(self.of), mends)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person said: at a kiosk (`by` empty) or through their unit's clerk."""

    at: datetime
    by: str
    words: str


@dataclass(frozen=True)
class Case:
    """A finding with its steps on the day it is looked at. `heads`: whose it is to put right, by role."""

    found: Found
    stands: Following
    parties: Parties
    policy: Policy
    steps: Sequence[FindingStepRow]
    answers: Sequence[Answer]

    def may(self, person: str, roles: Iterable[str]) -> frozenset[Step]:
        """Every step that this person may take now."""
        return may_now(self.policy, person, frozenset(roles), self.parties, self.stands)

    def waits_for(self, person: str, roles: Iterable[str]) -> Step | None:
        """The first step for which it waits for this person; None when it waits for others."""
        return next(iter(self.all_for(person, roles)), None)

    def all_for(self, person: str, roles: Iterable[str]) -> list[Step]:
        """Every step for which it waits for this person, the weightiest first; answered once is answered."""
        may = self.may(person, roles) - ({"answer"} if self.answers else set())
        wanted: Sequence[Step] = ("confirm", "rectify", "verify", "hear", "answer")
        return [step for step in wanted if step in may]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which findings a list shows. Days inclusive; empty: any. `window`: its number; `person`: their name."""

    first: date
    last: date
    window: str = ""
    unit: str = ""
    person: str = ""
    column: str = ""

    def holds(self, case: Case, zone: ZoneInfo) -> bool:
        """Whether it is one of them."""
        found = case.found
        asked = (
            (self.window, found.number), (self.unit, found.unit), (self.column, found.column),
            (self.person, found.name),
        )  # fmt: skip
        within = self.first <= found.at.astimezone(zone).date() <= self.last
        return within and all(not want or want == has for want, has in asked)


def listed(session: Session, held: InForce, scope: Scope, wanted: Wanted, now: datetime) -> list[Case]:
    """Findings of these days, and beside them whatever is not settled yet, within the scope, newest first.

    Five statements.
    """
    since, until = (datetime(day.year, day.month, day.day, tzinfo=held.zone)
                    for day in (wanted.first, wanted.last + timedelta(days=1)))  # fmt: skip
    which = or_(and_(FindingRow.at >= since, FindingRow.at < until + ARRIVES), unsettled())
    found = [each for each in _found(session, and_(which, _coarse(scope))) if _sees(scope, each)]
    return cases(session, held, found, now)


def one(session: Session, held: InForce, finding: str, now: datetime, holding: Holding | None = None) -> Case:
    """The finding of this id. NotFound for none."""
    which = or_(FindingRow.id == finding, AskedFindingRow.id == finding)
    found = [each for each in _found(session, which) if each.id == finding] if 0 < len(finding) <= 36 else []
    if not found:
        raise NotFound(say("没有这个问题"), remedy=say("请从待整改列表进入"))
    return cases(session, held, found, now, holding)[0]


def open_questions(session: Session, held: InForce, since: datetime, now: datetime) -> list[Case]:
    """What is said of people and not judged yet, for the screens at which they may answer. Three statements."""
    named = or_(FindingRow.person.is_not(None), AskedFindingRow.person.is_not(None))
    found = [each for each in _found(session, and_(FindingRow.at >= since, named)) if each.person]
    return [case for case in cases(session, held, found, now, Holding([], {})) if case.stands.judged == "open"]


def cases(session: Session, held: InForce, found: Sequence[Found], now: datetime,
          holding: Holding | None = None) -> list[Case]:  # fmt: skip
    """These findings with what became of them. Two statements, and two for today's roles where they are not given."""
    steps = _steps(session, [each.id for each in found])
    answers = _answers(session, found)
    today = now.astimezone(held.zone).date()
    holding = holding or holders.on(session, today, now)
    return [_case(held, each, steps.get(each.id, []), answers.get(each.id, []), holding, today) for each in found]


def sees(scope: Scope, case: Case) -> bool:
    """Whether a finding lies within a scope: it is at a window of the unit, or about one of its people."""
    return _sees(scope, case.found) or case.parties.about == scope.person


def answerable(holding: Holding, found: Found) -> frozenset[str]:
    """Whose it is to put right unless it is assigned: the window's heads; where there are none the next ones up.

    A public area has no head: the duty leader's (`assumed`).
    """
    by_role: dict[str, set[str]] = {}
    for row, unit in holding.held:
        if row.role == "window_head" and row.scope != found.window:
            continue
        if row.role in holders.OF_UNIT and (not found.unit or unit != found.unit):
            continue
        by_role.setdefault(row.role, set()).add(row.person)
    order = ("window_head", "chief_rep", "unit_leader", "duty_leader")
    return frozenset(next((by_role[role] for role in order if role in by_role), ()))


def _case(held: InForce, found: Found, steps: Sequence[FindingStepRow], told: Sequence[Answer], holding: Holding,
          today: date) -> Case:  # fmt: skip
    day = found.at.astimezone(held.zone).date()
    policy = held.on(day).policy
    acts = [Act(row.step, row.by, row.at.astimezone(held.zone).date(), row.person or "") for row in steps]  # type: ignore[arg-type]  # one of Step
    stands = follow(policy, found.seen(day), acts, held.table, today)
    clerks = {row.person for row, unit in holding.held
              if row.role == "attendance_clerk" and found.unit and unit == found.unit}  # fmt: skip
    about = stands.named or found.person
    parties = Parties(about, found.officers, answerable(holding, found), frozenset(clerks if about else ()))
    said = [Answer(row.at, row.by, row.note) for row in steps if row.step == "answer"]
    return Case(found, stands, parties, policy, steps, sorted([*told, *said], key=lambda each: each.at))


def _sees(scope: Scope, found: Found) -> bool:
    return scope.holds_unit(found.unit) or (found.person != "" and found.person == scope.person)


def _coarse(scope: Scope) -> ColumnElement[bool]:
    """What the database can say of a scope; `_sees` says the rest."""
    if scope.hall:
        return FindingRow.id.is_not(None)
    own = or_(_Clerk.id == scope.person, _Asked.id == scope.person)
    unit = or_(WindowRow.unit == scope.unit, _Clerk.unit == scope.unit)
    return or_(own, unit) if scope.unit else own


def unsettled() -> ColumnElement[bool]:
    """Neither verified nor refused last, and no mere reminder that nobody took up; or so the one that was asked beside
    it. The statement has `FindingRow` and, beside it, `AskedFindingRow`."""
    reminders = [item.id for item in load_checklist().items.values() if item.severity == "reminder"]
    last, asked = _last_step(FindingRow.id), _last_step(AskedFindingRow.id)
    open_here = and_(last.not_in(SETTLE), or_(last != "", FindingRow.item.not_in(reminders)))
    return or_(open_here, and_(AskedFindingRow.id.is_not(None), asked.not_in(SETTLE)))


def _last_step(finding: InstrumentedAttribute[str]) -> ColumnElement[str]:
    """The last of a finding's steps that settled it or took it up again; empty for none."""
    row = aliased(FindingStepRow)  # the statement may have steps of its own
    steps = select(row.step).where(row.finding == finding, row.step.in_(TURNS))
    last = steps.order_by(row.at.desc(), row.id.desc()).limit(1)
    return func.coalesce(last.scalar_subquery(), "")


def _found(session: Session, which: ColumnElement[bool]) -> list[Found]:
    """The officers' findings, each followed by those that the product opened beside it. One statement."""
    found: dict[str, Found] = {}
    for row in session.execute(_query(which)):
        theirs = found.get(row.id) or _theirs(row)
        found[row.id] = theirs
        if row.asked is not None:
            found[row.asked] = _asked(row, theirs)
    return list(found.values())


def _query(which: ColumnElement[bool]) -> Any:
    window = func.coalesce(CheckpointRow.window, FindingRow.about)
    return (
        select(
            FindingRow.id, FindingRow.item, FindingRow.column, FindingRow.clauses, FindingRow.note, FindingRow.person,
            FindingRow.officers, FindingRow.by, FindingRow.round, FindingRow.fact, FindingRow.source, *TIMES,
            CheckRow.photos, CheckpointRow.name.label("place"), CheckpointRow.floor, WindowRow.id.label("window"),
            WindowRow.number, WindowRow.unit, _Clerk.name, _Clerk.unit.label("person_unit"),
            AskedFindingRow.id.label("asked"), AskedFindingRow.person.label("asked_person"),
            AskedFindingRow.item.label("asked_item"), _Asked.name.label("asked_name"),
        )
        .outerjoin(CheckRow, CheckRow.id == FindingRow.fact)
        .outerjoin(CheckpointRow, CheckpointRow.id == FindingRow.checkpoint)
        .outerjoin(WindowRow, WindowRow.id == window)
        .outerjoin(_Clerk, _Clerk.id == FindingRow.person)
        .outerjoin(AskedFindingRow, AskedFindingRow.of == FindingRow.id)
        .outerjoin(_Asked, _Asked.id == AskedFindingRow.person)
        .where(which)
        .order_by(FindingRow.at.desc(), FindingRow.id.desc())
        .limit(MOST)
    )  # fmt: skip


def _theirs(row: Any) -> Found:
    officers = frozenset(each for each in (*read_list(row.officers), row.by) if each)
    return Found(
        row.id, seen_at(row), row.item, row.column, tuple(read_list(row.clauses)), row.note, row.person or "",
        row.name or "", row.unit or row.person_unit or "", row.window or "", row.number or "", row.place or "",
        row.floor, officers, row.round, row.fact, tuple(read_list(row.photos or "[]")), row.source,
    )  # fmt: skip


def _asked(row: Any, theirs: Found) -> Found:
    """The product's own finding: what the officers saw, held against what the person's presses say."""
    item = load_checklist().items.get(row.asked_item)
    return Found(
        row.asked, theirs.at, row.asked_item, item.column if item else theirs.column,
        item.clauses if item else theirs.clauses, "", row.asked_person, row.asked_name or "", theirs.unit,
        theirs.window, theirs.number, theirs.place, theirs.floor, theirs.officers, theirs.round, theirs.fact,
        theirs.photos, "attendance", theirs.id,
    )  # fmt: skip


def _steps(session: Session, findings: Sequence[str]) -> dict[str, list[FindingStepRow]]:
    found: dict[str, list[FindingStepRow]] = {}
    query = select(FindingStepRow).where(FindingStepRow.finding.in_(findings))
    for row in session.execute(query.order_by(FindingStepRow.at, FindingStepRow.id)).scalars():
        found.setdefault(row.finding, []).append(row)
    return found


def _answers(session: Session, found: Sequence[Found]) -> dict[str, list[Answer]]:
    """What people said at kiosks about findings that concern them."""
    about = {each.id: each.person for each in found if each.person}
    if not about:
        return {}
    query = select(RequestRow).where(
        RequestRow.person.in_(sorted(set(about.values()))), RequestRow.asks == ANSWER,
        RequestRow.at >= min(each.at for each in found) - CLOCKS_DIFFER,
    )  # fmt: skip
    answers: dict[str, list[Answer]] = {}
    for row in session.execute(query.order_by(RequestRow.at)).scalars():
        fields = read_fields(row.fields)
        finding = str(fields.get("finding", ""))
        if about.get(finding) == row.person:
            answers.setdefault(finding, []).append(Answer(row.at, "", str(fields.get("reason", ""))))
    return answers
