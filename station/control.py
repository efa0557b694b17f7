"""The way to a running station: a Unix socket in its data folder, one question a connection, JSON lines.

The question is one line. The answers are lines {"step": …} as the work goes on, then one {"done": …} or
{"refused": words, "status": 1 or 2}. Hanging up cancels what was asked for.
"""

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from config.errors import Refused
from config.words import say

Json = dict[str, Any]
FILE = "control.sock"
MAX_LINE = 64 * 1024
CONNECT_S = 2.0


class NobodyRuns(Exception):
    """No station runs on this folder: take the folder, or read its files."""


class NotDone(Exception):
    """It was tried and did not succeed (exit status 1). `str()` says what happened and what to do."""


def ask(folder: Path, request: Json, patience_s: float = 120.0) -> Iterator[Json]:
    """Ask the station that runs on `folder`; its steps as they come, then its last word as {"done": …}.

    NobodyRuns without one; Refused or NotDone as it answers, or when it says nothing for `patience_s`.
    """
    link = _connect(folder)
    link.settimeout(patience_s)
    with link, link.makefile("rb") as lines:
        with contextlib.suppress(BrokenPipeError):  # it refused before it heard the question: its word is there to read
            link.sendall(json.dumps(request).encode() + b"\n")
        while line := _line(lines):
            said = json.loads(line)
            if "refused" in said:
                raise _refusal(said)
            yield said
            if "done" in said:
                return
    raise NotDone(say("考勤站没有答完就断开了；请查看它的日志"))


def done(folder: Path, request: Json, patience_s: float = 10.0) -> Json:
    """The last word to a question without steps."""
    answer: Json = list(ask(folder, request, patience_s))[-1]["done"]
    return answer


def bind(folder: Path) -> socket.socket:
    """The station's end, for its owner only; what a dead station left is cleared away first."""
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    with _short_name(folder) as name:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        link.bind(name)
        Path(name).chmod(0o600)
    link.listen(8)
    return link


def _connect(folder: Path) -> socket.socket:
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    link.settimeout(CONNECT_S)
    try:
        with _short_name(folder) as name:
            link.connect(name)
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError) as error:
        link.close()
        raise NobodyRuns from error
    except OSError as error:
        link.close()
        raise Refused(
            say("连不上正在运行的考勤站：{reason}", reason=error.strerror or error),
            remedy=say("请用运行考勤站的账号或 root 执行"),
        ) from error
    return link


@contextlib.contextmanager
def _short_name(folder: Path) -> Iterator[str]:
    """A name of the socket that fits into 108 bytes however deep the folder lies (unix(7))."""
    held = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{held}/{FILE}"
    finally:
        os.close(held)


def _line(lines: Any) -> bytes:
    try:
        return bytes(lines.readline())
    except TimeoutError as error:
        raise NotDone(say("考勤站没有回答；请稍后再试，或重启考勤站")) from error
    except ConnectionResetError:
        return b""  # it hung up without reading all of the question


def _refusal(said: Json) -> Exception:
    if said.get("status") != 2:
        return NotDone(str(said["refused"]))
    return Refused(str(said["refused"]), saved=str(said.get("saved", "")), remedy=str(said.get("remedy", "")))
