"""The file of a journal as its writer holds it: opened, looked at, and written anew when it was deleted."""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from config.words import say
from station.chain import bytes_of
from station.durable import sync_folder
from station.errors import JournalBroken
from station.facts import Fact, first_prev, parse
from station.lineage import SCHEMA


@dataclass(frozen=True, slots=True)
class Head:
    """Where the journal stands: the last seq (0: empty) and its hash (for an empty one, what stands before seq 1)."""

    seq: int
    hash: str


def is_damage(error: Exception) -> bool:
    """Whether an error of reading means that the file itself is hurt, and not that the disk fails just now.

    Text that is no text comes from the sqlite3 module itself, without SQLite's code.
    """
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        return code is None or code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    return isinstance(error, (JournalBroken, UnicodeDecodeError))


def open_writer(path: Path) -> sqlite3.Connection:
    """The writing connection: WAL, every commit synced, the tables there. sqlite3.Error, OSError as they come."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    try:
        path.chmod(0o600)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.executescript(SCHEMA)
        if not any(name == "hash" for _, name, *_ in db.execute("PRAGMA table_info(facts)")):
            db.execute("ALTER TABLE facts ADD COLUMN hash BLOB")
        sync_folder(path.parent)
    except BaseException:
        db.close()
        raise
    return db


def read_head(db: sqlite3.Connection, of: str) -> tuple[Head, Fact | None]:
    """Where lineage `of` stands, and its last fact; JournalBroken when that one cannot be believed."""
    row = db.execute("SELECT seq, raw, hash FROM facts ORDER BY seq DESC LIMIT 1").fetchone()
    if row is None:
        return Head(0, first_prev(of)), None
    try:
        fact = parse(bytes_of(row[1]))
    except ValueError as error:
        raise JournalBroken(say("账本末条无法读取（第 {seq} 条）", seq=row[0])) from error
    if fact.seq != row[0] or fact.lineage != of or (row[2] is not None and bytes_of(row[2]).hex() != fact.hash):
        raise JournalBroken(say("账本末条与编号不符（第 {seq} 条）", seq=row[0]))
    return Head(fact.seq, fact.hash), fact


def look_through(db: sqlite3.Connection) -> None:
    """JournalBroken when SQLite finds the file's pages damaged, or its index at odds with them."""
    found = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise JournalBroken(str(found))


def copied(db: sqlite3.Connection, path: Path) -> Path:
    """All that the open connection of a deleted file still holds, durable in a file beside `path`."""
    copy = path.with_name("journal.restored.sqlite3")
    copy.unlink(missing_ok=True)
    with closing(sqlite3.connect(copy)) as target:
        db.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
    with copy.open("rb") as file:
        os.fsync(file.fileno())
    return copy


def put_back(copy: Path, path: Path) -> None:
    """The copy in the deleted file's place, which nobody has open any more."""
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    copy.rename(path)
    sync_folder(path.parent)
