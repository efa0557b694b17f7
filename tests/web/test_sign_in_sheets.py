"""Sign-in sheets: who signed in on whose word, a blank one to print, and a filled one entered, all of it or nothing."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from station.facts import SignIn
from tests.web.browsing import add_login, enter, signed_in, text_of
from tests.web.halls import HallUnderTest, StationUnderTest, copy_hall, counted
from tests.web.sheets import cells_of
from tests.web.test_attendance import full_day
from tests.web.test_corrections import post
from tests.web.test_leave import verdicts
from web.services import people, roles

UNIT = "医疗保障局"
TUESDAY = date(2026, 3, 3)
PATH = f"/corrections/sign-ins/enter?day=2026-03-03&unit={UNIT}"


@pytest.fixture
def hall(template: Path, tmp_path: Path) -> Iterator[HallUnderTest]:
    """Nobody pressed on Tuesday; it is Wednesday."""
    made = copy_hall(template, tmp_path / "hub", policy="default")
    with made.hub.ledger.writing() as session:
        for person in made.people.values():
            people.get(session, person).posted_from = date(2026, 3, 1)
    yield made
    made.hub.close()


@pytest.fixture
def opened(hall: HallUnderTest, station: StationUnderTest) -> StationUnderTest:
    """The hall's first day."""
    full_day(station, "王芳")
    station.send()
    hall.clock.move_to(datetime(2026, 3, 4, 2, tzinfo=UTC))
    return station


def leader(hall: HallUnderTest, name: str = "王芳") -> FlaskClient:
    """Somebody of the unit who leads the duty."""
    with hall.hub.ledger.writing() as session:
        roles.grant(
            session, hall.people[name], "duty_leader", date(2026, 1, 1), None, hall.hub.now(), hall.people[name]
        )
        account = add_login(session, hall.people[name], "leader", hall.hub.now())
    return enter(hall, account)


def cells(hall: HallUnderTest, **times: str) -> dict[str, str]:
    """The form's fields: 刘明_morning_in="09:00"."""
    parts = {key: key.rsplit("_", 2) for key in times}
    return {f"{hall.people[name]}-{session}-{side}": times[key] for key, (name, session, side) in parts.items()}


def test_a_filled_sheet_is_looked_at_and_then_entered_as_a_whole(hall: HallUnderTest, opened: StationUnderTest) -> None:
    browser = leader(hall)
    good = cells(hall, 刘明_morning_in="8:52", 刘明_morning_out="12：01", 刘明_afternoon_in="13:10")
    shown = post(browser, PATH, **good, witness="高峰", act="look")
    assert "将要录入 3 次" in text_of(shown)
    assert "确认录入" in text_of(shown)
    assert verdicts(hall, "刘明") == [("absent", False), ("absent", False)], "looking changes nothing"
    wrong = post(browser, PATH, **good | cells(hall, 刘明_afternoon_out="7:00", 王芳_morning_in="late"), act="enter")
    said = text_of(wrong)
    assert "07:00 不能算作下午下班" in said
    assert "看不懂时间“late”" in said
    assert "什么都没有录入" in said
    assert 'value="8:52"' in wrong.get_data(as_text=True), "what was typed stays"
    assert verdicts(hall, "刘明") == [("absent", False), ("absent", False)]
    done = post(browser, PATH, **good | cells(hall, 王芳_morning_in="8:55"), witness="高峰", act="enter")
    assert done.status_code == 302
    assert verdicts(hall, "刘明") == [("present", False), ("missing_out", False)]
    assert verdicts(hall, "王芳")[0] == ("absent", False), "one's own line waits for somebody else"
    page = text_of(browser.get(f"/corrections/sign-ins?day=2026-03-03&unit={UNIT}"))
    assert "签到 4 次" in page
    assert "王芳录入" in page
    assert "待审批" in page
    assert "纸质签到表，见证人高峰" in text_of(browser.get(f"/attendance/people/{hall.people['刘明']}?month=2026-03"))
    again = text_of(post(browser, PATH, **good, act="look"))
    assert again.count("已有一件更正") == 3


