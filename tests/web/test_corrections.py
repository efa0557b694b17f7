"""Corrections through the hub: asked for at a kiosk or a desk, decided by another, and the verdict that follows."""

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from werkzeug.test import TestResponse

from station.facts import Request, instant
from tests.web.browsing import signed_in, text_of, token_of
from tests.web.halls import HallUnderTest, StationUnderTest, copy_hall, counted
from tests.web.test_attendance import full_day, press_at
from tests.web.test_leave import somebody, verdicts
from web.ledger.corrections import CorrectionRow
from web.ledger.sheets import SheetRow
from web.services import correction_lists, corrections, in_force, people, rebuild
from web.services.corrections import Case, Wanted
from web.services.errors import BadInput, NotAllowed
from web.services.scopes import EVERYBODY

pytestmark = pytest.mark.both_databases

UNIT = "医疗保障局"
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
WEDNESDAY = datetime(2026, 3, 4, 2, tzinfo=UTC)


@pytest.fixture
def hall(template: Path, tmp_path: Path, begun: str) -> Iterator[HallUnderTest]:
    """Sessions 09:00-12:00 and 13:30-17:30; on Tuesday 刘明 forgot to press at noon, both times; it is Wednesday."""
    made = copy_hall(template, tmp_path / "hub", database=begun)
    with made.hub.ledger.writing() as session:
        for person in made.people.values():
            people.get(session, person).posted_from = date(2026, 3, 1)
    yield made
    made.hub.close()


@pytest.fixture
def forgot(hall: HallUnderTest, station: StationUnderTest) -> StationUnderTest:
    """The presses of Monday and Tuesday."""
    full_day(station, "王芳")
    press_at(station, "刘明", "2026-03-03 08:50:00")
    press_at(station, "刘明", "2026-03-03 17:31:00")
    station.send()
    hall.clock.move_to(WEDNESDAY)
    return station


def wanted(
    hall: HallUnderTest, session: str, side: str, at: str = "", day: date = TUESDAY, name: str = "刘明"
) -> Wanted:
    when = datetime.fromisoformat(f"{day}T{at}").replace(tzinfo=hall.hub_zone()) if at else None
    return Wanted(hall.people[name], day, session, side, when, "忘记打卡")


def file(hall: HallUnderTest, asked: Wanted) -> str:
    with hall.hub.ledger.writing() as session:
        held = in_force.read(session, hall.hub)
        return corrections.file(session, held, asked, asked.person, hall.hub.now()).id


def decide(hall: HallUnderTest, key: str, by: str, approved: bool = True, reason: str = "") -> None:
    with hall.hub.ledger.writing() as session:
        held, now = in_force.read(session, hall.hub), hall.hub.now()
        case = correction_lists.one(session, held, key, now)
        corrections.decide(session, held, case, by, approved, reason, now)


def take_back(hall: HallUnderTest, key: str, by: str, reason: str = "") -> None:
    with hall.hub.ledger.writing() as session:
        case = correction_lists.one(session, in_force.read(session, hall.hub), key, hall.hub.now())
        corrections.take_back(session, case, by, reason, hall.hub.now())


def waiting_for(hall: HallUnderTest, by: str) -> list[Case]:
    with hall.hub.ledger.reading() as session:
        held, now = in_force.read(session, hall.hub), hall.hub.now()
        rows = correction_lists.listed(session, EVERYBODY, "pending")
        return [case for case in correction_lists.cases(session, held, rows, now) if case.may_decide(by)]


def minutes(hall: HallUnderTest) -> list[str]:
    return [verdict for verdict, _ in verdicts(hall, "刘明")]


def test_an_approved_correction_acts_and_an_annulled_one_does_no_longer(
    hall: HallUnderTest, forgot: StationUnderTest
) -> None:
    leader = somebody(hall, "高峰", "duty_leader")
    assert minutes(hall) == ["missing_out", "missing_in"]
    noon = file(hall, wanted(hall, "morning", "out"))
    back = file(hall, wanted(hall, "afternoon", "in", "13:37"))
    assert minutes(hall) == ["missing_out", "missing_in"], "asking changes nothing"
    decide(hall, noon, leader)
    assert minutes(hall) == ["present", "missing_in"]
    decide(hall, back, leader, reason="门岗证实")
    assert minutes(hall) == ["present", "late"]
    with pytest.raises(BadInput, match="没有写理由"):
        take_back(hall, noon, leader)
    take_back(hall, noon, leader, "监控显示当时不在")
    assert minutes(hall) == ["missing_out", "late"]
    with hall.hub.ledger.reading() as session:
        case = correction_lists.one(session, in_force.read(session, hall.hub), noon, hall.hub.now())
        assert [(act.act, act.role) for act in case.acts] == [("approve", "duty_leader"), ("annul", "duty_leader")]


