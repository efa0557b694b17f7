"""A lineage's file: begun whole, later sealed aside, never overwritten.

A change to a new lineage may be cut off at any step by a kill or a power cut. The new file is made complete and
durable under a name of its own first; a second name for the old file is the point of no return; `finish` brings what
was cut off either back to before or on to its end. There is no moment without a journal under its name.
"""

import os
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

from uuid6 import uuid7

from station.clock import Clock
from station.durable import sync_folder, write_durably
from station.facts import Body, Fact, ReRecorded, Started, compose, first_prev, parse, read_body

FILE = "journal.sqlite3"
NAME = "lineage"  # the present lineage's id beside its file, for when the file is lost
NEXT = "journal.next.sqlite3"
SEALED, BROKEN = "sealed", "broken"
LINEAGE, WAS, WHY = "lineage", "was", "why"  # keys of the table `state`
ACKED = "acked"  # the same: what the hub last said it holds
SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, raw BLOB NOT NULL, hash BLOB);
CREATE INDEX IF NOT EXISTS facts_kind ON facts (kind, seq);
CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
INSERT = "INSERT INTO facts (seq, kind, raw, hash) VALUES (?, ?, ?, ?)"


def row_of(fact: Fact) -> tuple[int, str, bytes, bytes]:
    """A fact as its row; the hash beside the bytes tells a damaged last fact, which no later one vouches for."""
    return fact.seq, fact.kind, fact.raw, bytes.fromhex(fact.hash)


def sealed_files(folder: Path, lineage: str) -> list[Path]:
    """The sealed files of a lineage."""
    return sorted(folder.glob(f"journal-{lineage}*.{SEALED}.sqlite3"))


def broken_files(folder: Path) -> list[Path]:
    """Damaged files that were set aside."""
    return sorted(folder.glob(f"journal-*.{BROKEN}.sqlite3"))


def free_name(folder: Path, lineage: str, end: str) -> Path:
    """A name for a file that is set aside; one that is taken is never used again, nor one whose log is there: a
    change that was cut off may have put only that aside."""
    for number in range(1, 1000):
        mark = f"-{number}" if number > 1 else ""
        path = folder / f"journal-{lineage}{mark}.{end}.sqlite3"
        if not path.exists() and not _companion(path, "-wal").exists():
            return path
    raise OSError(f"no free name for {lineage}")


def succeed(path: Path, was: str, why: str, again: Iterable[Fact], clock: Clock, state: Mapping[str, str]) -> None:
    """Make, complete and durable but not yet in place, the file of a new lineage that follows `was`.

    It begins with `started{was}` and records every fact of `again` once more, byte for byte inside a new one.
    """
    lineage, reading = str(uuid7()), clock.read()
    bodies: list[Body] = [Started(version=version("zaigang"), demo=reading.trust == "simulated", was=was)]
    bodies += [carried(fact) for fact in again]
    facts, prev = [], first_prev(lineage)
    for seq, body in enumerate(bodies, start=1):
        facts.append(compose(lineage, seq, prev, str(uuid7()), reading, body))
        prev = facts[-1].hash
    write_file(path.with_name(NEXT), facts, {**state, LINEAGE: lineage, WAS: was, WHY: why})


def carried(fact: Fact) -> ReRecorded:
    """A fact to be recorded again; one that already was keeps its first origin, so that nothing is wrapped twice."""
    body = read_body(fact)
    if isinstance(body, ReRecorded):
        return body
    return ReRecorded(was={"lineage": fact.lineage, "seq": fact.seq, "hash": fact.hash}, fact=fact.raw.decode())


def spoken(fact: Fact) -> Fact:
    """The fact that speaks: the one inside, if this one was recorded again."""
    body = read_body(fact)
    return parse(body.fact.encode()) if isinstance(body, ReRecorded) else fact


def write_file(path: Path, facts: Iterable[Fact], state: Mapping[str, str]) -> None:
    """A journal file that is whole or not there."""
    making = path.with_name(path.name + ".new")
    for rest in (making, making.with_name(making.name + "-journal")):
        rest.unlink(missing_ok=True)
    with closing(sqlite3.connect(making, isolation_level=None)) as db:
        making.chmod(0o600)
        db.execute("BEGIN")
        for statement in filter(str.strip, SCHEMA.split(";")):
            db.execute(statement)
        db.executemany(INSERT, map(row_of, facts))
        db.executemany("INSERT INTO state VALUES (?, ?)", state.items())
        db.execute("COMMIT")
    making.rename(path)
    sync_folder(path.parent)


def change_over(path: Path, aside: Path) -> None:
    """Put the file made by `succeed` in the journal's place; the old one, which nobody writes any more, goes `aside`.

    For a sealed file its log must be folded in already; a broken one keeps its log beside it.
    """
    try:
        log = _companion(path, "-wal")
        if f".{BROKEN}." in aside.name and log.exists():
            os.link(log, _companion(aside, "-wal"))
        if path.exists():
            os.link(path, aside)
        sync_folder(path.parent)
    except OSError:
        _companion(aside, "-wal").unlink(missing_ok=True)
        path.with_name(NEXT).unlink(missing_ok=True)
        raise
    finish(path)


def finish(path: Path) -> None:
    """Bring a change of lineage that was cut off to its end, or back to where nothing had happened."""
    folder, made = path.parent, path.with_name(NEXT)
    asides = list(folder.glob("journal-*.sqlite3"))
    if made.exists():
        if not path.exists() or any(path.samefile(aside) for aside in asides):
            for end in ("-wal", "-shm"):
                _companion(path, end).unlink(missing_ok=True)
            made.rename(path)
            sync_folder(folder)
        else:
            made.unlink()
    for aside in asides:
        if aside.stat().st_mode & 0o222 and not (path.exists() and path.samefile(aside)):
            aside.chmod(0o400)


def known(folder: Path) -> str:
    """The lineage that this folder's journal had when it was last opened; empty before the first."""
    try:
        return (folder / NAME).read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""


def remember(folder: Path, lineage: str) -> None:
    """Note the present lineage beside its file."""
    if known(folder) != lineage:
        write_durably(folder / NAME, lineage.encode())


def _companion(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)
