"""The kiosk in a real browser: what a person at the reader sees and hears."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from station.display import Display, Light
from tests.journeys.kiosk_screen import MEASURE, expect_screen, screen, wait_until
from tests.web_kiosk.running import NOW, Listener, Running, display, shown
from web.kiosk.live import MAX_STREAMS

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
LONG_NAME = "阿卜杜热合曼·买买提吐尔逊·艾合买提江"

Act = Callable[[Display], None]


def hub_away(on: Display) -> None:
    """The hub is down, punches stay here."""
    on.set_sync(Light(False, "断网，已存本机 7 条"))
    on.show(shown(seq=6))


def everything(on: Display, seq: int = 7) -> None:
    """The fullest screen there is."""
    hub_away(on)
    on.set_alarm("磁盘快满，照片已停存，打卡照常，请告知管理员")
    on.set_reader(Light(False, "指纹机断开，请用签到"))
    answer = shown("amber", LONG_NAME, "现在离岗，早退 12 分钟", seq)
    on.show(replace(answer, also="您有 12 条巡查问题待说明，请点“请假 / 说明”"))


RESULTS: dict[str, Act] = {
    "ok": lambda on: on.show(shown("green", "刘明", "正常", 1)),
    "late": lambda on: on.show(shown("amber", "欧阳明月", "迟到 12 分钟", 2)),
    "no match": lambda on: on.show(shown("red", "没有识别", "请擦净手指，重按一次", 3)),
    "already": lambda on: on.show(shown("blue", "王芳", "已打过卡", 4)),
    "long name": lambda on: on.show(shown("amber", LONG_NAME, "现在离岗，早退 12 分钟", 5)),
    "hub away": hub_away,
}


@pytest.fixture
def kiosk() -> Iterator[Running]:
    """A running kiosk that asks for a finger."""
    with Running(display()) as running:
        yield running


def test_idle_asks_for_a_finger_and_tells_time_place_and_what_is_due(browser: Browser, kiosk: Running) -> None:
    with screen(browser, kiosk.address) as page:
        assert page.url == f"{kiosk.root}/kiosk"
        expect(page.locator("#name")).to_have_text("请按手指")
        expect(page.locator("#clock")).to_have_text(re.compile(r"^08:57:1\d$"))
        expect(page.locator("#day")).to_contain_text("2026年3月2日 星期一")
        expect(page.locator("#due")).to_have_text("上午上班打卡")
        expect(page.locator("footer")).to_contain_text("一楼东门打卡站")
        measured = page.evaluate(MEASURE)
        assert (measured["scrolls"], measured["outside"]) == (False, [])
        assert measured["clock"] >= 0.13
        assert page.evaluate("sounded") == []


def test_every_result_is_readable_from_two_steps_away(browser: Browser, kiosk: Running) -> None:
    with screen(browser, kiosk.address) as page:
        for result, act in RESULTS.items():
            act(kiosk.display)
            expect_screen(page, kiosk)
            expect(page.locator("#note")).to_have_text("医疗保障局 · 08:57:12")
            measured = page.evaluate(MEASURE)
            assert (result, measured["scrolls"], measured["outside"]) == (result, False, [])
            assert (result, measured["name_lines"], measured["verdict_lines"]) == (result, 1, 1)
            assert measured["verdict"] >= 0.09
            assert measured["name"] >= (0.12 if len(page.inner_text("#name")) <= 4 else 0.07)


def test_the_fullest_screen_fits_wherever_it_is_looked_at(browser: Browser) -> None:
    with Running(display(demo=True)) as kiosk, screen(browser, kiosk.address) as page:
        for width, height in [(1024, 600), (800, 480), (1280, 800), (390, 844), (360, 640)]:
            page.set_viewport_size({"width": width, "height": height})
            everything(kiosk.display, seq=width)
            expect_screen(page, kiosk)
            expect(page.get_by_text("演示数据·模拟设备")).to_be_visible()
            expect(page.get_by_role("alert")).to_contain_text("磁盘快满")
            measured = page.evaluate(MEASURE)
            assert (width, measured["scrolls"], measured["outside"]) == (width, False, [])


def test_words_longer_than_anybody_planned_stay_on_the_screen(browser: Browser, kiosk: Running) -> None:
    with screen(browser, kiosk.address) as page:
        kiosk.display.set_sync(Light(False, "中枢拒收了一批记录：签名不对。没有改动任何数据。请管理员核对接入文字。"))
        kiosk.display.show(shown("blue", "长" * 44, "已记录，时间待校准。" * 5))
        expect_screen(page, kiosk)
        measured = page.evaluate(MEASURE)
        assert (measured["scrolls"], measured["outside"]) == (False, [])


def test_a_result_stays_four_seconds_and_a_light_changes_nothing_about_it(browser: Browser, kiosk: Running) -> None:
    with screen(browser, kiosk.address) as page:
        page.evaluate(
            "() => { window.turns = []; new MutationObserver(() => turns.push([stage.dataset.tone, performance.now()]))"
            ".observe(stage, { attributes: true, attributeFilter: ['data-tone'] }); }"
        )
        RESULTS["ok"](kiosk.display)
        expect_screen(page, kiosk)
        kiosk.display.set_sync(Light(False, "断网，已存本机 1 条"))
        expect(page.locator("#sync")).to_have_text("断网，已存本机 1 条")
        expect(page.locator("#name")).to_have_text("请按手指")
        turns = page.evaluate("turns.filter(([tone], i) => i === 0 || tone !== turns[i - 1][0])")
        assert [tone for tone, _ in turns] == ["green", "idle"]
        assert turns[1][1] - turns[0][1] >= 3990
        assert page.evaluate("sounded") == ["short"]


def test_the_next_press_replaces_the_last_at_once_and_each_has_its_sound(browser: Browser, kiosk: Running) -> None:
    with screen(browser, kiosk.address) as page:
        for result in ("ok", "no match", "late", "already"):
            RESULTS[result](kiosk.display)
            expect_screen(page, kiosk)
        kiosk.display.show(shown("blue", "王芳", "已打过卡", 99))  # the same words for another press
        wait_until(page, "sounded.length === 5")
        assert page.evaluate("sounded") == ["short", "long", "short", "short", "short"]


def test_the_sounds_can_be_played(browser: Browser, kiosk: Running) -> None:
    with screen(browser, kiosk.address) as page:
        durations = {}
        for name in ("short", "long"):
            wait_until(page, f"document.getElementById('{name}').readyState === 4")
            durations[name] = page.evaluate(f"document.getElementById('{name}').duration")
        assert durations["short"] * 3 < durations["long"]


def test_a_reader_that_is_gone_asks_for_no_finger(browser: Browser, kiosk: Running) -> None:
    with screen(browser, kiosk.address) as page:
        kiosk.display.set_reader(Light(False, "指纹机断开，请用签到"))
        expect(page.locator("#verdict")).to_have_text("请找值班长签到")
        expect(page.locator("#note")).to_have_text("指纹机断开，请用签到")
        expect(page.locator("#name")).not_to_contain_text("请按手指")
        expect(page.locator("#reader")).to_have_attribute("data-well", "no")
        kiosk.display.set_reader(Light(True, "指纹机正常"))
        expect(page.locator("#name")).to_have_text("请按手指")


def test_after_a_restart_the_screen_comes_back_untouched(browser: Browser, kiosk: Running) -> None:
    with screen(browser, kiosk.address) as page:
        RESULTS["ok"](kiosk.display)
        expect_screen(page, kiosk)
        kiosk.stop()
        expect(page.locator("#link")).to_be_visible()
        expect(page.locator("#link")).to_have_text("正在重新连接")
        kiosk.start()
        expect(page.locator("#link")).to_be_hidden()
        RESULTS["late"](kiosk.display)
        expect_screen(page, kiosk)
        assert page.evaluate("sounded") == ["short", "short"]  # the old result was not sounded again


def test_a_station_that_stands_still_is_noticed(browser: Browser) -> None:
    alone = [sys.executable, "-m", "tests.journeys.kiosk_alone"]
    with subprocess.Popen(alone, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout
            with screen(browser, process.stdout.readline().strip()) as page:
                process.send_signal(signal.SIGSTOP)
                expect(page.locator("#name")).to_have_text("正在重新连接")
                process.send_signal(signal.SIGCONT)
                expect(page.locator("#name")).to_have_text("请按手指")
        finally:
            process.kill()


def test_a_screen_that_gets_no_stream_still_follows(browser: Browser, kiosk: Running) -> None:
    streams = [Listener(kiosk) for _ in range(MAX_STREAMS)]
    with screen(browser, kiosk.address) as page:
        RESULTS["late"](kiosk.display)
        expect_screen(page, kiosk)
        assert page.evaluate("links") == []  # it never said that it was lost
    for stream in streams:
        stream.close()


def test_a_newer_page_is_loaded_by_itself(browser: Browser, kiosk: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    with screen(browser, kiosk.address) as page:
        kiosk.stop()
        monkeypatch.setattr("web.kiosk.app.page_mark", lambda: "a newer one")
        kiosk.start()
        expect(page.locator("body")).to_have_attribute("data-page", "a newer one")
        expect(page.locator("#name")).to_have_text("请按手指")


def test_another_token_after_a_restart_shows_what_to_do(
    browser: Browser, kiosk: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    with screen(browser, kiosk.address) as page:
        kiosk.stop()
        monkeypatch.setattr("tests.web_kiosk.running.TOKEN", "another")
        kiosk.start()
        expect(page.get_by_role("heading")).to_have_text("本页只给考勤站自己的屏幕用")
        expect(page.locator("main")).to_contain_text("请重启考勤站")


def test_the_clock_is_the_stations_in_a_browser_from_elsewhere(browser: Browser) -> None:
    shows, began = display(), time.monotonic()
    shows.now = lambda: NOW + timedelta(seconds=time.monotonic() - began)
    with (
        Running(shows, beat_s=1.0) as kiosk,
        screen(browser, kiosk.address, timezone_id="America/New_York", locale="en-US") as page,
    ):
        early = page.inner_text("#clock")
        wait_until(page, f"el('clock').textContent > '{early}'")
        expect(page.locator("#clock")).to_have_text(re.compile(r"^08:5[78]:\d\d$"))
        assert not re.search(r"[A-Za-z]{2,}", page.inner_text("body"))


def test_without_javascript_the_screen_is_whole_and_renews_itself(browser: Browser, kiosk: Running) -> None:
    with screen(browser, kiosk.address, java_script_enabled=False) as page:
        expect(page.locator("#name")).to_have_text("请按手指")
        expect(page.locator("#arrived")).to_have_text("今日已到 52/64（10:02 同步）")
        expect(page.locator("noscript meta[http-equiv=refresh]")).to_have_attribute("content", "5")
        RESULTS["late"](kiosk.display)
        page.reload()
        expect(page.locator("#name")).to_have_text("欧阳明月")


def test_axe_finds_nothing_serious_in_light_or_dark(browser: Browser, kiosk: Running) -> None:
    with screen(browser, kiosk.address) as page:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = serious(page, "idle")
        kiosk.stop()
        expect(page.locator("#name")).to_have_text("正在重新连接")
        found += serious(page, "lost")
        kiosk.start()
        for result, act in {**RESULTS, "everything": everything}.items():
            act(kiosk.display)
            expect_screen(page, kiosk)
            found += serious(page, result)
        assert found == []


def serious(page: Page, state: str) -> list[tuple[str, str, str]]:
    """What axe-core calls serious or critical on the page as it stands, light and dark; dark differs in colour only."""
    found = []
    for scheme, options in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):
        page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
        violations = page.evaluate("async (options) => (await axe.run(options)).violations", options)
        found += [(state, scheme, v["id"]) for v in violations if v["impact"] in ("serious", "critical")]
    return found
