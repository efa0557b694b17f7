"""The bell: what waits for one person, counted once a page and gone when it is done."""

import re
from datetime import UTC, datetime

import pytest

from station.facts import Request
from tests.web.browsing import signed_in, text_of
from tests.web.halls import HallUnderTest, StationUnderTest, counted
from web.ledger.leaves import LeaveRow
from web.ledger.sheets import SheetRow
from web.services import alarms, in_force, leaves
from web.services.leaves import Wanted

UNIT, OTHER = "医疗保障局", "市场监督管理局"
APRIL = datetime(2026, 4, 1, 1, tzinfo=UTC)
LATE = datetime(2026, 4, 13, 1, tzinfo=UTC)  # past the fifth working day


@pytest.fixture
def opened(station: StationUnderTest) -> StationUnderTest:
    """The hall's first press, and with it the first month that has sheets."""
    station.press("王芳", "08:50")
    station.send()
    return station


def lines(hall: HallUnderTest, *held: str, unit: str = "") -> list[str]:
    """The bell's lines for a new login with these roles, and the number in the head beside them."""
    client = signed_in(hall, *held, unit=unit)
    page = client.get("/bell").get_data(as_text=True)
    found = re.findall(r'href="([^"]+)"><strong>(\d+)</strong><span>([^<]+)</span>(.*?)</a>', page)
    number = client.get("/bell/count").get_data(as_text=True)
    assert int(number) == sum(int(count) for _, count, _, _ in found)
    assert ("现在没有等您办理的事" in page) == (not found)
    return [f"{count} {words} {where}{' !' if 'pill red' in late else ''}" for where, count, words, late in found]


def asked(hall: HallUnderTest, name: str, status: str = "pending") -> str:
    """A leave of the hall's Tuesday."""
    with hall.hub.ledger.writing() as session:
        held, who = in_force.read(session, hall.hub), hall.people[name]
        start, end = datetime(2026, 3, 3, 1, tzinfo=UTC), datetime(2026, 3, 3, 4, tzinfo=UTC)
        row = leaves.file(session, held, Wanted(who, "personal", start, end, "家中有事"), who, hall.hub.now())
        row.status = status
        return row.id


def test_nothing_waits_in_a_quiet_hall(hall: HallUnderTest) -> None:
    assert lines(hall, "admin", "supervision", "duty_leader") == []
    assert lines(hall, "staff") == []


def test_a_leave_waits_for_whoever_decides_it_until_it_is_decided(hall: HallUnderTest, opened: object) -> None:
    leave = asked(hall, "刘明")
    assert lines(hall, "chief_rep", unit=UNIT) == ["1 假条待审批 /leave"]
    assert lines(hall, "chief_rep", unit="市场监督管理局") == []
    with hall.hub.ledger.writing() as session:
        row = session.get(LeaveRow, leave)
        assert row is not None
        row.status = "approved"
    assert lines(hall, "chief_rep", "staff", unit=UNIT) == []


def test_what_nobody_may_decide_waits_for_the_admin(hall: HallUnderTest, station: StationUnderTest) -> None:
    asked(hall, "刘明")
    missed = {"day": "2026-03-02", "session": "morning", "side": "in", "at": None, "reason": "忘了", "by": "finger"}
    station.record(Request(person=hall.people["张伟"], asks="correction", fields=missed))
    station.send()
    assert lines(hall, "admin") == [
        "1 更正没有人能审批，请在人员台账中指定角色 /corrections?status=pending !",
        "1 假条没有人能审批，请在人员台账中指定角色 /leave?status=pending !",
    ]
    assert lines(hall, "supervision") == ["1 更正待审批 /corrections"]
    assert [each for each in lines(hall, "admin", "staff") if "更正" in each] == [], "somebody may now"
    assert lines(hall, "chief_rep", unit=UNIT) == ["1 假条待审批 /leave"]
    assert [each for each in lines(hall, "admin", "patrol_officer") if "假条" in each] == []


