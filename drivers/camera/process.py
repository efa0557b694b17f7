"""The station's end of a camera: asks the child process, and ends it when it does not answer by the deadline."""

import contextlib
import json
import os
import select
import subprocess
import sys
import threading
import time
from typing import Any

from config.words import say
from drivers.camera.jpeg import whole
from drivers.camera.multipart import LONGEST
from drivers.contract import Frame, Measures
from drivers.errors import BadPacket, DeviceFault, DeviceGone, DeviceRefused, NoAnswer

DEADLINE_S = 2.5  # a check with its reason must be saved within three seconds
GRACE_S = 0.3  # for an answer that comes at the deadline
_HEAD_MOST = 64 * 1024
# A fault's name on the pipe, by class; the first that fits.
FAULTS: dict[str, type[DeviceFault]] = {
    "no_answer": NoAnswer, "bad": BadPacket, "refused": DeviceRefused, "gone": DeviceGone,
}  # fmt: skip


class ChildCamera:
    """A `Camera` whose source lives in a child process. The child starts at once, so that it is warm when needed."""

    def __init__(self, settings: dict[str, Any], deadline_s: float = DEADLINE_S) -> None:
        self._settings, self._deadline_s = settings, deadline_s
        self._turn = threading.Lock()
        self._closed = False
        self._child: subprocess.Popen[bytes] | None = _start(settings)

    @property
    def pid(self) -> int | None:
        """The child's process id; None while there is none."""
        return self._child.pid if self._child else None

    def still(self, deadline: float | None = None) -> Frame:
        """See `Camera.still`."""
        with self._turn:
            if self._closed:
                raise DeviceGone(say("摄像头已关闭"))
            until = time.monotonic() + self._deadline_s if deadline is None else deadline
            return self._shot(until)

    def close(self) -> None:
        """See `Camera.close`."""
        self._closed = True
        with self._turn:
            self._end()

    def _shot(self, until: float) -> Frame:
        try:
            head, body = self._ask(until)
        except BaseException:
            self._end()  # whatever it says later belongs to no question
            self._child = None if self._closed else _start(self._settings)
            raise
        if fault := head.get("fault"):
            raise FAULTS[fault](str(head["words"]))
        jpeg = whole(body)
        return Frame(jpeg, head["width"], head["height"], head["at_monotonic_ns"], Measures(**head["measures"]))

    def _ask(self, until: float) -> tuple[dict[str, Any], bytes]:
        child = self._child
        assert child is not None
        assert child.stdin is not None
        within = max(until - time.monotonic(), 0)
        try:
            child.stdin.write(json.dumps({"within": within}).encode() + b"\n")
            child.stdin.flush()
        except OSError as error:
            raise _died() from error
        size = int.from_bytes(self._read(4, until + GRACE_S))
        if size > _HEAD_MOST:
            raise _died()
        head: dict[str, Any] = json.loads(self._read(size, until + GRACE_S))
        if head["size"] > LONGEST:
            raise BadPacket(say("摄像头的图片太大"))
        return head, self._read(head["size"], until + GRACE_S)

    def _read(self, size: int, until: float) -> bytes:
        assert self._child is not None
        assert self._child.stdout is not None
        fd, data = self._child.stdout.fileno(), bytearray()
        while len(data) < size:
            if not select.select([fd], [], [], max(until - time.monotonic(), 0))[0]:
                raise NoAnswer(say("摄像头没有在规定时间内给出画面"))
            piece = os.read(fd, size - len(data))
            if not piece:
                raise _died()
            data += piece
        return bytes(data)

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            with contextlib.suppress(OSError):
                if pipe:
                    pipe.close()
        child.wait()


def _died() -> DeviceGone:
    return DeviceGone(say("摄像头程序意外退出，已重新启动，请重拍"))


def _start(settings: dict[str, Any]) -> subprocess.Popen[bytes]:
    """A child with its settings told on its input: a command line can be read by everybody on the machine."""
    child = subprocess.Popen(
        [sys.executable, "-m", "drivers.camera.child"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert child.stdin is not None
    with contextlib.suppress(OSError):  # it died already: the first asking tells
        child.stdin.write(json.dumps(settings).encode() + b"\n")
        child.stdin.flush()
    return child
