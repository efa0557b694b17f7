"""What the kiosk says at once."""

from datetime import date, datetime, time
from typing import get_args

import pytest

from config.policy import load_policy
from station.rules.calendar import state_council
from station.rules.given import Absence, Posting, Punch
from station.rules.glance import Colour, glance, no_match
from station.rules.hours import day_of, law_of, local_day
from tests.rules.tables import SHANGHAI, Row, as_file, instant, rows

PRESSES = rows("glances.toml", "press")


def pressed(day: str, word: str) -> Punch:
    clock, _, way = word.rstrip("?").partition(">")
    return Punch(datetime.fromisoformat(instant(day, clock)), way or None, not word.endswith("?"))  # type: ignore[arg-type]


@pytest.mark.zone
@pytest.mark.parametrize("row", [row for _, row in PRESSES], ids=[name for name, _ in PRESSES])
def test_the_word_for_a_press(row: Row) -> None:
    law = law_of(load_policy(row["policy"]))
    day = day_of(law, date.fromisoformat(row["date"]), state_council())
    absences = [
        Absence(
            each["id"],
            each["kind"],
            datetime.fromisoformat(each["from"]),
            datetime.fromisoformat(each["to"]),
            each["status"],
        )
        for each in as_file({**row, "punches": ""})["absences"]
    ]
    posting = Posting(datetime.fromisoformat(row["posted_from"])) if "posted_from" in row else None
    earlier = [pressed(row["date"], word) for word in row.get("before", "").split()]
    press = pressed(row["date"], row["press"])
    said = glance(earlier, press, day, law, absences, posting, row.get("chosen"))
    assert (said.words, said.colour) == (row["says"], row["colour"])
    assert said.colour in get_args(Colour)


def test_after_three_tries_the_duty_leader_is_asked_for() -> None:
    assert [no_match(tries).words for tries in (1, 2, 3, 4)] == ["请重按", "请重按", "请找值班长签到", "请找值班长签到"]


@pytest.mark.zone
@pytest.mark.parametrize(("clock", "day"), [("03:59:59", 1), ("04:00:00", 2), ("00:00:00", 1), ("23:59:59", 2)])
def test_a_press_belongs_to_the_day_that_began_at_four(clock: str, day: int) -> None:
    moment = datetime.combine(date(2026, 3, 2), time.fromisoformat(clock), SHANGHAI)
    assert local_day(moment, law_of(load_policy("wanzhou"))) == date(2026, 3, day)
