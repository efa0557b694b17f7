"""Finding faces: the hub's side of the detector's process, with a deadline on every answer."""

import contextlib
import hashlib
import json
import os
import select
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, NamedTuple

import structlog
from PIL import Image

from config.words import say

MODEL = Path(__file__).parent / "model" / "centerface.onnx"
MODEL_SHA256 = "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc"
START_S = 30.0
ANSWER_S = 20.0  # a picture of 1280 pixels takes about a second on a desktop core, a few on a small board
_HEAD = struct.Struct(">II")
log = structlog.get_logger("faces")


class NoDetector(Exception):
    """Faces cannot be found just now, so the picture is withheld. `str()` says why."""


class Box(NamedTuple):
    """A face, in pixels of the picture that was given."""

    left: int
    top: int
    right: int
    bottom: int


class Detector:
    """Finds faces. Starts its process when first asked, ends it when it fails; the next question starts another."""

    def __init__(self, model: Path = MODEL, start_s: float = START_S, answer_s: float = ANSWER_S) -> None:
        self._model, self._start_s, self._answer_s = model, start_s, answer_s
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._rest = b""

    @property
    def pid(self) -> int | None:
        """The process's id; None while there is none."""
        return self._child.pid if self._child else None

    def faces(self, picture: Image.Image) -> list[Box]:
        """The faces in an RGB picture; NoDetector when it cannot be told."""
        with self._lock:
            try:
                child = self._child or self._started()
                self._send(child, _HEAD.pack(*picture.size) + picture.tobytes())
                said = self._answer(child, self._answer_s)
                if not isinstance(said, list):
                    raise NoDetector(str(said))
                return [Box(*box) for box in said]
            except (OSError, ValueError, TypeError) as error:
                self._end()
                raise NoDetector(say("人脸识别组件中途退出：{reason}", reason=error)) from error
            except NoDetector as error:
                self._end()
                log.warning("no detector", reason=str(error))
                raise

    def close(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            self._end()

    def _started(self) -> subprocess.Popen[bytes]:
        try:
            content = self._model.read_bytes()
        except OSError as error:
            raise NoDetector(say("没有人脸识别模型文件")) from error
        if hashlib.sha256(content).hexdigest() != MODEL_SHA256:
            raise NoDetector(say("人脸识别模型文件已损坏"))
        command = [sys.executable, "-m", "web.pictures.child", str(self._model)]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        assert self._child.stdin is not None
        os.set_blocking(self._child.stdin.fileno(), False)
        self._rest = b""
        if self._answer(self._child, self._start_s) != "ready":
            raise NoDetector(say("人脸识别组件没有启动"))
        return self._child

    def _send(self, child: subprocess.Popen[bytes], content: bytes) -> None:
        """Write all of it, or NoDetector: a process that hangs does not read either."""
        assert child.stdin is not None
        view = memoryview(content)
        while view:
            if not select.select([], [child.stdin], [], self._answer_s)[1]:
                raise NoDetector(say("人脸识别组件没有反应"))
            view = view[os.write(child.stdin.fileno(), view[:65_536]) :]

    def _answer(self, child: subprocess.Popen[bytes], patience_s: float) -> Any:
        assert child.stdout is not None
        while b"\n" not in self._rest:
            if not select.select([child.stdout], [], [], patience_s)[0]:
                raise NoDetector(say("人脸识别组件没有按时回答"))
            more = os.read(child.stdout.fileno(), 65_536)
            if not more:
                raise NoDetector(say("人脸识别组件中途退出"))
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        return json.loads(line)

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            with contextlib.suppress(OSError):
                assert pipe is not None
                pipe.close()
        child.wait()
