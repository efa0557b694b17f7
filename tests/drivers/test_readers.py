"""One sweep over every reader of the catalogue, on simulated modules over a real pty."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.errors import Refused
from drivers.catalogue import READERS, open_reader
from drivers.contract import EnrolStep, FingerReader, Light, NoMatch, ReaderState, Step, Touch
from drivers.errors import DeviceBusy, DeviceGone, DeviceRefused, DuplicateFinger
from drivers.fingerprint import enrolment
from drivers.sim.zfm import ZfmSimulator
from tests.drivers.conftest import Open, Plug, enrol, lifted, touch

PAIRS = [(name, model) for name in READERS for model in ("zfm20", "r307", "as608", "r503", "zw101")]


@pytest.fixture(params=PAIRS, ids=["-".join(pair) for pair in PAIRS])
def both(request: pytest.FixtureRequest, plug: Plug, opened: Open) -> tuple[FingerReader, ZfmSimulator]:
    """A reader on a module, for each backend and model."""
    name, model = request.param
    simulator = plug(model)
    return opened(name, simulator.port), simulator


Both = tuple[FingerReader, ZfmSimulator]


def test_a_day_of_a_reader(both: Both) -> None:
    """Enrol, touch, lift, touch again, a stranger, forget: the whole contract once."""
    reader, simulator = both
    assert isinstance(reader, FingerReader)
    info = reader.info()
    assert (info.capacity, info.stored) == (simulator.model.capacity, 0)
    assert reader.places() == frozenset()
    steps = enrol(reader, simulator, "anna", 7)
    assert [steps.count(step) for step in Step] == [info.captures, 0, info.captures, info.captures - 1, 1, 1]
    assert steps[-2:] == [Step.STORED, Step.VERIFIED]
    assert reader.places() == {7}
    assert reader.info().stored == 1
    lifted(reader, simulator)
    before = time.monotonic_ns()
    simulator.finger("anna")
    seen = touch(reader)
    assert isinstance(seen, Touch)
    assert seen.place == 7
    assert seen.score >= info.score_floor
    assert before < seen.at_monotonic_ns < time.monotonic_ns()
    assert touch(reader, 0.15) is None, "a finger that lies on is not touched again"
    lifted(reader, simulator)
    simulator.finger("bert")
    stranger = touch(reader)
    assert isinstance(stranger, NoMatch)
    assert stranger.reason == "unknown"
    simulator.lift()
    reader.forget(7)
    reader.forget(7)
    assert reader.places() == frozenset()
    assert reader.state is ReaderState.READY


def test_a_finger_is_enrolled_once(both: Both) -> None:
    reader, simulator = both
    enrol(reader, simulator, "anna", 3)
    lifted(reader, simulator)
    with pytest.raises(DuplicateFinger) as twice:
        enrol(reader, simulator, "anna", 4)
    assert twice.value.place == 3
    assert "3" in str(twice.value)
    assert reader.places() == {3}


def test_two_fingers_make_no_template(both: Both) -> None:
    reader, simulator = both
    with pytest.raises(DeviceRefused) as mixed:
        _enrol_another_finger_each_time(reader, simulator)
    assert mixed.value.code == 0x0A
    assert reader.places() == frozenset()


def _enrol_another_finger_each_time(reader: FingerReader, simulator: ZfmSimulator) -> None:
    for number, one in enumerate(reader.enrol(5)):
        if one.step is Step.PUT:
            simulator.finger(f"finger {number}")
        elif one.step is Step.LIFT:
            simulator.lift()


@pytest.mark.parametrize("stop_at", [Step.PUT, Step.CAPTURED, Step.LIFT, Step.STORED])
def test_an_enrolment_closed_midway_leaves_nothing(both: Both, stop_at: Step) -> None:
    reader, simulator = both
    _until(reader.enrol(5), simulator, stop_at)
    assert reader.places() == frozenset()
    simulator.lift()
    assert reader.wait_touch(time.monotonic() + 0.1) is None
    assert enrol(reader, simulator, "anna", 5)[-1] is Step.VERIFIED


def _until(steps: Iterator[EnrolStep], simulator: ZfmSimulator, stop_at: Step) -> None:
    for one in steps:
        if one.step is stop_at:
            break
        if one.step is Step.PUT:
            simulator.finger("anna")
        elif one.step is Step.LIFT:
            simulator.lift()
    steps.close()  # type: ignore[attr-defined]


@pytest.fixture(params=list(READERS))
def one(request: pytest.FixtureRequest, plug: Plug, opened: Open) -> Both:
    """Each reader on a ZFM-20."""
    simulator = plug()
    return opened(str(request.param), simulator.port), simulator


def test_places_that_cannot_be_used_are_refused(one: Both) -> None:
    reader, simulator = one
    simulator.enrol("anna", 2)
    for place, code in ((2, 0x22), (1000, 0x0B), (-1, 0x0B)):
        with pytest.raises(DeviceRefused) as refusal:
            next(reader.enrol(place))
        assert refusal.value.code == code
    assert reader.places() == {2}


def test_nobody_comes_to_enrol(one: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrolment, "FINGER_SECONDS", 0.1)
    reader, _ = one
    with pytest.raises(DeviceRefused) as late:
        list(reader.enrol(1))
    assert late.value.code == 0x26


def test_a_second_enrolment_waits_for_the_first(one: Both) -> None:
    reader, _ = one
    first = reader.enrol(1)
    assert next(first).step is Step.PUT
    with pytest.raises(DeviceBusy):
        next(reader.enrol(2))
    first.close()  # type: ignore[attr-defined]
    assert next(reader.enrol(2)).step is Step.PUT


def test_no_touch_is_reported_while_somebody_enrols(one: Both) -> None:
    reader, simulator = one
    simulator.enrol("bert", 9)
    steps = reader.enrol(1)
    next(steps)
    simulator.finger("bert")
    assert reader.wait_touch(time.monotonic() + 0.1) is None
    steps.close()  # type: ignore[attr-defined]
    assert isinstance(touch(reader), Touch)


def test_a_weak_match_is_no_match(plug: Plug, opened: Open) -> None:
    simulator = plug()
    simulator.enrol("anna", 1)
    reader = opened("zfm", simulator.port, score_floor=201)
    simulator.finger("anna")
    seen = touch(reader)
    assert isinstance(seen, NoMatch)
    assert seen.reason == "weak"


def test_light(plug: Plug, opened: Open) -> None:
    simulator = plug("r503")
    reader = opened("zfm", simulator.port)
    assert reader.light(Light.GOOD)
    assert simulator.brain.light == bytes((2, 0x20, 3, 2))
    assert not opened("zfm", plug("zfm20").port).light(Light.GOOD)


def test_the_other_dialect_never_hears_what_means_something_else_there(plug: Plug, opened: Open) -> None:
    """35 is the light of Grow modules and a handshake of Synochip ones; 3C the other way round."""
    simulator = plug("zw101")
    reader = opened("zfm", simulator.port)
    assert reader.info().dialect == "zfm"
    assert not reader.light(Light.GOOD)
    assert simulator.brain.light == b""


def test_unknown_names_and_settings_are_refused_with_the_nearest_spelling() -> None:
    with pytest.raises(Refused, match="zfm"):
        open_reader("zmf", port="/dev/null")
    with pytest.raises(Refused, match="baud"):
        open_reader("zfm", port="/dev/null", buad=9600)
    with pytest.raises(Refused, match="port"):
        open_reader("zfm")


def test_a_missing_port_says_so(tmp_path: Path) -> None:
    with pytest.raises(DeviceGone, match="没有找到串口") as gone:
        open_reader("zfm", port=str(tmp_path / "ttyUSB9"))
    assert isinstance(gone.value, OSError)


def test_a_file_is_no_port(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DeviceGone, match="不是可用的串口"):
        open_reader("zfm", port=str(tmp_path / "file"))


def test_a_port_is_held_by_one_process(plug: Plug, opened: Open) -> None:
    simulator = plug()
    first = opened("zfm", simulator.port)
    with pytest.raises(DeviceBusy, match="占用"):
        open_reader("zfm", port=simulator.port)
    first.close()
    assert opened("zfm", simulator.port).places() == frozenset()
