"""Leave through the hub: the right chain, nobody decides their own, and verdicts follow what was decided."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from station.facts import Request, instant
from tests.web.browsing import signed_in, text_of, token_of
from tests.web.halls import HallUnderTest, MakeStation, StationUnderTest, copy_hall, counted
from tests.web.sheets import cells_of
from web.ledger.leaves import LeaveActRow, LeaveRow
from web.ledger.sheets import SheetRow
from web.services import (
    absences,
    attendance,
    in_force,
    leave_ends,
    leave_lists,
    leave_overruns,
    leaves,
    papers,
    people,
    rebuild,
    roles,
)
from web.services.errors import BadInput, NotAllowed
from web.services.leaves import Case, Wanted
from web.services.people import NewPerson
from web.services.posts import Window, open_window
from web.services.scopes import EVERYBODY

UNIT = "医疗保障局"
TUESDAY = date(2026, 3, 3)


@pytest.fixture
def hall(template: Path, tmp_path: Path) -> Iterator[HallUnderTest]:
    """The default hall: Taigu's leave."""
    made = copy_hall(template, tmp_path / "hub", policy="default")
    with made.hub.ledger.writing() as session:
        for person in made.people.values():
            people.get(session, person).posted_from = date(2026, 3, 1)
    yield made
    made.hub.close()


@pytest.fixture
def opened(station: StationUnderTest) -> None:
    """The hall's first press: before it nobody is judged."""
    station.press("王芳", "08:50")
    station.send()


@pytest.fixture
def wanzhou(template: Path, tmp_path: Path) -> Iterator[HallUnderTest]:
    """A hall under Wanzhou's rules."""
    made = copy_hall(template, tmp_path / "wanzhou")
    yield made
    made.hub.close()


def somebody(hall: HallUnderTest, name: str, *held: str, unit: str = "", until: date | None = None) -> str:
    """A further person with roles, not due at the hall."""
    with hall.hub.ledger.writing() as session:
        key = people.add(
            session, [NewPerson(name, group="other", unit=unit, posted_to=date(2026, 1, 1))], hall.hub.now()
        )
        for role in held:
            roles.grant(session, key[0], role, date(2026, 1, 1), until, hall.hub.now(), key[0])
    return key[0]


def head_of(hall: HallUnderTest, number: str, person: str) -> None:
    """Make somebody the head of a window."""
    with hall.hub.ledger.writing() as session:
        window = open_window(session, Window(number, UNIT, "window", 1), date(2026, 1, 1), hall.hub.now(), person)
        roles.grant(session, person, "window_head", date(2026, 1, 1), None, hall.hub.now(), person, scope=window)


def wanted(hall: HallUnderTest, name: str, kind: str, start: str, end: str, day: date = TUESDAY) -> Wanted:
    zone = hall.hub_zone()
    ends = [datetime.fromisoformat(f"{day}T{text}").replace(tzinfo=zone) if "T" not in text
            else datetime.fromisoformat(text).replace(tzinfo=zone) for text in (start, end)]  # fmt: skip
    return Wanted(hall.people[name], kind, ends[0], ends[1], "家里有事")


def file(hall: HallUnderTest, asked: Wanted) -> Case:
    with hall.hub.ledger.writing() as session:
        held = in_force.read(session, hall.hub)
        key = leaves.file(session, held, asked, asked.person, hall.hub.now()).id
    return case_of(hall, key)


def decide(hall: HallUnderTest, case: Case, by: str, approved: bool = True, reason: str = "") -> Case:
    with hall.hub.ledger.writing() as session:
        held = in_force.read(session, hall.hub)
        leaves.decide(session, held, case.row.id, by, approved, reason, hall.hub.now())
    return case_of(hall, case.row.id)


def case_of(hall: HallUnderTest, key: str) -> Case:
    with hall.hub.ledger.reading() as session:
        return leaves.case_of(session, in_force.read(session, hall.hub), key, hall.hub.now())


def chain(case: Case) -> list[str]:
    return ["|".join(step.roles) if step.act == "decide" else f"record {step.roles[0]}" for step in case.route.steps]


