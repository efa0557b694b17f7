"""A result is signalled after its fact, by light, beep and voice, and never holds up the next press."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.errors import BadFile
from config.settings import load_station
from drivers.catalogue import open_reader
from drivers.contract import Light, NoMatch, Touch
from drivers.sim.zfm import ZfmSimulator
from station.display import Display, Shown
from station.facts import Enrolled
from station.journal import Journal, Reader
from station.loops.signal import Render, Signal
from station.papers import Person
from station.places import Places
from station.punching import Punching
from station.signalling import Given, Signalling, mood_of
from station.voice import clip, missing, reading, readings, said, surplus, wanted
from tests.builders import LIU, clock
from tests.station.test_punching import PAPERS

WAIT_S = 10.0
NAMES = {"刘明": "liu2 ming2"}


def shown(kind: str = "on_time", name: str = "刘明", tone: str = "green", seq: int = 7) -> Shown:
    return Shown(tone, name, "上班 正常", "", "08:58:59", seq, kind=kind)  # type: ignore[arg-type]


class Door:
    """A panel and a player that note what reached them."""

    def __init__(self) -> None:
        self.moods: list[Light] = []
        self.played: list[list[Path]] = []
        self.busy = False

    def show(self, mood: Light) -> None:
        self.moods.append(mood)

    def play(self, clips: Sequence[Path]) -> bool:
        if clips and not self.busy:
            self.played.append(list(clips))
        return bool(clips) and not self.busy


def with_clips(folder: Path, *texts: str) -> None:
    for text in texts:
        clip(folder, text).parent.mkdir(exist_ok=True)
        clip(folder, text).write_bytes(b"RIFF")


MOODS = [("green", Light.GOOD), ("amber", Light.GOOD), ("blue", Light.GOOD), ("red", Light.BAD)]


@pytest.mark.parametrize(("tone", "mood"), MOODS)
def test_only_red_is_a_failure(tone: str, mood: Light) -> None:
    assert mood_of(shown(tone=tone)) is mood


SAID = [
    (shown("on_time"), ["liu2 ming2", "shang4ban1 da3ka3 cheng2gong1"]),
    (shown("late", tone="amber"), ["liu2 ming2", "chi2dao4, yi3 ji4lu4"]),
    (shown("no_match", "没有识别", "red"), ["mei2you3 shi2bie2, qing3 chong2 an4"]),
    (shown("ask_duty_leader", "没有识别", "red"), ["qing3 zhao3 zhi2ban1zhang3 qian1dao4"]),
    (shown("on_time", "*明"), ["shang4ban1 da3ka3 cheng2gong1"]),
    (shown("", tone="amber"), ["liu2 ming2", "qing3 kan4 ping2mu4"]),
    (shown("", "管理", "blue"), []),
]


@pytest.mark.parametrize(("result", "texts"), SAID)
def test_what_is_said(result: Shown, texts: list[str]) -> None:
    assert said(result, NAMES) == texts


def test_names_are_read_as_the_papers_say_and_a_doubtful_one_is_left_unsaid() -> None:
    people = [
        Person(id="a", name="刘明", spoken="liu2 ming2"),
        Person(id="b", name="单雄", spoken="shan4 xiong2"),
        Person(id="c", name="单雄", spoken="dan1 xiong2"),
        Person(id="d", name="赵六"),
        Person(id="e", name="王妈", spoken="Wang2 ma"),
    ]
    assert readings(PAPERS.model_copy(update={"people": people})) == {
        "刘明": "liu2 ming2", "单雄": "", "王妈": "wang2 ma5",
    }  # fmt: skip
    assert readings(None) == {}
    assert reading("nu:3 shi4") == "nü3 shi4"


def test_a_name_without_its_clip_is_left_out_and_a_busy_voice_says_nothing(tmp_path: Path) -> None:
    door = Door()
    signalling = Signalling(tmp_path, lambda: None, lambda: NAMES, door, door)
    assert signalling.give(shown()) == Given(7, Light.GOOD, False, ())
    with_clips(tmp_path, "shang4ban1 da3ka3 cheng2gong1")
    assert signalling.give(shown()).spoken == ("shang4ban1 da3ka3 cheng2gong1",)
    with_clips(tmp_path, "liu2 ming2")
    signalling.give(shown())
    door.busy = True
    assert signalling.give(shown()).spoken == ()
    assert [len(clips) for clips in door.played] == [1, 2]
    assert door.moods == [Light.GOOD] * 4


def test_without_panel_and_voice_nothing_fails(tmp_path: Path) -> None:
    assert Signalling(tmp_path, lambda: None, dict, None, None).give(shown()).spoken == ()


def test_the_modules_own_light_shows_the_mood(tmp_path: Path) -> None:
    with ZfmSimulator("r503") as module:
        reader = open_reader("zfm", port=module.port)
        signalling = Signalling(tmp_path, lambda: reader, dict, None, None)
        assert signalling.give(shown()).lit
        module.fault("gone")
        assert not signalling.give(shown()).lit, "a module that went is no reason to fail"
        reader.close()


class Slow(Signalling):
    """Signals that take until somebody lets them end; notes the journal's head when each began."""

    def __init__(self, folder: Path, facts: Reader) -> None:
        super().__init__(folder, lambda: None, dict, None, None)
        self._facts = facts
        self.began: list[tuple[int, int]] = []
        self.begun, self.may_end = threading.Semaphore(0), threading.Semaphore(0)

    def give(self, shown: Shown) -> Given:
        self.began.append((shown.seq, self._facts.head_seq()))
        self.begun.release()
        assert self.may_end.acquire(timeout=WAIT_S)
        return super().give(shown)


