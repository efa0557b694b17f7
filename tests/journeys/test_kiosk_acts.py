"""People at the screen of a whole station: its process, a module on a real line, Chromium, and a hub that is away."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.kiosk_screen import screen
from tests.journeys.kiosk_station import (
    CHEN_PIN,
    NAMES,
    NEW_PIN,
    ZHAO_PIN,
    StationUnderWay,
    eventually,
    station_under_way,
)

AXE = (Path(__file__).parents[1] / "vendor" / "axe.min.js").read_text(encoding="utf-8")
LEAST_PX = 44

# What sticks out of the screen sideways, what a finger cannot hit (a label's whole height counts), what breaks a name.
FIT = """() => {
  const root = document.documentElement;
  const shown = (e) => e.getClientRects().length && !e.closest('#overlay') && getComputedStyle(e).opacity !== '0';
  const targets = [...document.querySelectorAll('a, button, select, input:not([type=hidden]), label:has(input)')];
  return {
    wide: root.scrollWidth > innerWidth || root.scrollHeight > innerHeight,
    out: [...document.querySelectorAll('.desk *')].filter(shown)
      .filter((e) => !e.closest('.units') && e.getBoundingClientRect().right > innerWidth + 1)
      .map((e) => e.outerHTML.slice(0, 80)),
    small: targets.filter((e) => shown(e) && !e.closest('label:has(input)') || (shown(e) && e.matches('label')))
      .filter((e) => e.getBoundingClientRect().height < %d || e.getBoundingClientRect().width < %d)
      .map((e) => e.outerHTML.slice(0, 80)),
  };
}""" % (LEAST_PX, LEAST_PX)  # noqa: UP031  # braces of a script


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StationUnderWay]:
    """One station for all journeys; 刘明's finger is known, 陈静 leads the day and has a PIN."""
    with station_under_way(tmp_path_factory.mktemp("journeys") / "station") as started:
        yield started


@pytest.fixture
def page(browser: Browser, station: StationUnderWay) -> Iterator[Page]:
    """The screen as it stands by the door."""
    station.lift()
    with screen(browser, station.address) as opened:
        yield opened


def looked_at(page: Page, where: str) -> None:
    """A page must fit, be hit by fingers, and say nothing that a reader of screens stumbles over, light and dark."""
    page.wait_for_load_state("load")
    assert (where, page.evaluate(FIT)) == (where, {"wide": False, "out": [], "small": []})
    page.evaluate(AXE)
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        rules = {"runOnly": ["color-contrast"]} if scheme == "dark" else {}
        violations = page.evaluate("async (options) => (await axe.run(options)).violations", rules)
        found += [(where, scheme, v["id"], v["nodes"][0]["html"][:90]) for v in violations if v["impact"] != "minor"]
    page.emulate_media(color_scheme="light")
    assert found == []


def huge(page: Page, name: str) -> Locator:
    """One of the large buttons."""
    return page.locator(f".huge:has(b:text-is('{name}'))")


def type_pin(page: Page, digits: str) -> None:
    """Press the keys of the pad."""
    for digit in digits:
        page.locator(".keys").get_by_role("button", name=digit, exact=True).click()
    page.get_by_role("button", name="确定").click()


def unlock(page: Page) -> None:
    """陈静 opens administration with her PIN."""
    page.get_by_role("link", name="管理").click()
    page.get_by_role("button", name="姓名和 PIN").click()
    page.get_by_role("link", name="陈静").click()
    type_pin(page, CHEN_PIN)
    expect(page.get_by_role("button", name="退出管理")).to_be_visible()


def test_somebody_goes_out_and_comes_back(page: Page, station: StationUnderWay) -> None:
    punches, exits = len(station.of("punch")), len(station.of("exit"))
    looked_at(page, "the screen with its bar")
    for way, verdict in (("外出", "外出"), ("返回", "返回")):
        page.get_by_role("link", name="外出 / 返回").click()
        looked_at(page, "out or back")
        huge(page, way).click()
        expect(page.locator(".said")).to_contain_text("请按手指")
        looked_at(page, "waiting for the finger")
        station.press("刘明")
        expect(page.locator("#verdict")).to_have_text(verdict)
        expect(page.locator("#name")).to_have_text("刘明")
        station.lift()
    ways = [(fact.body["way"], fact.body["by"]) for fact in station.of("exit")[exits:]]
    assert ways == [("out", "finger"), ("back", "finger")]
    assert len(station.of("punch")) == punches


