"""The hub in a real browser: signing in, the day as it comes in, light, dark, wide, on a phone, without scripts."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from config.settings import HubSettings
from station.facts import Device, Enrolled, Exit, Started
from tests.journeys.hub_server import served
from tests.journeys.looks import LATIN, PHONE, WIDE, faults
from tests.web.browsing import PASSWORD, add_account
from tests.web.halls import HallUnderTest, StationUnderTest, add_station, copy_hall
from web.services import posts
from web.services.hub import begin
from web.services.posts import Window

PAGES = ("/", "/today/due", "/board", "/board/empty", "/people", "/stations", "/password", "/nowhere")


@dataclass
class Running:
    """A demonstration hall on a port, with a station at work and somebody who may come in."""

    hall: HallUnderTest
    station: StationUnderTest
    url: str
    once: str
    strayed: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One hall for all journeys, at 09:16 of a Monday; they only add to it."""
    folder = tmp_path_factory.mktemp("hall")
    begin(HubSettings(folder=folder / "template"), "万州区政务服务中心").close()
    hall = copy_hall(folder / "template", folder / "hub", demo=True)
    station = add_station(hall, folder / "station", trust="simulated")
    add_station(hall, folder / "waiting", confirmed=False, trust="simulated").journal.close()
    _morning(hall, station)
    with served(hall.app) as url:
        yield Running(hall, station, url, add_account(hall, "guest", "admin"))
    station.journal.close()
    hall.hub.close()


def _morning(hall: HallUnderTest, station: StationUnderTest) -> None:
    ming = hall.people["刘明"]
    station.record(Started(version="0.1", demo=True), Device(device="reader", state="ready"))
    station.record(Enrolled(person=ming, place=1, finger="右手食指"))
    station.press("刘明", "08:52")
    station.press("阿依古丽·买买提", "09:05")
    station.record(Exit(person=ming, way="out", reason="取件"))
    hall.at("09:16")
    station.send()
    _seat(hall)


def _seat(hall: HallUnderTest) -> None:
    """Two windows on the first floor: 刘明 at 101 with 王芳 as B, 王芳 at 102."""
    now, since = hall.hub.now(), date(2026, 1, 5)
    with hall.hub.ledger.writing() as session:
        for number, name, backup in (("101", "刘明", "王芳"), ("102", "王芳", "")):
            window = posts.open_window(session, Window(number, "医疗保障局", "window", 1), since, now, None)
            post = posts.add_post(session, window, "综合岗", now, None)
            posts.sit(session, post, hall.people[name], "A", since, now, None)
            if backup:
                posts.sit(session, post, hall.people[backup], "B", since, now, None)


@pytest.fixture(scope="module")
def state(browser: Browser, running: Running) -> object:
    """The cookie of somebody who came in by the forms, with a one-time password and then one of their own."""
    with opened(browser, running) as page:
        page.goto(running.url)
        expect(page).to_have_title("登录 · 万州区政务服务中心")
        page.get_by_label("登录名").fill("guest")
        page.get_by_label("密码").fill(running.once)
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("heading", name="修改密码")).to_be_visible()
        page.get_by_label("现在的密码").fill(running.once)
        page.get_by_label("新密码", exact=True).fill(PASSWORD)
        page.get_by_label("再输一次新密码").fill(PASSWORD)
        page.get_by_role("button", name="保存新密码").click()
        expect(page.get_by_role("heading", name="2026年3月2日")).to_be_visible()
        expect(page.get_by_role("status")).to_contain_text("密码已修改")
        return page.context.storage_state()


@contextmanager
def opened(browser: Browser, running: Running, **options: object) -> Iterator[Page]:
    """A page that may not leave this machine; fails afterwards if it tried, or if its scripts complained."""
    context: BrowserContext = browser.new_context(locale="en-US", **options)  # type: ignore[arg-type]
    page = context.new_page()
    context.route("**/*", lambda route: _keep(route, running))
    page.on("pageerror", lambda error: running.complaints.append(str(error)))
    page.on("console", lambda said: running.complaints.append(said.text) if "Content Security" in said.text else None)
    yield page
    context.close()
    assert running.strayed == []
    assert running.complaints == []


def _keep(route: Route, running: Running) -> None:
    if urlsplit(route.request.url).hostname == "127.0.0.1":
        route.continue_()
    else:
        running.strayed.append(route.request.url)
        route.abort()


