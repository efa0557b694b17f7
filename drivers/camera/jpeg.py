"""Whether bytes are one whole JPEG, and its size, from its markers alone (ITU T.81 annex B). Nothing is decoded."""

from collections.abc import Iterator
from typing import Final

from config.words import say
from drivers.errors import BadPacket

START: Final = b"\xff\xd8"
END: Final = b"\xff\xd9"
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF0-15 without DHT, JPG, DAC
_SCAN: Final = 0xDA
_BARE: Final = frozenset((0x01, *range(0xD0, 0xD8)))


def whole(data: bytes) -> bytes:
    """The JPEG in `data`, without padding after its end; `BadPacket` when its beginning or end is missing."""
    trimmed = data.rstrip(b"\0\r\n")
    if not data.startswith(START):
        raise BadPacket(say("摄像头给的不是 JPEG 图片"))
    if not trimmed.endswith(END):
        raise BadPacket(say("摄像头的画面没有传完"))
    return trimmed


def size_of(jpeg: bytes) -> tuple[int, int]:
    """Width and height in pixels; `BadPacket` when no frame header is found before the picture's data."""
    for marker, at in _segments(jpeg):
        if marker in _FRAMES and at + 9 <= len(jpeg):
            height, width = int.from_bytes(jpeg[at + 5 : at + 7]), int.from_bytes(jpeg[at + 7 : at + 9])
            if width and height:
                return width, height
    raise BadPacket(say("摄像头的图片读不出大小"))


def has_end(jpeg: bytes) -> bool:
    """Whether the picture's data reach their end; what a telephone appends after it does not matter.

    The end of a thumbnail inside the headers does not count: in the data themselves FF is always followed by 00.
    """
    scan = next((at for marker, at in _segments(jpeg) if marker == _SCAN), len(jpeg))
    return jpeg.find(END, scan) >= 0


def _segments(jpeg: bytes) -> Iterator[tuple[int, int]]:
    """The markers up to the first scan, each with where it stands."""
    at = len(START)
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        marker = jpeg[at + 1]
        if marker == 0xFF or marker in _BARE:
            at += 1 if marker == 0xFF else 2
            continue
        yield marker, at
        if marker == _SCAN:
            return
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4])
