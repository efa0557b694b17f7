"""The listening loop over a real pty: a module that goes and comes back, each turn one fact, no restart."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drivers.catalogue import open_reader
from drivers.contract import FingerReader
from drivers.fingerprint.reader import ModuleReader
from drivers.sim.zfm import ZfmSimulator
from station.display import Display
from station.errors import NotDurable
from station.facts import Body, Enrolled, Fact
from station.journal import Journal, Reader
from station.loops.listen import REOPEN_S, Listen
from station.loops.supervise import Pulse
from station.places import Places
from station.punching import Punching
from tests.builders import LIU, clock

WAIT_S = 30.0
PLACE = 3
FIND_S = 2.0  # a module is found, or given up, within this


class FullDisk(Journal):
    """A journal whose disk is full while `full` is set."""

    full = False

    def append(self, body: Body) -> Fact:
        if self.full:
            raise NotDurable("database or disk is full")
        return super().append(body)


class Bench:
    """A station's listening loop in its thread, with 刘明's finger at a simulated module."""

    def __init__(self, folder: Path) -> None:
        self.module = ZfmSimulator(link=folder / "module").start()
        self.module.enrol("刘明", PLACE)
        self.journal = FullDisk(folder / "station", clock())
        self.journal.append(Enrolled(person=LIU, place=PLACE))
        self.facts = Reader(self.journal.path)
        self.display = Display("站", False, lambda: datetime(2026, 3, 2, 9, tzinfo=UTC))
        places = Places(self.facts.of_kinds("enrolled"))
        punching = Punching(self.journal, self.facts, places, lambda: None, self.display, self.display.now)
        self.opened = 0
        self.stop = threading.Event()
        self.listen = Listen(self._open, punching, self.journal, self.display)
        self.thread = threading.Thread(target=self.listen.run, args=(self.stop,))

    def _open(self) -> FingerReader:
        self.opened += 1
        return open_reader("zfm", port=self.module.port, poll_seconds=0.01)

    def states(self) -> list[str]:
        """The states of the reader that are facts, in order."""
        return [str(fact.body["state"]) for fact in self.facts.of_kinds("device")]

    def until(self, true: Callable[[], bool]) -> None:
        """Wait for frames until one fits."""
        version = 0
        while not true():
            frame = self.display.wait(version, WAIT_S)
            assert frame is not None, (self.display.frame, self.states())
            version = frame.version

    def close(self) -> None:
        self.stop.set()
        if self.thread.is_alive():
            self.thread.join(WAIT_S)
        self.facts.close()
        self.journal.close()
        self.module.stop()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def reader_is(bench: Bench, well: bool) -> Callable[[], bool]:
    """Well, or told to be gone; before the first try it is neither."""
    return lambda: bench.display.frame.reader.well if well else "请用签到" in bench.display.frame.reader.words


def pressed(bench: Bench) -> bool:
    return bench.display.frame.shown is not None


def test_the_longest_way_back_fits_into_five_seconds() -> None:
    assert max(REOPEN_S) + FIND_S <= 5.0
    assert list(REOPEN_S) == sorted(REOPEN_S)


def test_unplugged_and_plugged_in_again_goes_on_by_itself_with_one_fact_a_turn(bench: Bench) -> None:
    bench.thread.start()
    bench.until(reader_is(bench, True))
    bench.module.fault("gone")
    bench.until(reader_is(bench, False))
    assert bench.display.frame.reader.words == "指纹机断开，请用签到"
    tries_when_gone = bench.opened
    while bench.opened < tries_when_gone + 2:  # it keeps trying meanwhile
        assert bench.thread.is_alive()
        threading.Event().wait(0.02)
    bench.module.heal()
    tries = bench.opened  # one of them may be under way still
    bench.until(reader_is(bench, True))
    assert bench.opened - tries <= 2, "the first whole try after it is back finds it"
    bench.module.finger("刘明")
    bench.until(lambda: pressed(bench))
    assert bench.states() == ["ready", "gone", "ready"]
    assert bench.thread.is_alive()


def test_a_module_that_is_away_from_the_start_is_waited_for(bench: Bench) -> None:
    bench.module.fault("gone")
    bench.thread.start()
    bench.until(reader_is(bench, False))
    bench.module.heal()
    bench.until(reader_is(bench, True))
    assert bench.states() == ["gone", "ready"]


def test_noise_and_silence_in_turns_are_one_outage(bench: Bench) -> None:
    bench.thread.start()
    bench.until(reader_is(bench, True))
    for kind in ("silent", "garbled"):
        bench.module.fault(kind)
        bench.until(reader_is(bench, False))
        tries = bench.opened
        while bench.opened < tries + 1:
            threading.Event().wait(0.02)
    bench.module.heal()
    bench.until(reader_is(bench, True))
    states = bench.states()
    assert (states[0], states[-1], states.count("ready")) == ("ready", "ready", 2)
    assert 1 <= len(states[1:-1]) == len(set(states[1:-1]))


class CountingPulse(Pulse):
    """A pulse that counts its beats."""

    beats = 0

    def beat(self) -> None:
        super().beat()
        self.beats += 1


def test_the_loop_shows_life_while_it_waits_and_none_while_its_driver_hangs(bench: Bench) -> None:
    pulse, rest, gate = CountingPulse(bench.stop), threading.Event(), threading.Event()
    bench.thread = threading.Thread(target=bench.listen.run, args=(pulse,))
    bench.thread.start()
    bench.until(reader_is(bench, True))
    before = pulse.beats
    while pulse.beats < before + 5:  # nobody presses, yet it beats
        rest.wait(0.01)
    reader = bench.listen.reader
    assert isinstance(reader, ModuleReader)
    entered = threading.Event()

    def hangs(_: object) -> None:
        entered.set()
        gate.wait(WAIT_S)

    holder = threading.Thread(target=reader.call, args=(hangs,))
    holder.start()
    assert entered.wait(WAIT_S)
    rest.wait(0.1)
    hung = pulse.beats
    rest.wait(0.3)  # some thirty polls, had they gone on
    assert pulse.beats == hung
    gate.set()
    while pulse.beats == hung:
        rest.wait(0.01)
    holder.join(WAIT_S)


def test_a_turn_that_the_disk_did_not_take_is_recorded_as_soon_as_it_does(bench: Bench) -> None:
    bench.thread.start()
    bench.until(reader_is(bench, True))
    bench.journal.full = True
    bench.module.fault("gone")
    bench.until(reader_is(bench, False))
    bench.module.heal()
    bench.until(reader_is(bench, True))
    bench.module.finger("刘明")
    bench.until(lambda: pressed(bench))
    assert bench.display.frame.shown is not None
    assert bench.display.frame.shown.verdict == "请改用签到表", "a press that was not kept is never called kept"
    assert bench.states() == ["ready"]
    bench.journal.full = False
    shown = bench.display.frame.shown
    bench.module.lift()
    threading.Event().wait(0.1)  # some polls of the empty glass
    bench.module.finger("刘明")
    bench.until(lambda: bench.display.frame.shown is not shown)
    assert bench.states() == ["ready", "gone", "ready"]
