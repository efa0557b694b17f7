"""Excused minutes of a session: approved absences and what lies outside the posting."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from station.rules.given import Absence, Posting
from station.rules.hours import Day, Frame, Span, Stretch, minute_of

FOREVER = Stretch(-(2**62), 2**62)


class Away(NamedTuple):
    """An absence with its minutes."""

    start: int
    end: int
    absence: Absence


def away(absences: Iterable[Absence]) -> tuple[Away, ...]:
    """Absences with their minutes, in the order given."""
    return tuple(Away(minute_of(each.start), minute_of(each.end), each) for each in absences)


def posted(posting: Posting) -> Stretch:
    """The minutes of a posting."""
    start = FOREVER.start if posting.start is None else minute_of(posting.start)
    return Stretch(start, FOREVER.end if posting.end is None else minute_of(posting.end))


def overlapping(aways: Sequence[Away], start: int, end: int) -> tuple[Away, ...]:
    """Those that share at least one minute with [start, end)."""
    return tuple(each for each in aways if each.start < end and each.end > start and each.start < each.end)


def excused(span: Span, aways: Iterable[Away], posting: Stretch) -> tuple[Stretch, ...]:
    """The excused minutes of a session, merged, in order."""
    parts = [(each.start, each.end) for each in aways]
    parts += [(span.start, posting.start), (posting.end, span.end)]
    merged: list[Stretch] = []
    for start, end in sorted((max(a, span.start), min(b, span.end)) for a, b in parts):
        if end <= start:
            continue
        if merged and start <= merged[-1].end:
            merged[-1] = Stretch(merged[-1].start, max(end, merged[-1].end))
        else:
            merged.append(Stretch(start, end))
    return tuple(merged)


def required(span: Span, excuses: Sequence[Stretch]) -> Stretch | None:
    """From the first to the last minute of the session that is not excused; None when all are."""
    start, end = span.start, span.end
    if excuses and excuses[0].start <= start:
        start = excuses[0].end
    if excuses and excuses[-1].end >= end:
        end = excuses[-1].start
    return Stretch(start, end) if start < end else None


def unexcused(start: int, end: int, excuses: Sequence[Stretch]) -> int:
    """How many minutes of [start, end) are not excused; 0 when `end` is not after `start`."""
    total = max(0, end - start)
    return total - sum(max(0, min(end, each.end) - max(start, each.start)) for each in excuses) if total else 0


def is_excused(minute: int, excuses: Sequence[Stretch]) -> bool:
    """Whether this minute is excused."""
    return any(each.start <= minute < each.end for each in excuses)


def frame_of(day: Day, approved: Sequence[Away], posting: Stretch) -> Frame:
    """What a person owes on `day`. On a rest day the sessions keep their own midpoints and claim when posted."""
    if not approved and posting.start <= day.spans[0].start and posting.end >= day.spans[-1].end:
        return day.whole
    stays = tuple(_inside(span, posting) for span in day.spans)
    excuses = tuple(excused(span, approved, posting) for span in day.spans)
    needed = tuple(required(span, each) for span, each in zip(day.spans, excuses, strict=True))
    if not day.worked:
        return Frame(stays, excuses, needed, day.whole.middles, stays)
    middles = tuple(own if part is None else sum(part) for part, own in zip(needed, day.whole.middles, strict=True))
    return Frame(stays, excuses, needed, middles, tuple(part is not None for part in needed))


def _inside(span: Span, posting: Stretch) -> bool:
    return posting.start < span.end and posting.end > span.start and posting.start < posting.end