def verdicts(hall: HallUnderTest, name: str, day: date = TUESDAY) -> list[tuple[str, bool]]:
    """Verdict and whether it is provisional, of somebody's day."""
    with hall.hub.ledger.writing() as session:
        held, now = in_force.read(session, hall.hub), hall.hub.now()
        rows = [row for row in people.everybody(session) if row.id == hall.people[name]]
        book = attendance.settle(session, hall.hub, attendance.look(session, held, rows, day, day, now), now)
    return [(each.verdict, each.provisional) for judged in book.days[hall.people[name]] for each in judged.verdicts]


# kind, from, to, days, chain (Taigu, RULES 3.6); sessions 09:00-12:00 and 13:00-17:00
TAIGU = [
    ("personal", "09:00", "12:00", "0.5", ["duty_leader"]),
    ("personal", "09:00", "11:59", "179/360", ["duty_leader"]),
    ("personal", "09:00", "13:01", "241/480", ["centre_leader"]),
    ("sick", "09:00", "17:00", "1", ["centre_leader"]),
    ("business", "13:00", "17:00", "0.5", ["duty_leader|supervision"]),
    ("training", "09:00", "17:00", "1", ["centre_leader"]),
    ("late_arrival", "09:00", "10:00", "1/6", ["duty_leader|supervision"]),
]
WANZHOU = [
    ("personal", "09:00", "11:59", ["window_head"]),
    ("personal", "09:00", "12:00", ["chief_rep|window_head", "record supervision"]),
    ("personal", "2026-03-03T09:00", "2026-03-04T17:29", ["chief_rep|window_head", "record supervision"]),
    ("personal", "2026-03-03T09:00", "2026-03-04T17:30", ["window_head", "unit_leader", "office_leader"]),
]


@pytest.mark.parametrize(("kind", "start", "end", "days", "steps"), TAIGU)
def test_taigus_chains(hall: HallUnderTest, kind: str, start: str, end: str, days: str, steps: list[str]) -> None:
    case = file(hall, wanted(hall, "刘明", kind, start, end))
    assert (case.days, chain(case)) == (Fraction(days), steps)


def test_a_windows_head_is_asked_first_where_there_is_one(hall: HallUnderTest) -> None:
    head_of(hall, "101", somebody(hall, "周强", unit=UNIT))
    case = file(hall, wanted(hall, "刘明", "personal", "09:00", "12:00"))
    assert chain(case) == ["window_head", "duty_leader"]


@pytest.mark.parametrize(("kind", "start", "end", "steps"), WANZHOU)
def test_wanzhous_chains(wanzhou: HallUnderTest, kind: str, start: str, end: str, steps: list[str]) -> None:
    head_of(wanzhou, "101", somebody(wanzhou, "周强", unit=UNIT))
    assert chain(file(wanzhou, wanted(wanzhou, "刘明", kind, start, end))) == steps


def test_until_decided_the_sessions_are_provisional_and_then_leave(hall: HallUnderTest, opened: None) -> None:
    leader = somebody(hall, "高峰", "duty_leader")
    case = file(hall, wanted(hall, "刘明", "personal", "09:00", "12:00"))
    hall.clock.move_to(datetime(2026, 3, 4, 2, tzinfo=UTC))
    assert verdicts(hall, "刘明")[0] == ("absent", True)
    assert decide(hall, case, leader).row.status == "approved"
    assert verdicts(hall, "刘明") == [("leave", False), ("absent", False)]
    with hall.hub.ledger.writing() as session:
        held = in_force.read(session, hall.hub)
        leave_ends.revoke(session, held, case.row.id, leader, ["supervision"], "假条不实", hall.hub.now())
    assert verdicts(hall, "刘明") == [("absent", False), ("absent", False)]


