"""Tags read for patrol: each opens its checkpoint in the round under way, or offers to begin one there."""

import threading
import time
from collections.abc import Callable
from datetime import datetime

from config.words import say
from station.display import Shown
from station.tapping import Tapped

COUNTS_S = 600.0  # so long after a tap the form it opened is still filled in at that place (assumed)
POINT, HOME = "/kiosk/patrol/point/{checkpoint}/{round}", "/kiosk/patrol"


class RoundTaps:
    """What was tapped lately. Readers' threads call `taken`, the screen asks the rest."""

    def __init__(
        self, under_way: Callable[[], str], now: Callable[[], datetime], ticks: Callable[[], int] = time.monotonic_ns
    ) -> None:
        """`under_way`: the round that a tap belongs to, empty for none."""
        self._under_way, self._now, self._ticks = under_way, now, ticks
        self._lock = threading.Lock()
        self._tapped: dict[str, Tapped] = {}
        self._waiting: Tapped | None = None

    def taken(self, tapped: Tapped) -> Shown:
        """A tag was read: the screen goes to its checkpoint's form, or to where a round is begun."""
        round_id = self._under_way()
        with self._lock:
            self._tapped[tapped.checkpoint] = self._waiting = tapped
        words = say("请拍照、检查") if round_id else say("现在没有巡查，可从这里开始")
        leads = POINT.format(checkpoint=tapped.checkpoint, round=round_id) if round_id else HOME
        at = f"{self._now():%H:%M:%S}"
        return Shown("blue", tapped.name, words, "", at, 0, tapped.at_monotonic_ns, kind="tag", leads=leads)

    def at(self, checkpoint: str) -> Tapped | None:
        """The tap by which somebody stands at a checkpoint; None when none lately."""
        with self._lock:
            return self._fresh(self._tapped.get(checkpoint))

    def waiting(self) -> Tapped | None:
        """The last tap, as long as its form was not opened."""
        with self._lock:
            return self._fresh(self._waiting)

    def opened(self, checkpoint: str) -> None:
        """The form of a checkpoint is open: its tap waits no longer."""
        with self._lock:
            if self._waiting is not None and self._waiting.checkpoint == checkpoint:
                self._waiting = None

    def used(self, checkpoint: str) -> None:
        """What the tap was for is recorded; the next form there needs a tap of its own."""
        with self._lock:
            self._tapped.pop(checkpoint, None)

    def _fresh(self, tapped: Tapped | None) -> Tapped | None:
        if tapped is None or (self._ticks() - tapped.at_monotonic_ns) / 1e9 > COUNTS_S:
            return None
        return tapped
