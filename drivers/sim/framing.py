"""The module's end of the line: finding commands in what the host sends, and framing answers.

Written apart from the driver's parser on purpose: a shared slip would hide in both.
"""

import struct
from dataclasses import dataclass

MOST = 258


def frame(address: int, pid: int, payload: bytes) -> bytes:
    """One frame on the wire."""
    head = struct.pack(">HIBH", 0xEF01, address, pid, len(payload) + 2)
    return head + payload + struct.pack(">H", sum(head[6:] + payload) % 65536)


@dataclass(frozen=True, slots=True)
class Heard:
    """What arrived: `sound` says whether its checksum held; `raw` is the frame's own bytes."""

    pid: int
    address: int
    payload: bytes
    sound: bool
    raw: bytes


class Ear:
    """Takes bytes, gives whole frames, sound or not."""

    def __init__(self) -> None:
        self._bytes = b""

    def hear(self, data: bytes) -> list[Heard]:
        """Frames completed by `data`."""
        self._bytes += data
        found = []
        while (heard := self._next()) is not None:
            found.append(heard)
        return found

    def forget(self) -> None:
        """Drop a frame that was begun: a module does not wait for the rest for ever."""
        self._bytes = b""

    def _next(self) -> Heard | None:
        while True:
            start = self._bytes.find(b"\xef\x01")
            if start < 0:
                self._bytes = self._bytes[-1:] if self._bytes.endswith(b"\xef") else b""
                return None
            self._bytes = self._bytes[start:]
            if len(self._bytes) < 9:
                return None
            address, pid, length = struct.unpack(">IBH", self._bytes[2:9])
            if not 2 <= length <= MOST:
                self._bytes = self._bytes[2:]
                continue
            if len(self._bytes) < 9 + length:
                return None
            raw, self._bytes = self._bytes[: 9 + length], self._bytes[9 + length :]
            (told,) = struct.unpack(">H", raw[-2:])
            return Heard(pid, address, raw[9:-2], sum(raw[6:-2]) % 65536 == told, raw)
