"""A judge's case: staff, punches and decisions read from JSON, every fault at once, nothing half-read."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple, get_args
from zoneinfo import ZoneInfo

from config.errors import BadFile, Refused
from config.policy_faults import nearest
from config.policy_parts import GroupName, LeaveKind
from config.words import say
from station.rules.given import LEFT_POST, Absence, Exit, Finding, Outage, Posting, Punch, Record, Status
from station.rules.reading import (
    Faults,
    Table,
    Wrong,
    check_keys,
    date_of,
    date_or_instant,
    instant_of,
    label_of,
    near_date_of,
    one_of,
    or_none,
    read,
    rows_of,
    shown,
    text_of,
    truth_of,
)  # fmt: skip

LONGEST = 3700  # days judged in one run; ten years
TOP = {"policy", "from", "to", "as_of", "calendar", "staff", "punches", "absences", "findings", "exits", "outages"}
NEEDED = ("policy", "from", "to", "as_of", "staff")


class Person(NamedTuple):
    """A member of staff of the case: the record, and the group whose hours and readiness count."""

    group: GroupName
    record: Record


class CaseFile(NamedTuple):
    """A case as it was written, before its policy is applied. `holidays`, `workdays` override the calendar's word."""

    policy: str
    first: date
    last: date
    as_of: datetime
    holidays: frozenset[date]
    workdays: frozenset[date]
    people: tuple[Person, ...]


def read_case(raw: dict[str, Any], name: str, zone_of: Callable[[str], ZoneInfo]) -> CaseFile:
    """The case that `raw` holds. `zone_of`: the zone of the policy of a name. BadFile names every fault."""
    faults = Faults()
    check_keys(raw, TOP, "", faults)
    for key in NEEDED:
        if key not in raw:
            faults.add(key, say("缺少这一项"))
    policy, zone = _policy(raw, zone_of, faults)
    first = read(raw, "from", near_date_of, "", faults)
    last = read(raw, "to", near_date_of, "", faults)
    as_of = read(raw, "as_of", instant_of, "", faults)
    if first and last and last < first:
        faults.add("to", say("结束不能早于开始"))
    elif first and last and (last - first).days >= LONGEST:
        faults.add("to", say("一次最多判定 {days} 天", days=LONGEST))
    holidays, workdays = _calendar(raw.get("calendar"), faults)
    people = _people(raw, zone, faults)
    if faults:
        raise BadFile(name, faults)
    return CaseFile(policy, first, last, as_of, holidays, workdays, people)


def _policy(raw: dict[str, Any], zone_of: Callable[[str], ZoneInfo], faults: Faults) -> tuple[str, ZoneInfo]:
    policy = read(raw, "policy", text_of, "", faults)
    try:
        return (policy, zone_of(policy)) if policy else ("", ZoneInfo("UTC"))
    except Refused as error:
        faults.add("policy", f"{error.what}{say('，')}{error.remedy}")
        return "", ZoneInfo("UTC")


def _calendar(raw: Any, faults: Faults) -> tuple[frozenset[date], frozenset[date]]:
    if raw is None:
        return frozenset(), frozenset()
    if not isinstance(raw, dict):
        faults.add("calendar", say("这里要写成一个对象"))
        return frozenset(), frozenset()
    check_keys(raw, {"holidays", "workdays"}, "calendar", faults)
    off, on = (frozenset(_dates(raw, key, faults)) for key in ("holidays", "workdays"))
    for day in sorted(off & on):
        faults.add("calendar", say("{day} 既是假日又是工作日", day=day))
    return off, on


def _dates(raw: dict[str, Any], key: str, faults: Faults) -> Iterator[date]:
    listed = raw.get(key, [])
    if not isinstance(listed, list):
        faults.add(f"calendar.{key}", say("这里要写成一个列表"))
        return
    for index, value in enumerate(listed):
        try:
            yield date_of(value)
        except Wrong as error:
            faults.add(f"calendar.{key}[{index}]", str(error))


def category_of(value: Any) -> str:
    """A finding's category; a misspelt `left_post` would silently change nothing, so it is a fault."""
    text = text_of(value)
    if text != LEFT_POST and re.sub(r"[^a-z]", "", text.lower()) == "leftpost":
        raise Wrong(say("不认识 {value}", value=shown(text)) + say("，是不是 {word}", word=LEFT_POST))
    return text


