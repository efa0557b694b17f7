"""The station's round by two officers: their fingers, tags on a real pty, a camera on a real socket, Chromium."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from drivers.sim.camera import CameraSimulator
from drivers.sim.rdm6300 import Rdm6300Simulator
from station.journal import FILE
from station.photos import FOLDER, path_of
from station.verify import verify_file
from tests.journeys.kiosk_screen import screen, wait_until
from tests.journeys.kiosk_station import StationUnderWay, eventually, station_under_way
from tests.journeys.test_kiosk_acts import looked_at
from tests.station.counters import SHANGHAI
from tests.station.walkers import A101, LOBBY, MORNING, NAMES, TAGS, patrol_papers

NINE_TWENTY_NINE = datetime(2026, 3, 2, 9, 29, 40, tzinfo=SHANGHAI)


@dataclass
class Equipped:
    """A station with what a round at it needs."""

    station: StationUnderWay
    reader: Rdm6300Simulator
    camera: CameraSimulator


@pytest.fixture(scope="module")
def equipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Equipped]:
    """At 9:29; 陈静's and 赵强's fingers are known."""
    folder = tmp_path_factory.mktemp("patrol")
    with (
        CameraSimulator(width=640, height=360, fps=10) as camera,
        Rdm6300Simulator(link=folder / "tags") as reader,
    ):
        devices = (
            f'[taps.east]\ndriver = "rdm6300"\nport = "{reader.port}"\n'
            f'[cameras.hall]\ndriver = "http"\nport = "{camera.stream}"\n'
        )
        with station_under_way(
            folder / "station", ("陈静", "赵强"), patrol_papers(demo=True), opens=NINE_TWENTY_NINE, devices=devices
        ) as station:
            station.wait_for(("device",), 3)  # module, reader and camera are there
            yield Equipped(station, reader, camera)


@pytest.fixture(scope="module")
def page(browser: Browser, equipped: Equipped) -> Iterator[Page]:
    with screen(browser, equipped.station.address) as opened:
        yield opened


def tap(equipped: Equipped, point: str) -> None:
    """Lay a checkpoint's tag on the reader; it counts again once it was away."""
    equipped.reader.tag(TAGS[point])


def press(equipped: Equipped, page: Page, name: str, then: str) -> None:
    """Somebody presses, the page goes on, the finger is lifted and the module was asked again since."""
    module = equipped.station.module
    equipped.station.press(name)
    expect(page.locator("body")).to_contain_text(then)
    equipped.station.lift()
    asked = module.chunks_in
    eventually(lambda: module.chunks_in >= asked + 3 or None)


def read_off(page: Page) -> str:
    """What a phone's camera reads off the screen; the decoder here misses one code in thirty, so a new one is made."""
    page.reload()
    pixels = cv2.imdecode(np.frombuffer(page.locator(".qr").screenshot(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert pixels is not None
    return cv2.QRCodeDetector().detectAndDecode(pixels)[0]


def test_two_officers_walk_a_round_and_sign_it(equipped: Equipped, page: Page) -> None:
    expect(page.locator("#patrol")).to_contain_text("上午定时巡查")
    page.get_by_role("link", name="巡查").click()
    looked_at(page, "patrol")
    page.get_by_role("button", name="开始").click()
    press(equipped, page, "陈静", "第 2 名巡查人员")
    press(equipped, page, "赵强", "0/4")
    looked_at(page, "round")
    page.get_by_role("link", name="用手机巡查").click()
    looked_at(page, "phone")
    assert any("/patrol/enter/" in read_off(page) for _ in range(4))
    page.get_by_role("link", name="返回").click()

    tap(equipped, A101)
    expect(page.get_by_role("heading", name=NAMES[A101])).to_be_visible()
    expect(page.locator("body")).to_contain_text("标签已确认")
    page.get_by_role("button", name="拍照").click()
    expect(page.locator("img.shot")).to_have_count(1)
    looked_at(page, "point")
    page.get_by_role("button", name="今日巡查无异常").click()
    expect(page.locator("body")).to_contain_text("1/4")

    tap(equipped, LOBBY)
    expect(page.get_by_role("heading", name=NAMES[LOBBY])).to_be_visible()
    page.get_by_role("button", name="拍照").click()
    page.locator("summary", has_text="其他事宜").click()
    page.locator("details[open] .items label").first.click()
    page.get_by_role("button", name="保存问题").click()
    expect(page.locator("body")).to_contain_text("1 个问题")

    page.get_by_role("link", name="汇总与签字").click()
    looked_at(page, "sign")
    for name in ("陈静", "赵强"):
        page.get_by_role("button", name="签字").click()
        expect(page.locator("body")).to_contain_text("请按手指")
        press(equipped, page, name, "签字完成" if name == "赵强" else "已签字")
        expect(page.locator("h1")).to_have_text("汇总与签字")
    expect(page.locator("body")).to_contain_text("全部签字完成")

    page.get_by_role("link", name="好，回到主屏").click()
    expect(page.locator("#acts")).to_be_visible()
    wait_until(page, "faces.rest !== null")
    equipped.reader.lift()
    tap(equipped, A101)
    expect(page.locator("body")).to_contain_text(f"已贴标签：{NAMES[A101]}")


def test_what_was_walked_stands_in_facts_and_pictures(equipped: Equipped) -> None:
    station = equipped.station
    checks = [fact.body for fact in station.of("check")]
    assert [(one["round"], one["checkpoint"], one["how"]) for one in checks] == [
        (MORNING, A101, "rfid"), (MORNING, LOBBY, "rfid"),
    ]  # fmt: skip
    assert [(one["nothing_abnormal"], len(one["findings"]), len(one["photos"])) for one in checks] == [
        (True, 0, 1), (False, 1, 1),
    ]  # fmt: skip
    assert all(path_of(station.folder / FOLDER, digest).exists() for one in checks for digest in one["photos"])
    assert [fact.body["by"] for fact in station.of("round_signed")] == ["finger", "finger"]
    assert verify_file(station.folder / FILE) is not None
