"""The pages of covers, as the window's head, the duty leader, and others find them."""

from datetime import date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from station.facts import Request, instant
from tests.web.browsing import add_login, enter, signed_in, text_of, token_of
from tests.web.halls import HallUnderTest, MakeStation, counted
from tests.web.test_cover_plans import FRIDAY, LONG_AGO, TUESDAY, UNIT, B, Plans
from web.ledger.audit import AuditRow
from web.ledger.covers import CoverRow
from web.services import audit, papers, roles

MONDAY = date(2026, 3, 2)


@pytest.fixture
def plans(hall: HallUnderTest) -> Plans:
    return Plans(hall)


def head_of_101(plans: Plans) -> FlaskClient:
    """周华, the head of window 101, signed in."""
    hall, now = plans.hall, plans.hall.hub.now()
    with hall.hub.ledger.writing() as session:
        who = hall.people["周华"]
        roles.grant(session, who, "window_head", LONG_AGO, None, now, who, plans.windows["101"])
        account = add_login(session, who, "zhouhua", now)
    return enter(hall, account)


def the_cover(hall: HallUnderTest) -> str:
    with hall.hub.ledger.reading() as session:
        return session.execute(select(CoverRow.id)).scalar_one()


def send(client: FlaskClient, path: str, page: str = "/covers", **data: str) -> tuple[int, str]:
    """A form sent from a page; the status of the answer and what the reader sees in the end."""
    answer = client.post(path, data=data | {"csrf_token": token_of(client.get(page))})
    after = client.get(answer.headers["Location"]) if answer.status_code == 302 else answer
    return answer.status_code, after.get_data(as_text=True)


def test_the_head_accepts_and_both_notes_are_written(plans: Plans, hall: HallUnderTest) -> None:
    client = head_of_101(plans)
    assert "没有人请假" in text_of(client.get("/covers"))
    plans.leave("刘明", TUESDAY, TUESDAY)
    assert client.get("/bell/count").get_data(as_text=True) == "1"
    page = text_of(client.get("/covers"))
    assert "101 号窗口 医疗保障局 待确认 刘明 请假：3月3日 拟由 王芳 顶岗" in page
    cover = the_cover(hall)
    assert send(client, f"/covers/{cover}/accept")[0] == 302
    assert client.get("/bell/count").get_data(as_text=True) == "0"
    path = f"/covers/{cover}"
    send(client, f"{path}/handover", path, note="在办 2 件，待办 1 件")
    hall.clock.move_to(datetime(2026, 3, 4, 9, tzinfo=hall.hub_zone()))
    client = signed_in(hall, "duty_leader")
    page = text_of(client.get(path))
    assert "A岗交接 2026-03-02 08:40 已完成 在办 2 件，待办 1 件" in page
    assert "B岗交还 应补写" in page
    assert "交接未写" in text_of(client.get("/covers?past=1"))
    send(client, f"{path}/handback", path, note="都办结了")
    assert "交接未写" not in text_of(client.get("/covers?past=1"))
    printed = text_of(client.get(f"{path}/record"))
    assert "交接事项 在办 2 件，待办 1 件 交还事项 都办结了" in printed
    with hall.hub.ledger.reading() as session:
        acts = session.execute(select(AuditRow.act).where(AuditRow.act.like("cover.%"))).scalars().all()
        assert sorted(acts) == ["cover.accept", "cover.handback", "cover.handover", "cover.propose"]
        assert audit.broken(session) is None


def test_the_head_names_somebody_where_nobody_can_be_proposed(plans: Plans, hall: HallUnderTest) -> None:
    client = head_of_101(plans)
    for name in B:
        plans.leave(name, TUESDAY, TUESDAY, "training")
    leave = plans.leave("刘明", TUESDAY, FRIDAY)
    assert "无人顶岗 刘明 请假：3月3日、3月4日" in text_of(client.get("/covers"))
    path = f"/covers/leaves/{leave}"
    page = client.get(path)
    assert "王芳 B岗1 这段时间请学习培训" in text_of(page)
    status, words = send(client, path, path, person="other", other="张伟", first="2026-03-03", last="2026-03-04")
    assert (status, "张伟 这段时间请学习培训，不能顶岗" in words) == (400, True)
    status, words = send(client, path, path, person="other", other="没有的人", first="2026-03-03")
    assert (status, "没有找到在册的" in words) == (400, True)
    chosen = {"person": "other", "other": "周华 1009", "standing": "head_assigned", "first": "2026-03-03"}
    assert send(client, path, path, last="2026-03-03", note="带上印章", **chosen)[0] == 302
    assert plans.covers() == ["周华 open 03-03 09:00~03-04 04:00"]
    assert "101 nobody 03-04 03-05 03-06" in plans.gaps()


