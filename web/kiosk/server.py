"""The kiosk's own little server, which a thread can run and another can stop."""

import contextlib
import threading
from collections.abc import Callable
from typing import Any

from flask import Flask
from waitress import create_server  # type: ignore[import-untyped]

from config.errors import Refused
from config.words import say

HOST = "127.0.0.1"
THREADS = 8


class PortTaken(Refused):
    """The kiosk's port cannot be had."""

    def __init__(self, port: int, reason: str) -> None:
        super().__init__(
            say("打卡屏的端口 {port} 用不了：{reason}", port=port, reason=reason),
            remedy=say("请关闭占用它的程序，或在 station.toml 的 [kiosk] 中改 port"),
        )


class KioskServer:
    """Listens from the moment it is made; `run` serves until `close` is called, from whatever thread."""

    def __init__(self, app: Flask, port: int) -> None:
        try:
            self._server: Any = create_server(app, host=HOST, port=port, threads=THREADS, ident="")
        except OSError as error:
            raise PortTaken(port, error.strerror or str(error)) from error
        self.port: int = int(self._server.effective_port)
        self._closing = threading.Lock()
        self._pulling = threading.Lock()
        self._ended = False

    def run(self) -> None:
        """Serve until closed. Streams end at their next beat, within a second; a fault lets go of the port first."""
        try:
            self._server.run()
        except Exception:
            with contextlib.suppress(OSError):
                self._end()
            raise

    def ask_for_life(self, beat: Callable[[], None]) -> None:
        """Have `beat` called by the thread that serves, if it still does."""
        self._pull(beat)

    def close(self) -> None:
        """Stop `run`; a second call changes nothing. Sockets may only be closed by the thread that waits on them."""
        if self._closing.acquire(blocking=False):
            self._pull(self._end)

    def _pull(self, work: Callable[[], None]) -> None:
        """Have `work` done by the serving thread. Never once its pipe is closed: the number may be another file's."""
        with self._pulling:
            if not self._ended:
                self._server.trigger.pull_trigger(work)

    def _end(self) -> None:
        with self._pulling:
            self._ended = True
        for channel in list(self._server.active_channels.values()):
            channel.handle_close()
        self._server.task_dispatcher.shutdown()
        self._server.close()
