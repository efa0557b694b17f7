"""Loops restart alone and by the class of their error; the watchdog is fed only while all of them live."""

import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.errors import Refused
from drivers.contract import Cancel
from drivers.errors import BadPacket, DeviceBusy, DeviceGone
from station.display import Display
from station.errors import AlreadyRunning, JournalBroken, NotDurable
from station.loops import supervise
from station.loops.supervise import Action, Loop, Pulse, Supervise, action_for, delay_s, notify, too_many

WAIT_S = 30.0


def display() -> Display:
    return Display("站", False, lambda: datetime(2026, 3, 2, tzinfo=UTC))


class Hands:
    """A monotonic clock that the test turns."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Back-off without the waiting; its length has a table of its own."""
    monkeypatch.setattr(supervise, "BACK_OFF_S", (0.0,))
    monkeypatch.setattr(supervise, "TICK_S", 0.02)


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The service manager's end of the notify socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(str(tmp_path / "notify"))
        end.settimeout(WAIT_S)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield end


ACTIONS = [
    (DeviceGone("拔了"), Action.AGAIN),
    (DeviceBusy("占用"), Action.AGAIN),
    (BadPacket("乱码"), Action.AGAIN),
    (NotDurable("database or disk is full"), Action.AGAIN),
    (Refused("端口被占"), Action.AGAIN),
    (AlreadyRunning("已有一个"), Action.AGAIN),
    (OSError(5, "Input/output error"), Action.AGAIN),
    (sqlite3.OperationalError("disk I/O error"), Action.AGAIN),
    (JournalBroken("末条无法读取"), Action.END),
    (KeyError("x"), Action.RESTART),
    (TypeError("x"), Action.RESTART),
    (sqlite3.ProgrammingError("closed"), Action.RESTART),
]


@pytest.mark.parametrize(("error", "action"), ACTIONS, ids=lambda value: type(value).__name__)
def test_what_follows_from_an_error(error: Exception, action: Action) -> None:
    assert action_for(error) is action


