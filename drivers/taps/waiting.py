"""Waiting for a tag, the same for all readers: deadlines, cancelling, closing, and when a tag counts again."""

import threading
import time
from typing import Protocol

from config.words import say
from drivers.contract import Cancel, Tap
from drivers.errors import DeviceGone

READER = "读卡器"  # what people call it
LOOK_S = 0.1  # one look; a cancel or close is seen after at most this long


class Lookout(Protocol):
    """A reader that is looked at in short turns."""

    def look(self, until: float) -> Tap | None:
        """What came by `until` (`time.monotonic()` seconds), each tag once; device faults as they come."""

    def close(self) -> None: ...


class Presence:
    """Which tag lies there. A tag counts when it comes, and again once it was away for `away_s` seconds."""

    def __init__(self, away_s: float) -> None:
        self._away_s = away_s
        self._key = ""
        self._seen = float("-inf")

    def comes(self, key: str, now: float) -> bool:
        """A tag is seen at `now`; True when it just came."""
        new = key != self._key or now - self._seen > self._away_s
        self._key, self._seen = key, now
        return new


class WaitingTapReader:
    """A `TapReader` over a `Lookout`."""

    def __init__(self, lookout: Lookout) -> None:
        self._lookout = lookout
        self._turn = threading.Lock()
        self._closed = False

    def wait_tap(self, deadline: float | None, cancel: Cancel | None = None) -> Tap | None:
        """See `TapReader.wait_tap`."""
        while cancel is None or not cancel.is_set():
            now = time.monotonic()
            until = now + LOOK_S if deadline is None else min(now + LOOK_S, deadline)
            if (tap := self._look(until)) is not None:
                return tap
            if deadline is not None and time.monotonic() >= deadline:
                return None
        return None

    def close(self) -> None:
        """See `TapReader.close`."""
        self._closed = True  # seen before the next look, so the turn comes soon
        with self._turn:
            self._lookout.close()

    def _look(self, until: float) -> Tap | None:
        with self._turn:
            if self._closed:
                raise DeviceGone(say("读卡器已关闭"))
            return self._lookout.look(until)
