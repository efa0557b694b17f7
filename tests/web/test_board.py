"""The windows' board and its record of empty stretches: facts in, words out. Wanzhou's hours, Monday 2026-03-02."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy.orm import Session

from station.facts import Exit, Request, instant
from station.rules.given import Absence
from tests.web.browsing import signed_in, text_of
from tests.web.halls import HallUnderTest, MakeStation, StationUnderTest
from web.services import board, covering, in_force, posts
from web.services.board import Board
from web.services.covering import Opening
from web.services.posts import Window

MONDAY, LONG_AGO = date(2026, 3, 2), date(2026, 1, 5)
ZONE_H = timedelta(hours=8)


@dataclass
class Floor:
    """101: 刘明 is A, 王芳 the registered B. 102: 王芳 is A. 103: 张伟 and 阿依古丽 are A of two posts. 104: empty."""

    hall: HallUnderTest
    station: StationUnderTest
    windows: dict[str, str] = field(default_factory=dict)
    posts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        now = self.hall.hub.now()
        with self.hall.hub.ledger.writing() as session:
            for number, side in (("101", "window"), ("102", "window"), ("103", "window"), ("104", "back_office")):
                made = posts.open_window(session, Window(number, "医疗保障局", side, 1), LONG_AGO, now, None)
                self.windows[number] = made
            for number, name in (("101", "综合岗"), ("102", "综合岗"), ("103", "受理岗"), ("103", "发证岗")):
                key = number if name == "综合岗" else name
                self.posts[key] = posts.add_post(session, self.windows[number], name, now, None)
            for post, who, kind in (
                ("101", "刘明", "A"), ("101", "王芳", "B"), ("102", "王芳", "A"), ("受理岗", "张伟", "A"),
                ("发证岗", "阿依古丽·买买提", "A"),
            ):  # fmt: skip
                posts.sit(session, self.posts[post], self.hall.people[who], kind, LONG_AGO, now, None)

    def press(self, who: str, *times: str) -> None:
        """Plain presses "08:50", directed ones "08:50<" in and "08:50>" out."""
        for text in times:
            self.station.press(who, text.rstrip("<>"), direction={"<": "in", ">": "out"}.get(text[-1]))

    def exit(self, who: str, at: str, way: str = "out") -> None:
        self.station.clock.move_to(moment(at))
        self.station.journal.append(Exit(person=self.hall.people[who], way=way))

    def ask(self, at: str, asks: str, **fields: str | bool) -> str:
        """A request at the kiosk about 王芳 covering 刘明; the fact's id."""
        self.station.clock.move_to(moment(at))
        both = {"covered": self.hall.people["刘明"], "covering": self.hall.people["王芳"], "by": "finger"}
        person = str(fields.get("covering", both["covering"]))
        return self.station.journal.append(Request(person=person, asks=asks, fields=both | fields)).id

    def take_over(self, at: str, until: str = "17:30", **fields: str | bool) -> str:
        span = {"from": instant(moment("09:00")), "to": instant(moment(until))}
        return self.ask(at, "cover", emergency=True, **{**span, **fields})

    def cover(self, person: str, start: str, occasion: str = "errand", standing: str = "", post: str = "101") -> str:
        """A cover opened by hand now."""
        with self.hall.hub.ledger.writing() as session:
            held = in_force.read(session, self.hall.hub)
            given = Opening(self.posts[post], self.hall.people[person], occasion, standing, moment(start), MONDAY)
            return covering.open_cover(session, held, given, self.hall.hub.now(), self.hall.people["张伟"])

    def at(self, text: str, day: date | None = None, absences: tuple[Absence, ...] = ()) -> Board:
        """What the hub knows at this time."""
        self.station.send(after=self.sent)
        self.sent = self.station.journal.head.seq
        self.hall.at(text)

        def leave(_session: Session, _since: datetime, _until: datetime) -> Iterator[tuple[str, Absence]]:
            yield from ((self.hall.people["刘明"], each) for each in absences)

        with self.hall.hub.ledger.reading() as session:
            held = in_force.read(session, self.hall.hub)
            return board.board(session, held, self.hall.hub.now(), day, sources=(leave,))

    sent: int = 0


def moment(text: str, day: date = MONDAY) -> datetime:
    hour, minute = map(int, text.split(":"))
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour, minutes=minute) - ZONE_H


