"""Enrolling a finger: presses, one template, stored and read back; nothing is left behind when it breaks off."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from config.words import say
from drivers.contract import Cancel, EnrolStep, Step
from drivers.errors import BadPacket, DeviceBusy, DeviceRefused, DuplicateFinger
from drivers.fingerprint.codes import NO_FINGER, OK, TIMED_OUT, UNCLEAR, words_for
from drivers.fingerprint.module import Module
from drivers.fingerprint.touch import Press

T = TypeVar("T")

FINGER_SECONDS = 30.0  # a person has this long for each press and each lift
IDLE_SECONDS = 60.0  # an enrolment nobody continues gives the module free after this
DAMAGED = 3  # damaged answers in a row that one press survives


class _Call(Protocol):
    def __call__(self, work: Callable[[Module], T]) -> T: ...


class Enrolment:
    """One enrolment at one place. `to_free` says that the place may hold a template nobody vouched for."""

    def __init__(
        self, call: _Call, press: Press, place: int, floor: int, poll_seconds: float, shut: threading.Event,
        cancel: Cancel | None = None,
    ) -> None:  # fmt: skip
        self._call = call
        self._press = press
        self._place = place
        self._floor = floor
        self._poll = poll_seconds
        self._shut = shut
        self._cancel = cancel
        self._touched = time.monotonic()
        self.to_free = False
        self.before: frozenset[int] = frozenset()  # places used when it began

    @property
    def alive(self) -> bool:
        """Whether somebody continued it lately."""
        return time.monotonic() - self._touched < IDLE_SECONDS

    def busy_words(self) -> str:
        """What a second person is told meanwhile."""
        return say("正在为第 {place} 号位置录入指纹，请等它结束", place=self._place)

    def steps(self) -> Iterator[EnrolStep]:
        """The steps in order; each one is handed out when it has happened, or when the person must act."""
        of = self._call(self._admit)
        for capture in range(1, of + 1):
            yield EnrolStep(Step.PUT, capture, of)
            yield from self._one_press(capture, of)
            if capture == 1:
                self._call(self._refuse_duplicate)
            yield EnrolStep(Step.CAPTURED, capture, of)
            if capture < of:
                yield EnrolStep(Step.LIFT, capture, of)
                self._await_lift()
        self._call(lambda module: module.merge())
        self.to_free = True
        self._call(lambda module: module.store(self._place))
        yield EnrolStep(Step.STORED, of, of)
        self._call(lambda module: module.read_back(self._place))
        yield EnrolStep(Step.VERIFIED, of, of)
        self.to_free = False  # only who came back for more knows of it

    def _admit(self, module: Module) -> int:
        """How many presses it takes, once the place is known to be there and empty."""
        info = module.describe()
        if not 0 <= self._place < info.capacity:
            raise DeviceRefused(
                say("位置 {place} 超出模块容量（0 到 {last}）", place=self._place, last=info.capacity - 1), 0x0B
            )
        self.before = module.places()
        if self._place in self.before:
            raise DeviceRefused(say("第 {place} 号位置已有指纹，请先删除或换一个位置", place=self._place), 0x22)
        return module.captures

    def _refuse_duplicate(self, module: Module) -> None:
        found = module.search(1)
        if found is not None and found.score >= self._floor:
            raise DuplicateFinger(found.place)

    def _one_press(self, capture: int, of: int) -> Iterator[EnrolStep]:
        """Look until the press gave usable features in its buffer."""
        told = False
        for code in self._looks(lambda module: self._take(module, capture)):
            if code == OK:
                return
            if code == NO_FINGER:
                told = False
            elif code not in UNCLEAR:
                raise DeviceRefused(words_for(code), code)
            elif not told:
                told = True
                yield EnrolStep(Step.UNCLEAR, capture, of)

    def _await_lift(self) -> None:
        for code in self._looks(lambda module: module.capture()):
            if code == NO_FINGER:
                return

    def _looks(self, look: Callable[[Module], int]) -> Iterator[int]:
        """Codes of one look after the other, within the time a person has."""
        deadline = time.monotonic() + FINGER_SECONDS
        damaged = 0
        while time.monotonic() < deadline:
            self._keep_alive()
            try:
                code = self._call(look)
            except BadPacket:
                damaged += 1
                if damaged >= DAMAGED:
                    raise
            else:
                damaged = 0
                yield code
            self._shut.wait(self._poll)
        raise DeviceRefused(words_for(TIMED_OUT), TIMED_OUT)

    def _take(self, module: Module, capture: int) -> int:
        code = module.capture()
        self._press.answered = True  # this finger is here to enrol, not to clock in
        return module.features(capture) if code == OK else code

    def _keep_alive(self) -> None:
        if self._cancel is not None and self._cancel.is_set():
            raise DeviceRefused(say("录入已取消"))
        if not self.alive:
            raise DeviceBusy(say("录入中断太久，已经作废，请从头再录"))
        self._touched = time.monotonic()
