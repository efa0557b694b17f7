"""A simulated PN532 on its serial port, with Type 2 and Type 4 tags: wakes, acknowledges, lists, exchanges."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from config.errors import Refused
from config.words import say
from drivers.sim.serial_device import SerialDevice
from drivers.taps.ndef import memory_of, message_of
from drivers.taps.pn532 import BAUD, SPEAKS_14443_4
from drivers.taps.pn532_packets import ACK, ERROR, FROM_CHIP, NACK, START, TO_CHIP, Frame, FrameParser, encode

FIRMWARE = bytes.fromhex("32010607")
SW_OK = b"\x90\x00"
SW_NOT_FOUND = b"\x6a\x82"
RATES = (9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600)  # SetSerialBaudRate's codes
TIMED_OUT = b"\x01"  # status of an exchange with a tag that is no longer there


@dataclass
class SimTag:
    """A tag: `speaks4`: ISO 14443-4 (NTAG 424), else a Type 2 tag (NTAG 21x). Each reading may give another address."""

    uid: bytes
    url: Callable[[], str]
    speaks4: bool
    selected: str = ""
    read_as: bytes = b""

    @property
    def listed(self) -> bytes:
        """What InListPassiveTarget says of it: ATQA, SAK, UID."""
        sak = SPEAKS_14443_4 if self.speaks4 else 0
        return bytes((0x03 if self.speaks4 else 0x00, 0x44, sak, len(self.uid))) + self.uid

    def exchange(self, command: bytes) -> bytes | None:
        """Its answer; None when it keeps silent."""
        return self._apdu(command) if self.speaks4 else self._page(command)

    def _page(self, command: bytes) -> bytes | None:
        if len(command) != 2 or command[0] != 0x30:
            return None
        url = self.url()
        memory = bytes(16) + (memory_of(url) if url else b"\x03\x00\xfe")
        at = command[1] * 4
        return memory[at : at + 16].ljust(16, b"\0")

    def _apdu(self, command: bytes) -> bytes:
        if command[:4] == b"\x00\xa4\x04\x00":
            self.selected = "application" if b"\xd2\x76\x00\x00\x85\x01\x01" in command else ""
            return SW_OK if self.selected else SW_NOT_FOUND
        if command[:5] == b"\x00\xa4\x00\x0c\x02" and self.selected:
            message = message_of(self.url()) if command[5:7] == b"\xe1\x04" else b""
            self.selected, self.read_as = "file", len(message).to_bytes(2) + message
            return SW_OK if message else SW_NOT_FOUND
        if command[:2] == b"\x00\xb0" and self.selected == "file":
            at = int.from_bytes(command[2:4])
            return self.read_as[at : at + command[4]] + SW_OK
        return SW_NOT_FOUND


class _Chip:
    """The chip's side: asleep after power-up, one command at a time."""

    def __init__(self, baud: int) -> None:
        self.tag: SimTag | None = None
        self.extended = False
        self.baud = self._set_baud = self._next_baud = baud
        self._parser, self._awake, self._first, self._last = FrameParser(), False, b"", b""

    def power_up(self) -> None:
        self._parser.reset()
        self._awake, self._first = False, b""
        self.baud = self._next_baud = self._set_baud

    def due(self) -> float | None:
        return None

    def speak(self, now: float) -> list[bytes]:
        return []

    def hear(self, data: bytes) -> list[bytes]:
        self.baud = self._next_baud  # a new rate holds after its answer
        if not self._awake:
            data = self._alarmed(data)
        self._parser.push(data)
        out: list[bytes] = []
        broken = self._parser.broken
        while (frame := self._parser.pull()) is not None:
            out += self._answer(frame)
        return [NACK, *out] if self._parser.broken > broken else out

    def _alarmed(self, data: bytes) -> bytes:
        """Asleep it wakes by what comes, and loses it: 55 55 and zeros, or ten zeros, are enough."""
        self._first += data
        alarm = max(self._first.find(b"\x55\x55"), self._first.find(bytes(10)))
        if alarm < 0:
            self._first = self._first[-64:]
            return b""
        rest, self._first, self._awake = self._first[alarm:], b"", True
        return rest[rest.find(START) - 1 :] if START in rest else b""

    def _answer(self, frame: Frame) -> list[bytes]:
        if frame.kind == "nack":
            return [self._last] if self._last else []
        if frame.kind != "data" or frame.data[0] != TO_CHIP:
            return []  # an ACK aborts: nothing is under way here
        answer = self._do(frame.data[1], frame.data[2:])
        if answer is None:
            return [ACK, ERROR]
        self._last = encode(bytes((FROM_CHIP, frame.data[1] + 1)) + answer, extended=self.extended)
        return [ACK, self._last]

    def _do(self, command: int, data: bytes) -> bytes | None:
        match command:
            case 0x00 if data[:1] == b"\0":  # communication line test
                return data
            case 0x02:
                return FIRMWARE
            case 0x06:  # registers read as zero
                return bytes(len(data) // 2)
            case 0x10 if data and data[0] < len(RATES):
                self._next_baud = RATES[data[0]]
                return b""
            case 0x08 | 0x12 | 0x14 | 0x32:
                return b""
            case 0x44 | 0x52:
                return b"\0"
            case 0x4A if data[:2] == b"\x01\x00" or data[:2] == b"\x02\x00":
                return self._list()
            case 0x40 | 0x42:
                return self._exchange(data[command == 0x40 :])
        return b"\0" if command == 0x4A else None

    def _list(self) -> bytes:
        if self.tag is None:
            return b"\0"
        self.tag.selected = ""
        return b"\x01\x01" + self.tag.listed

    def _exchange(self, command: bytes) -> bytes:
        answer = self.tag.exchange(command) if self.tag else None
        return TIMED_OUT if answer is None else b"\0" + answer


class Pn532Simulator(SerialDevice):
    """One simulated reader; `tag` brings a tag into its field, `lift` takes it away. `extended`: all answers are."""

    def __init__(
        self, *, link: Path | None = None, baud: int = BAUD, pace: bool = False, extended: bool = False, seed: int = 1
    ) -> None:
        self._chip = _Chip(baud)
        self._chip.extended = extended
        super().__init__(self._chip, link=link, pace=pace, seed=seed)

    def tag(self, uid: str, url: str | Callable[[], str] = "", *, speaks4: bool = False) -> None:
        """Bring the tag with this UID (8, 14 or 20 hex digits) near, holding this address."""
        try:
            number = bytes.fromhex(uid)
        except ValueError:
            number = b""
        if len(number) not in (4, 7, 10):
            raise Refused(say("看不懂标签号 {uid}", uid=uid), remedy=say("请写 8、14 或 20 位十六进制"))
        with self.lock:
            self._chip.tag = SimTag(number, url if callable(url) else lambda: url, speaks4)

    def lift(self) -> None:
        """Take the tag away."""
        with self.lock:
            self._chip.tag = None
