"""Policies: every number beside its clause, every fault of a file at once, sections from where a hall takes them."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from config.command import policy as command
from config.errors import BadFile, Refused
from config.policy import HALLS, PACKS, SECTIONS, halls, load_policy, load_policy_file, packs, read_toml
from config.policy_parts import Section, numbers
from config.policy_words import changes, lines, named, shown

ALL = [*halls(), *packs()]
EVERY_FAULT = """
title = "坏的制度"
flors = 3
zone = "Asia/Shanghia"
[from]
attendance = "wanzo"
leav = "taigu"
[attendance]
repeat_minute = 5
exit_minutes = "x"
day_start = "08:45"
sessions = [
  { name = "a", start = "09:00", end = "08:00", source = "assumed" },
  { name = "b", start = "08:30", end = "12:00", source = "wanzhou-3" },
  { name = "b", start = "11:00", end = "25:00", source = "assumed" },
  { name = "c", start = "11:30", end = "13:00" },
]
breaks = [{ start = "14:00", end = "14:10", source = "assumed" }]
[attendance.sources]
split_minuts = "assumed"
repeat_minutes = []
[patrol]
team = 0
confirmed_by = "supervison"
[[patrol.rounds]]
at = "10:00"
name = "一"
source = "assumed"
[[patrol.rounds]]
at = "09:00"
name = "二"
source = "assumed"
[leave]
chains = [{ steps = ["window_hed|chief_rep"], source = "assumed" }]
[complaints]
box_from = "17:30"
box_to = "17:00"
"""
FAULTS = [
    ("flors", "floors"),
    ("zone", "Asia/Shanghia"),
    ("from.leav", "leave"),
    ("from.attendance", "wanzhou"),
    ("attendance.repeat_minute", "repeat_minutes"),
    ("attendance.exit_minutes", "x"),
    ("attendance.sessions[0].end", "结束"),
    ("attendance.sessions[1].start", "先后"),
    ("attendance.sessions[1].start", "起点"),
    ("attendance.sessions[1].source", "wanzhou-3"),
    ("attendance.sessions[2].name", "重复"),
    ("attendance.sessions[2].end", "25:00"),
    ("attendance.sessions[3].source", "缺少"),
    ("attendance.sessions[3].start", "重叠"),
    ("attendance.breaks[0]", "休息"),
    ("attendance.sources.split_minuts", "split_minutes"),
    ("attendance.sources.repeat_minutes", "出处"),
    ("patrol.team", "0"),
    ("patrol.confirmed_by", "supervision"),
    ("patrol.rounds[1].at", "先后"),
    ("leave.chains[0].steps[0].roles[0]", "window_head"),
    ("complaints.box_to", "结束"),
]


@pytest.mark.parametrize("name", ALL)
def test_every_policy_of_the_product_is_sound(name: str) -> None:
    policy = load_policy(name)
    assert policy.name == name
    assert {origin.pack for origin in policy.origins.values()} <= set(packs())


@pytest.mark.parametrize("name", packs())
@pytest.mark.parametrize("section", SECTIONS)
def test_every_number_stands_beside_its_clause(name: str, section: str) -> None:
    raw = read_toml(PACKS / f"{name}.toml").get(section, {})
    model: type[Section] = SECTIONS[section]
    for key in numbers(model, raw):
        assert raw["sources"][key], f"{section}.{key}"


def test_the_default_hall_takes_each_section_from_its_document() -> None:
    taken = {section: origin.pack for section, origin in load_policy("default").origins.items()}
    assert taken == {
        "attendance": "taigu",
        "leave": "taigu",
        "duty": "taigu",
        "patrol": "wanzhou",
        "substitution": "wanzhou",
        "complaints": "wanzhou",
        "consequences": "wanzhou",
        "assessment": "municipal",
        "reporting": "shanxi",
    }
    assert not any(origin.assumed for origin in load_policy("default").origins.values())


def test_the_default_hall_has_taigus_public_notice() -> None:
    reporting = load_policy("default").reporting
    assert reporting.public_notice
    assert reporting.clauses("public_notice") == ("taigu:attendance:6",)
    assert reporting.clauses("due_working_days") == ("shanxi:attendance:3",)


def test_the_demo_hall_is_wanzhou_with_floors_and_windows() -> None:
    demo, wanzhou = load_policy("demo"), load_policy("wanzhou")
    assert (demo.floors, demo.windows) == (4, 24)
    assert demo.attendance == wanzhou.attendance
    assert demo.patrol == wanzhou.patrol
    assert demo.reporting == load_policy("default").reporting


def test_a_section_that_a_pack_lacks_is_lent_by_the_default_hall_as_assumed() -> None:
    ruzhu = load_policy("ruzhu")
    assert ruzhu.origins["patrol"].assumed
    assert ruzhu.patrol == load_policy("default").patrol
    assert not ruzhu.origins["substitution"].assumed


@pytest.mark.parametrize(
    ("pack", "accumulates", "left_post"),
    [("wanzhou", True, True), ("taigu", False, False), ("shanxi", False, False), ("xingling", False, False),
     ("default", True, True), ("demo", True, True)],
)  # fmt: skip
def test_consequences_by_pack(pack: str, accumulates: bool, left_post: bool) -> None:
    rules = load_policy(pack).consequences
    assert (rules.accumulation is not None, rules.left_post_is_absent) == (accumulates, left_post)


@pytest.mark.parametrize("name", ["wanzou", "shangxi", "defalt"])
def test_an_unknown_name_is_refused_with_the_nearest(name: str) -> None:
    with pytest.raises(Refused) as caught:
        load_policy(name)
    assert {"wanzou": "wanzhou", "shangxi": "shanxi", "defalt": "default"}[name] in str(caught.value)


def test_every_fault_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(EVERY_FAULT, encoding="utf-8")
    with pytest.raises(BadFile) as caught:
        load_policy_file(path)
    for key, reason in FAULTS:
        assert any(f.startswith(f"{key} ") and reason in f for f in caught.value.faults), (key, reason)
    assert len(caught.value.faults) == len(FAULTS)
    assert str(caught.value).startswith(f"{path}：")


@pytest.mark.parametrize("text", ["x = ", "title = 3\n", "patrol = 1\n", "from = 1\n"])
def test_what_is_no_policy_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadFile):
        load_policy_file(path)


def test_a_key_of_the_halls_own_is_its_own_word(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    default = (HALLS / "default.toml").read_text(encoding="utf-8")
    path.write_text(default + "\n[attendance]\nrepeat_minutes = 5\nready = { window = 7 }\n", encoding="utf-8")
    ours, theirs = load_policy_file(path), load_policy("default")
    assert ours.attendance.repeat_minutes == 5
    assert ours.attendance.clauses("repeat_minutes") == ("assumed",)
    assert ours.origins["attendance"].overridden == ("repeat_minutes", "ready")
    assert ours.attendance.sessions == theirs.attendance.sessions
    assert {line.split("：")[0] for line in changes(theirs, ours)} == {
        "考勤 提前到岗（分钟） 窗口",
        "考勤 重复到岗或离开（分钟）",
    }


@pytest.mark.parametrize("name", ALL)
def test_every_line_is_said_with_its_clauses(name: str) -> None:
    policy = load_policy(name)
    told = list(shown(policy))
    assert len(told) > 60
    for line in lines(policy):
        assert line.clauses
        assert line.key not in named(line.section, line.key, line.row).split()


@pytest.mark.parametrize("name", ALL)
def test_a_policy_does_not_differ_from_itself(name: str) -> None:
    assert list(changes(load_policy(name), load_policy(name))) == []


def test_what_changes_between_two_halls_is_said_in_words() -> None:
    told = list(changes(load_policy("taigu"), load_policy("wanzhou")))
    assert any("上班时间 下午" in line and "13:00" in line and "13:30" in line for line in told)
    assert any("提前到岗" in line and "新增 10" in line for line in told)
    assert any("累计折算旷工" in line and "万州 考勤 第五条" in line for line in told)


def test_the_command_checks_shows_and_compares(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(EVERY_FAULT, encoding="utf-8")
    ran = CliRunner().invoke(command, ["check", str(path)], standalone_mode=False)
    assert ran.return_value == 1
    assert len(ran.output.splitlines()) == len(FAULTS)
    assert CliRunner().invoke(command, ["check"], standalone_mode=False).return_value == 0
    assert "wanzhou:patrol:3" in CliRunner().invoke(command, ["show", "wanzhou"]).output
    assert CliRunner().invoke(command, ["diff", "demo", "demo"]).output == "没有变化\n"