def test_an_empty_sheet_and_one_of_a_day_that_runs_are_refused(hall: HallUnderTest, opened: StationUnderTest) -> None:
    browser = leader(hall)
    nothing = post(browser, PATH, witness="高峰", act="enter")
    assert (nothing.status_code, "没有填任何时间" in nothing.get_data(as_text=True)) == (400, True)
    today = post(browser, PATH.replace("03-03", "03-04"), **cells(hall, 刘明_morning_in="8:52"), act="enter")
    assert "2026-03-04 还没有过完，不能更正，请次日再办" in text_of(today)


def test_the_days_sheet_names_who_vouched_and_a_unit_sees_its_own(
    hall: HallUnderTest, station: StationUnderTest
) -> None:
    station.record(
        SignIn(person=hall.people["刘明"], by="witness", witness=hall.people["王芳"], direction="in"),
        SignIn(person=hall.people["张伟"], by="own_pin"),
    )
    station.send()
    with counted(hall) as statements:
        page = text_of(signed_in(hall, "supervision").get("/corrections/sign-ins"))
    assert len(statements) <= 20  # with the login that was made for it
    assert "刘明 医疗保障局 101 08:40 上班 有人见证 王芳 一楼东门" in page
    assert "张伟 市场监督管理局 103 08:40 本人 PIN — 一楼东门" in page
    clerk = signed_in(hall, "attendance_clerk", unit=UNIT)
    own = text_of(clerk.get("/corrections/sign-ins"))
    assert ("刘明" in own, "张伟" in own, "录入纸质签到表" in own) == (True, False, False)
    assert clerk.get(PATH).status_code == 403


def test_the_blank_sheet_has_a_line_for_everybody_of_the_unit(hall: HallUnderTest, opened: StationUnderTest) -> None:
    clerk = signed_in(hall, "attendance_clerk", unit=UNIT)
    page = text_of(clerk.get("/corrections/sign-ins/blank?day=2026-03-05"))
    assert "单位：医疗保障局 日期：2026年3月5日" in page
    for words in ("上午上班 时间、签名", "下午下班 时间、签名", "刘明 101", "王芳 102", "见证人", "太谷 考勤 第一条"):
        assert words in page
    assert "张伟" not in page


def test_the_days_sheet_and_the_blank_one_are_files_too(hall: HallUnderTest, station: StationUnderTest) -> None:
    station.record(
        SignIn(person=hall.people["刘明"], by="witness", witness=hall.people["王芳"], direction="in"),
        SignIn(person=hall.people["张伟"], by="own_pin"),
    )
    station.send()
    clerk = signed_in(hall, "attendance_clerk", unit=UNIT)
    everybody, own = (
        cells_of(client.get("/corrections/sign-ins.xlsx?day=2026-03-02").get_data())
        for client in (signed_in(hall, "supervision"), clerk)
    )
    assert everybody[4] == ["1", "刘明", UNIT, "101", "08:40 上班", "有人见证", "王芳", "一楼东门"]
    assert everybody[5] == ["2", "张伟", "市场监督管理局", "103", "08:40", "本人 PIN", "", "一楼东门"]
    assert [row[1] for row in own[4:] if row[0].isdigit()] == ["刘明"], "a unit's own"
    assert "太谷 考勤 第一条" in own[-2][0]
    blank = cells_of(clerk.get("/corrections/sign-ins/blank.xlsx?day=2026-03-05").get_data())
    assert blank[2][:4] == ["姓名", "窗口", "上午上班", ""]
    assert blank[3][2:4] == ["时间", "签名"]
    assert [row[0] for row in blank[4:-2]] == ["刘明", "王芳"]
    for path in ("sign-ins.pdf", "sign-ins/blank.pdf"):
        answer = clerk.get(f"/corrections/{path}?day=2026-03-02")
        assert (answer.mimetype, answer.get_data()[:5]) == ("application/pdf", b"%PDF-")
    assert clerk.get("/corrections/sign-ins.doc").status_code == 404
    assert clerk.get("/corrections/sign-ins/blank.pdf?unit=税务局").status_code == 403
