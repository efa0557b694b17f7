"""A round at the screen without JavaScript: beginning, the list, a checkpoint's form, pictures, team, signatures."""

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from drivers.catalogue import open_camera
from drivers.errors import DeviceFault
from drivers.sim.camera import CameraSimulator
from tests.station.counters import CHEN, LIU, ZHAO, Counter
from tests.station.walkers import A101, A102, HALL2, LOBBY, MORNING, PINS, Walkers, later
from tests.web_kiosk.running import TOKEN
from tests.web_kiosk.test_acts import ALLOWED, LATIN, Screen, unlock
from web.kiosk.app import create_kiosk
from web.kiosk.guard import COOKIE

POINT = f"/kiosk/patrol/point/{{}}/{MORNING}"
ROUND = f"/kiosk/patrol/round/{MORNING}"
WITHIN_S = 3.0


class Floor(Screen):
    """The screen of a station at which rounds are walked."""

    counter: Walkers

    def begin(self, kind: str = "0930") -> str:
        """陈静 by finger, 赵强 by PIN."""
        self.get("/kiosk/patrol")
        self.send(kind=kind)
        self.counter.press(CHEN)
        self.get("/kiosk/finger")
        self.send(turn="name")
        self.get(f"/kiosk/pin/{ZHAO}")
        return self.send(code=PINS[ZHAO])

    def fill(self, point: str, turn: str = "save", **given: str) -> str:
        """Open a checkpoint's form and send it."""
        self.get(POINT.format(point))
        return self.send(turn=turn, **given)

    def pictures(self) -> list[str]:
        """The addresses of the pictures on the page."""
        assert self.answer
        return re.findall(r'<img class="shot" src="([^"]+)"', self.answer.text)


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    counter = Walkers(tmp_path)
    yield Floor(counter)
    counter.close()


@pytest.fixture(scope="module")
def camera() -> Iterator[CameraSimulator]:
    """A simulated camera that speaks HTTP."""
    with CameraSimulator(width=320, height=180, fps=20) as started:
        yield started


@pytest.fixture(scope="module")
def sighted(tmp_path_factory: pytest.TempPathFactory, camera: CameraSimulator) -> Iterator[Floor]:
    """The same with a camera, whose child has started; the morning's round is under way."""
    opens = partial(open_camera, "http", port=camera.stream)
    floor = Floor(Walkers(tmp_path_factory.mktemp("sighted"), cameras={"hall": opens}))
    for _ in range(10):  # a child that starts on a busy machine may miss its first deadline
        with suppress(DeviceFault):
            floor.counter.photographing.shoot("hall")
            break
    floor.begin()
    yield floor
    floor.counter.close()


def test_patrol_stands_in_the_bar_where_a_screen_can_be_touched(floor: Floor, tmp_path: Path) -> None:
    assert "巡查" in floor.get("/kiosk")
    bare = Screen(Counter(tmp_path / "other"))
    assert "巡查" not in bare.get("/kiosk")
    bare.client = create_kiosk(floor.counter.display, TOKEN).test_client()
    bare.client.set_cookie(COOKIE, TOKEN, domain="127.0.0.1", path="/kiosk")
    assert "没有这个页面" in bare.get("/kiosk/patrol")


def test_two_officers_begin_one_by_finger_one_by_pin(floor: Floor) -> None:
    words = floor.get("/kiosk/patrol")
    assert "上午定时巡查 09:30 可以开始" in words
    assert "请按手指" in floor.send(kind="0930")
    floor.counter.press(CHEN)
    words = floor.get("/kiosk/finger")
    assert ("第 2 名巡查人员" in words, "已确认 陈静" in words, "只有一人" in words) == (True, True, True)
    floor.counter.press(CHEN)
    assert "不能是同一个人" in floor.get("/kiosk/finger")
    floor.get("/kiosk/patrol/next")
    floor.counter.press(ZHAO)
    words = floor.get("/kiosk/finger")
    assert (floor.path, "陈静、赵强" in words, "0/4" in words) == (ROUND, True, True)
    assert "上午定时巡查 09:30 可以开始 0/4 继续" in floor.get("/kiosk/patrol")