def test_the_wait_between_restarts_grows_to_a_bound() -> None:
    waits = [delay_s(failures) for failures in range(1, 12)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (0.5, 15.0)


@pytest.mark.parametrize(
    ("breaks", "now", "bounded"),
    [([0, 1, 2, 3], 4, False), ([0, 1, 2, 3, 4], 4, True), ([0, 20, 40, 50, 59], 59.9, True),
     ([0, 20, 40, 50, 61], 61, False)],
)  # fmt: skip
def test_five_own_faults_in_a_minute_are_too_many(breaks: list[float], now: float, bounded: bool) -> None:
    assert too_many(breaks, now) is bounded


class Breaking:
    """A work that raises the next of its errors each time it is begun, then runs in order."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.begun = 0
        self.well = threading.Event()

    def __call__(self, stop: Cancel) -> None:
        self.begun += 1
        if self._errors:
            raise self._errors.pop(0)
        self.well.set()
        stop.wait()


def running(made: Supervise) -> threading.Thread:
    thread = threading.Thread(target=made.run)
    thread.start()
    return thread


@pytest.mark.usefixtures("at_once")
def test_a_loop_restarts_alone_while_the_others_go_on() -> None:
    breaking, steady, stop = Breaking(DeviceGone("x"), NotDurable("x"), KeyError("x")), Breaking(), threading.Event()
    shown = display()
    made = Supervise([Loop("a", "甲", breaking), Loop("b", "乙", steady)], shown, stop)
    thread = running(made)
    assert breaking.well.wait(WAIT_S)
    assert (breaking.begun, steady.begun) == (4, 1)
    assert shown.frame.alarm == "甲反复出错，正在自动重试"
    stop.set()
    thread.join(WAIT_S)
    assert (made.broke, thread.is_alive()) == (False, False)


@pytest.mark.usefixtures("at_once")
def test_the_world_may_fail_for_ever_but_a_fault_of_ours_ends_the_process() -> None:
    world, ours = Breaking(*[DeviceGone("x")] * 50), Breaking(*[KeyError("x")] * 50)
    stop = threading.Event()
    made = Supervise([Loop("world", "甲", world)], display(), stop)
    thread = running(made)
    assert world.well.wait(WAIT_S)
    stop.set()
    thread.join(WAIT_S)
    assert (world.begun, made.broke) == (51, False)
    made = Supervise([Loop("ours", "甲", ours), Loop("other", "乙", Breaking())], display(), threading.Event())
    made.run()
    assert (ours.begun, made.broke) == (supervise.OWN_FAULTS, True)


@pytest.mark.usefixtures("at_once")
def test_a_broken_journal_ends_its_loop_and_stays_on_the_screen() -> None:
    broken, steady, stop, shown = Breaking(JournalBroken("第 7 条")), Breaking(), threading.Event(), display()
    made = Supervise([Loop("listen", "甲", broken), Loop("kiosk", "乙", steady)], shown, stop)
    thread = running(made)
    until(lambda: made.states()["listen"] == "ended")
    assert (broken.begun, made.states()["kiosk"]) == (1, "well")
    assert "账本损坏，已停止记录" in shown.frame.alarm
    assert "第 7 条" in shown.frame.alarm
    stop.set()
    thread.join(WAIT_S)
    assert not made.broke


def test_a_loop_that_ran_well_for_a_minute_is_forgiven() -> None:
    hands, shown, stop = Hands(), display(), threading.Event()
    made = Supervise([Loop("a", "甲", Breaking())], shown, stop, hands)
    life = made._lives[0]
    life.failures = 3
    shown.set_alarm("甲反复出错", "a")
    life.pulse.beat()
    made.tick()
    assert shown.frame.alarm == "甲反复出错"
    hands.at += supervise.SETTLED_S + 1
    life.pulse.beat()
    made.tick()
    assert (shown.frame.alarm, life.failures) == ("", 0)


def test_the_watchdog_starves_when_one_loop_hangs_and_the_screen_says_which(manager: socket.socket) -> None:
    hands, shown, stop = Hands(), display(), threading.Event()
    made = Supervise(
        [Loop("listen", "指纹机监听", Breaking()), Loop("due", "时段提示", Breaking())], shown, stop, hands
    )
    listen, due = made._lives
    made.tick()
    assert manager.recv(64) == b"WATCHDOG=1"
    hands.at += 31
    due.pulse.beat()
    made.tick()
    assert shown.frame.alarm == "指纹机监听没有响应，即将自动重启"
    assert nothing_heard(manager)
    listen.pulse.beat()
    made.tick()
    assert (manager.recv(64), shown.frame.alarm) == (b"WATCHDOG=1", "")


def test_a_probed_loop_lives_by_its_answer(manager: socket.socket) -> None:
    hands, asked = Hands(), list[Callable[[], None]]()
    made = Supervise([Loop("kiosk", "打卡屏", Breaking(), probe=asked.append)], display(), threading.Event(), hands)
    made.tick()
    hands.at += 31
    asked[0]()
    made.tick()
    assert [manager.recv(64), manager.recv(64)] == [b"WATCHDOG=1", b"WATCHDOG=1"]
    hands.at += 31
    made.tick()
    assert nothing_heard(manager)


@pytest.mark.usefixtures("at_once")
def test_ready_is_told_first_and_stopping_last(manager: socket.socket) -> None:
    work, stop = Breaking(), threading.Event()
    thread = running(Supervise([Loop("a", "甲", work)], display(), stop))
    assert manager.recv(64) == b"READY=1"
    assert manager.recv(64) == b"WATCHDOG=1"
    stop.set()
    thread.join(WAIT_S)
    heard = [b""]
    while not nothing_heard(manager, heard):
        pass
    assert heard[-1] == b"STOPPING=1"


def test_an_abstract_address_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind("")  # the kernel chooses an abstract name
        monkeypatch.setenv("NOTIFY_SOCKET", end.getsockname().decode().replace("\0", "@", 1))
        notify("READY=1")
        assert end.recv(64) == b"READY=1"


def test_without_a_manager_or_with_one_that_left_nothing_happens(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    notify("READY=1")


def test_a_pulse_shows_life_while_it_waits() -> None:
    hands, stop = Hands(), threading.Event()
    pulse = Pulse(stop, hands)
    hands.at += 7
    assert pulse.silent_s() == 7
    assert not pulse.wait(0.001)
    assert pulse.silent_s() == 0
    stop.set()
    hands.at += 7
    assert pulse.wait(None)
    assert pulse.silent_s() == 0


def nothing_heard(end: socket.socket, heard: list[bytes] | None = None) -> bool:
    """Whether no datagram waits; one that does is put into `heard`."""
    end.setblocking(False)
    try:
        said = end.recv(64)
    except BlockingIOError:
        return True
    finally:
        end.settimeout(WAIT_S)
    if heard is not None:
        heard.append(said)
    return False


def until(true: Callable[[], bool]) -> None:
    """Wait for a condition that another thread brings about."""
    rest = threading.Event()
    for _ in range(1000):
        if true():
            return
        rest.wait(0.01)
    raise AssertionError
