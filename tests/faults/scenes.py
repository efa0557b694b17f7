"""What a process does while it is being killed: one scene a child, forked from a parent that has imported everything.

Reads lines `SCENE FOLDER` and answers each with the child's process id. A child waits for one byte from FOLDER/go, so
that a tracer can be attached first, and appends what it was acknowledged to FOLDER/acked.
"""

import contextlib
import hashlib
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config.settings import DiskSettings
from drivers.contract import Touch
from station.clock import SystemClock
from station.display import Display
from station.errors import NotDurable
from station.facts import Enrolled
from station.journal import Journal
from station.patrolling import Filled
from station.photos import Photos
from station.places import Places
from station.punching import Punching
from station.reader import Reader
from station.thinning import Thinning
from tests.builders import LIU, check_of, clock, picture, punch
from tests.station.counters import F1, Counter, papers, question
from tests.station.counters import LIU as STAFF
from tests.station.walkers import A101, A102, HALL2, LOBBY, MORNING, Walkers

Acknowledge = Callable[[int], None]


def punches(folder: Path, acknowledge: Acknowledge) -> None:
    """Open and press ten times."""
    journal = Journal(folder / "station", clock(), 65536)
    for place in range(10):
        acknowledge(journal.append(punch(100 + place)).body["place"])
    journal.close()


def stubborn(folder: Path, acknowledge: Acknowledge) -> None:
    """Press ten times; a press that could not be kept is told so and not repeated."""
    journal = Journal(folder / "station", clock())
    for place in range(10):
        with contextlib.suppress(NotDurable):
            acknowledge(journal.append(punch(100 + place)).body["place"])
    journal.close()


def fork(folder: Path, acknowledge: Acknowledge) -> None:
    """Seal the lineage after seq 3, then press twice in the new one."""
    journal = Journal(folder / "station", clock())
    journal.fork(3)
    for place in range(2):
        acknowledge(journal.append(punch(100 + place)).body["place"])
    journal.close()


def mend(folder: Path, acknowledge: Acknowledge) -> None:
    """Open what a damaged file is, then press once."""
    journal = Journal(folder / "station", clock())
    acknowledge(journal.append(punch(100)).body["place"])
    journal.close()


def enrol(folder: Path, acknowledge: Acknowledge) -> None:
    """A finger, then a fork: the place must mean the person whatever happens."""
    journal = Journal(folder / "station", clock())
    journal.append(Enrolled(person=LIU, place=7))
    acknowledge(7)
    journal.fork(journal.head.seq)
    assert Places(Reader(journal.path).of_kinds("enrolled", "forgotten")).person_at(7) == LIU
    journal.close()


def forever(folder: Path, acknowledge: Acknowledge) -> None:
    """Press 刘明's finger until killed, as the reader's loop does; acknowledged are the seqs."""
    journal = Journal(folder / "station", SystemClock())
    if journal.head.seq == 0:
        journal.append(Enrolled(person=LIU, place=1))
    facts = Reader(journal.path)
    places = Places(facts.of_kinds("enrolled", "forgotten"))
    display = Display("站", False, lambda: datetime.now(UTC))
    punching = Punching(journal, facts, places, lambda: None, display, lambda: datetime.now(UTC))
    while True:
        acknowledge(punching.heard(Touch(1, 120, time.monotonic_ns())).seq)


def photographed(folder: Path, acknowledge: Acknowledge) -> None:
    """Two checks with a photo each; the hub has the first one, which is then let go of."""
    clock_at = clock()
    journal, photos = Journal(folder / "station", clock_at), Photos(folder / "station" / "photos")
    for number in (1, 2):
        digest = photos.keep(picture(number))
        journal.append(check_of(digest))
        acknowledge(number)
    photos.mark_sent(hashlib.sha256(picture(1)).hexdigest())
    facts = Reader(journal.path)
    clock_at.move_to(clock_at.read().at + timedelta(days=40000))
    Thinning(photos, journal, facts, DiskSettings(warn_percent=100), clock_at).look()
    facts.close()
    journal.close()


def walked(folder: Path, acknowledge: Acknowledge) -> None:
    """Go on with the morning's round, or begin it, and look at one checkpoint after the other until killed."""
    hall = Walkers(folder / "station")
    if not hall.patrolling.under_way():
        hall.begin()
    while True:
        for point in (A101, A102, LOBBY, HALL2):
            shot = hall.photos.keep(picture(hall.journal.head.seq))
            given = Filled(MORNING, point, nothing_abnormal=True, photos=(shot,))
            acknowledge(hall.patrolling.check(given).seq)


def answered(folder: Path, acknowledge: Acknowledge) -> None:
    """刘明 answers what is said of him at the screen until killed; acknowledged are the seqs that the screen told."""
    counter = Counter(folder / "station", papers(questions=[question()]))
    while True:
        acknowledge(counter.answering.answer(STAFF, "finger", F1, {"ticked": "不是本人"}).seq)


SCENES: dict[str, Callable[[Path, Acknowledge], None]] = {
    "punches": punches, "stubborn": stubborn, "fork": fork, "mend": mend, "enrol": enrol, "forever": forever,
    "photographed": photographed, "walked": walked, "answered": answered,
}  # fmt: skip


def play(name: str, folder: Path) -> None:
    """One scene, in this process."""
    with (folder / "go").open("rb", buffering=0) as gate:
        gate.read(1)
    acked = os.open(folder / "acked", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def acknowledge(place: int) -> None:
        os.write(acked, b"%d\n" % place)

    SCENES[name](folder, acknowledge)


def main() -> None:
    """Until the input ends."""
    for line in sys.stdin:
        name, _, folder = line.strip().partition(" ")
        child = os.fork()
        if child == 0:
            status = 70
            os.dup2(2, 1)  # the log goes elsewhere than the answers
            try:
                play(name, Path(folder))
                status = 0
            finally:
                os._exit(status)
        print(child, flush=True)
        _, ended = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(ended), flush=True)


if __name__ == "__main__":
    main()
