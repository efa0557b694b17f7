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
from station.rules.month import decimal_string, totals_of
from station.rules.punches import Mark
from station.rules.verdict import Verdict
from web.ledger.people import PersonRow
from web.services import in_force
from web.services.attendance import Book
from web.services.correction_rows import Told
from web.services.in_force import InForce, Version, group_of
from web.services.members import Stretch, window_in
from web.services.month_parts import Part, part_of, turns, with_unit

VERSION = 1
QUIET = NOT_DUE | {"present"}  # no exception
CORRECTED, CORRECTED_MARK = "corrected", "*"  # the sign beside a mark that a correction stands for (assumed)
NOTHING: Mapping[str, Told] = MappingProxyType({})
Units = Mapping[str, Sequence[Stretch]]  # person → their units of the month, in order
ALL_HERE: Units = MappingProxyType({})


def month_text(first: date) -> str:
    """A month as it is written: 2026-03."""
    return f"{first:%Y-%m}"


def sheet_of(
    hall: str, unit: str, first: date, book: Book, corrected: Mapping[str, Told] = NOTHING, units: Units = ALL_HERE
) -> Json:
    """The unit's sheet from the judged days of its people (`book.people`, in the sheet's order).

    `corrected`: the approved corrections of these days, by id; a sheet without any says nothing of them. `units`: the
    units of each person's month, nothing for who was here throughout.
    """
    held, last = book.held, in_force.last_of(first)
    version = held.of_month(first.year, first.month)
    laws = {row.id: held.law(last, group_of(row.group)) for row in book.people}
    parts = {row.id: part_of(unit, units.get(row.id, ()), book.days.get(row.id, [])) for row in book.people}
    told = [_correction(each, book) for each in corrected.values()
            if with_unit(unit, units.get(each.person, ()), each.day)]  # fmt: skip
    sign = [[CORRECTED, version.policy.reporting.marks.get(CORRECTED, CORRECTED_MARK)]] if told else []
    return {
        "v": VERSION,
        "hall": hall,
        "unit": unit,
        "month": month_text(first),
        "policy": {"row": version.row, "title": version.policy.title, "since": version.since.isoformat()},
        "days": [_day(held, day) for day in dates(first, last)],
        "legend": _legend(version, laws.values()) + sign,
        "people": [_person(row, book, laws[row.id], version, corrected, parts[row.id]) for row in book.people],
        "exceptions": [each for row in book.people for each in _exceptions(row, parts[row.id].days, laws[row.id])],
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


def _day(held: InForce, day: date) -> Json:
    return {"day": day.day, "weekday": day.isoweekday(), "worked": held.day(day, "window").worked}


def _legend(version: Version, laws: Iterable[Law]) -> list[list[str]]:
    word = next((law.absent_word for law in laws), "旷工")
    return [[key, mark] for key, mark in legend(version.policy.reporting.marks, word)]


def _person(row: PersonRow, book: Book, law: Law, version: Version, corrected: Mapping[str, Told], part: Part) -> Json:
    marks = version.policy.reporting.marks
    found = {each.day.date: each for each in part.days}
    days = list(dates(book.first, book.last))
    count = max((len(each.verdicts) for each in part.days), default=2)
    keys = [[_key(found.get(day), session, law) for day in days] for session in range(count)]
    sign = marks.get(CORRECTED, CORRECTED_MARK)
    signs = [[sign if stands_for(found.get(day), n, corrected) else "" for day in days] for n in range(count)]
    moved = turns(row, part, book.first, book.last)
    return {
        "id": row.id, "name": row.name, "number": row.number, "keys": keys,
        "window": window_in(part.unit, part.stretches) if part.stretches else row.window,
        "marks": [
            [(marks.get(key, "") if key else "") + sign for key, sign in zip(line, beside, strict=True)]
            for line, beside in zip(keys, signs, strict=True)
        ],
        "totals": _totals(part, version.policy),
    } | ({"turns": moved} if moved else {}) | _counted(part, version.policy)  # fmt: skip


def _counted(part: Part, policy: Policy) -> Json:
    """Where the lates and earlies of somebody who moved count together; nothing where none of them are elsewhere."""
    if not policy.consequences.accumulation or part.days is part.whole:
        return {}
    here, whole = totals_of(part.days, policy), totals_of(part.whole, policy)
    others = whole.late + whole.early - here.late - here.early
    if part.last:
        return {"counted_elsewhere": others} if others else {}
    return {"counted_by": part.stretches[-1].unit} if here.late + here.early else {}


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


def _totals(part: Part, policy: Policy) -> Json:
    due, totals = due_of(part.days), totals_of(part.days, policy)
    whole = totals if part.days is part.whole else totals_of(part.whole, policy)
    return {
        "due": decimal_string(due.due), "present": decimal_string(due.present),
        "leave": {kind: decimal_string(days) for kind, days in sorted(due.leave.items())},
        "absent": decimal_string(due.absent), "missing_days": decimal_string(due.missing),
        "outage": decimal_string(due.outage), "provisional": decimal_string(due.provisional),
        "late": totals.late, "early": totals.early, "missing": totals.missing, "unready": totals.unready,
        "rest_day_sessions": totals.rest_day_sessions,
        "accumulated": decimal_string(part.accumulated(whole)),
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
