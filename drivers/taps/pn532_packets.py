"""Frames of the PN532, without a port (UM0701-02 section 6.2; nfcpy pn532.py).

Normal: 00 00 FF, LEN, LCS (LEN + LCS = 0), data, DCS (sum of data + DCS = 0), 00. Extended: 00 00 FF FF FF, LEN of two
bytes, LCS. Data begin with D4 (to the chip) or D5 (from it). ACK 00 FF, NACK FF 00, error 01 FF 7F 81.
"""

from dataclasses import dataclass
from typing import Final, Literal

START: Final = b"\x00\xff"
TO_CHIP: Final = 0xD4
FROM_CHIP: Final = 0xD5
ACK: Final = bytes.fromhex("0000FF00FF00")
NACK: Final = bytes.fromhex("0000FFFF0000")
ERROR: Final = bytes.fromhex("0000FF01FF7F8100")
WAKE: Final = b"\x55\x55" + bytes(14)
LONGEST: Final = 300  # the chip's buffer holds 265 bytes of data
_NORMAL: Final = 255

Kind = Literal["ack", "nack", "error", "data"]


@dataclass(frozen=True, slots=True)
class Frame:
    """One whole frame whose sums hold. `data`: from D4 or D5 on, empty of other kinds."""

    kind: Kind
    data: bytes = b""


def encode(data: bytes, *, extended: bool = False) -> bytes:
    """The bytes of a data frame; extended where it must be (more than 255 bytes) or shall be."""
    size = len(data)
    if not 0 < size <= LONGEST:
        raise ValueError(f"{size} bytes fit no frame")
    if extended or size > _NORMAL:
        length = size.to_bytes(2)
        head = b"\xff\xff" + length + bytes((-sum(length) & 0xFF,))
    else:
        head = bytes((size, -size & 0xFF))
    return b"\x00" + START + head + data + bytes((-sum(data) & 0xFF, 0))


class FrameParser:
    """Finds frames in a stream that may hold anything. `broken` counts starts whose sums did not hold."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.broken = 0

    def push(self, data: bytes) -> None:
        """Take bytes as they came from the line."""
        self._buffer += data

    def pull(self) -> Frame | None:
        """The next whole frame, or None while more bytes are needed."""
        buffer = self._buffer
        while (at := buffer.find(START)) >= 0:
            del buffer[:at]
            found = _read(buffer)
            if found is None:
                return None
            frame, size = found
            if frame is not None:
                del buffer[:size]
                return frame
            self.broken += 1
            del buffer[0]
        del buffer[: -1 if buffer.endswith(START[:1]) else None]
        return None

    def reset(self) -> None:
        """Forget what was begun."""
        self._buffer.clear()


def _read(buffer: bytearray) -> tuple[Frame | None, int] | None:
    """The frame that begins the buffer and its size, (None, 0) when it is none, None while bytes are missing."""
    if len(buffer) < 4:
        return None
    first, second = buffer[2], buffer[3]
    if (first, second) in ((0x00, 0xFF), (0xFF, 0x00)):
        return Frame("ack" if first == 0 else "nack"), 4
    if (first, second) == (0xFF, 0xFF):
        if len(buffer) < 7:
            return None
        size, start, sound = buffer[4] << 8 | buffer[5], 7, sum(buffer[4:7]) & 0xFF == 0
    else:
        size, start, sound = first, 4, (first + second) & 0xFF == 0
    if not sound or not 0 < size <= LONGEST:
        return None, 0
    end = start + size + 1
    if len(buffer) < end:
        return None
    return _checked(bytes(buffer[start:end])), end


def _checked(data: bytes) -> Frame | None:
    """The frame of these data and their sum."""
    if data == b"\x7f\x81":
        return Frame("error")
    if sum(data) & 0xFF or data[0] not in (TO_CHIP, FROM_CHIP) or len(data) < 3:
        return None
    return Frame("data", data[:-1])
