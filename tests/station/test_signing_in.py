"""When signing in stands for pressing (taigu:attendance:1), who may vouch for whom, and what is recorded."""

from datetime import timedelta
from pathlib import Path

import pytest

from config.errors import Refused
from station.papers import DutyDay
from station.pins import PinRefused
from tests.station.counters import CHEN, HEAD, LIU, MONDAY, SUN, WANG, ZHAO, ZHOU, Counter, papers

PIN = "204816"
EVERYBODYS = dict.fromkeys((LIU, WANG, CHEN, ZHAO, SUN, ZHOU, HEAD), PIN)


def witnesses(counter: Counter, person: str) -> list[str]:
    return [each.name for each in counter.acts.signing_in.ways(counter.who(person)).witnesses]


def test_it_opens_when_the_module_is_lost_and_closes_when_it_is_back(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    signing = counter.acts.signing_in
    states = []
    for turn in (counter.lose_reader, counter.find_reader, counter.lose_reader):
        states.append(signing.is_open)
        turn()
    assert [*states, signing.is_open] == [False, True, False, True]


def test_it_is_opened_by_hand_for_the_day_also_across_a_restart(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    counter.acts.signing_in.turn(True)
    assert counter.acts.signing_in.is_open
    assert counter.display.frame.signing
    counter.close()
    later = Counter(tmp_path, at=MONDAY + timedelta(hours=5))
    assert later.acts.signing_in.is_open
    assert later.display.frame.signing
    later.acts.signing_in.turn(False)
    assert not later.acts.signing_in.is_open
    later.acts.signing_in.turn(True)
    later.close()
    tomorrow = Counter(tmp_path, at=MONDAY + timedelta(days=1))
    assert not tomorrow.acts.signing_in.is_open
    tomorrow.close()


# Who signs in on Monday → who may vouch for them: duty leader of the day, supervision, the head of their own window.
VOUCH = [
    (LIU, ["陈静", "孙丽", "赵强"]),
    (WANG, ["陈静", "孙丽", "吴霞"]),
    (ZHAO, ["陈静", "孙丽"]),  # never themselves
    (CHEN, ["孙丽"]),
    (SUN, ["陈静"]),
    (ZHOU, ["陈静", "孙丽"]),
]


@pytest.mark.parametrize(("person", "vouch"), VOUCH)
def test_who_may_vouch(tmp_path: Path, person: str, vouch: list[str]) -> None:
    counter = Counter(tmp_path, pins=EVERYBODYS)
    counter.lose_reader()
    assert witnesses(counter, person) == vouch


def test_whom_the_roster_names_today_is_asked_first(tmp_path: Path) -> None:
    days = [DutyDay(day=MONDAY.date(), person=SUN), DutyDay(day=MONDAY.date() + timedelta(days=1), person=HEAD)]
    counter = Counter(tmp_path, pins=EVERYBODYS, held=papers(duty=days))
    counter.lose_reader()
    assert witnesses(counter, LIU) == ["孙丽", "陈静", "赵强"]


def test_mondays_duty_leader_does_not_vouch_on_tuesday_and_nobody_without_a_pin_here(tmp_path: Path) -> None:
    counter = Counter(tmp_path, at=MONDAY + timedelta(days=1), pins={CHEN: PIN, SUN: PIN})
    counter.lose_reader()
    assert witnesses(counter, LIU) == ["孙丽"]


def test_a_witness_signs_for_somebody_and_the_word_is_that_of_a_press(tmp_path: Path) -> None:
    counter = Counter(tmp_path, pins={CHEN: PIN}, at=MONDAY + timedelta(minutes=72))  # 09:12
    counter.lose_reader()
    shown = counter.acts.signing_in.sign(counter.who(LIU), PIN, counter.who(CHEN))
    assert (shown.name, shown.verdict, shown.tone) == ("刘明", "迟到 12 分钟", "amber")
    (fact,) = counter.of("sign_in")
    assert fact.body == {"person": LIU, "by": "witness", "witness": CHEN, "direction": None}
    assert shown.seq == fact.seq
    assert counter.display.frame.shown == shown


def test_with_the_own_pin_no_witness_is_needed(tmp_path: Path) -> None:
    counter = Counter(tmp_path, pins={LIU: PIN})
    counter.lose_reader()
    assert counter.acts.signing_in.sign(counter.who(LIU), PIN).verdict == "上班 正常"
    assert counter.of("sign_in")[0].body["by"] == "own_pin"


def test_a_signing_in_counts_as_a_press_for_the_next_word(tmp_path: Path) -> None:
    counter = Counter(tmp_path, pins={LIU: PIN})
    counter.lose_reader()
    counter.acts.signing_in.sign(counter.who(LIU), PIN)
    counter.wait(seconds=30)
    assert counter.acts.signing_in.sign(counter.who(LIU), PIN).verdict == "已打过卡"
    counter.wait(hours=4, minutes=2)
    assert counter.acts.signing_in.sign(counter.who(LIU), PIN).verdict == "下班 正常"


def test_a_wrong_pin_of_the_witness_signs_nobody_in(tmp_path: Path) -> None:
    counter = Counter(tmp_path, pins={CHEN: PIN})
    counter.lose_reader()
    with pytest.raises(PinRefused):
        counter.acts.signing_in.sign(counter.who(LIU), "975310", counter.who(CHEN))
    assert counter.of("sign_in") == []


@pytest.mark.parametrize("witness", [LIU, WANG, HEAD, ZHOU])
def test_who_may_not_vouch_is_refused_even_with_the_right_pin(tmp_path: Path, witness: str) -> None:
    counter = Counter(tmp_path, pins=EVERYBODYS)
    counter.lose_reader()
    with pytest.raises(Refused, match="不能作证"):
        counter.acts.signing_in.sign(counter.who(LIU), PIN, counter.who(witness))
    assert counter.of("sign_in") == []


def test_nobody_to_vouch_and_no_pin_is_a_paper_sheet(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    counter.lose_reader()
    with pytest.raises(Refused, match="纸质签到表"):
        counter.acts.signing_in.ways(counter.who(LIU))


def test_while_the_module_is_well_only_who_has_no_finger_here_signs_in(tmp_path: Path) -> None:
    counter = Counter(tmp_path, pins=EVERYBODYS)
    signing = counter.acts.signing_in
    assert {LIU, WANG}.isdisjoint(each.id for each in signing.people())
    with pytest.raises(Refused, match="请直接按手指"):
        signing.sign(counter.who(LIU), PIN)
    with pytest.raises(Refused, match="不能作证"):
        signing.sign(counter.who(ZHAO), PIN, counter.who(CHEN))
    assert signing.sign(counter.who(ZHAO), PIN).name == "赵强"
    assert [fact.body["person"] for fact in counter.of("sign_in")] == [ZHAO]


def test_no_finger_and_no_pin_on_a_usual_day_says_where_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"还没有 PIN.*请找值班长"):
        (counter := Counter(tmp_path)).acts.signing_in.ways(counter.who(ZHAO))
