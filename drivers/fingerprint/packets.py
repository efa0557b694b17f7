"""Frames of the ZFM family, without a port.

A frame is start EF01, address u32, packet id u8, length u16 (payload + 2), payload, checksum u16 (sum of id, both
length bytes and payload); all big-endian (R503 manual 1.2.2, ZFM-20 manual).
"""

from dataclasses import dataclass
from typing import Final

COMMAND: Final = 0x01
DATA: Final = 0x02
ACK: Final = 0x07
LAST: Final = 0x08

START: Final = b"\xef\x01"
ANYONE: Final = 0xFFFFFFFF
OVERHEAD: Final = 11
MAX_PAYLOAD: Final = 256


@dataclass(frozen=True, slots=True)
class Frame:
    """One whole frame whose checksum holds."""

    pid: int
    payload: bytes


def encode(pid: int, payload: bytes, address: int = ANYONE) -> bytes:
    """The bytes of one frame. `payload` is at most 256 bytes."""
    if len(payload) > MAX_PAYLOAD:
        raise ValueError(f"payload of {len(payload)} bytes does not fit a frame")
    body = bytes((pid,)) + (len(payload) + 2).to_bytes(2) + payload
    return START + address.to_bytes(4) + body + (sum(body) & 0xFFFF).to_bytes(2)


class FrameParser:
    """Finds frames of one address in a stream that may hold anything, and never loses its way.

    `push` takes bytes as they come, `pull` hands out the next whole frame. A start that is no frame (length out of
    bounds, checksum wrong) is left one byte at a time, so a frame inside the wreck is still found. Memory stays
    below one frame plus what was pushed and not pulled yet. `skipped` counts bytes that belonged to no frame,
    `broken` counts starts whose length or checksum did not hold.
    """

    def __init__(self, address: int = ANYONE) -> None:
        self._head = START + address.to_bytes(4)
        self._buffer = bytearray()
        self.skipped = 0
        self.broken = 0

    def push(self, data: bytes) -> None:
        """Take bytes as they came from the line."""
        self._buffer += data

    def feed(self, data: bytes) -> list[Frame]:
        """Take bytes and hand out every whole frame, in order."""
        self.push(data)
        frames = []
        while (frame := self.pull()) is not None:
            frames.append(frame)
        return frames

    def pull(self) -> Frame | None:
        """The next whole frame, or None while more bytes are needed."""
        buffer = self._buffer
        while buffer and self._seek():
            if len(buffer) < OVERHEAD - 2:
                return None
            size = buffer[7] << 8 | buffer[8]
            end = 9 + size
            if not 2 <= size <= MAX_PAYLOAD + 2:
                self._leave()
            elif len(buffer) < end:
                return None
            elif sum(buffer[6 : end - 2]) & 0xFFFF != buffer[end - 2] << 8 | buffer[end - 1]:
                self._leave()
            else:
                frame = Frame(buffer[6], bytes(buffer[9 : end - 2]))
                del buffer[:end]
                return frame
        return None

    @property
    def missing(self) -> int:
        """Bytes that must still come before the frame at hand can be whole (at least 12 make one); 0 if none is
        begun."""
        held = len(self._buffer)
        if held < 9:
            return 12 - held if held else 0
        return max(9 + (self._buffer[7] << 8 | self._buffer[8]) - held, 0)

    @property
    def held(self) -> int:
        """Bytes that wait for the rest of their frame."""
        return len(self._buffer)

    def reset(self) -> None:
        """Forget what was begun."""
        self._buffer.clear()

    def _seek(self) -> bool:
        """Bring a start, or what may become one, to the front of the buffer; False when nothing is left."""
        buffer, head = self._buffer, self._head
        at = buffer.find(head)
        if at < 0:
            at = _tail_of_start(buffer, head)
        if at:
            self.skipped += at
            del buffer[:at]
        return len(buffer) > 0

    def _leave(self) -> None:
        self.broken += 1
        self.skipped += 1
        del self._buffer[:1]


def _tail_of_start(buffer: bytearray, head: bytes) -> int:
    """Where the longest end of `buffer` that begins `head` stands; its length when there is none."""
    for kept in range(min(len(head) - 1, len(buffer)), 0, -1):
        if buffer.endswith(head[:kept]):
            return len(buffer) - kept
    return len(buffer)
