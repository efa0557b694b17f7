"""Reading the case tables: a clerk's words into a judge's case, and the expected words into checks.

Times are on the case's date unless hours pass 24 (25:30 is 01:30 of the next day). Marks on a punch: `>in`, `>out`
directed, `?` pressed while the clock was not corrected. Ids are given in order: l1, l2 … for absences, f1 for
findings, x1 for exits, o1 for outages.
"""

import json
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from station.rules.judge import as_json, judge_text

HERE = Path(__file__).parent / "cases"
SHANGHAI = ZoneInfo("Asia/Shanghai")
STATUSES = ("pending", "refused", "cancelled", "revoked")
Row = dict[str, Any]


def instant(day: str, clock: str) -> str:
    """ISO 8601 in the hall's zone of a clock time that may pass midnight or carry a date of its own."""
    if "T" in clock:
        day, clock = clock.split("T")
    hours, minutes, *seconds = clock.split(":")
    begin = datetime.combine(date.fromisoformat(day), time(), SHANGHAI)
    passed = timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds[0]) if seconds else 0)
    return (begin + passed).isoformat()


def rows(pattern: str, table: str = "case") -> list[tuple[str, Row]]:
    """Every row of a table in the files whose name matches, with a name; what stands above holds for each row."""
    found = []
    for path in sorted(HERE.glob(pattern)):
        read = tomllib.loads(path.read_text(encoding="utf-8"))
        given = {key: value for key, value in read.items() if not isinstance(value, list) or key != table}
        found += [(f"{path.stem}: {row['name']}", {**given, **row}) for row in read.get(table, [])]
    return found


def judged(case: Row) -> Row:
    """What the judge answers to a case."""
    read, answers = judge_text(json.dumps(as_file(case)), case["name"])
    return as_json(read.policy, answers)


def as_file(case: Row) -> Row:
    """The case as the file that `zaigang judge` reads."""
    days = list(_days(case))
    first, last = days[0]["date"], days[-1]["date"]
    raw: Row = {
        "policy": case["policy"],
        "from": case.get("from", first),
        "to": case.get("to", last),
        "as_of": instant(last, case.get("as_of", "33:00")),
        "staff": [_staff(case)],
        "punches": [punch for day in days for punch in _punches(day)],
        "absences": [],
        "findings": [],
        "exits": [],
        "outages": [],
    }
    for day in days:
        _add_decisions(raw, day)
    if "holidays" in case or "workdays" in case:
        raw["calendar"] = {key: case[key] for key in ("holidays", "workdays") if key in case}
    return raw


def check(case: Row, answer: Row) -> None:
    """Hold the answer to what the table says; what a table does not name must be empty, none or zero."""
    (person,) = answer["people"]
    by_date = {day["date"]: {each["session"]: each for each in day["sessions"]} for day in person["days"]}
    for day in _days(case):
        for session in ("morning", "afternoon"):
            if session in day:
                found, want = _said(by_date[day["date"]][session], day["date"]), _expected(day[session])
                assert {key: found[key] for key in want} == want, f"{day['date']} {session}"
    for key, value in case.get("totals", {}).items():
        assert person["totals"][key] == value, key
    listed = [instant(day["date"], clock) for day in _days(case) for clock in day.get("unassigned", "").split()]
    assert [each["at"] for each in answer["unassigned"]] == listed


def _days(case: Row) -> list[Row]:
    return case.get("day") or [{**case, "date": case["date"]}]


def _staff(case: Row) -> Row:
    person: Row = {"id": "甲", "name": "张三", "unit": "住建局", "window": "12"}
    return person | {key: case[key] for key in ("group", "posted_from", "posted_to") if key in case}


def _punches(day: Row) -> Iterator[Row]:
    for word in day.get("punches", "").split():
        clock, _, direction = word.rstrip("?").partition(">")
        punch = {"person": "甲", "at": instant(day["date"], clock)}
        if direction:
            punch["direction"] = direction
        if word.endswith("?"):
            punch["clock"] = "unsynced"
        yield punch


def _add_decisions(raw: Row, day: Row) -> None:
    for words in day.get("absences", []):
        status, kind, spell = ("approved " + words if words.split()[0] not in STATUSES else words).split()
        start, end = _spell(day["date"], spell)
        row = {"id": f"l{len(raw['absences']) + 1}", "person": "甲", "kind": kind, "from": start, "to": end}
        raw["absences"].append(row | {"status": status})
    for words in day.get("findings", []):
        *unconfirmed, category, clock = words.split()
        row = {"id": f"f{len(raw['findings']) + 1}", "person": "甲", "at": instant(day["date"], clock)}
        raw["findings"].append(row | {"category": category, "confirmed": not unconfirmed})
    for words in day.get("exits", []):
        start, end = _spell(day["date"], words)
        raw["exits"].append({"id": f"x{len(raw['exits']) + 1}", "person": "甲", "from": start, "to": end})
    for words in day.get("outages", []):
        start, end = _spell(day["date"], words)
        raw["outages"].append({"id": f"o{len(raw['outages']) + 1}", "from": start, "to": end})


def _spell(day: str, words: str) -> tuple[str, str | None]:
    start, end = words.split("~")
    return instant(day, start), instant(day, end) if end else None


def _said(found: Row, day: str) -> Row:
    shown = {key: found[key] for key in ("verdict", "late_minutes", "early_minutes", "provisional", "leave_kind")}
    return (
        shown
        | {"evidence": sorted(found["evidence"]), "ready": found["ready"]}
        | {side: found[side] and _since(day, found[side]) for side in ("in", "out")}
    )


def _since(day: str, at: str) -> str:
    """Clock time on the case's day; hours pass 24 on the next one."""
    begin = datetime.combine(date.fromisoformat(day), time(), SHANGHAI)
    seconds = int((datetime.fromisoformat(at) - begin).total_seconds())
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
    return f"{text}:{seconds % 60:02}" if seconds % 60 else text


def _expected(words: str) -> Row:
    """What the table's words ask for. Readiness, in and out are only held when named; all else must be nothing."""
    verdict, *rest = [each.strip() for each in words.split(",")]
    want: Row = {
        "verdict": verdict,
        "late_minutes": 0,
        "early_minutes": 0,
        "provisional": False,
        "leave_kind": None,
        "evidence": [],
    }
    for each in rest:
        want |= _word(each)
    return want


def _word(word: str) -> Row:
    head, _, rest = word.partition(" ")
    if word in ("ready", "not ready", "no ready"):
        return {"ready": {"ready": True, "not ready": False, "no ready": None}[word]}
    if word in ("no in", "no out"):
        return {rest: None}
    if head in ("in", "out"):
        return {head: rest}
    if head in ("late", "early"):
        return {f"{head}_minutes": int(rest)}
    if head == "kind":
        return {"leave_kind": rest}
    if head == "by":
        return {"evidence": sorted(rest.split())}
    assert word == "provisional", word
    return {"provisional": True}
