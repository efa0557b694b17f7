"""Errands at the screen: something is asked for, then the person says who they are, by finger or name + own PIN.

There is one screen, so there is one errand at a time: a new one ends the one before.
"""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from config.errors import Refused
from config.words import say
from drivers.contract import Touch
from station.display import Display, Shown
from station.going_out import By
from station.pins import Pins
from station.punching import Expected, Punching

State = Literal["waiting", "late", "named", "done", "refused", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Errand:
    """What is asked for. `do` makes it durable and answers what to show; Refused says why it may not be.

    `leads`: where the screen goes afterwards (the main screen, a page that tells what was recorded, administration, a
    round's team or signatures, what the person may answer). `aside`: another way on, in words and its page.
    """

    title: str
    do: Callable[[str, By], Shown]
    leads: Literal["screen", "told", "admin", "team", "signed", "answers"] = "screen"
    lines: tuple[tuple[str, str], ...] = ()
    hint: str = ""  # what becomes of it
    aside: tuple[str, str] | None = None


@dataclass
class Running:
    """An errand under way. `expected` is None where no finger can be pressed or none is waited for any longer.

    `person`: who said who they are; empty until then. `by`: how.
    """

    errand: Errand
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    expected: Expected | None = None
    shown: Shown | None = None
    refused: Refused | None = None
    person: str = ""
    by: By = "finger"

    @property
    def state(self) -> State:
        """`named`: it waits for a name and PIN; `late`: nobody pressed in time; `failed`: it could not be recorded."""
        if self.refused:
            return "refused"
        if self.shown:
            return "done"
        if self.expected is None:
            return "named"
        if self.expected.state in ("failed", "cancelled"):
            return "failed" if self.expected.state == "failed" else "cancelled"
        return "waiting" if self.left_s() > 0 else "late"

    def left_s(self) -> float:
        """Seconds in which a press still counts."""
        return self.expected.left_s(time.monotonic_ns()) if self.expected else 0.0


class Errands:
    """The errand of the moment."""

    def __init__(self, punching: Punching, pins: Pins, display: Display) -> None:
        self._punching, self._pins, self._display = punching, pins, display
        self._lock = threading.Lock()
        self.now: Running | None = None

    def begin(self, errand: Errand) -> Running:
        """Wait for the person's press; without a reader, for their name and PIN."""
        running = Running(errand)
        with self._lock:
            self._leave()
            self.now = running
            if self._display.frame.reader.well:
                running.expected = self._punching.expect(lambda person, touch: self._pressed(running, person, touch))
        return running

    def by_name(self, running: Running) -> None:
        """Wait for no press any longer: the person goes on with their name and PIN."""
        self._punching.cancel(running.expected)
        if running.state in ("cancelled", "late"):
            running.expected = None

    def cancel(self) -> None:
        """Nothing is asked for any longer; a press from now on is a punch."""
        with self._lock:
            self._leave()

    def with_pin(self, running: Running, person: str, digits: str) -> Shown:
        """Do the errand for the person whose PIN this is. PinRefused, or whatever refusal the errand has."""
        if running is not self.now or running.state != "named":
            raise Refused(say("这件事已经结束"), remedy=say("请回到主屏重新开始"))
        self._pins.check(person, digits)
        with self._lock:
            if running.state != "named":
                raise Refused(say("这件事已经办过"), remedy=say("请回到主屏"))
            running.person, running.by = person, "own_pin"
            running.shown = running.errand.do(person, "own_pin")
        self._display.show(running.shown)
        return running.shown

    def _pressed(self, running: Running, person: str, touch: Touch) -> Shown:
        running.person = person
        try:
            running.shown = replace(running.errand.do(person, "finger"), touched_ns=touch.at_monotonic_ns)
        except Refused as refused:
            running.refused = refused
            return self._no(person, refused, touch.at_monotonic_ns)
        return running.shown

    def _no(self, person: str, refused: Refused, touched_ns: int) -> Shown:
        who = self._punching.person(person)
        at = f"{self._display.now():%H:%M:%S}"
        return Shown("red", who.name if who else "—", refused.what, refused.remedy, at, 0, touched_ns)

    def _leave(self) -> None:
        if self.now is not None:
            self._punching.cancel(self.now.expected)
        self.now = None
