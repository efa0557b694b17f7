"""A station's journal, clock and watch on the system's own clock. Each line of input is a step, answered by a line.

`press`, `hub INSTANT` (the hub's signed time arrives), `look` (the watch looks once: fixes, words on the screen).
"""

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config.settings import DiskSettings
from station.clock import SystemClock
from station.display import Display
from station.journal import Journal, Reader
from station.loops.watch import Watch
from tests.builders import punch


def answer(words: object) -> None:
    """One line, told apart from the log."""
    print(f"> {words}", flush=True)


def main(folder: Path) -> None:
    """Until the input ends."""
    clock = SystemClock(kernel_synced=lambda: False)
    with Journal(folder, clock) as journal:
        display = Display("站", False, lambda: datetime.now(UTC))
        watch = Watch(journal, Reader(journal.path), clock, display, DiskSettings(reserve_mb=0))
        answer("open")
        for line in sys.stdin:
            step, _, value = line.strip().partition(" ")
            if step == "press":
                answer(journal.append(punch()).seq)
            elif step == "hub":
                answer(clock.hub_said(datetime.fromisoformat(value), timedelta()))
            else:
                began = time.monotonic()
                time.sleep(0.05)  # sleeping must not mind the wall clock
                watch.look()
                answer(f"{time.monotonic() - began:.3f} {display.frame.alarm}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
