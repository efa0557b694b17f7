"""The only place that reads the wall clock. Everything else is handed the time."""

import ctypes
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal, Protocol

from uuid6 import uuid7

Trust = Literal["synced", "unsynced", "simulated"]
AGREEMENT = timedelta(seconds=2)  # the hub's signed time within this vouches for the boot
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_STA_UNSYNC = 0x0040  # linux/timex.h
_TIME_ERROR = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at the clock: UTC instant, its boot, nanoseconds since that boot, how far to trust it."""

    at: datetime
    boot: str
    monotonic_ns: int
    trust: Trust


class Clock(Protocol):
    """What the station asks for the time."""

    def read(self) -> Reading:
        """Now."""
        ...

    def hub_said(self, hub_time: datetime, round_trip: timedelta) -> timedelta:
        """Hear the hub's signed time; answers how far this clock is ahead of it (negative: behind)."""
        ...

    def resume(self, last: Reading) -> None:
        """Hear the newest reading that the journal holds: time is not before it, and its boot may be this one."""
        ...

    def ahead(self) -> timedelta | None:
        """How far the wall clock is ahead of the true time, as far as anybody said so since it last jumped."""
        ...


class _Timex(ctypes.Structure):
    _fields_ = (("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long),
                ("maxerror", ctypes.c_long), ("esterror", ctypes.c_long), ("status", ctypes.c_int),
                ("_rest", ctypes.c_byte * 256))  # fmt: skip


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None)


def kernel_says_synced() -> bool:
    """Whether the kernel holds its clock to be disciplined (adjtimex without STA_UNSYNC)."""
    timex = _Timex()
    state = _libc().adjtimex(ctypes.byref(timex))
    return bool(state != -1 and state != _TIME_ERROR and not timex.status & _STA_UNSYNC)


def boot_id() -> str:
    """The kernel's id of this boot; a fresh one where there is no such file."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return str(uuid7())


class SystemClock:
    """The board's own clock, which the station never sets.

    The wall clock is held against the monotonic one, which cannot be set. When it jumps, what was known of it is
    worth nothing any more, and its readings bear another boot mark (`…-1`, `…-2`): one offset puts right the facts
    of one mark.
    """

    def __init__(
        self,
        kernel_synced: Callable[[], bool] = kernel_says_synced,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._kernel = boot_id()
        self._kernel_synced, self._wall, self._monotonic_ns = kernel_synced, wall, monotonic_ns
        self._lock = threading.Lock()
        self._jumps = 0
        self._in_doubt = False  # after a jump, until the hub agrees or the kernel finds the time anew
        self._kernel_said = False
        self._ahead: timedelta | None = None
        self._floor = datetime.min.replace(tzinfo=UTC)
        self._seen = (self._wall(), self._monotonic_ns())

    def read(self) -> Reading:
        """Now; `synced` when the kernel says so or the hub's signed time agreed within 2 s in this boot.

        After a jump the kernel's word counts only when it said "not synced" before the jump or since.
        """
        with self._lock:
            wall, monotonic_ns = self._look()
            trust: Trust = "synced" if self._kernel_agrees(wall) or self._agreed() else "unsynced"
            return Reading(wall, self._mark(), monotonic_ns, trust)

    def hub_said(self, hub_time: datetime, round_trip: timedelta) -> timedelta:
        """Compare with the hub's signed time, taken to be valid at the middle of the round trip.

        An answer that was too long under way to tell 2 s says nothing.
        """
        with self._lock:
            wall, _ = self._look()
            drift = wall - round_trip / 2 - hub_time
            if round_trip / 2 <= AGREEMENT:
                self._ahead = drift
                if self._agreed():
                    self._in_doubt, self._floor = False, min(self._floor, wall)
        return drift

    def resume(self, last: Reading) -> None:
        """Go on from the journal's newest reading: its time is a floor if it was known; its boot may be this one."""
        with self._lock:
            if last.trust == "synced":
                self._floor = max(self._floor, last.at)
            if last.boot[: len(self._kernel)] != self._kernel:
                return
            wall, monotonic_ns = self._seen
            if monotonic_ns < last.monotonic_ns:
                return
            self._jumps = max(self._jumps, int(last.boot[len(self._kernel) + 1 :] or 0))
            self._in_doubt = self._in_doubt or (self._jumps > 0 and last.trust == "unsynced")
            self._kernel_said = self._kernel_said or last.trust == "synced"
            if jumped((last.at, last.monotonic_ns), (wall, monotonic_ns)):
                self._jump()

    def ahead(self) -> timedelta | None:
        """How far ahead of the hub; zero when only the kernel vouches; None when nobody does."""
        reading = self.read()
        return self._ahead if self._ahead is not None or reading.trust == "unsynced" else timedelta()

    def _look(self) -> tuple[datetime, int]:
        now = self._wall(), self._monotonic_ns()
        if jumped(self._seen, now):
            self._jump()
        self._seen = now
        return now

    def _jump(self) -> None:
        self._jumps, self._ahead = self._jumps + 1, None
        self._in_doubt = self._in_doubt or self._kernel_said

    def _mark(self) -> str:
        return f"{self._kernel}-{self._jumps}" if self._jumps else self._kernel

    def _agreed(self) -> bool:
        return self._ahead is not None and abs(self._ahead) <= AGREEMENT

    def _kernel_agrees(self, wall: datetime) -> bool:
        synced = self._kernel_said = self._kernel_synced()
        if not synced:
            self._in_doubt = False  # its next "synced" is a fresh one
        return synced and not self._in_doubt and wall >= self._floor