def test_leave_is_asked_for_and_signed_by_finger(page: Page, station: StationUnderWay) -> None:
    page.get_by_role("link", name="请假").click()
    looked_at(page, "what to ask for")
    page.get_by_role("link", name="请假").click()
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("alert")).to_contain_text("没有选请假类别")
    looked_at(page, "a leave refused")
    page.check("[name=kind][value=sick]")
    page.check("[name=part][value=times]")
    page.locator("[name=start]").click()
    for digit in "0930":
        page.locator("#digits").get_by_role("button", name=digit, exact=True).click()
    looked_at(page, "a leave with the digits for its time")
    page.locator("#digits").get_by_role("button", name="✓").click()
    page.locator("[name=end]").fill("11:00")
    page.locator("[name=end]").blur()
    page.check("[name=ticked][value=就医]")
    page.get_by_role("button", name="下一步").click()
    expect(page.locator(".lines")).to_contain_text("3月2日（一） 09:30 至 3月2日（一） 11:00")
    station.press("刘明")
    expect(page.locator(".said")).to_contain_text("请假申请已记录")
    station.lift()
    fact = station.of("request")[-1]
    expect(page.locator(".said")).to_contain_text(f"编号 {fact.seq}，等待批准")
    expect(page.locator("#overlay")).to_be_hidden()
    looked_at(page, "what was recorded")
    fields = fact.body["fields"]
    assert (fields["kind"], fields["from"], fields["to"]) == (
        "sick", "2026-03-02T01:30:00.000000Z", "2026-03-02T03:00:00.000000Z",
    )  # fmt: skip


def test_cover_and_correction_can_be_filled_with_fingers(page: Page, station: StationUnderWay) -> None:
    page.goto(f"{station.root}/kiosk/ask/cover")
    looked_at(page, "who is away")
    page.get_by_role("link", name="L", exact=True).click()
    page.get_by_role("link", name="刘明").click()
    page.get_by_role("link", name="王芳").click()
    looked_at(page, "a cover")
    page.goto(f"{station.root}/kiosk/ask/correction")
    looked_at(page, "a correction")


def test_a_press_beside_an_open_form_is_answered_over_it_and_the_form_stays(
    page: Page, station: StationUnderWay
) -> None:
    punches = len(station.of("punch"))
    page.goto(f"{station.root}/kiosk/ask/leave")
    page.locator("[name=reason]").fill("照顾老人")
    station.press("刘明")
    expect(page.locator("#overlay .name")).to_have_text("刘明")
    expect(page.locator("#overlay .verdict")).to_have_text("上班 正常")
    assert page.evaluate("sounded") == ["short"]
    station.lift()
    expect(page.locator("#overlay")).to_be_hidden()
    assert page.input_value("[name=reason]") == "照顾老人"
    assert len(station.of("punch")) == punches + 1


def test_a_finger_is_enrolled_and_its_owner_sets_a_pin(page: Page, station: StationUnderWay) -> None:
    unlock(page)
    looked_at(page, "administration")
    page.get_by_role("link", name="录指纹").click()
    looked_at(page, "whose finger")
    page.get_by_role("link", name="王芳").click()
    expect(page.locator(".consent")).to_contain_text("不留图像")
    looked_at(page, "the agreement")
    page.get_by_role("button", name="同意，开始录").click()
    expect(page.locator("#words")).to_have_text("请按手指（第 1 次，共 2 次）")
    looked_at(page, "the first press")
    station.press("刘明")  # somebody else's finger
    expect(page.locator(".said")).to_contain_text("这枚手指是刘明的")
    looked_at(page, "a duplicate")
    station.lift()
    page.get_by_role("link", name="重新录").click()
    page.get_by_role("button", name="同意，开始录").click()
    for press in ("第 1 次", "第 2 次"):
        expect(page.locator("#words")).to_contain_text(press)
        station.press("王芳")
        expect(page.locator("#words")).to_have_text("请抬起手指" if press == "第 1 次" else "录入成功")
        station.lift()
    enrolled = station.of("enrolled")[-1]
    assert (enrolled.body["person"], enrolled.body["place"]) == (NAMES["王芳"], 1)
    page.get_by_role("link", name="给王芳设 PIN").click()
    looked_at(page, "the pad")
    type_pin(page, NEW_PIN)
    expect(page.locator("#who")).to_contain_text("再输一次")
    expect(page.locator("#code")).to_be_focused()
    page.keyboard.type(NEW_PIN)
    page.keyboard.press("Enter")
    expect(page.locator(".said")).to_contain_text("王芳 的 PIN 已设好")
    page.goto(f"{station.root}/kiosk/admin/fingers")
    expect(page.get_by_role("row", name="王芳")).to_contain_text("1 枚（右手食指）")
    looked_at(page, "who has how many fingers")
    page.goto(f"{station.root}/kiosk/admin/forget/{NAMES['王芳']}")
    looked_at(page, "forgetting")
    page.get_by_role("button", name="删除").click()
    expect(page.locator(".said")).to_contain_text("已删除 王芳 的 1 枚指纹")
    assert station.of("forgotten")[-1].body["person"] == NAMES["王芳"]
    page.goto(f"{station.root}/kiosk/admin/status")
    looked_at(page, "how the station is")
    page.goto(f"{station.root}/kiosk/admin")
    page.get_by_role("button", name="退出管理").click()
    expect(page.locator("#name")).to_have_text("请按手指")
    assert [fact.body["asks"] for fact in station.of("request")][-2:] == ["unlock", "pin"]


