"""When a person could not press anywhere (RULES 3.3.5, 3.5): gaps of stations, and what they come to. Pure.

A gap is a stretch in which a station had no reader, or no power (from its last fact to its next start). A person's
outage is where every station that holds one of their fingers had one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from station.rules.hours import Law, Span, minute_of
from station.rules.verdict import Verdict

Why = Literal["reader", "power", "entered"]
Stretch = tuple[datetime, datetime]


class Turn(NamedTuple):
    """A turn of a station. `state`: ready, gone, fault, or started; `before`: when its fact before that one was."""

    id: str
    station: str
    at: datetime
    state: str
    before: datetime | None = None


class Gap(NamedTuple):
    """A stretch without a working station, known by the fact that began or told it; `end` None while it goes on."""

    id: str
    station: str
    start: datetime
    end: datetime | None
    why: Why


def gaps(turns: Iterable[Turn]) -> Iterator[Gap]:
    """The gaps of one station, from its turns in the order of time."""
    gone: Turn | None = None
    for turn in turns:
        if turn.state in ("gone", "fault"):
            gone = gone or turn
        elif turn.state == "ready" and gone is not None:
            yield Gap(gone.id, gone.station, gone.at, turn.at, "reader")
            gone = None
        elif turn.state == "started" and turn.before is not None and turn.before < turn.at:
            yield Gap(turn.id, turn.station, turn.before, turn.at, "power")
    if gone is not None:
        yield Gap(gone.id, gone.station, gone.at, None, "reader")


def shared(gap: Gap, others: Iterable[Sequence[Gap]]) -> list[Stretch]:
    """The parts of a gap in which every other station had one too; `others`: the gaps of each of them."""
    found: list[Stretch] = [] if gap.end is None else [(gap.start, gap.end)]
    for station in others:
        ended = [(each.start, each.end) for each in station if each.end is not None]
        found = _union([(max(a, c), min(b, d)) for a, b in found for c, d in ended if max(a, c) < min(b, d)])
    return found


def held_by(holding: Mapping[str, Sequence[tuple[datetime, datetime | None]]], gap: Gap) -> frozenset[str]:
    """The stations that held a finger of the person during the gap. `holding`: station → from when until when."""
    end = gap.end or gap.start
    return frozenset(
        station for station, times in holding.items()
        if any(since <= end and (until is None or until > gap.start) for since, until in times)
    )  # fmt: skip


def would_keep(verdict: Verdict, span: Span, law: Law, start: datetime, end: datetime) -> bool:
    """Whether an outage of this stretch would make good a side that this session lacks."""
    if verdict.verdict not in ("absent", "missing_in", "missing_out", "missing_both"):
        return False
    first, last = minute_of(start), minute_of(end)
    came = verdict.came is None and "in" not in verdict.kept and first < span.start and last > span.start - law.outage
    left = verdict.left is None and "out" not in verdict.kept and first < span.end + law.outage and last > span.end
    return first < last and (came or left)


def _union(stretches: Iterable[Stretch]) -> list[Stretch]:
    found: list[Stretch] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found
