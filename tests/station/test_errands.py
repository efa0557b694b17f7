"""The next press belongs to the act that waits for it; every other press stays a punch."""

import threading
import time
from pathlib import Path

import pytest

from config.errors import Refused
from drivers.contract import NoMatch, Touch
from station.display import Shown
from station.errands import Errand
from station.errors import NotDurable
from station.facts import Exit
from station.going_out import By, register
from station.pins import PinRefused
from tests.station.counters import CHEN, LIU, Counter

PIN = "204816"


@pytest.fixture
def counter(tmp_path: Path) -> Counter:
    """A station that holds 陈静's and 刘明's PINs."""
    return Counter(tmp_path, pins={CHEN: PIN, LIU: PIN})


def press(counter: Counter, place: int = 1, after_s: float = 0.0) -> Shown:
    return counter.punching.heard(Touch(place, 120, time.monotonic_ns() + int(after_s * 1e9)))


def going_out(counter: Counter) -> Errand:
    return Errand("外出", lambda person, by: register(counter.punching, person, "out", by))


def kinds(counter: Counter) -> list[str]:
    return [fact.kind for fact in counter.of("punch", "exit", "unmatched", "refused", "request")]


def test_a_press_nobody_waits_for_is_a_punch(counter: Counter) -> None:
    assert press(counter).verdict == "上班 正常"
    assert kinds(counter) == ["punch"]


def test_the_next_press_is_the_acts_and_the_one_after_a_punch(counter: Counter) -> None:
    running = counter.acts.errands.begin(going_out(counter))
    assert running.state == "waiting"
    assert (press(counter).verdict, running.state) == ("外出", "done")
    counter.wait(minutes=2)
    press(counter)
    assert kinds(counter) == ["exit", "punch"]
    assert counter.of("exit")[0].body == {"person": LIU, "way": "out", "reason": "", "by": "finger"}


def test_the_fact_stands_before_anything_is_shown(counter: Counter) -> None:
    running = counter.acts.errands.begin(going_out(counter))
    press(counter)
    shown = counter.display.frame.shown
    assert shown is not None
    assert running.shown is not None
    assert (shown.seq, running.shown.seq) == (counter.of("exit")[0].seq,) * 2
    assert shown.touched_ns > 0


def test_a_press_after_twenty_seconds_is_a_punch(counter: Counter) -> None:
    running = counter.acts.errands.begin(going_out(counter))
    assert running.left_s() == pytest.approx(20, abs=1)
    assert press(counter, after_s=20.1).verdict == "上班 正常"
    assert (running.state, kinds(counter)) == ("cancelled", ["punch"])


def test_a_press_captured_before_the_act_began_is_that_persons_punch(counter: Counter) -> None:
    counter.acts.errands.begin(going_out(counter))
    assert press(counter, place=2, after_s=-0.5).verdict == "上班 正常"
    assert press(counter).verdict == "外出"
    assert kinds(counter) == ["punch", "exit"]


def test_cancelled_and_replaced_acts_get_nothing(counter: Counter) -> None:
    first = counter.acts.errands.begin(going_out(counter))
    second = counter.acts.errands.begin(Errand("返回", lambda p, by: register(counter.punching, p, "back", by)))
    assert (first.state, press(counter).verdict, second.state) == ("cancelled", "返回", "done")
    counter.acts.errands.begin(going_out(counter))
    counter.acts.leave()
    press(counter, place=2)
    assert kinds(counter) == ["exit", "punch"]


def test_a_finger_nobody_knows_is_recorded_and_the_act_waits_on(counter: Counter) -> None:
    running = counter.acts.errands.begin(going_out(counter))
    assert counter.punching.heard(NoMatch(time.monotonic_ns())).verdict == "请重按"
    press(counter, place=77)
    assert running.state == "waiting"
    press(counter)
    assert kinds(counter) == ["unmatched", "unmatched", "exit"]


def test_an_act_that_says_no_records_no_punch_and_shows_why(counter: Counter) -> None:
    def no(person: str, by: By) -> Shown:
        raise Refused("没有权限", remedy="请值班长来")

    running = counter.acts.errands.begin(Errand("解锁", no))
    shown = press(counter)
    assert (shown.tone, shown.name, shown.verdict, shown.note) == ("red", "刘明", "没有权限", "请值班长来")
    assert (running.state, kinds(counter)) == ("refused", [])


def test_a_disk_that_takes_nothing_leaves_the_act_failed(counter: Counter) -> None:
    def full(person: str, by: By) -> Shown:
        raise NotDurable("disk full")

    running = counter.acts.errands.begin(Errand("外出", full))
    with pytest.raises(NotDurable):
        press(counter)
    assert running.state == "failed"
    assert press(counter).verdict == "上班 正常"


def test_with_name_and_pin_the_press_is_waited_for_no_longer(counter: Counter) -> None:
    running = counter.acts.errands.begin(going_out(counter))
    counter.acts.errands.by_name(running)
    press(counter, place=2)
    shown = counter.acts.errands.with_pin(running, LIU, PIN)
    assert (shown.verdict, counter.display.frame.shown, running.state) == ("外出", shown, "done")
    assert kinds(counter) == ["punch", "exit"]
    assert counter.of("exit")[0].body["by"] == "own_pin"


def test_a_wrong_pin_leaves_the_errand_open_and_a_right_one_does_it_once(counter: Counter) -> None:
    running = counter.acts.errands.begin(going_out(counter))
    with pytest.raises(Refused, match="已经结束"):
        counter.acts.errands.with_pin(running, LIU, PIN)  # a press is still waited for
    counter.acts.errands.by_name(running)
    with pytest.raises(PinRefused, match="还可以再试 4 次"):
        counter.acts.errands.with_pin(running, LIU, "999888")
    counter.acts.errands.with_pin(running, LIU, PIN)
    with pytest.raises(Refused, match="已经结束"):
        counter.acts.errands.with_pin(running, LIU, PIN)
    assert kinds(counter) == ["exit"]


def test_without_a_module_name_and_pin_are_asked_for_at_once(counter: Counter) -> None:
    counter.lose_reader()
    running = counter.acts.errands.begin(going_out(counter))
    assert running.state == "named"
    counter.acts.errands.with_pin(running, CHEN, PIN)
    assert kinds(counter) == ["exit"]


def test_many_presses_at_once_are_one_exit_and_punches(counter: Counter) -> None:
    counter.acts.errands.begin(going_out(counter))
    at = time.monotonic_ns()
    threads = [threading.Thread(target=counter.punching.heard, args=(Touch(1, 120, at),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kinds(counter)) == ["exit", *["punch"] * 7]


@pytest.mark.parametrize(("way", "words", "tone"), [("out", "外出", "blue"), ("back", "返回", "green")])
def test_the_word_for_going_out_and_coming_back(counter: Counter, way: str, words: str, tone: str) -> None:
    press(counter)
    shown = register(counter.punching, LIU, "out" if way == "out" else "back", "finger")
    assert (shown.verdict, shown.tone, shown.name) == (words, tone, "刘明")
    assert Exit.model_validate(counter.of("exit")[-1].body).way == way


def test_an_exit_is_no_press_of_the_day(counter: Counter) -> None:
    register(counter.punching, LIU, "out", "finger")
    counter.wait(minutes=10)
    assert press(counter).verdict == "上班 正常"
