"""Findings that wait for somebody, as plain counts: the bell's lines, and the tile of 今日 (wanzhou:patrol:6).

What `station.rules.following` derives from the steps of one finding is said here of all of them in the database's
words; a test holds the two together.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select, true, union_all
from sqlalchemy.orm import Session

from config.checklist import load_checklist
from config.policy import Policy
from config.words import say
from station.rules.following import JUDGING, OFFICER, Step
from station.rules.patrol import rectify_by
from web.ledger.facts import RequestRow
from web.ledger.findings import AskedFindingRow, FindingStepRow
from web.ledger.patrol import CheckpointRow, FindingRow
from web.ledger.people import PersonRow
from web.ledger.posts import WindowRow
from web.services.findings import ACCUSES, ANSWER
from web.services.in_force import InForce
from web.services.scopes import Scope
from web.services.waits import Counted, Viewer

FOR = timedelta(days=92)  # what is older rings for nobody any longer (assumed); the list still has it
LATEST_DUE = 31  # days before which every finding is overdue
MENDING: tuple[Step, ...] = ("rectify", "verify", "reopen")
TAIL = 37  # where what was put behind an id of 36 characters begins
ADDRESS, CLERK = "/findings", "attendance_clerk"


class Every:
    """All findings since an instant, the officers' and those that the product opened, with how each stands.

    One common table, so that however many lines count from it, it is worked out once a statement.
    """

    def __init__(self, since: datetime) -> None:
        found, steps = union_all(_theirs(since), _asked(since)).subquery(), _steps(since).subquery()
        seen, taken = found.c, steps.c
        judged, last = (func.coalesce(each, "") for each in (taken.judged, taken.mending))
        mends = or_(seen.item.not_in(_reminders()), taken.touched == 1)
        accuses = or_(and_(seen.person != "", seen.item.not_in(_reminders())), seen.item.in_(_accusing()))
        asked = func.coalesce(func.substr(judged, TAIL), "withdraw")
        query = select(
            seen.id, seen.item, seen.person, seen.officers, seen.by, seen.window, seen.unit,
            func.coalesce(func.substr(taken.named, TAIL), seen.person).label("about"),
            func.coalesce(func.substr(taken.assigned, TAIL), "").label("assigned"),
            func.coalesce(func.substr(taken.rectified, TAIL), "").label("rectified_by"),
            func.coalesce(taken.reopened, seen.at).label("since"),
            case((and_(accuses, asked.in_(("", "withdraw"))), 1), else_=0).label("in_question"),
            case((and_(mends, asked != "refuse"), func.substr(last, TAIL)), else_="none").label("mending"),
            *(func.coalesce(taken[name], 0).label(name) for name in ("answered", "reported", "heard")),
        ).outerjoin(steps, taken.finding == seen.id)  # fmt: skip
        self.table = query.cte("findings_now").prefix_with("MATERIALIZED")
        self.row = self.table.c

    def in_question(self) -> ColumnElement[bool]:
        """It says something of a person and is not judged."""
        return self.row.in_question == 1

    def to_mend(self) -> ColumnElement[bool]:
        """It is to be put right."""
        return self.row.mending.in_(("", "reopen"))

    def late(self, held: InForce, now: datetime) -> ColumnElement[bool]:
        """It had to be put right before today."""
        return self.row.since < _too_late(held, now)

    def count(self, *which: ColumnElement[bool]) -> Select[int]:
        """How many there are of which all this holds."""
        return select(func.count()).select_from(self.table).where(*which)


@lru_cache(maxsize=2)
def every(since: datetime) -> Every:
    """The same for all lines of a statement, and for a day."""
    return Every(since)


def to_confirm(viewer: Viewer) -> Counted | None:
    """What is said of people, for whoever confirms it: not of themselves, and not what they found."""
    if _policy(viewer).patrol.confirmed_by not in viewer.roles:
        return None
    seen = _every(viewer.held, viewer.now)
    found = or_(seen.row.by == viewer.person, seen.row.officers.contains(f'"{viewer.person}"'))
    number = seen.count(seen.in_question(), seen.row.about != viewer.person, ~found)
    return Counted("findings_confirm", number, say("巡查问题待核实"), ADDRESS)


def to_mend(viewer: Viewer) -> Counted | None:
    """What this person has to put right, in time."""
    return _mend(viewer, late=False)


def overdue(viewer: Viewer) -> Counted | None:
    """And what they should have put right by now."""
    return _mend(viewer, late=True)


def overdue_in_hall(viewer: Viewer) -> Counted | None:
    """What others should have put right by now, for supervision, which presses for it."""
    if _policy(viewer).patrol.confirmed_by not in viewer.roles:
        return None
    seen = _every(viewer.held, viewer.now)
    number = seen.count(seen.to_mend(), seen.late(viewer.held, viewer.now))
    words, address = say("全厅逾期未整改的巡查问题"), f"{ADDRESS}?state=overdue"
    return Counted("findings_overdue_in_hall", number, words, address, late=True)


def serious(viewer: Viewer) -> Counted | None:
    """What the checklist calls serious, for the duty leader and supervision from the minute it is found until mended.

    Nobody is told of what is said of themselves: that waits for their answer.
    """
    if viewer.acting.isdisjoint({"duty_leader", _policy(viewer).patrol.confirmed_by}):
        return None
    seen = _every(viewer.held, viewer.now)
    number = seen.count(seen.row.item.in_(_serious()), seen.to_mend(), seen.row.about != viewer.person)
    return Counted("findings_serious", number, say("巡查发现严重问题"), f"{ADDRESS}?state=to_mend")


def to_verify(viewer: Viewer) -> Counted | None:
    """What was put right, for the officers to look at; nobody what they did themselves."""
    if OFFICER not in viewer.roles:
        return None
    seen = _every(viewer.held, viewer.now)
    own = (seen.row.about, seen.row.rectified_by, seen.row.assigned)
    number = seen.count(seen.row.mending == "rectify", *(each != viewer.person for each in own))
    return Counted("findings_verify", number, say("巡查问题待复查"), ADDRESS)


def to_hear(viewer: Viewer) -> Counted | None:
    """What was reported upward (wanzhou:patrol:7) and not dealt with there."""
    if _policy(viewer).patrol.refusal_to not in viewer.roles:
        return None
    seen = _every(viewer.held, viewer.now)
    number = seen.count(seen.row.reported == 1, seen.row.heard == 0, seen.row.about != viewer.person)
    return Counted("findings_hear", number, say("上报的巡查问题待处理"), ADDRESS)


def to_answer(viewer: Viewer) -> Counted | None:
    """What is said of this person, or of those for whom they may speak, and not answered yet."""
    seen = _every(viewer.held, viewer.now)
    units = {unit for row, unit in viewer.holding.held if (row.role, row.person) == (CLERK, viewer.person) and unit}
    mine = seen.row.about == viewer.person
    if units:
        mine = or_(mine, and_(seen.row.about != "", seen.row.unit.in_(sorted(units))))
    said = select(RequestRow.id).where(
        RequestRow.person == seen.row.person, RequestRow.asks == ANSWER, RequestRow.fields.contains(seen.row.id)
    )
    number = seen.count(mine, seen.in_question(), seen.row.answered == 0, ~said.exists())
    return Counted("findings_answer", number, say("巡查问题待说明"), ADDRESS)


def unmended(session: Session, held: InForce, scope: Scope, now: datetime) -> tuple[int, int]:
    """How many findings within the scope are to be put right, and how many of these are overdue. One statement."""
    seen = _every(held, now)
    within = [seen.row.person == scope.person] if scope.person else []
    within += [seen.row.unit == scope.unit] if scope.unit else []
    late = func.coalesce(func.sum(case((seen.late(held, now), 1), else_=0)), 0)
    query = seen.count(seen.to_mend(), true() if scope.hall else or_(false(), *within)).add_columns(late)
    number, overdue_ones = session.execute(query).one()
    return int(number), int(overdue_ones)


def _mend(viewer: Viewer, *, late: bool) -> Counted | None:
    seen = _every(viewer.held, viewer.now)
    due = seen.late(viewer.held, viewer.now)
    mine = or_(seen.row.assigned == viewer.person, *_answerable(viewer, seen))
    number = seen.count(mine, seen.to_mend(), due if late else ~due)
    kind, words = ("findings_late", say("巡查问题逾期未整改")) if late else ("findings_mend", say("巡查问题待整改"))
    return Counted(kind, number, words, ADDRESS, late)


def _answerable(viewer: Viewer, seen: Every) -> list[ColumnElement[bool]]:
    """Whose it is to put right unless it is assigned, as `findings.answerable` says of one."""
    held = [(row.role, row.person, row.scope or "", unit) for row, unit in viewer.holding.held]
    me = viewer.person
    heads = {scope for role, _, scope, _ in held if role == "window_head"}
    own = {scope for role, who, scope, _ in held if role == "window_head" and who == me}
    found: list[ColumnElement[bool]] = [seen.row.window.in_(sorted(own))] if own else []
    above: ColumnElement[bool] = seen.row.window.not_in(sorted(heads))
    for of_unit in ("chief_rep", "unit_leader"):
        units = {unit for role, _, _, unit in held if role == of_unit and unit}
        mine = {unit for role, who, _, unit in held if role == of_unit and unit and who == me}
        if mine:
            found.append(and_(above, seen.row.unit.in_(sorted(mine))))
        above = and_(above, seen.row.unit.not_in(sorted(units)))
    if any(role == "duty_leader" and who == me for role, who, _, _ in held):
        found.append(above)
    return found


def _theirs(since: datetime) -> Select[*tuple[Any, ...]]:
    return _with_place(
        select(FindingRow.id, FindingRow.item, func.coalesce(FindingRow.person, "").label("person"), *_SEEN, *_PLACE)
        .select_from(FindingRow)
        .where(FindingRow.at >= since)
    )


def _asked(since: datetime) -> Select[*tuple[Any, ...]]:
    return _with_place(
        select(AskedFindingRow.id, AskedFindingRow.item, AskedFindingRow.person, *_SEEN, *_PLACE)
        .select_from(AskedFindingRow)
        .join(FindingRow, FindingRow.id == AskedFindingRow.of)
        .where(FindingRow.at >= since)
    )


_SEEN = (FindingRow.officers, FindingRow.by, FindingRow.at)
_WINDOW = func.coalesce(CheckpointRow.window, FindingRow.about, "")
_PLACE = (
    _WINDOW.label("window"),
    func.coalesce(func.nullif(WindowRow.unit, ""), PersonRow.unit, "").label("unit"),
)


def _steps(since: datetime) -> Select[Any]:
    """What was done about each finding, the last of every kind: ids are UUIDv7, so the largest one is the last."""
    row = FindingStepRow

    def last(column: Any, *steps: str) -> Any:
        return func.max(case((and_(row.step.in_(steps), column.is_not(None)), row.id.concat(column))))

    def any_of(*steps: str) -> Any:
        return func.max(case((row.step.in_(steps), 1), else_=0))

    return (
        select(
            row.finding, last(row.step, *JUDGING).label("judged"), last(row.step, *MENDING).label("mending"),
            last(row.person, "assign").label("assigned"), last(row.person, "confirm").label("named"),
            last(row.by, "rectify").label("rectified"),
            func.max(case((row.step == "reopen", row.at))).label("reopened"),
            any_of("assign", "rectify", "reopen").label("touched"), any_of("answer").label("answered"),
            any_of("report").label("reported"), any_of("hear").label("heard"),
        )
        .where(row.at >= since)
        .group_by(row.finding)
    )  # fmt: skip


def _with_place(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        query.outerjoin(CheckpointRow, CheckpointRow.id == FindingRow.checkpoint)
        .outerjoin(WindowRow, WindowRow.id == _WINDOW)
        .outerjoin(PersonRow, PersonRow.id == FindingRow.person)
    )


def _every(held: InForce, now: datetime) -> Every:
    return every(_midnight(now.astimezone(held.zone).date() - FOR, held))


def _midnight(day: date, held: InForce) -> datetime:
    return datetime.combine(day, time(), held.zone)


def _too_late(held: InForce, now: datetime) -> datetime:
    """What was seen before this instant had to be put right before today."""
    today = now.astimezone(held.zone).date()
    days = (today - timedelta(days=back) for back in range(LATEST_DUE))
    last = next((day for day in days if rectify_by(held.on(day).policy, day, held.table) < today), None)
    return _midnight((last or today - timedelta(days=LATEST_DUE)) + timedelta(days=1), held)


def _policy(viewer: Viewer) -> Policy:
    return viewer.held.on(viewer.today).policy


def _reminders() -> Sequence[str]:
    return [item.id for item in load_checklist().items.values() if item.severity == "reminder"]


def _serious() -> Sequence[str]:
    return [item.id for item in load_checklist().items.values() if item.severity == "serious"]


def _accusing() -> Sequence[str]:
    return [item.id for item in load_checklist().items.values() if item.category in ACCUSES]
