"""Scores: points for each unit of a measure, exact, never below the floor; every line names its clause."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from config.policy import Policy
from config.policy_outcomes import Item

ZERO = Fraction(0)
Months = Sequence[Fraction]


class Line(NamedTuple):
    """One measure of a score: how many units count, the points for them, and who entered it (None: derived)."""

    key: str
    name: str
    units: Fraction
    points: Fraction
    clauses: tuple[str, ...]
    author: str | None


class Score(NamedTuple):
    """A score out of `full`; `total` never below the floor."""

    full: int
    total: Fraction
    lines: tuple[Line, ...]


class Entry(NamedTuple):
    """What cannot be known by machine, entered by hand."""

    units: Fraction
    author: str


def score(policy: Policy, counted: Mapping[str, Fraction], by_hand: Mapping[str, Entry] | None = None) -> Score:
    """The score of one window for a period. `counted`: units of each measure from the records.

    A measure with free units costs only what is above them. By-hand entries add to what the records show.
    """
    rules = policy.assessment
    entered = by_hand or {}
    lines = tuple(
        line for item in rules.items if (line := _line(item, counted, entered)) is not None and line.units > 0
    )
    total = rules.full + sum((line.points for line in lines), ZERO)
    return Score(rules.full, max(total, Fraction(rules.floor)), lines)


def _line(item: Item, counted: Mapping[str, Fraction], entered: Mapping[str, Entry]) -> Line | None:
    entry = entered.get(item.key)
    units = counted.get(item.key, ZERO) + (entry.units if entry else ZERO)
    return Line(item.key, item.name, units, units * Fraction(item.points), item.source, entry.author if entry else None)


def above_free(policy: Policy, key: str, months: Months, people: int) -> Fraction:
    """Units of a per-head measure above what is free, month by month (municipal: leave days above 2 a head, leaves
    above 4). Only whole further units cost, month by month (assumed). `months`: the window's total of each month.
    """
    item = next((each for each in policy.assessment.items if each.key == key), None)
    if item is None or item.free is None or people <= 0:
        return ZERO
    free = Fraction(item.free)
    return sum((Fraction(max(ZERO, month / people - free).__floor__()) for month in months), ZERO)


def counts_as_leave(policy: Policy, kind: str) -> bool:
    """Whether leave of this kind counts towards the per-head averages."""
    return kind not in policy.assessment.not_counted


class Warnings(NamedTuple):
    """What a row of scores calls for: below the pass mark, among the last too often, failed too often in a year."""

    failed: bool
    last_in_a_row: bool
    failed_in_a_year: bool
    clauses: tuple[str, ...]


def warnings(policy: Policy, totals: Sequence[Fraction], ranks_from_last: Sequence[int]) -> Warnings:
    """`totals`: whole scores of the year's periods, oldest first; `ranks_from_last`: 1 is the last place."""
    rules = policy.assessment
    if rules.pass_mark is None:
        return Warnings(False, False, False, ())
    failures = sum(total < rules.pass_mark for total in totals)
    row = rules.last_in_a_row or 0
    recent = ranks_from_last[-row:] if row else []
    last = len(recent) == row > 0 and all(rank <= (rules.last_places or 0) for rank in recent)
    often = rules.failures_a_year is not None and failures >= rules.failures_a_year
    failed = bool(totals) and totals[-1] < rules.pass_mark
    return Warnings(failed, last, often, rules.clauses("pass_mark") if failed or last or often else ())