# session, side, time typed, what follows ("" for a refusal): sessions 09:00-12:00, 13:30-17:30, presses 08:50 and 17:31
PLACES = [
    ("morning", "out", "12:00", ["present", "missing_in"]),
    ("morning", "out", "11:50", ["early", "missing_in"]),
    ("morning", "out", "13:30", ["present", "missing_in"]),
    ("morning", "out", "13:31", []),
    ("morning", "out", "09:00", []),
    ("afternoon", "in", "12:00", ["missing_out", "present"]),
    ("afternoon", "in", "11:59", []),
    ("afternoon", "in", "17:30", []),
    ("evening", "in", "", []),
    ("morning", "both", "", []),
]


@pytest.mark.parametrize(("session", "side", "at", "after"), PLACES)
def test_a_correction_lies_where_its_side_may_be(
    hall: HallUnderTest, forgot: StationUnderTest, session: str, side: str, at: str, after: list[str]
) -> None:
    if not after:
        with pytest.raises(BadInput, match=r"不能算作|没有选补哪一次卡"):
            file(hall, wanted(hall, session, side, at))
        return
    decide(hall, file(hall, wanted(hall, session, side, at)), somebody(hall, "高峰", "duty_leader"))
    assert minutes(hall) == after


def test_what_cannot_be_filed(hall: HallUnderTest, forgot: StationUnderTest) -> None:
    file(hall, wanted(hall, "morning", "out"))
    with pytest.raises(BadInput, match="已有一件更正"):
        file(hall, wanted(hall, "morning", "out", "12:01"))
    with pytest.raises(BadInput, match="2026-03-04 还没有过完") as refusal:
        file(hall, wanted(hall, "morning", "in", day=date(2026, 3, 4)))
    assert refusal.value.remedy == "请次日再办"
    with pytest.raises(BadInput, match="休息日"):
        file(hall, wanted(hall, "morning", "in", day=date(2026, 3, 1)))


def test_nobody_decides_their_own_and_an_ended_role_decides_nothing(
    hall: HallUnderTest, forgot: StationUnderTest
) -> None:
    leader = somebody(hall, "高峰", "duty_leader")
    gone = somebody(hall, "罗琳", "supervision", until=date(2026, 3, 3))
    hall.people["高峰"] = leader
    own, other = file(hall, wanted(hall, "morning", "in", name="高峰")), file(hall, wanted(hall, "morning", "out"))
    with pytest.raises(NotAllowed, match="本人"):
        decide(hall, own, leader)
    with pytest.raises(NotAllowed, match="不能办理这件更正"):
        decide(hall, other, gone)
    assert [case.row.id for case in waiting_for(hall, leader)] == [other]
    above = somebody(hall, "沈岳", "supervision")
    assert {case.row.id for case in waiting_for(hall, above)} == {own, other}
    with pytest.raises(BadInput, match="没有写理由"):
        decide(hall, other, above, approved=False)
    decide(hall, other, above, approved=False, reason="没有人看见")
    assert minutes(hall)[0] == "missing_out"
    with pytest.raises(BadInput, match="已经办完"):
        decide(hall, other, above)


def test_a_closed_month_is_neither_corrected_nor_uncorrected(hall: HallUnderTest, forgot: StationUnderTest) -> None:
    leader = somebody(hall, "高峰", "duty_leader")
    done, open_ = file(hall, wanted(hall, "morning", "out")), file(hall, wanted(hall, "afternoon", "in"))
    decide(hall, done, leader)
    with hall.hub.ledger.writing() as session:
        session.add(SheetRow(id="01950000-0000-7000-8000-00000000cccc", unit=UNIT, month="2026-03", data="{}",
                             hash="0" * 64, frozen=hall.hub.now(), closed=hall.hub.now(), reason=""))  # fmt: skip
    for act in (
        lambda: file(hall, wanted(hall, "morning", "in")), lambda: decide(hall, open_, leader),
        lambda: take_back(hall, done, leader, "不实"),
    ):  # fmt: skip
        with pytest.raises(BadInput, match="月表已经锁定") as refusal:
            act()
        assert "重新打开月表" in refusal.value.remedy
    decide(hall, open_, leader, approved=False, reason="月表已锁定")