def looks(found: Board) -> dict[str, str]:
    return {window.number: window.look for window in found.windows}


def record(found: Board, number: str = "101") -> list[str]:
    """ "09:00-09:12 刘明 not_come" for each empty stretch of a window."""
    return [
        f"{each.start:%H:%M}-{each.end:%H:%M} " + " ".join(f"{name} {'+'.join(whys)}" for name, whys in each.who)
        for window, each in found.empties()
        if window.number == number
    ]


@pytest.fixture
def floor(hall: HallUnderTest, station: StationUnderTest) -> Floor:
    return Floor(hall, station)


Story = Callable[[Floor], object]
HERE = ("08:50",)
DAY = ("08:50", "12:01", "13:20", "17:31")


def _late_a_with_b_at_post(floor: Floor) -> None:
    floor.press("王芳", "08:40")
    floor.take_over("08:45")
    floor.press("刘明", "09:40")


def _b_goes_too(floor: Floor) -> None:
    floor.press("王芳", "08:40")
    floor.take_over("08:45")
    floor.exit("王芳", "10:00")


def _opened_in_the_session(floor: Floor) -> None:
    floor.press("王芳", "08:50")
    floor.take_over("09:20")


def _given_back(floor: Floor) -> None:
    floor.press("王芳", "08:50")
    floor.take_over("08:55")
    floor.ask("10:00", "hand_back")


def _out_at_ten(floor: Floor) -> None:
    floor.press("刘明", *HERE)
    floor.exit("刘明", "10:00")


def _out_and_back(floor: Floor) -> None:
    _out_at_ten(floor)
    floor.exit("刘明", "10:40", "back")


