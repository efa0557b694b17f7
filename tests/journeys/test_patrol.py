"""The morning's round by two officers on a phone, with the network cut in the middle; and the looks of its pages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from config.settings import HubSettings
from tests.journeys.hub_server import served
from tests.journeys.looks import PHONE, faults
from tests.web.browsing import signed_in
from tests.web.halls import copy_hall
from tests.web.patrolling import MORNING, PIN, Patrol, jpeg, patrol_of
from web.door import recorder_of
from web.ledger.patrol import CheckRow, PictureRow
from web.services.hub import begin

WINDOWS = 13  # and one area


@dataclass
class Ward:
    """The hall on a port."""

    patrol: Patrol
    url: str

    def page(self, browser: Browser, officer: str = "陈静", **options: object) -> Page:
        """An officer's phone."""
        context = browser.new_context(locale="en-US", viewport=PHONE, **options)  # type: ignore[arg-type]
        cookie = self.patrol.phone(officer).get_cookie("zaigang")
        assert cookie is not None
        context.add_cookies([{"name": "zaigang", "value": cookie.value, "url": self.url}])
        return context.new_page()


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    """Thirteen windows and an area at half past nine."""
    folder = tmp_path_factory.mktemp("ward")
    begin(HubSettings(folder=folder / "template"), "万州区政务服务中心").close()
    hall = copy_hall(folder / "template", folder / "hub")
    patrol = patrol_of(hall, WINDOWS)
    hall.at("09:30")
    with served(hall.app) as url:
        yield Ward(patrol, url)
    recorder_of(hall.app).close()
    hall.hub.close()


def shoot(page: Page, number: int, *, whole: bool = True) -> None:
    """A picture of its own for each checkpoint; or one of which the camera wrote the beginning only."""
    shot = jpeg((number * 15, 90, 120))
    shot = shot if whole else shot[:100]
    page.locator("input[type=file]").set_input_files({"name": "1.jpg", "mimeType": "image/jpeg", "buffer": shot})
    expect(page.get_by_text("已拍 1 张")).to_be_visible()


def begin_round(page: Page, ward: Ward) -> None:
    """The round whose time it is, by two officers on one phone."""
    page.goto(f"{ward.url}/patrol")
    page.get_by_role("button", name="开始巡查").click()
    page.get_by_label("本人 PIN").fill(PIN["陈静"])
    page.get_by_label("巡查人员二", exact=True).select_option(label="周凯")
    page.get_by_label("巡查人员二的 PIN").fill(PIN["周凯"])
    page.get_by_role("button", name="开始巡查").click()


def sign(page: Page) -> None:
    """Both, by their own PINs."""
    page.get_by_role("button", name="查看汇总并签字").click()
    expect(page.get_by_role("heading", name="汇总与签字")).to_be_visible()
    page.get_by_label("陈静 的 PIN").fill(PIN["陈静"])
    page.get_by_label("周凯 的 PIN").fill(PIN["周凯"])
    page.get_by_role("button", name="签字").click()
    expect(page.get_by_text("已签字结束").first).to_be_visible()


def at(page: Page, name: str) -> None:
    """The form of this checkpoint is open and ready."""
    expect(page.locator("#form .place")).to_have_text(name)


def test_a_round_with_the_network_cut_in_the_middle_arrives_whole_and_once(browser: Browser, ward: Ward) -> None:
    page, patrol = ward.page(browser), ward.patrol
    begin_round(page, ward)
    page.goto(f"{ward.url}/patrol/t/{patrol.token('101 号窗口')}")  # what the phone's camera opens
    at(page, "101 号窗口")
    shoot(page, 0)
    page.get_by_role("button", name="今日巡查无异常").click()
    at(page, "102 号窗口")
    page.get_by_role("button", name="回到列表").click()
    expect(page.locator("#sync")).to_have_text("已上传")

    expect(page.locator("#round")).to_have_attribute("data-aside", "yes")
    page.context.set_offline(True)
    page.get_by_role("link", name="102 号窗口").click()  # one
    for number in range(2, 14):
        at(page, f"{100 + number} 号窗口")
        shoot(page, number)
        if number == 5:
            page.get_by_text("没戴工作牌").click()  # two
            page.get_by_role("button", name="保存并到下一处").click()  # three
        else:
            page.get_by_role("button", name="今日巡查无异常").click()  # two
    at(page, "自助服务区")
    page.get_by_role("button", name="回到列表").click()
    expect(page.locator("#sync")).to_have_text("已存本机 12")
    page.reload()  # the phone threw the page away: it opens again without the hub
    expect(page.locator("#sync")).to_have_text("已存本机 12")
    page.goto(f"{ward.url}/patrol")  # the installed page's first address leads back to the round that goes on
    expect(page).to_have_url(re.compile("/patrol/rounds/"))
    expect(page.locator("#sync")).to_have_text("已存本机 12")
    page.get_by_role("button", name="查看汇总并签字").click()
    expect(page.get_by_role("alert")).to_contain_text("不能签字")
    assert len(patrol.round().visits) == 1

    page.context.set_offline(False)
    expect(page.locator("#sync")).to_have_text("已上传")
    page.get_by_role("link", name="自助服务区").click()
    shoot(page, 14)
    page.get_by_role("button", name="今日巡查无异常").click()
    expect(page.locator("#far")).to_have_text("14/14")
    sign(page)
    page.context.close()

    one = patrol.round()
    assert one.closed
    assert sorted(visit.found for visit in one.visits.values()) == [0] * 13 + [1]
    hows = {point: one.visits[key].rows[0].how for point, key in patrol.points.items()}
    assert {point for point, how in hows.items() if how == "qr"} == {"101 号窗口"}
    with patrol.hall.hub.ledger.reading() as session:
        assert session.execute(select(func.count()).select_from(CheckRow)).scalar_one() == 14
        assert session.execute(select(func.count(func.distinct(PictureRow.sha256)))).scalar_one() == 14


