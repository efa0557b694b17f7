"""A unit's month as the sheet shows it: plain data, from which page, Excel, PDF and signature are all made.

The data are JSON without floats, so that their canonical bytes can be hashed and kept: what was signed is those bytes.
"""

import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from config.policy import Policy
from station.facts import Json, canonical
from station.rules.attendance import Judged
from station.rules.calendar import dates
from station.rules.hours import Law
from station.rules.marks import NOT_DUE, due_of, key_of, legend
from station.rules.month import Totals, decimal_string
from station.rules.punches import Mark
from station.rules.verdict import Verdict
from web.ledger.people import PersonRow
from web.services import in_force
from web.services.attendance import Book
from web.services.correction_rows import Told
from web.services.in_force import InForce, Version, group_of
from web.services.people import day_or_none

VERSION = 1
QUIET = NOT_DUE | {"present"}  # no exception
CORRECTED, CORRECTED_MARK = "corrected", "*"  # the sign beside a mark that a correction stands for (assumed)
NOTHING: Mapping[str, Told] = MappingProxyType({})


def month_text(first: date) -> str:
    """A month as it is written: 2026-03."""
    return f"{first:%Y-%m}"


def posted_in(people: Iterable[PersonRow], unit: str, first: date, last: date) -> list[PersonRow]:
    """The people of a unit who are posted on a day of the month, by window and name."""
    found = [row for row in people if row.unit == unit and _touches(row, first, last)]
    return sorted(found, key=lambda row: (row.window, row.pinyin, row.id))


def units_of(people: Iterable[PersonRow], first: date, last: date) -> list[str]:
    """The units that have a sheet for the month."""
    return sorted({row.unit for row in people if _touches(row, first, last)})


def sheet_of(hall: str, unit: str, first: date, book: Book, corrected: Mapping[str, Told] = NOTHING) -> Json:
    """The unit's sheet from the judged days of its people (`book.people`, in the sheet's order).

    `corrected`: the approved corrections of these days, by id; a sheet without any says nothing of them.
    """
    held, last = book.held, in_force.last_of(first)
    version = held.of_month(first.year, first.month)
    laws = {row.id: held.law(last, group_of(row.group)) for row in book.people}
    told = [_correction(each, book) for each in corrected.values()]
    sign = [[CORRECTED, version.policy.reporting.marks.get(CORRECTED, CORRECTED_MARK)]] if told else []
    return {
        "v": VERSION,
        "hall": hall,
        "unit": unit,
        "month": month_text(first),
        "policy": {"row": version.row, "title": version.policy.title, "since": version.since.isoformat()},
        "days": [_day(held, day) for day in dates(first, last)],
        "legend": _legend(version, laws.values()) + sign,
        "people": [_person(row, book, laws[row.id], version, corrected) for row in book.people],
        "exceptions": [
            each for row in book.people for each in _exceptions(row, book.days.get(row.id, []), laws[row.id])
        ],
    } | ({"corrections": told} if told else {})


def bytes_of(sheet: Json) -> bytes:
    """The sheet's canonical bytes."""
    return canonical(sheet)


def hash_of(raw: bytes) -> str:
    """The hash that stands on the printed sheet: SHA-256 of its bytes, hex."""
    return hashlib.sha256(raw).hexdigest()


def rule_line(sheet: Json, policy: Policy) -> tuple[list[str], tuple[str, ...]]:
    """Who reaches the accumulated half day by this sheet, and by which clauses; empty in a hall without it."""
    rule = policy.consequences.accumulation
    names = [one["name"] for one in sheet["people"] if one["totals"]["accumulated"] != "0.0"]
    return (names, rule.source) if rule else ([], ())


def _touches(row: PersonRow, first: date, last: date) -> bool:
    """Whether they are posted on a day of the stretch; who only has an account is posted on none."""
    since, until = day_or_none(row.posted_from) or first, day_or_none(row.posted_to) or last
    return max(since, first) <= min(until, last)


def _day(held: InForce, day: date) -> Json:
    return {"day": day.day, "weekday": day.isoweekday(), "worked": held.day(day, "window").worked}


