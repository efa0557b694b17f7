"""RDM6300: 125 kHz cards (EM4100) on a one-way serial line, 9600 8N1.

A frame is 02, two hex characters of version, eight of the card's number, two of checksum (XOR of the five bytes), 03.
It is sent over and over while a card lies there (arduino12/rdm6300; checked example: 02 `6200E3086CE5` 03).
"""

import time
from collections import deque
from dataclasses import dataclass
from functools import reduce
from operator import xor
from typing import Final

from config.words import say
from drivers.contract import Tap
from drivers.errors import BadPacket
from drivers.port import Line, Port
from drivers.taps.cards import uid_of
from drivers.taps.waiting import READER, Presence, WaitingTapReader

BAUD = 9600
START: Final = 0x02
END: Final = 0x03
SIZE: Final = 14
_HEX: Final = frozenset(b"0123456789ABCDEF")
AWAY_S = 0.5  # silence that means that the card was taken away (the PyPI library's default)
STALE_S = 2.0  # what gathered on the line while nobody looked for this long is no tap of now
NOISY = 10  # broken frames in a row after which the wiring is to blame


@dataclass(frozen=True, slots=True)
class Card:
    """A card as its frame told: version (or customer) byte and 32-bit number."""

    version: int
    number: int


def encode(card: Card) -> bytes:
    """The frame of a card."""
    data = bytes((card.version,)) + card.number.to_bytes(4)
    return bytes((START,)) + (data + bytes((reduce(xor, data),))).hex().upper().encode() + bytes((END,))


class FrameParser:
    """Finds cards in a stream that may hold anything. `broken` counts starts that did not become a frame."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.broken = 0

    def push(self, data: bytes) -> None:
        """Take bytes as they came from the line."""
        self._buffer += data

    def pull(self) -> Card | None:
        """The next whole card, or None while more bytes are needed."""
        while (at := self._buffer.find(START)) >= 0:
            del self._buffer[:at]
            text = self._buffer[1 : SIZE - 1]
            if not _HEX.issuperset(text):
                self._leave()
            elif len(self._buffer) < SIZE:
                return None
            elif (card := _card(bytes(text))) is None or self._buffer[SIZE - 1] != END:
                self._leave()
            else:
                del self._buffer[:SIZE]
                return card
        self._buffer.clear()
        return None

    def reset(self) -> None:
        """Forget what was begun."""
        self._buffer.clear()

    def _leave(self) -> None:
        self.broken += 1
        del self._buffer[0]


def _card(text: bytes) -> Card | None:
    """The card of these twelve hex characters; None when the checksum does not hold."""
    data = bytes.fromhex(text.decode())
    return Card(data[0], int.from_bytes(data[1:5])) if reduce(xor, data) == 0 else None


class Rdm6300:
    """The `Lookout` over one `Line`."""

    def __init__(self, line: Line) -> None:
        self._line, self._parser, self._presence = line, FrameParser(), Presence(AWAY_S)
        self._cards: deque[Card] = deque()
        self._looked = line.now()
        self._broken_before = 0

    def look(self, until: float) -> Tap | None:
        """A card that came. `BadPacket` when the line gives nothing but damaged frames."""
        if self._line.now() - self._looked > STALE_S:
            self._drain()
        tap = None
        while tap is None and (data := self._line.read(until)):
            self._parser.push(data)
            while (card := self._parser.pull()) is not None:
                tap = self._seen(card) or tap
            if self._line.now() >= until:
                break
        self._looked = self._line.now()
        if self._parser.broken - self._broken_before >= NOISY:
            self._broken_before = self._parser.broken
            raise BadPacket(say("读卡器的数据在线路上损坏了，请检查连线和供电"))
        return tap

    def close(self) -> None:
        """Let go of the line."""
        self._line.close()

    def _seen(self, card: Card) -> Tap | None:
        self._broken_before = self._parser.broken
        uid = uid_of(card.number)
        return Tap(uid, "rfid", time.monotonic_ns()) if self._presence.comes(uid, self._line.now()) else None

    def _drain(self) -> None:
        while self._line.read(self._line.now()):
            pass
        self._parser.reset()


def open_rdm6300(port: str, baud: int = BAUD) -> WaitingTapReader:
    """Open the reader on `port`. Raises `DeviceGone` or `DeviceBusy`."""
    return WaitingTapReader(Rdm6300(Port(port, baud, READER)))
