"""The attendance pages: what they say, how they filter, how light they are."""

import gzip
import re
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from station.facts import Exit
from tests.web.browsing import signed_in, text_of
from tests.web.halls import HallUnderTest, StationUnderTest, counted
from tests.web.test_attendance import MONDAY, TUESDAY_NOON, begun, crowd, full_day

MOST_BYTES = 100_000
MOST_STATEMENTS = 12


@pytest.fixture
def client(hall: HallUnderTest, station: StationUnderTest) -> FlaskClient:
    """A supervisor's browser on Tuesday noon: 刘明 as usual, 王芳 late, 张伟 forgot, 阿依古丽 did not come."""
    full_day(station, "刘明")
    for text in ("09:12", "12:02", "13:18", "17:31"):
        station.press("王芳", text)
    for text in ("08:50", "12:02", "13:25"):
        station.press("张伟", text)
    station.send()
    hall.clock.move_to(TUESDAY_NOON)
    return signed_in(hall, "supervision")


def test_a_persons_month_says_why_with_clauses_that_can_be_followed(hall: HallUnderTest, client: FlaskClient) -> None:
    answer = client.get(f"/attendance/people/{hall.people['王芳']}?month=2026-03")
    page = text_of(answer)
    assert "迟到 12 分钟 = 09:00 到 09:12 共 12 分钟" in page
    assert "上班 09:12" in page
    assert "迟到 1 次" in page
    assert "万州 考勤 第三条" in page
    links = set(re.findall(r'href="(/clauses/[^"]+)"', answer.get_data(as_text=True)))
    assert "/clauses/wanzhou:attendance:3" in links
    for link in links:
        assert client.get(link).status_code == 200, link
    absent = text_of(client.get(f"/attendance/people/{hall.people['阿依古丽·买买提']}?month=2026-03"))
    assert "没有打卡，也没有准假" in absent
    assert "旷工 1 天" in absent
    forgot = text_of(client.get(f"/attendance/people/{hall.people['张伟']}?month=2026-03"))
    assert "没有下班打卡：只列缺卡，待更正，不按旷工算" in forgot
    assert "提前 10 分钟到岗（最晚 13:20）：否" in forgot
    assert "推定" in forgot


def test_what_kept_a_side_is_shown_by_what_it_is_and_never_by_its_key(
    hall: HallUnderTest, station: StationUnderTest
) -> None:
    for text in ("08:52", "12:02", "13:18"):
        station.press("刘明", text)
    station.clock.move_to(datetime(2026, 3, 2, 8, tzinfo=UTC))
    key = station.journal.append(Exit(person=hall.people["刘明"], way="out", reason="取件")).id
    station.send()
    hall.clock.move_to(TUESDAY_NOON)
    answer = signed_in(hall, "supervision").get(f"/attendance/people/{hall.people['刘明']}?month=2026-03")
    page = text_of(answer)
    assert "下班没有打卡，但有凭据，按准时计" in page
    assert "凭据：外出登记（16:00–未返回）" in page
    assert key not in answer.get_data(as_text=True)


def test_months_are_turned_and_what_is_not_there_is_said(hall: HallUnderTest, client: FlaskClient) -> None:
    address = f"/attendance/people/{hall.people['刘明']}"
    page = client.get(address).get_data(as_text=True)
    assert f"{address}?month=2026-02" in page
    assert f"{address}?month=2026-04" not in page
    assert "这个月还没有开始" in text_of(client.get(f"{address}?month=2026-04"))
    for month, words in (("2026-13", "月份要写成"), ("x", "月份要写成"), ("1999-01", "只能查"), ("9999-12", "只能查")):
        refused = client.get(f"{address}?month={month}")
        assert (refused.status_code, words in refused.get_data(as_text=True)) == (400, True), month
    assert client.get("/attendance/people/nobody").status_code == 404