# (what happened, the time, how 101 looks, its record)
STORIES: list[tuple[str, Story, str, str, list[str]]] = [
    ("在岗", lambda f: f.press("刘明", *HERE), "10:00", "held", []),
    ("还没上班", lambda f: None, "08:30", "closed", []),
    ("晚 5 分钟", lambda f: None, "09:05", "vacant", []),
    ("晚 6 分钟", lambda f: None, "09:06", "empty", ["09:00-09:06 刘明 not_come"]),
    ("刚刚来", lambda f: f.press("刘明", "09:12"), "09:12", "held", ["09:00-09:12 刘明 not_come"]),
    ("迟到的来了", lambda f: f.press("刘明", "09:12"), "10:00", "held", ["09:00-09:12 刘明 not_come"]),
    ("外出 30 分钟", _out_at_ten, "10:29", "away", []),
    ("外出 31 分钟", _out_at_ten, "10:31", "vacant", []),
    ("外出 36 分钟", _out_at_ten, "10:36", "empty",
     ["10:30-10:36 刘明 overdue"]),
    ("外出 40 分钟回来", _out_and_back,
     "11:00", "held", ["10:30-10:40 刘明 overdue"]),
    ("中午没人不算", lambda f: f.press("刘明", "08:50", "12:01"), "12:40", "closed", []),
    ("下午没来", lambda f: f.press("刘明", "08:50", "12:01"), "13:40", "empty", ["13:30-13:40 刘明 not_come"]),
    ("工间休息离开也算", lambda f: f.press("刘明", "08:50", "10:30>", "10:50<"), "11:00", "held",
     ["10:30-10:50 刘明 left"]),
    ("提前 10 分钟走", lambda f: f.press("刘明", "08:50", "11:50"), "12:10", "closed", ["11:50-12:00 刘明 left"]),
    ("A 迟到，B 已顶岗", _late_a_with_b_at_post, "10:00", "held", []),
    ("B 在自己岗上，没有顶岗", lambda f: f.press("王芳", "08:50"), "09:20", "empty", ["09:00-09:20 刘明 not_come"]),
    ("上班中开始顶岗", _opened_in_the_session, "10:00", "held", ["09:00-09:20 刘明 not_come"]),
    ("顶岗的也外出了", _b_goes_too, "10:36", "empty", ["10:30-10:36 刘明 not_come 王芳 overdue"]),
    ("交还后没人", _given_back, "10:10", "empty", ["10:00-10:10 刘明 not_come"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("story", "at", "look", "empties"), [each[1:] for each in STORIES], ids=[s[0] for s in STORIES]
)
def test_a_window_through_the_day(floor: Floor, story: Story, at: str, look: str, empties: list[str]) -> None:
    story(floor)
    found = floor.at(at)
    assert looks(found)["101"] == look
    assert record(found) == empties


def test_a_covering_b_counts_at_both_posts(floor: Floor) -> None:
    floor.press("王芳", *DAY)
    floor.take_over("08:55")
    found = floor.at("18:00")
    assert (record(found, "101"), record(found, "102")) == ([], [])
    assert [stand.worker.name for stand in found.windows[0].posts[0].covers] == ["王芳"]


def test_one_of_two_posts_holds_the_window(floor: Floor) -> None:
    floor.press("张伟", "08:50")
    assert looks(floor.at("10:00"))["103"] == "held"
    floor.exit("张伟", "10:00")
    found = floor.at("10:40")
    assert record(found, "103") == ["10:30-10:40 张伟 overdue 阿依古丽·买买提 not_come"], "one event, both named"
    assert found.windows[2].posts[0].a[0].presence.overdue == 10


def test_a_window_where_nobody_is_registered_is_not_empty(floor: Floor) -> None:
    found = floor.at("11:00")
    assert (looks(found)["104"], record(found, "104")) == ("unstaffed", [])


def test_leave_that_is_handed_in_is_named_and_does_not_excuse_the_window(floor: Floor) -> None:
    leave = Absence("假", "sick", moment("09:00"), moment("12:00"))
    found = floor.at("10:00", absences=(leave,))
    assert (record(found), found.windows[0].posts[0].a[0].presence.word) == (["09:00-10:00 刘明 leave"], "leave")
    floor.press("王芳", "08:50")
    floor.cover("王芳", "09:00", "leave")
    found = floor.at("10:30", absences=(leave,))
    assert (record(found), looks(found)["101"]) == ([], "held")


def test_a_press_at_an_unknown_time_leaves_the_record_uncertain(
    floor: Floor, make_station: MakeStation, hall: HallUnderTest
) -> None:
    unsynced = make_station(trust="unsynced")
    unsynced.press("刘明", "09:20")
    unsynced.send()
    ((_, stretch),) = [each for each in floor.at("10:00").empties() if each[0].number == "101"]
    assert (stretch.minutes, stretch.certain) == (20, False)
    assert "打卡时间待校准" in text_of(signed_in(hall, "admin").get("/board/empty"))


def test_a_cover_ends_with_its_day_and_the_past_stays_answerable(floor: Floor) -> None:
    floor.press("王芳", *DAY)
    floor.take_over("08:55")
    floor.at("18:00")
    floor.hall.clock.move_to(moment("10:00") + timedelta(days=1))
    with floor.hall.hub.ledger.reading() as session:
        held, now = in_force.read(session, floor.hall.hub), floor.hall.hub.now()
        tuesday, monday = (board.board(session, held, now, day) for day in (None, MONDAY))
    assert record(tuesday) == ["09:00-10:00 刘明 not_come"]
    assert (record(monday), monday.running, looks(monday)["101"]) == ([], False, "closed")
    assert record(monday, "103")[0] == "09:00-12:00 张伟 not_come 阿依古丽·买买提 not_come"


def test_a_rest_day_has_no_empty_windows(floor: Floor) -> None:
    floor.hall.at("10:00")
    found = floor.at("10:00", date(2026, 3, 1))
    assert (found.worked, found.empties(), set(looks(found).values())) == (False, [], {"closed", "unstaffed"})


# The pages.


def test_the_board_says_it_in_words(hall: HallUnderTest, floor: Floor) -> None:
    floor.press("张伟", "08:50")
    floor.press("王芳", "08:50")
    floor.exit("王芳", "09:10")
    floor.at("09:20")
    page = text_of(signed_in(hall, "duty_leader").get("/board"))
    assert "岗位看板 4 个窗口 截至 09:20" in page
    assert "空岗 1 暂离 1 在岗 1 未排人员 1" in page
    assert "1 楼 4 个窗口" in page
    assert "101 医疗保障局 空岗 20 分钟 A岗 刘明 未到 20 分钟 B岗 王芳 暂离，至 09:40" in page
    assert "102 医疗保障局 暂离 A岗 王芳 暂离，至 09:40" in page
    assert "受理岗 A岗 张伟 在岗 发证岗 A岗 阿依古丽·买买提 未到 20 分钟" in page
    assert "104 医疗保障局 后台 未排人员 还没有岗位" in page
    floor.at("09:45")
    assert "A岗 王芳 暂离，超时 5 分钟" in text_of(signed_in(hall, "admin").get("/board/now"))


def test_the_wall_shows_the_board_alone(hall: HallUnderTest, floor: Floor) -> None:
    client = signed_in(hall, "duty_leader")
    wall = client.get("/board?wall=1").get_data(as_text=True)
    assert ("主导航" in wall, "测试大厅 · 岗位看板" in text_of(client.get("/board?wall=1"))) == (False, True)
    assert "/board/now?wall=1" in wall
    assert "主导航" in client.get("/board").get_data(as_text=True)
    assert 'href="/board"' in client.get("/").get_data(as_text=True)


def test_a_hall_without_windows_is_told_what_to_do(hall: HallUnderTest) -> None:
    client = signed_in(hall, "admin")
    for path in ("/board", "/board/empty"):
        page = client.get(path).get_data(as_text=True)
        assert "还没有登记窗口" in page
        assert 'href="/people/windows"' in page


def test_the_record_of_a_day_as_page_and_sheet(hall: HallUnderTest, floor: Floor) -> None:
    floor.press("刘明", "08:50", "10:30>", "10:50<", "12:01", "13:20", "17:31")
    floor.at("18:00")
    hall.clock.move_to(moment("10:00") + timedelta(days=2))
    client = signed_in(hall, "duty_leader")
    page = text_of(client.get("/board/empty?day=2026-03-02"))
    assert "2026年3月2日 星期一 · 5 次" in page
    assert "101 医疗保障局 10:30 – 10:50 20 分钟 刘明（已离岗） 推定 万州 礼仪规范 四、5" in page
    answer = client.get("/board/empty.xlsx?day=2026-03-02")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.get_data())).get_sheet_by_index(0).to_python()
    assert sheet[0][0] == "2026-03-02 空岗记录"
    assert ["101", "10:30", "10:50", 20.0] in [[row[1], row[5], row[6], row[7]] for row in sheet]
    assert len(sheet) == 2 + 5
    assert "这一天休息" in text_of(client.get("/board/empty?day=2026-03-01"))