def test_one_alone_is_asked_again_and_marked(floor: Floor) -> None:
    floor.get("/kiosk/patrol")
    floor.send(kind="0930")
    floor.counter.press(CHEN)
    floor.get("/kiosk/finger")
    assert "只有 陈静 一人" in floor.get("/kiosk/patrol/alone")
    assert floor.counter.of("round_opened") == []
    assert "人手不足" in floor.send()
    assert len(floor.counter.of("round_opened")) == 1


def test_who_leaves_the_page_begins_nothing_and_the_next_press_is_a_punch(floor: Floor) -> None:
    floor.get("/kiosk/patrol")
    floor.send(kind="0930")
    floor.counter.press(CHEN)
    floor.get("/kiosk")
    floor.counter.press(ZHAO)
    assert [fact.kind for fact in floor.counter.of("round_opened", "punch")] == ["punch"]
    assert floor.get("/kiosk/patrol/alone").startswith("巡查")


def test_nothing_abnormal_is_one_press_and_a_finding_three(floor: Floor) -> None:
    floor.begin()
    words = floor.fill(A101, "nothing", no_photo="本站没有摄像头")  # the reason is preset where there is no camera
    assert (floor.path, "已保存：101 号窗口" in words, "1/4" in words) == (ROUND, True, True)
    words = floor.get(POINT.format(A102))
    assert "刘明" not in words  # of another window
    item = next(one for one in floor.counter.held.items if one.column == "counter")
    floor.send(turn="save", item=item.id, person="", no_photo="本站没有摄像头", note="桌上有水杯")
    first, second = floor.counter.of("check")
    assert (first.body["nothing_abnormal"], first.body["no_photo"], first.body["reason"]) == (
        True, "本站没有摄像头", "listed",
    )  # fmt: skip
    assert second.body["findings"][0]["item"] == item.id
    assert "1 个问题" in floor.get(ROUND)


def test_the_form_knows_who_should_be_there(floor: Floor) -> None:
    floor.begin()
    words = floor.get(POINT.format(A101))
    assert "刘明 A岗 本站没有打卡" in words
    assert "整改（推定）" in words
    assert floor.answer
    assert f'name="person" value="{LIU}"' in floor.answer.text
    assert "不针对个人" not in floor.get(POINT.format(LOBBY))


def test_what_was_filled_in_stays_when_the_form_is_refused(floor: Floor) -> None:
    floor.begin()
    item = floor.counter.held.items[0].id
    words = floor.fill(A101, "nothing", item=item, note="先记下", no_photo="相机故障")
    assert ("选了问题" in words, floor.status) == (True, 422)
    assert floor.answer
    assert f'value="{item}" checked' in floor.answer.text
    assert 'value="先记下"' in floor.answer.text
    assert "data-unsaved" in floor.answer.text  # a tag does not lead away from it
    floor.send(turn="save", item=item, note="先记下", no_photo="相机故障")
    assert floor.path == ROUND


def test_a_tag_opens_its_form_and_after_saving_the_one_tapped_meanwhile(floor: Floor) -> None:
    floor.begin()
    floor.counter.tap(A101)
    assert floor.counter.here.taps.waiting() is not None
    assert "标签已确认" in floor.get(POINT.format(A101))
    floor.counter.tap(LOBBY)
    floor.send(turn="nothing", no_photo="相机故障")
    assert floor.path == POINT.format(LOBBY)
    assert floor.counter.of("check")[0].body["how"] == "rfid"
    floor.get(POINT.format(A101))
    assert "没有贴标签" in floor.words  # a tap counts once


def test_a_tag_outside_a_round_leads_from_beginning_one_to_its_checkpoint(tmp_path: Path) -> None:
    floor = Floor(Walkers(tmp_path, later(hours=2)))
    floor.counter.tap(LOBBY)
    assert "已贴标签：一楼大厅" in floor.get("/kiosk/patrol")
    floor.begin("unscheduled")
    assert floor.path.startswith(f"/kiosk/patrol/point/{LOBBY}/")
    assert "标签已确认" in floor.words
    floor.counter.close()


def test_a_key_round_is_about_the_checkpoints_that_were_chosen(floor: Floor) -> None:
    floor.get("/kiosk/patrol")
    assert "查哪几处" in floor.send(kind="key")
    floor.get("/kiosk/patrol")
    floor.send(kind="key", point=HALL2)
    floor.counter.press(CHEN)
    floor.counter.patrolling.identify(ZHAO, "finger")
    [opened] = floor.counter.of("round_opened")
    assert (opened.body["kind"], opened.body["checkpoints"]) == ("key", [HALL2])
    words = floor.get(f"/kiosk/patrol/round/{opened.body['round']}")
    assert ("二楼自助区" in words, "101 号窗口" in words, "0/1" in words) == (True, False, True)


