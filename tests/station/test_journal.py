"""The journal keeps what it acknowledged, in a chain, for one writer."""

import itertools
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from station.errors import AlreadyRunning, NotDurable
from station.facts import Started, first_prev, parse
from station.journal import FILE, Head, Journal, Reader
from tests.builders import clock, journal_with, punch


def test_facts_form_a_gapless_chain(tmp_path: Path) -> None:
    with journal_with(tmp_path, 5) as journal:
        lineage = journal.lineage
    facts = [parse(raw) for raw in Reader(tmp_path / FILE).all_raw()]
    assert [fact.seq for fact in facts] == [1, 2, 3, 4, 5]
    assert [fact.prev for fact in facts] == [first_prev(lineage), *(fact.hash for fact in facts[:-1])]


def test_a_reopened_journal_goes_on_where_it_stood(tmp_path: Path) -> None:
    with journal_with(tmp_path, 3) as journal:
        head, lineage = journal.head, journal.lineage
    with Journal(tmp_path, clock()) as again:
        assert (again.head, again.lineage) == (head, lineage)
        assert again.append(Started(version="1")).prev == head.hash


def test_an_empty_journal_stands_before_its_first_fact(tmp_path: Path) -> None:
    with Journal(tmp_path, clock()) as journal:
        assert journal.head == Head(0, first_prev(journal.lineage))


def test_several_threads_write_one_chain(tmp_path: Path) -> None:
    with Journal(tmp_path, clock()) as journal:
        threads = [threading.Thread(target=lambda: [journal.append(punch()) for _ in range(50)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        facts = [parse(raw) for raw in Reader(journal.path).all_raw()]
    assert [fact.seq for fact in facts] == list(range(1, 201))
    assert all(later.prev == earlier.hash for earlier, later in itertools.pairwise(facts))


def test_a_second_process_on_the_folder_is_told_who_has_it(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from station.clock import SystemClock\n"
        "from station.journal import Journal\n"
        "from station.errors import AlreadyRunning\n"
        "try: Journal(Path(sys.argv[1]), SystemClock())\n"
        "except AlreadyRunning as error: print(error); sys.exit(2)"
    )
    with Journal(tmp_path, clock()):
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False, timeout=30
        )
    assert done.returncode == 2
    assert str(os.getpid()) in done.stdout


def test_the_same_process_cannot_open_it_twice_either(tmp_path: Path) -> None:
    with Journal(tmp_path, clock()), pytest.raises(AlreadyRunning):
        Journal(tmp_path, clock())


def test_a_damaged_tail_is_set_aside_before_anything_is_added(tmp_path: Path) -> None:
    with journal_with(tmp_path, 3) as journal:
        lineage = journal.lineage
        raws = list(Reader(journal.path).all_raw())
    db = sqlite3.connect(tmp_path / FILE)
    db.execute("UPDATE facts SET raw = ? WHERE seq = 3", (b"{}",))
    db.commit()
    db.close()
    with Journal(tmp_path, clock()) as mended:
        begun, *carried = [parse(raw) for raw in Reader(mended.path).all_raw()]
        assert (begun.kind, begun.body["was"]) == ("started", lineage)
        again = [fact.body["fact"].encode() for fact in carried]
        assert again in (raws, raws[:2]), "the third may still be found where the page kept its old bytes"
    assert (tmp_path / f"journal-{lineage}.broken.sqlite3").exists()


def test_a_mending_that_was_killed_after_the_log_went_aside_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal_with(tmp_path, 3).close()
    file = tmp_path / FILE
    assert len(list(Reader(file).all_raw())) == 3  # leaves an empty log beside the file
    file.write_bytes(b"\0" * 100 + file.read_bytes()[100:])
    with monkeypatch.context() as patched:
        patched.setattr("os.link", dying_after(os.link, 1))
        with pytest.raises(KeyboardInterrupt):
            Journal(tmp_path, clock())
    with Journal(tmp_path, clock()) as mended:
        assert mended.append(punch()).seq == 5  # started, three recorded again, and this one
    assert len(list(tmp_path.glob("journal-*.broken.sqlite3"))) == 1


def dying_after(call: Callable[..., None], times: int) -> Callable[..., None]:
    """A call that is cut off, as by a kill, once it was made so often."""
    left = iter(range(times))

    def made(*given: object) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        call(*given)

    return made


def test_a_fact_that_cannot_be_written_is_refused_and_the_next_one_follows_the_last_kept(tmp_path: Path) -> None:
    with journal_with(tmp_path, 2) as journal:
        blocker = sqlite3.connect(journal.path, timeout=0, isolation_level=None)
        assert journal._db is not None
        journal._db.execute("PRAGMA busy_timeout = 0")
        blocker.execute("BEGIN IMMEDIATE")
        with pytest.raises(NotDurable):
            journal.append(punch())
        blocker.execute("ROLLBACK")
        blocker.close()
        assert journal.append(punch()).seq == 3


def test_readers_see_newest_first_and_by_kind(tmp_path: Path) -> None:
    with journal_with(tmp_path, 3) as journal:
        journal.append(Started(version="1"))
        journal.append(punch(9))
        reader = Reader(journal.path)
        assert [fact.seq for fact in reader.latest(("punch",))] == [5, 3, 2, 1]
        assert [fact.kind for fact in reader.of_kinds("started")] == ["started"]
        assert reader.hash_at(5) == journal.head.hash
        assert reader.hash_at(6) is None
        assert reader.head_seq() == 5


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    with journal_with(tmp_path, 1) as journal:
        reader = Reader(journal.path)
        with pytest.raises(sqlite3.OperationalError):
            reader._db.execute("DELETE FROM facts")


def test_only_the_owner_may_read_the_files(tmp_path: Path) -> None:
    with journal_with(tmp_path, 1) as journal:
        assert journal.path.stat().st_mode & 0o077 == 0


# What turned on the disk, and how many of the three facts are still believed at least.
SCORE = "CAST(replace(CAST(raw AS TEXT), '120', '121') AS BLOB)"
TURNED = [
    (f"UPDATE facts SET raw = {SCORE} WHERE seq = 3", 2),
    ("UPDATE state SET value = CAST(x'ff' AS TEXT) WHERE key = 'lineage'", 3),
    ("UPDATE facts SET raw = 1152921504606846976 WHERE seq = 3", 2),
]


@pytest.mark.parametrize(("damage", "believed"), TURNED, ids=["content", "text", "type"])
def test_what_turned_on_the_disk_is_not_recorded_again_and_keeps_no_station_from_opening(
    tmp_path: Path, damage: str, believed: int
) -> None:
    with journal_with(tmp_path, 3) as journal:
        lineage = journal.lineage
        raws = list(Reader(journal.path).all_raw())
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as db:
        db.execute(damage)
    with Journal(tmp_path, clock()) as mended:
        begun, *carried = [parse(raw) for raw in Reader(mended.path).all_raw()]
    assert begun.body["was"] == lineage
    again = [fact.body["fact"].encode() for fact in carried]
    assert again in (raws, raws[:believed]), "the third may still be found where the file kept its old bytes"
