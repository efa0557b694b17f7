"""What the papers ask people, what they answered here, and what of it the hub has."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from config.errors import Refused
from drivers.contract import Touch
from station.answering import Answering, read_answer
from station.facts import Request
from station.journal import ACKED
from tests.station.counters import F1, F2, F3, LIU, WANG, Counter, papers, question


@pytest.fixture
def counter(tmp_path: Path) -> Counter:
    """A station whose papers ask 刘明 twice and 王芳 once."""
    return Counter(tmp_path, papers(questions=[question(), question(F2, minutes=5), question(F3, WANG)]))


def acknowledge(counter: Counter) -> None:
    """The hub says that it holds everything so far."""
    head = counter.journal.head
    counter.journal.set_state(ACKED, json.dumps({"upto": head.seq, "hash": head.hash}))


def states(counter: Counter, person: str = LIU) -> list[tuple[str, bool, bool]]:
    """Of each question: which, whether it waits, whether the hub has an answer."""
    return [(each.question.id, each.waits, each.delivered) for each in counter.answering.asked(person)]


def test_an_answer_is_a_plain_fact_and_is_shown_with_whether_it_has_gone(counter: Counter) -> None:
    assert (counter.answering.waiting(LIU), states(counter)) == (2, [(F2, True, False), (F1, True, False)])
    shown = counter.answering.answer(LIU, "finger", F1, {"ticked": "不是本人", "reason": "  我在\x00二楼 "})
    (fact,) = counter.of("request")
    assert fact.body == {
        "person": LIU, "asks": "answer", "fields": {"finding": F1, "reason": "不是本人，我在 二楼", "by": "finger"},
    }  # fmt: skip
    assert (shown.name, shown.verdict, shown.note) == ("刘明", "说明已记录", f"编号 {fact.seq}")
    assert (counter.answering.waiting(LIU), states(counter)) == (1, [(F2, True, False), (F1, False, False)])
    acknowledge(counter)
    assert states(counter) == [(F2, True, False), (F1, False, True)]


def test_a_restart_forgets_no_answer_and_a_new_lineage_waits_for_the_hubs_word(counter: Counter) -> None:
    counter.answering.answer(LIU, "own_pin", F1, {"ticked": "不是本人"})
    counter.answering.answer(LIU, "own_pin", F1, {"ticked": "", "reason": "补充"})
    acknowledge(counter)
    again = Answering(counter.journal, counter.facts, lambda: counter.held, counter.now)
    assert [(len(each.said), each.delivered) for each in again.asked(LIU)] == [(0, False), (2, True)]
    counter.journal.fork(0)
    forked = Answering(counter.journal, counter.facts, lambda: counter.held, counter.now)
    assert [(len(each.said), each.delivered) for each in forked.asked(LIU)] == [(0, False), (2, False)]
    counter.held = papers(questions=[question(answered=True)])
    assert [(each.waits, each.delivered) for each in forked.asked(LIU)] == [(False, True)]


def test_what_was_said_elsewhere_waits_no_longer_and_may_be_added_to(counter: Counter) -> None:
    counter.held = papers(questions=[question(answered=True)])
    assert (counter.answering.waiting(LIU), states(counter)) == (0, [(F1, False, True)])
    counter.answering.answer(LIU, "finger", F1, {"ticked": "不是本人"})
    assert len(counter.of("request")) == 1


def test_an_answer_to_what_is_judged_meanwhile_is_kept_and_said_so(counter: Counter) -> None:
    counter.answering.open(LIU, F1)
    counter.held = papers(questions=[])
    shown = counter.answering.answer(LIU, "finger", F1, {"ticked": "不是本人"})
    assert "这条已由督查部门处理，说明附在后面" in shown.note
    assert len(counter.of("request")) == 1


@pytest.mark.parametrize(("person", "finding"), [(LIU, F3), (WANG, F1), (LIU, "made-up"), (LIU, "")])
def test_nobody_answers_what_is_not_asked_of_them(counter: Counter, person: str, finding: str) -> None:
    for act in (
        lambda: counter.answering.open(person, finding),
        lambda: counter.answering.answer(person, "finger", finding, {"ticked": "不是本人"}),
    ):
        with pytest.raises(Refused, match="不是您的") as refused:
            act()
        assert refused.value.remedy
    assert counter.of("request") == []


def test_what_stood_on_another_persons_form_is_not_answered_for_them(counter: Counter) -> None:
    counter.answering.open(WANG, F3)
    counter.held = papers(questions=[])
    with pytest.raises(Refused):
        counter.answering.answer(LIU, "finger", F3, {"ticked": "不是本人"})


ANSWERS = [
    ({"ticked": "不是本人"}, "不是本人"),
    ({"reason": "去打印"}, "去打印"),
    ({"ticked": "不是本人", "reason": "去打印"}, "不是本人，去打印"),
    ({"reason": "长" * 100}, "长" * 100),
    ({}, "没有填说明"),
    ({"ticked": " ", "reason": "\x00 "}, "没有填说明"),
    ({"reason": "长" * 101}, "说明太长"),
    ({"ticked": "不是本人", "reason": "长" * 96}, "说明太长"),
]


@pytest.mark.parametrize(("given", "words"), ANSWERS)
def test_what_makes_an_answer(given: Mapping[str, str], words: str) -> None:
    if words.startswith(("没有", "说明太")):
        with pytest.raises(Refused, match=words) as refused:
            read_answer(given)
        assert refused.value.remedy
    else:
        assert read_answer(given) == words


def test_a_stations_other_requests_are_no_answers_and_those_of_years_ago_are_let_be(counter: Counter) -> None:
    counter.answering.answer(LIU, "finger", F1, {"ticked": "不是本人"})
    counter.journal.append(Request(person=LIU, asks="leave", fields={"finding": F2}))
    counter.wait(days=63)
    again = Answering(counter.journal, counter.facts, lambda: counter.held, counter.now)
    assert again.waiting(LIU) == 2


@pytest.mark.parametrize(("touch", "where"), [(True, "请点“请假 / 说明”"), (False, "请告诉本单位考勤员")])
def test_a_press_says_how_many_wait_for_its_person_and_for_nobody_else(
    counter: Counter, touch: bool, where: str
) -> None:
    counter.display.set_touch(touch)
    assert press(counter, 1) == f"您有 2 条巡查问题待说明，{where}"
    counter.held = papers(questions=[question()])
    assert press(counter, 2) == ""
    counter.answering.answer(LIU, "finger", F1, {"ticked": "不是本人"})
    assert press(counter, 1) == ""


def press(counter: Counter, place: int) -> str:
    counter.wait(minutes=2)
    return counter.punching.heard(Touch(place, 120, 0)).also
