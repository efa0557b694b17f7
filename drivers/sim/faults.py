"""Faults of a line, as what becomes of one frame on its way to the host.

Each fault gives pieces: (seconds to wait before it, bytes).
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

LATE_SECONDS = 2.6
SPLIT_SECONDS = 0.03
WAKE_NOTICE = bytes.fromhex("EF01FFFFFFFF070003FF0109")
RECEIVE_ERROR = bytes.fromhex("07000301000B")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One frame about to go out, the command it answers, and a source of chance."""

    frame: bytes
    command: bytes
    chance: Random


Pieces = list[tuple[float, bytes]]
Fault = Callable[[Outgoing], Pieces]


def _silent(_: Outgoing) -> Pieces:
    return []


def _garbled(out: Outgoing) -> Pieces:
    at = out.chance.randrange(len(out.frame))
    return [(0, _changed(out.frame, at, 1 << out.chance.randrange(8)))]


def _flip(out: Outgoing) -> Pieces:
    """One bit of the confirmation code: 02 (no finger) reads as 00 (well). The checksum no longer holds."""
    return [(0, _changed(out.frame, 9, 2))]


def _split(out: Outgoing) -> Pieces:
    frame = out.frame
    cuts = sorted(out.chance.sample(range(1, len(frame)), 3))
    ends = [*cuts, len(frame)]
    return [(SPLIT_SECONDS * (start > 0), frame[start:end]) for start, end in zip([0, *cuts], ends, strict=True)]


def _lost(out: Outgoing) -> Pieces:
    """Forty bytes missing from a data packet; short frames go through."""
    frame = out.frame
    if len(frame) <= 60:
        return [(0, frame)]
    at = out.chance.randrange(9, len(frame) - 40)
    return [(0, frame[:at] + frame[at + 40 :])]


def _noise(out: Outgoing) -> Pieces:
    return [(0, out.chance.randbytes(out.chance.randrange(1, 24))), (0, out.frame)]


def _changed(frame: bytes, at: int, bits: int) -> bytes:
    return frame[:at] + bytes((frame[at] ^ bits,)) + frame[at + 1 :]


FAULTS: dict[str, Fault] = {
    "silent": _silent,
    "garbled": _garbled,
    "late": lambda out: [(LATE_SECONDS, out.frame)],
    "split": _split,
    "flip": _flip,
    "stray": lambda out: [(0, b"\x55" + out.frame)],
    "noise": _noise,
    "cut": lambda out: [(0, out.frame[:-3])],
    "lost": _lost,
    "foreign": lambda out: [(0, out.frame[:2] + b"\0\0\0\5" + out.frame[6:])],
    "echo": lambda out: [(0, out.command + out.frame)],
    "double": lambda out: [(0, out.frame[:6] + RECEIVE_ERROR), (0.005, out.frame)],
    "twice": lambda out: [(0, out.frame + out.frame)],
    "wake": lambda out: [(0, WAKE_NOTICE + out.frame)],
}
"""Every fault of frames by name; the fault `gone` (unplugged) is the port's own."""
