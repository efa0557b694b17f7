"""When facts truly happened: the facts of an unsynced boot are put right by its `clock_fix`; the last one holds."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from station.clock import AGREEMENT, Reading
from station.facts import ClockFix, Fact, read_body

MAX_OFFSET_US = 100 * 366 * 86_400 * 1_000_000  # no real clock is a hundred years out


def offsets_of(facts: Iterable[Fact]) -> dict[str, int]:
    """Boot → microseconds to add, from `clock_fix` facts in order."""
    bodies = [read_body(fact) for fact in facts]
    return {body.boot: body.offset_us for body in bodies if isinstance(body, ClockFix)}


def true_time(fact: Fact, offsets: Mapping[str, int]) -> tuple[datetime, bool]:
    """The instant of a fact (UTC), and whether it is certain."""
    if fact.clock != "unsynced":
        return fact.at, True
    offset = offsets.get(fact.boot)
    return (fact.at, False) if offset is None else (fact.at + timedelta(microseconds=offset), True)


def due_fixes(
    now: Reading, ahead: timedelta | None, unsynced: Mapping[str, int], fixed: Mapping[str, int]
) -> list[ClockFix]:
    """The fixes that can be recorded now: one for each unsynced boot mark of this very boot.

    `ahead`: how far the wall clock is ahead of the truth, None while nobody knows. `unsynced`: boot mark → where its
    wall clock stood at monotonic 0, microseconds. A boot that was fixed already is fixed again only when that is out
    by more than half of what counts as agreement.
    """
    if ahead is None:
        return []
    true_start = _start_us(now) - ahead // timedelta(microseconds=1)
    fixes = []
    for boot, start in unsynced.items():
        offset, before = true_start - start, fixed.get(boot)
        settled = before is not None and abs(before - offset) <= AGREEMENT // timedelta(microseconds=1) // 2
        if boot[:36] == now.boot[:36] and not settled and abs(offset) < MAX_OFFSET_US:
            fixes.append(ClockFix(boot=boot, offset_us=offset))
    return fixes


def _start_us(now: Reading) -> int:
    return round(now.at.timestamp() * 1_000_000) - now.monotonic_ns // 1000
