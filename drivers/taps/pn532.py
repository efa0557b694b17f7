"""PN532 by its serial port (HSU, 115200 8N1): the number of a 13.56 MHz tag, and the address that it holds.

The address is read on the spot because a dynamic one (NTAG 424 DNA) proves the tag: see `station/sun.py`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from config.words import say
from drivers.contract import Tap
from drivers.errors import BadPacket, DeviceFault, DeviceGone, DeviceRefused, NoAnswer
from drivers.port import Line, Port
from drivers.taps import ndef
from drivers.taps.pn532_link import Pn532Link
from drivers.taps.waiting import READER, Presence, WaitingTapReader

BAUD: Final = 115200
FIRMWARE: Final = 0x02
SAM: Final = 0x14
RF: Final = 0x32
LIST_TARGET: Final = 0x4A
EXCHANGE: Final = 0x40
PN532: Final = 0x32  # the IC's number in its firmware version
AWAY_S = 0.6  # looks in a row without the tag
REST_S = 0.08  # between two looks
READ: Final = 0x30  # Type 2 tag: 16 bytes from a page
FIRST_PAGE: Final = 4
MEMORY_LIMIT: Final = 512  # bytes of a tag that are looked at for an address
CHUNK: Final = 59  # bytes a READ BINARY asks for: fits one frame of any tag
SPEAKS_14443_4: Final = 0x20  # in SAK
SELECT_APPLICATION: Final = bytes.fromhex("00A4040007D276000085010100")
SELECT_FILE: Final = bytes.fromhex("00A4000C02E104")  # E104: the NDEF file


@dataclass(frozen=True, slots=True)
class Target:
    """A tag in the field: its chip-side number, SAK and UID."""

    number: int
    sak: int
    uid: bytes


def read_target(answer: bytes) -> Target | None:
    """The tag that an InListPassiveTarget answer (106 kbit/s type A) tells of; None when there is none.

    `BadPacket` when its lengths do not fit.
    """
    if answer[:1] == b"\0":
        return None
    if len(answer) < 6 or answer[0] != 1 or len(answer) < 6 + answer[5] or answer[5] not in (4, 7, 10):
        raise BadPacket(say("读卡器的回应读不懂"))
    return Target(answer[1], answer[4], answer[6 : 6 + answer[5]])


class Pn532:
    """The `Lookout` over one chip; it wakes it again when it lost its power in between."""

    def __init__(self, line: Line) -> None:
        self._link, self._presence = Pn532Link(line), Presence(AWAY_S)
        self.firmware = self._begin()
        self._rested = line.now()

    def look(self, until: float) -> Tap | None:
        """A tag that came to the field."""
        line = self._link.line
        if (rest := self._rested - line.now()) > 0:
            line.pause(min(rest, max(until - line.now(), 0)))
            if line.now() < self._rested:
                return None
        target = self._poll()
        self._rested = line.now() + REST_S
        if target is None or not self._presence.comes(target.uid.hex(), line.now()):
            return None
        at = time.monotonic_ns()
        return Tap(target.uid.hex().upper(), "nfc", at, self._address(target))

    def close(self) -> None:
        """Let go of the line."""
        self._link.close()

    def _begin(self) -> tuple[int, int]:
        """Wake and set up: normal mode, few tries a look. `DeviceGone` when mute, `DeviceRefused` when another chip."""
        self._link.wake()
        try:
            self._link.ask(SAM, b"\x01\x14\x01")
            about = self._link.ask(FIRMWARE)
            self._link.ask(RF, b"\x05\xff\x01\x01")
        except NoAnswer as error:
            raise DeviceGone(say("读卡器没有回应，请检查连线、供电和拨码（应为 HSU）")) from error
        if len(about) < 4 or about[0] != PN532:
            raise DeviceRefused(say("端口上的设备不是 PN532 读卡器"))
        return about[1], about[2]

    def _poll(self) -> Target | None:
        try:
            return read_target(self._link.ask(LIST_TARGET, b"\x01\x00"))
        except NoAnswer:
            self._begin()
            return None

    def _address(self, target: Target) -> str:
        """The address in the tag; empty when it has none or was taken away too soon."""
        read = self._type4 if target.sak & SPEAKS_14443_4 else self._type2
        try:
            return ndef.url_of(read(target.number))
        except DeviceGone:
            raise
        except DeviceFault:
            return ""

    def _type2(self, number: int) -> bytes:
        memory = b""
        while (end := ndef.message_end(memory)) is None or end > len(memory):
            if len(memory) >= MEMORY_LIMIT:
                return b""
            page = FIRST_PAGE + len(memory) // 4
            memory += self._exchange(number, bytes((READ, page)), 16)
        return ndef.message_in(memory)

    def _type4(self, number: int) -> bytes:
        self._select(number, SELECT_APPLICATION)
        self._select(number, SELECT_FILE)
        size = int.from_bytes(self._binary(number, 0, 2))
        message = b""
        while len(message) < min(size, MEMORY_LIMIT):
            message += self._binary(number, 2 + len(message), min(CHUNK, size - len(message)))
        return message

    def _select(self, number: int, command: bytes) -> None:
        self._exchange(number, command, 2)

    def _binary(self, number: int, at: int, size: int) -> bytes:
        return self._exchange(number, bytes((0x00, 0xB0)) + at.to_bytes(2) + bytes((size,)), size + 2)[:size]

    def _exchange(self, number: int, command: bytes, size: int) -> bytes:
        """What the tag says, `size` bytes at least; an APDU must end with 9000."""
        answer = self._link.ask(EXCHANGE, bytes((number,)) + command)
        if len(answer) < 1 + size or answer[0] & 0x3F or (command[0] == 0 and answer[-2:] != b"\x90\x00"):
            raise DeviceRefused(say("标签读到一半就拿开了，请再贴一次"))
        return answer[1:]


def open_pn532(port: str, baud: int = BAUD) -> WaitingTapReader:
    """Open the reader on `port`. Raises `DeviceGone`, `DeviceBusy` or `DeviceRefused` (another chip)."""
    return WaitingTapReader(_on(lambda: Port(port, baud, READER)))


def _on(connect: Callable[[], Line]) -> Pn532:
    line = connect()
    try:
        return Pn532(line)
    except BaseException:
        line.close()
        raise
