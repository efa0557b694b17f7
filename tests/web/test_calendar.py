"""The day table: edited with a preview, confirmed once a year, asked for from November on."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from config.errors import BadFile
from tests.web.browsing import signed_in, text_of, token_of
from tests.web.halls import HallUnderTest, StationUnderTest
from tests.web.test_attendance import TUESDAY_NOON, full_day, verdicts
from web.ledger.audit import AuditRow
from web.ledger.calendars import CalendarRow
from web.services import calendars, in_force, papers


@pytest.fixture
def client(hall: HallUnderTest) -> FlaskClient:
    hall.clock.move_to(TUESDAY_NOON)
    return signed_in(hall, "supervision")


def post(client: FlaskClient, lines: str, act: str = "preview", **more: str) -> Any:
    given = {"year": "2026", "lines": lines, "reason": "县里通知", "act": act, **more}
    return client.post("/calendar", data={**given, "csrf_token": token_of(client.get("/calendar"))})


def plain(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def count(hall: HallUnderTest) -> int:
    with hall.hub.ledger.reading() as session:
        return session.execute(select(func.count()).select_from(CalendarRow)).scalar_one()


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("2026-03-02 休", {"2026-03-02": "off"}),
        ("2026-03-02至2026-03-04 休 三八", {"2026-03-02": "off", "2026-03-03": "off", "2026-03-04": "off"}),
        ("\n2026-03-07: 班\n\n2026-03-08，常\n", {"2026-03-07": "on", "2026-03-08": "week"}),
    ],
)
def test_lines(lines: str, words: dict[str, str]) -> None:
    assert {day.isoformat(): word for day, word in calendars.read_lines(lines).items()} == words


def test_every_faulty_line_at_once() -> None:
    bad = "2026-03-02\n2026-02-30 休\n2026-03-05 至 2026-03-01 休\n明天 休\n2026-03-03 玩\n1999-01-01 休\n"
    bad += "2026-03-04 休\n2026-03-04 班"
    with pytest.raises(BadFile) as refusal:
        calendars.read_lines(bad)
    assert [fault.split("：")[0] for fault in refusal.value.faults] == [
        "第 1 行", "第 2 行", "第 3 行", "第 4 行", "第 5 行", "第 6 行", "第 8 行"
    ]  # fmt: skip


def test_an_edit_is_previewed_month_by_month_and_changes_nothing_before_it_is_saved(
    hall: HallUnderTest, client: FlaskClient
) -> None:
    lines = "2026-03-02 休\n2026-03-07 班\n2026-03-08 常"
    page = plain(post(client, lines))
    assert "2 天的上班与休息会变：2026-03-02、2026-03-07" in page
    assert "2026年3月 22" in page, "one day off, one day on"
    page = plain(post(client, "2026-03-02 休"))
    assert "2026年3月 22 → 21" in page
    assert count(hall) == 0
    unseen = post(client, lines, act="save", previewed="2026-03-02 休")
    assert "预览" in plain(unseen)
    assert count(hall) == 0, "what was previewed is not what was sent"
    assert post(client, lines, act="save", previewed=lines).status_code == 302
    page = text_of(client.get("/calendar"))
    assert "节假日表已更新，共 3 天" in page
    assert "县里通知" in page
    assert count(hall) == 2, "the seed and the edit"
    with hall.hub.ledger.reading() as session:
        acts = session.execute(select(AuditRow.act).where(AuditRow.act.like("calendar.%"))).scalars().all()
        assert acts == ["calendar.begin", "calendar.edit"]
        held = in_force.read(session, hall.hub)
        assert [held.table.is_workday(date(2026, 3, day)) for day in (2, 7, 8)] == [False, True, False]
        assert date(2026, 3, 7) in papers.draw_up(session, hall.hub, "none").calendar.workdays


def test_kept_days_follow_the_table(hall: HallUnderTest, station: StationUnderTest, client: FlaskClient) -> None:
    full_day(station, "刘明")
    station.send()
    assert verdicts(hall, "刘明") == ["present", "present"]
    assert verdicts(hall, "王芳") == ["absent", "absent"]
    post(client, "2026-03-02 休", act="save", previewed="2026-03-02 休")
    assert verdicts(hall, "刘明") == ["rest", "rest"]
    assert verdicts(hall, "王芳") == ["rest", "rest"]


@pytest.mark.parametrize(
    ("lines", "more", "words"),
    [
        ("", {}, "没有写任何日期"),
        ("2026-03-02 玩", {}, "第 1 行"),
        ("2026-03-02 休", {"reason": " "}, "请写明依据"),
        ("2026-01-01 休", {"act": "save", "previewed": "2026-01-01 休"}, "本来就是这样定的"),
    ],
)
def test_edits_that_are_not_taken(
    hall: HallUnderTest, client: FlaskClient, lines: str, more: dict[str, str], words: str
) -> None:
    answer = post(client, lines, **more)
    assert (answer.status_code, words in plain(answer)) == (400, True)
    assert count(hall) == 0


def test_an_unknown_year_is_asked_for_from_november_entered_and_confirmed(hall: HallUnderTest) -> None:
    hall.clock.move_to(datetime(2026, 10, 31, 4, tzinfo=UTC))
    client = signed_in(hall, "admin")
    for path in ("/", "/calendar", "/policy"):
        assert "还不知道 2027 年的放假安排" not in text_of(client.get(path))
    hall.clock.move_to(datetime(2026, 11, 1, 4, tzinfo=UTC))
    client = signed_in(hall, "supervision")
    for path in ("/", "/calendar", "/policy"):
        assert "还不知道 2027 年的放假安排" in text_of(client.get(path)), path
    token = token_of(client.get("/calendar"))
    asked = {"year": "2027", "csrf_token": token}
    refused = client.post("/calendar/confirm", data=asked)
    assert (refused.status_code, "还没有录入 2027 年的节假日" in plain(refused)) == (400, True)
    lines = "2027-01-01 休\n2027-02-05 至 2027-02-11 休\n2027-02-14 班"
    assert post(client, lines, act="save", previewed=lines).status_code == 302
    assert "还不知道 2027 年的放假安排" in text_of(client.get("/calendar")), "entered is not confirmed"
    assert client.post("/calendar/confirm", data=asked).status_code == 302
    page = text_of(client.get("/calendar?year=2027"))
    assert "还不知道 2027 年" not in page
    assert re.search(r"2026-11-01 由 \S+ 确认", page)
    with hall.hub.ledger.reading() as session:
        assert in_force.read(session, hall.hub).table.is_known(date(2027, 5, 1))


@pytest.mark.parametrize("year", ["1999", "2101", "x", "20260", "²026"])
def test_years_that_are_none(client: FlaskClient, year: str) -> None:
    refused = client.get("/calendar", query_string={"year": year})
    assert (refused.status_code, "年份要写成" in plain(refused)) == (400, True)


def test_a_year_shows_its_months(client: FlaskClient) -> None:
    page = text_of(client.get("/calendar"))
    assert "本大厅尚未确认" in page
    assert "3月 22 个工作日" in page