def test_who_may_not(plans: Plans, hall: HallUnderTest) -> None:
    leave = plans.leave("刘明", TUESDAY, TUESDAY)
    cover = the_cover(hall)
    clerk = signed_in(hall, "attendance_clerk", unit=UNIT)
    assert "王芳 顶 刘明 的岗" in text_of(clerk.get("/covers"))
    assert send(clerk, f"/covers/{cover}/accept")[0] == 403
    assert clerk.get(f"/covers/leaves/{leave}").status_code == 403
    other = signed_in(hall, "attendance_clerk", unit="市场监督管理局")
    assert "刘明" not in text_of(other.get("/covers"))
    assert other.get(f"/covers/{cover}").status_code == 403
    assert plans.covers() == ["王芳 proposed 03-03 09:00~03-03 18:00"]
    leader = signed_in(hall, "duty_leader")
    assert send(leader, f"/covers/{cover}/change", person="other", other="周华", standing="")[0] == 400
    assert send(leader, f"/covers/{cover}/refuse")[0] == 302
    assert "无人顶岗" in text_of(leader.get("/covers"))


def test_a_kiosk_s_request_becomes_a_cover_or_is_declined(
    plans: Plans, hall: HallUnderTest, make_station: MakeStation
) -> None:
    station, ids = make_station(), hall.people
    span = {"from": instant(hall.at("10:00")), "to": instant(hall.at("11:00"))}
    hall.at("09:00")
    for covering in ("张伟", "周华"):
        fields = {"covered": ids["刘明"], "covering": ids[covering], "emergency": False, **span}
        station.record(Request(person=ids["刘明"], asks="cover", fields=fields))
    station.send()
    assert head_of_101(plans).get("/bell/count").get_data(as_text=True) == "2"
    client = signed_in(hall, "duty_leader")
    page = client.get("/covers").get_data(as_text=True)
    asked = [part.split('"')[0] for part in page.split("/covers/requests/")[1:]]
    assert send(client, f"/covers/requests/{asked[1]}", accept="yes")[0] == 400, "周华 is no registered B"
    status, words = send(client, f"/covers/requests/{asked[0]}", accept="yes")
    assert status == 302, words
    assert send(client, f"/covers/requests/{asked[1]}", accept="no")[0] == 302
    assert plans.covers() == ["张伟 open 03-02 10:00~03-02 11:00", "周华 refused 03-02 10:00~03-02 11:00"]
    assert send(client, f"/covers/requests/{asked[0]}", accept="yes")[0] == 404
    board = text_of(client.get(f"/board/windows/{plans.windows['101']}"))
    assert "张伟 顶 刘明 的岗" in board


def test_a_kiosk_s_request_for_a_day_to_come_waits_until_then_and_belongs_to_the_leave(
    plans: Plans, hall: HallUnderTest, make_station: MakeStation
) -> None:
    station, ids, zone = make_station(), hall.people, hall.hub_zone()
    for name in B:  # so that the hub proposes nobody
        plans.leave(name, date(2026, 3, 17), date(2026, 3, 17), "training")
    leave = plans.leave("刘明", date(2026, 3, 17), date(2026, 3, 18))

    def ask(first: datetime, last: datetime) -> str:
        fields = {"covered": ids["刘明"], "covering": ids["张伟"], "emergency": False,
                  "from": instant(first), "to": instant(last)}  # fmt: skip
        return station.journal.append(Request(person=ids["刘明"], asks="cover", fields=fields)).id

    hall.at("09:00")
    near = ask(hall.at("10:00"), hall.at("11:00"))
    far = ask(datetime(2026, 3, 18, 9, tzinfo=zone), datetime(2026, 3, 18, 17, tzinfo=zone))
    station.send()
    hall.clock.move_to(datetime(2026, 3, 10, 9, tzinfo=zone))
    client, head = signed_in(hall, "duty_leader"), head_of_101(plans)
    page = client.get("/covers").get_data(as_text=True)
    assert (f"/covers/requests/{near}" in page, f"/covers/requests/{far}" in page) == (False, True), "8 days later"
    assert "打卡屏顶岗申请待办理" in text_of(head.get("/bell"))
    assert send(client, f"/covers/requests/{far}", accept="yes")[0] == 302
    with hall.hub.ledger.reading() as session:
        row = session.get(CoverRow, far)
        assert row is not None
        assert (row.occasion, row.leave, row.state) == ("one_person", leave, "open")
    plans.on_leave(leave, "revoke")
    with hall.hub.ledger.reading() as session:
        row = session.get(CoverRow, far)
        assert row is not None
        assert row.state == "cancelled", "it goes with the leave"


