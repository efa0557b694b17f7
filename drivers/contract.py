"""What the station may ask of a device, and the frozen events it gets back.

No call ever hands out an image of a finger.
"""

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


@dataclass(frozen=True, slots=True)
class Tap:
    """A tag came to a tap reader. `uid`: its number in upper-case hex; empty when only `url` was read (a printed QR).

    A 125 kHz card counts as its 32-bit number (8 digits), whichever way a reader spells it. `url`: the address that
    the tag holds, empty when it holds none or was not read.
    """

    uid: str
    medium: Literal["rfid", "nfc", "qr"]
    at_monotonic_ns: int
    url: str = ""


@runtime_checkable
class TapReader(Protocol):
    """A reader of tags. One thread waits; `close` may come from another.

    `wait_tap` may raise `DeviceGone` (open it anew), `BadPacket` (wait again) or `DeviceRefused` (tell the user).
    """

    def wait_tap(self, deadline: float | None, cancel: Cancel | None = None) -> Tap | None:
        """Wait for a tag until `deadline` (`time.monotonic()` seconds; None: for ever) or until `cancel` is set.

        None means that none came. A tag that stays gives one tap; it counts again after it was taken away.
        """

    def close(self) -> None:
        """Let go of the reader; a wait under way ends with `DeviceGone`. Closing twice is well."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What is measured of a picture at 640 pixels' width, in grey levels 0-255 (source: `camera/measures.py`).

    `mean` and `spread` (standard deviation) of all pixels; `block_spread`: of the means of 16 x 9 blocks; `dark`: share
    of pixels below 25; `sharpness`: variance of the Laplacian; `changed`: share of pixels that differ from the
    picture before, None without one.
    """

    mean: float
    spread: float
    block_spread: float
    dark: float
    sharpness: float
    changed: float | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """One whole picture: JPEG bytes (the camera's own where it gives JPEG), pixels, when it had come, its measures."""

    jpeg: bytes
    width: int
    height: int
    at_monotonic_ns: int
    measures: Measures


@runtime_checkable
class Camera(Protocol):
    """A camera. Any thread may call; calls take turns."""

    def still(self, deadline: float | None = None) -> Frame:
        """A picture taken after this call began, whole, by `deadline` (`time.monotonic()`; None: the camera's own).

        Raises `DeviceGone` (no camera there, or its helper died; the next call starts anew), `NoAnswer` at the
        deadline, `BadPacket` for a damaged picture, `DeviceRefused` when the camera says no (address, password).
        """

    def close(self) -> None:
        """Let go of the camera and end its helper. Closing twice is well."""
