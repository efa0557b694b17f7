"""kill -9 at every call of a scene: what was acknowledged is there once, the chain holds, nothing is invented."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from station.facts import Fact, parse
from station.journal import FILE, Journal, Reader
from station.lineage import NEXT, sealed_files
from station.verify import files_of, verify_file
from tests.builders import clock, journal_with
from tests.faults.killing import Ended, Killing, points

SAMPLED = 9  # in the suite every ninth call; in `make faults` each one
STEPS = [pytest.param(SAMPLED, id="sampled"), pytest.param(1, id="each", marks=pytest.mark.slow)]
BEFORE = 6


@pytest.fixture(scope="module")
def killing() -> Iterator[Killing]:
    with Killing() as made:
        yield made


def after(folder: Path) -> tuple[Journal, list[Fact]]:
    """The journal as the next start finds it, and every punch that the station knows of."""
    journal = Journal(folder / "station", clock())
    reader = Reader(journal.path)
    known = list(reader.of_kinds("punch"))
    reader.close()
    return journal, known


def check(folder: Path, end: Ended, before: list[str]) -> Journal:
    """What holds after every kill: all chains, all that was there or acknowledged exactly once, at most one more."""
    journal, known = after(folder)
    ids = [fact.id for fact in known]
    places = [fact.body["place"] for fact in known if fact.body["place"] >= 100]
    assert len(ids) == len(set(ids))
    assert [one for one in ids if one in before] == before
    assert places[: len(end.acked)] == end.acked
    assert len(places) <= len(end.acked) + 1
    assert len(ids) == len(before) + len(places)
    for file in files_of(folder / "station"):
        assert verify_file(file).broken is None, file.name
    assert not (folder / "station" / NEXT).exists()
    journal.close()
    return journal


def punches_in(folder: Path) -> list[str]:
    reader = Reader(folder / FILE)
    ids = [fact.id for fact in reader.of_kinds("punch")]
    reader.close()
    return ids


@pytest.mark.timeout(600)
@pytest.mark.parametrize("step", STEPS)
def test_ten_punches(killing: Killing, tmp_path: Path, step: int) -> None:
    journal_with(tmp_path / "before", BEFORE).close()
    before = punches_in(tmp_path / "before")
    ends = points(killing, "punches", tmp_path / "before", tmp_path, step)
    for folder, end in ends:
        check(folder, end, before)
    assert sum(end.killed for _, end in ends) > 8


@pytest.mark.timeout(600)
@pytest.mark.parametrize("step", STEPS)
def test_a_fork_is_either_before_or_after(killing: Killing, tmp_path: Path, step: int) -> None:
    with journal_with(tmp_path / "before", BEFORE) as journal:
        old = journal.lineage
    before = punches_in(tmp_path / "before")
    for folder, end in points(killing, "fork", tmp_path / "before", tmp_path, min(step, 3)):
        journal = check(folder, end, before)
        sealed = sealed_files(folder / "station", old)
        if journal.lineage == old:
            assert (sealed, end.acked) == ([], [])
            continue
        assert len(sealed) == 1
        assert sealed[0].stat().st_mode & 0o777 == 0o400
        assert verify_file(sealed[0]).facts == BEFORE
        begun, *again = [parse(raw) for raw in Reader(folder / "station" / FILE).all_raw()]
        assert begun.body["was"] == old
        assert [parse(fact.body["fact"].encode()).seq for fact in again if fact.kind == "re_recorded"] == [4, 5, 6]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("damage", ["header", "deleted"])
def test_a_damaged_file_is_mended_whenever_it_is_killed(
    killing: Killing, tmp_path: Path, step: int, damage: str
) -> None:
    journal_with(tmp_path / "before", BEFORE).close()
    before = punches_in(tmp_path / "before")
    file = tmp_path / "before" / FILE
    if damage == "header":
        file.write_bytes(b"\0" * 100 + file.read_bytes()[100:])
    else:
        for part in (tmp_path / "before").glob(f"{FILE}*"):
            part.unlink()
        before = []
    for folder, end in points(killing, "mend", tmp_path / "before", tmp_path, min(step, 4)):
        check(folder, end, before)


def test_places_survive_a_fork_in_a_process_that_is_killed(killing: Killing, tmp_path: Path) -> None:
    journal_with(tmp_path / "before", BEFORE).close()
    for folder, end in points(killing, "enrol", tmp_path / "before", tmp_path, SAMPLED):
        with Journal(folder / "station", clock()) as journal:
            enrolled = [fact.body["place"] for fact in Reader(journal.path).of_kinds("enrolled")]
            assert enrolled == [7] or (enrolled, end.acked) == ([], [])