def test_a_refusal_needs_a_reason_and_counts_as_never_asked(hall: HallUnderTest, opened: None) -> None:
    leader = somebody(hall, "高峰", "duty_leader")
    case = file(hall, wanted(hall, "刘明", "personal", "09:00", "12:00"))
    with pytest.raises(BadInput, match="不同意要写理由"):
        decide(hall, case, leader, approved=False)
    decide(hall, case, leader, approved=False, reason="窗口无人")
    hall.clock.move_to(datetime(2026, 3, 4, 2, tzinfo=UTC))
    assert verdicts(hall, "刘明")[0] == ("absent", False)


def test_nobody_decides_their_own_it_goes_to_the_next_role_up(hall: HallUnderTest) -> None:
    leader = somebody(hall, "高峰", "duty_leader")
    hall.people["高峰"] = leader
    with hall.hub.ledger.writing() as session:
        people.get(session, leader).posted_to = None
    above = somebody(hall, "罗琳", "supervision")
    case = file(hall, wanted(hall, "高峰", "personal", "09:00", "12:00"))
    shown = case.steps()[0]
    assert (shown.who, shown.moved_up, "taigu:chief_rep:5" in shown.clauses) == (("罗琳",), True, True)
    with pytest.raises(NotAllowed, match="不能决定"):
        decide(hall, case, leader)
    assert decide(hall, case, above).row.status == "approved"


def test_a_role_that_ended_yesterday_decides_nothing(hall: HallUnderTest) -> None:
    gone = somebody(hall, "高峰", "duty_leader", until=date(2026, 3, 1))
    case = file(hall, wanted(hall, "刘明", "personal", "09:00", "12:00"))
    with pytest.raises(NotAllowed, match="没有人担任") as refusal:
        decide(hall, case, gone)
    assert "请管理员指定" in refusal.value.remedy
    assert case.steps()[0].who == ()
    shown = text_of(signed_in(hall, "admin").get(f"/leave/{case.row.id}"))
    assert "没有人担任这个角色，请管理员在人员台账中指定" in shown


@pytest.mark.parametrize(
    ("kind", "start", "end", "words"),
    [
        ("personal", "12:00", "09:00", "结束时间早于开始时间"),
        ("personal", "12:00", "13:00", "没有上班时间"),
        ("late_arrival", "09:00", "14:00", "最多 1 个时段"),
        ("holiday", "09:00", "12:00", "没有选请假类别"),
        ("personal", "2026-03-03T10:00", "2026-03-04T10:00", "重叠"),
    ],
)
def test_what_cannot_be_filed(hall: HallUnderTest, kind: str, start: str, end: str, words: str) -> None:
    file(hall, wanted(hall, "刘明", "personal", "09:00", "12:00", date(2026, 3, 4)))
    with pytest.raises(BadInput, match=words):
        file(hall, wanted(hall, "刘明", kind, start, end))


def test_back_early_back_late_and_not_back(hall: HallUnderTest, opened: None) -> None:
    leader = somebody(hall, "高峰", "centre_leader")
    case = file(hall, wanted(hall, "刘明", "sick", "2026-03-03T09:00", "2026-03-04T17:00"))
    decide(hall, case, leader)
    hall.clock.move_to(datetime(2026, 3, 6, 10, tzinfo=UTC))
    with hall.hub.ledger.reading() as session:
        held = in_force.read(session, hall.hub)
        late = leave_overruns.listed(session, held, EVERYBODY, hall.hub.now())
        assert [(one.person.name, str(one.days)) for one in late] == [("刘明", "2")]
    zone = hall.hub_zone()
    with hall.hub.ledger.writing() as session:
        held = in_force.read(session, hall.hub)
        until = datetime(2026, 3, 5, 17, tzinfo=zone)
        with pytest.raises(BadInput, match="延长假期要写理由"):
            leave_ends.move_end(session, held, case.row.id, leader, until, "", hall.hub.now())
        leave_ends.move_end(session, held, case.row.id, leader, until, "住院", hall.hub.now())
        leave_ends.come_back(session, held, case.row.id, leader, datetime(2026, 3, 4, 13, tzinfo=zone), hall.hub.now())
    assert verdicts(hall, "刘明") == [("leave", False), ("leave", False)]
    assert [each[0] for each in verdicts(hall, "刘明", date(2026, 3, 4))] == ["leave", "absent"]
    with hall.hub.ledger.reading() as session:
        held = in_force.read(session, hall.hub)
        assert leave_overruns.listed(session, held, EVERYBODY, hall.hub.now()) == []
        acts = [act.act for act in leaves.case_of(session, held, case.row.id, hall.hub.now()).acts]
    assert acts == ["approve", "extend", "cut", "return"]


