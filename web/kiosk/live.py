"""The stream that keeps a page alive: each change at once, and a beat each second."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import structlog

from station.display import HELD_S, Display, Frame, Shown
from web.kiosk.painting import clock_face, event, left_ms, picture

MAX_STREAMS = 4  # of the server's 8 threads; the rest stay free for the page itself
BEAT_S = 1.0  # a page that hears nothing for 2 s knows that its station stands still
RETRY_MS = 1000
log = structlog.get_logger("kiosk")


class Live:
    """Hands out at most MAX_STREAMS streams over one display."""

    def __init__(self, display: Display, page: str, beat_s: float) -> None:
        """`page`: the mark of this version of the page; a page that bears another loads itself anew."""
        self._display, self._page, self._beat_s = display, page, beat_s
        self._places = threading.BoundedSemaphore(MAX_STREAMS)

    def take_place(self) -> bool:
        """Reserve one stream; False when all are taken. Who got one gives it back with `leave`."""
        return self._places.acquire(blocking=False)

    def leave(self) -> None:
        """Give a stream's place back."""
        self._places.release()

    def present(self) -> dict[str, Any]:
        """The present picture, for a page that comes late to it."""
        return self._late(self._display.frame)

    def events(self) -> Iterator[str]:
        """The present picture at once, then each newer one; a beat with the station's time where nothing changes."""
        frame = self._display.frame
        yield f"retry: {RETRY_MS}\n\n{event('frame', self._late(frame))}"
        while True:
            newer = self._display.wait(frame.version, self._beat_s)
            if newer is None:
                yield event("beat", clock_face(self._display.now()))
                continue
            fresh = newer.shown is not frame.shown
            frame = newer
            yield event("frame", picture(frame, self._display.now(), round(HELD_S * 1000), self._page))
            if fresh and frame.shown:
                _log_sent(frame.shown)

    def _late(self, frame: Frame) -> dict[str, Any]:
        now = self._display.now()
        return picture(frame, now, left_ms(frame.shown, now, time.monotonic_ns()), self._page)


def _log_sent(shown: Shown) -> None:
    """How long after the module's answer the result was handed to the socket; the beginning of what a person waits."""
    took = {"after_touch_us": (time.monotonic_ns() - shown.touched_ns) // 1000} if shown.touched_ns else {}
    log.info("frame sent", seq=shown.seq, **took)
