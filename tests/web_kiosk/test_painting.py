"""What the page is told to paint."""

import unicodedata
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.display import Light, Shown
from tests.web_kiosk.running import NOW, display, shown
from web.kiosk.painting import FITS, at_rest, clock_face, fit, left_ms, lost, note, picture, result

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("touched_ns", "at", "now", "left"),
    [
        (100 * SECOND, "08:57:12", NOW, 4000),  # answered this moment
        (97 * SECOND, "08:57:12", NOW, 1000),
        (96 * SECOND, "08:57:12", NOW, 0),
        (10 * SECOND, "08:57:12", NOW, 0),  # the module's answer counts, not the time of day
        (101 * SECOND, "08:57:12", NOW, 4000),  # never longer than it is held
        (0, "08:57:12", NOW, 4000),
        (0, "08:57:10", NOW, 2000),
        (0, "08:57:08", NOW, 0),
        (0, "08:57:13", NOW, 0),  # a second ahead is a day old
        (0, "23:59:59", NOW.replace(hour=0, minute=0, second=1), 2000),  # over midnight
    ],
)
def test_a_late_page_shows_a_result_for_the_rest_of_its_time(
    touched_ns: int, at: str, now: datetime, left: int
) -> None:
    answer = Shown("green", "刘明", "正常", "医疗保障局", at, 1, touched_ns)
    assert left_ms(answer, now, 100 * SECOND) == left


def test_nothing_shown_has_no_time_left() -> None:
    assert left_ms(None, NOW, 0) == 0


@pytest.mark.parametrize(
    ("unit", "at", "line"),
    [
        ("医疗保障局", "08:57:12", "医疗保障局 · 08:57:12"),
        ("医疗保障局 · 08:57", "08:57:12", "医疗保障局 · 08:57"),
        ("", "08:57:12", "08:57:12"),
        ("医疗保障局", "", "医疗保障局"),
        ("", "", ""),
    ],
)
def test_the_note_names_unit_and_time_once(unit: str, at: str, line: str) -> None:
    assert note(Shown("green", "刘明", "正常", unit, at, 1)) == line


@pytest.mark.parametrize(
    ("words", "width"),
    [("", 4), ("刘明", 4), ("没有识别", 4), ("迟到 12 分钟", 8), ("现在离岗，早退 12 分钟", 12), ("阿" * 37, 0)],
)
def test_a_line_gets_the_smallest_width_that_holds_it(words: str, width: int) -> None:
    assert fit(words) == width


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.text(st.sampled_from("阿卜杜·，:12 aW"), max_size=60))
def test_a_width_class_is_never_narrower_than_its_chinese_characters(words: str) -> None:
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in words)
    assert fit(words) in (0, *FITS)
    assert fit(words) == 0 or wide <= fit(words)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Asia/Urumqi", "America/New_York"])
def test_the_clock_face_is_the_halls_wall_clock_whatever_the_browsers_zone(zone: str) -> None:
    face = clock_face(datetime(2026, 3, 8, 23, 59, 58, 500_000, tzinfo=ZoneInfo(zone)))
    assert face["clock"] == "23:59:58"
    assert face["date"] == "2026年3月8日 星期日"
    assert timedelta(milliseconds=face["wall_ms"]) % timedelta(days=1) == timedelta(hours=23, minutes=59, seconds=58.5)


def test_every_weekday_has_its_name() -> None:
    days = [clock_face(NOW + timedelta(days=day))["date"].split()[1] for day in range(7)]
    assert days == ["星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"]


def test_a_finger_is_asked_for_only_while_a_module_can_read_one() -> None:
    frame = display().frame
    assert (at_rest(frame).tone, at_rest(frame).name) == ("idle", "请按手指")
    gone = replace(frame, reader=Light(False, "指纹机断开"))
    assert (at_rest(gone).tone, at_rest(gone).name, at_rest(gone).note) == ("down", "指纹机故障", "指纹机断开")
    assert at_rest(gone).verdict == "请找值班长签到"
    assert at_rest(replace(gone, touch=True)).verdict == "请点“签到”"
    assert at_rest(replace(gone, met=False)).name == "指纹机连接中"


def test_signing_in_opened_by_hand_is_said_while_fingers_are_read() -> None:
    opened = replace(display().frame, signing=True)
    assert (at_rest(opened).name, at_rest(opened).note) == ("请按手指", "")
    assert at_rest(replace(opened, touch=True)).note == "今天也可以点“签到”"


def test_two_presses_have_two_keys_and_one_press_has_one() -> None:
    assert result(shown(seq=1)).key == result(shown(seq=1)).key
    assert len({result(shown(seq=1)).key, result(shown(seq=2)).key, result(shown(seq=1, touched_ns=5)).key}) == 3


def test_a_picture_without_a_result_holds_nothing() -> None:
    drawn = picture(display().frame, NOW, 4000, "mark")
    assert (drawn["result"], drawn["held_ms"], drawn["page"]) == (None, 0, "mark")
    assert drawn["rest"]["name"] == "请按手指"
    assert lost().name == "正在重新连接"