def test_more_time_is_given_by_who_decides_that_length_or_by_supervision(hall: HallUnderTest) -> None:
    """Taigu: half a day is the duty leader's, more is the centre leader's."""
    hall.clock.move_to(datetime(2026, 3, 2, 0, 30, tzinfo=UTC))
    leader, centre = somebody(hall, "高峰", "duty_leader"), somebody(hall, "领", "centre_leader")
    above, zone = somebody(hall, "罗琳", "supervision"), hall.hub_zone()
    case = decide(hall, file(hall, wanted(hall, "刘明", "personal", "09:00", "12:00")), leader)

    def move(by: str, until: str) -> Case:
        with hall.hub.ledger.writing() as session:
            held, end = in_force.read(session, hall.hub), datetime.fromisoformat(until).replace(tzinfo=zone)
            leave_ends.move_end(session, held, case.row.id, by, end, "住院", hall.hub.now())
        return case_of(hall, case.row.id)

    with pytest.raises(NotAllowed, match="这么长的假期由中心分管领导、督查部门批准"):
        move(leader, "2026-03-06T17:00")
    with pytest.raises(NotAllowed):
        move(hall.people["刘明"], "2026-03-03T13:00")
    moved = move(centre, "2026-03-04T17:00")
    assert (moved.days, chain(moved)) == (Fraction(2), ["duty_leader"]), "its length now; the chain as it was asked for"
    with pytest.raises(NotAllowed):
        move(leader, "2026-03-03T12:00")
    assert move(above, "2026-03-06T17:00").days == 4
    assert [act.role for act in case_of(hall, case.row.id).acts] == ["duty_leader", "centre_leader", "supervision"]
    key = case.row.id
    form = text_of(signed_in(hall, "centre_leader").get(f"/leave/{key}/form"))
    assert "2026-03-03 09:00 至 2026-03-06 17:00，共 4.0 天" in form


def test_it_waits_since_the_step_before_was_approved_whatever_else_came(hall: HallUnderTest) -> None:
    case = file(hall, wanted(hall, "刘明", "personal", "09:00", "12:00"))
    hall.clock.move_to(hall.hub.now() + timedelta(days=1))
    with hall.hub.ledger.writing() as session:
        leaves.hand_in(session, in_force.read(session, hall.hub), case.row.id, case.row.person, hall.hub.now())
    after = case_of(hall, case.row.id)
    assert ([act.act for act in after.acts], after.since) == (["paper"], after.row.filed)


def overruns(hall: HallUnderTest) -> list[str]:
    with hall.hub.ledger.reading() as session:
        found = leave_overruns.listed(session, in_force.read(session, hall.hub), EVERYBODY, hall.hub.now())
    return [str(one.days) for one in found]


def test_an_overrun_waits_for_supervision_whoever_reports_the_return(hall: HallUnderTest, opened: None) -> None:
    leader = somebody(hall, "高峰", "duty_leader")
    case = decide(hall, file(hall, wanted(hall, "刘明", "personal", "13:00", "17:00")), leader)
    where = f"/leave/{case.row.id}"
    hall.clock.move_to(datetime(2026, 3, 5, 10, tzinfo=UTC))
    clerk, supervision = signed_in(hall, "attendance_clerk", unit=UNIT), signed_in(hall, "supervision")
    assert overruns(hall) == ["2"]
    assert post(clerk, f"{where}/return", day="2026-03-05", time="13:00").status_code == 302
    assert overruns(hall) == ["3/2"], "back on Thursday at one, a day and a half late"
    assert "认定超假无正当理由" not in text_of(clerk.get(where))
    assert "假后已缺 1.5 天" in text_of(supervision.get(where))
    assert post(clerk, f"{where}/unexcused", reason="无故").status_code == 403
    assert "没有写理由" in post(supervision, f"{where}/unexcused").get_data(as_text=True)
    assert post(supervision, f"{where}/unexcused", reason="未说明原因").status_code == 302
    assert overruns(hall) == []
    assert "认定超假无正当理由 未说明原因" in text_of(clerk.get(where))
    assert "没有待认定的超假" in post(supervision, f"{where}/unexcused", reason="再").get_data(as_text=True)
    assert [each[0] for each in verdicts(hall, "刘明", date(2026, 3, 4))] == ["absent", "absent"]


