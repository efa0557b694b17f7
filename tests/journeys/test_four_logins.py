"""One morning by four logins: each comes to the same first page, sees the rooms of its own, and does its main act."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from config.settings import HubSettings
from station.facts import Device, Enrolled
from tests.journeys.hub_server import served
from tests.web.browsing import PASSWORD, add_login, outsider
from tests.web.halls import HallUnderTest, add_station, copy_hall
from web.services import people, posts
from web.services.hub import begin
from web.services.posts import Window

UNIT, OTHER = "医疗保障局", "市场监督管理局"
ROLES = {"guanli": "admin", "zhiban": "duty_leader", "ducha": "supervision", "kaoqin": "attendance_clerk"}
SEATS = (("101", UNIT, "刘明", "王芳"), ("103", OTHER, "张伟", "阿依古丽·买买提"))


@dataclass
class Morning:
    """A hall at 09:30 of a Monday: 刘明 is at 101, nobody is at 103; and its address."""

    hall: HallUnderTest
    url: str


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    """The hall for all four."""
    folder = tmp_path_factory.mktemp("hall")
    begin(HubSettings(folder=folder / "template"), "万州区政务服务中心").close()
    hall = copy_hall(folder / "template", folder / "hub")
    _furnish(hall)
    _press(hall, folder)
    with served(hall.app) as url:
        yield Morning(hall, url)
    hall.hub.close()


def _furnish(hall: HallUnderTest) -> None:
    now, since = hall.hub.now(), date(2026, 1, 5)
    with hall.hub.ledger.writing() as session:
        for number, unit, first, second in SEATS:
            window = posts.open_window(session, Window(number, unit, "window", 1), since, now, None)
            post = posts.add_post(session, window, "综合岗", now, None)
            posts.sit(session, post, hall.people[first], "A", since, now, None)
            posts.sit(session, post, hall.people[second], "B", since, now, None)
        for login, role in ROLES.items():
            who = people.add(session, [outsider((role,), UNIT if role == "attendance_clerk" else "")], now)[0]
            add_login(session, who, login, now)


def _press(hall: HallUnderTest, folder: Path) -> None:
    station = add_station(hall, folder / "station")
    station.record(Device(device="reader", state="ready"))
    station.record(Enrolled(person=hall.people["刘明"], place=1, finger="右手食指"))
    station.press("刘明", "08:52")
    hall.at("09:30")
    station.send()
    station.reader.close()
    station.journal.close()


@contextmanager
def signed_in(browser: Browser, morning: Morning, login: str) -> Iterator[Page]:
    """Somebody's browser after the form, on the first page."""
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(morning.url)
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="2026年3月2日")).to_be_visible()
    yield page
    context.close()


def room(page: Page, name: str) -> None:
    """To a room by the navigation."""
    page.get_by_role("navigation", name="主导航").get_by_role("link", name=name, exact=True).click()


def may_not(page: Page, path: str) -> None:
    """A page of somebody else's says so in words."""
    page.goto(path)
    expect(page.get_by_role("heading", name="您的账号没有这项权限")).to_be_visible()


def test_the_administrator_adds_somebody_and_a_station(browser: Browser, morning: Morning) -> None:
    with signed_in(browser, morning, "guanli") as page:
        room(page, "人员")
        page.get_by_role("button", name="新增人员").click()
        page.get_by_label("姓名").fill("赵敏")
        page.get_by_label("单位").fill(UNIT)
        page.get_by_role("button", name="登记").click()
        expect(page.get_by_role("status")).to_have_text("已登记")
        expect(page.get_by_role("heading", name="赵敏")).to_be_visible()
        room(page, "考勤站")
        page.get_by_role("button", name="生成接入码").click()
        expect(page.locator(".code")).to_be_visible()
        page.locator("summary", has_text="宋平").click()
        page.get_by_role("link", name="账号", exact=True).click()
        expect(page.get_by_role("heading", name="账号").first).to_be_visible()


def test_the_duty_leader_has_an_empty_window_held(browser: Browser, morning: Morning) -> None:
    with signed_in(browser, morning, "zhiban") as page:
        room(page, "看板")
        window = page.locator(".window", has_text="103")
        expect(window).to_contain_text("空岗 30 分钟")
        window.get_by_role("link").first.click()
        page.get_by_text("登记顶岗…").click()
        page.get_by_label("顶岗人（同名的加工号）").fill("阿依古丽·买买提")
        page.get_by_role("button", name="登记顶岗").click()
        expect(page.get_by_role("status")).to_contain_text("顶岗")
        room(page, "看板")
        expect(window).to_contain_text("阿依古丽·买买提")
        room(page, "考勤站")
        expect(page.get_by_role("heading", name="考勤站")).to_be_visible()
        expect(page.get_by_role("button", name="生成接入码")).to_have_count(0)
        may_not(page, f"{morning.url}/accounts")


def test_supervision_reads_what_was_empty_and_who_did_what(browser: Browser, morning: Morning) -> None:
    with signed_in(browser, morning, "ducha") as page:
        room(page, "看板")
        page.get_by_role("link", name="空岗记录").first.click()
        expect(page.get_by_role("row", name="103")).to_contain_text("张伟")
        page.locator("summary", has_text="宋平").click()
        page.get_by_role("link", name="审计记录").click()
        expect(page.get_by_role("row", name="账号：登录").first).to_be_visible()
        room(page, "人员")
        expect(page.get_by_role("link", name="张伟")).to_be_visible()
        expect(page.get_by_role("button", name="新增人员")).to_have_count(0)
        may_not(page, f"{morning.url}/people/import")


def test_the_clerk_of_a_unit_sees_its_people_and_files_their_leave(browser: Browser, morning: Morning) -> None:
    with signed_in(browser, morning, "kaoqin") as page:
        expect(page.locator("main")).not_to_contain_text(OTHER)
        room(page, "看板")
        expect(page.locator(".window", has_text="101")).to_be_visible()
        expect(page.locator(".window", has_text="103")).to_have_count(0)
        room(page, "人员")
        expect(page.get_by_role("link", name="刘明")).to_be_visible()
        expect(page.get_by_role("link", name="张伟")).to_have_count(0)
        page.goto(f"{morning.url}/leave/new")
        page.get_by_label("请假人").fill("王芳")
        page.get_by_label("类别").select_option(label="事假")
        page.get_by_label("事由").fill("家中有事")
        page.get_by_role("button", name="登记").click()
        expect(page.get_by_text("王芳").first).to_be_visible()
        may_not(page, f"{morning.url}/audit")