def test_an_agreed_key_patrol_waits_on_the_first_page_until_it_was_begun(floor: Floor) -> None:
    key = {
        "number": "101", "checkpoints": [A101], "agreed": "2026-03-02T01:00:00.000000Z", "reason": "三个问题",
    }  # fmt: skip
    floor.counter.advice = {"at": "09:31", "key": [key]}
    words = floor.get("/kiosk/patrol")
    assert "重点巡查：101 号窗口 待巡查 03-02 09:00 安排 · 三个问题（09:31 同步） 开始" in words
    floor.send(kind="key", point=A101)
    floor.counter.press(CHEN)
    floor.counter.patrolling.identify(ZHAO, "finger")
    [opened] = floor.counter.of("round_opened")
    assert (opened.body["kind"], opened.body["checkpoints"]) == ("key", [A101])
    assert "重点巡查：101 号窗口" not in floor.get("/kiosk/patrol")


def test_signing_by_finger_and_later_by_pin(floor: Floor) -> None:
    floor.begin()
    floor.fill(A101, "nothing", no_photo="相机故障")
    words = floor.get(f"/kiosk/patrol/sign/{MORNING}")
    assert ("3 处没有巡查" in words, "陈静 待签字" in words) == (True, True)
    floor.send()
    floor.counter.press(CHEN)
    words = floor.get("/kiosk/finger")
    assert "陈静 ✓ 09:30 已签字" in words
    assert "待签字：赵强" in floor.get("/kiosk/patrol")
    floor.get(f"/kiosk/patrol/sign/{MORNING}")
    floor.send()
    floor.send(turn="name")
    floor.get(f"/kiosk/pin/{ZHAO}")
    assert "全部签字完成" in floor.send(code=PINS[ZHAO])
    assert [fact.body["by"] for fact in floor.counter.of("round_signed")] == ["finger", "own_pin"]
    assert "已签字，只能补充" in floor.get(ROUND)
    floor.fill(A102, note="补记：灯已修好")
    assert floor.counter.of("addition")[-1].body["note"] == "补记：灯已修好"


def test_an_officer_leaves_and_another_comes(floor: Floor) -> None:
    floor.begin()
    floor.get(f"/kiosk/patrol/team/{MORNING}")
    assert "赵强" not in floor.send(turn="leave", officer=ZHAO, note="身体不适")
    floor.get(f"/kiosk/patrol/team/{MORNING}")
    floor.send(turn="join")
    floor.counter.press(ZHAO)
    floor.get("/kiosk/finger")
    assert floor.path == ROUND
    assert [fact.body["way"] for fact in floor.counter.of("round_joined")] == ["joined", "left", "joined"]


def test_a_phone_goes_on_by_a_code(floor: Floor) -> None:
    floor.begin()
    words = floor.get(f"/kiosk/patrol/phone/{MORNING}")
    assert ("请用手机扫码" in words, "陈静、赵强" in words) == (True, True)
    assert floor.answer
    assert "<svg" in floor.answer.text
    assert "style=" not in floor.answer.text


def test_a_good_picture_is_kept_and_named_by_the_check(sighted: Floor, camera: CameraSimulator) -> None:
    camera.heal()
    sighted.fill(A101, "shoot:hall")
    [shown] = sighted.pictures()
    picture = sighted.client.get(shown, headers={"Host": "127.0.0.1:8001"})
    assert (picture.status_code, picture.mimetype, picture.data[:2]) == (200, "image/jpeg", b"\xff\xd8")
    sighted.send(turn="nothing")
    check = sighted.counter.of("check")[-1]
    assert [sighted.counter.photos.read(each) for each in check.body["photos"]] == [picture.data]
    assert sighted.client.get(shown, headers={"Host": "127.0.0.1:8001"}).status_code == 404  # no form shows it now


