"""A hall that asks for one press in the morning and one in the evening."""

from datetime import date, datetime
from pathlib import Path

import pytest

from config.policy import HALLS, load_policy_file
from station.rules.attendance import judge_person
from station.rules.calendar import state_council
from station.rules.given import Absence, Finding, Record
from station.rules.hours import Law, days_of, law_of
from tests.rules.tables import instant
from tests.rules.test_glance import pressed

DAY = "2026-03-02"


@pytest.fixture(scope="module")
def law(tmp_path_factory: pytest.TempPathFactory) -> Law:
    path: Path = tmp_path_factory.mktemp("halls") / "ours.toml"
    hall = (HALLS / "default.toml").read_text(encoding="utf-8")
    path.write_text(hall + '\n[attendance]\npunches = "per_day"\n', encoding="utf-8")
    return law_of(load_policy_file(path))


@pytest.mark.parametrize(
    ("presses", "morning", "afternoon"),
    [
        ("08:50 17:05", ("present", 0, 0), ("present", 0, 0)),
        ("09:10 16:50", ("late", 10, 0), ("early", 0, 10)),
        ("08:50", ("present", 0, 0), ("missing_out", 0, 0)),
        ("17:05", ("missing_in", 0, 0), ("present", 0, 0)),
        ("", ("absent", 0, 0), ("absent", 0, 0)),
        ("08:50 12:02 13:20 17:05", ("present", 0, 0), ("present", 0, 0)),
        ("08:50 11:30 14:00 17:05", ("present", 0, 0), ("present", 0, 0)),
    ],
)
def test_inner_sides_are_taken_as_kept(
    law: Law, presses: str, morning: tuple[str, int, int], afternoon: tuple[str, int, int]
) -> None:
    days = days_of(law, [date.fromisoformat(DAY)], state_council())
    record = Record("a", tuple(pressed(DAY, word) for word in presses.split()))
    judged = judge_person(record, days, law, datetime.fromisoformat(instant(DAY, "33:00"))).days[0]
    assert [(each.verdict, each.late, each.early) for each in judged.verdicts] == [morning, afternoon]


def test_a_day_without_a_press_is_absent_and_a_leave_excuses_it(law: Law) -> None:
    days = days_of(law, [date.fromisoformat(DAY)], state_council())
    start, end = (datetime.fromisoformat(instant(DAY, clock)) for clock in ("09:00", "12:00"))
    record = Record("a", (pressed(DAY, "17:05"),), (Absence("l", "sick", start, end),))
    judged = judge_person(record, days, law, datetime.fromisoformat(instant(DAY, "33:00"))).days[0]
    assert [each.verdict for each in judged.verdicts] == ["leave", "present"]


@pytest.mark.parametrize(
    ("presses", "found", "morning", "afternoon"),
    [
        ("08:50 17:05", "10:00", "absent", "present"),
        ("08:50 17:05", "13:00", "present", "absent"),
        ("08:50 17:05", "12:30", "present", "present"),
        ("08:50 16:00", "16:30", "present", "early"),
        ("17:05", "10:00", "missing_in", "present"),
        ("", "15:00", "absent", "absent"),
    ],
)
def test_who_left_the_post_is_absent_though_nobody_presses_at_noon(
    law: Law, presses: str, found: str, morning: str, afternoon: str
) -> None:
    days = days_of(law, [date.fromisoformat(DAY)], state_council())
    finding = Finding("f1", datetime.fromisoformat(instant(DAY, found)), "left_post", confirmed=True)
    record = Record("a", tuple(pressed(DAY, word) for word in presses.split()), findings=(finding,))
    judged = judge_person(record, days, law, datetime.fromisoformat(instant(DAY, "33:00"))).days[0]
    assert [each.verdict for each in judged.verdicts] == [morning, afternoon]
    assert [each.evidence for each in judged.verdicts] == [
        ("f1",) if presses and verdict == "absent" else () for verdict in (morning, afternoon)
    ]
