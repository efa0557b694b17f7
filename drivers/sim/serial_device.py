"""A simulated device on a pty: a thread, paced bytes, faults of the line. What it says is its `Talk`'s matter."""

import contextlib
import os
import threading
import time
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Protocol, Self

from config.errors import Refused
from config.words import say
from drivers.sim.faults import FAULTS, Outgoing
from drivers.sim.line import Pacer, Pty, wait

GONE = "gone"
USUAL = ("silent", "garbled", "late", "split", "noise", "cut", "twice")  # faults that make sense on any line


class Talk(Protocol):
    """What a device says. All calls come under the simulator's lock; times are `time.monotonic()` seconds."""

    @property
    def baud(self) -> int:
        """The rate it speaks at now."""

    def power_up(self) -> None: ...

    def hear(self, data: bytes) -> list[bytes]:
        """Bytes from the host in, frames back."""

    def due(self) -> float | None:
        """When it next speaks unasked; None: not."""

    def speak(self, now: float) -> list[bytes]:
        """Frames that are due at `now`."""


class SerialDevice:
    """One device with its own thread. Use it as a context manager, or `start()` and `stop()`."""

    def __init__(self, talk: Talk, *, link: Path | None = None, pace: bool = False, seed: int = 1) -> None:
        self._talk, self._pace = talk, pace
        self._link = link.absolute() if link is not None else None
        self._chance = Random(seed)  # noqa: S311 - faults must happen the same way again
        self._pacer = Pacer()
        self._line: Pty | None = None
        self._fault, self._times, self._heard = "", -1, b""
        self._port = ""
        self._lock = threading.RLock()
        self._stopping = False
        self._wake_read = self._wake_write = -1
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> str:
        """Where to open it: the stable name if there is one, else the pty."""
        return str(self._link) if self._link is not None else self._port

    def start(self) -> Self:
        """Open the port and power up."""
        with self._lock:
            self._plug_in()
            self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._work, name="sim-serial", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close the port and end the thread. Stopping twice is well."""
        self._stopping = True
        self._nudge()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        with self._lock:
            self._unplug()
            for fd in (self._wake_read, self._wake_write):
                if fd >= 0:
                    os.close(fd)
            self._wake_read = self._wake_write = -1

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def fault(self, kind: str, times: int | None = None) -> None:
        """Break something until `heal()`, or for the next `times` frames: one of `USUAL`, or `gone` (unplugged)."""
        if kind not in (*USUAL, GONE):
            known = "、".join((*USUAL, GONE))
            raise Refused(say("没有名为 {kind} 的故障", kind=kind), remedy=say("可用的有：{known}", known=known))
        with self._lock:
            if kind == GONE:
                self._unplug()
            else:
                self._fault, self._times = kind, -1 if times is None else times
        self._nudge()

    def heal(self) -> None:
        """Undo the fault; after `gone` it is plugged in again, on a new pty, and powers up."""
        with self._lock:
            self._fault = ""
            if self._line is None:
                self._plug_in()
        self._nudge()

    def power_cycle(self) -> None:
        """Take its power for a moment: the port stays."""
        with self._lock:
            self._talk.power_up()

    def changed(self) -> None:
        """Something was put on or taken off it: let the thread look."""
        self._nudge()

    @property
    def lock(self) -> threading.RLock:
        """Held while it speaks, and by whoever changes what it would say."""
        return self._lock

    def _plug_in(self) -> None:
        self._line = Pty(self._link, self._talk.baud)
        self._port = self._line.port
        self._talk.power_up()

    def _unplug(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
        self._pacer.clear()

    def _nudge(self) -> None:
        with self._lock, contextlib.suppress(OSError):
            os.write(self._wake_write, b"\0")

    def _work(self) -> None:
        while not self._stopping:
            with self._lock:
                self._step(time.monotonic())
                fds = self._line.fds() if self._line is not None else []
                seconds = self._seconds(time.monotonic())
            try:
                ready = wait([*fds, self._wake_read], seconds)
            except (OSError, ValueError):
                continue  # unplugged meanwhile
            if self._wake_read in ready:
                os.read(self._wake_read, 4096)
            if any(fd in ready for fd in fds):
                with self._lock:
                    self._hear()

    def _seconds(self, now: float) -> float | None:
        dues = [due for due in (self._talk.due(), self._pacer.due(now)) if due is not None]
        return max(min(dues) - now, 0.002 if self._pacer.stuck else 0) if dues else None

    def _hear(self) -> None:
        self._heard = self._line.read() if self._line is not None else b""
        for frame in self._talk.hear(self._heard) if self._heard else []:
            self._send(frame)

    def _step(self, now: float) -> None:
        for frame in self._talk.speak(now):
            self._send(frame)
        if self._line is not None:
            self._pacer.pump(self._line, now, spoil=self._line.host_baud() != self._talk.baud)

    def _send(self, frame: bytes) -> None:
        byte_time = 10 / self._talk.baud if self._pace else 0.0
        pieces = [(0.0, frame)]
        if self._fault and self._times:
            self._times -= 1
            pieces = FAULTS[self._fault](Outgoing(frame, self._heard, self._chance))
        for delay, piece in pieces:
            self._pacer.queue(piece, time.monotonic(), byte_time, delay)
