"""The wall clock moved under a real process, at the start and in flight, while the monotonic clock runs on."""

import itertools
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from station.facts import Fact, parse
from station.journal import FILE, Reader
from station.true_time import offsets_of, true_time
from station.verify import verify_file

MOVES = [-90_000, -1_000_000_000, 5_000_000]  # a day and an hour, three decades, two months


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc")
    assert compiler, "a C compiler is needed to move the wall clock alone: install gcc (deploy/system-packages.txt)"
    library = tmp_path_factory.mktemp("shim") / "wall_clock.so"
    source = Path(__file__).with_name("wall_clock.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source], check=True, timeout=60)
    return library


class Moved:
    """A process whose wall clock the test moves."""

    def __init__(self, shim: Path, folder: Path, offset: int) -> None:
        self._offset = folder / "offset"
        folder.mkdir(exist_ok=True)
        self.folder = folder / "station"
        self.really: list[datetime] = []
        self.move(offset)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.press_by_wall_clock", str(self.folder)],
            env=os.environ | {"LD_PRELOAD": str(shim), "WALL_OFFSET": str(self._offset)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        assert self._said() == "open"

    def move(self, offset: int) -> None:
        """Put the wall clock this many seconds off the truth."""
        aside = self._offset.with_suffix(".new")
        aside.write_text(str(offset))
        aside.rename(self._offset)

    def press(self) -> None:
        """One press, remembered with its true time."""
        self.really.append(datetime.now(UTC))
        self.step("press")

    def hub(self) -> str:
        """The hub's true time arrives, and the watch looks; the words on the screen."""
        self.step(f"hub {datetime.now(UTC).isoformat()}")
        return self.step("look")

    def step(self, line: str) -> str:
        """One step and its answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        return self._said()

    def end(self) -> list[Fact]:
        """Stop; every fact of the journal in order."""
        self._process.communicate(timeout=30)
        assert self._process.returncode == 0
        reader = Reader(self.folder / FILE)
        facts = [parse(raw) for raw in reader.all_raw()]
        reader.close()
        return facts

    def _said(self) -> str:
        assert self._process.stdout is not None
        for line in self._process.stdout:  # the process's own log stands between
            if line.startswith("> "):
                return line[2:].strip()
        raise AssertionError("the process ended")


def check(moved: Moved, facts: list[Fact]) -> None:
    """Order by seq, a whole chain, every press flagged or true, and true within 2 s after the fix."""
    presses = [fact for fact in facts if fact.kind == "punch"]
    assert [fact.seq for fact in facts] == list(range(1, len(facts) + 1))
    assert all(later.monotonic_ns >= earlier.monotonic_ns for earlier, later in itertools.pairwise(facts))
    assert verify_file(moved.folder / FILE).broken is None
    offsets = offsets_of(fact for fact in facts if fact.kind == "clock_fix")
    assert len(presses) == len(moved.really)
    for fact, really in zip(presses, moved.really, strict=True):
        if abs(fact.at - really) > timedelta(seconds=2):
            assert fact.clock == "unsynced"
        at, certain = true_time(fact, offsets)
        assert certain
        assert abs(at - really) <= timedelta(seconds=2)


@pytest.mark.parametrize("move", MOVES)
def test_in_flight(shim: Path, tmp_path: Path, move: int) -> None:
    moved = Moved(shim, tmp_path, 0)
    moved.press()
    assert "待校准" not in moved.hub()
    moved.press()
    moved.move(move)
    moved.press()
    said = moved.step("look")
    assert "时间待校准" in said
    assert float(said.split()[0]) < 5, "nothing that sleeps minds the jump"
    assert "时钟比中枢" in moved.hub()
    moved.press()
    moved.move(0)
    moved.press()
    assert "待校准" not in moved.hub()
    moved.press()
    facts = moved.end()
    check(moved, facts)
    assert [fact.clock for fact in facts if fact.kind == "punch"] == [
        "unsynced", "synced", "unsynced", "unsynced", "unsynced", "synced",
    ]  # fmt: skip


@pytest.mark.parametrize("move", MOVES)
def test_at_the_start(shim: Path, tmp_path: Path, move: int) -> None:
    first = Moved(shim, tmp_path, 0)
    first.press()
    first.hub()
    first.press()
    first.end()
    moved = Moved(shim, tmp_path, move)
    moved.really = first.really
    moved.press()
    assert "时间待校准" in moved.step("look")
    moved.hub()
    moved.press()
    facts = moved.end()
    check(moved, facts)
    assert [fact.clock for fact in facts if fact.kind == "punch"] == ["unsynced", "synced", "unsynced", "unsynced"]
