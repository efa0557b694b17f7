"""How a leave ends: taken back, revoked, given more or less time, and the return that is reported."""

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from config.policy_words import word
from config.words import say
from station.rules import leave as law
from station.rules.leave import Deciders
from web.services import absences, cover_plans, leaves
from web.services.errors import BadInput, NotAllowed
from web.services.in_force import InForce
from web.services.leaves import LIVE, Case


def withdraw(session: Session, held: InForce, leave: str, by: str, reason: str, now: datetime) -> None:
    """Take back what is not decided, or cancel what is approved and has not begun."""
    case = leaves.case_of(session, held, leave, now)
    if case.row.status not in LIVE:
        raise BadInput(say("这张假条已经办完，不能撤回"))
    if case.row.status == "approved" and case.row.start <= now:
        raise BadInput(say("假期已经开始，不能取消"), remedy=say("提前回来请办销假"))
    leaves.record(session, case.row, by, "withdraw" if case.row.status == "pending" else "cancel", now, reason=reason)
    leaves.settle(session, held, case.row, "cancelled", now, by)


def revoke(session: Session, held: InForce, leave: str, by: str, roles: Iterable[str], reason: str,
           now: datetime) -> None:  # fmt: skip
    """Leave got by deceit counts as never given (wanzhou:attendance:5); the policy names who revokes."""
    case = leaves.case_of(session, held, leave, now)
    role = case.policy.leave.revoked_by
    if role not in set(roles):
        raise NotAllowed(
            say("假条由{role}撤销", role=say(word(role))), remedy=say("请联系{role}", role=say(word(role)))
        )
    if case.row.status != "approved":
        raise BadInput(say("只有已批准的假条能撤销"))
    if not reason.strip():
        raise BadInput(say("撤销假条要写理由"), remedy=say("请写明理由"))
    leaves.need_open(session, held, case.person, case.row.start, case.row.ends)
    leaves.record(session, case.row, by, "revoke", now, role=role, reason=reason)
    leaves.settle(session, held, case.row, "revoked", now, by)


def move_end(session: Session, held: InForce, leave: str, by: str, until: datetime, reason: str,
             now: datetime) -> None:  # fmt: skip
    """An approved leave ends earlier or, for a good reason, later (an approved extension).

    NotAllowed for who could not have approved it at the longer of its two lengths and is not supervision either.
    """
    case = leaves.case_of(session, held, leave, now)
    found = extenders(held, case, max(case.row.ends, until))
    if by not in found.people:
        raise NotAllowed(
            say("这么长的假期由{roles}批准", roles=leaves.roles_words(found)), remedy=say("请联系督查部门")
        )
    role = next(each for each in found.roles if by in case.holding.of(case.person).get(each, ()))
    _move_end(session, held, case, by, until, reason, now, role)


def _move_end(session: Session, held: InForce, case: Case, by: str, until: datetime, reason: str,
              now: datetime, role: str = "") -> None:  # fmt: skip
    row = case.row
    if row.status != "approved":
        raise BadInput(say("只有已批准的假条能改结束时间"))
    if until <= row.start:
        raise BadInput(say("结束时间早于开始时间"), remedy=say("请改正时间"))
    later = until > row.ends
    if later and not reason.strip():
        raise BadInput(say("延长假期要写理由"), remedy=say("请写明理由"))
    if later:
        leaves.need_apart(
            leaves.running_into(session, row.person, row.ends, until, LIVE, row.id), say("请先撤回那一张，或改时间")
        )
    leaves.need_open(session, held, case.person, min(row.ends, until), max(row.ends, until))
    before = row.ends
    leaves.record(session, row, by, "extend" if later else "cut", now, role=role, until=until, reason=reason)
    row.ends = until
    session.flush()
    absences.mark(session, row.person, min(before, until), max(before, until))
    cover_plans.follow(session, held, row, before, now, by)


def come_back(session: Session, held: InForce, leave: str, by: str, at: datetime, now: datetime) -> None:
    """Report a return by hand (销假, wanzhou:attendance:4#1)."""
    case = leaves.case_of(session, held, leave, now)
    if case.row.status != "approved":
        raise BadInput(say("只有已批准的假条要销假"))
    if any(act.act == "return" for act in case.acts):
        raise BadInput(say("这张假条已经销假"))
    if not case.row.start < at <= now:
        raise BadInput(say("销假时间须在假期开始之后、现在之前"), remedy=say("请改正时间"))
    if at < case.row.ends:
        _move_end(session, held, case, by, at, say("提前返回"), now)
    leaves.record(session, case.row, by, "return", now, until=at)


def extenders(held: InForce, case: Case, until: datetime) -> Deciders:
    """Who may move the end of this leave to `until` today: whoever decides last at that length, and supervision."""
    row, person = case.row, case.person
    route = leaves.route_of(case.policy, row, person, leaves.length_to(held, row, person, until), case.holding)
    return law.extenders(case.policy, route.steps, row.person, case.holding.of(person))


def may_extend(case: Case, by: str) -> bool:
    """Whether this person may give more time: a little, or as much as one of the longer chains decides."""
    policy, who = case.policy, case.holding.of(case.person)
    bounds = (each for chain in policy.leave.chains for each in (chain.at_least, chain.over, chain.under, chain.up_to))
    beyond = [Fraction(bound) + more for bound in bounds if bound is not None for more in (0, Fraction(1, 100))]
    routes = (
        leaves.route_of(policy, case.row, case.person, days, case.holding)
        for days in [case.days, *(days for days in beyond if days > case.days)]
    )
    return any(by in law.extenders(policy, each.steps, case.row.person, who).people for each in routes)