def test_a_further_leave_and_the_end_of_a_posting_are_no_overrun(hall: HallUnderTest, opened: None) -> None:
    leader, centre = somebody(hall, "高峰", "duty_leader"), somebody(hall, "领", "centre_leader")
    decide(hall, file(hall, wanted(hall, "刘明", "personal", "13:00", "17:00")), leader)
    further = file(hall, wanted(hall, "刘明", "sick", "2026-03-04T09:00", "2026-03-05T12:00"))
    hall.clock.move_to(datetime(2026, 3, 5, 10, tzinfo=UTC))
    assert overruns(hall) == ["2"], "asked for, not approved"
    decide(hall, further, centre)
    assert overruns(hall) == ["1/2", "1/2"], "Thursday's afternoon, after either"
    with hall.hub.ledger.writing() as session:
        people.get(session, hall.people["刘明"]).posted_to = date(2026, 3, 4)
    assert overruns(hall) == []


def test_a_press_inside_a_leave_ends_it_there_at_one_click(hall: HallUnderTest, station: StationUnderTest) -> None:
    leader = somebody(hall, "高峰", "centre_leader")
    case = decide(hall, file(hall, wanted(hall, "王芳", "sick", "2026-03-02T08:00", "2026-03-04T17:00")), leader)
    station.press("王芳", "08:50")
    station.send()
    hall.clock.move_to(datetime(2026, 3, 2, 4, tzinfo=UTC))
    clerk, where = signed_in(hall, "attendance_clerk", unit=UNIT), f"/leave/{case.row.id}"
    assert "可能已提前返回" not in text_of(clerk.get("/leave")), "it may have been on the way out"
    station.press("王芳", "12:58")
    station.send()
    hall.clock.move_to(datetime(2026, 3, 2, 6, tzinfo=UTC))
    with counted(hall) as statements:
        listed = text_of(clerk.get("/leave"))
    assert len(statements) <= 12
    assert "王芳 医疗保障局 假期到 03-04 17:00，03-02 12:58 有打卡" in listed
    page = clerk.get(where).get_data(as_text=True)
    assert "按 03-02 08:50 销假" in page
    form = re.search(r'name="day" value="(2026-03-02)"><input type="hidden" name="time" value="([\d:]+)"', page)
    assert form is not None
    assert post(clerk, f"{where}/return", day=form[1], time=form[2]).status_code == 302
    assert case_of(hall, case.row.id).row.ends.astimezone(hall.hub_zone()).strftime("%m-%d %H:%M") == "03-02 08:50"
    assert "按 03-02 08:50 销假" not in text_of(clerk.get(where))
    assert "可能已提前返回" not in text_of(clerk.get("/leave"))


def test_of_two_leaves_of_the_same_time_one_is_approved(hall: HallUnderTest, make_station: MakeStation) -> None:
    station: StationUnderTest = make_station()
    zone, centre = hall.hub_zone(), signed_in(hall, "centre_leader")
    ends = {
        "from": instant(datetime(2026, 3, 3, 9, tzinfo=zone)), "to": instant(datetime(2026, 3, 3, 17, tzinfo=zone)),
    }  # fmt: skip
    for kind in ("sick", "personal"):
        station.record(
            Request(person=hall.people["刘明"], asks="leave", fields={"kind": kind, "reason": "就医", **ends})
        )
    station.send()
    with hall.hub.ledger.reading() as session:
        first, second = (row.id for row in leave_lists.listed(session, EVERYBODY))
    assert "重叠" not in text_of(centre.get(f"/leave/{second}")), "both wait"
    assert post(centre, f"/leave/{first}/approve").status_code == 302
    assert "与已批准的" in text_of(centre.get(f"/leave/{second}"))
    refused = post(centre, f"/leave/{second}/approve")
    assert (refused.status_code, "重叠（2026-03-03 起）" in refused.get_data(as_text=True)) == (400, True)
    assert post(centre, f"/leave/{second}/refuse", reason="重复").status_code == 302


