"""A finding to its end: made on the phone, answered at the kiosk, confirmed, put right, sent back, verified.

By an officer, whom it is about (a finger at a whole station), supervision, the window's head and another officer.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from config.settings import HubSettings
from station.facts import Punch
from tests.journeys.hub_server import served
from tests.journeys.kiosk_screen import screen
from tests.journeys.kiosk_station import AtHub, StationUnderWay, eventually, station_under_way
from tests.journeys.test_kiosk_acts import huge, looked_at
from tests.journeys.test_patrol import Ward, begin_round
from tests.station.counters import SHANGHAI
from tests.web.browsing import signed_in
from tests.web.halls import copy_hall
from tests.web.patrolling import jpeg, patrol_of
from tests.web.test_findings import UNIT, W102, case, head_of, morning, state, tuesday
from web.door import recorder_of
from web.ledger.patrol import FindingRow
from web.services import stations
from web.services.hub import begin

TEN = datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI)
LEFT_POST = "上班中擅自离开岗位"


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    """A demonstration's hall at half past nine: 王芳 sits at 102."""
    folder = tmp_path_factory.mktemp("ward")
    begin(HubSettings(folder=folder / "template"), "万州区政务服务中心").close()
    hall = copy_hall(folder / "template", folder / "hub", demo=True)
    patrol = patrol_of(hall)
    hall.at("09:30")
    with served(hall.app) as url:
        yield Ward(patrol, url)
    recorder_of(hall.app).close()
    hall.hub.close()


@contextmanager
def station(ward: Ward, tmp_path: Path) -> Iterator[StationUnderWay]:
    """A station of that hall; 王芳 pressed there at 08:50."""
    hub, fang = ward.patrol.hall.hub, ward.patrol.hall.people["王芳"]

    def confirm(joined: str) -> None:
        with hub.ledger.writing() as session:
            stations.confirm(session, joined, None, hub.now())

    with hub.ledger.writing() as session:
        code = stations.make_code(session, hub.now())
    there = AtHub(ward.url, code, {"王芳": fang}, confirm)
    pressed = (Punch(person=fang, place=1, score=120),)
    with station_under_way(tmp_path / "station", ("王芳",), opens=TEN, hub=there, before=pressed) as started:
        yield started


def desk(browser: Browser, ward: Ward, *roles: str, unit: str = "") -> Page:
    """A desk at which somebody with these roles is signed in."""
    cookie = signed_in(ward.patrol.hall, *roles, unit=unit).get_cookie("zaigang")
    assert cookie is not None
    context = browser.new_context(locale="zh-CN")
    context.add_cookies([{"name": "zaigang", "value": cookie.value, "url": ward.url}])
    return context.new_page()


def found_on_the_phone(browser: Browser, ward: Ward) -> str:
    """陈静 and 周凯 find 王芳 away from her post at 09:34; the finding."""
    phone = ward.page(browser)
    begin_round(phone, ward)
    ward.patrol.hall.at("09:34")
    phone.get_by_role("link", name=W102).click()
    phone.locator("#form").get_by_text(LEFT_POST).click()
    phone.locator("#form .chip", has_text="王芳").click()
    phone.get_by_text("不拍照，说明原因").click()
    phone.get_by_text("有群众在办事，不便拍照").click()
    phone.get_by_role("button", name="保存并到下一处").click()
    expect(phone.locator("#sync")).to_have_text("已上传")
    phone.context.close()
    with ward.patrol.hall.hub.ledger.reading() as session:
        return session.execute(select(FindingRow.id)).scalar_one()


def answered_at_the_kiosk(browser: Browser, station: StationUnderWay) -> None:
    """王芳 hears of it at a press, sees it after another, and says what there is to say."""
    eventually(lambda: LEFT_POST in papers_of(station) or None)
    with screen(browser, station.address) as page:
        station.press("王芳")
        expect(page.locator("#also")).to_have_text("您有 1 条巡查问题待说明，请点“请假 / 说明”")
        station.lift()
        page.get_by_role("link", name="请假 / 说明").click()
        looked_at(page, "what to ask for")
        huge(page, "说明问题").click()
        expect(page.locator(".said")).to_contain_text("请按手指")
        station.press("王芳")
        expect(page.get_by_role("heading", name="王芳的巡查问题")).to_be_visible()
        station.lift()
        looked_at(page, "what is asked of her")
        page.get_by_role("link", name=LEFT_POST).click()
        page.get_by_role("button", name="记录说明").click()
        expect(page.get_by_role("alert")).to_contain_text("没有填说明")
        looked_at(page, "an answer refused")
        page.check("[name=ticked][value=短时离开，已返回]")
        page.get_by_placeholder("另写说明").fill("去二楼送材料")
        page.get_by_role("button", name="记录说明").click()
        expect(page.get_by_role("status").first).to_contain_text("说明已记录")
        looked_at(page, "what was recorded")
        (fact,) = station.of("request")
        assert fact.body["fields"]["reason"] == "短时离开，已返回，去二楼送材料"
        expect(reloading(page, "已说明，已送达")).to_be_visible()


def papers_of(station: StationUnderWay) -> str:
    """The papers that the station holds; empty before it has any."""
    path = station.folder / "papers.json"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def reloading(page: Page, words: str) -> Locator:
    """Look again until the page says so."""
    found = page.get_by_text(words)
    eventually(lambda: bool(page.reload() and found.count()) or None)
    return found


def step(page: Page, name: str, note: str = "", photo: bytes = b"") -> None:
    """Take a step of a finding by its form."""
    page.reload()
    form = page.locator("form", has=page.get_by_role("button", name=name, exact=True))
    form.get_by_label("说明").fill(note)
    if photo:
        form.locator("[type=file]").set_input_files({"name": "1.jpg", "mimeType": "image/jpeg", "buffer": photo})
    form.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已办理")


def test_a_finding_goes_to_its_end(browser: Browser, ward: Ward, tmp_path: Path) -> None:
    patrol = ward.patrol
    finding = found_on_the_phone(browser, ward)
    with station(ward, tmp_path) as started:
        answered_at_the_kiosk(browser, started)
        eventually(lambda: case(patrol, finding).answers or None)
    tuesday(patrol)
    verdict = morning(patrol, "王芳")[0]
    assert verdict != "absent", "nobody confirmed it yet"
    supervision, head = desk(browser, ward, "supervision"), desk(browser, ward, "window_head", unit=UNIT)
    head_of(patrol, W102)
    other = ward.page(browser, "孙莉")
    for page in (supervision, head, other):
        page.goto(f"{ward.url}/findings/{finding}")
    expect(supervision.get_by_role("main")).to_contain_text("短时离开，已返回，去二楼送材料")
    expect(other.get_by_role("button", name="认定属实")).to_have_count(0)
    step(supervision, "认定属实", "监控可见")
    assert morning(patrol, "王芳")[:2] == ("absent", (finding,))
    supervision.goto(f"{ward.url}/attendance/people/{patrol.hall.people['王芳']}?month=2026-03")
    expect(supervision.get_by_role("main")).to_contain_text("万州 考勤 第五条")
    step(head, "报告已整改", "已谈话", jpeg())
    step(other, "退回重新整改", "照片看不清")
    step(head, "报告已整改", "已在窗口会上提醒", jpeg((20, 160, 90)))
    step(other, "复查到位")
    expect(other.get_by_role("main")).to_contain_text("整改到位")
    assert state(patrol, finding) == ("confirmed", "closed")
    for page in (supervision, head, other):
        page.context.close()
