"""The thread that walks the whole chain once a night: a bit that turned on the disk is noticed before it matters.

Damage that the hub does not hold yet is met at once, by a new lineage with all that can be read; damage among what it
holds stays where it is and is named until somebody looks.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime

import structlog

from config.words import say
from drivers.contract import Cancel
from station.chain import Break, Row, acked_of, walk
from station.display import Display
from station.journal import ACKED, Journal, Reader
from station.journal_file import is_damage

SCRUBBED = "scrubbed"  # state: the day of the last walk, and the break it found
NIGHT = range(2, 5)  # hours of the hall
LONGEST_DAYS = 3  # a station that is switched off at night is walked by day after these
UNREADABLE = say("数据库页损坏")
LOOK_S = 60.0
STEP, REST_S = 200, 0.05  # rows, then seconds: a walk never holds up a press
log = structlog.get_logger("scrub")


class Scrub:
    """Walks the present lineage when it is due, a little at a time."""

    def __init__(self, journal: Journal, facts: Reader, display: Display, now: Callable[[], datetime]) -> None:
        self._journal, self._facts, self._display, self._now = journal, facts, display, now
        self._read = 0  # the last seq read by this walk

    def run(self, stop: Cancel) -> None:
        """Until told to stop."""
        self._say(self._last()[1])
        while not stop.is_set():
            if due(self._now(), self._last()[0]):
                self.look(stop)
            stop.wait(LOOK_S)

    def look(self, stop: Cancel) -> None:
        """Walk the chain once. sqlite3.Error when the file cannot be read now, NotDurable when it cannot be written."""
        lineage, acked = self._journal.lineage, acked_of(self._journal.get_state(ACKED))
        broken = self._walked(stop, lineage, acked)
        if broken is not None:  # what a disk misread once it may read right
            broken = self._walked(stop, lineage, acked)
        if stop.is_set() or lineage != self._journal.lineage:
            return  # cut off, or another lineage meanwhile: next time
        if broken is not None:
            log.error("chain broken", seq=broken.seq, what=broken.what)
            if broken.what != UNREADABLE and (acked is None or broken.seq > acked[0]):
                self._journal.set_aside(broken.what)
                broken = None
        found = [broken.seq, broken.what] if broken else None
        self._journal.set_state(SCRUBBED, json.dumps([f"{self._now():%Y-%m-%d}", found]))
        self._say(self._last()[1])

    def _walked(self, stop: Cancel, lineage: str, acked: tuple[int, str] | None) -> Break | None:
        """The first break. A page that SQLite finds damaged is looked at once more by the journal, which mends it."""
        try:
            return walk(self._rows(stop), lineage, acked).broken if not stop.is_set() else None
        except (sqlite3.Error, UnicodeDecodeError) as error:
            if not is_damage(error):
                raise
            self._journal.check()
            return Break(self._read + 1, UNREADABLE, "", str(error))

    def _rows(self, stop: Cancel) -> Iterator[Row]:
        self._read = 0
        while (rows := self._facts.rows_after(self._read, STEP)) and not stop.is_set():
            yield from rows
            self._read = rows[-1].seq
            stop.wait(REST_S)

    def _last(self) -> tuple[str, str | None]:
        """The day of the last walk, and the words for what it found."""
        with suppress(ValueError, TypeError):
            day, broken = json.loads(self._journal.get_state(SCRUBBED) or "")
            return f"{date.fromisoformat(day)}", words(*broken) if broken else None
        return "", None

    def _say(self, alarm: str | None) -> None:
        self._display.set_alarm(alarm or "", "chain")


def due(now: datetime, last: str) -> bool:
    """Whether a walk is due: at night once; by day when `last`, a date or empty, is some days ago."""
    if last == f"{now:%Y-%m-%d}":
        return False
    return now.hour in NIGHT or not last or (now.date() - datetime.fromisoformat(last).date()).days >= LONGEST_DAYS


def words(seq: int, what: str) -> str:
    """What people must know of a break."""
    return say("账本第 {seq} 条校验不符（{what}），中枢有原件，打卡照常；请通知管理员", seq=seq, what=what)