@pytest.mark.parametrize("day", ["2026-3", "x", "2026-03-09", "1066-01-01", "9999-12-31"])
def test_a_day_that_cannot_be_asked_for(hall: HallUnderTest, day: str) -> None:
    client = signed_in(hall, "duty_leader")
    for path in ("/board/empty", "/board/empty.xlsx"):
        answer = client.get(path, query_string={"day": day})
        assert (answer.status_code, "。" in answer.get_data(as_text=True)) == (400, True)


def test_a_window_s_day_tells_who_sat_there(hall: HallUnderTest, floor: Floor) -> None:
    floor.press("王芳", *DAY)
    floor.take_over("08:55")
    floor.at("18:00")
    path = f"/board/windows/{floor.windows['101']}"
    with hall.hub.ledger.writing() as session:
        (seat,) = [one.seat for one in posts.history(session, floor.windows["101"]) if one.seat.kind == "A"]
        posts.rise(session, seat.id, MONDAY, hall.hub.now(), hall.people["张伟"])
        posts.close_window(session, floor.windows["104"], MONDAY, hall.hub.now(), None)  # type: ignore[arg-type]
    hall.clock.move_to(moment("10:00") + timedelta(days=1))
    client = signed_in(hall, "duty_leader")
    page = text_of(client.get(f"{path}?day=2026-03-02"))
    assert "刘明 A岗 王芳 B岗1" in page
    assert "王芳 顶 刘明 的岗" in page
    assert "没有登记 A岗" in text_of(client.get(path))
    assert "没有登记 A岗" in text_of(client.get(f"{path}?day=2026-01-04")), "before they sat there"
    closed = f"/board/windows/{floor.windows['104']}"
    assert "已在 2026-03-02 停用" in text_of(client.get(closed))
    assert "还没有岗位" in text_of(client.get(f"{closed}?day=2026-03-02"))
    listed = text_of(client.get("/people/windows?day=2026-03-02"))
    assert "104" in listed, "closed since, but there on that day"
    assert "104 " not in text_of(client.get("/people/windows"))
