"""What the station may ask of a device, and the frozen events it gets back. No call ever hands out an image."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol, runtime_checkable


class Cancel(Protocol):
    """What can stop a wait from another thread; `threading.Event` is one."""

    def is_set(self) -> bool: ...

    def wait(self, timeout: float | None = None) -> bool: ...


class ReaderState(StrEnum):
    """Where a reader stands, for screens: ready, checking its module after a fault, without port, or closed."""

    READY = "ready"
    CHECKING = "checking"
    GONE = "gone"
    CLOSED = "closed"


class Light(StrEnum):
    """Moods of a module's light; modules without one ignore them."""

    WAITING = "waiting"
    GOOD = "good"
    BAD = "bad"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class ModuleInfo:
    """A module as it described itself when the port was opened.

    `capacity` counts places (numbered from 0), `packet_size` is bytes of data a packet, `baud` bits a second,
    `address` the 32-bit module address, `security` 1 (lax) to 5 (strict), `captures` presses an enrolment takes,
    `score_floor` the least score that counts as a match. `template_size` is bytes, None until it is known.
    """

    driver: str
    port: str
    model: str
    dialect: Literal["zfm", "grow"]
    capacity: int
    stored: int
    packet_size: int
    baud: int
    security: int
    address: int
    captures: int
    score_floor: int
    template_size: int | None = None
    serial: str = ""


@dataclass(frozen=True, slots=True)
class Touch:
    """A finger was recognised: its place in the module, the module's score, and when it was captured."""

    place: int
    score: int
    at_monotonic_ns: int


@dataclass(frozen=True, slots=True)
class NoMatch:
    """A finger was pressed and is nobody's.

    `reason`: `unknown` (the module found none), `weak` (found, score below the floor), `unclear` (no usable print).
    """

    at_monotonic_ns: int
    reason: Literal["unknown", "weak", "unclear"] = "unknown"


class Step(StrEnum):
    """Stations of an enrolment, in their usual order."""

    PUT = "put"  # ask the person to put the finger on the glass
    UNCLEAR = "unclear"  # the print was not usable: the same press again
    CAPTURED = "captured"  # press `capture` of `of` is in the module's memory
    LIFT = "lift"  # ask the person to lift the finger
    STORED = "stored"  # the module wrote the template
    VERIFIED = "verified"  # read back and compared: the enrolment holds


@dataclass(frozen=True, slots=True)
class EnrolStep:
    """One step of an enrolment: press `capture` (from 1) of `of`."""

    step: Step
    capture: int
    of: int


@runtime_checkable
class FingerReader(Protocol):
    """A fingerprint module behind a port. Any thread may call any method; calls take turns.

    Every method may raise `DeviceGone` (the next call tries to reopen), `BadPacket` (call again), `DeviceRefused`
    (tell the user) or `DeviceBusy`.
    """

    @property
    def state(self) -> ReaderState:
        """Where the reader stands now; never touches the line."""

    def info(self) -> ModuleInfo:
        """What the module says of itself; `stored` is counted now, the rest is known since the port was opened."""

    def wait_touch(self, deadline: float | None, cancel: Cancel | None = None) -> Touch | NoMatch | None:
        """Wait for a finger until `deadline` (`time.monotonic()` seconds; None: for ever) or until `cancel` is set.

        None means that nobody came. One press gives one result: after it the finger must be lifted before the next
        counts. While an enrolment is under way no touch is reported.
        """

    def enrol(self, place: int, cancel: Cancel | None = None) -> Iterator[EnrolStep]:
        """Enrol a finger at `place`, step by step; each `next` waits for the person.

        Raises `DuplicateFinger` when the finger is stored already, `DeviceRefused` when the place is taken, the
        presses do not fit together, or `cancel` was set. Closing the iterator midway leaves the place free.
        """

    def forget(self, place: int) -> None:
        """Delete the template at `place`; a place that is empty already is well."""

    def places(self) -> frozenset[int]:
        """All places that hold a template."""

    def light(self, mood: Light) -> bool:
        """Show a mood on the module's light; False when it has none."""

    def close(self) -> None:
        """Let go of the port; a wait under way ends with `DeviceGone`. Closing twice is well."""
