"""The thread that serves the station's own screen; a server that broke is made anew."""

from collections.abc import Callable
from typing import Protocol

from drivers.contract import Cancel


class Server(Protocol):
    """What serves the screen."""

    def run(self) -> None: ...

    def close(self) -> None: ...

    def ask_for_life(self, beat: Callable[[], None]) -> None: ...


class KioskLoop:
    """Listens from the moment it is made, so that a port that is taken is told at the start."""

    def __init__(self, make: Callable[[], Server]) -> None:
        self._make = make
        self._server: Server | None = make()

    def run(self, stop: Cancel) -> None:
        """Serve until `close`."""
        server = self._server or self._make()
        self._server = server
        try:
            server.run()
        except Exception:
            self._server = None
            raise

    def close(self) -> None:
        """End `run`."""
        if self._server is not None:
            self._server.close()

    def ask_for_life(self, beat: Callable[[], None]) -> None:
        """Have `beat` called by the serving thread, if it still serves."""
        if self._server is not None:
            self._server.ask_for_life(beat)