def test_one_who_did_not_agree_signs_in_with_a_pin_on_a_usual_day(page: Page, station: StationUnderWay) -> None:
    page.get_by_role("link", name="签到").click()
    expect(page.get_by_role("link", name="刘明")).to_have_count(0)  # he has a finger here
    page.get_by_role("link", name="赵强").click()
    type_pin(page, ZHAO_PIN)
    expect(page.locator("#name")).to_have_text("赵强")
    expect(page.locator("#verdict")).to_have_text("上班 正常")
    body = station.of("sign_in")[-1].body
    assert (body["person"], body["by"], body["witness"]) == (NAMES["赵强"], "own_pin", None)


def test_signing_in_opens_when_the_module_is_lost_and_closes_when_it_is_back(
    page: Page, station: StationUnderWay
) -> None:
    station.module.fault("gone")
    expect(page.locator("#name")).to_have_text("指纹机故障")
    expect(page.locator("#verdict")).to_have_text("请点“签到”")
    looked_at(page, "the module is gone")
    page.get_by_role("link", name="签到").click()
    looked_at(page, "who signs in")
    page.get_by_role("link", name="刘明").click()
    looked_at(page, "who vouches")
    page.get_by_role("link", name="陈静").click()
    type_pin(page, CHEN_PIN[::-1])
    expect(page.get_by_role("alert")).to_contain_text("还可以再试 4 次")
    looked_at(page, "a wrong PIN")
    type_pin(page, CHEN_PIN)
    expect(page.locator("#name")).to_have_text("刘明")
    body = station.of("sign_in")[-1].body
    assert (body["person"], body["by"], body["witness"]) == (NAMES["刘明"], "witness", NAMES["陈静"])
    station.module.heal()
    expect(page.locator("#name")).to_have_text("请按手指")
    page.get_by_role("link", name="签到").click()
    expect(page.get_by_role("link", name="刘明")).to_have_count(0)


def test_nobody_there_brings_the_main_screen_back(browser: Browser, station: StationUnderWay, page: Page) -> None:
    page.clock.install()
    page.goto(f"{station.root}/kiosk/ask/leave")
    page.clock.fast_forward(59_000)
    assert page.url.endswith("/ask/leave")
    page.locator("[name=reason]").fill("a")
    page.clock.fast_forward(59_000)
    assert page.url.endswith("/ask/leave")
    page.clock.fast_forward(2_000)
    page.wait_for_url("**/kiosk")


def test_without_javascript_an_exit_goes_by_name_and_pad(browser: Browser, station: StationUnderWay) -> None:
    before = len(station.of("exit"))
    with screen(browser, station.address, java_script_enabled=False) as page:
        page.get_by_role("link", name="外出 / 返回").click()
        huge(page, "外出").click()
        page.get_by_role("button", name="改用姓名和 PIN").click()
        page.get_by_role("link", name="陈静").click()
        type_pin(page, CHEN_PIN)
        expect(page.locator("#verdict")).to_have_text("外出")
    assert station.of("exit")[before].body["by"] == "own_pin"


@pytest.mark.parametrize("size", [(800, 480), (1280, 800)])
def test_the_pages_fit_other_screens(browser: Browser, station: StationUnderWay, size: tuple[int, int]) -> None:
    visits: list[Callable[[Page], object]] = [
        lambda page: page.goto(f"{station.root}/kiosk"),
        lambda page: page.goto(f"{station.root}/kiosk/out"),
        lambda page: page.goto(f"{station.root}/kiosk/ask/leave"),
        lambda page: page.goto(f"{station.root}/kiosk/ask/correction"),
        lambda page: page.goto(f"{station.root}/kiosk/ask/cover"),
        lambda page: page.goto(f"{station.root}/kiosk/sign-in/{NAMES['陈静']}/own"),
        lambda page: page.goto(f"{station.root}/kiosk/admin"),
    ]
    with screen(browser, station.address, size) as page:
        for visit in visits:
            visit(page)
            page.wait_for_load_state("load")
            assert (page.url, page.evaluate(FIT)) == (page.url, {"wide": False, "out": [], "small": []})


def test_no_digit_of_a_pin_reached_a_file_of_the_station(station: StationUnderWay) -> None:
    """After all the journeys above: neither the log nor the journal nor anything else holds one."""
    written = b"".join(path.read_bytes() for path in station.folder.iterdir() if path.is_file())
    assert eventually(lambda: b"feedback" in written or None, 1)
    for digits in (CHEN_PIN, ZHAO_PIN, NEW_PIN):
        assert digits.encode() not in written
