"""Group robots: real messages by the real library over TLS to services that answer as the real ones do."""

import json
import logging
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.web.browsing import outsider, signed_in, text_of, token_of
from tests.web.halls import HallUnderTest, StationUnderTest, counted
from tests.web.robots import DINGTALK, FEISHU, KEY, SECRET, TOKEN, WECOM, Services, services
from web import routines
from web.ledger.audit import AuditRow
from web.ledger.robots import RobotMessageRow, RobotRow
from web.robot_line.line import Address, Outcome, read_address, read_answer, send
from web.services import checkpoints, duty_log, in_force, people, robot_post, robots
from web.services.duty_log import Matter
from web.services.errors import BadInput

ALL = ("waits", "rounds", "month", "urgent")
MESSAGE = "【在岗】测试大厅：今日有事"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The three services, reached by their own names."""
    with services(tmp_path, monkeypatch) as made:
        yield made


def address(text: str, secret: str = "") -> Address:
    found = read_address(text, secret)
    assert found is not None
    return found


def robot(hall: HallUnderTest, webhook: str = WECOM, *topics: str, on: bool = True) -> str:
    """A robot of the hall, told of these topics."""
    with hall.hub.ledger.writing() as session:
        made = robots.add(session, hall.hub.seal, f"群{webhook[8:13]}", webhook, "", topics, "http://10.0.0.5:8000",
                          hall.hub.now(), hall.people["刘明"])  # fmt: skip
        session.get_one(RobotRow, made).enabled = on
    return made


def row_of(hall: HallUnderTest, made: str) -> RobotRow:
    with hall.hub.ledger.reading() as session:
        return session.get_one(RobotRow, made)


def texts(hall: HallUnderTest) -> list[str]:
    """What lies in the outbox, the first first."""
    with hall.hub.ledger.reading() as session:
        rows = session.execute(select(RobotMessageRow).order_by(RobotMessageRow.made, RobotMessageRow.id)).scalars()
        return [row.text for row in rows]


def post(client: FlaskClient, where: str, **form: Any) -> TestResponse:
    return client.post(where, data=form | {"csrf_token": token_of(client.get("/robots"))})


# The line


@pytest.mark.parametrize(("webhook", "secret"), [(WECOM, ""), (DINGTALK, SECRET), (FEISHU, "")])
def test_each_service_takes_a_message_as_it_wants_it(world: Services, webhook: str, secret: str) -> None:
    assert send(address(webhook, secret), MESSAGE) == Outcome(True)
    assert world.said == [MESSAGE]


def test_a_refusal_with_status_200_is_a_refusal_in_the_services_words(world: Services) -> None:
    told = {
        send(address(WECOM.replace(KEY, "0" * 36)), MESSAGE).words,
        send(address(DINGTALK), MESSAGE).words,
        send(address(FEISHU), "没有关键词").words,
    }
    assert told == {
        "企业微信拒绝：93000 invalid webhook url …, from ip: 127.0.0.1（地址不对，或机器人已被移出群）",
        "钉钉拒绝：310000 sign not match（没有通过机器人的安全设置，请核对关键词、加签密钥或 IP 地址段）",
        "飞书拒绝：19024 Key Words Not Found（没有通过关键词检查，请把关键词设为“在岗”）",
    }
    assert not world.said


def test_a_service_that_hangs_is_given_up_by_the_deadline(world: Services) -> None:
    world.down = True
    begun = time.monotonic()
    assert send(address(WECOM), MESSAGE, 2.0) == Outcome(False, "对方没有按时答复")
    assert time.monotonic() - begun < 5
    world.let_go.set()


def test_what_is_not_the_service_is_told_apart(world: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    world.broken = True
    assert send(address(FEISHU), MESSAGE).words == "对方的答复看不懂（HTTP 502）"
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    assert send(address(FEISHU), MESSAGE).words == "对方的证书不可信，没有发送"
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    assert send(address(FEISHU), MESSAGE).words == "连不上对方服务器，请检查本机能否访问外网"


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        ('{"errcode":0,"errmsg":"ok"}', True),
        ('{"StatusCode":0,"StatusMessage":"success"}', True),
        ('{"code":9499,"msg":"Bad Request","data":{}}', False),
        ('{"errcode":"0"}', False), ('{"errcode":false}', False), ("[]", False), ("", False), ("{}", False),
    ],
)  # fmt: skip
def test_only_a_plain_zero_is_a_yes(body: str, sent: bool) -> None:
    assert read_answer(address(FEISHU), {"status": 200, "body": body}).sent == sent


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + KEY, ""),
        ("https://qyapi.weixin.qq.com.example.com/cgi-bin/webhook/send?key=" + KEY, ""),
        ("https://user@qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + KEY, ""),
        ("https://qyapi.weixin.qq.com:8443/cgi-bin/webhook/send?key=" + KEY, ""),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=", ""),
        ("https://127.0.0.1/robot/send?access_token=" + TOKEN, ""),
        (DINGTALK + "/../x", ""), (DINGTALK, "有 空格"), (WECOM, SECRET), (FEISHU + "/more", ""), ("", ""),
        ("https://[", ""),
    ],
)  # fmt: skip
def test_no_other_address_is_taken(text: str, secret: str) -> None:
    assert read_address(text, secret) is None


# The page


def test_a_robot_from_its_address_to_its_end(hall: HallUnderTest, world: Services, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    client = signed_in(hall, "admin")
    assert "还没有机器人" in text_of(client.get("/robots"))
    form = {"name": "值班长群", "address": DINGTALK, "secret": SECRET, "topics": ["rounds", "urgent"]}
    assert post(client, "/robots", **form).status_code == 302
    (made,) = _all(hall)
    assert not made.enabled
    page = post(client, f"/robots/{made.id}/test").headers["Location"]
    shown = client.get(page).get_data(as_text=True)
    assert "测试消息已送达 值班长群" in shown
    assert "未启用" in shown
    assert len(world.said) == 1
    post(client, f"/robots/{made.id}", name="值班群", topics=["waits"], enabled="yes")
    (row,) = _all(hall)
    assert (row.name, row.topics, row.enabled) == ("值班群", "waits", True)
    audit = text_of(client.get("/audit"))
    assert "群机器人：修改 — 启用 否 → 是 名称 值班长群 → 值班群 消息 漏巡、重大情况 → 待办" in audit
    post(client, f"/robots/{made.id}/remove")
    assert not _all(hall)
    with hall.hub.ledger.reading() as session:
        noted = list(session.execute(select(AuditRow.act, AuditRow.detail).where(AuditRow.act.startswith("robot."))))
    assert [act for act, _ in noted] == ["robot.add", "robot.test", "robot.edit", "robot.remove"]
    for word in (TOKEN, SECRET):
        assert word not in shown + audit + caplog.text + json.dumps([detail for _, detail in noted])
        assert word.encode() not in b"".join(each.read_bytes() for each in hall.hub.settings.folder.glob("ledger*"))


def test_a_failed_test_says_why_and_stays_on_the_page(hall: HallUnderTest, world: Services) -> None:
    made = robot(hall, WECOM.replace(KEY, "1" * 36), on=False)
    client = signed_in(hall, "admin")
    page = text_of(post(client, f"/robots/{made}/test"))
    assert "的测试消息没有送达：企业微信拒绝：93000" in page
    assert "没有送达：企业微信拒绝" in text_of(client.get("/robots"))
    assert "1" * 36 not in page


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": "群", "address": "https://example.com/hook"}, "这不是企业微信、钉钉或飞书群机器人的地址"),
        ({"name": " ", "address": WECOM}, "名称不能为空"),
        ({"name": "群qyapi", "address": WECOM}, "已有叫这个名称的机器人"),
    ],
)
def test_bad_input_is_refused_in_words(hall: HallUnderTest, form: dict[str, str], said: str) -> None:
    robot(hall)
    answer = post(signed_in(hall, "admin"), "/robots", **form)
    assert answer.status_code == 400
    assert said in answer.get_data(as_text=True)
    assert KEY not in answer.get_data(as_text=True), "not even back to who typed it"
    assert len(_all(hall)) == 1


def test_no_more_than_the_line_can_serve(hall: HallUnderTest) -> None:
    with hall.hub.ledger.writing() as session:

        def add(number: int) -> None:
            robots.add(session, hall.hub.seal, str(number), WECOM, "", (), "", hall.hub.now(), hall.people["刘明"])

        for number in range(robots.MOST):
            add(number)
        with pytest.raises(BadInput):
            add(robots.MOST)


# The outbox


@pytest.mark.both_databases
def test_a_message_goes_once_whatever_happens_between(hall: HallUnderTest, world: Services) -> None:
    first, second = robot(hall, WECOM, "urgent"), robot(hall, FEISHU, "urgent")
    off = robot(hall, DINGTALK, "urgent", on=False)
    urgent(hall)
    routines.once(hall.hub)
    routines.once(hall.hub)
    told = "【在岗】测试大厅：值班报告了重大情况，1 件待签收\nhttp://10.0.0.5:8000/duty"
    assert world.said == [told, told]
    assert row_of(hall, first).sent == row_of(hall, second).sent == hall.hub.now()
    assert row_of(hall, off).sent is None
    urgent(hall)
    routines.once(hall.hub)
    assert world.said[2:] == [told.replace("1 件", "2 件")] * 2


@pytest.mark.both_databases
def test_what_does_not_go_is_tried_ever_later_until_it_is_old(hall: HallUnderTest,
                                                              monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    made, begun, tries = robot(hall, WECOM, "urgent"), hall.hub.now(), list[int]()

    def refused(*_: object) -> Outcome:
        tries.append(int((hall.hub.now() - begun).total_seconds() / 60))
        return Outcome(False, "对方没有按时答复")

    monkeypatch.setattr(robot_post, "send", refused)
    urgent(hall)
    for _ in range(20):
        routines.once(hall.hub)
        routines.once(hall.hub)
        hall.clock.move_to(max(row_of(hall, made).next_try or begun, hall.hub.now() + timedelta(seconds=30)))
    assert tries == [0, 1, 3, 7, 15, 31, *range(63, 720, 60)]
    with hall.hub.ledger.reading() as session:
        message = session.execute(select(RobotMessageRow)).scalar_one()
    assert (message.sent, message.dropped) == (None, begun + timedelta(minutes=723)), "told once, not anew"
    assert row_of(hall, made).failure == "对方没有按时答复"


def test_a_try_that_was_cut_off_is_made_again_after_a_while(hall: HallUnderTest, world: Services,
                                                            monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    class CutOff(BaseException):
        pass

    def cut(*_: object) -> Outcome:
        raise CutOff

    robot(hall, WECOM, "urgent")
    urgent(hall)
    with monkeypatch.context() as patch:
        patch.setattr(robot_post, "send", cut)
        with pytest.raises(CutOff):
            routines.once(hall.hub)
    robot_post.deliver(hall.hub)
    assert not world.said, "it may have gone; not at once again"
    hall.clock.move_to(hall.hub.now() + timedelta(minutes=2))
    robot_post.deliver(hall.hub)
    assert len(world.said) == 1


def test_one_that_is_down_holds_up_no_other(hall: HallUnderTest, world: Services) -> None:
    robot(hall, WECOM.replace(KEY, "2" * 36), "urgent")
    robot(hall, FEISHU, "urgent")
    urgent(hall)
    routines.once(hall.hub)
    assert len(world.said) == 1


def test_switched_off_what_waited_is_let_go(hall: HallUnderTest, world: Services) -> None:
    made = robot(hall, WECOM, "urgent")
    urgent(hall)
    with hall.hub.ledger.writing() as session:
        robot_post.put_out(session, hall.hub)
    client = signed_in(hall, "admin")
    post(client, f"/robots/{made}", name="群", topics=["urgent"])
    post(client, f"/robots/{made}", name="群", topics=["urgent"], enabled="yes")
    routines.once(hall.hub)
    assert not world.said
    assert "没有送达，已作罢" in text_of(client.get("/robots"))


def test_a_hall_without_robots_pays_one_statement_and_reads(hall: HallUnderTest) -> None:
    robot(hall, on=False)
    with counted(hall) as said, hall.hub.ledger.writing() as session:
        robot_post.put_out(session, hall.hub)
    assert len(said) == 1
    with counted(hall) as said:
        robot_post.deliver(hall.hub)
    assert len(said) == 1


def test_a_robot_that_the_hub_can_open_no_longer_says_so(hall: HallUnderTest, world: Services) -> None:
    made = robot(hall, WECOM, "urgent")
    urgent(hall)
    with hall.hub.ledger.writing() as session:
        session.get_one(RobotRow, made).sealed = "00" * 80
    routines.once(hall.hub)
    assert "机器人的地址打不开" in row_of(hall, made).failure
    client = signed_in(hall, "admin")
    assert "机器人的地址打不开" in post(client, f"/robots/{made}/test").get_data(as_text=True)


# What is told


def test_the_mornings_numbers_go_once_a_working_day(hall: HallUnderTest, world: Services) -> None:
    robot(hall, WECOM, *ALL)
    urgent(hall)
    hall.at("08:59")
    routines.once(hall.hub)
    assert [text.splitlines()[1] for text in world.said] == ["http://10.0.0.5:8000/duty"]
    hall.at("09:00")
    for _ in range(3):
        routines.once(hall.hub)
    told = "今日待办：值班报告的重大情况待签收 1 项（急）"
    assert [text for text in texts(hall) if "/bell" in text] == [f"【在岗】测试大厅：{told}\nhttp://10.0.0.5:8000/bell"]
    hall.clock.move_to(datetime(2026, 3, 7, 2, tzinfo=UTC))  # Saturday
    routines.once(hall.hub)
    assert len(texts(hall)) == 2


def test_rounds_that_nobody_walks_are_told_step_by_step(hall: HallUnderTest, world: Services) -> None:
    robot(hall, WECOM, "rounds")
    hall.at("09:50")
    routines.once(hall.hub)
    assert texts(hall) == [], "a hall without checkpoints walks no rounds"
    with hall.hub.ledger.writing() as session:
        checkpoints.add_area(session, "等候区", 1, date(2026, 3, 1), hall.hub.now(), hall.people["刘明"])
    for at in ("09:40", "09:45", "09:50", "10:31", "10:40"):
        hall.at(at)
        routines.once(hall.hub)
    assert [text.splitlines()[0].partition("：")[2] for text in texts(hall)] == [
        "上午定时巡查到点还没有开始（按 09:45 前收到的记录）", "上午定时巡查逾时没有巡查（按 10:31 前收到的记录）",
    ]  # fmt: skip
    assert len(world.said) == 2


def test_the_month_is_counted_down_and_then_overdue(
    hall: HallUnderTest, world: Services, station: StationUnderTest
) -> None:
    robot(hall, WECOM, "month")
    station.press("王芳", "08:50")
    station.send()
    found = []
    for day in (1, 2, 7, 8, 9, 12):
        hall.clock.move_to(datetime(2026, 4, day, 2, tzinfo=UTC))
        routines.once(hall.hub)
        found += [text.partition("，")[2].splitlines()[0] for text in world.said]
        world.said.clear()
    assert found == [
        "04-08 前报送，还剩 4 个工作日", "04-08 前报送，还剩 3 个工作日", "04-08 前报送，还剩 1 个工作日",
        "04-08 前报送，今天到期", "应在 04-08 前报送，已逾期",
    ]  # fmt: skip
    hall.clock.move_to(datetime(2026, 5, 6, 2, tzinfo=UTC))
    routines.once(hall.hub)
    assert any("以前月份还有 3 张月表没有签完，最早是 2026-03" in text for text in world.said)


def test_no_message_names_anybody(hall: HallUnderTest, world: Services, station: StationUnderTest) -> None:
    robot(hall, WECOM, *ALL)
    urgent(hall)
    station.press("王芳", "08:50")
    station.send()
    with hall.hub.ledger.writing() as session:
        checkpoints.add_area(session, "等候区", 1, date(2026, 3, 1), hall.hub.now(), hall.people["刘明"])
    for day, hour in ((2, 2), (2, 4), (9, 2)):
        hall.clock.move_to(datetime(2026, 4, day, hour, tzinfo=UTC))
        routines.once(hall.hub)
    told = "".join(texts(hall))
    assert len(texts(hall)) > 5
    for word in (*hall.people, "医疗保障局", "等候区", "电梯停了"):
        assert word not in told


def urgent(hall: HallUnderTest) -> None:
    """An urgent matter in the day's log."""
    with hall.hub.ledger.writing() as session:
        held, now = in_force.read(session, hall.hub), hall.hub.now()
        by = people.add(session, [outsider(("supervision",))], now)[0]
        matter = Matter(now, "order", "电梯停了", urgent=True)
        duty_log.register(session, held, now.astimezone(held.zone).date(), matter, now, by)


def _all(hall: HallUnderTest) -> list[RobotRow]:
    with hall.hub.ledger.reading() as session:
        return list(robots.listed(session))
