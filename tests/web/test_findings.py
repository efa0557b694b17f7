"""Findings to their end: who may take which step, what a confirmed one does to attendance, what opens by itself."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from station.facts import Exit, Request, instant
from station.hub_rounds import key_of
from station.papers import Question
from tests.web.browsing import signed_in
from tests.web.halls import StationUnderTest, add_station, copy_hall
from tests.web.patrolling import DAY, Patrol, copied, jpeg, patrol_of, words_of
from web.door import recorder_of
from web.ledger.findings import AskedFindingRow, FindingStepRow
from web.ledger.patrol import CheckpointRow, FindingRow
from web.ledger.people import RoleRow
from web.ledger.sheets import SheetRow
from web.services import (
    attendance,
    drawing,
    finding_steps,
    findings,
    in_force,
    key_patrols,
    months,
    needs,
    papers,
    people,
    signing,
)
from web.services.advice import advice
from web.services.errors import NotAllowed
from web.services.finding_steps import Given
from web.services.findings import Case
from web.services.rebuild import rebuild
from web.services.scopes import EVERYBODY

W101, W102, W103, AREA = "101 号窗口", "102 号窗口", "103 号窗口", "自助服务区"
UNIT = "医疗保障局"
LEFT, EMPTY, UNTIDY, RUDE = "post-02", "post-01", "other-08", "conduct-51"


@pytest.fixture
def patrol(patrol_template: Patrol, template: Path, tmp_path: Path, begun: str) -> Iterator[Patrol]:
    """The hall with its morning round begun at 09:30, its forms without tokens."""
    folder = tmp_path / "hub"
    made = patrol_of(copy_hall(template, folder, database=begun)) if begun else copied(patrol_template, folder)
    made.hall.app.config.update(WTF_CSRF_ENABLED=False)
    made.hall.at("09:30")
    yield made
    recorder_of(made.hall.app).close()
    made.hall.hub.close()


@pytest.fixture
def station(patrol: Patrol, tmp_path: Path) -> Iterator[StationUnderTest]:
    """A confirmed station of that hall."""
    made = add_station(patrol.hall, tmp_path / "station")
    yield made
    made.reader.close()
    made.journal.close()


def seen(patrol: Patrol, point: str, item: str, person: str = "", at: str = "09:34", **more: object) -> str:
    """The id of a finding made on the morning's round."""
    phone = patrol.phone("陈静")
    patrol.hall.at("09:30")
    patrol.begin(phone)
    patrol.hall.at(at)
    given = {"person": patrol.hall.people[person]} if person else {}
    assert patrol.check(phone, point, item=[item], **given, **more).status_code == 200
    with patrol.hall.hub.ledger.reading() as session:
        return (
            session.execute(select(FindingRow.id).order_by(FindingRow.at.desc(), FindingRow.id.desc()))
            .scalars()
            .first()
            or ""
        )


def take(client: FlaskClient, finding: str, step: str, **given: object) -> TestResponse:
    """Fill in a step's form."""
    return client.post(f"/findings/{finding}/{step}", data=given, content_type="multipart/form-data")


def case(patrol: Patrol, finding: str) -> Case:
    """How it stands now."""
    with patrol.hall.hub.ledger.reading() as session:
        return findings.one(session, in_force.read(session, patrol.hall.hub), finding, patrol.hall.hub.now())


def state(patrol: Patrol, finding: str) -> tuple[str, str]:
    stands = case(patrol, finding).stands
    return stands.judged, stands.mending


