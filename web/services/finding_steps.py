"""Steps of a finding: answered, confirmed, assigned, put right, verified. Each is a row of its own and audited."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast, get_args

from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.policy_words import word
from config.words import say, series
from station.rules.following import ASSIGNERS, JUDGING, OFFICER, Step, may_take, open_steps
from web.ledger.findings import FindingStepRow
from web.ledger.people import PersonRow
from web.services import absences, audit, findings, signing
from web.services.errors import BadInput, NotAllowed, NotFound
from web.services.findings import Case
from web.services.ids import is_id
from web.services.in_force import InForce

LONGEST_NOTE = 500
STEPS: tuple[str, ...] = get_args(Step)
NOTED: dict[str, str] = {
    "answer": "没有写要说明的情况", "refuse": "认定不成立要写理由", "withdraw": "撤回认定要写理由",
    "rectify": "没有写怎样整改的", "reopen": "重新整改要写理由", "report": "上报要写明情况", "refer": "移送要写明情况",
    "hear": "没有写处理意见",
}  # fmt: skip
"""Steps that want a note, and what is said without one."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a step is taken with. `person`: whom it is assigned to, or whom a confirmed one concerns; an id."""

    note: str = ""
    person: str = ""
    photo: str = ""


def take(session: Session, held: InForce, finding: str, step: str, by: str, roles: Iterable[str], given: Given,
         now: datetime) -> Case:  # fmt: skip
    """Take a step. NotAllowed for who may not, BadInput for what is not open any more or lacks its note."""
    case, held_roles = findings.one(session, held, finding, now), frozenset(roles)
    if step not in STEPS:
        raise NotFound(say("没有这个操作"), remedy=say("请从问题页面进入"))
    _allow(case, cast("Step", step), by, held_roles)
    _refuse_unfilled(session, case, step, given)
    session.add(
        FindingStepRow(
            id=str(uuid7()), finding=finding, at=now, by=by, step=step, role=_role(case, step, by, held_roles),
            person=given.person or None, note=given.note.strip(), photo=given.photo,
        )
    )  # fmt: skip
    session.flush()
    detail: dict[str, str | list[str]] = {
        "person": given.person or case.found.person,
        "note": given.note.strip(),
        "photo": given.photo,
    }
    if step in JUDGING:
        detail["sheets"] = differs(session, held, case, given)
    audit.note(session, now, by, f"finding.{step}", finding, detail)
    if step in JUDGING:
        for person in {case.parties.about, given.person} - {""}:
            absences.mark(session, person, case.found.at, case.found.at)
    return findings.one(session, held, finding, now)


def differs(session: Session, held: InForce, case: Case, given: Given) -> list[str]:
    """The closed months from which the judgement of a finding may make a difference."""
    day = case.found.at.astimezone(held.zone).date()
    return signing.closed_with(session, {case.parties.about, given.person} - {""}, day, day)


def _allow(case: Case, step: Step, by: str, roles: frozenset[str]) -> None:
    if may_take(case.policy, step, by, roles, case.parties, case.stands):
        if step not in open_steps(case.stands):
            raise BadInput(say("这一步已经办过，或现在不能办"), remedy=say("请刷新后查看"))
        return
    if step in JUDGING and case.policy.patrol.confirmed_by in roles:
        own = by == case.parties.about
        words = say("不能认定关于自己的问题") if own else say("发现问题的巡查人员不能自己认定")
        raise NotAllowed(words, remedy=say("请由另一位{role}人员认定", role=say(word(case.policy.patrol.confirmed_by))))
    who = who_takes(case, step)
    raise NotAllowed(say("这一步由{who}办理", who=who), remedy=say("请联系{who}", who=who))


def who_takes(case: Case, step: str) -> str:
    """Whose a step is, in words."""
    rules = case.policy.patrol
    if step == "answer":
        return say("本人或本单位考勤员")
    if step == "rectify":
        return say("整改责任人")
    roles = {
        "assign": ASSIGNERS, "verify": (OFFICER,), "reopen": (OFFICER,), "hear": (rules.refusal_to,),
        "report": (OFFICER, rules.confirmed_by),
    }.get(step, (rules.confirmed_by,))  # fmt: skip
    return series(say(word(role)) for role in roles)


def _refuse_unfilled(session: Session, case: Case, step: str, given: Given) -> None:
    if step in NOTED and not given.note.strip():
        raise BadInput(say(NOTED[step]), remedy=say("请写几个字"))
    if len(given.note.strip()) > LONGEST_NOTE:
        raise BadInput(say("写得太长"), remedy=say("请写在 {n} 个字以内", n=LONGEST_NOTE))
    if step == "assign" or (step == "confirm" and needs_name(case)):
        if not is_id(given.person) or session.get(PersonRow, given.person) is None:
            words = say("没有选整改人") if step == "assign" else say("巡查没有写明是谁，认定时要写明")
            raise BadInput(words, remedy=say("请填姓名，或姓名加工号"))
    elif given.person and given.person != case.found.person:
        raise BadInput(say("这一步不能改人"), remedy=say("请刷新后再办"))


def needs_name(case: Case) -> bool:
    """Whether whoever confirms it has to say whom it concerns: it acts on somebody, and the officers named nobody."""
    return case.found.category == "left_post" and not case.found.person


def _role(case: Case, step: str, by: str, roles: frozenset[str]) -> str:
    """In which role a step is taken."""
    rules = case.policy.patrol
    if step == "answer":
        return "staff" if by == case.parties.about else "attendance_clerk"
    fits = {
        "assign": ASSIGNERS, "rectify": ("window_head", "chief_rep", "unit_leader", "duty_leader"),
        "verify": (OFFICER,), "reopen": (OFFICER,), "report": (OFFICER, rules.confirmed_by),
        "hear": (rules.refusal_to,),
    }.get(step, (rules.confirmed_by,))  # fmt: skip
    return next((role for role in (*fits, "window_head") if role in roles), "staff")
