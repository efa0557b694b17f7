"""人员 in a real browser: pages accessible and fitting, light, dark, wide, on a phone; forms without scripts."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from config.settings import HubSettings
from station.facts import Body, Enrolled, Request
from tests.journeys.hub_server import served
from tests.journeys.looks import PHONE, faults
from tests.web.browsing import signed_in
from tests.web.halls import HallUnderTest, add_station, copy_hall
from tests.web.sheets import GOOD, staff, with_cell
from web.services import fingers, importing, posts
from web.services.hub import begin

Fields = dict[str, str | int | bool | None]
ENGLISH = re.compile(r"[A-Za-z]{4,}")  # PIN and xlsx's like apart
OPEN_ALL = "document.querySelectorAll('main details').forEach((each) => { each.open = true; })"


@dataclass
class Office:
    """A hall on a port, the cookie of its administrator, and its pages."""

    hall: HallUnderTest
    url: str
    cookie: str
    pages: list[str]
    strayed: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A hall with people from a list, a finger to be forgotten, and requests from the kiosk."""
    folder = tmp_path_factory.mktemp("hall")
    begin(HubSettings(folder=folder / "template"), "万州区政务服务中心").close()
    hall = copy_hall(folder / "template", folder / "hub")
    station = add_station(hall, folder / "station")
    ming = hall.people["刘明"]
    sick: Fields = {"kind": "sick", "reason": "发烧，需到医院复查", "from": "", "to": ""}
    covered: Fields = {"covered": ming, "covering": hall.people["王芳"], "emergency": True}
    asked: list[Body] = [
        Enrolled(person=ming, place=1, finger="右手食指"),
        Request(person=ming, asks="leave", fields=sick),
        Request(person=ming, asks="cover", fields=covered),
    ]
    station.record(*asked)
    station.send()
    hall.at("09:30")
    with hall.hub.ledger.writing() as session:
        plan = importing.plan(session, staff(GOOD), date(2026, 3, 2))
        importing.carry_out(session, plan, date(2026, 3, 2), hall.hub.now(), None)
        fingers.order_forget(session, ming, hall.hub.now(), ming)
        window = posts.windows(session)[0].id
    client = signed_in(hall, "admin")
    cookie = client.get_cookie("zaigang")
    assert cookie is not None
    pages = ["/people", f"/people/{ming}", "/people/new", "/people/windows", f"/people/windows/{window}"]
    pages += ["/people/units", "/people/changes?first=2026-01-01", "/people/import", "/requests"]
    with served(hall.app) as url:
        yield Office(hall, url, cookie.value, pages)
    station.journal.close()
    hall.hub.close()


@contextmanager
def opened(browser: Browser, office: Office, **options: object) -> Iterator[Page]:
    """A page of the administrator's that may not leave this machine."""
    context = browser.new_context(locale="zh-CN", **options)  # type: ignore[arg-type]
    context.add_cookies([{"name": "zaigang", "value": office.cookie, "url": office.url}])
    context.route("**/*", lambda route: keep(route, office))
    yield context.new_page()
    context.close()
    assert office.strayed == []


def keep(route: Route, office: Office) -> None:
    if route.request.url.startswith(office.url):
        route.continue_()
    else:
        office.strayed.append(route.request.url)
        route.abort()


def test_every_page_is_accessible_and_fits(browser: Browser, office: Office) -> None:
    with opened(browser, office, bypass_csp=True) as page:
        for path in office.pages:
            page.goto(office.url + path)
            page.evaluate(OPEN_ALL)
            assert (path, faults(page)) == (path, [])


def test_no_english_reaches_a_reader(browser: Browser, office: Office) -> None:
    with opened(browser, office) as page:
        for path in office.pages:
            page.goto(office.url + path)
            words = set(ENGLISH.findall(page.locator("main").inner_text()))
            assert words <= {"xlsx", "ming"}, path  # the reading of a name is Latin


def test_a_list_is_imported_after_a_look(browser: Browser, office: Office, tmp_path: Path) -> None:
    good, bad = tmp_path / "名单.xlsx", tmp_path / "错的.xlsx"
    good.write_bytes(staff([["孙悟", "7001", "司法局", "401", "前台", "公证岗", "A"]]))
    bad.write_bytes(with_cell(8, "三月一日"))
    with opened(browser, office, viewport=PHONE) as page:
        page.goto(f"{office.url}/people/import")
        expect(page.locator("output")).to_have_text("还没有选择文件")
        page.locator("input[type=file]").set_input_files(bad)
        expect(page.locator("output")).to_have_text("错的.xlsx")
        page.get_by_role("button", name="上传并核对").click()
        expect(page.get_by_role("heading", name="没有导入任何人")).to_be_visible()
        expect(page.get_by_role("row", name="三月一日")).to_contain_text("入驻日期")
        page.locator("input[type=file]").set_input_files(good)
        page.get_by_role("button", name="上传并核对").click()
        expect(page.get_by_role("heading", name="共 1 人，没有发现错误")).to_be_visible()
        page.get_by_role("button", name="确认导入 1 人").click()
        expect(page.get_by_role("status")).to_contain_text("已导入 1 人")
        expect(page.get_by_role("link", name="孙悟")).to_be_visible()


def test_a_pin_is_set_without_scripts_and_never_seen(browser: Browser, office: Office) -> None:
    fang = f"/people/{office.hall.people['王芳']}"
    with opened(browser, office, java_script_enabled=False, viewport=PHONE) as page:
        page.goto(office.url + fang)
        page.get_by_text("设置 PIN…").click()
        page.get_by_role("textbox", name="PIN", exact=True).fill("123456")
        page.get_by_label("再输一次 PIN").fill("123456")
        page.get_by_role("button", name="保存 PIN").click()
        expect(page.get_by_role("alert")).to_contain_text("这个 PIN 太容易猜到")
        page.get_by_role("textbox", name="PIN", exact=True).fill("804731")
        page.get_by_label("再输一次 PIN").fill("804731")
        page.get_by_role("button", name="保存 PIN").click()
        expect(page.get_by_role("status")).to_contain_text("PIN 已设置")
        assert "804731" not in page.content()


def test_the_changes_print_as_a_sheet_without_the_page_around_it(browser: Browser, office: Office) -> None:
    with opened(browser, office) as page:
        page.goto(f"{office.url}/people/changes?first=2026-01-01")
        expect(page.get_by_text("单位负责人（签字）")).to_be_hidden()
        page.emulate_media(media="print")
        expect(page.get_by_text("单位负责人（签字）")).to_be_visible()
        expect(page.get_by_role("navigation").first).to_be_hidden()
        expect(page.get_by_role("button", name="查看")).to_be_hidden()