def test_every_end_of_a_leave_through_the_pages(hall: HallUnderTest) -> None:
    hall.clock.move_to(datetime(2026, 3, 3, 0, 30, tzinfo=UTC))
    clerk, centre = signed_in(hall, "attendance_clerk", unit=UNIT), signed_in(hall, "centre_leader")
    supervision, head = signed_in(hall, "supervision"), signed_in(hall, "window_head", unit=UNIT)

    def filed(name: str, *, approved: bool = True) -> str:
        given = {"person": name, "kind": "personal", "first": "2026-03-03", "part": "day", "reason": "家里有事"}
        where = post(clerk, "/leave/new", **given).headers["Location"]
        if approved:
            assert post(centre, f"{where}/approve").status_code == 302
        return where

    def end(client: FlaskClient, where: str, act: str, **given: str) -> tuple[int, str]:
        answer = post(client, f"{where}/{act}", **given)
        return answer.status_code, "" if answer.status_code == 302 else answer.get_data(as_text=True)

    open_, coming = filed("刘明", approved=False), filed("王芳")
    assert end(clerk, open_, "withdraw")[0] == 302
    assert end(clerk, coming, "withdraw")[0] == 302, "approved and not begun: cancelled"
    with hall.hub.ledger.reading() as session:
        rows = session.execute(select(LeaveActRow.act).order_by(LeaveActRow.at, LeaveActRow.id)).scalars()
        assert list(rows) == ["approve", "withdraw", "cancel"]
    running = filed("刘明")
    assert end(clerk, running, "paper")[0] == 302
    assert "已登记过收到书面材料" in end(clerk, running, "paper")[1]
    hall.clock.move_to(datetime(2026, 3, 3, 2, tzinfo=UTC))
    assert "假期已经开始，不能取消" in end(clerk, running, "withdraw")[1]
    assert end(head, running, "extend", day="2026-03-04", time="17:00", reason="有事")[0] == 403
    assert end(clerk, running, "extend", day="2026-03-04", time="17:00", reason="有事")[0] == 403
    assert end(centre, running, "extend", day="2026-03-04", time="17：00", reason="住院")[0] == 302
    assert "延长到 2026-03-04 17:00 住院" in text_of(clerk.get(running))
    assert "须在假期开始之后" in end(clerk, running, "return", day="2026-03-03", time="15:00")[1]
    assert end(clerk, running, "return", day="2026-03-03", time="09:30")[0] == 302
    assert "提前结束 2026-03-03 09:30" in text_of(clerk.get(running))
    assert "已经销假" in end(clerk, running, "return", day="2026-03-03", time="09:40")[1]
    assert end(centre, running, "revoke", reason="不实")[0] == 403
    assert "撤销假条要写理由" in end(supervision, running, "revoke")[1]
    assert end(supervision, running, "revoke", reason="假条不实")[0] == 302
    assert "已撤销" in text_of(clerk.get(running))
    assert "已经办完" in end(clerk, running, "withdraw")[1]