def jumped(before: tuple[datetime, int], now: tuple[datetime, int]) -> bool:
    """Whether the wall clock moved between two looks (wall, monotonic ns) otherwise than by running or being slewed.

    The kernel slews by at most 500 ppm; twice that is allowed, and half a second besides.
    """
    ran = timedelta(microseconds=(now[1] - before[1]) // 1000)
    return abs(now[0] - before[0] - ran) > timedelta(milliseconds=500) + ran / 1000


class DemoClock:
    """A clock for demonstrations: the board's, moved by a fixed offset; its facts say `simulated`."""

    def __init__(self, offset: timedelta) -> None:
        self._boot = boot_id()
        self._offset = offset

    def read(self) -> Reading:
        """Now, by the demonstration's reckoning."""
        return Reading(datetime.now(UTC) + self._offset, self._boot, time.monotonic_ns(), "simulated")

    def hub_said(self, hub_time: datetime, round_trip: timedelta) -> timedelta:
        """How far ahead of the hub, which runs by the same reckoning."""
        return self.read().at - round_trip / 2 - hub_time

    def resume(self, last: Reading) -> None:
        """A demonstration's clock is set to follow its past already."""

    def ahead(self) -> timedelta | None:
        """A demonstration's time is true by definition."""
        return timedelta()


class DrivenClock:
    """A clock that stands where it is put: the demonstration's past and the tests are driven by it."""

    def __init__(self, at: datetime, trust: Trust = "simulated") -> None:
        self._boot = str(uuid7())
        self._start = at
        self._at = at
        self._trust: Trust = trust
        self._ahead: timedelta | None = None

    def move_to(self, at: datetime) -> None:
        """Put the hands at `at`."""
        self._at = at

    def read(self) -> Reading:
        """Where the hands stand."""
        elapsed = (self._at - self._start) // timedelta(microseconds=1)
        return Reading(self._at, self._boot, elapsed * 1000, self._trust)

    def hub_said(self, hub_time: datetime, round_trip: timedelta) -> timedelta:
        """How far the hands are ahead of the hub's time."""
        self._ahead = self._at - round_trip / 2 - hub_time
        return self._ahead

    def resume(self, last: Reading) -> None:
        """The hands stand where they were put."""

    def ahead(self) -> timedelta | None:
        """How far ahead of the hub's time as last heard; zero before that when the clock counts as right."""
        return self._ahead if self._ahead is not None or self._trust == "unsynced" else timedelta()


def clock_of(demo: bool, offset_s: int) -> Clock:
    """The clock that the settings name: the board's own, or a demonstration's."""
    return DemoClock(timedelta(seconds=offset_s)) if demo else SystemClock()
