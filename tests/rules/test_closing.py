"""What keeps a month open: each kind of obstacle by itself, and none where everything is settled."""

import json
from typing import Any

import pytest

from station.rules.closing import Obstacle, of_days, words_of
from station.rules.judge import judge_text
from tests.rules.tables import as_file

DAY = "2026-03-02"
FULL = "08:50 12:02 13:15 17:31"


def obstacles(**case: Any) -> list[Obstacle]:
    raw = as_file({"policy": "wanzhou", "date": DAY, "name": "case"} | case)
    _, (answer,) = judge_text(json.dumps(raw), "case.json")
    return list(of_days("甲", answer.period.days))


@pytest.mark.parametrize(
    ("case", "found"),
    [
        ({"punches": FULL}, []),
        ({"punches": ""}, []),  # absent is decided
        ({"punches": "08:50 12:02"}, []),  # missing too: it stays until corrected
        ({"punches": FULL, "absences": ["pending sick 09:00~10:00"]}, [("undecided", "morning")]),
        ({"punches": FULL, "absences": ["pending sick 09:00~18:00"]},
         [("undecided", "morning"), ("undecided", "afternoon")]),
        ({"punches": FULL, "absences": ["refused sick 09:00~18:00"]}, []),
        ({"punches": FULL, "date": "2026-03-07", "absences": ["pending sick 09:00~18:00"]}, []),  # a rest day
        ({"punches": "08:50? 12:02 13:15 17:31"}, [("unsynced", "morning")]),
        ({"punches": "08:50 12:02 13:15", "as_of": "17:00"}, [("running", "")]),
        ({"punches": FULL, "date": "2031-03-03"}, [("unknown_year", "")]),
        ({"punches": "", "date": "2031-03-08"}, [("unknown_year", "")]),  # also a rest day of it
    ],
)  # fmt: skip
def test_a_day_keeps_its_month_open(case: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert [(each.why, each.session) for each in obstacles(**case)] == found


def test_an_obstacle_says_whose_and_when() -> None:
    (one,) = obstacles(punches=FULL, absences=["pending sick 09:00~10:00"])
    assert words_of(one, "刘明", "上午").read(str) == "刘明 03-02 上午的请假还没有批"
