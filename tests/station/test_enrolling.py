"""Enrolment at the screen and forgetting on command, with a simulated module on a real line."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.errors import Refused
from drivers.catalogue import open_reader
from drivers.contract import FingerReader
from drivers.sim.zfm import ZfmSimulator
from station.enrolling import CONSENT_VERSION, decline, forget_person
from station.guiding import Progress
from station.obeying import Obeying
from station.papers import Command
from tests.station.counters import LIU, WANG, ZHAO, Counter, papers

FINGER = "左手拇指"


class Bench:
    """A counter with a module before it; 刘明's and 王芳's fingers are in the module too."""

    def __init__(self, folder: Path, module: ZfmSimulator, reader: FingerReader) -> None:
        self.module, self.reader = module, reader
        module.enrol("刘明", 1)
        module.enrol("王芳", 2)
        self.counter = Counter(folder)
        self.counter.reader = reader

    def until(self, words: str) -> Progress:
        """Wait until the screen says so."""
        pause = threading.Event()
        for _ in range(500):
            progress = self.counter.acts.guiding.progress
            if progress and words in progress.words:
                return progress
            pause.wait(0.01)
        raise AssertionError(f"{words!r} was not said, but {progress}")

    def begin(self, person: str = ZHAO) -> None:
        """Start for this person."""
        self.counter.acts.guiding.begin(self.counter.who(person), FINGER)

    def ended(self) -> Progress:
        """Wait for the end."""
        assert self.counter.acts.guiding.ended.wait(10)
        assert self.counter.acts.guiding.progress
        return self.counter.acts.guiding.progress


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A station with its module."""
    with ZfmSimulator() as module:
        reader = open_reader("zfm", port=module.port, poll_seconds=0.005)
        yield Bench(tmp_path / "station", module, reader)
        reader.close()


def test_consent_first_then_presses_then_the_fact(bench: Bench) -> None:
    bench.begin()
    first = bench.until("第 1 次")
    assert (first.pressed, first.of, first.state) == (0, 2, "running")
    bench.module.finger("赵强")
    assert bench.until("抬起").pressed == 1
    bench.module.lift()
    bench.until("第 2 次")
    assert [fact.kind for fact in bench.counter.of("consent", "enrolled")] == ["enrolled", "enrolled", "consent"]
    bench.module.finger("赵强")
    assert (bench.ended().state, bench.ended().words) == ("done", "录入成功")
    consent, enrolled = bench.counter.of("consent", "enrolled")[-2:]
    assert consent.body == {"person": ZHAO, "text_version": CONSENT_VERSION, "given": True, "form": ""}
    assert (enrolled.body["person"], enrolled.body["place"], enrolled.body["finger"]) == (ZHAO, 0, FINGER)
    assert bench.counter.places.person_at(0) == ZHAO
    assert 0 in bench.reader.places()


def test_somebody_elses_finger_is_refused_with_their_name(bench: Bench) -> None:
    bench.begin()
    bench.until("第 1 次")
    bench.module.finger("王芳")
    progress = bench.ended()
    assert (progress.state, progress.words) == ("failed", "这枚手指是王芳的（第 2 号位置）")
    assert progress.remedy
    assert bench.reader.places() == {1, 2}


def test_the_own_finger_again_asks_for_another(bench: Bench) -> None:
    bench.begin(LIU)
    bench.until("第 1 次")
    bench.module.finger("刘明")
    assert (bench.ended().words, bench.ended().remedy) == ("这枚手指已经录过（第 1 号位置）", "请换一枚手指")


def two_fingers(bench: Bench) -> None:
    bench.module.finger("赵强")
    bench.until("抬起")
    bench.module.lift()
    bench.until("第 2 次")
    bench.module.finger("孙丽")


def unplugged(bench: Bench) -> None:
    bench.module.finger("赵强")
    bench.until("抬起")
    bench.module.fault("gone")


def stopped(bench: Bench) -> None:
    bench.module.finger("赵强")
    bench.until("抬起")
    bench.counter.acts.guiding.stop()


BROKEN = [(two_fingers, "不"), (unplugged, "指纹机断开"), (stopped, "已停止，没有录入")]


@pytest.mark.parametrize(("midway", "words"), BROKEN)
def test_whatever_breaks_midway_leaves_the_place_free_and_says_what_to_do(
    bench: Bench, midway: Callable[[Bench], None], words: str
) -> None:
    bench.begin()
    bench.until("第 1 次")
    midway(bench)
    progress = bench.ended()
    assert progress.state == "failed"
    assert words in progress.words
    assert progress.remedy
    bench.module.heal()
    bench.module.lift()
    assert bench.counter.places.of_person(ZHAO) == []
    assert _places(bench.reader) == {1, 2}
    bench.begin()  # and the next one begins at once
    bench.until("第 1 次")
    bench.counter.acts.guiding.stop()
    bench.ended()


