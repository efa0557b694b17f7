"""Keeps a station's loops going: each restarts by the class of its error, alone, while the others go on.

The service manager's watchdog is fed only while every loop shows life, so a loop that hangs (which no exception tells)
ends in a fresh process.
"""

import os
import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import structlog

from config.errors import Refused
from config.words import say
from drivers.contract import Cancel
from drivers.errors import DeviceFault
from station.display import Display
from station.errors import JournalBroken, NotDurable

BACK_OFF_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)  # the last one repeats
KEEPS_BREAKING = 3  # breaks in a row after which the screen says so
SETTLED_S = 60.0  # a loop that ran this long is well again
OWN_FAULTS, OWN_FAULTS_IN_S = 5, 60.0  # of ours in one loop: then the whole process is started anew
TICK_S = 1.0
JOIN_S = 10.0
log = structlog.get_logger("supervise")


class Pulse:
    """A stop that remembers when its loop last looked at it: a loop that looks is alive."""

    def __init__(self, stop: threading.Event, now: Callable[[], float] = time.monotonic) -> None:
        self._stop, self._now = stop, now
        self._at = now()

    def beat(self) -> None:
        """Show life."""
        self._at = self._now()

    def is_set(self) -> bool:
        """Whether to stop."""
        self.beat()
        return self._stop.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the stop, `timeout` seconds at most, showing life each second."""
        end = None if timeout is None else time.monotonic() + timeout
        while not self.is_set():
            left = TICK_S if end is None else min(TICK_S, end - time.monotonic())
            if left <= 0:
                return False
            self._stop.wait(left)
        return True

    def silent_s(self) -> float:
        """Seconds since the loop last showed life."""
        return self._now() - self._at


@dataclass(frozen=True, slots=True)
class Loop:
    """One loop: `name` in the log, `title` on the screen, `work` until its stop is set.

    `patience_s`: how long it may show no life. `end` wakes a work that does not look at its stop; `probe` asks such a
    work for a sign of life, to be given by calling what it is handed.
    """

    name: str
    title: str
    work: Callable[[Cancel], None]
    patience_s: float = 30.0
    end: Callable[[], None] | None = None
    probe: Callable[[Callable[[], None]], None] | None = None


class Action(StrEnum):
    """What follows from an error: try again for ever, restart a bounded number of times, or end this loop."""

    AGAIN = "again"
    RESTART = "restart"
    END = "end"


def action_for(error: Exception) -> Action:
    """By class: what the world did wrong passes or is mended; a fault of ours must not spin; a broken chain ends it."""
    if isinstance(error, JournalBroken):
        return Action.END
    if isinstance(error, (NotDurable, DeviceFault, Refused, OSError, sqlite3.OperationalError)):
        return Action.AGAIN
    return Action.RESTART


def delay_s(failures: int) -> float:
    """Seconds to wait after the `failures`-th break in a row (from 1)."""
    return BACK_OFF_S[min(failures, len(BACK_OFF_S)) - 1]


def too_many(breaks: list[float], now: float) -> bool:
    """Whether the own faults at these times (seconds) are more than a restart of the loop can cure."""
    return len([at for at in breaks if now - at < OWN_FAULTS_IN_S]) >= OWN_FAULTS


def notify(state: str) -> None:
    """Tell the service manager (sd_notify(3)); nothing without one."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as link:
        try:
            link.sendto(state.encode(), "\0" + address[1:] if address.startswith("@") else address)
        except OSError as error:
            log.warning("not notified", state=state, error=str(error))


@dataclass(slots=True)
class _Life:
    loop: Loop
    pulse: Pulse
    began: float
    failures: int = 0
    own_faults: list[float] = field(default_factory=list)
    over: bool = False


class Supervise:
    """Runs loops until `stop` is set. `broke` afterwards: a fault of ours ended the whole."""

    def __init__(
        self, loops: list[Loop], display: Display, stop: threading.Event, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._display, self._stop, self._now = display, stop, now
        self._lives = [_Life(loop, Pulse(stop, now), now()) for loop in loops]
        self.broke = False

    def run(self) -> None:
        """Start every loop, feed the watchdog, and return when all have ended after the stop."""
        threads = [threading.Thread(target=self._keep, args=(life,), name=life.loop.name, daemon=True)
                   for life in self._lives]  # fmt: skip
        for thread in threads:
            thread.start()
        notify("READY=1")
        while not self._stop.wait(TICK_S):
            self.tick()
        notify("STOPPING=1")
        for life in self._lives:
            if life.loop.end:
                life.loop.end()
        for thread in threads:
            thread.join(timeout=JOIN_S)

    def tick(self) -> None:
        """Look at every loop once: name the silent ones, feed the watchdog if there are none."""
        silent = [life for life in self._lives if self._is_silent(life)]
        for life in self._lives:
            words = say("{part}没有响应，即将自动重启", part=say(life.loop.title)) if life in silent else ""
            self._display.set_alarm(words, f"silent:{life.loop.name}")
            if life.failures and self._now() - life.began > SETTLED_S:
                life.failures = 0
                self._display.set_alarm("", life.loop.name)
            if life.loop.probe:
                life.loop.probe(life.pulse.beat)
        if silent:
            log.error("silent", loops=[life.loop.name for life in silent])
        else:
            notify("WATCHDOG=1")

    def states(self) -> dict[str, str]:
        """Loop → `well`, `breaking`, `silent` or `ended`, for whoever asks."""
        return {life.loop.name: self._state(life) for life in self._lives}

    def _state(self, life: _Life) -> str:
        if life.over:
            return "ended"
        return "silent" if self._is_silent(life) else "breaking" if life.failures else "well"

    def _is_silent(self, life: _Life) -> bool:
        return not life.over and life.pulse.silent_s() > life.loop.patience_s

    def _keep(self, life: _Life) -> None:
        going_on = True
        while going_on and not self._stop.is_set():
            life.began = self._now()
            life.pulse.beat()
            try:
                life.loop.work(life.pulse)
                raise RuntimeError("ended without being told")
            except Exception as error:  # whatever it is, the other loops go on
                going_on = not self._stop.is_set() and self._goes_on_after(life, error)
        life.over = True

    def _goes_on_after(self, life: _Life, error: Exception) -> bool:
        action, now = action_for(error), self._now()
        life.failures = 1 if now - life.began > SETTLED_S else life.failures + 1
        log.error("broke", loop=life.loop.name, action=action, error=str(error), exc_info=action is Action.RESTART)
        if action is Action.END:
            self._display.set_alarm(
                say("账本损坏，已停止记录；请改用签到表，并通知管理员（{reason}）", reason=error), "journal"
            )
            return False
        if action is Action.RESTART:
            life.own_faults.append(now)
            if too_many(life.own_faults, now):
                self.broke = True
                self._stop.set()
                return False
        if life.failures >= KEEPS_BREAKING:
            self._display.set_alarm(say("{part}反复出错，正在自动重试", part=say(life.loop.title)), life.loop.name)
        life.pulse.wait(delay_s(life.failures))
        return True
