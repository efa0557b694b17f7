"""What people asked for at the kiosk, as the office sees it: said in words, PINs and unlocking left out."""

import pytest
from sqlalchemy import event, select

from station.facts import Body, Request
from tests.web.browsing import signed_in, text_of
from tests.web.halls import ANYBODY, HallUnderTest, StationUnderTest
from web.ledger.corrections import CorrectionRow
from web.ledger.leaves import LeaveRow
from web.ledger.people import PersonRow
from web.services import in_force, leaves, people, requests
from web.services.people import NewPerson

FROM, TO = "2026-03-03T01:00:00.000000Z", "2026-03-03T09:30:00.000000Z"


def asked(hall: HallUnderTest) -> dict[str, Body]:
    """One of each kind, as the kiosk records them."""
    ming, fang = hall.people["刘明"], hall.people["王芳"]
    leave = {"kind": "sick", "reason": "发烧", "from": FROM, "to": TO, "by": "finger"}
    cover = {"covered": ming, "covering": fang, "emergency": True, "from": FROM, "to": TO, "by": "own_pin"}
    missed = {"day": "2026-03-02", "session": "morning", "side": "in", "at": FROM, "reason": "忘了打卡", "by": "finger"}
    return {
        "leave": Request(person=ming, asks="leave", fields=leave),
        "cover": Request(person=fang, asks="cover", fields=cover),
        "correction": Request(person=hall.people["张伟"], asks="correction", fields=missed),
        "answer": Request(person=ming, asks="answer", fields={"finding": "17", "reason": "当时在取件"}),
        "pin": Request(person=ming, asks="pin", fields={"sealed": "00"}),
        "unlock": Request(person="", asks="unlock", fields={"by": "rescue"}),
    }


@pytest.fixture
def sent(hall: HallUnderTest, station: StationUnderTest) -> StationUnderTest:
    """A station that sent one of each."""
    station.record(*asked(hall).values())
    station.send()
    return station


def test_each_is_said_in_words_newest_first(hall: HallUnderTest, sent: StationUnderTest) -> None:
    page = text_of(signed_in(hall, "duty_leader").get("/requests"))
    assert "申请 4 件" in page
    assert "全部 4 请假 1 顶岗 1 补卡 1 说明 1" in page
    assert "刘明 医疗保障局 请假 待办理 类别 病假 时间 3月3日 09:00 至 3月3日 17:30 事由 发烧" in page
    assert (
        "王芳 医疗保障局 顶岗 待办理 离岗 刘明 顶岗 王芳 时间 3月3日 09:00 至 3月3日 17:30 紧急 先顶岗，后批准" in page
    )
    assert "张伟 市场监督管理局 补卡 待办理 补哪一次 3月2日 上午上班 时间 3月3日 09:00 事由 忘了打卡" in page
    assert "刘明 医疗保障局 说明 说明 当时在取件" in page
    assert "2026-03-02 08:40 在 一楼东门 提出" in page
    assert page.index("当时在取件") < page.index("忘了打卡") < page.index("发烧")
    assert "sealed" not in page
    assert "rescue" not in page


@pytest.mark.parametrize(
    ("kind", "names"), [("leave", {"发烧"}), ("correction", {"忘了打卡"}), ("x", {"发烧", "忘了打卡"})]
)
def test_one_kind_alone(hall: HallUnderTest, sent: StationUnderTest, kind: str, names: set[str]) -> None:
    page = text_of(signed_in(hall, "admin").get("/requests", query_string={"kind": kind}))
    assert {name for name in ("发烧", "忘了打卡") if name in page} == names


def test_a_unit_s_clerk_sees_their_own_unit_and_others_only_theirs(hall: HallUnderTest, sent: StationUnderTest) -> None:
    client = signed_in(hall, "attendance_clerk")
    assert "全部 0" in text_of(client.get("/requests")), "a clerk without a unit"
    with hall.hub.ledger.writing() as session:
        clerk = next(row for row in people.everybody(session) if row.id not in hall.people.values())
        session.get_one(PersonRow, clerk.id).unit = "市场监督管理局"
    page = text_of(client.get("/requests"))
    assert ("忘了打卡" in page, "发烧" in page) == (True, False)
    assert "全部 1 请假 0 顶岗 0 补卡 1 说明 0" in page
    for role in ("staff", "patrol_officer"):
        assert "全部 0" in text_of(signed_in(hall, role).get("/requests")), "only their own"


def test_fields_that_nobody_promised_are_still_shown(hall: HallUnderTest, station: StationUnderTest) -> None:
    ming = hall.people["刘明"]
    station.record(
        Request(person=ming, asks="leave", fields={"kind": "moon", "from": "soon", "reason": "<b>x</b>" * 40}),
        Request(person=ming, asks="cover", fields={"covered": ANYBODY, "covering": None}),
        Request(person=ANYBODY, asks="correction", fields={"day": "?", "at": "9999-99-99T00:00:00.000000Z"}),
        Request(person=ming, asks="leave", fields={}),
    )
    station.send()
    answer = signed_in(hall, "admin").get("/requests")
    page = text_of(answer)
    assert (page.count("不能读取"), page.count("待办理")) == (4, 0)
    assert "请本人在打卡屏上重新申请" in page
    assert "类别 moon 时间 soon" in page
    assert "离岗 未知人员 顶岗 未知人员" in page
    assert "未知人员 补卡 不能读取 补哪一次 ? 时间 9999-99-99T00:00:00.000000Z" in page
    assert "<b>x" not in answer.get_data(as_text=True)


def test_what_was_decided_is_said_and_linked(hall: HallUnderTest, sent: StationUnderTest) -> None:
    with hall.hub.ledger.writing() as session:
        held, now, by = in_force.read(session, hall.hub), hall.hub.now(), hall.people["王芳"]
        leave = session.execute(select(LeaveRow)).scalar_one()
        leaves.settle(session, held, leave, "approved", now, by)
        correction = session.execute(select(CorrectionRow)).scalar_one()
        correction.status = "refused"
        keys = (leave.id, correction.id)
    answer = signed_in(hall, "duty_leader").get("/requests")
    page = text_of(answer)
    assert "刘明 医疗保障局 请假 已批准 类别 病假" in page
    assert "张伟 市场监督管理局 补卡 未批准 补哪一次" in page
    assert page.count("待办理") == 1, "the cover"
    links = answer.get_data(as_text=True)
    assert (f'href="/leave/{keys[0]}"' in links, f'href="/corrections/{keys[1]}"' in links) == (True, True)


def test_many_come_in_pages_of_few_statements(hall: HallUnderTest, station: StationUnderTest) -> None:
    given = asked(hall)["leave"]
    station.record(*(given for _ in range(requests.PAGE + 5)))
    station.send()
    client = signed_in(hall, "admin")
    statements: list[str] = []
    event.listen(hall.hub.ledger.engine, "before_cursor_execute", lambda *each: statements.append(each[2]))
    first = client.get("/requests", headers={"Accept-Encoding": "gzip"})
    assert 2 <= len(statements) <= 12, statements
    assert len(first.get_data()) < 60_000
    assert text_of(client.get("/requests")).count("待办理") == requests.PAGE
    assert text_of(client.get("/requests?page=2")).count("待办理") == 5
    assert "没有申请" in text_of(client.get("/requests?page=99"))
    assert client.get("/requests?page=x").status_code == 200


def test_nobody_asked_for_anything(hall: HallUnderTest) -> None:
    with hall.hub.ledger.writing() as session:
        people.add(session, [NewPerson("新人")], hall.hub.now())
    assert "没有申请" in text_of(signed_in(hall, "admin").get("/requests"))
