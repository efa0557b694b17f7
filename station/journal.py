"""The journal: append-only, hash-chained, one SQLite file, one writer.

`append` returns after the fact is on the disk (WAL, synchronous=FULL: one sync a fact), so whatever beeps afterwards
tells the truth. Readers open the file read-only and never checkpoint it.
"""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from uuid6 import uuid7

from config.words import say
from station.clock import Clock
from station.durable import sync_folder
from station.errors import AlreadyRunning, JournalBroken, NotDurable
from station.facts import Body, Fact, compose, first_prev, parse

FILE = "journal.sqlite3"
LOCK = "running.lock"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, raw BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS facts_kind ON facts (kind, seq);
CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Head:
    """Where the journal stands: the last seq (0: empty) and its hash (for an empty one, what stands before seq 1)."""

    seq: int
    hash: str


class Hold:
    """The right of one process over a data folder, kept until `release` or the end of the process."""

    def __init__(self, folder: Path) -> None:
        """Take the hold; AlreadyRunning names the process that has it."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._file, 32, 0).decode(errors="replace").strip() or "?"
            os.close(self._file)
            raise AlreadyRunning(
                say("已有一个进程（{pid}）在使用数据目录 {folder}", pid=holder, folder=folder),
                remedy=say("请使用正在运行的那个,或先将其停止"),
            ) from error
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Give the folder back."""
        os.close(self._file)


class Journal:
    """The one writer of a lineage's facts. Safe to call from several threads."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Open (or begin) the journal in `folder` and hold the folder.

        Raises AlreadyRunning, JournalBroken (the tail does not hold together) or NotDurable (cannot be opened).
        """
        self._hold = Hold(folder)
        self._clock = clock
        self._lock = threading.Lock()
        self.path = folder / FILE
        self.appended = threading.Event()  # set by each fact, for whoever sends them on
        try:
            self._db = _open_writer(self.path)
            self.lineage = self._state("lineage") or self._begin_lineage()
            self.head = _read_head(self._db, self.lineage)
        except sqlite3.Error as error:
            self._hold.release()
            raise NotDurable(str(error)) from error
        except JournalBroken:
            self._hold.release()
            raise

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
            fact = compose(self.lineage, self.head.seq + 1, self.head.hash, str(uuid7()), reading, body)
            try:
                self._db.execute("INSERT INTO facts (seq, kind, raw) VALUES (?, ?, ?)", (fact.seq, fact.kind, fact.raw))
            except sqlite3.Error as error:
                raise NotDurable(str(error)) from error
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
                self._db.execute(
                    "INSERT INTO state VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                    (key, value),
                )
            except sqlite3.Error as error:
                raise NotDurable(str(error)) from error

    def close(self) -> None:
        """Close the file and give the folder back."""
        with self._lock:
            self._db.close()
            self._hold.release()

    def _state(self, key: str) -> str | None:
        row = self._db.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def _begin_lineage(self) -> str:
        lineage = str(uuid7())
        self._db.execute("INSERT INTO state VALUES ('lineage', ?)", (lineage,))
        return lineage


class Reader:
    """A read-only view of a journal, for any thread or process; it opens a connection of its own."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False)
        self._db.execute("PRAGMA query_only = ON")
        self._lock = threading.Lock()

    def raw_after(self, seq: int, limit: int) -> list[bytes]:
        """The exact bytes of up to `limit` facts that follow `seq`, in order."""
        with self._lock:
            rows = self._db.execute("SELECT raw FROM facts WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit)).fetchall()
        return [bytes(row[0]) for row in rows]

    def all_raw(self) -> Iterator[bytes]:
        """The exact bytes of every fact, in order."""
        upto = 0
        while batch := self.raw_after(upto, 500):
            yield from batch
            upto += len(batch)

    def of_kinds(self, *kinds: str) -> Iterator[Fact]:
        """Every fact of these kinds, in order."""
        marks = ",".join("?" * len(kinds))
        query = f"SELECT raw FROM facts WHERE kind IN ({marks}) ORDER BY seq"  # noqa: S608  # marks are ours
        with self._lock:
            rows = self._db.execute(query, kinds).fetchall()
        return (parse(bytes(row[0])) for row in rows)

    def latest(self, kinds: tuple[str, ...]) -> Iterator[Fact]:
        """Facts of these kinds from the newest backwards, read in small steps."""
        below = 2**62
        marks = ",".join("?" * len(kinds))
        query = f"SELECT seq, raw FROM facts WHERE kind IN ({marks}) AND seq < ? ORDER BY seq DESC LIMIT 200"  # noqa: S608
        while True:
            with self._lock:
                rows = self._db.execute(query, (*kinds, below)).fetchall()
            if not rows:
                return
            yield from (parse(bytes(raw)) for _, raw in rows)
            below = rows[-1][0]

    def hash_at(self, seq: int) -> str | None:
        """The hash of the fact with this seq; None if there is none."""
        found = self.raw_after(seq - 1, 1)
        fact = parse(found[0]) if found else None
        return fact.hash if fact and fact.seq == seq else None

    def head_seq(self) -> int:
        """The last seq; 0 when empty."""
        with self._lock:
            return int(self._db.execute("SELECT coalesce(max(seq), 0) FROM facts").fetchone()[0])

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._db.close()


def _open_writer(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    path.chmod(0o600)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.executescript(_SCHEMA)
    sync_folder(path.parent)
    return db


def _read_head(db: sqlite3.Connection, lineage: str) -> Head:
    row = db.execute("SELECT seq, raw FROM facts ORDER BY seq DESC LIMIT 1").fetchone()
    if row is None:
        return Head(0, first_prev(lineage))
    try:
        fact = parse(bytes(row[1]))
    except ValueError as error:
        raise JournalBroken(say("账本末条无法读取（第 {seq} 条）", seq=row[0])) from error
    if fact.seq != row[0] or fact.lineage != lineage:
        raise JournalBroken(say("账本末条与编号不符（第 {seq} 条）", seq=row[0]))
    return Head(fact.seq, fact.hash)
