"""The commands as they are called: what is printed where, and the exit status."""

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import click
import pytest

from station import cli

ZAIGANG = Path(sys.executable).with_name("zaigang")


def run(*words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(ZAIGANG), *words], input=given, capture_output=True, text=True, check=False, timeout=60)


def test_judge_reads_a_case_from_standard_input() -> None:
    case = {
        "policy": "shanxi",
        "from": "2026-03-02",
        "to": "2026-03-02",
        "as_of": "2026-03-03T09:00:00+08:00",
        "staff": [{"id": "甲", "name": "张三", "unit": "住建局", "window": "12"}],
        "punches": [],
        "absences": [],
        "findings": [],
    }
    ran = run("judge", "-", given=json.dumps(case))
    assert (ran.returncode, ran.stderr) == (0, "")
    answer = json.loads(ran.stdout)
    assert answer["people"][0]["totals"]["absent_days"] == "1.0"


@pytest.mark.parametrize(
    ("text", "said"),
    [('{"policy": "wanzou"}', ["case.json", "policy", "wanzhou", "staff"]), ("{", ["case.json", "JSON"])],
)
def test_judge_refuses_with_one_line_and_status_two(text: str, said: list[str], tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    path.write_text(text, encoding="utf-8")
    ran = run("judge", str(path))
    assert (ran.returncode, ran.stdout) == (2, "")
    (line,) = ran.stderr.splitlines()
    for word in said:
        assert word in line


def test_judge_says_when_there_is_no_such_file(tmp_path: Path) -> None:
    ran = run("judge", str(tmp_path / "none.json"))
    assert ran.returncode == 2
    assert len(ran.stderr.splitlines()) == 1


def test_policy_check_ends_with_one_when_something_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text('title = "我们"\n[from]\npatrol = "wanzho"\n', encoding="utf-8")
    ran = run("policy", "check", str(path))
    assert ran.returncode == 1
    assert "from.patrol" in ran.stdout
    assert "wanzhou" in ran.stdout


def test_an_own_branch_is_found_without_asking_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses() -> Iterator[EntryPoint]:
        raise AssertionError("asked for the hub's branches")
        yield

    monkeypatch.setattr(cli, "_hub_branches", refuses)
    context = click.Context(cli.zaigang)
    for name in ("judge", "policy"):
        assert cli.zaigang.get_command(context, name) is not None


def test_the_hub_s_branches_are_found_and_an_unknown_one_is_not() -> None:
    context = click.Context(cli.zaigang)
    assert "hub" in cli.zaigang.list_commands(context)
    assert cli.zaigang.get_command(context, "hub") is not None
    assert cli.zaigang.get_command(context, "hubb") is None
