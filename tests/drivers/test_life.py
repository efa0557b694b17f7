"""A reader's life: unplugged, replugged, powered off and on, waited for, cancelled, closed."""

import contextlib
import errno
import grp
import os
import threading
import time
import tty
from pathlib import Path
from typing import Any

import pytest

from drivers.catalogue import READERS
from drivers.contract import FingerReader, NoMatch, Step, Touch
from drivers.errors import DeviceBusy, DeviceFault, DeviceGone, DeviceRefused
from drivers.fingerprint.bulk import bulk, set_baud, set_packet_size
from drivers.fingerprint.codes import Op
from drivers.fingerprint.link import Link
from drivers.port import Port, open_fault
from drivers.sim.zfm import ZfmSimulator
from tests.drivers.conftest import Open, Plug, enrol, lifted, touch

BACK_SECONDS = 20.0  # patience on a busy machine; that five do is reckoned in tests/station/test_listen.py


@pytest.fixture(params=list(READERS))
def backend(request: pytest.FixtureRequest) -> str:
    """Every reader of the catalogue."""
    return str(request.param)


def until_touch(reader: FingerReader, seconds: float) -> tuple[Touch | NoMatch | None, list[type[DeviceFault]]]:
    """What the station's loop does: wait, and wait again after each fault. The touch, and the faults on the way."""
    faults: list[type[DeviceFault]] = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if (event := reader.wait_touch(deadline)) is not None:
                return event, faults
        except DeviceFault as fault:
            faults.append(type(fault))
    return None, faults


def test_unplug_and_replug(backend: str, plug: Plug, opened: Open, tmp_path: Path) -> None:
    """The wait ends at once when the port goes; with the same reader it goes on when the port is back."""
    simulator = plug(link=tmp_path / "finger")
    simulator.enrol("anna", 7)
    reader = opened(backend, simulator.port)
    old = (tmp_path / "finger").readlink()
    threading.Timer(0.1, simulator.fault, ("gone",)).start()
    start = time.monotonic()
    with pytest.raises(DeviceGone):
        reader.wait_touch(start + 10)
    assert time.monotonic() - start < 3
    assert reader.state == "gone"
    with pytest.raises(DeviceGone, match="没有找到串口"):
        reader.wait_touch(time.monotonic() + 10)
    holder = os.openpty() if not old.exists() else None  # so that the new pty gets another name
    simulator.heal()
    simulator.finger("anna")
    seen, _ = until_touch(reader, BACK_SECONDS)
    assert isinstance(seen, Touch)
    assert seen.place == 7
    assert reader.state == "ready"
    for fd in holder or ():
        os.close(fd)


def test_reopening_backs_off(plug: Plug, opened: Open, tmp_path: Path) -> None:
    """While the port is away the loop is told so now and then, not thousands of times a second."""
    simulator = plug(link=tmp_path / "finger")
    reader = opened("zfm", simulator.port)
    simulator.fault("gone")
    seen, faults = until_touch(reader, 1.0)
    assert seen is None
    assert set(faults) == {DeviceGone}
    assert 2 <= len(faults) <= 6


def test_power_cycle_in_a_wait(backend: str, plug: Plug, opened: Open) -> None:
    """The module forgets its password check and says 55: the wait goes on."""
    simulator = plug("r503", password=0x1234)
    simulator.enrol("anna", 7)
    reader = opened(backend, simulator.port, password=0x1234)
    threading.Timer(0.1, simulator.power_cycle).start()
    threading.Timer(0.3, simulator.finger, ("anna",)).start()
    seen, _ = until_touch(reader, BACK_SECONDS)
    assert isinstance(seen, Touch)


