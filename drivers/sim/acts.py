"""What a simulated module does, step by step, and the codes it says."""

from collections.abc import Generator
from dataclasses import dataclass

COMMAND, DATA, ACK, LAST = 1, 2, 7, 8
OK, RECEIVE_ERROR, NO_FINGER = 0x00, 0x01, 0x02
NO_MATCH, NOT_FOUND, MERGE_FAILED, BAD_PAGE, UNREADABLE = 0x08, 0x09, 0x0A, 0x0B, 0x0C
WRONG_PASSWORD, NO_PICTURE, BAD_REGISTER, BAD_VALUE, BAD_NOTE = 0x13, 0x15, 0x1A, 0x1B, 0x1C
FLASH_ERROR, FULL, WRONG_ADDRESS, LOCKED, EMPTY_PLACE, TIMEOUT, DUPLICATE = 0x18, 0x1F, 0x20, 0x21, 0x22, 0x26, 0x27
FINGER_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Think:
    """The module is busy for `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """An acknowledgement: confirmation code and results."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Send:
    """Data packets, the last one marked."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Bare:
    """Bytes outside any frame."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Await:
    """Wait until a finger lies there (or is gone); the answer is whether it happened within `seconds`."""

    finger: bool
    seconds: float


Act = Think | Answer | Send | Bare | Await
Program = Generator[Act, bool, None]


def just(*acts: Act) -> Program:
    """A program of these acts, one after the other."""
    for act in acts:  # noqa: UP028 - a tuple takes no answers, so `yield from` would break
        yield act


def code_only(code: int) -> Program:
    """An acknowledgement without results."""
    yield Answer(bytes((code,)))
