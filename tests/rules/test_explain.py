"""`zaigang judge --explain`: every verdict with its facts, its sum and its clauses in words, never a raw id."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from station.rules.command import judge
from station.rules.explain import explained
from station.rules.judge import judge_text
from tests.rules.tables import as_file, rows

DAY = "2026-03-02"
RAW_ID = re.compile(r"[a-z]+:[a-z_]+:\d|assumed")

# What is given; the words that must stand in the morning's lines.
SAID: list[tuple[str, dict[str, Any], list[str]]] = [
    (
        "late, with leave before",
        {"punches": "11:10 12:02", "absences": ["sick 09:00~10:40"]},
        ["迟到", "迟到 30 分钟 = 09:00 到 11:10 共 130 分钟，其中批准离岗 100 分钟",
         "应在岗 10:40 到 12:00，中点 11:20", "准病假 l1（09:00–10:40）", "依据：万州 考勤 第三条"],
    ),
    (
        "late, without leave",
        {"punches": "09:05 12:02"},
        ["迟到 5 分钟 = 09:00 到 09:05 共 5 分钟", "提前 10 分钟到岗（最晚 08:50）：否"],
    ),
    (
        "posted in the morning",
        {"punches": "09:35 11:50", "posted_from": "2026-03-02T09:30:00+08:00", "absences": ["sick 11:55~12:00"]},
        ["共 35 分钟，其中未入驻 30 分钟", "早退 5 分钟 = 11:50 到 12:00 共 10 分钟，其中批准离岗 5 分钟"],
    ),
    (
        "posted in the morning, with leave from before",
        {"punches": "09:55 12:00", "posted_from": "2026-03-02T09:30:00+08:00", "absences": ["sick 09:00~09:40"]},
        ["迟到 15 分钟 = 09:00 到 09:55 共 55 分钟，其中批准离岗 40 分钟"],
    ),
    (
        "leave of two kinds",
        {"punches": "", "absences": ["sick 09:00~10:30", "personal 10:30~12:00"]},
        ["请假", "180 分钟都不须在岗：病假 90 分钟、事假 90 分钟，计为病假", "依据：万州 考勤 第四条"],
    ),
    (
        "nobody came",
        {"punches": ""},
        ["旷工", "没有打卡，也没有准假", "依据：万州 考勤 第五条"],
    ),
    (
        "nobody came, some leave",
        {"punches": "", "absences": ["sick 09:00~10:40"]},
        ["缺卡", "有准假涉及本时段"],
    ),
    (
        "left the post",
        {"punches": "08:52 12:02", "findings": ["left_post 09:30"]},
        ["旷工", "打卡显示在岗（08:52 至 12:02），巡查已确认脱岗", "巡查发现脱岗 f1（09:30，已确认）",
         "依据：万州 考勤 第五条、推定（无条文）"],
    ),
    (
        "out at noon",
        {"punches": "08:50", "exits": ["11:30~14:00"]},
        ["出勤", "下班没有打卡，但有凭据，按准时计", "外出登记 x1（11:30–14:00）", "依据：推定（无条文）"],
    ),
    (
        "out and not back",
        {"punches": "08:50", "exits": ["11:30~"]},
        ["外出登记 x1（11:30–未返回）"],
    ),
    (
        "the station was down",
        {"punches": "12:01", "outages": ["08:30~09:40"]},
        ["上班没有打卡，但有凭据", "设备故障 o1（08:30–09:40）"],
    ),
    (
        "not due",
        {"punches": "08:50", "as_of": "13:29:59"},
        ["未到时", "13:30 起才判定缺卡、早退"],
    ),
    (
        "undecided leave and an unsure clock",
        {"punches": "09:30? 12:01", "absences": ["pending sick 09:00~10:40"]},
        ["（待定）", "请假 l1 还没有批", "09:30:00（时钟未校准）", "时钟还没有校准"],
    ),
    (
        "out forgotten",
        {"punches": "08:52"},
        ["缺下班卡", "没有下班打卡：只列缺卡，待更正，不按旷工算", "推定（无条文）"],
    ),
    (
        "in forgotten, where nobody is called truant",
        {"policy": "shanxi", "punches": "12:02"},
        ["没有上班打卡：只列缺卡，待更正，不按缺勤算"],
    ),
    (
        "on a rest day",
        {"date": "2026-03-07", "punches": "09:30 12:00"},
        ["休息", "打卡：上班 09:30:00，下班 12:00:00", "休息日出勤，只作记录"],
    ),
    (
        "before the posting",
        {"punches": "08:50 12:02", "posted_from": "2026-03-02T12:00:00+08:00"},
        ["未入驻", "这一段不在入驻期内", "打卡：上班 无，下班 无"],
    ),
    (
        "a year without schedule",
        {"date": "2031-03-03", "punches": ""},
        ["（待定）", "该年的放假安排还不知道"],
    ),
]  # fmt: skip


def words_of(case: dict[str, Any]) -> list[str]:
    raw = as_file({"policy": "wanzhou", "date": DAY, "name": "case"} | case)
    return list(explained(*judge_text(json.dumps(raw), "case.json")))


@pytest.mark.parametrize(("case", "said"), [row[1:] for row in SAID], ids=[row[0] for row in SAID])
def test_a_session_says_its_facts_its_sum_and_its_clauses(case: dict[str, Any], said: list[str]) -> None:
    lines = words_of(case)
    (noon,) = (index for index, line in enumerate(lines) if " 下午 " in line)
    morning = "\n".join(lines[:noon])
    for each in said:
        assert each in morning


def test_a_month_says_how_late_and_early_add_up() -> None:
    text = "\n".join(words_of({"punches": "09:01 11:59 13:31 17:29"}))
    assert "2026-03 累计折算 0.5 天：迟到 2 次 + 早退 2 次 = 4 次，满 4 次折 0.5 天（万州 考勤 第五条、" in text


@pytest.mark.parametrize(("name", "case"), rows("*.toml"), ids=[name for name, _ in rows("*.toml")])
def test_no_explanation_shows_a_raw_clause_id(name: str, case: dict[str, Any]) -> None:
    text = "\n".join(explained(*judge_text(json.dumps(as_file(case)), name)))
    assert RAW_ID.search(text) is None


def test_the_command_explains_a_file(tmp_path: Path) -> None:
    raw = as_file({"policy": "wanzhou", "date": DAY, "name": "case", "punches": "08:50 12:02"})
    path = tmp_path / "case.json"
    path.write_text(json.dumps(raw), encoding="utf-8")
    ran = CliRunner().invoke(judge, [str(path), "--explain"])
    assert ran.exit_code == 0
    assert ran.output.splitlines() == list(explained(*judge_text(json.dumps(raw), "case.json")))
