"""The faults that break other libraries, on a real pty: each ends with an answer or a typed error, the next call works.

The rows are those seen in pyfingerprint 1.5, adafruit-circuitpython-fingerprint 2.2.25 and afrik-fingerprint 0.1.4.
Times are reported; what is asserted is a generous multiple of the deadline, so a busy machine fails nothing.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from drivers.catalogue import READERS
from drivers.errors import BadPacket, DeviceFault, NoAnswer
from drivers.fingerprint.codes import NO_FINGER, TRAITS, Op
from drivers.fingerprint.link import SETTLE
from drivers.fingerprint.pyfingerprint_backend import DEBTS
from drivers.fingerprint.reader import ModuleReader
from drivers.sim.zfm import ZfmSimulator
from tests.drivers.conftest import Open, Plug

Do = Callable[[Any], Any]
CAPTURE: Do = lambda module: module.capture()  # noqa: E731 - a row of the table
PLACES: Do = lambda module: module.places()  # noqa: E731
SECOND = TRAITS[Op.GEN_IMG].think
GENEROUS = 3


@dataclass(frozen=True)
class Row:
    """What is broken for one answer, what is asked, what must come, and the deadline of that call in seconds."""

    name: str
    fault: str
    do: Do
    gives: Any
    deadline: float = SECOND


# A class of errors as `gives` means that the call ends with it.
ROWS = [
    Row("sensor silent", "silent", CAPTURE, NoAnswer),
    Row("one stray byte before one reply", "stray", CAPTURE, NO_FINGER),
    Row("one bit flipped in a NOFINGER code", "flip", CAPTURE, NO_FINGER),
    Row("reply from another address", "foreign", CAPTURE, NO_FINGER),
    Row("ack cut by 3 bytes", "cut", CAPTURE, NoAnswer),
    Row("ack split in four", "split", CAPTURE, NO_FINGER),
    Row("noise before one reply", "noise", CAPTURE, NO_FINGER),
    Row("command echoed", "echo", CAPTURE, NO_FINGER),
    Row("01 first, then really", "double", CAPTURE, NO_FINGER),
    Row("reply twice", "twice", CAPTURE, NO_FINGER),
    Row("wake notice before one reply", "wake", CAPTURE, NO_FINGER),
    Row("index page garbled", "garbled", PLACES, frozenset({4, 11})),
    Row("index page flipped", "flip", PLACES, frozenset({4, 11})),
]


@pytest.fixture(params=list(READERS))
def backend(request: pytest.FixtureRequest) -> str:
    """Every reader of the catalogue."""
    return str(request.param)


def two_enrolled(plug: Plug, **settings: Any) -> ZfmSimulator:
    """A module with fingers at 4 and 11."""
    simulator = plug(**settings)
    simulator.enrol("anna", 4)
    simulator.enrol("bert", 11)
    return simulator


def ended(call: Callable[[], Any]) -> tuple[Any, float]:
    """What a call gave, or the class of its fault, and how long it took."""
    start = time.monotonic()
    try:
        result = call()
    except DeviceFault as fault:
        result = type(fault)
    return result, time.monotonic() - start


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_row(row: Row, backend: str, plug: Plug, opened: Open, record_property: Callable[[str, object], None]) -> None:
    simulator = two_enrolled(plug)
    reader: Any = opened(backend, simulator.port)
    simulator.fault(row.fault, times=1)
    result, seconds = ended(lambda: reader.call(row.do))
    record_property("seconds", round(seconds, 3))
    assert result == row.gives
    assert seconds < GENEROUS * row.deadline
    simulator.heal()
    following, seconds = ended(lambda: reader.call(PLACES))
    record_property("next", round(seconds, 3))
    assert following == frozenset({4, 11})
    assert seconds < GENEROUS * SETTLE


def test_a_late_well_is_no_finger(backend: str, plug: Plug, opened: Open) -> None:
    """One reply 2.6 s late: GenImg's 00 comes after the finger has left, and the calls after it see an empty glass."""
    simulator = two_enrolled(plug)
    reader: Any = opened(backend, simulator.port)
    simulator.finger("anna")
    simulator.fault("late", times=1)
    result, seconds = ended(lambda: reader.call(CAPTURE))
    assert result is NoAnswer
    assert seconds < GENEROUS * SECOND
    simulator.lift()
    assert [reader.call(CAPTURE) for _ in range(3)] == [NO_FINGER] * 3
    assert reader.wait_touch(time.monotonic() + 0.2) is None


