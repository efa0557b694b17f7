"""The journal: append-only, hash-chained, one SQLite file, one writer.

`append` returns after the fact is on the disk (WAL, synchronous=FULL: one sync a fact), so whatever beeps afterwards
tells the truth. A file that is damaged or gone is set aside, never deleted, and a new lineage goes on with what could
be read; a full disk is met from the reserve.
"""

import errno
import json
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog
from uuid6 import uuid7

from config.words import say
from station import lineage
from station.clock import Clock, Reading
from station.errors import JournalBroken, NotDurable
from station.facts import Body, Fact, compose, parse
from station.hold import LOCK, Hold
from station.journal_file import Head, copied, is_damage, look_through, open_writer, put_back, read_head
from station.lineage import ACKED, FILE, LINEAGE
from station.mending import mend
from station.reader import Reader
from station.reserve import Reserve

__all__ = ["ACKED", "FILE", "LOCK", "Head", "Hold", "Journal", "Reader"]

UNSYNCED = "unsynced"  # state: boot → where its wall clock stood at monotonic 0, microseconds
_DOUBTFUL = frozenset(
    (
        sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
    )
)  # fmt: skip
_CHECKED_UP_TO = 32 * 1024 * 1024  # bytes looked through at every start: about a second of a memory card
log = structlog.get_logger("journal")