def test_a_year_whose_schedule_is_not_known_is_said_and_judges_nobody_absent(
    hall: HallUnderTest, client: FlaskClient
) -> None:
    hall.clock.move_to(datetime(2027, 3, 3, 4, tzinfo=UTC))
    again = signed_in(hall, "admin")
    page = text_of(again.get(f"/attendance/people/{hall.people['刘明']}?month=2027-03"))
    assert "2027 年的放假安排还不知道：这一年不判旷工，各月不能结算" in page
    assert "未到时" in page
    assert "旷工 0 天" in page


def test_a_closed_day_lists_verdicts_and_filters_them(hall: HallUnderTest, client: FlaskClient) -> None:
    page = text_of(client.get("/attendance?day=2026-03-02"))
    assert "考勤判定 4 人" in page
    for words in ("旷工 1", "迟到 1", "缺下班卡 1", "出勤 3", "09:12 – 12:02", "迟 12 分"):
        assert words in page, words
    late = text_of(client.get("/attendance?day=2026-03-02&verdict=late"))
    assert "王芳" in late
    assert "张伟" not in late
    unit = client.get("/attendance?day=2026-03-02&unit=医疗保障局")
    assert "考勤判定 2 人" in text_of(unit)
    assert "这一天还没有到" in text_of(client.get("/attendance?day=2026-03-04"))
    refused = client.get("/attendance?day=2026-02-30")
    assert (refused.status_code, "日期要写成" in refused.get_data(as_text=True)) == (400, True)


def test_a_running_day_shows_where_people_are_and_judges_nothing(
    hall: HallUnderTest, station: StationUnderTest
) -> None:
    station.press("刘明", "08:52")
    station.press("王芳", "09:12")
    station.send()
    hall.at("09:30")
    client = signed_in(hall, "admin")
    page = text_of(client.get("/attendance"))
    assert "此刻在岗情况" in page
    assert "未到 30 分钟" in page
    assert "在岗" in page
    for verdict in ("旷工", "缺卡", "缺下班卡"):
        assert verdict not in page, verdict
    assert "在岗" in text_of(client.get(f"/attendance/people/{hall.people['刘明']}"))
    assert "王芳" not in text_of(client.get("/attendance?verdict=not_come"))


def test_a_hundred_rows_at_a_time(hall: HallUnderTest, client: FlaskClient) -> None:
    crowd(hall, 230, MONDAY)
    first = client.get("/attendance?day=2026-03-02")
    assert first.get_data(as_text=True).count("<tr>") == 101
    assert "第 1 页，共 3 页" in text_of(first)
    assert client.get("/attendance?day=2026-03-02&page=3").get_data(as_text=True).count("<tr>") == 35
    assert client.get("/attendance?day=2026-03-02&page=99").status_code == 200


def test_pages_are_light_and_ask_little(hall: HallUnderTest, client: FlaskClient) -> None:
    begun(hall)
    crowd(hall, 150)
    person = hall.people["刘明"]
    paths = (
        "/attendance", "/attendance?day=2026-03-02", f"/attendance/people/{person}",
        f"/attendance/people/{person}?month=2026-02", "/policy", "/policy/new", "/calendar", "/clauses",
        "/clauses?q=迟到", "/clauses?document=shanxi", "/clauses/wanzhou:attendance:5",
    )  # fmt: skip
    admin = signed_in(hall, "admin")
    for path in paths:
        for visit in ("first", "again"):
            with counted(hall) as said:
                answer = admin.get(path)
            assert answer.status_code == 200, path
            assert len(said) <= MOST_STATEMENTS, (path, visit, said)
        assert len(gzip.compress(answer.get_data())) <= MOST_BYTES, path


def test_a_busy_ledger_still_shows_the_day(
    hall: HallUnderTest, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.ledger.engine.TURN_S", 0.05)
    with hall.hub.ledger.writing():
        page = text_of(client.get("/attendance?day=2026-03-02"))
    assert "旷工 1" in page
