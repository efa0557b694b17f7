"""A judged day as the cache keeps it, and back. What it was judged by stands beside it as its basis."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from config.policy_parts import GroupName
from station.rules.attendance import Judged
from station.rules.given import Punch
from station.rules.hours import Day, Stretch
from station.rules.punches import Mark
from station.rules.verdict import Verdict

FORM = 2  # another number whenever the shape below changes: what was kept before counts for nothing then
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def basis_of(version: int, day: Day, group: GroupName, stay: Stretch) -> str:
    """By what a person's day is judged, apart from facts and desks' decisions. `stay`: the posting's minutes."""
    return f"{FORM}.{version}.{day.worked:d}{day.known:d}.{group}.{_part(stay, day.spans[0].start, day.spans[-1].end)}"


def _part(stay: Stretch, first: int, last: int) -> str:
    """Which of a day's minutes lie in the posting; nothing when all do, so that other days' ends void no kept day."""
    start, end = max(stay.start, first) - first, min(stay.end, last) - first
    return "" if start == 0 and end == last - first else f"{start:x}-{end:x}" if start < end else "-"


def packed(judged: Judged) -> str:
    """The day's verdicts and loose punches as JSON text."""
    return _encode([[_verdict(each) for each in judged.verdicts], [_mark(each) for each in judged.unassigned]])


def unpacked(text: str, day: Day) -> Judged:
    """What `packed` gave, on the day it was judged for."""
    return Judged(day, *_read(text))


@lru_cache(maxsize=2048)
def _read(text: str) -> tuple[tuple[Verdict, ...], tuple[Mark, ...]]:
    """The same text says the same: a day's list that is turned page by page is read once."""
    verdicts, unassigned = json.loads(text)
    return tuple(map(_to_verdict, verdicts)), tuple(_to_mark(each) for each in unassigned)


def _verdict(verdict: Verdict) -> list[Any]:
    came, left = verdict.came, verdict.left
    return [*verdict[:2], came and _mark(came), left and _mark(left), *verdict[4:]]


def _to_verdict(kept: Sequence[Any]) -> Verdict:
    name, verdict, came, left, late, early, ready, kind, provisional, *lists = kept
    evidence, clauses, sides = map(tuple, lists)
    came, left = came and _to_mark(came), left and _to_mark(left)
    return Verdict(name, verdict, came, left, late, early, ready, kind, provisional, evidence, clauses, sides)


def _mark(mark: Mark) -> list[Any]:
    return [mark.micros, mark.direction, mark.punch.synced, mark.punch.id]


def _to_mark(kept: Sequence[Any]) -> Mark:
    micros, direction, synced, id_ = kept
    punch = Punch(EPOCH + timedelta(microseconds=micros), direction, synced, id_)
    return Mark(micros, micros // 60_000_000, direction, punch)
