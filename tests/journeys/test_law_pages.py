"""Attendance, policy, calendar and clauses in a real browser: followed from a verdict to its clause, and changed."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from config.settings import HubSettings
from station.facts import Exit
from tests.journeys.hub_server import served
from tests.journeys.looks import BROKEN_NAMES, LATIN, PHONE, WIDE, faults
from tests.journeys.test_hub import Running, opened
from tests.web.browsing import PASSWORD, add_account
from tests.web.halls import HallUnderTest, StationUnderTest, add_station, copy_hall
from tests.web.test_attendance import press_at
from web.services.hub import begin

ALLOWED = {"toml", "AB", "XX"}  # a file's ending; what stands in documents' own titles
BROKEN = BROKEN_NAMES.replace("tbody th", "tbody th a")
FRIDAY = datetime(2026, 3, 13, 1, tzinfo=UTC)  # 09:00 in the hall


def pages(hall: HallUnderTest) -> tuple[str, ...]:
    """Every page of this part, by address."""
    person = f"/attendance/people/{hall.people['王芳']}"
    return (
        "/attendance", "/attendance?day=2026-03-12", person, f"{person}?month=2026-02", "/policy", "/policy/new",
        "/calendar", "/calendar?year=2027", "/clauses", "/clauses?q=迟到", "/clauses/wanzhou:attendance:5",
    )  # fmt: skip


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A hall on a Friday morning, with nine working days behind it."""
    folder = tmp_path_factory.mktemp("law")
    begin(HubSettings(folder=folder / "template"), "万州区政务服务中心").close()
    hall = copy_hall(folder / "template", folder / "hub")
    station = add_station(hall, folder / "station")
    fortnight(hall, station)
    with served(hall.app) as url:
        yield Running(hall, station, url, add_account(hall, "guest", "admin"))
    station.journal.close()
    hall.hub.close()


def fortnight(hall: HallUnderTest, station: StationUnderTest) -> None:
    """王芳 late four times, 张伟 three times and once without his last press, 阿依古丽 away one day."""
    for number in range(12):
        day = date(2026, 3, 2) + timedelta(days=number)
        if day.isoweekday() > 5:
            continue
        for name, late in (("刘明", 0), ("王芳", 4), ("张伟", 3), ("阿依古丽·买买提", 0)):
            times = ["09:12" if number < late else "08:49", "12:02", "13:18", "17:31"]
            if (name, number) == ("张伟", 9):
                times.pop()
            if (name, number) == ("阿依古丽·买买提", 8):
                times = []
            for text in times if day < date(2026, 3, 13) else times[:1]:
                press_at(station, name, f"{day} {text}:{10 + len(name)}")
    station.clock.move_to(FRIDAY - timedelta(minutes=5))
    station.journal.append(Exit(person=hall.people["刘明"], way="out", reason="取件"))
    station.send()
    hall.clock.move_to(FRIDAY)


@pytest.fixture(scope="module")
def state(browser: Browser, running: Running) -> object:
    """The cookie of an administrator who came in by the forms."""
    with opened(browser, running) as page:
        page.goto(running.url)
        page.get_by_label("登录名").fill("guest")
        page.get_by_label("密码").fill(running.once)
        page.get_by_role("button", name="登录").click()
        page.get_by_label("现在的密码").fill(running.once)
        page.get_by_label("新密码", exact=True).fill(PASSWORD)
        page.get_by_label("再输一次新密码").fill(PASSWORD)
        page.get_by_role("button", name="保存新密码").click()
        expect(page.get_by_role("status")).to_contain_text("密码已修改")
        return page.context.storage_state()


def test_every_page_is_accessible_and_fits(browser: Browser, running: Running, state: object) -> None:
    with opened(browser, running, storage_state=state, bypass_csp=True) as page:
        for path in pages(running.hall):
            page.goto(running.url + path)
            assert (path, faults(page, broken=BROKEN)) == (path, [])


def test_no_word_but_chinese_reaches_a_reader(browser: Browser, running: Running, state: object) -> None:
    with opened(browser, running, storage_state=state) as page:
        for path in pages(running.hall):
            page.goto(running.url + path)
            english = page.locator(".english").all_inner_texts()
            said = page.locator("body").inner_text()
            for part in english:
                said = said.replace(part, "")
            assert set(LATIN.findall(said)) <= ALLOWED, path


def test_from_the_day_over_the_person_to_the_clause_without_scripts(
    browser: Browser, running: Running, state: object
) -> None:
    with opened(browser, running, storage_state=state, java_script_enabled=False, viewport=PHONE) as page:
        page.goto(running.url)
        page.get_by_role("navigation", name="主导航").get_by_role("link", name="考勤", exact=True).click()
        expect(page.get_by_text("此刻在岗情况")).to_be_visible()
        page.get_by_label("日期").fill("2026-03-02")
        page.get_by_role("button", name="查看").click()
        page.get_by_role("link", name=re.compile("迟到 2")).click()
        expect(page.locator("tbody tr")).to_have_count(2)
        page.get_by_role("link", name="王芳").click()
        expect(page.get_by_role("heading", name="王芳")).to_be_visible()
        day = page.locator("#d2")
        expect(day.get_by_text("迟到 12 分钟 = 09:00 到 09:12 共 12 分钟")).to_be_visible()
        day.locator("summary").click()
        expect(day.get_by_text("09:12:12")).to_be_visible()
        day.get_by_role("link", name="万州 考勤 第三条").first.click()
        expect(page.get_by_role("heading", name="万州 考勤 第三条")).to_be_visible()
        expect(page.get_by_role("heading", name="用在哪里")).to_be_visible()


def test_a_new_version_is_tried_and_then_saved(browser: Browser, running: Running, state: object) -> None:
    with opened(browser, running, storage_state=state, viewport=WIDE) as page:
        page.goto(f"{running.url}/policy")
        page.get_by_role("button", name="拟新版本").click()
        form = page.locator("form.policy").first
        form.get_by_label("一个月迟到早退累计满").fill("3次")
        form.get_by_role("button", name="试算").click()
        expect(page.get_by_role("alert")).to_contain_text("没有保存任何内容")
        form.get_by_label("一个月迟到早退累计满").fill("3")
        form.get_by_role("button", name="试算").click()
        expect(page.get_by_text("按此设置，3 月有 2 人按旷工半天；现行 1 人")).to_be_visible()
        expect(page.locator(".trial tbody tr")).to_have_text([re.compile("张伟.*0 → 0.5 天", re.S)])
        form.get_by_role("button", name="保存为新版本").click()
        expect(page.get_by_role("status")).to_contain_text("已保存：自 2026-04-01 起施行")
        expect(page.get_by_text("将施行")).to_be_visible()


def test_days_are_edited_with_a_preview(browser: Browser, running: Running, state: object) -> None:
    with opened(browser, running, storage_state=state, viewport=PHONE) as page:
        page.goto(f"{running.url}/calendar")
        page.locator("#lines").fill("2026-06-01 休\n2026-06-06 班\n2026-07-01 休")
        page.get_by_label("依据").fill("县里通知")
        page.get_by_role("button", name="预览").click()
        expect(page.get_by_text("3 天的上班与休息会变")).to_be_visible()
        expect(page.locator(".trial .sums li.amber")).to_have_text(re.compile(r"2026年7月\s*23 → 22"))
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_role("status")).to_contain_text("节假日表已更新，共 3 天")
        page.get_by_role("button", name="确认 2026 年的安排").click()
        expect(page.get_by_text("由 宋平 确认")).to_be_visible()