def test_a_fact_from_the_station_appears_without_reload(browser: Browser, running: Running, state: object) -> None:
    with opened(browser, running, storage_state=state, viewport=WIDE) as page:
        page.goto(running.url)
        tile = page.locator(".tile", has_text="已到").locator("strong")
        expect(tile).to_have_text("2")
        page.evaluate("window.kept = true")
        running.station.clock.move_to(running.hall.at("09:20"))
        running.station.press("张伟", "09:20")
        running.station.send(after=running.station.journal.head.seq - 1)
        newest = re.compile(r"09:20\s+张伟\s+市场监督管理局\s+迟到 20 分钟")
        expect(page.locator(".presses li").first).to_have_text(newest)
        expect(tile).to_have_text("3")
        assert page.evaluate("window.kept") is True


def test_an_empty_window_is_held_with_the_next_press_without_reload(
    browser: Browser, running: Running, state: object
) -> None:
    with opened(browser, running, storage_state=state, viewport=WIDE) as page:
        running.hall.at("09:24")
        page.goto(f"{running.url}/board")
        window = page.locator(".window", has_text="102")
        expect(window).to_contain_text("空岗 24 分钟")
        expect(window).to_contain_text("未到 24 分钟")
        page.evaluate("window.kept = true")
        running.station.clock.move_to(running.hall.at("09:25"))
        running.station.press("王芳", "09:25")
        running.station.send(after=running.station.journal.head.seq - 1)
        expect(window).to_contain_text("在岗")
        expect(window).not_to_contain_text("空岗")
        assert page.evaluate("window.kept") is True


def test_every_page_is_accessible_and_fits(browser: Browser, running: Running, state: object) -> None:
    with opened(browser, running, storage_state=state, bypass_csp=True) as page:
        for path in PAGES:
            page.goto(running.url + path)
            assert (path, faults(page)) == (path, [])


def test_the_login_page_is_accessible_and_fits(browser: Browser, running: Running) -> None:
    with opened(browser, running, bypass_csp=True) as page:
        page.goto(f"{running.url}/login")
        assert faults(page) == []


def test_no_word_but_chinese_reaches_a_reader(browser: Browser, running: Running, state: object) -> None:
    with opened(browser, running, storage_state=state) as page:
        for path in PAGES:
            page.goto(running.url + path)
            assert LATIN.findall(page.locator("body").inner_text()) == [], path


def test_everything_can_be_read_and_done_without_scripts(browser: Browser, running: Running, state: object) -> None:
    with opened(browser, running, storage_state=state, java_script_enabled=False, viewport=PHONE) as page:
        page.goto(running.url)
        expect(page.locator(".tile strong").first).to_have_text("4")
        expect(page.locator(".presses li")).not_to_have_count(0)
        page.get_by_role("link", name="迟到").first.click()
        expect(page.get_by_text("阿依古丽·买买提")).to_be_visible()
        rooms = page.get_by_role("navigation")
        rooms.get_by_text("更多").click()
        rooms.get_by_role("link", name="人员").click()
        page.get_by_role("searchbox").fill("liu ming")
        page.get_by_role("button", name="查找").click()
        expect(page.locator("tbody tr")).to_have_count(1)
        rooms.get_by_text("更多").click()
        rooms.get_by_role("link", name="考勤站").click()
        page.get_by_role("button", name="生成接入码").click()
        expect(page.locator(".code")).to_have_text(re.compile(r"^[2-9A-Z]{5}-[2-9A-Z]{5}$"))
        page.locator("summary", has_text="宋平").click()
        expect(page.get_by_role("button", name="退出")).to_be_visible()


def test_an_administrator_confirms_a_station_by_its_words(browser: Browser, running: Running, state: object) -> None:
    with opened(browser, running, storage_state=state, viewport=PHONE) as page:
        page.goto(running.url)
        page.get_by_role("link", name="等待核对确认").click()
        words = page.locator(".words.big").inner_text()
        assert re.fullmatch(r"(\S\S ){3}\S\S", words)
        page.get_by_role("button", name="文字一致，确认接入").click()
        expect(page.get_by_role("status")).to_contain_text("考勤站已确认")
        expect(page.locator("#key + p .words", has_text=words)).to_be_visible()
        expect(page.get_by_text("等待确认")).to_have_count(0)
