"""Bits that turn and logs that tear: each change is found, the station opens all the same, nothing is invented."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from random import Random

import pytest

from station.display import Display
from station.journal import ACKED, FILE, Journal, Reader
from station.lineage import broken_files
from station.loops.scrub import Scrub
from station.verify import verify_file
from tests.builders import clock, journal_with, punch

FACTS, FOLDED = 40, 5
NIGHT = datetime(2026, 3, 3, 2, 30)  # noqa: DTZ001  # of the hall
COUNTS = [pytest.param(30, id="sampled"), pytest.param(1500, id="many", marks=pytest.mark.slow)]
LOG = f"{FILE}-wal"


@pytest.fixture(scope="module")
def folded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty facts in the file itself, all of them with the hub."""
    folder = tmp_path_factory.mktemp("folded")
    with journal_with(folder, FACTS) as journal:
        journal.set_state(ACKED, json.dumps({"upto": FACTS, "hash": journal.head.hash}))
    return folder


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty facts, all but a few still in the log: a copy of the disk in the midst of a day."""
    folder, copy = tmp_path_factory.mktemp("logged"), tmp_path_factory.mktemp("copy") / "station"
    journal_with(folder, FOLDED).close()
    with Journal(folder, clock()) as journal:
        for place in range(FOLDED + 1, FACTS + 1):
            journal.append(punch(place))
        shutil.copytree(folder, copy)
    return copy


def facts_of(folder: Path) -> list[bytes]:
    reader = Reader(folder / FILE)
    raws = list(reader.all_raw())
    reader.close()
    return raws


def turned(file: Path, chance: Random) -> None:
    """One bit of the file turns."""
    content = bytearray(file.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    file.write_bytes(content)


def torn(file: Path, chance: Random) -> None:
    """The end of the file is missing."""
    file.write_bytes(file.read_bytes()[: chance.randrange(file.stat().st_size)])


def copies(of: Path, work: Path, count: int) -> Iterator[Path]:
    for _ in range(count):
        copy = work / "copy"
        shutil.copytree(of, copy)
        yield copy
        shutil.rmtree(copy)


def known_after_opening(folder: Path) -> tuple[list[bytes], str]:
    """What the station knows once it has opened whatever is there and recorded a press, and what the night says."""
    display = Display("站", False, lambda: NIGHT)
    with Journal(folder, clock()) as journal:
        kept = journal.append(punch(99))
        reader = Reader(journal.path)
        known = list(reader.of_kinds("punch"))
        Scrub(journal, reader, display, lambda: NIGHT).look(threading.Event())
        reader.close()
    assert known.pop().id == kept.id
    return [fact.raw for fact in known], display.frame.alarm


@pytest.mark.timeout(600)
@pytest.mark.parametrize("count", COUNTS)
def test_a_bit_of_the_file(folded: Path, tmp_path: Path, count: int) -> None:
    """Found by `verify`, and by the station's own night or at its opening; what it knows is what was recorded."""
    chance, originals, found = Random(4), facts_of(folded), 0
    for copy in copies(folded, tmp_path, count):
        turned(copy / FILE, chance)
        broken = verify_file(copy / FILE).broken
        if broken is None:
            assert facts_of(copy) == originals
        known, alarm = known_after_opening(copy)
        found += broken is not None
        assert set(known) <= set(originals)
        assert known == originals or broken
        assert alarm or broken_files(copy) or not broken
    assert found > count / 4


@pytest.mark.timeout(600)
@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("damage", [torn, turned])
def test_the_log(logged: Path, tmp_path: Path, damage: Callable[[Path, Random], None], count: int) -> None:
    """Commits before the damage are there, those after it are not, and none is half there."""
    chance, originals = Random(5), facts_of(logged)
    assert len(originals) == FACTS
    lengths = set()
    for copy in copies(logged, tmp_path, count):
        damage(copy / LOG, chance)
        known, alarm = known_after_opening(copy)
        assert known == originals[: len(known)]
        assert len(known) >= FOLDED
        assert (alarm, broken_files(copy)) == ("", []), "a shorter log is no broken file"
        assert verify_file(copy / FILE).broken is None
        lengths.add(len(known))
    assert len(lengths) > 5
