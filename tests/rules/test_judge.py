"""`zaigang judge`: the shape of its answer, what it refuses and how it says so."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from config.errors import BadFile
from station.rules.command import judge
from station.rules.judge import as_json, judge_text

CASE: dict[str, Any] = {
    "policy": "wanzhou",
    "from": "2026-03-02",
    "to": "2026-03-02",
    "as_of": "2026-03-03T09:00:00+08:00",
    "staff": [{"id": "a", "name": "张三", "unit": "住建局", "window": "12"}],
    "punches": [
        {"person": "a", "at": "2026-03-02T00:50:00Z"},
        {"person": "a", "at": "2026-03-02T12:01:00+08:00", "direction": "out", "clock": "synced"},
    ],
    "absences": [],
    "findings": [],
}
ABSENCE = {
    "id": "l1",
    "person": "a",
    "kind": "sick",
    "from": "2026-03-02T13:30:00+08:00",
    "to": "2026-03-02T17:30:00+08:00",
    "status": "approved",
}


def test_the_answer_has_exactly_this_shape() -> None:
    case, answers = judge_text(json.dumps(CASE | {"absences": [ABSENCE]}), "case.json")
    assert as_json(case.policy, answers) == {
        "policy": "wanzhou",
        "people": [
            {
                "id": "a",
                "days": [
                    {
                        "date": "2026-03-02",
                        "sessions": [
                            {
                                "session": "morning",
                                "verdict": "present",
                                "in": "2026-03-02T08:50:00+08:00",
                                "out": "2026-03-02T12:01:00+08:00",
                                "late_minutes": 0,
                                "early_minutes": 0,
                                "ready": True,
                                "leave_kind": None,
                                "provisional": False,
                                "evidence": [],
                                "clauses": [],
                            },
                            {
                                "session": "afternoon",
                                "verdict": "leave",
                                "in": None,
                                "out": None,
                                "late_minutes": 0,
                                "early_minutes": 0,
                                "ready": None,
                                "leave_kind": "sick",
                                "provisional": False,
                                "evidence": ["l1"],
                                "clauses": ["wanzhou:attendance:4"],
                            },
                        ],
                    }
                ],
                "totals": {
                    "late": 0,
                    "early": 0,
                    "missing": 0,
                    "unready": 0,
                    "rest_day_sessions": 0,
                    "absent_days": "0.0",
                    "provisional_absent_days": "0.0",
                    "accumulated_absent_days": "0.0",
                    "leave_days": {"sick": "0.5"},
                },
            }
        ],
        "unassigned": [],
    }


def changed(path: str, value: Any) -> str:
    """The case with the value at `path` (a.0.b) put, or taken away for `...`."""
    raw = json.loads(json.dumps(CASE | {"absences": [ABSENCE]}))
    *way, last = path.split(".")
    here = raw
    for part in way:
        here = here[int(part)] if isinstance(here, list) else here[part]
    if value is ...:
        del here[last]
    elif isinstance(here, list):
        here[int(last)] = value
    else:
        here[last] = value
    return json.dumps(raw)


REFUSED = [
    ("polcy", "wanzhou", ["polcy", "policy"]),
    ("policy", "wanzou", ["policy", "wanzou", "wanzhou"]),
    ("policy", ..., ["policy", "缺少"]),
    ("from", "2026-03-32", ["from", "2026-03-32"]),
    ("from", "20260302", ["from", "20260302"]),
    ("from", "2026-03-03", ["to", "早于"]),
    ("to", "2126-03-03", ["to", "天"]),
    ("from", "0001-01-01", ["from", "1900", "2199"]),
    ("to", "9999-12-31", ["to", "1900", "2199"]),
    ("as_of", "9999-12-31T23:59:59-08:00", ["as_of", "1900", "2199"]),
    ("policy", "wan\nzhou", ["policy", "不能显示"]),
    ("policy", None, ["policy", "null"]),
    ("as_of", "2026-03-03T09:00:00", ["as_of", "时区"]),
    ("as_of", "2026-03-03T29:00:00+08:00", ["as_of"]),
    ("as_of", 5, ["as_of", "5"]),
    ("staff", {}, ["staff", "列表"]),
    ("staff", None, ["staff", "列表"]),
    ("punches", None, ["punches", "列表"]),
    ("staff.0", "a", ["staff[0]", "对象"]),
    ("staff.0.id", ..., ["staff[0].id", "缺少"]),
    ("staff.0.id", "", ["staff[0].id"]),
    ("staff.0.id", 7, ["staff[0].id", "7"]),
    ("staff.0.group", "windows", ["staff[0].group", "windows", "window"]),
    ("staff.0.posted_from", "2026-3-2", ["staff[0].posted_from"]),
    ("staff.0.wndow", "12", ["staff[0].wndow", "window"]),
    ("staff", [CASE["staff"][0], CASE["staff"][0]], ["staff[1].id", "'a'"]),
    ("punches.0.person", "b", ["punches[0].person", "'b'"]),
    ("punches.0.at", "2026-03-02 08:50", ["punches[0].at"]),
    ("punches.0.at", ..., ["punches[0].at", "缺少"]),
    ("punches.1.direction", "inn", ["punches[1].direction", "inn", "in"]),
    ("punches.1.clock", "syncd", ["punches[1].clock", "synced"]),
    ("punches.1.place", 3, ["punches[1].place", "没有这一项"]),
    ("absences.0.kind", "sik", ["absences[0].kind", "sick"]),
    ("absences.0.status", "aproved", ["absences[0].status", "approved"]),
    ("absences.0.to", "2026-03-02T13:29:00+08:00", ["absences[0].to", "早于"]),
    ("absences.0.person", "c", ["absences[0].person"]),
    ("findings", [{"id": "f", "person": "a", "at": "2026-03-02T09:30:00+08:00", "category": "left-post",
                   "confirmed": True}], ["findings[0].category", "left_post"]),
    ("findings", [{"id": "f", "person": "a", "at": "2026-03-02T09:30:00+08:00", "category": "left_post",
                   "confirmed": "yes"}], ["findings[0].confirmed", "true"]),
    ("exits", [{"id": "x", "person": "a", "from": "2026-03-02T09:30:00+08:00"}], ["exits[0].to", "缺少"]),
    ("outages", [{"id": "o", "from": "2026-03-02T09:30:00+08:00", "to": None}], ["outages[0].to"]),
    ("calendar", {"holiday": []}, ["calendar.holiday", "holidays"]),
    ("calendar", {"holidays": ["2026-02-30"]}, ["calendar.holidays[0]", "2026-02-30"]),
    ("calendar", {"holidays": ["2026-03-02"], "workdays": ["2026-03-02"]}, ["calendar", "2026-03-02"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value", "said"), REFUSED, ids=[f"{path}={value!r:.20}" for path, value, _ in REFUSED]
)
def test_what_cannot_be_judged_is_refused_with_its_place(path: str, value: Any, said: list[str]) -> None:
    with pytest.raises(BadFile) as caught:
        judge_text(changed(path, value), "case.json")
    line = str(caught.value)
    assert line.startswith("case.json：")
    assert "\n" not in line
    assert len(caught.value.faults) == 1
    for word in said:
        assert word in caught.value.faults[0]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a":1,"a":2}', "[" * 100_000, '"x"', "NaN"])
def test_what_is_no_case_at_all_is_refused(text: str) -> None:
    with pytest.raises(BadFile):
        judge_text(text, "case.json")


def test_every_fault_is_told_at_once() -> None:
    raw = CASE | {"polcy": 1, "from": "x", "staff": [{"id": "a", "group": "b"}], "punches": [{"person": "z", "at": 1}]}
    with pytest.raises(BadFile) as caught:
        judge_text(json.dumps(raw), "case.json")
    places = ["polcy", "from", "staff[0].group", "punches[0].at"]
    assert [fault.split()[0] for fault in caught.value.faults] == places


def test_labels_and_empty_lists_may_be_left_out() -> None:
    raw = {key: CASE[key] for key in ("policy", "from", "to", "as_of")} | {"staff": [{"id": "a"}]}
    case, answers = judge_text(json.dumps(raw), "case.json")
    assert as_json(case.policy, answers)["people"][0]["totals"]["absent_days"] == "1.0"


def test_days_without_end_are_no_trouble() -> None:
    staff = [{"id": "a", "posted_from": "1949-10-01", "posted_to": "9999-12-31"}]
    case, answers = judge_text(json.dumps(CASE | {"staff": staff}), "case.json")
    assert as_json(case.policy, answers)["people"][0]["days"][0]["sessions"][0]["verdict"] == "present"


def test_the_command_prints_the_answer(tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(CASE), encoding="utf-8")
    ran = CliRunner().invoke(judge, [str(path)])
    assert ran.exit_code == 0
    case, answers = judge_text(path.read_text(encoding="utf-8"), "case.json")
    assert json.loads(ran.output) == as_json(case.policy, answers)


def test_the_explanation_names_presses_of_other_days(tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    other = [{"person": "a", "at": "2026-02-03T08:50:00+08:00"}]
    path.write_text(json.dumps(CASE | {"punches": other}), encoding="utf-8")
    assert (
        "2026-02-03T08:50:00+08:00 的打卡在所判日期之外" in CliRunner().invoke(judge, [str(path), "--explain"]).output
    )
    assert json.loads(CliRunner().invoke(judge, [str(path)]).output)["unassigned"] == []


@pytest.mark.parametrize(
    ("press", "clauses"),
    [
        ("08:50", []),
        ("08:55", ["wanzhou:civil_service:5.1.1", "assumed"]),
        ("09:01", ["wanzhou:attendance:3"]),
    ],
)
def test_the_clause_of_readiness_stands_where_nobody_is_late(press: str, clauses: list[str]) -> None:
    at = [{"person": "a", "at": f"2026-03-02T{clock}:00+08:00"} for clock in (press, "12:00")]
    case, answers = judge_text(json.dumps(CASE | {"punches": at}), "case.json")
    (morning, _) = as_json(case.policy, answers)["people"][0]["days"][0]["sessions"]
    assert morning["clauses"] == clauses
