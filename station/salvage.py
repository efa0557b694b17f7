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

from station.chain import bytes_of
from station.errors import BadFact
from station.facts import MAX_BYTES, Fact, parse

_BEGINNING = re.compile(rb'\{"at":"\d{4}-\d\d-\d\dT')
_USUAL = 4096  # bytes; few facts are longer
_GIVE_UP = 2000  # seqs in a row without a row: behind the end
_HURT_BITS = 16  # hashes of two facts differ in about 128
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
    digests: dict[int, bytes] = {}
    with suppress(sqlite3.Error, UnicodeDecodeError), closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        state = _state(db)
        for seq, raw, digest in _rows(db):
            digests[seq] = digest
            with suppress(BadFact):
                fact = parse(raw)
                found[fact.hash] = fact
    for part in (path, path.with_name(path.name + "-wal")):
        if part.exists():
            found |= {fact.hash: fact for fact in search(part.read_bytes())}
    whose = lineage or state.get("lineage", "") or _most([fact.lineage for fact in found.values()])
    return Salvaged(whose, _vouched([fact for fact in found.values() if fact.lineage == whose], digests), state)


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
    with suppress(sqlite3.Error, UnicodeDecodeError):
        return {str(key): str(value) for key, value in db.execute("SELECT key, value FROM state")}
    return {}


def _rows(db: sqlite3.Connection) -> Iterator[tuple[int, bytes, bytes]]:
    """Seq, bytes and stored hash, row by row, so that a damaged page costs only what stood on it."""
    seq, missing = 0, 0
    while missing < _GIVE_UP:
        seq += 1
        missing += 1
        try:
            row = db.execute("SELECT * FROM facts WHERE seq = ?", (seq,)).fetchone()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_NOTADB:
                return  # no row of it can be asked for
            continue
        if row is not None:
            _, _, raw, digest = (*row, None)[:4]  # an older file keeps no hashes
            yield seq, bytes_of(raw), bytes_of(digest)
            missing = 0


def _vouched(facts: list[Fact], digests: dict[int, bytes]) -> list[Fact]:
    """One fact a seq: the one that the next one follows; for the last, the one whose hash was stored beside it."""
    follows = {fact.seq - 1: fact.prev for fact in facts}
    chosen = {
        fact.seq: fact
        for fact in facts
        if (follows[fact.seq] == fact.hash if fact.seq in follows else _is_about(digests.get(fact.seq, b""), fact))
    }
    return [chosen[seq] for seq in sorted(chosen)]


def _is_about(digest: bytes, fact: Fact) -> bool:
    """Whether a stored hash speaks for this fact: where it differs in a few bits the hash was hurt, else the fact."""
    own = bytes.fromhex(fact.hash)
    return len(digest) != len(own) or (int.from_bytes(digest) ^ int.from_bytes(own)).bit_count() <= _HURT_BITS


def _most(lineages: list[str]) -> str:
    return Counter(lineages).most_common(1)[0][0] if lineages else ""
