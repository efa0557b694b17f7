"""The reader that the station holds: any module behind one thread, reopened when it comes back."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from drivers.contract import Cancel, EnrolStep, Light, ModuleInfo, NoMatch, ReaderState, Touch
from drivers.errors import DeviceBusy, DeviceFault, DeviceGone
from drivers.fingerprint.enrolment import Enrolment
from drivers.fingerprint.module import Module
from drivers.fingerprint.touch import Press, look
from drivers.fingerprint.turns import Turns

T = TypeVar("T")

POLL_SECONDS = 0.1
SCORE_FLOOR = 30
# Places of broken enrolments that could not be freed, by port, each with the places used before it. They outlive their
# reader, since the station opens a new one when the port is back.
LEFT_OVER: dict[str, dict[int, frozenset[int]]] = {}
BACK_OFF = (0.1, 0.2, 0.4, 0.8, 1.6, 2.0)  # seconds before the next try to reopen; the last one for ever


class ModuleReader:
    """A `FingerReader` over any `Module`. `connect` opens the port and finds the module; it is called again after
    the port was lost."""

    def __init__(self, connect: Callable[[], Module], *, port: str, score_floor: int, poll_seconds: float) -> None:
        self._connect = connect
        self._left_over = LEFT_OVER.setdefault(port, {})
        self._floor = score_floor
        self._poll = poll_seconds
        self._press = Press()
        self._module: Module | None = None
        self._enrolment: Enrolment | None = None
        self._failures = 0
        self._next_try = 0.0
        self._shut = threading.Event()
        self._turns = Turns("fingerprint")
        try:
            self._turns.run(self._reach)
        except BaseException:
            self.close()
            raise

    @property
    def state(self) -> ReaderState:
        """Where the reader stands now."""
        if self._shut.is_set():
            return ReaderState.CLOSED
        if self._module is None:
            return ReaderState.GONE
        link = getattr(self._module, "link", None)
        return ReaderState.CHECKING if link is not None and link.out_of_step else ReaderState.READY

    def info(self) -> ModuleInfo:
        """What the module says of itself."""
        return self.call(lambda module: module.describe())

    def wait_touch(self, deadline: float | None, cancel: Cancel | None = None) -> Touch | NoMatch | None:
        """Wait for a finger, looking once every `poll_seconds`; see `FingerReader`."""
        stop: Cancel = self._shut if cancel is None else cancel
        if self._module is None and not self._rest(self._next_try - time.monotonic(), deadline, stop):
            return None
        while not stop.is_set():
            event = self.call(self._look)
            if event is not None:
                return event
            if not self._rest(self._poll, deadline, stop):
                return None
        return None

    def enrol(self, place: int, cancel: Cancel | None = None) -> Iterator[EnrolStep]:
        """Enrol a finger at `place`, step by step; see `FingerReader`."""
        enrolment = Enrolment(self.call, self._press, place, self._floor, self._poll, self._shut, cancel)
        self._begin(enrolment)
        try:
            yield from enrolment.steps()
        finally:
            if enrolment.to_free:
                self._free(place, enrolment.before)
            if self._enrolment is enrolment:
                self._enrolment = None

    def forget(self, place: int) -> None:
        """Delete the template at `place`."""
        self.call(lambda module: module.delete(place))

    def places(self) -> frozenset[int]:
        """All places that hold a template."""
        return self.call(lambda module: module.places())

    def light(self, mood: Light) -> bool:
        """Show a mood on the module's light."""
        return self.call(lambda module: module.light(mood))

    def close(self) -> None:
        """Let go of the port and end the thread."""
        self._shut.set()
        with contextlib.suppress(DeviceFault):
            self._turns.run(self._drop)
        self._turns.close()

    def call(self, work: Callable[[Module], T]) -> T:
        """The result of `work` on the module, in this reader's thread, reopening the port first if it was lost."""
        return self._turns.run(lambda: self._attempt(work))

    def _attempt(self, work: Callable[[Module], T]) -> T:
        module = self._reach()
        try:
            return work(module)
        except DeviceGone:
            self._drop()
            self._later()
            raise

    def _reach(self) -> Module:
        """The module, opened now if it is not; what broken enrolments left is freed first."""
        if self._module is None:
            try:
                module = self._connect()
            except DeviceFault:
                self._later()
                raise
            self._module, self._failures = module, 0
            self._free_left_over(module)
        return self._module

    def _free_left_over(self, module: Module) -> None:
        """Delete what broken enrolments left, if this is still their module and not another one at the same port."""
        while self._left_over:
            place, before = next(iter(self._left_over.items()))
            if module.places() == before | {place}:
                module.delete(place)
            del self._left_over[place]

    def _later(self) -> None:
        wait = BACK_OFF[min(self._failures, len(BACK_OFF) - 1)]
        self._failures += 1
        self._next_try = time.monotonic() + wait

    def _drop(self) -> None:
        module, self._module = self._module, None
        if module is not None:
            module.close()

    def _look(self, module: Module) -> Touch | NoMatch | None:
        if self._enrolment is not None and self._enrolment.alive:
            return None
        return look(module, self._press, self._floor)

    def _begin(self, enrolment: Enrolment) -> None:
        if self._enrolment is not None and self._enrolment.alive:
            raise DeviceBusy(self._enrolment.busy_words())
        self._enrolment = enrolment

    def _free(self, place: int, before: frozenset[int]) -> None:
        """Delete what a broken enrolment left; if the module is gone, as soon as it is back."""
        try:
            self.forget(place)
        except DeviceFault:
            self._left_over[place] = before

    @staticmethod
    def _rest(seconds: float, deadline: float | None, stop: Cancel) -> bool:
        """Rest for `seconds` at most; False when the deadline came or somebody said stop."""
        left = seconds if deadline is None else min(seconds, deadline - time.monotonic())
        if left > 0 and stop.wait(left):
            return False
        return deadline is None or time.monotonic() < deadline