def test_a_leave_without_a_return_waits_for_supervision(hall: HallUnderTest, opened: object) -> None:
    asked(hall, "刘明", "approved")
    hall.clock.move_to(datetime(2026, 3, 6, 10, tzinfo=UTC))
    assert lines(hall, "supervision") == ["1 假满未销假 /leave !"]
    assert lines(hall, "admin") == []


def test_the_sheet_waits_for_whose_turn_it_is_and_then_for_supervision(hall: HallUnderTest, opened: object) -> None:
    hall.clock.move_to(APRIL)
    assert lines(hall, "attendance_clerk", unit=UNIT) == ["1 2026-03 月表待签字，04-08 前报送 /sheets?month=2026-03"]
    assert lines(hall, "unit_leader", unit=UNIT) == [], "the clerk signs first"
    assert lines(hall, "supervision") == []
    hall.clock.move_to(LATE)
    assert lines(hall, "office_leader") == ["3 2026-03 月表逾期未报的单位 /sheets?month=2026-03 !"]
    with hall.hub.ledger.writing() as session:
        session.add(SheetRow(id="s", unit=UNIT, month="2026-03", data="{}", hash="", frozen=LATE, closed=LATE,
                             reason=""))  # fmt: skip
    assert lines(hall, "centre_leader") == ["2 2026-03 月表逾期未报的单位 /sheets?month=2026-03 !"]


@pytest.mark.both_databases
def test_a_month_before_the_last_rings_until_it_is_closed(hall: HallUnderTest, opened: object) -> None:
    hall.clock.move_to(datetime(2026, 6, 1, 1, tzinfo=UTC))
    with hall.hub.ledger.writing() as session:
        for unit, month, reopened in ((UNIT, "2026-03", LATE), (UNIT, "2026-04", None), (OTHER, "2026-03", None)):
            session.add(SheetRow(id=unit + month, unit=unit, month=month, data="{}", hash="", frozen=LATE, closed=LATE,
                                 reopened=reopened, reason=""))  # fmt: skip
    may, before = "1 2026-05 月表待签字，06-05 前报送 /sheets?month=2026-05", "1 以前月份的月表待签字 /sheets !"
    assert lines(hall, "attendance_clerk", unit=UNIT) == [before, may]
    assert lines(hall, "unit_leader", unit=UNIT) == [], "the clerk signs first"
    assert lines(hall, "supervision") == ["4 以前月份逾期未报的月表 /sheets !"]
    overview = text_of(signed_in(hall, "supervision", "staff").get("/sheets?month=2026-05"))
    assert "以前没有锁定的月表 2026年3月：2 个单位 2026年4月：2 个单位" in overview
    of_unit = text_of(signed_in(hall, "attendance_clerk", "staff", unit=UNIT).get("/sheets"))
    assert "以前没有锁定的月表 2026年3月：1 个单位" in of_unit
    assert "2026年4月：" not in of_unit


def test_no_sheet_is_asked_for_of_months_before_the_hall(hall: HallUnderTest, opened: object) -> None:
    assert lines(hall, "attendance_clerk", unit=UNIT) == []


def test_stations_ring_for_the_administrator_alone(hall: HallUnderTest, opened: StationUnderTest) -> None:
    with hall.hub.ledger.writing() as session:
        alarms.raise_alarm(session, opened.id, "clock", "1", "时钟", hall.hub.now())
    assert lines(hall, "admin") == ["1 考勤站告警待处理 /stations !"]
    assert lines(hall, "supervision") == []


@pytest.mark.both_databases
def test_the_bell_costs_as_much_for_many_as_for_one(hall: HallUnderTest) -> None:
    client = signed_in(hall, "admin", "supervision", "unit_leader", unit=UNIT)
    asked(hall, "刘明")
    costs = []
    for name in ("王芳", "张伟"):
        with counted(hall) as said:
            client.get("/bell/count")
        costs.append(len(said))
        asked(hall, name)
    assert costs[0] == costs[1] <= 12
