"""A process that presses fingers until it is killed: journal and punching only. Prints each seq after it was kept."""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from drivers.contract import Touch
from station.clock import SystemClock
from station.display import Display
from station.facts import Enrolled
from station.journal import Journal, Reader
from station.places import Places
from station.punching import Punching
from tests.builders import LIU


def main(folder: Path) -> None:
    """Press place 1 for ever."""
    journal = Journal(folder, SystemClock())
    if journal.head.seq == 0:
        journal.append(Enrolled(person=LIU, place=1))
    print(f"open {journal.head.seq}", flush=True)
    facts = Reader(journal.path)
    places = Places(facts.of_kinds("enrolled", "forgotten"))
    display = Display("站", False, lambda: datetime.now(UTC))
    punching = Punching(journal, facts, places, lambda: None, display, lambda: datetime.now(UTC))
    while True:
        shown = punching.heard(Touch(1, 120, time.monotonic_ns()))
        print(shown.seq, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
