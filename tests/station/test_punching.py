"""A press becomes a fact first and a word second."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.policy import as_data
from drivers.contract import NoMatch, Touch
from station.clock import DrivenClock
from station.display import Display
from station.facts import Enrolled, Forgotten
from station.journal import Journal, Reader
from station.papers import Absence, Calendar, Hall, Papers, Person, PolicyVersion
from station.places import Places
from station.punching import Punching
from tests.builders import LIU, WANG

SHANGHAI = ZoneInfo("Asia/Shanghai")
PAPERS = Papers(
    hall=Hall(id="h", name="厅", zone="Asia/Shanghai", hub_key=""),
    policies=[PolicyVersion(since=date(2000, 1, 1), policy=as_data("wanzhou"))],
    calendar=Calendar(years=[2026], holidays=[], workdays=[]),
    people=[Person(id=LIU, name="刘明", unit="医疗保障局"), Person(id=WANG, name="王芳", unit="税务局")],
    absences=[
        Absence(
            id="a1",
            person=WANG,
            kind="sick",
            start=datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI),
            end=datetime(2026, 3, 2, 10, 40, tzinfo=SHANGHAI),
        )
    ],
)


class Hall1:
    """A station's punching on a clock that the test drives, with 刘明 at place 1 and 王芳 at place 2."""

    def __init__(self, folder: Path, papers: Papers | None = PAPERS) -> None:
        self.clock = DrivenClock(datetime(2026, 3, 2, 8, 0, tzinfo=SHANGHAI), "synced")
        self.journal = Journal(folder, self.clock)
        for place, person in ((1, LIU), (2, WANG)):
            if self.journal.head.seq < 2:
                self.journal.append(Enrolled(person=person, place=place))
        self.facts = Reader(self.journal.path)
        self.places = Places(self.facts.of_kinds("enrolled", "forgotten"))
        self.display = Display("站", False, self.now)
        self.punching = Punching(self.journal, self.facts, self.places, lambda: papers, self.display, self.now)

    def now(self) -> datetime:
        return self.clock.read().at.astimezone(SHANGHAI)

    def press(self, at: str, place: int = 1) -> str:
        self.clock.move_to(datetime.fromisoformat(f"2026-03-02T{at}").replace(tzinfo=SHANGHAI))
        return self.punching.heard(Touch(place, 120, 0)).verdict

    def kinds(self) -> list[str]:
        return [fact.kind for fact in self.facts.latest(("punch", "unmatched"))][::-1]

    def close(self) -> None:
        self.facts.close()
        self.journal.close()


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall1]:
    made = Hall1(tmp_path)
    yield made
    made.close()


# What one person presses on Monday 2026-03-02 under Wanzhou's hours, and the word for the last press.
WORDS = [
    (["08:58:00"], "上班 正常"),
    (["09:00:59"], "上班 正常"),
    (["09:01:00"], "迟到 1 分钟"),
    (["09:12:00"], "迟到 12 分钟"),
    (["08:58:00", "08:58:59"], "已打过卡"),
    (["08:58:00", "08:59:00"], "已记录 08:59"),
    (["08:58:00", "11:20:00"], "现在离岗，早退 40 分钟"),
    (["08:58:00", "10:00:00"], "已记录 10:00"),
    (["08:58:00", "12:01:00"], "下班 正常"),
    (["08:58:00", "12:01:00", "13:20:00"], "上班 正常"),
    (["08:58:00", "12:01:00", "13:20:00", "17:31:00"], "下班 正常"),
]


@pytest.mark.parametrize(("presses", "word"), WORDS)
def test_the_word_for_the_last_press(hall: Hall1, presses: list[str], word: str) -> None:
    assert [hall.press(at) for at in presses][-1] == word


def test_approved_leave_from_the_papers_is_no_lateness(hall: Hall1) -> None:
    assert hall.press("10:39:00", place=2) == "上班 正常"
    assert hall.press("10:45:00", place=1) == "迟到 105 分钟"


def test_every_press_is_a_fact_also_a_repeat_and_also_nobodys(hall: Hall1) -> None:
    hall.press("08:58:00")
    hall.press("08:58:10")
    hall.punching.heard(NoMatch(0))
    hall.press("08:58:20", place=77)
    assert hall.kinds() == ["punch", "punch", "unmatched", "unmatched"]


def test_the_screen_names_the_fact_that_it_answers(hall: Hall1) -> None:
    hall.press("08:58:00")
    shown = hall.display.frame.shown
    assert shown is not None
    assert (shown.seq, shown.name, shown.note, shown.tone) == (hall.journal.head.seq, "刘明", "医疗保障局", "green")


def test_after_three_failures_the_duty_leader_is_asked_for(hall: Hall1) -> None:
    words = [hall.punching.heard(NoMatch(0)).verdict for _ in range(3)]
    assert words == ["请重按", "请重按", "请找值班长签到"]
    hall.press("08:58:00")
    assert hall.punching.heard(NoMatch(0)).verdict == "请重按"


def test_a_restart_remembers_the_day(tmp_path: Path) -> None:
    before = Hall1(tmp_path)
    before.press("08:58:00")
    before.close()
    after = Hall1(tmp_path)
    assert after.press("12:01:00") == "下班 正常"
    after.close()


def test_the_day_ends_at_four_in_the_morning(hall: Hall1) -> None:
    hall.press("08:58:00")
    hall.clock.move_to(datetime(2026, 3, 3, 9, 5, tzinfo=SHANGHAI))
    assert hall.punching.heard(Touch(1, 120, 0)).verdict == "迟到 5 分钟"


def test_a_forgotten_place_means_nobody(hall: Hall1) -> None:
    hall.places.learn(hall.journal.append(Forgotten(person=LIU, place=1)))
    assert hall.press("08:58:00") == "请重按"
    assert hall.kinds() == ["unmatched"]


def test_without_papers_the_press_counts_all_the_same(tmp_path: Path) -> None:
    hall = Hall1(tmp_path, papers=None)
    hall.press("08:58:00")
    assert hall.kinds() == ["punch"]
    hall.close()


def test_which_punch_is_due(hall: Hall1) -> None:
    due = []
    for at in ("08:00", "10:00", "12:30", "16:00", "18:00"):
        hall.clock.move_to(datetime.fromisoformat(f"2026-03-02T{at}").replace(tzinfo=SHANGHAI))
        due.append(hall.punching.due_words())
    assert due == [
        "上午上班打卡（09:00 上班）",
        "上午工作时间（12:00 下班）",
        "下午上班打卡（13:30 上班）",
        "下午工作时间（17:30 下班）",
        "下班打卡",
    ]