class Journal:
    """The one writer of a station's facts. Safe to call from several threads."""

    def __init__(self, folder: Path, clock: Clock, reserve_bytes: int = 0) -> None:
        """Open (or begin) the journal in `folder` and hold the folder.

        Raises AlreadyRunning or NotDurable (cannot be opened). A damaged or lost file is replaced by a new lineage.
        `reserve_bytes`: the space kept back for when the disk is full.
        """
        self._hold = Hold(folder)
        self._clock = clock
        self._lock = threading.Lock()
        self.path = folder / FILE
        self.appended = threading.Event()  # set by each fact, for whoever sends them on
        self.reserve = Reserve(folder, reserve_bytes)
        self._db: sqlite3.Connection | None = None
        self._unsynced: dict[str, int] = {}
        try:
            self._open_with_reserve()
        except BaseException:
            self._hold.release()
            raise
        self.reserve.fill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def append(self, body: Body) -> Fact:
        """Record what happened, now. The fact is durable when this returns; NotDurable when it is not there."""
        with self._lock:
            reading = self._clock.read()
            fact = self._kept(reading, body)
            self.head = Head(fact.seq, fact.hash)
        self.appended.set()
        return fact

    def get_state(self, key: str) -> str | None:
        """A remembered value that is no fact (what the hub acknowledged, when to try again)."""
        with self._lock:
            return self._state(key)

    def set_state(self, key: str, value: str) -> None:
        """Remember a value that is no fact."""
        with self._lock:
            try:
                self._remember(key, value)
            except sqlite3.Error as error:
                raise NotDurable(str(error)) from error

    def unsynced(self) -> dict[str, int]:
        """Boots with facts of an unknown time: where the boot's wall clock stood at monotonic 0, microseconds."""
        return dict(self._unsynced)

    def fork(self, common: int, why: str = "fork") -> None:
        """Seal this lineage and go on in a new one that records every fact after seq `common` again.

        NotDurable when it could not be done; then nothing has changed.
        """
        with self._lock:
            db = self._writer()
            aside = lineage.free_name(self.path.parent, self.lineage, lineage.SEALED)
            try:
                again = [
                    parse(bytes(raw))
                    for (raw,) in db.execute("SELECT raw FROM facts WHERE seq > ? ORDER BY seq", (common,))
                ]
                lineage.succeed(self.path, self.lineage, why, again, self._clock, self._carried())
                busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                if busy:
                    raise NotDurable(say("账本正被读取，稍后再换新账本"))
                self._shut()
                lineage.change_over(self.path, aside)
            except (sqlite3.Error, OSError) as error:
                raise NotDurable(_reason(error)) from error
            finally:
                if self._db is None:
                    self._open()
        log.warning("forked", why=why, sealed=aside.name, lineage=self.lineage, again=len(again))

    def check(self) -> None:
        """Close, open and look through the file, as after an error of the disk: one that is damaged is set aside.

        NotDurable when it cannot be opened.
        """
        with self._lock:
            self._shut()
            self._open(doubtful=True)

    def set_aside(self, why: str) -> None:
        """Go on in a new lineage with what can be read of this one, whose file is damaged; it is kept beside.

        NotDurable when it could not be done.
        """
        with self._lock:
            self._shut()
            try:
                mend(self.path, self._clock, why)
            except (sqlite3.Error, OSError) as error:
                raise NotDurable(_reason(error)) from error
            finally:
                self._open()

    def close(self) -> None:
        """Close the file and give the folder back."""
        with self._lock:
            self._shut()
            self._hold.release()

    def _kept(self, reading: Reading, body: Body) -> Fact:
        """The fact as it was stored, after whatever could be done about a disk that did not take it at once."""
        fact: Fact | None = None
        try:
            self._look_for_file()
            fact = self._composed(reading, body)
            return self._store(fact)
        except (sqlite3.Error, OSError) as error:
            tried = error
        try:
            return self._kept_after(tried, fact, reading, body)
        except (sqlite3.Error, OSError) as error:
            raise NotDurable(_reason(error)) from error

    def _kept_after(self, tried: Exception, fact: Fact | None, reading: Reading, body: Body) -> Fact:
        code = _code(tried)
        if (code == sqlite3.SQLITE_FULL or self.reserve.is_needed()) and self.reserve.release():
            log.warning("reserve released", error=str(tried))
            return self._store(self._composed(reading, body))
        if code not in _DOUBTFUL:
            raise NotDurable(_reason(tried)) from tried
        # Errors of the disk are often the connection's only: close, open, look through, and then once more.
        self._shut()
        self._open(doubtful=True)
        self._writer().execute("PRAGMA wal_checkpoint(TRUNCATE)")  # what was in doubt is written and synced again
        if fact is not None and self.head.hash == fact.hash:
            return fact
        return self._store(self._composed(reading, body))

    def _store(self, fact: Fact) -> Fact:
        self._writer().execute(lineage.INSERT, lineage.row_of(fact))
        return fact

    def _composed(self, reading: Reading, body: Body) -> Fact:
        self._writer()
        if reading.trust == "unsynced" and reading.boot not in self._unsynced:
            self._note_unsynced(reading)
        return compose(self.lineage, self.head.seq + 1, self.head.hash, str(uuid7()), reading, body)

    def _note_unsynced(self, reading: Reading) -> None:
        start = round(reading.at.timestamp() * 1_000_000) - reading.monotonic_ns // 1000
        kept = {boot: base for boot, base in self._unsynced.items() if boot[:36] == reading.boot[:36]}
        self._unsynced = {**kept, reading.boot: start}
        self._remember(UNSYNCED, json.dumps(self._unsynced))

    def _look_for_file(self) -> None:
        """A file that was deleted under a running station is written anew from what this process still holds."""
        if self._db is None or self.path.exists():
            return
        copy = copied(self._db, self.path)
        self._shut()
        put_back(copy, self.path)
        self._open()

    def _open_with_reserve(self) -> None:
        try:
            self._open()
        except NotDurable:
            if not self.reserve.release():
                raise
            self._open()

    def _open(self, *, doubtful: bool = False) -> None:
        """Open the file, or what takes its place. NotDurable when neither can be had."""
        try:
            lineage.finish(self.path)
            try:
                self._take(doubtful)
            except (sqlite3.Error, JournalBroken, UnicodeDecodeError) as error:
                if not is_damage(error):
                    raise
                self._shut()
                mend(self.path, self._clock, str(error))
                self._take(doubtful=False)
            lineage.remember(self.path.parent, self.lineage)
        except (sqlite3.Error, OSError) as error:
            self._shut()
            raise NotDurable(_reason(error)) from error

    def _take(self, doubtful: bool) -> None:
        """Open the file as it stands; JournalBroken or sqlite3.Error when it does not hold together."""
        expected = lineage.known(self.path.parent)
        if expected and not self.path.exists():
            raise JournalBroken(say("账本文件不见了"))
        self._db = open_writer(self.path)
        self.lineage = self._state(LINEAGE) or self._begin_lineage(expected)
        self.head, last = read_head(self._db, self.lineage)
        ended = last is not None and (last.kind, last.body.get("reason")) == ("stopped", "asked")
        if doubtful or not ended or self.path.stat().st_size < _CHECKED_UP_TO:
            look_through(self._db)
        self._unsynced = _boots(self._state(UNSYNCED))
        if last is not None:
            self._clock.resume(Reading(last.at, last.boot, last.monotonic_ns, last.clock))

    def _carried(self) -> dict[str, str]:
        return {UNSYNCED: json.dumps(self._unsynced)} if self._unsynced else {}

    def _writer(self) -> sqlite3.Connection:
        if self._db is None:
            self._open(doubtful=True)
        assert self._db is not None
        return self._db

    def _shut(self) -> None:
        if self._db is not None:
            with suppress(sqlite3.Error):
                self._db.close()
        self._db = None

    def _state(self, key: str) -> str | None:
        row = self._writer().execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def _remember(self, key: str, value: str) -> None:
        self._writer().execute(
            "INSERT INTO state VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value)
        )

    def _begin_lineage(self, expected: str) -> str:
        """The first lineage of a folder; a file without one, where there was one, is no journal any more."""
        if expected or self._writer().execute("SELECT 1 FROM facts").fetchone():
            raise JournalBroken(say("账本没有编号"))
        begun = str(uuid7())
        self._remember(LINEAGE, begun)
        return begun


def _boots(text: str | None) -> dict[str, int]:
    with suppress(ValueError, TypeError, AttributeError):
        return {str(boot): int(base) for boot, base in json.loads(text or "{}").items()}
    return {}


def _code(error: Exception) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.EROFS:
        return say("磁盘为只读")
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
