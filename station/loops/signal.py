"""The threads of light and sound: one signals each new result, one makes the voice's clips beforehand."""

import time
from collections.abc import Callable
from pathlib import Path

import structlog

from drivers.contract import Cancel
from drivers.errors import DeviceFault, DeviceRefused
from drivers.signals.voice import render
from station.display import Display
from station.signalling import Given, Signalling
from station.voice import clip, missing, surplus, wanted

LOOK_S = 1.0
AGAIN_S = 300.0  # after espeak-ng failed
log = structlog.get_logger("signal")


class Signal:
    """Watches the screen and signals what comes on it. A result that was replaced meanwhile is passed over."""

    def __init__(self, display: Display, signalling: Signalling) -> None:
        self._display, self._signalling = display, signalling

    def run(self, stop: Cancel) -> None:
        """Until told to stop."""
        frame = self._display.frame
        while not stop.is_set():
            newer = self._display.wait(frame.version, LOOK_S)
            if newer is None:
                continue
            fresh, frame = newer.shown is not frame.shown, newer
            if fresh and frame.shown is not None:
                self._log(self._signalling.give(frame.shown), frame.shown.touched_ns)

    @staticmethod
    def _log(given: Given, touched_ns: int) -> None:
        took = {"after_touch_us": (time.monotonic_ns() - touched_ns) // 1000} if touched_ns else {}
        log.info("signalled", seq=given.seq, mood=given.mood, lit=given.lit, spoken=bool(given.spoken), **took)


class Render:
    """Keeps the clips in step with the papers: makes what is missing, deletes what nobody needs."""

    def __init__(self, folder: Path, names: Callable[[], dict[str, str]]) -> None:
        self._folder, self._names = folder, names
        self._unspeakable: set[str] = set()

    def run(self, stop: Cancel) -> None:
        """Until told to stop; looks at the papers each second, works only when they changed."""
        done: dict[str, str] | None = None
        while not stop.is_set():
            names = self._names()
            if names != done:
                if not self.step(names, stop):
                    stop.wait(AGAIN_S)
                    continue
                done = names
            stop.wait(LOOK_S)

    def step(self, names: dict[str, str], stop: Cancel) -> bool:
        """Bring the clips into step with `names`; False when the renderer is missing."""
        texts = wanted(names)
        for path in surplus(self._folder, texts):
            path.unlink(missing_ok=True)
        for text in missing(self._folder, texts):
            if stop.is_set():
                return True
            if text not in self._unspeakable and not self._made(text):
                return False
        return True

    def _made(self, text: str) -> bool:
        try:
            render(text, clip(self._folder, text))
        except DeviceRefused as error:
            self._unspeakable.add(text)
            log.warning("unspeakable", error=str(error))
        except DeviceFault as error:
            log.warning("not rendered", error=str(error))
            return False
        return True
