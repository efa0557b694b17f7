"""A case in, verdicts out: the attendance rules as anyone can check them by hand."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from config.policy import Policy, load_policy
from station.rules.attendance import Judged, Period, judge_person
from station.rules.calendar import DayTable, dates, state_council
from station.rules.case import CaseFile, read_case
from station.rules.hours import Day, Law, days_of, law_of
from station.rules.month import Totals, decimal_string, totals_of
from station.rules.punches import Mark
from station.rules.reading import parse_json
from station.rules.verdict import Verdict


class Answer(NamedTuple):
    """One person judged: days and totals, and the law that was applied."""

    period: Period
    totals: Totals
    law: Law


def judge_text(text: str, name: str) -> tuple[CaseFile, list[Answer]]:
    """Judge the case in `text` (JSON). `name`: what to call it in faults. Refused for whatever cannot be judged."""
    case = read_case(parse_json(text, name), name, lambda policy: ZoneInfo(load_policy(policy).zone))
    policy = load_policy(case.policy)
    return case, judge_case(case, policy, state_council())


def judge_case(case: CaseFile, policy: Policy, table: DayTable) -> list[Answer]:
    """Judge every person of the case under `policy`; `table`: the calendar before the case's own word."""
    table = table.overridden(case.holidays, case.workdays)
    laws = {group: law_of(policy, group) for group in {person.group for person in case.people}}
    days: dict[Any, tuple[Day, ...]] = {
        group: days_of(law, dates(case.first, case.last), table) for group, law in laws.items()
    }
    answers = []
    for person in case.people:
        period = judge_person(person.record, days[person.group], laws[person.group], case.as_of)
        answers.append(Answer(period, totals_of(period.days, policy), laws[person.group]))
    return answers


def as_json(policy: str, answers: Iterable[Answer]) -> dict[str, Any]:
    """The answer in the shape that `judge` prints."""
    listed = list(answers)
    unassigned = [
        {"person": answer.period.person, "at": _iso(mark.punch.at, answer.law.zone)}
        for answer in listed
        for mark in _belonging_to_none(answer.period)
    ]
    return {"policy": policy, "people": [_person(answer) for answer in listed], "unassigned": unassigned}


def _belonging_to_none(period: Period) -> list[Mark]:
    """Punches of the days judged; one of another day belongs to that day's sessions, which nobody asked for."""
    return [mark for judged in period.days for mark in judged.unassigned]


def _person(answer: Answer) -> dict[str, Any]:
    zone = answer.law.zone
    return {
        "id": answer.period.person,
        "days": [_day(judged, zone) for judged in answer.period.days],
        "totals": _totals(answer.totals),
    }


def _day(judged: Judged, zone: ZoneInfo) -> dict[str, Any]:
    return {"date": judged.day.date.isoformat(), "sessions": [_session(each, zone) for each in judged.verdicts]}


def _session(verdict: Verdict, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "session": verdict.session,
        "verdict": verdict.verdict,
        "in": _iso(verdict.came.punch.at, zone) if verdict.came else None,
        "out": _iso(verdict.left.punch.at, zone) if verdict.left else None,
        "late_minutes": verdict.late,
        "early_minutes": verdict.early,
        "ready": verdict.ready,
        "leave_kind": verdict.leave_kind,
        "provisional": verdict.provisional,
        "evidence": list(verdict.evidence),
        "clauses": list(verdict.clauses),
    }


def _totals(totals: Totals) -> dict[str, Any]:
    return {
        "late": totals.late,
        "early": totals.early,
        "missing": totals.missing,
        "unready": totals.unready,
        "rest_day_sessions": totals.rest_day_sessions,
        "absent_days": decimal_string(totals.absent_days),
        "provisional_absent_days": decimal_string(totals.provisional_absent_days),
        "accumulated_absent_days": decimal_string(totals.accumulated_absent_days),
        "leave_days": {kind: decimal_string(days) for kind, days in sorted(totals.leave_days.items())},
    }


def _iso(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat()