def _legend(version: Version, laws: Iterable[Law]) -> list[list[str]]:
    word = next((law.absent_word for law in laws), "旷工")
    return [[key, mark] for key, mark in legend(version.policy.reporting.marks, word)]


def _person(row: PersonRow, book: Book, law: Law, version: Version, corrected: Mapping[str, Told]) -> Json:
    marks, judged = version.policy.reporting.marks, book.days.get(row.id, [])
    found = {each.day.date: each for each in judged}
    days = list(dates(book.first, book.last))
    count = max((len(each.verdicts) for each in judged), default=2)
    keys = [[_key(found.get(day), session, law) for day in days] for session in range(count)]
    sign = marks.get(CORRECTED, CORRECTED_MARK)
    signs = [[sign if stands_for(found.get(day), n, corrected) else "" for day in days] for n in range(count)]
    return {
        "id": row.id, "name": row.name, "number": row.number, "window": row.window, "keys": keys,
        "marks": [
            [(marks.get(key, "") if key else "") + sign for key, sign in zip(line, beside, strict=True)]
            for line, beside in zip(keys, signs, strict=True)
        ],
        "totals": _totals(book.totals(row.id), judged),
    }  # fmt: skip


def _key(judged: Judged | None, session: int, law: Law) -> str:
    if judged is None or session >= len(judged.verdicts):
        return ""
    return key_of(judged.verdicts[session], law.absent_word)


def stands_for(judged: Judged | None, session: int, corrected: Container[str]) -> bool:
    """Whether a side of this session is a correction."""
    if judged is None or session >= len(judged.verdicts):
        return False
    verdict = judged.verdicts[session]
    return any(mark is not None and mark.punch.id in corrected for mark in (verdict.came, verdict.left))


def _correction(told: Told, book: Book) -> Json:
    names = {row.id: row.name for row in book.people}
    return {
        "id": told.person, "name": names.get(told.person, ""), "day": told.day.isoformat(), "session": told.session,
        "side": told.side, "at": f"{told.at.astimezone(book.held.zone):%H:%M}", "reason": told.reason,
        "by": told.by, "approver": told.approver, "why": told.why,
    }  # fmt: skip


def _totals(totals: Totals, days: Sequence[Judged]) -> Json:
    due = due_of(days)
    return {
        "due": decimal_string(due.due), "present": decimal_string(due.present),
        "leave": {kind: decimal_string(days) for kind, days in sorted(due.leave.items())},
        "absent": decimal_string(due.absent), "missing_days": decimal_string(due.missing),
        "outage": decimal_string(due.outage), "provisional": decimal_string(due.provisional),
        "late": totals.late, "early": totals.early, "missing": totals.missing, "unready": totals.unready,
        "rest_day_sessions": totals.rest_day_sessions,
        "accumulated": decimal_string(totals.accumulated_absent_days),
    }  # fmt: skip


def _exceptions(row: PersonRow, days: Iterable[Judged], law: Law) -> Iterable[Json]:
    for judged in days:
        for index, verdict in enumerate(judged.verdicts):
            key = key_of(verdict, law.absent_word)
            if key not in QUIET:
                yield _exception(row, judged, index, verdict, key, law)


def _exception(row: PersonRow, judged: Judged, index: int, verdict: Verdict, key: str, law: Law) -> Json:
    return {
        "id": row.id, "name": row.name, "day": judged.day.date.isoformat(), "session": judged.day.spans[index].name,
        "key": key, "verdict": verdict.verdict, "in": _clock(verdict.came, law), "out": _clock(verdict.left, law),
        "late": verdict.late, "early": verdict.early, "leave_kind": verdict.leave_kind,
        "clauses": list(verdict.clauses), "evidence": list(verdict.evidence),
    }  # fmt: skip


def _clock(mark: Mark | None, law: Law) -> str:
    return f"{mark.punch.at.astimezone(law.zone):%H:%M}" if mark else ""


def shown(text: str) -> str:
    """Days for people: 0, 0.5, 1, 1.5."""
    return text.removesuffix(".0")


def leave_total(totals: Any) -> str:
    """All leave of a person's totals in days."""
    return decimal_string(sum((Fraction(days) for days in totals["leave"].values()), Fraction(0)))
