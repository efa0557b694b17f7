"""A simulated RDM6300: says a card's frame over and over while the card lies there."""

from pathlib import Path

from config.errors import Refused
from config.words import say
from drivers.sim.serial_device import SerialDevice
from drivers.taps.cards import uid_from
from drivers.taps.rdm6300 import BAUD, Card, encode

EVERY_S = 0.065  # from one frame to the next: 64 bits of the card at 125 kHz / 64, twice (measured by others)
VERSION = 0x62


class _Talk:
    def __init__(self, baud: int) -> None:
        self.baud = baud
        self.card: Card | None = None
        self._next = 0.0

    def power_up(self) -> None:
        self._next = 0.0

    def hear(self, data: bytes) -> list[bytes]:
        return []  # its line goes one way

    def due(self) -> float | None:
        return self._next if self.card else None

    def speak(self, now: float) -> list[bytes]:
        if self.card is None or now < self._next:
            return []
        self._next = now + EVERY_S
        return [encode(self.card)]


class Rdm6300Simulator(SerialDevice):
    """One simulated reader; `tag` lays a card on it, `lift` takes it away."""

    def __init__(self, *, link: Path | None = None, baud: int = BAUD, pace: bool = False, seed: int = 1) -> None:
        self._card = _Talk(baud)
        super().__init__(self._card, link=link, pace=pace, seed=seed)

    def tag(self, text: str) -> None:
        """Lay the card with this number (in any spelling) on the reader."""
        uid = uid_from(text)
        if uid is None or len(uid) != 8:
            raise Refused(say("看不懂卡号 {text}", text=text), remedy=say("请写 8 位十六进制或 10 位十进制卡号"))
        with self.lock:
            self._card.card = Card(VERSION, int(uid, 16))
        self.changed()

    def lift(self) -> None:
        """Take the card away."""
        with self.lock:
            self._card.card = None
