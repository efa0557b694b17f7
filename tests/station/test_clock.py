"""How far a clock is trusted: the kernel's word, the hub's, jumps of the wall clock, a time before what is known."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.clock import Reading, SystemClock, jumped
from station.facts import ClockFix, Started, parse
from station.journal import Journal, Reader
from station.loops.watch import clock_words
from station.true_time import due_fixes, offsets_of, true_time
from tests.builders import MONDAY, punch

SECOND = 1_000_000_000


class Board:
    """A board's two clocks and its kernel's word, as a test sets them."""

    def __init__(self, wall: datetime = MONDAY, synced: bool = False) -> None:
        self.wall, self.ns, self.synced = wall, 100 * SECOND, synced
        self.true = MONDAY

    def run(self, seconds: float) -> None:
        """Time passes."""
        self.wall += timedelta(seconds=seconds)
        self.true += timedelta(seconds=seconds)
        self.ns += int(seconds * SECOND)

    def jump(self, seconds: float) -> None:
        """Somebody sets the wall clock."""
        self.wall += timedelta(seconds=seconds)

    def clock(self) -> SystemClock:
        """What the station reads."""
        return SystemClock(lambda: self.synced, lambda: self.wall, lambda: self.ns)


def trust(board: Board, clock: SystemClock) -> str:
    board.run(1)
    return clock.read().trust


def agree(board: Board, clock: SystemClock) -> timedelta:
    return clock.hub_said(board.true, timedelta())


Step = Callable[[Board, SystemClock], object]


def jumps(board: Board, clock: SystemClock) -> None:
    board.jump(-90_000)
    clock.read()


def goes_back(board: Board, clock: SystemClock) -> None:
    board.jump(90_000)


def kernel_sure(board: Board, clock: SystemClock) -> None:
    board.synced = True
    clock.read()


def kernel_unsure(board: Board, clock: SystemClock) -> None:
    board.synced = False
    clock.read()


def slow_hub(board: Board, clock: SystemClock) -> None:
    clock.hub_said(board.true, timedelta(seconds=5))


HUB: Step = agree
CASES: list[tuple[str, list[Step], str]] = [
    ("nobody vouches", [], "unsynced"),
    ("the kernel does", [kernel_sure], "synced"),
    ("the hub does", [HUB], "synced"),
    ("the hub, too long under way", [slow_hub], "unsynced"),
    ("the hub differs", [jumps, HUB], "unsynced"),
    ("a jump undoes the hub's word", [HUB, jumps], "unsynced"),
    ("a jump undoes the kernel's word", [kernel_sure, jumps], "unsynced"),
    ("back again is a jump too", [HUB, jumps, goes_back], "unsynced"),
    ("and needs the hub anew", [HUB, jumps, goes_back, HUB], "synced"),
    ("or the kernel anew", [kernel_sure, jumps, kernel_unsure, goes_back, kernel_unsure, kernel_sure], "synced"),
    (
        "a first sync that steps the clock is the kernel's",
        [jumps, kernel_unsure, goes_back, kernel_unsure, kernel_sure],
        "synced",
    ),
]


@pytest.mark.parametrize(("name", "steps", "expected"), CASES, ids=[case[0] for case in CASES])
def test_trust(name: str, steps: list[Step], expected: str) -> None:
    board = Board()
    clock = board.clock()
    clock.read()
    for step in steps:
        board.run(3)
        step(board, clock)
    assert trust(board, clock) == expected


@given(st.integers(0, 10**15), st.floats(-0.0005, 0.0005))
def test_running_and_slewing_are_no_jump(nanoseconds: int, slew: float) -> None:
    ran = timedelta(microseconds=nanoseconds // 1000)
    assert not jumped((MONDAY, 0), (MONDAY + ran * (1 + slew), nanoseconds))


@given(st.integers(0, 3600 * SECOND), st.sampled_from([-90_000, -1_000_000_000, 5_000_000, 10, -10]))
def test_every_real_jump_is_noticed(nanoseconds: int, seconds: int) -> None:
    ran = timedelta(microseconds=nanoseconds // 1000)
    assert jumped((MONDAY, 0), (MONDAY + ran + timedelta(seconds=seconds), nanoseconds))


def test_a_time_before_the_newest_fact_is_not_believed_even_of_the_kernel() -> None:
    board = Board(datetime(1970, 1, 1, tzinfo=UTC), synced=True)
    clock = board.clock()
    clock.resume(Reading(MONDAY, "another-boot", 1, "synced"))
    assert trust(board, clock) == "unsynced"
    board.true = board.wall + timedelta(seconds=1)
    agree(board, clock)  # the hub alone can say that the newest fact was wrong
    assert trust(board, clock) == "synced"


def test_a_restarted_process_goes_on_with_its_boots_mark_and_doubt() -> None:
    board = Board(synced=True)
    first = board.clock()
    assert trust(board, first) == "synced"
    board.jump(5_000_000)
    last = first.read()
    board.run(60)
    again = board.clock()
    again.resume(last)
    assert (again.read().boot, again.read().trust) == (last.boot, "unsynced")
    board.jump(-5_000_000)
    assert again.read().boot not in (last.boot, last.boot[:36])


def test_a_jump_while_the_process_was_away_is_noticed() -> None:
    board = Board(synced=True)
    last = board.clock().read()
    board.run(60)
    board.jump(-90_000)
    again = board.clock()
    again.resume(last)
    assert (again.read().boot, again.read().trust) == (f"{last.boot}-1", "unsynced")


def record(folder: Path, board: Board, clock: SystemClock, steps: list[Step]) -> list[tuple[datetime, bool, datetime]]:
    """Press after each step, fix what can be fixed; (true time as read, certain, as it really was) of each press."""
    really = []
    with Journal(folder, clock) as journal:
        reader = Reader(journal.path)
        for step in [lambda *_: None, *steps]:
            board.run(100)
            step(board, clock)
            journal.append(punch())
            really.append(board.true)
            fixed = offsets_of(reader.of_kinds("clock_fix"))
            for fix in due_fixes(clock.read(), clock.ahead(), journal.unsynced(), fixed):
                journal.append(fix)
        offsets = offsets_of(reader.of_kinds("clock_fix"))
        told = [true_time(fact, offsets) for fact in reader.of_kinds("punch")]
        reader.close()
    return [(at, certain, real) for (at, certain), real in zip(told, really, strict=True)]


@pytest.mark.parametrize("jump", [-90_000, -1_000_000_000, 5_000_000])
@pytest.mark.parametrize("start", [0, -1_000_000_000, 5_000_000])
def test_every_fact_gets_its_true_time_once_the_hub_spoke(tmp_path: Path, start: int, jump: int) -> None:
    board = Board(MONDAY + timedelta(seconds=start))

    def leap(board: Board, clock: SystemClock) -> None:
        board.jump(jump)

    def home(board: Board, clock: SystemClock) -> None:
        board.jump((board.true - board.wall).total_seconds())

    told = record(tmp_path, board, board.clock(), [leap, HUB, home, leap, HUB, HUB])
    assert all(certain for _, certain, _ in told)
    assert all(abs(at - real) <= timedelta(seconds=2) for at, _, real in told)


def test_the_kernels_first_sync_puts_the_boot_right_that_began_in_1970(tmp_path: Path) -> None:
    board = Board(datetime(1970, 1, 1, tzinfo=UTC))

    def step_to_truth(board: Board, clock: SystemClock) -> None:
        board.wall, board.synced = board.true, True

    told = record(tmp_path, board, board.clock(), [step_to_truth])
    assert [(certain, abs(at - real) < timedelta(seconds=1)) for at, certain, real in told] == [(True, True)] * 2


def test_without_anybodys_word_facts_stay_uncertain(tmp_path: Path) -> None:
    told = record(tmp_path, board := Board(), board.clock(), [jumps])
    assert [certain for _, certain, _ in told] == [False, False]


def test_a_fix_is_recorded_once_until_it_is_out(tmp_path: Path) -> None:
    now = Reading(MONDAY, "b", 0, "unsynced")
    start = round(MONDAY.timestamp() * 1_000_000)
    (fix,) = due_fixes(now, timedelta(seconds=-50), {"b": start}, {})
    assert fix == ClockFix(boot="b", offset_us=50_000_000)
    assert due_fixes(now, timedelta(seconds=-50.9), {"b": start}, {"b": 50_000_000}) == []
    assert len(due_fixes(now, timedelta(seconds=-51.1), {"b": start}, {"b": 50_000_000})) == 1
    assert due_fixes(now, None, {"b": start}, {}) == []
    assert due_fixes(now, timedelta(), {"another": start}, {}) == [], "a boot that ended unsynced stays so"


def test_the_screen_says_how_the_clock_is() -> None:
    board = Board()
    clock = board.clock()
    assert "时间待校准" in clock_words(clock)
    agree(board, clock)
    assert clock_words(clock) == ""
    board.jump(-90)
    clock.read()
    agree(board, clock)
    assert clock_words(clock) == "时钟比中枢慢 90 秒，打卡照记，时间自动校正"


def test_a_journal_that_reopens_hands_its_newest_reading_to_the_clock(tmp_path: Path) -> None:
    board = Board(synced=True)
    with Journal(tmp_path, board.clock()) as journal:
        journal.append(Started(version="1"))
    board.jump(-1_000_000_000)
    with Journal(tmp_path, board.clock()) as journal:
        assert parse(journal.append(punch()).raw).clock == "unsynced"
