"""A wedge: a reader that types as a USB keyboard does, read from its event device and kept from everybody else.

Records of input-event-codes.h and input.h: two longs of time, type, code, value (24 bytes on 64 bits).
"""

import contextlib
import errno
import fcntl
import os
import select
import stat
import struct
import time
from pathlib import Path
from typing import Final, Literal

from config.words import say
from drivers.contract import Tap
from drivers.errors import DeviceBusy, DeviceFault, DeviceGone, DeviceRefused
from drivers.taps.cards import Spelling, uid_from
from drivers.taps.waiting import Presence, WaitingTapReader

RECORD: Final = struct.Struct("llHHi")
EV_SYN: Final = 0
EV_KEY: Final = 1
SYN_DROPPED: Final = 3
DOWN: Final = 1
UP: Final = 0
EVIOCGRAB: Final = 0x40044590
SHIFTS: Final = frozenset((42, 54))
ENTERS: Final = frozenset((28, 96))
PAUSE_S = 0.3  # a wedge types without a pause; what stopped half-way is dropped (guess)
AGAIN_S = 2.0  # the same card within this counts once (guess)
LONGEST = 256  # characters of a line; an address fits
INPUT_MAJOR = 13  # devices.txt: /dev/input/*

# Key code → what it types, and with shift (US layout, the one that wedges speak).
_ROWS = (
    (2, "1234567890-=", "!@#$%^&*()_+"), (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'), (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
)  # fmt: skip
_PAD = {82: "0", 79: "1", 80: "2", 81: "3", 75: "4", 76: "5", 77: "6", 71: "7", 72: "8", 73: "9"}
KEYS: Final = {
    **{first + at: (low, high[at]) for first, lows, high in _ROWS for at, low in enumerate(lows)},
    **{code: (digit, digit) for code, digit in _PAD.items()},
    57: (" ", " "),
}


class KeyParser:
    """Lines typed, from records as they come. `dropped` counts lines that were too long or broke off."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._line = ""
        self._shift: set[int] = set()
        self._last = float("-inf")
        self._lost = False
        self.dropped = 0

    def feed(self, data: bytes, now: float) -> list[str]:
        """Take bytes that came at `now` seconds; the lines that are ended by them."""
        self._buffer += data
        lines = []
        while len(self._buffer) >= RECORD.size:
            _, _, kind, code, value = RECORD.unpack_from(self._buffer)
            del self._buffer[: RECORD.size]
            if kind == EV_SYN and code == SYN_DROPPED:
                self._lost = True
            elif kind == EV_KEY and (line := self._key(code, value, now)):
                lines.append(line)
        return lines

    def _key(self, code: int, value: int, now: float) -> str:
        if code in SHIFTS:
            (self._shift.discard if value == UP else self._shift.add)(code)
        if value != DOWN or code in SHIFTS:
            return ""
        if now - self._last > PAUSE_S and self._line:
            self._forget(dropped=True)
        self._last = now
        if code in ENTERS:
            return self._end()
        if code in KEYS:
            self._line += KEYS[code][bool(self._shift)]
            self._lost = self._lost or len(self._line) > LONGEST
        return ""

    def _end(self) -> str:
        line = "" if self._lost else self._line
        self._forget(dropped=self._lost)
        return line

    def _forget(self, *, dropped: bool) -> None:
        self.dropped += dropped
        self._line, self._lost = "", False


class Wedge:
    """The `Lookout` over an open event device, or a pipe that carries its records."""

    def __init__(self, fd: int, path: str, medium: Literal["rfid", "nfc"], spelling: Spelling) -> None:
        self._fd, self._path = fd, path
        self._medium: Literal["rfid", "nfc"] = medium
        self._spelling: Spelling = spelling
        self._parser, self._presence = KeyParser(), Presence(AGAIN_S)

    def look(self, until: float) -> Tap | None:
        """A card or code that was typed."""
        while (data := self._read(until)) is not None:
            now = time.monotonic()
            taps = [tap for line in self._parser.feed(data, now) if (tap := self._tap(line, now))]
            if taps:
                return taps[-1]
        return None

    def close(self) -> None:
        """Let go of the device; the grab ends with it."""
        if self._fd >= 0:
            os.close(self._fd)
        self._fd = -1

    def _read(self, until: float) -> bytes | None:
        """What has come, None at `until`; `DeviceGone` when the device is unplugged or the pipe's writer left."""
        try:
            if not select.select([self._fd], [], [], max(until - time.monotonic(), 0))[0]:
                return None
            if data := os.read(self._fd, RECORD.size * 64):
                return data
        except OSError as error:
            raise self._gone() from error
        raise self._gone()

    def _gone(self) -> DeviceGone:
        return DeviceGone(say("读卡器 {path} 断开了，请检查插头", path=self._path))

    def _tap(self, line: str, now: float) -> Tap | None:
        if line.startswith(("http://", "https://")):
            tap = Tap("", "qr", time.monotonic_ns(), line)
        elif uid := uid_from(line, self._spelling):
            tap = Tap(uid, self._medium, time.monotonic_ns())
        else:
            return None
        return tap if self._presence.comes(line, now) else None


def open_keyboard(port: str, medium: Literal["rfid", "nfc"] = "rfid", spelling: Spelling = "auto") -> WaitingTapReader:
    """Open and grab the event device `port` (use its stable name under /dev/input/by-id).

    A named pipe is taken too (records as the kernel gives them). Raises `DeviceGone`, `DeviceBusy`, `DeviceRefused`.
    """
    try:
        fd = os.open(port, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _open_fault(port, error) from error
    try:
        _grab(fd, port)
    except BaseException:
        os.close(fd)
        raise
    return WaitingTapReader(Wedge(fd, port, medium, spelling))


def _grab(fd: int, port: str) -> None:
    """Keep the typing from everybody else: digits must not reach a console."""
    about = os.fstat(fd)
    if stat.S_ISFIFO(about.st_mode):
        return
    if not stat.S_ISCHR(about.st_mode) or os.major(about.st_rdev) != INPUT_MAJOR:
        raise DeviceRefused(
            say("{path} 不是键盘式读卡器的事件设备，请用 /dev/input/by-id/ 下的 …-event-kbd", path=port)
        )
    try:
        fcntl.ioctl(fd, EVIOCGRAB, 1)
    except OSError as error:
        raise DeviceBusy(say("读卡器 {path} 正被另一个程序占用，请先关掉那个程序", path=port)) from error


def _open_fault(path: str, error: OSError) -> DeviceFault:
    with contextlib.suppress(OSError):
        if error.errno in (errno.EACCES, errno.EPERM) and Path(path).exists():
            return DeviceGone(say("没有权限打开读卡器 {path}：请把当前用户加入 input 组，重新登录后再试", path=path))
    return DeviceGone(say("没有找到读卡器 {path}，请检查是否插好", path=path))