def test_a_mute_module_is_given_up_and_found_again(plug: Plug, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is `NoAnswer` first; if the check that follows finds silence too the port is reopened."""
    monkeypatch.setattr("drivers.fingerprint.link.SETTLE", 0.3)
    simulator = plug()
    simulator.enrol("anna", 7)
    reader = opened("zfm", simulator.port)
    simulator.fault("silent")
    with pytest.raises(DeviceFault):
        reader.places()
    assert reader.state == "checking"
    with pytest.raises(DeviceGone):
        reader.places()
    assert reader.state == "gone"
    simulator.heal()
    simulator.finger("anna")
    assert isinstance(until_touch(reader, BACK_SECONDS)[0], Touch)


def test_cancel_ends_a_wait_within_one_poll(backend: str, plug: Plug, opened: Open) -> None:
    simulator = plug()
    reader = opened(backend, simulator.port)
    cancel = threading.Event()
    ended: list[Any] = []
    waiting = threading.Thread(target=lambda: ended.append(reader.wait_touch(None, cancel)))
    waiting.start()
    cancel.set()
    waiting.join(20)
    assert ended == [None]
    assert reader.wait_touch(None, cancel) is None, "cancelled before it began"


def test_close_ends_a_wait(plug: Plug, opened: Open) -> None:
    simulator = plug()
    reader = opened("zfm", simulator.port)
    ended: list[Any] = []

    def wait() -> None:
        try:
            ended.append(reader.wait_touch(None, threading.Event()))
        except DeviceGone as gone:
            ended.append(str(gone))

    waiting = threading.Thread(target=wait)
    waiting.start()
    reader.close()
    reader.close()
    waiting.join(20)
    assert ended in (["指纹模块已经关闭"], [None])
    assert reader.state == "closed"
    with pytest.raises(DeviceGone):
        reader.places()


def test_enrolling_while_another_thread_waits(backend: str, plug: Plug, opened: Open) -> None:
    """The station's two threads: one waits for touches for ever, the other enrols. Nobody clocks in by enrolling."""
    simulator = plug()
    reader = opened(backend, simulator.port)
    events: list[Touch | NoMatch] = []
    cancel = threading.Event()

    def listen() -> None:
        while not cancel.is_set():
            if (event := reader.wait_touch(None, cancel)) is not None:
                events.append(event)

    listening = threading.Thread(target=listen)
    listening.start()
    try:
        assert enrol(reader, simulator, "anna", 7)[-1] is Step.VERIFIED
        assert events == []
        _glass_seen_empty(simulator)
        simulator.finger("anna")
        _until(lambda: bool(events))
    finally:
        cancel.set()
        listening.join(5)
    assert [event.place for event in events if isinstance(event, Touch)] == [7]


def _until(true: Any, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    assert true()


def _glass_seen_empty(simulator: ZfmSimulator) -> None:
    """Let some polls go by."""
    polls = simulator.chunks_in
    _until(lambda: simulator.chunks_in >= polls + 3)


@pytest.mark.parametrize("again", [False, True], ids=["same reader", "new reader"])
def test_unplugged_while_enrolling_frees_the_place_when_it_is_back(
    again: bool, plug: Plug, opened: Open, tmp_path: Path
) -> None:
    """Stored, not yet vouched for, then unplugged: the first thing after replugging is to delete it."""
    simulator = plug(link=tmp_path / "finger")
    simulator.enrol("bert", 9)
    reader = opened("zfm", simulator.port)
    with pytest.raises(DeviceGone):
        _enrol_and_pull_the_plug(reader, simulator)
    simulator.heal()
    if again:
        reader.close()
        reader = opened("zfm", simulator.port)
    _until(lambda: _places_or_none(reader) == frozenset({9}))
    assert simulator.brain.flash.templates.keys() == {9}


def test_another_module_at_the_same_port_keeps_its_places(plug: Plug, opened: Open, tmp_path: Path) -> None:
    """The unplugged module does not come back, another one does, with somebody at the very place: nobody is lost."""
    simulator = plug(link=tmp_path / "finger")
    reader = opened("zfm", simulator.port)
    with pytest.raises(DeviceGone):
        _enrol_and_pull_the_plug(reader, simulator)
    other = plug(link=tmp_path / "finger")
    other.enrol("carl", 5)
    other.enrol("dora", 6)
    _until(lambda: _places_or_none(reader) == frozenset({5, 6}))


def _enrol_and_pull_the_plug(reader: FingerReader, simulator: ZfmSimulator) -> None:
    for one in reader.enrol(5):
        if one.step is Step.PUT:
            simulator.finger("anna")
        elif one.step is Step.LIFT:
            simulator.lift()
        elif one.step is Step.STORED:
            assert 5 in simulator.brain.flash.templates
            simulator.fault("gone")


def _places_or_none(reader: FingerReader) -> frozenset[int] | None:
    try:
        return reader.places()
    except DeviceFault:
        return None


def test_an_enrolment_nobody_continues_gives_the_module_free(
    plug: Plug, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator = plug()
    simulator.enrol("anna", 7)
    reader = opened("zfm", simulator.port)
    left = reader.enrol(5)
    next(left)
    monkeypatch.setattr("drivers.fingerprint.enrolment.IDLE_SECONDS", 0.0)
    simulator.finger("anna")
    assert isinstance(touch(reader), Touch)
    with pytest.raises(DeviceBusy):
        next(left)


def test_an_answer_too_many_in_a_touch_is_asked_again(plug: Plug, opened: Open) -> None:
    """Every reply doubled: the touch still comes out right, or not at all."""
    simulator = plug(pace=True)
    simulator.enrol("anna", 7)
    reader = opened("zfm", simulator.port)
    simulator.fault("twice")
    simulator.finger("anna")
    seen, _ = until_touch(reader, BACK_SECONDS)
    simulator.heal()
    assert seen is None or (isinstance(seen, Touch) and seen.place == 7)


def test_rates_addresses_and_passwords_are_found(plug: Plug, opened: Open) -> None:
    for baud in (9600, 57600, 115200):
        reader = opened("zfm", plug(baud=baud, pace=True).port)
        assert reader.info().baud == baud
        reader.close()
    reader = opened("zfm", plug(address=0x01020304).port)
    assert reader.info().address == 0x01020304
    reader = opened("zfm", plug(address=0x01020304, quiet_to_strangers=True).port, address=0x01020304)
    assert reader.info().address == 0x01020304
    reader = opened("zfm", plug(password=77).port, password=77)
    assert reader.places() == frozenset()
    reader = opened("zfm", plug().port, password=77)
    assert reader.places() == frozenset(), "the factory's password is tried too"
    with pytest.raises(DeviceRefused, match="口令") as wrong:
        opened("zfm", plug(password=77).port)
    assert wrong.value.code == 0x13


def test_bulk_is_faster_for_a_while_and_survives_a_crash(plug: Plug, opened: Open) -> None:
    """115200 baud and 256-byte packets at both ends, then back; left in the middle, the module is found again."""
    simulator = plug(pace=True, template_size=1536)
    simulator.enrol("anna", 4)
    reader: Any = opened("zfm", simulator.port)

    def read(one: Any) -> bytes:
        one.link.tell(Op.LOAD_CHAR, b"\1\0\4")
        with bulk(one.link, one.page):
            assert (simulator.brain.baud_code, simulator.brain.packet_size) == (12, 256)
            return bytes(one.read_template(1))

    assert reader.call(read) == simulator.brain.flash.templates[4]
    assert (simulator.brain.baud_code, simulator.brain.packet_size) == (6, 128)
    reader.call(lambda one: set_packet_size(one.link, 256))
    reader.call(lambda one: set_baud(one.link, 115200, 57600))
    reader.close()  # and nobody restores anything
    info = opened("zfm", simulator.port).info()
    assert (info.baud, info.packet_size) == (115200, 256)


def test_silence_at_every_rate_is_told_within_two_seconds(plug: Plug, opened: Open) -> None:
    simulator = plug()
    simulator.fault("silent")
    start = time.monotonic()
    with pytest.raises(DeviceGone, match="没有回应"):
        opened("zfm", simulator.port)
    assert time.monotonic() - start < 3 * 2


def test_a_line_that_babbles_holds_nobody(opened: Open) -> None:
    """Bytes of no frame without end, faster than anybody reads them: opening and asking still end, with a fault."""
    master, slave = os.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    stop = threading.Event()

    def babble() -> None:
        while not stop.is_set():
            with contextlib.suppress(BlockingIOError):
                os.write(master, b"\x00\x55" * 512)
            stop.wait(0.0002)

    babbling = threading.Thread(target=babble)
    babbling.start()
    line = Port(os.ttyname(slave), 57600)
    start = time.monotonic()
    try:
        assert Link(line).next_frame(start + 0.2, hasty=False) is None
        line.close()
        with pytest.raises(DeviceGone):
            opened("zfm", os.ttyname(slave))
        assert time.monotonic() - start < 3 * 5
    finally:
        stop.set()
        babbling.join()
        os.close(master)
        os.close(slave)


def test_a_module_that_was_just_powered_is_found(plug: Plug, opened: Open) -> None:
    """Deaf for its first 0.3 s: the first greeting is lost, the second is not."""
    simulator = plug("r305")
    simulator.power_cycle()
    assert opened("zfm", simulator.port).places() == frozenset()


def test_a_module_that_does_not_tell_its_size(plug: Plug, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """An R308 says nothing to ReadSysPara: without a capacity in the settings it is refused, never guessed; with one
    it works, also after a lost answer."""
    monkeypatch.setattr("drivers.fingerprint.link.SETTLE", 0.3)
    simulator = plug("r308")
    simulator.enrol("anna", 499)
    with pytest.raises(DeviceRefused, match="capacity"):
        opened("zfm", simulator.port)
    reader = opened("zfm", simulator.port, capacity=500)
    assert reader.places() == {499}
    simulator.fault("cut", times=1)
    with pytest.raises(DeviceFault):
        reader.places()
    simulator.finger("anna")
    assert isinstance(until_touch(reader, BACK_SECONDS)[0], Touch)


def test_over_a_serial_server(plug: Plug, opened: Open) -> None:
    simulator = plug(tcp=0)
    simulator.enrol("anna", 7)
    reader = opened("zfm", simulator.port)
    simulator.finger("anna")
    assert isinstance(touch(reader), Touch)
    simulator.fault("gone")
    with pytest.raises(DeviceGone):
        reader.wait_touch(time.monotonic() + 5)
    simulator.heal()
    simulator.lift()
    simulator.finger("anna")
    assert until_touch(reader, 1.0)[0] is None, "no lift was seen, so it may be the press that was answered"
    lifted(reader, simulator)
    simulator.finger("anna")
    assert isinstance(until_touch(reader, BACK_SECONDS)[0], Touch)


def test_missing_permission_names_the_group_and_the_command(tmp_path: Path) -> None:
    port = tmp_path / "ttyUSB0"
    port.write_text("")
    group = grp.getgrgid(port.stat().st_gid).gr_name
    fault = open_fault(str(port), PermissionError(errno.EACCES, "Permission denied"))
    assert isinstance(fault, DeviceGone)
    assert f"sudo usermod -aG {group} $USER" in str(fault)


def test_a_cancelled_enrolment_gives_module_and_place_free_at_once(backend: str, plug: Plug, opened: Open) -> None:
    simulator = plug()
    simulator.enrol("anna", 7)
    reader = opened(backend, simulator.port)
    cancel = threading.Event()
    steps = reader.enrol(5, cancel)
    assert next(steps).step is Step.PUT
    threading.Timer(0.05, cancel.set).start()
    start = time.monotonic()
    with pytest.raises(DeviceRefused, match="取消"):
        next(steps)
    assert time.monotonic() - start < 5, "a person would have had 30 s"
    assert reader.places() == {7}
    lifted(reader, simulator)
    simulator.finger("anna")
    assert isinstance(touch(reader), Touch)