def test_the_afternoons_round_completes_the_day(browser: Browser, ward: Ward) -> None:
    ward.patrol.hall.at("13:41")
    page, patrol = ward.page(browser), ward.patrol
    begin_round(page, ward)
    page.get_by_role("link", name="101 号窗口").click()
    for number in range(1, WINDOWS + 1):
        at(page, f"{100 + number} 号窗口")
        page.get_by_text("不拍照，说明原因").click()
        page.get_by_text("有群众在办事，不便拍照").click()
        page.get_by_role("button", name="今日巡查无异常").click()
    at(page, "自助服务区")
    shoot(page, 15)
    page.get_by_role("button", name="今日巡查无异常").click()
    expect(page.locator("#far")).to_have_text("14/14")
    sign(page)
    page.goto(f"{ward.url}/patrol/day")
    board = page.get_by_role("main")
    expect(board).to_contain_text("14/14")
    page.context.close()
    assert [patrol.state(f"2026-03-02/{slot}").state.state for slot in ("0930", "1340")] == ["done", "done"]  # type: ignore[union-attr]


def test_what_the_hub_refuses_can_be_filled_in_again(browser: Browser, ward: Ward) -> None:
    ward.patrol.begin(ward.patrol.phone("陈静"), "extra")
    page = ward.page(browser)
    page.goto(f"{ward.url}/patrol/t/{ward.patrol.token('103 号窗口')}")
    at(page, "103 号窗口")
    shoot(page, 1, whole=False)
    expect(page.get_by_text("照片打不开，请去掉后重拍。")).to_be_visible()
    page.get_by_role("button", name="今日巡查无异常").click()
    at(page, "104 号窗口")
    page.get_by_role("button", name="回到列表").click()
    row = page.locator(".points > li", has_text="103 号窗口")
    expect(row).to_contain_text("没有收下：照片不完整")
    expect(row).to_contain_text("待巡查")
    row.get_by_role("link").click()
    expect(page.get_by_text("已拍 1 张")).to_be_visible()
    page.get_by_role("button", name="去掉第 1 张照片").click()
    expect(page.locator(".taken > li")).to_have_count(0)
    shoot(page, 2)
    expect(page.locator(".taken canvas")).to_have_attribute("width", "96")  # 64 × 48 drawn 72 high
    page.get_by_role("button", name="今日巡查无异常").click()
    page.get_by_role("button", name="回到列表").click()
    expect(row).to_contain_text("已上传")
    page.context.close()


def test_the_pages_are_accessible_and_fit(browser: Browser, ward: Ward) -> None:
    page = ward.page(browser, bypass_csp=True)
    desk = signed_in(ward.patrol.hall, "admin", "supervision").get_cookie("zaigang")
    assert desk is not None
    ward.patrol.begin(ward.patrol.phone("陈静"), "unscheduled")
    point = ward.patrol.points["103 号窗口"]
    open_round = next(
        each for each in page_links(page, f"{ward.url}/patrol") if "/patrol/rounds/" in each and MORNING not in each
    )
    phone = [f"/patrol/rounds/{MORNING}", f"{open_round}?at={point}", open_round.replace("/rounds/", "/sign/")]
    office = ["/patrol/points", f"/patrol/points/{point}"]
    for paths in (phone, office):
        for path in paths:
            page.goto(ward.url + path)
            assert (path, faults(page)) == (path, [])
        page.context.add_cookies([{"name": "zaigang", "value": desk.value, "url": ward.url}])
    page.context.close()


def page_links(page: Page, url: str) -> list[str]:
    """Where a page's links go."""
    page.goto(url)
    return [str(each.get_attribute("href")) for each in page.locator("main a").all()]
