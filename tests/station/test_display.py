"""The display: each change is a new frame, and whoever waits is woken."""

import threading
from datetime import UTC, datetime

from station.display import Display, Light, Shown

SHOWN = Shown("green", "刘明", "上班 正常", "医疗保障局", "08:58:59", 7)


def display() -> Display:
    return Display("一楼东门", False, lambda: datetime.now(UTC))


def test_a_change_makes_a_newer_frame() -> None:
    shown = display()
    first = shown.frame.version
    shown.set_reader(Light(True, "指纹机正常"))
    assert shown.frame.version == first + 1
    assert shown.frame.reader.words == "指纹机正常"


def test_saying_the_same_again_changes_nothing() -> None:
    shown = display()
    shown.set_due("上午上班打卡")
    version = shown.frame.version
    shown.set_due("上午上班打卡")
    assert shown.frame.version == version


def test_the_same_result_twice_is_painted_twice() -> None:
    shown = display()
    shown.show(SHOWN)
    version = shown.frame.version
    shown.show(SHOWN)
    assert shown.frame.version == version + 1


def test_who_waits_is_woken_by_the_change() -> None:
    shown = display()
    got: list[object] = []
    waiter = threading.Thread(target=lambda: got.append(shown.wait(shown.frame.version, 30)))
    waiter.start()
    shown.show(SHOWN)
    waiter.join(10)
    assert not waiter.is_alive()


def test_nothing_new_in_time_is_none() -> None:
    shown = display()
    assert shown.wait(shown.frame.version, 0.01) is None


def test_alarms_about_different_things_stand_side_by_side() -> None:
    shown = display()
    shown.set_alarm("名单已 4 天未更新", "papers")
    shown.set_alarm("账本损坏", "journal")
    assert shown.frame.alarm == "名单已 4 天未更新；账本损坏"
    shown.set_alarm("", "papers")
    assert shown.frame.alarm == "账本损坏"
    shown.set_alarm("", "journal")
    assert shown.frame.alarm == ""
