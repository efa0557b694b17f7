"""The simulated end of a line: a pty or a loopback socket, the time bytes take on it, and its baud rate."""

import contextlib
import fcntl
import os
import pty
import select
import socket
import struct
import termios
import tty
from collections import deque
from pathlib import Path

from config.errors import Refused
from config.words import say

SPEEDS = {
    getattr(termios, f"B{baud}"): baud
    for baud in (9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600)
    if hasattr(termios, f"B{baud}")
}
CODES = {baud: code for code, baud in SPEEDS.items()}
FULL_SECONDS = 2.0  # bytes nobody takes for this long are lost, as on a UART


class Pty:
    """A pty whose far end is the port. `link`: a stable name that points at it."""

    def __init__(self, link: Path | None, baud: int) -> None:
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self._preset(baud)
        os.set_blocking(self._master, False)
        self.port = os.ttyname(self._slave)
        self.link = link
        if link is not None:
            try:
                _point(link, self.port)
            except Refused:
                os.close(self._master)
                os.close(self._slave)
                raise

    def fds(self) -> list[int]:
        """What to wait on for bytes from the host."""
        return [self._master]

    def host_baud(self) -> int | None:
        """The rate the host's side is set to; None when it is none of the module's."""
        return SPEEDS.get(termios.tcgetattr(self._master)[5])

    def waiting(self) -> int:
        """Bytes written that the host has not read yet."""
        raw = fcntl.ioctl(self._slave, termios.FIONREAD, b"\0\0\0\0")
        count: int = struct.unpack("i", raw)[0]
        return count

    def read(self) -> bytes:
        """What the host sent, if anything."""
        try:
            return os.read(self._master, 65536)
        except OSError:
            return b""

    def write(self, data: bytes) -> int:
        """How many of these bytes went out now."""
        try:
            return os.write(self._master, data)
        except BlockingIOError:
            return 0
        except OSError:
            return len(data)

    def close(self) -> None:
        """Pull the plug: the port vanishes, the host's reads fail."""
        if self.link is not None:
            with contextlib.suppress(OSError):
                if self.link.readlink() == Path(self.port):
                    self.link.unlink()
        os.close(self._master)
        os.close(self._slave)

    def _preset(self, baud: int) -> None:
        settings = termios.tcgetattr(self._slave)
        settings[4] = settings[5] = CODES.get(baud, termios.B57600)
        termios.tcsetattr(self._slave, termios.TCSANOW, settings)


class Socket:
    """A listening loopback socket that serves one host at a time, like a serial server."""

    def __init__(self, number: int) -> None:
        try:
            self._server = socket.create_server(("127.0.0.1", number))
        except OSError as error:
            raise Refused(say("端口 {number} 已被占用", number=number), remedy=say("请换一个端口")) from error
        self._server.setblocking(False)
        self.number = self._server.getsockname()[1]
        self.port = f"socket://127.0.0.1:{self.number}"
        self._host: socket.socket | None = None

    def fds(self) -> list[int]:
        """What to wait on: the next host, and bytes from the present one."""
        host = [self._host.fileno()] if self._host is not None else []
        return [self._server.fileno(), *host]

    def host_baud(self) -> int | None:
        """A socket has no rate of its own."""
        return 0

    def waiting(self) -> int:
        """Nothing is known of the far end's buffer."""
        return 0

    def read(self) -> bytes:
        """What the host sent; a new host takes the place of the old one."""
        with contextlib.suppress(BlockingIOError):
            host, _ = self._server.accept()
            host.setblocking(False)
            host.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._hang_up()
            self._host = host
        if self._host is None:
            return b""
        try:
            data = self._host.recv(65536)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self._hang_up()
        return data

    def write(self, data: bytes) -> int:
        """How many of these bytes went out now; without a host they are lost."""
        if self._host is None:
            return len(data)
        try:
            return self._host.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            return len(data)

    def close(self) -> None:
        """Hang up and stop listening."""
        self._hang_up()
        self._server.close()

    def _hang_up(self) -> None:
        if self._host is not None:
            self._host.close()
            self._host = None


class Pacer:
    """Bytes on their way to the host, in order, each when its time has come."""

    def __init__(self) -> None:
        self._queue: deque[tuple[float, float, bytes]] = deque()  # start, seconds a byte, bytes
        self._free_at = 0.0
        self._stuck_since: float | None = None

    def queue(self, data: bytes, now: float, byte_time: float, delay: float = 0.0) -> float:
        """Take bytes; returns when the last one is out. `byte_time` 0: at once."""
        start = max(now, self._free_at) + delay
        if data:
            self._queue.append((start, byte_time, data))
        self._free_at = start + len(data) * byte_time
        return self._free_at

    def due(self, now: float) -> float | None:
        """When the next byte is due; None when there is none."""
        if not self._queue:
            return None
        start, byte_time, _ = self._queue[0]
        return start + byte_time

    def clear(self) -> None:
        """Lose everything."""
        self._queue.clear()
        self._free_at, self._stuck_since = 0.0, None

    def pump(self, line: "Pty | Socket", now: float, spoil: bool) -> None:
        """Write what is due; `spoil`: the host listens at another rate and hears rubbish."""
        while self._queue:
            start, byte_time, data = self._queue[0]
            ready = len(data) if byte_time == 0 else min(int((now - start) / byte_time + 1e-6), len(data))
            if now < start or ready <= 0:
                return
            sent = line.write(_rubbish(data[:ready]) if spoil else data[:ready])
            if sent == 0 and not self._lose(now):
                return
            self._advance(sent or len(data))
            if ready < len(data) or sent < ready:
                return

    def _advance(self, sent: int) -> None:
        start, byte_time, data = self._queue.popleft()
        self._stuck_since = None
        if sent < len(data):
            self._queue.appendleft((start + sent * byte_time, byte_time, data[sent:]))

    def _lose(self, now: float) -> bool:
        self._stuck_since = self._stuck_since or now
        return now - self._stuck_since > FULL_SECONDS

    @property
    def busy(self) -> bool:
        """Whether bytes are still to go out."""
        return bool(self._queue)

    @property
    def stuck(self) -> bool:
        """Whether the host is not taking what is due."""
        return self._stuck_since is not None


def wait(fds: list[int], seconds: float | None) -> list[int]:
    """Those of `fds` that have something to read, waiting at most `seconds`."""
    return select.select(fds, [], [], seconds)[0]


def _rubbish(data: bytes) -> bytes:
    return bytes((byte * 37 + 0x5A) & 0x7F for byte in data)


def _point(link: Path, port: str) -> None:
    if link.exists() and not link.is_symlink():
        raise Refused(say("{path} 已经存在，而且不是链接", path=link), remedy=say("请换一个名字"))
    fresh = link.with_name(link.name + ".new")
    try:
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(port)
        fresh.replace(link)
    except OSError as error:
        raise Refused(say("不能建立链接 {path}", path=link), remedy=say("请换一个可写的文件夹")) from error
