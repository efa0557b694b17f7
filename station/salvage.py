"""What can still be read out of a damaged journal.

Rows are asked for one by one, past those that fail; then the bytes of the file and its log are searched for facts,
which are recognisable by themselves. A fact counts only when it is canonical and the one after it, where there is
one, vouches for it: nothing is invented.
"""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from station.errors import BadFact
from station.facts import MAX_BYTES, Fact, parse

_BEGINNING = re.compile(rb'\{"at":"\d{4}-\d\d-\d\dT')
_USUAL = 4096  # bytes; few facts are longer
_GIVE_UP = 2000  # seqs in a row without a row: behind the end
_decode = json.JSONDecoder().raw_decode


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What was found: facts of one lineage in order of seq, and the remembered values that could be read."""

    lineage: str
    facts: list[Fact]
    state: dict[str, str]


def salvage(path: Path, lineage: str) -> Salvaged:
    """Everything readable in the journal at `path` and its log. `lineage`: whose; empty: the one found most."""
    state: dict[str, str] = {}
    found: dict[str, Fact] = {}
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        state = _state(db)
        found = {fact.hash: fact for fact in _rows(db)}
    for part in (path, path.with_name(path.name + "-wal")):
        if part.exists():
            found |= {fact.hash: fact for fact in search(part.read_bytes())}
    whose = lineage or state.get("lineage", "") or _most([fact.lineage for fact in found.values()])
    return Salvaged(whose, _vouched([fact for fact in found.values() if fact.lineage == whose]), state)


def search(content: bytes) -> Iterator[Fact]:
    """Every whole fact among these bytes, wherever it begins."""
    for start in _BEGINNING.finditer(content):
        for length in (_USUAL, MAX_BYTES):
            text = content[start.start() : start.start() + length].decode(errors="surrogateescape")
            with suppress(ValueError, RecursionError):
                _, end = _decode(text)
                yield parse(text[:end].encode(errors="surrogateescape"))
                break


def _state(db: sqlite3.Connection) -> dict[str, str]:
    with suppress(sqlite3.Error):
        return {str(key): str(value) for key, value in db.execute("SELECT key, value FROM state")}
    return {}


def _rows(db: sqlite3.Connection) -> Iterator[Fact]:
    """Row by row, so that a damaged page costs only what stood on it."""
    seq, missing = 0, 0
    while missing < _GIVE_UP:
        seq += 1
        missing += 1
        with suppress(BadFact):
            try:
                row = db.execute("SELECT raw FROM facts WHERE seq = ?", (seq,)).fetchone()
            except sqlite3.Error as error:
                if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
                    return  # no row of it can be asked for
                continue
            if row is not None:
                yield parse(bytes(row[0]))
                missing = 0


def _vouched(facts: list[Fact]) -> list[Fact]:
    """One fact a seq; where the next one is there, the one it follows."""
    follows = {fact.seq - 1: fact.prev for fact in facts}
    chosen = {fact.seq: fact for fact in facts if follows.get(fact.seq, fact.hash) == fact.hash}
    return [chosen[seq] for seq in sorted(chosen)]


def _most(lineages: list[str]) -> str:
    return Counter(lineages).most_common(1)[0][0] if lineages else ""