def test_a_bad_picture_is_taken_again_or_kept_with_a_reason(sighted: Floor, camera: CameraSimulator) -> None:
    camera.fault("covered")
    sighted.counter.photographing.shoot("hall")  # one may have been on its way
    words = sighted.fill(A102, "shoot:hall")
    assert ("挡住" in words, "仍然保留" in words, len(sighted.pictures())) == (True, True, 1)
    assert "没有照片" in sighted.send(turn="nothing")
    sighted.get(POINT.format(A102))
    sighted.send(turn="keep", kept="现场就是这样")
    sighted.send(turn="nothing")
    check = sighted.counter.of("check")[-1]
    assert (len(check.body["photos"]), check.body["note"]) == (1, "照片照样保留：现场就是这样")


def test_a_camera_that_goes_leaves_its_reason_and_the_check_is_saved_in_time(
    sighted: Floor, camera: CameraSimulator
) -> None:
    camera.fault("stall")
    try:
        began = time.monotonic()
        words = sighted.fill(LOBBY, "shoot:hall", note="灯不亮")
        assert "摄像头没有拍到" in words
        assert sighted.answer
        assert 'value="相机故障" checked' in sighted.answer.text
        assert 'value="灯不亮"' in sighted.answer.text
        after_shot = time.monotonic()
        sighted.send(turn="nothing", no_photo="相机故障", note="灯不亮")
    finally:
        camera.heal()
    check = sighted.counter.of("check")[-1]
    assert (check.body["photos"], check.body["no_photo"]) == ([], "相机故障")
    assert after_shot - began < 2 * WITHIN_S  # its own deadline is 2 s; a busy machine gets twice the bar


def test_a_full_disk_refuses_pictures_and_keeps_checks(
    sighted: Floor, camera: CameraSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera.heal()
    monkeypatch.setattr("station.photos.used_percent", lambda _folder: 101)
    words = sighted.fill(HALL2, "shoot:hall")
    assert "检查和打卡照常记录" in words
    sighted.send(turn="nothing", no_photo="磁盘已满")
    assert sighted.counter.of("check")[-1].body["no_photo"] == "磁盘已满"


def test_a_tag_is_registered_by_laying_it_on_the_reader(floor: Floor) -> None:
    unlock(floor)
    assert "二楼自助区 没有标签" in floor.get("/kiosk/admin/tags")
    assert "请把标签放到读卡器上" in floor.send(point=HALL2)
    floor.counter.tap(uid="0BADCAFE")
    assert "标签已登记" in floor.get("/kiosk/admin/tag")
    [placed] = floor.counter.of("tag")
    assert (placed.body["uid"], placed.body["checkpoint"], placed.body["by"]) == ("0BADCAFE", HALL2, CHEN)
    assert "二楼自助区 1 个标签" in floor.get("/kiosk/admin/tags")
    floor.send(point=A101)
    floor.counter.tap(uid="0BADCAFE")
    assert "已登记在 二楼自助区" in floor.get("/kiosk/admin/tag")
    assert len(floor.counter.of("tag")) == 1
    floor.get("/kiosk")
    floor.begin()
    assert floor.counter.tap(uid="0BADCAFE").name == "二楼自助区"


def test_who_leaves_the_page_registers_nothing(floor: Floor) -> None:
    unlock(floor)
    floor.get("/kiosk/admin/tags")
    floor.send(point=HALL2)
    floor.get("/kiosk")
    assert floor.counter.tap(uid="0BADCAFE").tone == "red"
    assert floor.counter.of("tag") == []


def test_no_word_on_these_pages_is_latin(floor: Floor) -> None:
    floor.begin()
    floor.fill(A101, "nothing", no_photo="相机故障")
    pages = ["patrol", "patrol/key", f"patrol/round/{MORNING}", f"patrol/point/{A102}/{MORNING}"]
    pages += [f"patrol/team/{MORNING}", f"patrol/sign/{MORNING}", f"patrol/phone/{MORNING}"]
    found = {page: set(LATIN.findall(floor.get(f"/kiosk/{page}"))) - ALLOWED for page in pages}
    assert {page: words for page, words in found.items() if words} == {}


@pytest.mark.parametrize("path", [
    "/kiosk/patrol/round/2026-03-02/1340", f"/kiosk/patrol/point/nowhere/{MORNING}", "/kiosk/patrol/sign/none",
    "/kiosk/patrol/phone/none", "/kiosk/patrol/team/2026-99-99/0930",
])  # fmt: skip
def test_what_is_not_there_is_refused_in_words(floor: Floor, path: str) -> None:
    floor.begin()
    words = floor.get(path)
    assert floor.status == 422
    assert re.search("请从(“巡查”|列表)重新", words), words
