"""The nightly walk: what turned on the disk is named, and met at once where the hub does not hold it yet."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from station.chain import Row
from station.display import Display
from station.facts import parse
from station.journal import ACKED, FILE, Reader
from station.loops.scrub import Scrub, due
from station.verify import verify_file
from tests.builders import journal_with, punch

NIGHT = datetime(2026, 3, 3, 2, 30)  # noqa: DTZ001  # of the hall


class Bench:
    """A journal of six facts, three of which the hub holds, and who looks at it at night."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.journal = folder, journal_with(folder, 6)
        self.facts = Reader(self.journal.path)
        held = self.facts.hash_at(3)
        self.journal.set_state(ACKED, json.dumps({"upto": 3, "hash": held}))
        self.display = Display("站", False, lambda: NIGHT)
        self.scrub = Scrub(self.journal, self.facts, self.display, lambda: NIGHT)

    def turn(self, seq: int) -> None:
        """A bit of a fact turns on the disk."""
        with closing(sqlite3.connect(self.folder / FILE, isolation_level=None)) as db:
            raw = bytearray(db.execute("SELECT raw FROM facts WHERE seq = ?", (seq,)).fetchone()[0])
            raw[raw.index(b'"score":120') + 9] ^= 1
            db.execute("UPDATE facts SET raw = ? WHERE seq = ?", (bytes(raw), seq))

    def look(self) -> str:
        """Walk once; what stands on the screen."""
        self.scrub.look(threading.Event())
        return self.display.frame.alarm


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.facts.close()
    made.journal.close()


def test_a_sound_chain_says_nothing(bench: Bench) -> None:
    assert bench.look() == ""
    assert bench.journal.head.seq == 6


def test_damage_among_what_the_hub_holds_is_named_also_after_a_restart(bench: Bench) -> None:
    bench.turn(2)
    assert "账本第 2 条校验不符" in bench.look()
    again = Display("站", False, lambda: NIGHT)
    stop = threading.Event()
    stop.set()
    Scrub(bench.journal, bench.facts, again, lambda: NIGHT).run(stop)
    assert "账本第 2 条校验不符" in again.frame.alarm
    assert bench.journal.append(punch()).seq == 7


def test_damage_among_what_only_this_station_holds_begins_a_new_lineage_with_the_rest(bench: Bench) -> None:
    lineage, raws = bench.journal.lineage, list(bench.facts.all_raw())
    bench.turn(5)
    assert bench.look() == ""  # the watch says that a new lineage was begun
    assert bench.journal.lineage != lineage
    begun, *again = [parse(raw) for raw in Reader(bench.journal.path).all_raw()]
    assert begun.body["was"] == lineage
    rest = [fact.body["fact"].encode() for fact in again]
    assert rest in (raws[3:], [raws[3], raws[5]]), "the fifth may still be found where the file kept its old bytes"
    assert list(bench.folder.glob("journal-*.broken.sqlite3"))
    assert verify_file(bench.journal.path).broken is None
    assert bench.journal.append(punch()).seq == len(rest) + 2


def test_a_page_that_cannot_be_read_is_a_break_too(tmp_path: Path) -> None:
    with journal_with(tmp_path, 150) as journal:
        facts = Reader(journal.path)
        with closing(sqlite3.connect(journal.path)) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            root = other.execute("SELECT rootpage FROM sqlite_master WHERE name = 'facts'").fetchone()[0]
        with journal.path.open("r+b") as file:
            file.seek((root - 1) * 4096)
            file.write(b"\xff" * 4096)
        facts.close()
        facts, lineage = Reader(journal.path), journal.lineage
        Scrub(journal, facts, Display("站", False, lambda: NIGHT), lambda: NIGHT).look(threading.Event())
        assert journal.lineage != lineage
        assert len(list(facts.of_kinds("punch"))) > 100
        facts.close()


def test_a_walk_that_is_told_to_stop_decides_nothing(bench: Bench) -> None:
    bench.turn(2)
    stop = threading.Event()
    stop.set()
    bench.scrub.look(stop)
    assert bench.display.frame.alarm == ""


@pytest.mark.parametrize(
    ("now", "last", "is_due"),
    [
        ("2026-03-03T02:00", "2026-03-02", True),
        ("2026-03-03T04:59", "2026-03-02", True),
        ("2026-03-03T03:00", "2026-03-03", False),  # done this night
        ("2026-03-03T09:00", "2026-03-02", False),
        ("2026-03-05T09:00", "2026-03-02", True),  # switched off at night
        ("2026-03-05T09:00", "", True),
    ],
)
def test_when_it_is_due(now: str, last: str, is_due: bool) -> None:
    assert due(datetime.fromisoformat(now), last) is is_due


def test_a_disk_that_cannot_be_read_just_now_is_no_damage(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*asked: object) -> list[Row]:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise error

    lineage = bench.journal.lineage
    monkeypatch.setattr(bench.facts, "rows_after", failing)
    with pytest.raises(sqlite3.OperationalError):
        bench.look()
    assert (bench.journal.lineage, bench.display.frame.alarm) == (lineage, "")


def test_what_was_misread_once_is_read_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    first = iter([[Row(1, b"rubbish")]])
    read = bench.facts.rows_after
    monkeypatch.setattr(bench.facts, "rows_after", lambda seq, limit: next(first, None) or read(seq, limit))
    lineage = bench.journal.lineage
    assert bench.look() == ""
    assert bench.journal.lineage == lineage
