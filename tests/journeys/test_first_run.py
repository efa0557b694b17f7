"""From an empty hub to the first judged punch, following what console and screens say, with a simulated module."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from drivers.sim.zfm import ZfmSimulator
from station.clock import SystemClock
from tests.journeys.kiosk_station import OPENS, RUN, eventually, free_port
from tests.journeys.looks import faults
from tests.web.sheets import staff

PASSWORD = "first-hall-2026"
LIST = [["刘明", "1001", "医疗保障局", "101", "前台", "医保岗", "A", "窗口人员", "2026-01-05", ""]]


@contextmanager
def running(*words: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A command of ours while it runs; what it says goes to the file."""
    environment = {**os.environ, "ZAIGANG_LANG": "zh", "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-c", RUN, *words], stdout=out, stderr=out, env=environment)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def said(log: Path, wanted: str) -> str:
    """What a console shows, once it does."""
    found = eventually(lambda: re.search(wanted, log.read_text(encoding="utf-8")), 60)
    return found[1]


def typed(line: str, *more: str) -> str:
    """A command as the screen shows it, typed at the station; what it says."""
    words = shlex.split(line)
    assert words[0] == "zaigang"
    command = [sys.executable, "-c", RUN, *words[1:], *more]
    environment = {**os.environ, "ZAIGANG_LANG": "zh"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=True).stdout


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Path]:
    """The console of an empty hub that has just been started; its clock, and the station's, is a Monday's at 08:50."""
    offset = round((OPENS - SystemClock().read().at).total_seconds())
    shared = f"demo = true\ndemo_clock_offset_s = {offset}\n"
    for name in ("hub", "station"):
        (tmp_path / name).mkdir()
    (tmp_path / "hub" / "hub.toml").write_text(f"{shared}port = {free_port()}\n")
    devices = f'[reader]\nport = "{tmp_path / "module"}"\n[kiosk]\nport = {free_port()}\n'
    (tmp_path / "station" / "station.toml").write_text(f'{shared}name = "一楼东门"\n{devices}')
    typed("zaigang hub init", "--folder", str(tmp_path / "hub"))
    log = tmp_path / "console"
    with running("hub", "serve", "--folder", str(tmp_path / "hub"), log=log):
        yield log


def test_a_hall_is_set_up_by_its_screens(browser: Browser, console: Path, tmp_path: Path) -> None:
    page = browser.new_context(locale="zh-CN").new_page()
    begin(page, said(console, r"打开 (http://\S+)"), said(console, r"设置码：(\S+?)（"))
    page.get_by_label("大厅名称").fill("万州区政务服务中心")
    page.get_by_role("button", name="保存并继续").click()
    page.get_by_role("radio", name="万州区政务服务中心").check()
    looked_at(browser, page)
    page.get_by_role("button", name="采用并继续").click()
    bring_people(page, tmp_path / "名单.xlsx")
    folder = tmp_path / "station"
    with ZfmSimulator(link=tmp_path / "module") as module:
        rescue = join(page, folder)
        assert page.locator("pre code").last.inner_text() == "zaigang station run"
        with running("station", "run", "--folder", str(folder), log=tmp_path / "station.log"):
            expect(page.get_by_text("指纹机找到了")).to_be_visible()
            looked_at(browser, page)
            page.get_by_role("button", name="继续").click()
            page.get_by_label("录谁的").fill("刘明")
            page.get_by_role("button", name="开始录入").click()
            expect(page.get_by_text("等待在考勤站上录入")).to_be_visible()
            looked_at(browser, page)
            kiosk = browser.new_context(locale="zh-CN", viewport={"width": 1024, "height": 600}).new_page()
            enrol(kiosk, module, folder, rescue)
            expect(page.get_by_text("请刘明再按一下手指")).to_be_visible()
            page.get_by_role("button", name="完成设置").click()
            expect(page.get_by_role("heading", name="设置完成")).to_be_visible()
            page.get_by_role("button", name="打开“今日”").click()
            expect(page.get_by_text("今天还没有打卡")).to_be_visible()
            module.finger("刘明")
            expect(page.locator(".presses li")).to_contain_text("刘明")
            expect(page.locator(".presses li .pill")).to_have_text("上班 正常")
            expect(page.get_by_text("初始设置")).to_have_count(0)


def looked_at(browser: Browser, page: Page) -> None:
    """The page as it stands is accessible and fits, in light and dark, on a desk and on a phone."""
    context = browser.new_context(locale="zh-CN", bypass_csp=True, storage_state=page.context.storage_state())
    seen = context.new_page()
    seen.goto(page.url)
    assert (page.url, faults(seen)) == (page.url, [])
    context.close()


def begin(page: Page, address: str, code: str) -> None:
    """The first administrator, by what the console says."""
    page.goto(address)
    page.get_by_label("设置码").fill(code)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_label("再输一次密码").fill(PASSWORD)
    page.get_by_role("button", name="建立管理员并继续").click()
    expect(page.get_by_role("heading", name="大厅叫什么")).to_be_visible()


def bring_people(page: Page, file: Path) -> None:
    """A list, looked at and imported."""
    file.write_bytes(staff(LIST))
    expect(page.locator("output")).to_have_text("还没有选择文件")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="上传并核对").click()
    page.get_by_role("button", name="确认导入 1 人").click()
    expect(page.get_by_role("status")).to_contain_text("已导入 1 人")


def join(page: Page, folder: Path) -> str:
    """The station joins by the command on the screen, and is confirmed when the words agree; its rescue code."""
    page.get_by_role("button", name="生成接入码").click()
    told = typed(page.locator("pre code").inner_text(), "--folder", str(folder))
    words = page.locator(".words.big")
    expect(words).to_be_visible()
    assert words.inner_text() in told
    page.get_by_role("button", name="文字一致，确认接入").click()
    expect(page.get_by_role("status")).to_contain_text("考勤站已确认")
    return "".join(re.findall(r"(\d{4})-(\d{4})-(\d{4})", told)[0])


def enrol(kiosk: Page, module: ZfmSimulator, folder: Path, rescue: str) -> None:
    """At the station's screen: administration by the rescue code, the agreement, the presses."""
    port = re.findall(r"port = (\d+)", (folder / "station.toml").read_text())[0]
    kiosk.goto(f"http://127.0.0.1:{port}/kiosk?token={(folder / 'kiosk.token').read_text()}")
    kiosk.get_by_role("link", name="管理").click()
    kiosk.get_by_role("link", name="救援码").click()
    for digit in rescue:
        kiosk.locator(".keys").get_by_role("button", name=digit, exact=True).click()
    kiosk.get_by_role("button", name="确定").click()
    kiosk.get_by_role("link", name="录指纹").click()
    kiosk.get_by_role("link", name="刘明").click()
    kiosk.get_by_role("button", name="同意，开始录").click()
    words = kiosk.locator("#words")
    for press, answer in (("第 1 次", "请抬起手指"), ("第 2 次", "录入成功")):
        expect(words).to_contain_text(press)
        module.finger("刘明")
        expect(words).to_have_text(answer)
        module.lift()
    kiosk.get_by_role("link", name="完成").click()