def test_what_was_asked_at_a_kiosk_is_a_leave_once_also_after_a_rebuild(
    hall: HallUnderTest, make_station: MakeStation
) -> None:
    station: StationUnderTest = make_station()
    zone = hall.hub_zone()
    ends = {
        "from": instant(datetime(2026, 3, 3, 9, tzinfo=zone)), "to": instant(datetime(2026, 3, 3, 12, tzinfo=zone)),
    }  # fmt: skip
    station.record(
        Request(person=hall.people["刘明"], asks="leave", fields={"kind": "sick", "reason": "就医", **ends}),
        Request(person=hall.people["刘明"], asks="leave", fields={"kind": "sick", "from": "yesterday", "to": "never"}),
    )
    station.send()
    station.send(0)  # the same once more
    leader = somebody(hall, "高峰", "duty_leader")
    with hall.hub.ledger.reading() as session:
        held = in_force.read(session, hall.hub)
        rows = leave_lists.listed(session, EVERYBODY)
        assert [(row.kind, row.reason, row.status) for row in rows] == [("sick", "就医", "pending")]
        case = leaves.cases_of(session, held, rows, hall.hub.now())[0]
        assert leave_lists.waiting(session, held, leader, hall.hub.now())[0].row.id == case.row.id
    decide(hall, case, leader)
    with hall.hub.ledger.writing() as session:
        rebuild.rebuild(session, zone)
    with hall.hub.ledger.reading() as session:
        assert session.get_one(LeaveRow, case.row.id).status == "approved"
        given = papers.draw_up(session, hall.hub, station.id).absences
        assert [(each.person, each.kind) for each in given] == [(hall.people["刘明"], "sick")]


def post(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    return client.post(path, data={"csrf_token": token_of(client.get("/password")), **fields})


def test_clerk_files_leader_approves_each_on_their_pages(hall: HallUnderTest) -> None:
    clerk, leader = signed_in(hall, "attendance_clerk", unit=UNIT), signed_in(hall, "duty_leader")
    given = {"person": "刘明 1001", "kind": "personal", "first": "2026-03-03", "part": "morning", "reason": "开家长会"}
    wrong = post(clerk, "/leave/new", **{**given, "person": "张伟"})
    assert (wrong.status_code, "本单位的人员" in wrong.get_data(as_text=True)) == (400, True)
    assert "开家长会" in wrong.get_data(as_text=True), "what was typed stays"
    filed = post(clerk, "/leave/new", **given)
    assert filed.status_code == 302
    where = filed.headers["Location"]
    assert "您今天不能决定" in post(clerk, f"{where}/approve").get_data(as_text=True)
    page = text_of(leader.get("/leave"))
    assert "待我审批 1" in page
    with counted(hall) as statements:
        one = text_of(leader.get(where))
    assert len(statements) <= 12
    assert "太谷 考勤 第三条" in one
    assert post(leader, f"{where}/approve", reason="同意").status_code == 302
    assert "已批准" in text_of(clerk.get(where))
    assert "请假申请单" in text_of(clerk.get(f"{where}/form"))
    assert clerk.get(f"{where}/form.pdf").get_data()[:5] == b"%PDF-"
    form = dict(row[:2] for row in cells_of(clerk.get(f"{where}/form.xlsx").get_data()))
    assert (form["姓名"], form["单位"], "签字：" in form["值班长"]) == ("刘明", UNIT, True)
    assert post(clerk, f"{where}/dance").status_code == 404
    other = signed_in(hall, "attendance_clerk", unit="税务局")
    assert other.get(where).status_code == 403
    assert "没有假条" in text_of(other.get("/leave"))


def test_leave_into_a_closed_month_is_refused(hall: HallUnderTest) -> None:
    with hall.hub.ledger.writing() as session:
        session.add(SheetRow(id="01950000-0000-7000-8000-00000000cccc", unit=UNIT, month="2026-03", data="{}",
                             hash="0" * 64, frozen=hall.hub.now(), closed=hall.hub.now(), reason=""))  # fmt: skip
    with pytest.raises(BadInput, match="2026-03 的月表已经锁定"):
        file(hall, wanted(hall, "刘明", "personal", "09:00", "12:00"))


def test_days_touched_reach_over_the_night() -> None:
    at = datetime(2026, 3, 3, 1, tzinfo=UTC)
    assert list(absences.days_between(at, at + timedelta(hours=1))) == [date(2026, 3, day) for day in (2, 3, 4)]
