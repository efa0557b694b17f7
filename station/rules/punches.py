"""From presses to the in and out of each session: duplicates, the day, the gap between sessions, repeats.

All lengths (60 s, 10 min, the day from 04:00, the split of the gap) are assumed; no document names them.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from station.rules.given import Direction, Punch
from station.rules.hours import Day, Law, Span

NEVER = 2**62
_ORDER = {None: 0, "in": 1, "out": 2}


class Mark(NamedTuple):
    """A standing punch. `micros`: microseconds since the epoch; `minute`: the minute in which it lies."""

    micros: int
    minute: int
    direction: Direction | None
    punch: Punch


class Sides(NamedTuple):
    """A session's in and out as far as the punches show them."""

    came: Mark | None
    left: Mark | None


class Shares(NamedTuple):
    """Each session's punches in order of time, and those that belong to none."""

    sessions: tuple[tuple[Mark, ...], ...]
    unassigned: tuple[Mark, ...]


NOBODY = Sides(None, None)


def standing(punches: Iterable[Punch], duplicate_seconds: int, until: int = NEVER) -> list[Mark]:
    """The punches that count, in order of time. A repeat within the seconds is a duplicate, unless directed back.

    `until`: the last second since the epoch whose punches are read.
    """
    kept: list[Mark] = []
    window = duplicate_seconds * 1_000_000
    for mark in sorted(map(_mark, punches), key=_in_order):
        if mark.micros >= (until + 1) * 1_000_000:
            break
        if kept and mark.micros - kept[-1].micros < window and not _turned(kept[-1], mark):
            continue
        kept.append(mark)
    return kept


def is_duplicate(earlier: Punch, later: Punch, duplicate_seconds: int) -> bool:
    """Whether `later` only repeats the standing punch `earlier`."""
    first, second = _mark(earlier), _mark(later)
    return second.micros - first.micros < duplicate_seconds * 1_000_000 and not _turned(first, second)


def by_day(marks: Sequence[Mark], days: Sequence[Day]) -> tuple[list[list[Mark]], list[Mark]]:
    """The marks of each day (consecutive days in order), and those that fall on none of them."""
    sorted_out: list[list[Mark]] = [[] for _ in days]
    elsewhere: list[Mark] = []
    opening = [day.opens for day in days]
    for mark in marks:
        index = bisect_right(opening, mark.minute) - 1
        if index < 0 or mark.minute >= days[index].closes:
            elsewhere.append(mark)
        else:
            sorted_out[index].append(mark)
    return sorted_out, elsewhere


def share(marks: Sequence[Mark], spans: Sequence[Span], claims: Sequence[bool], middles: Sequence[int],
          law: Law) -> Shares:  # fmt: skip
    """Which punches of a day serve which session.

    `claims[i]`: whether session i takes loose punches of the gaps beside it (not when wholly on leave or not posted).
    `middles[i]`: twice the midpoint of its required stretch.
    """
    own, gaps = _placed(marks, spans)
    unassigned: list[Mark] = []
    for index, loose in enumerate(gaps):
        if not loose:
            continue
        if claims[index] and claims[index + 1]:
            cut = _split(own, loose, spans, middles, index, law)
        elif claims[index] or claims[index + 1]:
            cut = len(loose) if claims[index] else 0
        else:
            unassigned += loose
            continue
        own[index] = _together(own[index], loose[:cut])
        own[index + 1] = _together(loose[cut:], own[index + 1])
    return Shares(tuple(map(tuple, own)), tuple(unassigned))


def sides(marks: Sequence[Mark], span: Span, twice_middle: int, repeat: int) -> Sides:
    """The in and out that a session's punches show. A press soon after the in, or before the out, only repeats it."""
    came = next((mark for mark in marks if mark.minute < span.end and mark.direction != "out"), None)
    left = _leaving(marks, span, came, twice_middle, repeat)
    if came is None or left is None or came.direction is not None or 2 * came.minute < twice_middle:
        return Sides(came, left)
    return Sides(None if left.minute - came.minute < repeat else came, left)


def _mark(punch: Punch) -> Mark:
    seconds = punch[0].timestamp()
    return Mark(round(seconds * 1_000_000), int(seconds // 60), punch[1], punch)


def _in_order(mark: Mark) -> tuple[int, int, bool, str]:
    return mark[0], _ORDER[mark[2]], not mark[3].synced, mark[3].id


def _turned(before: Mark, after: Mark) -> bool:
    return before.direction is not None and after.direction is not None and before.direction != after.direction


def _leaving(marks: Sequence[Mark], span: Span, came: Mark | None, twice_middle: int, repeat: int) -> Mark | None:
    back_in = -1
    for mark in reversed(marks):
        minute = mark.minute
        if mark.direction == "in":
            back_in = max(back_in, minute)
        elif minute <= span.start:
            return None
        elif back_in <= minute and not _passed_over(mark, came, twice_middle, repeat):
            return mark
    return None


def _passed_over(mark: Mark, came: Mark | None, twice_middle: int, repeat: int) -> bool:
    if came is None:
        return False
    early = mark.direction is None and 2 * mark.minute < twice_middle
    if mark is came:
        return early
    return mark.minute <= came.minute or (early and mark.minute - came.minute < repeat)


def _placed(marks: Sequence[Mark], spans: Sequence[Span]) -> tuple[list[list[Mark]], list[list[Mark]]]:
    """Each session's sure punches, and each gap's loose ones (both ends of the gap included)."""
    own: list[list[Mark]] = [[] for _ in spans]
    gaps: list[list[Mark]] = [[] for _ in spans[1:]]
    last = len(spans) - 1
    for mark in marks:
        index = 0
        while index < last and mark.minute > spans[index + 1].start:
            index += 1
        if index == last or mark.minute < spans[index].end:
            own[index].append(mark)
        elif mark.direction is None:
            gaps[index].append(mark)
        else:
            own[index + (mark.direction == "in")].append(mark)
    return own, gaps


def _together(some: list[Mark], others: list[Mark]) -> list[Mark]:
    if some and others and some[-1].micros > others[0].micros:
        return sorted(some + others, key=_in_order)
    return some + others


def _split(own: Sequence[list[Mark]], loose: list[Mark], spans: Sequence[Span], middles: Sequence[int], index: int,
           law: Law) -> int:  # fmt: skip
    """How many of the gap's loose punches serve the session before it: the fewest missing sides decide."""
    before, after = spans[index], spans[index + 1]
    halfway = sum(2 * mark.minute < before.end + after.start for mark in loose)

    def missing(cut: int) -> int:
        ended = sides(_together(own[index], loose[:cut]), before, middles[index], law.repeat)
        begun = sides(_together(loose[cut:], own[index + 1]), after, middles[index + 1], law.repeat)
        return (*ended, *begun).count(None)

    fewest = missing(halfway)
    if fewest == 0:
        return halfway
    apart = [cut for cut in range(1, len(loose)) if loose[cut].minute - loose[cut - 1].minute >= law.split]
    cuts = {0, len(loose), halfway, *apart}
    return min(cuts, key=lambda cut: (missing(cut), cut != halfway, abs(cut - halfway), -cut))
