"""The only place that reads the wall clock. Everything else is handed the time."""

import ctypes
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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


class _Timex(ctypes.Structure):
    _fields_ = (("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long),
                ("maxerror", ctypes.c_long), ("esterror", ctypes.c_long), ("status", ctypes.c_int),
                ("_rest", ctypes.c_byte * 256))  # fmt: skip


def kernel_says_synced() -> bool:
    """Whether the kernel holds its clock to be disciplined (adjtimex without STA_UNSYNC)."""
    timex = _Timex()
    state = ctypes.CDLL(None).adjtimex(ctypes.byref(timex))
    return bool(state != -1 and state != _TIME_ERROR and not timex.status & _STA_UNSYNC)


def boot_id() -> str:
    """The kernel's id of this boot; a fresh one where there is no such file."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return str(uuid7())


class SystemClock:
    """The board's own clock, which the station never sets."""

    def __init__(self, kernel_synced: Callable[[], bool] = kernel_says_synced) -> None:
        self._boot = boot_id()
        self._kernel_synced = kernel_synced
        self._hub_agreed = False

    def read(self) -> Reading:
        """Now; `synced` when the kernel says so or the hub's signed time agreed within 2 s in this boot."""
        trust: Trust = "synced" if self._hub_agreed or self._kernel_synced() else "unsynced"
        return Reading(datetime.now(UTC), self._boot, time.monotonic_ns(), trust)

    def hub_said(self, hub_time: datetime, round_trip: timedelta) -> timedelta:
        """Compare with the hub's signed time, taken to be valid at the middle of the round trip."""
        drift = datetime.now(UTC) - round_trip / 2 - hub_time
        self._hub_agreed = abs(drift) <= AGREEMENT
        return drift


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


class DrivenClock:
    """A clock that stands where it is put: the demonstration's past and the tests are driven by it."""

    def __init__(self, at: datetime, trust: Trust = "simulated") -> None:
        self._boot = str(uuid7())
        self._start = at
        self._at = at
        self._trust: Trust = trust

    def move_to(self, at: datetime) -> None:
        """Put the hands at `at`."""
        self._at = at

    def read(self) -> Reading:
        """Where the hands stand."""
        elapsed = (self._at - self._start) // timedelta(microseconds=1)
        return Reading(self._at, self._boot, elapsed * 1000, self._trust)

    def hub_said(self, hub_time: datetime, round_trip: timedelta) -> timedelta:
        """How far the hands are ahead of the hub's time."""
        return self._at - round_trip / 2 - hub_time


def clock_of(demo: bool, offset_s: int) -> Clock:
    """The clock that the settings name: the board's own, or a demonstration's."""
    return DemoClock(timedelta(seconds=offset_s)) if demo else SystemClock()
