"""Totals of a person's judged days. Provisional and pending sessions count in none but the provisional absences."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from config.policy import Policy
from config.policy_outcomes import Accumulation
from station.rules.attendance import Judged
from station.rules.calendar import DayTable, working_day_of_month
from station.rules.verdict import MISSING, Verdict

PERMISSIONS = frozenset(("late_arrival", "early_departure"))
NONE = Fraction(0)


class Totals(NamedTuple):
    """Counts of sessions, and days as exact fractions (a session is 1/n of its day)."""

    late: int
    early: int
    missing: int
    unready: int
    rest_day_sessions: int
    absent_days: Fraction
    provisional_absent_days: Fraction
    accumulated_absent_days: Fraction
    leave_days: dict[str, Fraction]
    accumulated_clauses: tuple[str, ...] = ()


def totals_of(days: Iterable[Judged], policy: Policy) -> Totals:
    """The totals of judged days; accumulation adds up the calendar months touched, each on its own."""
    sums: dict[str, int] = dict.fromkeys(("late", "early", "missing", "unready", "rest"), 0)
    absent: dict[bool, Fraction] = {}
    leave: dict[str, Fraction] = {}
    months: dict[tuple[int, int], int] = {}
    for judged in days:
        for verdict in judged.verdicts:
            name = verdict.verdict
            if name == "absent":
                absent[verdict.provisional] = absent.get(verdict.provisional, NONE) + _share(judged)
            elif name == "leave":
                if verdict.leave_kind is not None and verdict.leave_kind not in PERMISSIONS:
                    leave[verdict.leave_kind] = leave.get(verdict.leave_kind, NONE) + _share(judged)
            elif not verdict.provisional:
                _count(sums, months, judged, verdict)
    rule = policy.consequences.accumulation
    accumulated = sum((accumulated_days(count, rule) for count in months.values()), NONE) if rule else NONE
    return Totals(
        sums["late"],
        sums["early"],
        sums["missing"],
        sums["unready"],
        sums["rest"],
        absent.get(False, NONE),
        absent.get(True, NONE),
        accumulated,
        leave,
        rule.source if rule and accumulated else (),
    )


def accumulated_days(count: int, rule: Accumulation) -> Fraction:
    """Days of absence for `count` late and early of one month (wanzhou:attendance:5; once a month: assumed)."""
    if count < rule.threshold:
        return NONE
    times = 1 + (count - rule.threshold) // rule.every if rule.every else 1
    return Fraction(rule.days) * times


def sheet_due(policy: Policy, year: int, month: int, table: DayTable) -> date:
    """The last day on which the sheet of a month may reach supervision: so many working days of the next month."""
    following = (year + 1, 1) if month == 12 else (year, month + 1)
    return working_day_of_month(*following, policy.reporting.due_working_days, table)


def decimal_string(days: Fraction) -> str:
    """Days as an exact decimal with at least one place ("0.5", "1.0"); as a fraction where no decimal is exact."""
    for places in range(1, 10):
        scaled = days * 10**places
        if scaled.denominator == 1:
            whole, rest = divmod(abs(scaled.numerator), 10**places)
            return f"{'-' if days < 0 else ''}{whole}.{rest:0{places}d}"
    return str(days)


def _share(judged: Judged) -> Fraction:
    return Fraction(1, len(judged.verdicts))


def _count(sums: dict[str, int], months: dict[tuple[int, int], int], judged: Judged, verdict: Verdict) -> None:
    name = verdict.verdict
    if name == "rest":
        sums["rest"] += verdict.came is not None and verdict.left is not None
    elif name != "pending":
        sums["missing"] += name in MISSING
        sums["unready"] += verdict.ready is False and not verdict.late
        if verdict.late or verdict.early:
            sums["late"] += verdict.late > 0
            sums["early"] += verdict.early > 0
            month = judged.day.date.year, judged.day.date.month
            months[month] = months.get(month, 0) + (verdict.late > 0) + (verdict.early > 0)