def test_forty_bytes_lost_in_a_template(plug: Plug, opened: Open) -> None:
    """The reading is repeated once; if bytes are lost again it is an error, never a shorter template."""
    simulator = two_enrolled(plug)
    reader: Any = opened("zfm", simulator.port)
    whole = reader.call(_loaded)
    assert len(whole) == 512
    simulator.fault("lost", times=3)  # the acknowledgement is too short to lose bytes, two data packets are not
    assert reader.call(_loaded) == whole
    simulator.fault("lost")
    assert ended(lambda: reader.call(_loaded))[0] in (BadPacket, NoAnswer)
    simulator.heal()
    assert reader.call(_loaded) == whole


def _loaded(module: Any) -> bytes:
    module.link.tell(Op.LOAD_CHAR, b"\1\0\4")
    return bytes(module.read_template(1))


@pytest.mark.parametrize("packet", [32, 64, 128, 256])
@pytest.mark.parametrize("size", [512, 768, 810, 1536])
def test_templates_of_any_size_in_packets_of_any_size(packet: int, size: int, plug: Plug, opened: Open) -> None:
    simulator = two_enrolled(plug, template_size=size, packet_size=packet)
    reader: Any = opened("zfm", simulator.port)
    template = reader.call(_loaded)
    assert len(template) == size
    reader.call(lambda module: module.write_template(2, template))
    reader.call(lambda module: module.link.tell(Op.STORE, b"\2" + (500).to_bytes(2)))
    assert simulator.brain.flash.templates[500] == template


def test_capacity_of_3000(backend: str, plug: Plug, opened: Open) -> None:
    simulator = plug("r301")
    for place in (0, 255, 256, 1023, 1024, 2999):
        simulator.enrol(f"finger {place}", place)
    reader = opened(backend, simulator.port)
    simulator.finger("finger 2999")
    found = reader.wait_touch(time.monotonic() + 5)
    if backend == "pyfingerprint":
        assert "places beyond 1024" in DEBTS
        assert reader.places() == {0, 255, 256, 1023}
        assert reader.info().capacity == 1024
    else:
        assert reader.places() == {0, 255, 256, 1023, 1024, 2999}
        assert reader.info().capacity == 3000
    assert getattr(found, "place", None) == 2999


def test_no_instruction_asks_for_an_image() -> None:
    """Pictures of fingers never leave a module: the driver does not know the codes that would fetch or send one."""
    assert {0x0A, 0x0B}.isdisjoint(int(op) for op in Op)
    assert not [name for name in dir(ModuleReader) if "image" in name or "picture" in name]


def test_two_threads(backend: str, plug: Plug, opened: Open) -> None:
    """Two threads on one reader: every call is done, none fails."""
    simulator = two_enrolled(plug)
    reader = opened(backend, simulator.port)
    answers: list[frozenset[int]] = []

    def ask() -> None:
        answers.extend(reader.places() for _ in range(25))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == [frozenset({4, 11})] * 50


def test_debts_of_the_second_choice_are_real(plug: Plug, opened: Open) -> None:
    """Each debt is shown where it can be: if the library learns it, this fails and the debt is struck off."""
    simulator = plug("r503")
    ours, theirs = _clock_in_bytes(simulator, opened, "zfm"), _clock_in_bytes(simulator, opened, "pyfingerprint")
    assert (ours, theirs) == (82, 82 + 40), "a system page (40 bytes) before each search"
    reader = opened("pyfingerprint", simulator.port)
    assert reader.info().captures == 2
    assert reader.places() == frozenset()
    assert set(DEBTS) == {
        "places beyond 1024", "search in one round trip", "six captures", "light", "fast search",
        "pictures of 192x192",
    }  # fmt: skip


def _clock_in_bytes(simulator: ZfmSimulator, opened: Open, backend: str) -> int:
    """Bytes on the wire, both ways, of one clock-in of an unknown finger."""
    reader = opened(backend, simulator.port)
    simulator.finger("stranger")
    before = simulator.bytes_in + simulator.bytes_out
    assert reader.wait_touch(time.monotonic()) is not None
    after = simulator.bytes_in + simulator.bytes_out
    reader.close()
    simulator.lift()
    return after - before