def test_signals_begin_after_the_fact_never_hold_up_a_press_and_the_newest_wins(tmp_path: Path) -> None:
    journal = Journal(tmp_path, clock())
    journal.append(Enrolled(person=LIU, place=1))
    facts, stop = Reader(journal.path), threading.Event()
    display = Display("站", False, lambda: datetime(2026, 3, 2, 9, tzinfo=UTC))
    punching = Punching(journal, facts, Places(facts.of_kinds("enrolled")), lambda: PAPERS, display, display.now)
    slow = Slow(tmp_path, facts)
    loop = threading.Thread(target=Signal(display, slow).run, args=(stop,))
    loop.start()
    first = punching.heard(Touch(1, 120, 0))
    assert slow.begun.acquire(timeout=WAIT_S)
    for _ in range(5):  # none of these waits for the first one's signal, which has not ended
        punching.heard(NoMatch(0))
    last = punching.heard(Touch(1, 120, 0))
    slow.may_end.release()
    assert slow.begun.acquire(timeout=WAIT_S)
    slow.may_end.release()
    stop.set()
    loop.join(WAIT_S)
    assert [seq for seq, _ in slow.began] == [first.seq, last.seq]
    assert all(seq <= head for seq, head in slow.began)
    facts.close()
    journal.close()


def test_clips_are_made_once_and_those_of_people_who_left_are_deleted(tmp_path: Path) -> None:
    render, stop = Render(tmp_path, dict), threading.Event()
    assert render.step(NAMES, stop)
    texts = wanted(NAMES)
    assert missing(tmp_path, texts) == []
    made = {path: path.stat().st_mtime_ns for path in (tmp_path / "voice").iterdir()}
    assert set(made) == {clip(tmp_path, text) for text in texts}
    assert render.step(NAMES, stop)
    assert made == {path: path.stat().st_mtime_ns for path in (tmp_path / "voice").iterdir()}
    assert render.step({"王芳": "wang2 fang1", "Bob": "bob"}, stop)
    assert not clip(tmp_path, "liu2 ming2").exists()
    assert clip(tmp_path, "wang2 fang1").exists()
    assert surplus(tmp_path, wanted({"王芳": "wang2 fang1"})) == []


def test_without_the_renderer_it_is_tried_again_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not Render(tmp_path, dict).step(NAMES, threading.Event())
    assert missing(tmp_path, wanted(NAMES)) == wanted(NAMES)


def settings(folder: Path, text: str) -> object:
    (folder / "station.toml").write_text(f"[signals]\n{text}\n", encoding="utf-8")
    return load_station(folder).signals.pins()


def test_signals_are_off_unless_set(tmp_path: Path) -> None:
    assert settings(tmp_path, "") == {}
    assert settings(tmp_path, 'led_green = 17\nbuzzer = "none"') == {"led_green": 17}


@pytest.mark.parametrize(
    ("text", "words"),
    [("led_green = 17\nled_red = 17", "同一个引脚"), ("buzzer = 99", "signals.buzzer"), ('factory = "x"', "factory"),
     ("led_gren = 1", "led_green")],
)  # fmt: skip
def test_settings_that_cannot_be_meant_are_told(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadFile, match=words):
        settings(tmp_path, text)
