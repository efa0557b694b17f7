"""Answering a finding at the screen: one's own and nobody else's, recorded before it is said, hub or no hub."""

from pathlib import Path

import pytest

from station.errors import NotDurable
from tests.station.counters import CHEN, F1, F2, F3, LIU, WANG, ZHAO, Counter, papers, question
from tests.station.test_answering import acknowledge
from tests.web_kiosk.test_acts import PIN, Screen


@pytest.fixture
def screen(tmp_path: Path) -> Screen:
    """The papers ask 刘明 twice and 王芳 once; 赵强, who has a PIN, nothing."""
    asked = [question(), question(F2, minutes=5), question(F3, WANG)]
    return Screen(Counter(tmp_path, papers(questions=asked), pins={CHEN: PIN, ZHAO: PIN}))


def arrive(screen: Screen, place: int = 1) -> str:
    """Ask for one's own and press a finger; the page that opens."""
    screen.get("/kiosk/ask")
    assert "查看巡查问题" in screen.send(to="/kiosk/answers")
    screen.press(place)
    return screen.get("/kiosk/finger")


def test_a_person_sees_theirs_answers_and_hears_whether_it_has_gone(screen: Screen) -> None:
    words = arrive(screen)
    assert (screen.path, words.count("去说明"), "3月2日（一） 09:34 · 12 号窗口" in words) == (
        "/kiosk/answers",
        2,
        True,
    )
    assert screen.kinds() == [], "looking at it records nothing, and is no punch"
    words = screen.get(f"/kiosk/answers/{F1}")
    assert "万州 巡查 第五条" in words
    words = screen.send(ticked="不是本人", reason="当时在二楼")
    (fact,) = screen.counter.of("request")
    assert fact.body["fields"] == {"finding": F1, "reason": "不是本人，当时在二楼", "by": "finger"}
    assert (screen.path, f"说明已记录 · 编号 {fact.seq}" in words, "已说明，待送达" in words) == (
        "/kiosk/answers", True, True,
    )  # fmt: skip
    acknowledge(screen.counter)
    assert "已说明，已送达" in screen.get("/kiosk/answers")
    assert "补充说明" in screen.get(f"/kiosk/answers/{F1}")
    assert "已说明 3月2日（一） 08:00" in screen.words
    screen.send(reason="还有监控可查")
    assert len(screen.counter.of("request")) == 2


def test_an_empty_answer_comes_back_with_the_form(screen: Screen) -> None:
    arrive(screen)
    screen.get(f"/kiosk/answers/{F1}")
    words = screen.send(reason="  ")
    assert (screen.status, "没有填说明" in words, "12 号窗口" in words, screen.kinds()) == (422, True, True, [])
    screen.send(ticked="不是本人")
    assert screen.kinds() == ["request"]


def test_nobody_sees_another_persons(screen: Screen) -> None:
    assert "没有需要您说明" not in arrive(screen, place=2)
    for path in (f"/kiosk/answers/{F1}", "/kiosk/answers/made-up"):
        assert "不是您的" in screen.get(path)
        assert screen.status == 422
    screen.get("/kiosk")
    for path in ("/kiosk/answers", f"/kiosk/answers/{F3}"):
        screen.get(path)
        assert (screen.path, "脱岗" in screen.words) == ("/kiosk/ask", False), "the one before has left"


def test_by_name_and_pin_and_with_nothing_to_answer(screen: Screen) -> None:
    screen.counter.lose_reader()
    screen.get("/kiosk/ask")
    screen.send(to="/kiosk/answers")
    assert screen.path == "/kiosk/who"
    screen.get(f"/kiosk/pin/{ZHAO}")
    assert "没有需要您说明的巡查问题" in screen.send(code=PIN)
    assert (screen.path, screen.kinds()) == ("/kiosk/answers", [])


def test_what_is_judged_while_the_form_is_open_is_kept_and_said_so(screen: Screen) -> None:
    arrive(screen)
    screen.get(f"/kiosk/answers/{F1}")
    screen.counter.held = papers(questions=[question(F2)])
    words = screen.send(ticked="不是本人")
    assert "这条已由督查部门处理，说明附在后面" in words
    assert screen.kinds() == ["request"]


def test_a_disk_that_takes_nothing_says_so(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    arrive(screen)
    screen.get(f"/kiosk/answers/{F1}")

    def full(_body: object) -> None:
        raise NotDurable("磁盘已满")

    monkeypatch.setattr(screen.counter.journal, "append", full)
    words = screen.send(ticked="不是本人")
    assert "未能记录：本机磁盘写不进" in words
    assert "说明已记录" not in words
    assert (screen.kinds(), screen.counter.answering.waiting(LIU)) == ([], 2)


def test_the_answer_of_a_press_has_its_line_on_the_screen(screen: Screen) -> None:
    screen.press()
    assert "您有 2 条巡查问题待说明，请点“请假 / 说明”" in screen.get("/kiosk")
