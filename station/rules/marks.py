"""The marks of the month's sheet, and its totals, which add up to the days due. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from station.rules.attendance import Judged
from station.rules.month import NONE, PERMISSIONS
from station.rules.verdict import MISSING, Verdict

ABSENCE_KNOWN = "旷工"  # halls whose rules do not know it mark an absence as not_there
NOT_DUE = frozenset(("rest", "not_posted"))
# In the order of the printed legend.
LEGEND = (
    "present", "late", "early", "late_and_early", "absent", "not_there", "personal", "sick", "business", "training",
    "annual", "statutory", "field_visit", "unit_errand", "rest", "missing", "outage", "provisional", "not_posted",
)  # fmt: skip


class Due(NamedTuple):
    """Days as exact fractions. `due` is the sum of the rest; `present` holds those late or early, and permissions."""

    due: Fraction
    present: Fraction
    leave: dict[str, Fraction]
    absent: Fraction
    missing: Fraction
    outage: Fraction
    provisional: Fraction


def key_of(verdict: Verdict, absent_word: str) -> str:
    """The key of a session's mark in the hall's map of marks."""
    name = verdict.verdict
    if name in NOT_DUE:
        return name
    if name == "leave":
        kind = verdict.leave_kind or "personal"
        return "business" if kind in PERMISSIONS else kind  # a permission is for business (taigu:attendance:2)
    if verdict.provisional or name == "pending":
        return "provisional"
    if name in MISSING:
        return "missing"
    if name == "absent":
        return "absent" if absent_word == ABSENCE_KNOWN else "not_there"
    return name


def legend(marks: Mapping[str, str], absent_word: str) -> Iterator[tuple[str, str]]:
    """Key and mark, as the sheet prints them: of the two words for an absence only the hall's own."""
    unused = "not_there" if absent_word == ABSENCE_KNOWN else "absent"
    for key in LEGEND:
        if key != unused and marks.get(key):
            yield key, marks[key]


def due_of(days: Iterable[Judged]) -> Due:
    """What a person's sessions come to in days; each session is 1/n of its day."""
    sums: dict[str, Fraction] = {}
    leave: dict[str, Fraction] = {}
    for judged in days:
        share = Fraction(1, len(judged.verdicts))
        for verdict in judged.verdicts:
            key = _sum(verdict)
            if key == "leave":
                kind = verdict.leave_kind or "personal"
                leave[kind] = leave.get(kind, NONE) + share
            elif key:
                sums[key] = sums.get(key, NONE) + share
    parts = [sums.get(key, NONE) for key in ("present", "absent", "missing", "outage", "provisional")]
    present, absent, missing, outage, provisional = parts
    return Due(sum(parts, NONE) + sum(leave.values(), NONE), present, leave, absent, missing, outage, provisional)


def _sum(verdict: Verdict) -> str:
    """Where a session counts; nowhere when none was due."""
    key = key_of(verdict, ABSENCE_KNOWN)
    if verdict.verdict == "leave":
        return "present" if verdict.leave_kind in PERMISSIONS else "leave"
    if key in NOT_DUE:
        return ""
    return "present" if key in ("late", "early", "late_and_early") else key