def _places(reader: FingerReader) -> frozenset[int]:
    """The module's places, once it is back."""
    pause = threading.Event()
    for _ in range(100):
        try:
            return reader.places()
        except OSError:
            pause.wait(0.05)
    raise AssertionError("the module did not come back")


def test_one_enrolment_at_a_time_and_none_without_a_module(bench: Bench) -> None:
    bench.begin()
    with pytest.raises(Refused, match="正在给赵强录指纹"):
        bench.begin(WANG)
    bench.counter.acts.leave()
    assert bench.ended().state == "failed"
    bench.counter.reader = None
    with pytest.raises(Refused, match="没有连接"):
        bench.begin()
    assert len(bench.counter.of("consent")) == 1


def test_saying_no_is_recorded_and_no_finger_is_asked_for(bench: Bench) -> None:
    decline(ZHAO, journal=bench.counter.journal)
    assert [fact.body["given"] for fact in bench.counter.of("consent")] == [False]
    assert bench.reader.places() == {1, 2}


def test_forgetting_a_person_clears_each_place_and_says_so(bench: Bench) -> None:
    facts = forget_person(
        LIU, "kiosk", journal=bench.counter.journal, reader=bench.reader, places=bench.counter.places
    )  # fmt: skip
    assert [(fact.body["person"], fact.body["place"], fact.body["reason"]) for fact in facts] == [(LIU, 1, "kiosk")]
    assert bench.reader.places() == {2}
    assert bench.counter.places.of_person(LIU) == []


class Commanded:
    """A counter whose papers say so."""

    def __init__(self, bench: Bench, *commands: Command) -> None:
        self.counter, self.bench = bench.counter, bench
        self.counter.held = papers(commands=[each.model_dump() for each in commands])
        self.obeying = self.restarted()

    def restarted(self) -> Obeying:
        """The same after a restart."""
        counter = self.counter
        return Obeying(
            counter.journal, counter.facts, counter.places, lambda: counter.held, lambda: counter.reader
        )  # fmt: skip


FORGET = Command(id="c1", do="forget", person=LIU)


def test_a_command_is_carried_out_once_and_the_fact_names_it(bench: Bench) -> None:
    hall = Commanded(bench, FORGET, Command(id="c2", do="enrol", person=ZHAO, finger=FINGER))
    assert [fact.body for fact in hall.obeying.step()] == [{"person": LIU, "place": 1, "reason": "command:c1"}]
    assert bench.reader.places() == {2}
    assert (hall.obeying.step(), hall.restarted().step()) == ([], [])


def test_a_command_waits_for_the_module(bench: Bench) -> None:
    hall = Commanded(bench, FORGET)
    hall.counter.reader = None
    assert (hall.obeying.step(), len(hall.obeying.waiting())) == ([], 1)
    hall.counter.reader = bench.reader
    assert len(hall.obeying.step()) == 1


def test_a_fault_midway_is_made_up_for_and_a_new_enrolment_is_left_alone(bench: Bench) -> None:
    counter = bench.counter
    _press_in(bench, LIU, "刘明二")
    hall = Commanded(bench, FORGET)
    first, second = counter.places.of_person(LIU)
    bench.module.fault("gone")
    with pytest.raises(OSError):  # noqa: PT011  # whichever of the driver's faults: it is an OSError
        hall.obeying.step()
    bench.module.heal()
    _places(bench.reader)
    assert {fact.body["place"] for fact in hall.restarted().step()} == {first, second}
    _press_in(bench, LIU, "刘明三")
    assert hall.restarted().step() == []
    assert len(counter.places.of_person(LIU)) == 1


def test_a_command_cut_off_between_two_places_goes_on_with_the_rest_only(bench: Bench) -> None:
    counter = bench.counter
    hall = Commanded(bench, FORGET)
    _press_in(bench, LIU, "刘明二")
    old = counter.places.of_person(LIU)
    forgotten = forget_person(LIU, "command:c1", journal=counter.journal, reader=bench.reader, places=counter.places)
    assert [fact.body["place"] for fact in forgotten] == old
    _press_in(bench, LIU, "刘明三")  # agreed to anew after the command was obeyed, before its end was noted
    assert hall.obeying.step() == []
    assert len(counter.places.of_person(LIU)) == 1


def _press_in(bench: Bench, person: str, name: str) -> None:
    bench.begin(person)
    for press in ("第 1 次", "第 2 次"):
        bench.until(press)
        bench.module.finger(name)
        if press == "第 1 次":
            bench.until("抬起")
        else:
            assert bench.ended().state == "done"
        bench.module.lift()
