"""The rounds' tick, by a clock that is driven: what stands on the screen and what is said, at every kind of minute."""

import json
from datetime import date, datetime
from pathlib import Path

import pytest

from drivers.signals.voice import speakable
from station.display import Shown
from station.loops.rounds import QUIET_TICKS, SAID, Rounds
from station.patrolling import Filled
from station.voice import PHRASES
from tests.station.counters import SHANGHAI
from tests.station.walkers import A101, A102, HALL2, LOBBY, MORNING, Walkers, workday

SATURDAY, SUNDAY, HOLIDAY = "2026-02-14", "2026-03-01", "2026-05-01"  # a make-up workday, a plain one, a statutory one


def at(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=SHANGHAI)


class Ticking(Walkers):
    """The station with the rounds' loop, ticked by hand; `said` is what came over the screen and the voice."""

    def __init__(self, folder: Path, moment: datetime) -> None:
        held = workday(moment, workdays=[date(2026, 2, 14)], holidays=[date(2026, 5, 1)])
        super().__init__(folder, moment, held)
        self.start()

    def start(self) -> None:
        """The loop, as after a restart."""
        self.loop = Rounds(self.patrolling, self.journal, self.display)
        self.said: list[str] = []

    def look(self, day: str, clock: str) -> tuple[str, str]:
        """Put the clock there and let a few seconds pass: the blue line and the alarm."""
        self.clock.move_to(at(day, clock))
        for _ in range(QUIET_TICKS + 2):
            before = self.display.frame.shown
            self.loop.tick()
            shown = self.display.frame.shown
            if shown is not None and shown is not before:
                self.said.append(f"{shown.name} {shown.kind.removeprefix('round_')}")
        return self.display.frame.patrol, self.display.frame.alarm

    def walk(self, *points: str) -> None:
        """Look at these checkpoints in the morning's round."""
        if not self.patrolling.rounds().get(MORNING):
            self.begin()
        for point in points:
            self.patrolling.check(Filled(MORNING, point, nothing_abnormal=True, no_photo="相机故障"))


TABLE = [
    ("2026-03-02", "09:24:59", "", ""),
    ("2026-03-02", "09:25:00", "上午定时巡查09:30 开始，还有 5 分钟", ""),
    ("2026-03-02", "09:29:59", "上午定时巡查09:30 开始，还有 1 分钟", ""),
    ("2026-03-02", "09:30:00", "上午定时巡查现在开始", ""),
    ("2026-03-02", "09:44:59", "上午定时巡查现在开始", ""),
    ("2026-03-02", "09:45:00", "", "上午定时巡查：09:30 的巡查尚未开始"),
    ("2026-03-02", "10:30:00", "", "上午定时巡查：09:30 的巡查逾时未巡"),
    ("2026-03-02", "13:36:00", "下午定时巡查13:40 开始，还有 4 分钟", "上午定时巡查：09:30 的巡查逾时未巡"),
    ("2026-03-02", "17:29:59", "", "上午定时巡查：09:30 的巡查逾时未巡；下午定时巡查：13:40 的巡查逾时未巡；"
     "不定时巡查：今天还没有不定时巡查"),
    ("2026-03-02", "17:30:00", "", ""),
    (SATURDAY, "13:40:00", "下午定时巡查现在开始", "上午定时巡查：09:30 的巡查逾时未巡"),
    ("2026-03-07", "13:40:00", "", ""),
    (SUNDAY, "09:30:00", "", ""),
    (HOLIDAY, "09:30:00", "", ""),
]  # fmt: skip


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> Ticking:
    """One station for the whole table, which also takes the clock back and forth."""
    return Ticking(tmp_path_factory.mktemp("ticks"), at("2026-03-02", "08:00:00"))


@pytest.mark.parametrize(("day", "clock", "line", "alarm"), TABLE, ids=[f"{row[0]} {row[1]}" for row in TABLE])
def test_what_stands_on_the_screen_follows_from_the_minute(
    looked: Ticking, day: str, clock: str, line: str, alarm: str
) -> None:
    assert looked.look(day, clock) == (line, alarm)


def test_each_stage_is_said_once_in_its_time(tmp_path: Path) -> None:
    hall = Ticking(tmp_path, at("2026-03-02", "09:00:00"))
    for clock in ("09:25:00", "09:27:00", "09:30:00", "09:35:00", "09:46:00", "10:10:00", "10:31:00", "11:00:00"):
        hall.look("2026-03-02", clock)
    assert hall.said == [f"上午定时巡查 {stage}" for stage in ("soon", "due", "overdue", "missed")]
    hall.close()


def test_a_clock_put_forward_says_what_is_now_and_put_back_says_nothing_again(tmp_path: Path) -> None:
    hall = Ticking(tmp_path, at("2026-03-02", "09:00:00"))
    hall.look("2026-03-02", "09:46:00")  # from nine o'clock straight to here: what was passed over is not made up for
    assert hall.said == ["上午定时巡查 overdue"]
    assert hall.look("2026-03-02", "09:26:00") == ("上午定时巡查09:30 开始，还有 4 分钟", "")
    assert hall.look("2026-03-02", "09:46:00")[1] == "上午定时巡查：09:30 的巡查尚未开始"
    assert hall.said == ["上午定时巡查 overdue", "上午定时巡查 soon"]
    hall.close()