TABLES = {
    "punches": Table(
        {
            "person": text_of,
            "at": instant_of,
            "direction": or_none(one_of("in", "out")),
            "clock": or_none(one_of("synced", "unsynced")),
        },
        frozenset(("direction", "clock")),
    ),
    "absences": Table(
        {
            "id": text_of,
            "person": text_of,
            "kind": one_of(*get_args(LeaveKind)),
            "from": instant_of,
            "to": instant_of,
            "status": one_of(*get_args(Status)),
        }
    ),
    "findings": Table(
        {"id": text_of, "person": text_of, "at": instant_of, "category": category_of, "confirmed": truth_of}
    ),
    "exits": Table({"id": text_of, "person": text_of, "from": instant_of, "to": or_none(instant_of)}),
    "outages": Table({"id": text_of, "from": instant_of, "to": instant_of}),
    "staff": Table(
        {
            "id": text_of,
            "name": label_of,
            "unit": label_of,
            "window": label_of,
            "group": or_none(one_of(*get_args(GroupName))),
            "posted_from": or_none(date_or_instant),
            "posted_to": or_none(date_or_instant),
        },
        frozenset(("name", "unit", "window", "group", "posted_from", "posted_to")),
    ),
}


def _forwards(rows: list[dict[str, Any]], faults: Faults) -> None:
    for row in rows:
        if row["to"] is not None and row["to"] < row["from"]:
            faults.add(f"{row['#']}.to", say("结束不能早于开始"))


def _people(raw: dict[str, Any], zone: ZoneInfo, faults: Faults) -> tuple[Person, ...]:
    staff = rows_of(raw, "staff", TABLES["staff"], faults)
    ids, all_known = _staff_ids(raw, staff, faults)
    rows = {
        name: rows_of(raw, name, TABLES[name], faults)
        for name in ("punches", "absences", "findings", "exits", "outages")
    }
    for name in ("absences", "exits", "outages"):
        _forwards(rows[name], faults)
    of: dict[str, dict[str, list[dict[str, Any]]]] = {each: {} for each in ids}
    for name in ("punches", "absences", "findings", "exits"):
        _share_out(name, rows[name], of, faults if all_known else Faults())
    _once_each("outages", [(row["id"], row["#"]) for row in rows["outages"]], faults)
    outages = tuple(Outage(row["id"], row["from"], row["to"]) for row in rows["outages"])
    return tuple(
        Person(row["group"] or "window", _record(row, of[row["id"]], outages, _posting(row, zone, faults)))
        for row in staff
    )


def _staff_ids(raw: dict[str, Any], staff: list[dict[str, Any]], faults: Faults) -> tuple[list[str], bool]:
    """The ids of staff, also of rows with other faults, and whether these are all: only then can one be unknown."""
    _once_each("staff", [(row["id"], row["#"]) for row in staff], faults)
    listed = raw.get("staff")
    rows = listed if isinstance(listed, list) else []
    ids = [row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str) and row["id"]]
    return ids, isinstance(listed, list) and len(ids) == len(rows)


def _once_each(table: str, ids: list[tuple[str, str]], faults: Faults) -> None:
    seen: set[str] = set()
    for each, place in ids:
        if each in seen:
            faults.add(f"{place}.id", say("{table} 里已有 {value}", table=table, value=shown(each)))
        seen.add(each)


def _share_out(name: str, rows: list[dict[str, Any]], of: dict[str, dict[str, list[dict[str, Any]]]],
               faults: Faults) -> None:  # fmt: skip
    for row in rows:
        mine = of.get(row["person"])
        if mine is None:
            reason = say("staff 里没有 {value}", value=shown(row["person"])) + nearest(row["person"], list(of))
            faults.add(f"{row['#']}.person", reason)
        else:
            mine.setdefault(name, []).append(row)
    for mine in of.values():
        _once_each(name, [(row["id"], row["#"]) for row in mine.get(name, []) if "id" in row], faults)


def _posting(row: dict[str, Any], zone: ZoneInfo, faults: Faults) -> Posting:
    start, end = row["posted_from"], row["posted_to"]
    begins = start if start is None or isinstance(start, datetime) else datetime.combine(start, time(), zone)
    ends = end if end is None or isinstance(end, datetime) else _after(end, zone)
    if begins is not None and ends is not None and ends < begins:
        faults.add(f"{row['#']}.posted_to", say("结束不能早于开始"))
    return Posting(begins, ends)


def _after(day: date, zone: ZoneInfo) -> datetime | None:
    """The instant after a last day of posting; the calendar's last date means without end."""
    return None if day == date.max else datetime.combine(day + timedelta(days=1), time(), zone)


def _record(row: dict[str, Any], mine: dict[str, list[dict[str, Any]]], outages: tuple[Outage, ...],
            posting: Posting) -> Record:  # fmt: skip
    return Record(
        row["id"],
        tuple(Punch(p["at"], p["direction"], p["clock"] != "unsynced") for p in mine.get("punches", [])),
        tuple(Absence(a["id"], a["kind"], a["from"], a["to"], a["status"]) for a in mine.get("absences", [])),
        tuple(Finding(f["id"], f["at"], f["category"], f["confirmed"]) for f in mine.get("findings", [])),
        tuple(Exit(e["id"], e["from"], e["to"]) for e in mine.get("exits", [])),
        outages,
        posting,
    )
