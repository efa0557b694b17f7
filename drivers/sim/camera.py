"""A simulated network camera: a picture and an MJPEG stream over HTTP on the loopback, with a camera's faults."""

import contextlib
import hashlib
import re
import socket
import threading
import time
from base64 import b64decode
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from config.errors import Refused
from config.words import say
from drivers.sim.scene import LOOKS, Scene

BOUNDARY = "zaigang-frame"
STILL, STREAM = "/still.jpg", "/stream.mjpg"
# stall: stops mid-frame; half: a frame's second half is missing; cut: the same, and its length agrees; drop: hangs up
# mid-frame; reset: the same, rudely; silent: says nothing; headers: then nothing; drip: a byte at a time; page: HTML.
WIRE_FAULTS = ("stall", "half", "cut", "drop", "reset", "silent", "headers", "drip", "page", "404", "401")
REALM, NONCE = "camera", "c0ffee"
_PIECE_S = 0.05


class CameraSimulator:
    """One camera with its server threads. `secret`: user and password, asked for by Digest (`basic`: by Basic)."""

    def __init__(
        self, *, fps: float = 10.0, width: int = 1280, height: int = 720, secret: tuple[str, str] | None = None,
        basic: bool = False, number: int = 0,
    ) -> None:  # fmt: skip
        self.fps, self.secret, self.basic = fps, secret, basic
        self.broken = ""  # the fault that is on
        self.served = 0  # whole pictures sent
        self.ended = threading.Event()
        self._scene, self._lock = Scene(width, height), threading.Lock()
        self._made: tuple[object, bytes] = (None, b"")
        self._stopped_at = 0
        self._server = _Server(self, number)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="sim-camera", daemon=True)

    @property
    def still(self) -> str:
        """The address of its picture."""
        return f"http://127.0.0.1:{self._server.server_port}{STILL}"

    @property
    def stream(self) -> str:
        """The address of its stream."""
        return f"http://127.0.0.1:{self._server.server_port}{STREAM}"

    def start(self) -> Self:
        """Serve."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End every connection and the server."""
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def fault(self, kind: str) -> None:
        """Break something until `heal()`: one of `WIRE_FAULTS`, or what it sees (`LOOKS`)."""
        if kind not in (*WIRE_FAULTS, *LOOKS):
            known = "、".join((*WIRE_FAULTS, *LOOKS))
            raise Refused(say("没有名为 {kind} 的故障", kind=kind), remedy=say("可用的有：{known}", known=known))
        self._stopped_at = self._number()
        self.broken = kind

    def heal(self) -> None:
        """Undo the fault."""
        self.broken = ""

    def jpeg(self) -> bytes:
        """What it sees now; frozen: what it saw when it froze."""
        look = self.broken if self.broken in LOOKS else ""
        number = self._stopped_at if look == "frozen" else self._number()
        with self._lock:
            if self._made[0] != (number, look):
                stamp = f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S} {number % 1000:03}"
                stamp = f"FROZEN {number}" if look == "frozen" else stamp
                self._made = (number, look), self._scene.jpeg(number, stamp, look)
            return self._made[1]

    def _number(self) -> int:
        return int(time.monotonic() * self.fps)

    def lets_in(self, method: str, path: str, said: str) -> bool:
        """Whether an Authorization header opens it."""
        if self.secret is None:
            return True
        if self.basic:
            return said.startswith("Basic ") and b64decode(said[6:]) == ":".join(self.secret).encode()
        told = dict(re.findall(r'(\w+)="?([^",]+)"?', said))
        digest = _md5(
            _md5(self.secret[0], REALM, self.secret[1]), NONCE, told.get("nc", ""), told.get("cnonce", ""), "auth",
            _md5(method, path),
        )  # fmt: skip
        return told.get("response") == digest


def _md5(*parts: str) -> str:
    return hashlib.md5(":".join(parts).encode()).hexdigest()  # noqa: S324 - RFC 2617 as cameras speak it


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, camera: CameraSimulator, number: int) -> None:
        self.camera = camera
        super().__init__(("127.0.0.1", number), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that left is no fault of the camera's."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.0"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        camera = self.server.camera
        if camera.broken == "silent":
            self._linger()
        elif camera.broken == "404" or self.path not in (STILL, STREAM):
            self.send_error(404)
        elif camera.broken == "401" or not camera.lets_in("GET", self.path, self.headers.get("Authorization", "")):
            self._ask_who()
        elif camera.broken == "page":
            self._head("text/html", 14)
            self.wfile.write(b"<h1>Login</h1>")
        elif self.path == STILL:
            self._still(camera.jpeg())
        else:
            self._stream()

    def _ask_who(self) -> None:
        scheme = f'Basic realm="{REALM}"' if self.server.camera.basic else (
            f'Digest realm="{REALM}", nonce="{NONCE}", qop="auth"')  # fmt: skip
        self.send_response(401)
        self.send_header("WWW-Authenticate", scheme)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _head(self, kind: str, size: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        if size is not None:
            self.send_header("Content-Length", str(size))
        self.end_headers()

    def _still(self, jpeg: bytes) -> None:
        self._head("image/jpeg", len(jpeg) // 2 if self.server.camera.broken == "cut" else len(jpeg))
        if self.server.camera.broken == "headers":
            self._linger()
        else:
            self._body(jpeg)

    def _stream(self) -> None:
        camera = self.server.camera
        self._head(f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        if camera.broken == "headers":
            self._linger()
        while not camera.ended.wait(1 / camera.fps):
            jpeg = camera.jpeg()
            size = len(jpeg) // 2 if camera.broken == "cut" else len(jpeg)
            head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {size}\r\n\r\n"
            self.wfile.write(head.encode())
            if not self._body(jpeg):
                return
            self.wfile.write(b"\r\n")

    def _body(self, jpeg: bytes) -> bool:
        """The picture through the fault there is; False when the connection ends with it."""
        half = jpeg[: len(jpeg) // 2]
        match self.server.camera.broken:
            case "half" | "cut":
                self.wfile.write(half)
                return True
            case "stall":
                self.wfile.write(half)
                self._linger()
            case "drop":
                self.wfile.write(half)
                return False
            case "reset":
                self.wfile.write(half)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                return False
            case "drip":
                for byte in jpeg:
                    self.wfile.write(bytes((byte,)))
                    if self.server.camera.ended.wait(_PIECE_S):
                        return False
            case _:
                self.wfile.write(jpeg)
                self.server.camera.served += 1
        return True

    def _linger(self) -> None:
        """Keep the connection and say nothing, until the camera ends or is healed and the client has left."""
        self.connection.settimeout(0.1)
        while not self.server.camera.ended.is_set():
            with contextlib.suppress(TimeoutError):
                if not self.connection.recv(1):
                    break
        raise ConnectionError
