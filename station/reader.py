"""Reading a journal beside whoever writes it: one file for the chain, all of the station's files for what happened."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any

from station.chain import Row, bytes_of
from station.errors import BadFact
from station.facts import Fact, parse
from station.lineage import WAS, sealed_files, spoken

_Identity = tuple[int, int]
_STEP = 200


class Reader:
    """A read-only view of a journal, for any thread or process; it opens a connection of its own and never checkpoints.

    It follows the journal to a new lineage's file. What speaks of seqs and hashes means the present lineage only;
    `of_kinds` and `latest` tell of the station's whole past, sealed lineages too, each fact once.
    """

    def __init__(self, path: Path, *, sealed: bool = False) -> None:
        """`sealed`: nobody writes this file any more. sqlite3.Error when it cannot be opened."""
        self._path, self._sealed = path, sealed
        self._lock = threading.Lock()
        self._db, self._opened = _connect(path, sealed), _identity(path)
        self._past: list[Reader] = []
        self._past_of: _Identity | None = None

    def raw_after(self, seq: int, limit: int) -> list[bytes]:
        """The exact bytes of up to `limit` facts that follow `seq`, in order."""
        rows = self._ask("SELECT raw FROM facts WHERE seq > ? ORDER BY seq LIMIT ?", seq, limit)
        return [bytes_of(row[0]) for row in rows]

    def all_raw(self) -> Iterator[bytes]:
        """The exact bytes of every fact, in order."""
        upto = 0
        while batch := self.raw_after(upto, 500):
            yield from batch
            upto += len(batch)

    def rows_after(self, seq: int, limit: int) -> list[Row]:
        """Up to `limit` facts that follow `seq` with all that is stored of them, in order."""
        rows = self._ask("SELECT seq, raw, kind, hash FROM facts WHERE seq > ? ORDER BY seq LIMIT ?", seq, limit)
        return [Row(at, bytes_of(raw), str(kind), bytes_of(hash_).hex() if hash_ else None)
                for at, raw, kind, hash_ in rows]  # fmt: skip

    def of_kinds(self, *kinds: str) -> Iterator[Fact]:
        """Every fact of these kinds since the station began, in order."""
        told: set[str] = set()
        for reader in [*reversed(self._earlier()), self]:
            yield from _once(reader._own(kinds), told)

    def latest(self, kinds: tuple[str, ...]) -> Iterator[Fact]:
        """Facts of these kinds from the newest backwards, read in small steps."""
        told: set[str] = set()
        yield from _once(self._own_latest(kinds), told)
        for reader in self._earlier():
            yield from _once(reader._own_latest(kinds), told)

    def newest_of(self, kind: str) -> tuple[object, int]:
        """A mark that changes when a fact of this kind is recorded, or the journal goes on in another lineage."""
        seq = self._ask("SELECT coalesce(max(seq), 0) FROM facts WHERE kind = ?", kind)[0][0]
        return self._opened, int(seq)

    def hash_at(self, seq: int) -> str | None:
        """The hash of the fact with this seq; None if there is none."""
        found = self.raw_after(seq - 1, 1)
        fact = parse(found[0]) if found else None
        return fact.hash if fact and fact.seq == seq else None

    def head_seq(self) -> int:
        """The last seq; 0 when empty."""
        return int(self._ask("SELECT coalesce(max(seq), 0) FROM facts")[0][0])

    def state(self, key: str) -> str | None:
        """A remembered value that is no fact."""
        rows = self._ask("SELECT value FROM state WHERE key = ?", key)
        return str(rows[0][0]) if rows else None

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._db.close()
        for reader in self._past:
            reader.close()

    def _ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            now = None if self._sealed else _identity(self._path)
            if now is not None and now != self._opened:
                self._db.close()
                self._db, self._opened = _connect(self._path, self._sealed), now
            return self._db.execute(query, values).fetchall()

    def _own(self, kinds: tuple[str, ...]) -> Iterator[Fact]:
        query = f"SELECT raw, hash FROM facts WHERE kind IN ({_marks(kinds)}) ORDER BY seq"  # noqa: S608  # marks are ours
        with self._forgiving():
            yield from _speaking(self._ask(query, *kinds, _AGAIN), kinds)

    def _own_latest(self, kinds: tuple[str, ...]) -> Iterator[Fact]:
        below = 2**62
        rows_of = f"SELECT raw, hash, seq FROM facts WHERE kind IN ({_marks(kinds)})"  # noqa: S608  # marks are ours
        query = f"{rows_of} AND seq < ? ORDER BY seq DESC LIMIT {_STEP}"
        with self._forgiving():
            while rows := self._ask(query, *kinds, _AGAIN, below):
                yield from _speaking(rows, kinds)
                below = rows[-1][2]

    def _forgiving(self) -> AbstractContextManager[None]:
        """A sealed file that cannot be read is for `verify` to name; the station goes on with what it can read."""
        return suppress(sqlite3.Error, UnicodeDecodeError) if self._sealed else nullcontext()

    def _earlier(self) -> list["Reader"]:
        """The sealed files that this one follows, the newest first."""
        was = self.state(WAS)
        if self._past_of != self._opened:
            self._past, self._past_of = _chain_of(self._path.parent, was), self._opened
        return self._past


def _chain_of(folder: Path, was: str | None) -> list[Reader]:
    found: dict[Path, Reader] = {}
    waiting = [was]
    while waiting:
        lineage = waiting.pop(0)
        for path in sealed_files(folder, lineage) if lineage else []:
            if path not in found:
                with suppress(sqlite3.Error, UnicodeDecodeError):
                    found[path] = Reader(path, sealed=True)
                    waiting.append(found[path].state(WAS))
    return list(found.values())


_AGAIN = "re_recorded"


def _marks(kinds: tuple[str, ...]) -> str:
    return ",".join("?" * (len(kinds) + 1))


def _speaking(rows: list[tuple[Any, ...]], kinds: tuple[str, ...]) -> Iterator[Fact]:
    """What these facts say, seen through any that were recorded again.

    One whose bytes are not those that were hashed says nothing: better no finger than somebody else's. The nightly walk
    and `verify` name it.
    """
    for stored, digest, *_ in rows:
        with suppress(BadFact):
            fact = parse(bytes_of(stored))
            if digest is not None and bytes_of(digest).hex() != fact.hash:
                continue
            fact = spoken(fact)
            if fact.kind in kinds:
                yield fact


def _once(facts: Iterator[Fact], told: set[str]) -> Iterator[Fact]:
    for fact in facts:
        if fact.id not in told:
            told.add(fact.id)
            yield fact


def _connect(path: Path, sealed: bool) -> sqlite3.Connection:
    how = "mode=ro&immutable=1" if sealed else "mode=ro"
    db = sqlite3.connect(f"file:{path}?{how}", uri=True, check_same_thread=False)
    db.execute("PRAGMA query_only = ON")
    return db


def _identity(path: Path) -> _Identity | None:
    try:
        found = os.stat(path)  # noqa: PTH116  # asked at each query: the plain call costs a third
    except OSError:
        return None
    return found.st_dev, found.st_ino