@pytest.mark.both_databases
def test_a_post_taken_over_at_a_kiosk_is_no_gap_and_gets_its_notes(
    plans: Plans, hall: HallUnderTest, make_station: MakeStation
) -> None:
    station, ids = make_station(), hall.people
    for name in B[1:]:
        plans.leave(name, MONDAY, MONDAY, "training")
    plans.leave("刘明", MONDAY, MONDAY)
    plans.act("refuse")
    assert plans.gaps() == ["101 nobody 03-02"]
    span = {"from": instant(hall.at("09:00")), "to": instant(hall.at("18:00"))}
    both = {"covered": ids["刘明"], "covering": ids["王芳"], "by": "finger"}
    station.clock.move_to(hall.at("09:00"))
    taken = station.journal.append(Request(person=ids["王芳"], asks="cover", fields=both | span | {"emergency": True}))
    station.send()
    hall.at("09:30")
    assert plans.gaps() == [], "a registered B holds it"
    client = head_of_101(plans)
    with counted(hall) as said:
        page = text_of(client.get("/covers"))
    assert len(said) <= 12
    assert "紧急顶岗，待认可 1 王芳 顶 刘明 的岗" in page
    assert send(client, f"/board/covers/{taken.id}/decide", accept="yes")[0] == 302
    assert "紧急顶岗，待认可" not in text_of(client.get("/covers"))
    assert plans.gaps() == []
    path = f"/covers/{taken.id}"
    assert "顶岗交接没有写" in text_of(client.get("/bell"))
    assert send(client, f"{path}/handover", path, note="在办 2 件")[0] == 302
    assert "顶岗交接没有写" not in text_of(client.get("/bell"))
    assert "在办 2 件" in text_of(client.get(f"/board/windows/{plans.windows['101']}"))
    assert send(client, f"{path}/change", path, person=ids["周华"], standing="head_assigned")[0] == 400
    station.clock.move_to(hall.at("10:00"))
    station.journal.append(Request(person=ids["王芳"], asks="hand_back", fields=both | {"cover": taken.id}))
    station.send(after=1)
    hall.at("10:10")
    assert plans.gaps() == ["101 nobody 03-02"], "given back"


def test_what_is_planned_stands_on_the_board_and_in_the_papers(
    plans: Plans, hall: HallUnderTest, make_station: MakeStation
) -> None:
    station = make_station()
    client = signed_in(hall, "duty_leader")
    plans.leave("刘明", TUESDAY, TUESDAY)

    def told() -> list[str]:
        with hall.hub.ledger.reading() as session:
            return [each.id for each in papers.draw_up(session, hall.hub, station.id).covers]

    window = f"/board/windows/{plans.windows['101']}"
    assert "以后的安排 王芳 顶 刘明 的岗 03-03 09:00 – 03-03 18:00 待确认" in text_of(client.get(window))
    assert told() == [], "nobody agreed yet"
    plans.act("accept")
    assert told() == [the_cover(hall)]
    hall.clock.move_to(hall.at("08:45") + timedelta(days=1))
    client = signed_in(hall, "supervision")
    assert "顶岗 王芳" in text_of(client.get("/board"))
    assert "09:00 起" in text_of(client.get("/board"))


def test_today_tells_of_posts_that_nobody_will_cover(plans: Plans, hall: HallUnderTest) -> None:
    told = "请假的岗位待安排或确认顶岗：1 个，最早 03-03"
    office, head = signed_in(hall, "duty_leader"), head_of_101(plans)
    others = signed_in(hall, "window_head", unit="市场监督管理局"), signed_in(hall, "staff", unit=UNIT)
    assert told not in text_of(office.get("/"))
    plans.leave("刘明", TUESDAY, TUESDAY)
    for client in (office, head):
        assert told in text_of(client.get("/"))
        assert told in client.get("/today/board").get_data(as_text=True)
    for client in others:
        assert told not in text_of(client.get("/"))
    plans.act("accept")
    assert told not in text_of(office.get("/"))