def test_a_restart_in_the_middle_says_nothing_twice_and_forgets_nothing(tmp_path: Path) -> None:
    hall = Ticking(tmp_path, at("2026-03-02", "09:26:00"))
    hall.look("2026-03-02", "09:26:00")
    hall.walk(A101)
    hall.start()
    assert hall.look("2026-03-02", "09:27:00") == ("", "")  # it is under way
    assert hall.said == []
    assert json.loads(hall.journal.get_state(SAID) or "") == [f"{MORNING} soon"]
    assert hall.look("2026-03-02", "10:30:00")[1] == "上午定时巡查：还有 3 处没有巡查"
    hall.close()


def test_a_round_over_a_clock_step_is_whole(tmp_path: Path) -> None:
    hall = Ticking(tmp_path, at("2026-03-02", "09:31:00"))
    hall.walk(A101, A102)
    hall.clock.move_to(at("2026-03-02", "09:20:00"))  # the clock was eleven minutes ahead
    hall.walk(LOBBY)
    hall.clock.move_to(at("2026-03-02", "09:50:00"))
    hall.walk(HALL2)
    assert hall.look("2026-03-02", "10:31:00") == ("", "")
    walk = hall.patrolling.need(MORNING)
    assert (len(walk.visits), [fact.seq for fact in hall.of("check")]) == (4, sorted(f.seq for f in hall.of("check")))
    hall.close()


def test_a_phones_round_that_the_hub_tells_of_is_no_missed_one(tmp_path: Path) -> None:
    hall = Ticking(tmp_path, at("2026-03-02", "09:46:00"))
    begun = "2026-03-02T01:32:00.000000Z"
    visit = {"checkpoint": A101, "at": begun, "officers": ["a", "b"], "found": 0, "photos": 1}
    hall.advice = {"rounds": [{
        "id": MORNING, "kind": "scheduled", "inspector": "", "checklist": "patrol", "opened": begun, "named": [],
        "members": [["a", False, None], ["b", False, None]], "visits": [visit], "digest": "",
    }]}  # fmt: skip
    assert hall.look("2026-03-02", "09:46:00") == ("", "")
    hall.close()


DRAWN = [  # by a draw for 14:52 that the hub told of once its time had come
    ("14:51:59", "", []),  # a clock behind the hub's: its time has not come here
    ("14:52:00", "随机巡查14:52 抽定，请现在开始", ["随机巡查 drawn"]),
    ("15:06:59", "随机巡查14:52 抽定，请现在开始", []),
    ("15:07:00", "随机巡查：14:52 抽定，尚未开始", ["随机巡查 drawn_late"]),
    ("15:51:59", "随机巡查：14:52 抽定，尚未开始", []),
    ("15:52:00", "", []),
]


def test_a_drawn_round_is_told_once_the_hub_said_that_its_time_has_come(tmp_path: Path) -> None:
    hall = Ticking(tmp_path, at("2026-03-02", "14:50:00"))
    assert "随机巡查" not in "".join(hall.look("2026-03-02", "14:50:00"))
    hall.advice = {"drawn": ["2026-03-02T06:52:00.000000Z"]}
    for clock, told, said in DRAWN:
        hall.said = []
        shown = [part for part in "；".join(hall.look("2026-03-02", clock)).split("；") if part.startswith("随机巡查")]
        assert (clock, "".join(shown), [one for one in hall.said if "随机" in one]) == (clock, told, said)
    hall.close()


@pytest.mark.parametrize("advice", [{"drawn": "x"}, {"drawn": ["2026-13-02"]}, {"drawn": None, "key": {}}])
def test_what_the_hub_says_unreadably_is_not_said(tmp_path: Path, advice: dict[str, object]) -> None:
    hall = Ticking(tmp_path, at("2026-03-02", "09:00:00"))
    hall.advice = advice
    assert hall.look("2026-03-02", "09:27:00") == ("上午定时巡查09:30 开始，还有 3 分钟", "")
    assert hall.patrolling.awaited_keys() == []
    hall.close()


def test_an_unscheduled_round_within_the_bounds_answers_the_draw(tmp_path: Path) -> None:
    hall = Ticking(tmp_path, at("2026-03-02", "14:53:00"))
    hall.advice = {"drawn": ["2026-03-02T06:52:00.000000Z"]}
    assert "随机巡查" in "".join(hall.look("2026-03-02", "14:53:00"))
    made = hall.begin("unscheduled")
    assert "随机巡查" in "".join(hall.look("2026-03-02", "14:54:00")), "nothing was looked at yet"
    hall.patrolling.check(Filled(made, A101, nothing_abnormal=True, no_photo="相机故障"))
    assert "随机巡查" not in "".join(hall.look("2026-03-02", "14:55:00"))
    hall.close()


def test_a_press_keeps_the_screen_before_a_reminder_takes_it(tmp_path: Path) -> None:
    hall = Ticking(tmp_path, at("2026-03-02", "09:30:00"))
    press = Shown("green", "刘明", "正常", "", "09:30:00", 7)
    hall.display.show(press)
    for _ in range(QUIET_TICKS):
        hall.loop.tick()
        assert hall.display.frame.shown is press
    hall.loop.tick()
    assert hall.display.frame.shown is not press
    hall.close()


def test_every_reminder_that_is_said_has_words_for_the_voice() -> None:
    spoken = [PHRASES[f"round_{stage}"] for stage in ("soon", "due", "overdue", "missed", "drawn", "drawn_late")]
    assert all(map(speakable, spoken))