def morning(patrol: Patrol, name: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Verdict, evidence and clauses of a person's Monday morning, by the cache and what marked it stale."""
    hub = patrol.hall.hub
    with hub.ledger.writing() as session:
        held = in_force.read(session, hub)
        rows = [row for row in people.everybody(session) if row.name == name]
        book = attendance.look(session, held, rows, DAY, DAY, hub.now())
        book = attendance.settle(session, hub, book, hub.now())
        verdict = book.days[rows[0].id][0].verdicts[0]
    return verdict.verdict, verdict.evidence, verdict.clauses


def whole_day(station: StationUnderTest, name: str) -> None:
    for at in ("08:52", "12:02", "13:20", "17:31"):
        station.press(name, at)
    station.send()


def tuesday(patrol: Patrol) -> None:
    patrol.hall.clock.move_to(datetime(2026, 3, 3, 2, tzinfo=UTC))


@pytest.mark.both_databases
def test_a_confirmed_absence_from_the_post_acts_on_attendance_until_it_is_taken_back(
    patrol: Patrol, station: StationUnderTest
) -> None:
    finding = seen(patrol, W102, LEFT, "王芳")
    whole_day(station, "王芳")
    tuesday(patrol)
    assert morning(patrol, "王芳")[0] == "present", "a finding that nobody confirmed accuses nobody"
    supervision = signed_in(patrol.hall, "supervision")
    assert take(supervision, finding, "confirm", note="监控可见").status_code == 302
    verdict, evidence, clauses = morning(patrol, "王芳")
    assert (verdict, evidence) == ("absent", (finding,))
    assert "wanzhou:attendance:5" in clauses
    page = words_of(supervision.get(f"/attendance/people/{patrol.hall.people['王芳']}?month=2026-03"))
    assert "09:34" in page
    assert "万州 考勤 第五条" in page
    assert take(supervision, finding, "withdraw", note="认错了人").status_code == 302
    assert morning(patrol, "王芳")[0] == "present"
    take(supervision, finding, "refuse", note="当时在开会")
    assert (morning(patrol, "王芳")[0], state(patrol, finding)) == ("present", ("refused", "dropped"))


def test_after_the_month_was_signed_it_is_a_difference(patrol: Patrol, station: StationUnderTest) -> None:
    finding = seen(patrol, W102, LEFT, "王芳")
    whole_day(station, "王芳")
    hub = patrol.hall.hub
    patrol.hall.clock.move_to(datetime(2026, 4, 1, 2, tzinfo=UTC))

    def sheet() -> bytes:
        with hub.ledger.writing() as session:
            held = in_force.read(session, hub)
            unit = [one.person for one in drawing.staff_of(session, UNIT, DAY.replace(day=1))]
            book = attendance.look(session, held, unit, DAY.replace(day=1), date(2026, 3, 31), hub.now())
            book = attendance.settle(session, hub, book, hub.now())
            return months.bytes_of(months.sheet_of("测试大厅", UNIT, DAY.replace(day=1), book))

    signed = SheetRow(id="s", unit=UNIT, month="2026-03", data=sheet().decode(), hash="", frozen=hub.now(),
                      closed=hub.now(), reason="")  # fmt: skip
    with hub.ledger.writing() as session:
        session.add(signed)
        session.flush()
        session.expunge(signed)
    supervision = signed_in(patrol.hall, "supervision")
    take(supervision, finding, "confirm")
    assert f"月表已锁定：{UNIT} 2026-03。签字的表不变" in words_of(supervision.get("/findings/" + finding))
    changed = signing.differences(signed, json.loads(sheet()))
    assert [(each.name, each.day, each.session, each.now) for each in changed] == [("王芳", 2, 0, "absent")]


def test_an_offline_check_acts_at_the_minute_when_it_was_filled_in(patrol: Patrol, station: StationUnderTest) -> None:
    """In the break at 10:35 nobody is absent; it arrived only at 11:30."""
    for filled, verdict in (("10:35", "present"), ("10:55", "absent")):
        at = patrol.hall.at(filled)
        patrol.hall.at("11:30")
        sent = {"draft": f"d{filled}", "offline": "1", "phone_at": instant(at), "offset_ms": "0"}
        phone = patrol.phone("陈静")
        if verdict == "present":
            patrol.hall.at("09:30")
            patrol.begin(phone)
            patrol.hall.at("11:30")
        patrol.check(phone, W102, item=[LEFT], person=patrol.hall.people["王芳"], **sent)
        with patrol.hall.hub.ledger.reading() as session:
            finding = session.execute(select(FindingRow.id).order_by(FindingRow.seq.desc())).scalars().first()
        assert case(patrol, str(finding)).found.at == at
        whole_day(station, "王芳")
        tuesday(patrol)
        take(signed_in(patrol.hall, "supervision", unit=filled), str(finding), "confirm")
        assert morning(patrol, "王芳")[0] == verdict, filled


@pytest.mark.both_databases
def test_an_empty_window_asks_about_whoever_clocked_in_and_about_nobody_else(
    patrol: Patrol, station: StationUnderTest
) -> None:
    """刘明 clocked in; 王芳 registered as gone out; nobody sits at 103."""
    station.press("刘明", "08:52")
    station.press("王芳", "08:50")
    station.clock.move_to(patrol.hall.at("09:20"))
    station.journal.append(Exit(person=patrol.hall.people["王芳"], way="out", by="finger"))
    station.send()
    theirs = seen(patrol, W101, EMPTY, "刘明")  # the form names whoever is there by itself
    assert not case(patrol, theirs).found.person, "an empty window accuses nobody by name"
    seen(patrol, W102, EMPTY, at="09:36")
    seen(patrol, W103, EMPTY, at="09:38")
    with patrol.hall.hub.ledger.reading() as session:
        rows = session.execute(select(AskedFindingRow)).scalars().all()
        assert [(row.of, row.person) for row in rows] == [(theirs, patrol.hall.people["刘明"])]
        asked = rows[0].id
    own = case(patrol, asked)
    assert (own.found.category, own.stands.judged, own.found.at) == ("left_post", "open", patrol.hall.at("09:34"))
    whole_day(station, "刘明")
    with patrol.hall.hub.ledger.writing() as session:
        rebuild(session, patrol.hall.hub_zone())
    assert case(patrol, asked).found == own.found
    tuesday(patrol)
    assert morning(patrol, "刘明")[0] == "present"
    page = words_of(signed_in(patrol.hall, "supervision").get(f"/findings/{asked}"))
    assert "系统自动提出" in page
    assert "08:52" in page
    take(signed_in(patrol.hall, "supervision", unit="b"), asked, "confirm")
    assert morning(patrol, "刘明")[:2] == ("absent", (asked,))


def test_presses_that_come_later_ask_as_well_and_once(patrol: Patrol, station: StationUnderTest) -> None:
    seen(patrol, W101, EMPTY, "刘明")
    station.press("刘明", "08:52")
    for _ in range(2):
        station.send()
        station.press("刘明", "12:01")
    with patrol.hall.hub.ledger.reading() as session:
        assert session.execute(select(func.count()).select_from(AskedFindingRow)).scalar_one() == 1


def test_a_break_excuses_the_person(patrol: Patrol, station: StationUnderTest) -> None:
    station.press("刘明", "08:52")
    station.send()
    patrol.hall.at("09:30")
    phone = patrol.phone("陈静")
    patrol.begin(phone)
    patrol.hall.at("10:35")
    patrol.check(phone, W101, item=[EMPTY])
    with patrol.hall.hub.ledger.reading() as session:
        assert session.execute(select(func.count()).select_from(AskedFindingRow)).scalar_one() == 0


def test_it_is_put_right_with_a_picture_and_verified_by_another(patrol: Patrol) -> None:
    finding = seen(patrol, W102, UNTIDY)
    head, officer = signed_in(patrol.hall, "window_head", unit=UNIT), patrol.phone("孙莉")
    assert "没有窗口负责人" in words_of(signed_in(patrol.hall, "supervision").get(f"/findings/{finding}"))
    assert take(head, finding, "rectify", note="已上锁").status_code == 403, "head of another window"
    head_of(patrol, W102)
    assert take(head, finding, "rectify").status_code == 400
    bad = take(head, finding, "rectify", note="已上锁", photo=(io.BytesIO(b"%PDF-1.7"), "a.jpg"))
    assert (bad.status_code, "不是 JPEG" in words_of(bad)) == (400, True)
    assert take(officer, finding, "verify").status_code == 400, "nothing was put right yet"
    good = take(head, finding, "rectify", note="已上锁", photo=(io.BytesIO(jpeg()), "a.jpg"))
    assert (good.status_code, state(patrol, finding)) == (302, ("plain", "rectified"))
    with patrol.hall.hub.ledger.reading() as session:
        kept = session.execute(select(FindingStepRow.photo)).scalar_one()
    assert patrol.hall.hub.photos.read(kept) == jpeg()
    assert take(officer, finding, "reopen", note="还没锁好").status_code == 302
    assert state(patrol, finding) == ("plain", "open")
    take(head, finding, "rectify", note="这次锁好了")
    assert take(officer, finding, "verify").status_code == 302
    assert state(patrol, finding) == ("plain", "closed")
    listed = words_of(officer.get("/findings?state=closed"))
    assert "印章没有专人保管" in listed


def head_of(patrol: Patrol, point: str) -> None:
    """Whoever has the role of a window's head is that of this one."""
    with patrol.hall.hub.ledger.writing() as session:
        window = session.get_one(CheckpointRow, patrol.points[point]).window
        session.execute(select(RoleRow).where(RoleRow.role == "window_head")).scalars().one().scope = window


REFUSED = [
    ("confirm", ("patrol_officer",), "这一步由督查部门办理"),
    ("verify", ("supervision",), "这一步由巡查人员办理"),
    ("hear", ("office_leader",), "这一步已经办过，或现在不能办"),
    ("assign", ("duty_leader",), "没有选整改人"),
    ("refuse", ("supervision",), "认定不成立要写理由"),
    ("nothing", ("supervision",), "没有这个操作"),
]


@pytest.mark.parametrize(("step", "roles", "words"), REFUSED)
def test_every_refusal_says_what_to_do(patrol: Patrol, step: str, roles: tuple[str, ...], words: str) -> None:
    finding = seen(patrol, W102, LEFT, "王芳")
    answer = take(signed_in(patrol.hall, *roles), finding, step)
    assert answer.status_code in (400, 403, 404)
    assert words in words_of(answer)
    with patrol.hall.hub.ledger.reading() as session:
        assert session.execute(select(func.count()).select_from(FindingStepRow)).scalar_one() == 0


def test_no_officer_confirms_what_they_found_and_nobody_what_is_said_of_them(patrol: Patrol) -> None:
    finding = seen(patrol, W102, LEFT, "王芳")
    hub = patrol.hall.hub
    for person in (patrol.officers["陈静"], patrol.officers["周凯"], patrol.hall.people["王芳"]):
        with hub.ledger.reading() as session:
            held = in_force.read(session, hub)
            with pytest.raises(NotAllowed):
                finding_steps.take(session, held, finding, "confirm", person, {"supervision"}, Given(), hub.now())


def test_left_post_without_a_name_is_confirmed_with_one(patrol: Patrol, station: StationUnderTest) -> None:
    finding = seen(patrol, W102, LEFT)
    whole_day(station, "王芳")
    tuesday(patrol)
    supervision = signed_in(patrol.hall, "supervision")
    assert "认定时要写明" in words_of(take(supervision, finding, "confirm"))
    assert take(supervision, finding, "confirm", person="王芳 1002").status_code == 302
    assert morning(patrol, "王芳")[:2] == ("absent", (finding,))
    take(supervision, finding, "withdraw", note="不是她")
    assert morning(patrol, "王芳")[0] == "present"


@pytest.mark.both_databases
def test_what_the_person_said_stands_beside_it(patrol: Patrol, station: StationUnderTest) -> None:
    finding = seen(patrol, W102, LEFT, "王芳")
    fields = {"finding": finding, "reason": "去打印材料", "by": "finger"}
    station.record(
        Request(person=patrol.hall.people["王芳"], asks="answer", fields=fields),
        Request(person=patrol.hall.people["刘明"], asks="answer", fields=fields | {"reason": "替她说的"}),
    )
    station.send()
    clerk = signed_in(patrol.hall, "attendance_clerk", unit=UNIT)
    page = words_of(clerk.get(f"/findings/{finding}"))
    assert "去打印材料" in page
    assert "替她说的" not in page
    assert take(clerk, finding, "answer", note="已核对监控").status_code == 302
    assert len(case(patrol, finding).answers) == 2
    assert (
        signed_in(patrol.hall, "attendance_clerk", unit="市场监督管理局").get(f"/findings/{finding}").status_code == 403
    )


def test_an_answer_that_was_under_way_while_it_was_judged_is_marked(patrol: Patrol, station: StationUnderTest) -> None:
    finding, fang = seen(patrol, W102, LEFT, "王芳"), patrol.hall.people["王芳"]
    station.clock.move_to(patrol.hall.at("09:40"))
    for reason in ("去打印材料", "在门口接群众"):
        station.record(Request(person=fang, asks="answer", fields={"finding": finding, "reason": reason}))
        if reason == "去打印材料":
            patrol.hall.at("09:45")
            station.send()
    patrol.hall.at("10:00")
    supervision = signed_in(patrol.hall, "supervision")
    take(supervision, finding, "confirm", note="监控可见")
    patrol.hall.at("10:30")
    station.send(after=1)
    page = words_of(supervision.get(f"/findings/{finding}"))
    order = ("去打印材料", "本人在打卡屏说明 认定以后才送达 2026-03-02 09:40 在门口接群众", "监控可见", "是否撤回认定")
    assert sorted(order, key=page.index) == list(order)
    assert page.count("认定以后才送达") == 2
    take(supervision, finding, "withdraw", note="再查")
    assert "才送达" not in words_of(supervision.get(f"/findings/{finding}"))


def test_papers_ask_people_for_their_word_until_it_is_judged_and_tell_no_more_than_that(
    patrol: Patrol, station: StationUnderTest
) -> None:
    finding, fang = seen(patrol, W102, LEFT, "王芳", note="听同事说去逛街了"), patrol.hall.people["王芳"]
    seen(patrol, W101, UNTIDY, at="09:36")

    def asked() -> list[Question]:
        with patrol.hall.hub.ledger.reading() as session:
            drawn = papers.draw_up(session, patrol.hall.hub, station.id)
        assert "逛街" not in drawn.model_dump_json(), "what officers wrote is for those who judge"
        return drawn.questions

    assert [(each.id, each.person, each.place, each.answered) for each in asked()] == [(finding, fang, W102, False)]
    assert asked()[0].at == patrol.hall.at("09:34")
    fields = {"finding": finding, "reason": "去打印材料", "by": "finger"}
    station.record(Request(person=fang, asks="answer", fields=fields))
    station.send()
    assert [each.answered for each in asked()] == [True]
    supervision = signed_in(patrol.hall, "supervision")
    take(supervision, finding, "confirm")
    assert asked() == []
    take(supervision, finding, "withdraw", note="再查")
    assert [each.id for each in asked()] == [finding]
    tuesday(patrol)
    patrol.hall.clock.move_to(patrol.hall.hub.now() + timedelta(days=63))
    assert asked() == []


def test_rudeness_goes_to_the_office_leader_and_bad_effects_to_accountability(patrol: Patrol) -> None:
    finding = seen(patrol, W102, RUDE, "王芳")
    officer, supervision, boss = (
        patrol.phone("陈静"),
        signed_in(patrol.hall, "supervision"),
        signed_in(patrol.hall, "office_leader"),
    )
    assert "万州 巡查 第七条" in words_of(officer.get(f"/findings/{finding}"))
    take(officer, finding, "report", note="提醒后不改")
    assert "请处理" in words_of(boss.get("/findings"))
    take(boss, finding, "hear", note="约谈单位负责人")
    assert take(supervision, finding, "refer", note="x").status_code == 400, "only what is confirmed"
    take(supervision, finding, "confirm")
    take(supervision, finding, "refer", note="群众投诉上网")
    stands = case(patrol, finding).stands
    assert (stands.reported, stands.heard, stands.referred) == (True, True, True)


def test_it_waits_for_whoever_has_to_do_with_it(patrol: Patrol) -> None:
    seen(patrol, W102, LEFT, "王芳")
    supervision, duty = signed_in(patrol.hall, "supervision"), signed_in(patrol.hall, "duty_leader")
    assert "等我办的 1" in words_of(supervision.get("/findings"))
    assert "请核实" in words_of(supervision.get("/findings"))
    assert "请整改" in words_of(duty.get("/findings")), "the window has no head"
    assert "等我办的" not in words_of(signed_in(patrol.hall, "centre_leader").get("/findings"))
    assert "1 巡查问题待核实" in words_of(supervision.get("/bell"))
    assert "1 巡查问题待整改" in words_of(duty.get("/bell"))
    assert "待整改 1 " in words_of(duty.get("/"))
    patrol.hall.clock.move_to(datetime(2026, 3, 4, 2, tzinfo=UTC))
    duty = signed_in(patrol.hall, "duty_leader", unit="the day after")
    assert "1 巡查问题逾期未整改" in words_of(duty.get("/bell"))
    assert "待整改 1 逾期 1" in words_of(duty.get("/"))


@pytest.mark.both_databases
def test_a_need_is_answered_and_settled_and_is_no_finding(patrol: Patrol) -> None:
    phone = patrol.phone("陈静")
    patrol.begin(phone)
    patrol.check(phone, W102, nothing="1", need="打印机缺纸")
    assert "打印机缺纸" in words_of(phone.get("/findings/needs"))
    with patrol.hall.hub.ledger.reading() as session:
        need = needs.listed(session, EVERYBODY)[0].id
        assert (
            findings.listed(
                session,
                in_force.read(session, patrol.hall.hub),
                EVERYBODY,
                findings.Wanted(DAY, DAY),
                patrol.hall.hub.now(),
            )
            == []
        )
    for step, note, status in (
        ("answer", "", 400),
        ("answer", "已报后勤", 302),
        ("settle", "已送到", 302),
        ("settle", "再送", 400),
    ):
        assert phone.post(f"/findings/needs/{need}/{step}", data={"note": note}).status_code == status
    assert phone.post(f"/findings/needs/{need[:-1]}7/answer", data={"note": "x"}).status_code == 404
    clerk = signed_in(patrol.hall, "attendance_clerk", unit=UNIT)
    assert "已送到" in words_of(clerk.get("/findings/needs"))
    assert clerk.post(f"/findings/needs/{need}/settle", data={"note": "x"}).status_code == 403


@pytest.mark.both_databases
def test_three_findings_propose_a_key_patrol_until_it_was_walked(patrol: Patrol) -> None:
    for at in ("09:34", "09:36"):
        seen(patrol, W101, UNTIDY, at=at)
    supervision, phone = signed_in(patrol.hall, "supervision"), patrol.phone("陈静")
    assert "目前没有窗口需要重点巡查" in words_of(supervision.get("/findings/key"))
    last = seen(patrol, W101, UNTIDY, at="09:38")
    assert "3 个问题" in words_of(supervision.get("/findings/key"))
    take(supervision, last, "refuse", note="看错了")
    assert "目前没有窗口" in words_of(supervision.get("/findings/key")), "a refused one counts for nothing"
    take(supervision, last, "withdraw", note="没有看错")
    with patrol.hall.hub.ledger.reading() as session:
        held = in_force.read(session, patrol.hall.hub)
        window = key_patrols.proposals(session, held, patrol.hall.hub.now())[0].window
    patrol.hall.at("09:50")
    assert supervision.post(f"/findings/key/{window}", data={"accept": "no"}).status_code == 400
    assert supervision.post(f"/findings/key/{window}", data={"accept": "yes"}).status_code == 302
    assert supervision.post(f"/findings/key/{window}", data={"accept": "yes"}).status_code == 400
    page = words_of(phone.get("/findings/key"))
    assert "开始重点巡查" in page
    assert "已安排的重点巡查 101 号窗口 2026-03-02 09:50 安排 开始重点巡查" in words_of(phone.get("/patrol"))
    with patrol.hall.hub.ledger.reading() as session:
        (told,) = key_of(advice(session, patrol.hall.hub))
    assert (told.number, told.checkpoints) == ("101", [patrol.points[W101]])
    begin = phone.get(f"/patrol/begin/key?point={patrol.points[W101]}")
    assert f'value="{patrol.points[W101]}" checked' in begin.text
    patrol.hall.at("10:00")
    given = {"pin": "820617", "other": patrol.officers["周凯"], "other_pin": "735194", "point": patrol.points[W101]}
    assert phone.post("/patrol/begin/key", data=given).status_code == 302
    assert "没有待做的重点巡查" in words_of(phone.get("/findings/key"))
    assert "已安排的重点巡查" not in words_of(phone.get("/patrol"))


def test_the_order_is_a_page_and_a_paper(patrol: Patrol) -> None:
    finding = seen(patrol, W102, UNTIDY, note="抽屉没锁")
    client = signed_in(patrol.hall, "supervision")
    page = words_of(client.get(f"/findings/{finding}/order"))
    for words in ("整改通知单", "102 号窗口", "印章没有专人保管", "抽屉没锁", "2026-03-03"):
        assert words in page
    paper = client.get(f"/findings/{finding}/order.pdf")
    assert (paper.status_code, paper.data[:5]) == (200, b"%PDF-")
