"""Leave: filing, the chain of decisions by the policy in force, and how it ends. Each act is a row and audited."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.policy import Policy
from config.policy_words import word
from config.words import say, series
from station.rules import leave as law
from station.rules.leave import Deciders, Decision, Route
from web.ledger.leaves import LeaveActRow, LeaveRow
from web.ledger.people import PersonRow
from web.services import absences, audit, cover_plans, holders, signing
from web.services.errors import BadInput, NotAllowed, NotFound
from web.services.holders import Holding
from web.services.ids import is_id
from web.services.in_force import InForce, group_of

LIVE = ("pending", "approved")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A leave as it is to be filed."""

    person: str
    kind: str
    start: datetime
    end: datetime
    reason: str
    paper: bool = False


@dataclass(frozen=True, slots=True)
class StepShown:
    """A step of the chain. `state`: done, refused, open (to be decided now), later, record.

    `unseen`: it was approved before the paper that the leave needs was handed in.
    """

    roles: tuple[str, ...]
    state: str
    act: LeaveActRow | None = None
    who: tuple[str, ...] = ()
    moved_up: bool = False
    clauses: tuple[str, ...] = ()
    unseen: bool = False


@dataclass(frozen=True)
class Case:
    """A leave with all that belongs to it on the day it is looked at. `since`: since when its open step waits.

    `days`: its length as it stands now; the route goes by the length that was asked for.
    """

    row: LeaveRow
    person: PersonRow
    policy: Policy
    days: Fraction
    route: Route
    acts: Sequence[LeaveActRow]
    holding: Holding
    after_the_fact: bool

    @property
    def standing(self) -> law.Standing:
        """How far it has come by its decisions alone."""
        return law.standing(self.route.steps, _decisions(self.acts))

    @property
    def open_step(self) -> int | None:
        """The step to be decided now; None when there is none any more."""
        return self.standing.step if self.row.status == "pending" else None

    @property
    def since(self) -> datetime:
        """Since when it waits: since it was filed, or since the step before was approved."""
        return max((act.at for act in self.acts if act.act == "approve"), default=self.row.filed)

    def deciders(self) -> Deciders | None:
        """Who may decide the open step today."""
        if self.open_step is None:
            return None
        step = self.route.steps[self.open_step]
        return law.deciders(self.policy, step, self.row.person, self.holding.of(self.person))

    def may_decide(self, person: str) -> bool:
        """Whether this person may decide it now."""
        found = self.deciders()
        return found is not None and person in found.people

    def may_look(self, person: str) -> bool:
        """Whether this person may see the slip: supervision, whoever may decide a step today, or decided one."""
        if person == self.row.person:
            return False
        who = self.holding.of(self.person)
        able = {act.by for act in self.acts if act.act in ("approve", "refuse")} | who.get("supervision", set())
        for step in self.route.steps:
            if step.act == "decide":
                able |= law.deciders(self.policy, step, self.row.person, who).people
        return person in able

    @property
    def lacking(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The papers that it needs and that were not handed in, each with its clauses."""
        return () if self.row.paper else law.papers(self.policy, self.row.kind)

    def unseen(self, at: datetime) -> bool:
        """Whether a needed paper had not been handed in at an instant; without an act it came with the filing."""
        came = [act.at for act in self.acts if act.act == "paper"]
        here = min(came) <= at if came else self.row.paper
        return not here and bool(law.papers(self.policy, self.row.kind))

    def steps(self) -> list[StepShown]:
        """The chain as it is shown."""
        acts = {act.step: act for act in self.acts if act.act in ("approve", "refuse")}
        return [self._step(index, acts.get(index)) for index in range(len(self.route.steps))]

    def _step(self, index: int, act: LeaveActRow | None) -> StepShown:
        step = self.route.steps[index]
        if step.act == "record":
            return StepShown(step.roles, "record", clauses=self.route.clauses)
        if act is not None:
            good = act.act == "approve"
            unseen = good and self.unseen(act.at)
            return StepShown(step.roles, "done" if good else "refused", act, clauses=self.route.clauses, unseen=unseen)
        if index != self.open_step:
            return StepShown(step.roles, "later", clauses=self.route.clauses)
        found = self.deciders()
        assert found is not None
        names = tuple(sorted(self.holding.names.get(person, "") for person in found.people))
        clauses = (*self.route.clauses, *found.clauses)
        return StepShown(found.roles, "open", None, names, found.moved_up, clauses)


def file(session: Session, held: InForce, wanted: Wanted, by: str, now: datetime) -> LeaveRow:
    """Ask for a leave at the desk. BadInput says what is wrong with it."""
    person = session.get(PersonRow, wanted.person) if is_id(wanted.person) else None
    if person is None:
        raise BadInput(say("没有选请假人"), remedy=say("请从名单中选"))
    _check(session, held, wanted, person, now)
    row = LeaveRow(
        id=str(uuid7()), person=wanted.person, kind=wanted.kind, start=wanted.start, ends=wanted.end,
        asked_to=wanted.end, reason=wanted.reason.strip(), filed=now, filed_by=by, paper=wanted.paper, status="pending",
    )  # fmt: skip
    session.add(row)
    session.flush()
    absences.mark(session, row.person, row.start, row.ends)
    audit.note(session, now, by, "leave.file", row.id, _told(row))
    return row


def decide(session: Session, held: InForce, leave: str, by: str, approved: bool, reason: str,
           now: datetime) -> Case:  # fmt: skip
    """Decide the open step. NotAllowed for who may not (their own, a role that ended); BadInput without a reason."""
    case = case_of(session, held, leave, now)
    if case.open_step is None:
        raise BadInput(say("这张假条已经办完"), remedy=say("请刷新后查看"))
    found = case.deciders()
    if found is None or by not in found.people:
        names = series(sorted(case.holding.names.get(each, "") for each in found.people)) if found else ""
        who = (
            say("请由{names}决定", names=names)
            if names
            else say("没有人担任{role}，请管理员指定", role=roles_words(found))
        )
        raise NotAllowed(say("您今天不能决定这张假条"), remedy=who)
    if not approved and not reason.strip():
        raise BadInput(say("不同意要写理由"), remedy=say("请写明理由"))
    if approved:
        need_open(session, held, case.person, case.row.start, case.row.ends)
        need_apart(overlapping(session, case.row), say("请不同意这一张，或先办完那一张"))
    role = next((each for each in found.roles if by in case.holding.of(case.person).get(each, ())), found.roles[0])
    record(
        session, case.row, by, "approve" if approved else "refuse", now, step=case.open_step, role=role, reason=reason
    )
    after = law.standing(case.route.steps, _decisions(_acts(session, [leave]).get(leave, [])))
    settle(session, held, case.row, after.status, now, by)
    return case_of(session, held, leave, now)


def hand_in(session: Session, held: InForce, leave: str, by: str, now: datetime) -> None:
    """The unit's slip or the application form was handed in."""
    case = case_of(session, held, leave, now)
    if case.row.paper:
        raise BadInput(say("已登记过收到书面材料"))
    papers_came(session, case.row, by, now)


def papers_came(session: Session, row: LeaveRow, by: str, now: datetime, told: str = "") -> None:
    """What the leave needs on paper is here, if it was not before; `told`: what came."""
    record(session, row, by, "slip" if row.paper else "paper", now, reason=told)
    row.paper = True
    session.flush()


def case_of(session: Session, held: InForce, leave: str, now: datetime) -> Case:
    """A leave with its chain as of today. NotFound for nothing."""
    return cases_of(session, held, [get(session, leave)], now)[0]


def get(session: Session, leave: str) -> LeaveRow:
    """The leave of this id; NotFound for nothing."""
    row = session.get(LeaveRow, leave) if is_id(leave) else None
    if row is None:
        raise NotFound(say("没有这张假条"), remedy=say("请从请假列表进入"))
    return row


def cases_of(session: Session, held: InForce, rows: Sequence[LeaveRow], now: datetime,
             holding: Holding | None = None) -> list[Case]:  # fmt: skip
    """Several at once. Two statements, and three for today's roles where they are not given."""
    people = _people(session, {row.person for row in rows})
    acts = _acts(session, [row.id for row in rows])
    holding = holding or holding_of(session, held, now)
    known = [row for row in rows if row.person in people]
    return [case_from(held, row, people[row.person], acts.get(row.id, []), holding) for row in known]


def holding_of(session: Session, held: InForce, now: datetime) -> Holding:
    """Who holds which role now. Two statements."""
    return holders.on(session, now.astimezone(held.zone).date(), now)


def case_from(held: InForce, row: LeaveRow, person: PersonRow, acts: list[LeaveActRow], holding: Holding) -> Case:
    """A leave with its chain, from what was read of it."""
    policy = held.on(row.filed.astimezone(held.zone).date()).policy
    asked = length_to(held, row, person, row.asked_to)
    days = asked if row.ends == row.asked_to else length_to(held, row, person, row.ends)
    route = route_of(policy, row, person, asked, holding)
    return Case(row, person, policy, days, route, acts, holding, law.filed_after(row.start, row.filed))


def length_to(held: InForce, row: LeaveRow, person: PersonRow, until: datetime) -> Fraction:
    """How long the leave is that ends at `until`, in days."""
    return law.length(absences.due_days(held, person, row.start, until), row.start, until)


def route_of(policy: Policy, row: LeaveRow, person: PersonRow, days: Fraction, holding: Holding) -> Route:
    """The chain of a leave of this length."""
    headed = "window_head" in holding.of(person)
    return law.route(policy, row.kind, days, group=group_of(person.group), window_has_head=headed)


def _check(session: Session, held: InForce, wanted: Wanted, person: PersonRow, now: datetime) -> None:
    if wanted.kind not in absences.ALL_KINDS:
        raise BadInput(say("没有选请假类别"), remedy=say("请选一个类别"))
    if wanted.end <= wanted.start:
        raise BadInput(say("结束时间早于开始时间"), remedy=say("请改正时间"))
    if wanted.end - wanted.start > absences.LONGEST:
        raise BadInput(say("假期太长"), remedy=say("请分段填写"))
    if not 1 <= len(wanted.reason.strip()) <= absences.LONGEST_REASON:
        raise BadInput(say("没有填事由，或事由太长"), remedy=say("请写 1 到 {n} 个字", n=absences.LONGEST_REASON))
    days = absences.due_days(held, person, wanted.start, wanted.end)
    policy = held.on(now.astimezone(held.zone).date()).policy
    if fault := law.permission_fault(policy, wanted.kind, days, wanted.start, wanted.end):
        raise BadInput(fault, remedy=say("请改短，或改为请假"))
    if not law.length(days, wanted.start, wanted.end):
        raise BadInput(say("这段时间没有上班时间，不用请假"), remedy=say("请核对日期"))
    need_apart(running_into(session, wanted.person, wanted.start, wanted.end, LIVE), say("请先撤回那一张，或改时间"))
    need_open(session, held, person, wanted.start, wanted.end)


def overlapping(session: Session, row: LeaveRow) -> LeaveRow | None:
    """An approved leave of the same person that this one runs into. One statement."""
    return running_into(session, row.person, row.start, row.ends, ("approved",), but=row.id)


def running_into(session: Session, person: str, start: datetime, end: datetime, statuses: Sequence[str],
                 but: str = "") -> LeaveRow | None:  # fmt: skip
    """The first leave of these states with a minute between the two instants; `but`: not this one. One statement."""
    query = select(LeaveRow).where(
        LeaveRow.person == person, LeaveRow.status.in_(statuses), LeaveRow.start < end, LeaveRow.ends > start,
        LeaveRow.id != but,
    )  # fmt: skip
    return session.execute(query.order_by(LeaveRow.start).limit(1)).scalar()


def need_apart(other: LeaveRow | None, remedy: str) -> None:
    """BadInput when there is another leave in the way."""
    if other is not None:
        raise BadInput(
            say("与已有的{kind}重叠（{start} 起）", kind=say(word(other.kind)), start=f"{other.start:%Y-%m-%d}"),
            remedy=remedy,
        )


def need_open(session: Session, held: InForce, person: PersonRow, start: datetime, end: datetime) -> None:
    """BadInput when a month between the two instants is closed for whoever they were with."""
    first, last = (at.astimezone(held.zone).date() for at in (start, end))
    month = signing.closed_month(session, person, first, last)
    if month is not None:
        raise BadInput(say("{month} 的月表已经锁定", month=month), remedy=say("请督查部门重新打开月表后再办"))


def record(session: Session, row: LeaveRow, by: str, act: str, now: datetime, *, step: int | None = None,
           role: str = "", until: datetime | None = None, reason: str = "") -> None:  # fmt: skip
    """An act about a leave becomes a row and a line of the audit."""
    reason = reason.strip()[: absences.LONGEST_REASON]
    session.add(
        LeaveActRow(id=str(uuid7()), leave=row.id, at=now, by=by, act=act, step=step, role=role, until=until,
                    reason=reason)
    )  # fmt: skip
    session.flush()
    detail = {**_told(row), "role": role, "reason": reason, "until": until.isoformat() if until else ""}
    audit.note(session, now, by, f"leave.{act}", row.id, detail)


def settle(session: Session, held: InForce, row: LeaveRow, status: str, now: datetime, by: str) -> None:
    """A leave stands otherwise from now on; its days are judged anew, and covers go as it goes."""
    row.status = status
    session.flush()
    absences.mark(session, row.person, row.start, row.ends)
    if status == "approved":
        cover_plans.propose(session, held, row, now, by)
        cover_plans.propose_again(session, held, row, now, by)
    elif status in ("cancelled", "revoked"):
        cover_plans.follow(session, held, row, row.ends, now, by)


def _told(row: LeaveRow) -> dict[str, str | bool]:
    return {
        "person": row.person, "kind": row.kind, "from": row.start.isoformat(), "to": row.ends.isoformat(),
        "status": row.status, "paper": row.paper,
    }  # fmt: skip


def _acts(session: Session, leaves: Sequence[str]) -> dict[str, list[LeaveActRow]]:
    found: dict[str, list[LeaveActRow]] = {}
    query = select(LeaveActRow).where(LeaveActRow.leave.in_(leaves)).order_by(LeaveActRow.at, LeaveActRow.id)
    for act in session.execute(query).scalars():
        found.setdefault(act.leave, []).append(act)
    return found


def _decisions(acts: Iterable[LeaveActRow]) -> list[Decision]:
    return [
        Decision(act.step, act.by, act.act == "approve")
        for act in acts
        if act.step is not None and act.act in ("approve", "refuse")
    ]


def _people(session: Session, ids: set[str]) -> dict[str, PersonRow]:
    rows = session.execute(select(PersonRow).where(PersonRow.id.in_(sorted(ids)))).scalars()
    return {row.id: row for row in rows}


def roles_words(found: Deciders | None) -> str:
    """The roles of who may decide, as people read them."""
    return series(say(word(role)) for role in found.roles) if found else ""