def test_a_kiosks_request_is_a_row_once_also_after_a_rebuild(hall: HallUnderTest, forgot: StationUnderTest) -> None:
    fields = {"day": "2026-03-03", "session": "afternoon", "side": "in", "reason": "忘记打卡", "by": "finger"}
    at = instant(datetime(2026, 3, 3, 5, 25, tzinfo=UTC))
    forgot.record(
        Request(person=hall.people["刘明"], asks="correction", fields=fields | {"at": at}),
        Request(person=hall.people["刘明"], asks="correction", fields=fields | {"at": "", "side": "out"}),
        Request(person=hall.people["刘明"], asks="correction", fields=fields | {"day": "yesterday"}),
        Request(person=hall.people["刘明"], asks="correction", fields=fields | {"day": "2026-03-04", "at": ""}),
    )
    forgot.send()
    forgot.send(0)  # the same once more
    leader = somebody(hall, "高峰", "duty_leader")
    cases = {(case.row.day, case.row.side): case.row.id for case in waiting_for(hall, leader)}
    assert len(cases) == 3
    decide(hall, cases[TUESDAY, "in"], leader)
    with pytest.raises(BadInput, match="还没有过完"):
        decide(hall, cases[date(2026, 3, 4), "in"], leader)
    with hall.hub.ledger.writing() as session:
        rebuild.rebuild(session, hall.hub_zone())
    with hall.hub.ledger.reading() as session:
        assert session.get_one(CorrectionRow, cases[TUESDAY, "in"]).status == "approved"
        assert len(correction_lists.listed(session, EVERYBODY)) == 3
    assert minutes(hall) == ["missing_out", "present"]


def test_of_two_requests_for_one_press_one_is_approved(hall: HallUnderTest, forgot: StationUnderTest) -> None:
    fields = {"day": "2026-03-03", "session": "afternoon", "side": "in", "reason": "忘记打卡", "by": "finger"}
    for minute in (25, 26):
        at = instant(datetime(2026, 3, 3, 5, minute, tzinfo=UTC))
        forgot.record(Request(person=hall.people["刘明"], asks="correction", fields=fields | {"at": at}))
    forgot.send()
    leader = somebody(hall, "高峰", "duty_leader")
    first, second = (case.row.id for case in waiting_for(hall, leader))
    decide(hall, first, leader)
    with pytest.raises(BadInput, match="下午上班已有一件更正"):
        decide(hall, second, leader)
    decide(hall, second, leader, approved=False, reason="重复")


def post(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    return client.post(path, data={"csrf_token": token_of(client.get("/password")), **fields})


def test_clerk_files_leader_approves_and_everybody_sees_it_for_ever(
    hall: HallUnderTest, forgot: StationUnderTest
) -> None:
    clerk, leader = signed_in(hall, "attendance_clerk", unit=UNIT), signed_in(hall, "duty_leader")
    person = f"/attendance/people/{hall.people['刘明']}?month=2026-03"
    link = f"/corrections/new?person={hall.people['刘明']}&amp;day=2026-03-03&amp;session=morning&amp;side=out"
    assert link in clerk.get(person).get_data(as_text=True)
    form = clerk.get(link.replace("&amp;", "&")).get_data(as_text=True)
    assert 'value="刘明 1001"' in form
    assert 'value="2026-03-03"' in form
    given = {"person": "刘明 1001", "day": "2026-03-03", "session": "morning", "side": "out", "reason": "忘记打卡"}
    wrong = post(clerk, "/corrections/new", **given, at="25:00")
    assert (wrong.status_code, "看不懂时间" in wrong.get_data(as_text=True)) == (400, True)
    where = post(clerk, "/corrections/new", **given, at="12：03").headers["Location"]
    assert "您今天不能办理" in post(clerk, f"{where}/approve").get_data(as_text=True)
    assert "待我审批 1" in text_of(leader.get("/corrections"))
    with counted(hall) as statements:
        one = text_of(leader.get(where))
    assert len(statements) <= 12
    assert "08:50:00" in one
    assert post(leader, f"{where}/approve", reason="门岗证实").status_code == 302
    said = "上午下班 12:03 为更正：宋平申请（忘记打卡），宋平批准（门岗证实）"
    assert said in text_of(clerk.get(person))
    assert "更正（下班） 上午下班" in text_of(clerk.get(person))
    assert "更正" in text_of(clerk.get("/attendance?day=2026-03-03")).partition("王芳")[0].partition("刘明")[2]
    sheet = text_of(leader.get(f"/sheets/unit?month=2026-03&unit={UNIT}"))
    assert "* 更正" in sheet
    assert "√*" in sheet
    assert "更正：下班 12:03，宋平申请（忘记打卡），宋平批准（门岗证实）" in sheet
    file_ = leader.get(f"/sheets/unit.xlsx?month=2026-03&unit={UNIT}").get_data()
    annex = CalamineWorkbook.from_filelike(io.BytesIO(file_)).get_sheet_by_name("异常明细").to_python()
    assert [row[3] for row in annex if str(row[3]).startswith("更正")]
    other = signed_in(hall, "attendance_clerk", unit="税务局")
    assert other.get(where).status_code == 403
    assert "没有更正" in text_of(other.get("/corrections"))
    assert post(other, "/corrections/new", **given).status_code == 400
