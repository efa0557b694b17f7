"""Totals of a person's judged days. Provisional and pending sessions count in none but the provisional absences."""

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from config.policy import Policy
from config.policy_outcomes import Accumulation
from station.rules.attendance import Judged
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


class _Sums:
    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.days: dict[str, Fraction] = {}
        self.leave: dict[str, Fraction] = {}
        self.months: Counter[tuple[int, int]] = Counter()


def totals_of(days: Iterable[Judged], policy: Policy) -> Totals:
    """The totals of judged days; accumulation adds up the calendar months touched, each on its own."""
    sums = _Sums()
    for judged in days:
        share = Fraction(1, len(judged.verdicts))
        for verdict in judged.verdicts:
            _add(sums, judged, verdict, share)
    rule = policy.consequences.accumulation
    accumulated = sum((accumulated_days(count, rule) for count in sums.months.values()), NONE) if rule else NONE
    return Totals(
        sums.counts["late"],
        sums.counts["early"],
        sums.counts["missing"],
        sums.counts["unready"],
        sums.counts["rest"],
        sums.days.get("absent", NONE),
        sums.days.get("provisional", NONE),
        accumulated,
        sums.leave,
        rule.source if rule and accumulated else (),
    )


def accumulated_days(count: int, rule: Accumulation) -> Fraction:
    """Days of absence for `count` late and early of one month (wanzhou:attendance:5; once a month: assumed)."""
    if count < rule.threshold:
        return NONE
    times = 1 + (count - rule.threshold) // rule.every if rule.every else 1
    return Fraction(rule.days) * times


def decimal_string(days: Fraction) -> str:
    """Days as an exact decimal with at least one place ("0.5", "1.0"); as a fraction where no decimal is exact."""
    for places in range(1, 10):
        scaled = days * 10**places
        if scaled.denominator == 1:
            whole, rest = divmod(abs(scaled.numerator), 10**places)
            return f"{'-' if days < 0 else ''}{whole}.{rest:0{places}d}"
    return str(days)


def _add(sums: _Sums, judged: Judged, verdict: Verdict, share: Fraction) -> None:
    name = verdict.verdict
    if name == "rest":
        sums.counts["rest"] += verdict.came is not None and verdict.left is not None
    elif name == "leave" and verdict.leave_kind and verdict.leave_kind not in PERMISSIONS:
        sums.leave[verdict.leave_kind] = sums.leave.get(verdict.leave_kind, NONE) + share
    elif name == "absent":
        key = "provisional" if verdict.provisional else "absent"
        sums.days[key] = sums.days.get(key, NONE) + share
    elif name != "pending" and not verdict.provisional:
        late, early = verdict.late > 0, verdict.early > 0
        sums.counts["late"] += late
        sums.counts["early"] += early
        sums.counts["missing"] += name in MISSING
        sums.counts["unready"] += verdict.ready is False and not late
        sums.months[judged.day.date.year, judged.day.date.month] += late + early
