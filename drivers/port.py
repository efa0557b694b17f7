"""A byte line with deadlines: a serial port held exclusively, or a socket to a serial server.

Nothing here ever blocks longer than it was told, and a line that vanished says so at once.
"""

import contextlib
import errno
import grp
import os
import select
import socket
import time
from pathlib import Path
from typing import Protocol

import serial

from config.words import say
from drivers.errors import DeviceBusy, DeviceFault, DeviceGone

CHUNK = 65536
CONNECT_SECONDS = 2.0
SOCKET_SCHEME = "socket://"
FINGER_MODULE = "指纹模块"


class Line(Protocol):
    """What a driver needs of a line. Times are `now()` seconds of the line's own monotonic clock."""

    @property
    def byte_time(self) -> float:
        """Seconds one byte takes on the wire (10 bits)."""

    def now(self) -> float: ...

    def write(self, data: bytes, deadline: float) -> None:
        """Hand all bytes to the line before the deadline, in one system call where the line takes them."""

    def read(self, deadline: float) -> bytes:
        """The bytes that are there, waiting until the deadline for the first one; empty when none came."""

    def pause(self, seconds: float) -> None:
        """Let bytes gather on the line."""

    def set_baud(self, baud: int) -> None: ...

    def close(self) -> None: ...


class Port:
    """A `Line` over a serial port (held exclusively) or over `socket://host:port`. `device`: whose, for people."""

    def __init__(self, path: str, baud: int, device: str = FINGER_MODULE) -> None:
        self.path, self._device = path, device
        self.byte_time = 10 / baud
        self._serial: serial.Serial | None = None
        self._socket: socket.socket | None = None
        self._due = False  # bytes were waited for, so reading comes before asking whether there are any
        if path.startswith(SOCKET_SCHEME):
            self._socket = _connect(path)
            self._fd = self._socket.fileno()
        else:
            self._serial = _open_serial(path, baud, device)
            self._fd = self._serial.fileno()

    def now(self) -> float:
        return time.monotonic()

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)
        self._due = True

    def write(self, data: bytes, deadline: float) -> None:
        """Send all of `data`; `DeviceGone` when the line is broken or still full at the deadline."""
        while data:
            try:
                data = data[os.write(self._fd, data) :]
            except BlockingIOError:
                if not self._ready(deadline, writing=True):
                    raise DeviceGone(say("串口 {path} 写不进去", path=self.path)) from None
            except OSError as error:
                raise self._gone() from error

    def read(self, deadline: float) -> bytes:
        """What has come, waiting at most until `deadline` for the first byte; empty at the deadline."""
        due, self._due = self._due, False
        past = deadline <= time.monotonic()
        if (due or past) and ((data := self._take()) or past):
            return data
        if not self._ready(deadline):
            return b""
        if not (data := self._take()):
            raise self._gone()  # ready, yet nothing there: the other end is gone
        return data

    def _take(self) -> bytes:
        try:
            return os.read(self._fd, CHUNK)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise self._gone() from error

    def set_baud(self, baud: int) -> None:
        """Change the rate of this end; a socket has none of its own."""
        self.byte_time = 10 / baud
        if self._serial is not None:
            try:
                self._serial.baudrate = baud
            except (OSError, ValueError) as error:
                raise self._gone() from error

    def close(self) -> None:
        """Let go of the line; closing twice is well."""
        with contextlib.suppress(OSError):
            if self._serial is not None:
                self._serial.close()
            if self._socket is not None:
                self._socket.close()
        self._fd = -1

    def _ready(self, deadline: float, *, writing: bool = False) -> bool:
        wait = max(deadline - time.monotonic(), 0)
        try:
            if writing:
                return bool(select.select([], [self._fd], [], wait)[1])
            return bool(select.select([self._fd], [], [], wait)[0])
        except (OSError, ValueError) as error:
            raise self._gone() from error

    def _gone(self) -> DeviceGone:
        return DeviceGone(
            say("{device}的串口 {path} 断开了，请检查插头和连线", device=say(self._device), path=self.path)
        )


def _connect(path: str) -> socket.socket:
    host, _, number = path.removeprefix(SOCKET_SCHEME).rpartition(":")
    try:
        link = socket.create_connection((host, int(number)), CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise DeviceGone(say("连不上串口服务器 {path}，请检查地址和网线", path=path)) from error
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    link.setblocking(False)
    return link


def _open_serial(path: str, baud: int, device: str) -> serial.Serial:
    try:
        port = serial.Serial(path, baud, timeout=0, write_timeout=0, exclusive=True)
    except (OSError, ValueError) as error:
        raise open_fault(path, error, device) from error
    with contextlib.suppress(Exception):  # only some adapters know it; FTDI ones hold bytes 16 ms without
        port.set_low_latency_mode(True)
    return port


def open_fault(path: str, error: Exception, device: str = FINGER_MODULE) -> DeviceFault:
    """Why `path` could not be opened, with what to do about it."""
    number = getattr(error, "errno", None)
    if number == errno.ENOENT or not Path(path).exists():
        return DeviceGone(say("没有找到串口 {path}，请检查{device}是否插好", path=path, device=say(device)))
    if number in (errno.EACCES, errno.EPERM):
        return DeviceGone(_permission_words(path))
    if number in (errno.EAGAIN, errno.EWOULDBLOCK, errno.EBUSY):
        return DeviceBusy(say("串口 {path} 正被另一个程序占用，请先关掉那个程序", path=path))
    return DeviceGone(say("打不开串口 {path}：它不是可用的串口，或速率不受支持", path=path))


def _permission_words(path: str) -> str:
    try:
        group = grp.getgrgid(Path(path).stat().st_gid).gr_name
    except (KeyError, OSError):
        group = "dialout"
    return say(
        "没有权限打开串口 {path}：请把当前用户加入 {group} 组（sudo usermod -aG {group} $USER），重新登录后再试",
        path=path,
        group=group,
    )
