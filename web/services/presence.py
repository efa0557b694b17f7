"""Where a person is on a running day: presence words, not verdicts. Pure; the day's end and the sheet decide.

Presence begins with a session's first in and ends with a directed out or a press from ten minutes before its end
(assumed); a registered exit suspends it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from station.rules.excuse import Away, excused, posted, required, unexcused
from station.rules.given import ALWAYS, Exit, Posting
from station.rules.hours import Day, Law, Span, Stretch, minute_of
from station.rules.punches import Mark, Sides, share, sides

Word = Literal["not_due", "not_come", "here", "out", "left", "leave", "rest"]
LEAVING_MINUTES = 10  # a plain press from so many minutes before the end on means leaving (assumed)


@dataclass(frozen=True, slots=True)
class Presence:
    """How one person stands at a minute. `came`: first in of the day; `late`: unexcused minutes late, all sessions.

    `minutes`: for how long `not_come` lasts already; `missing`: no in for the session that runs or ran last.
    """

    word: Word
    minutes: int = 0
    came: Mark | None = None
    late: int = 0
    missing: bool = False


REST = Presence("rest")


@dataclass(frozen=True, slots=True)
class Seen:
    """One person's day as recorded: standing punches, exits, approved absences, posting."""

    marks: Sequence[Mark]
    exits: Sequence[Exit] = ()
    aways: tuple[Away, ...] = ()
    posting: Posting = ALWAYS


def presence(seen: Seen, day: Day, law: Law, now: int) -> Presence:
    """Presence at the epoch minute `now`."""
    stay = posted(seen.posting)
    if not day.worked or not any(stay.start < span.end and stay.end > span.start for span in day.spans):
        return REST
    excuses = [excused(span, seen.aways, stay) for span in day.spans]
    needed = [required(span, each) for span, each in zip(day.spans, excuses, strict=True)]
    found = _sides(seen.marks, day, law, needed)
    at = session_at(day, now, found)
    came = next((side.came for side in found if side.came is not None), None)
    late = sum(_late(span, side, each) for span, side, each in zip(day.spans, found, excuses, strict=True))
    word, minutes = _word(found[at], needed[at], seen.exits, now)
    return Presence(word, minutes, came, late, missing=word == "not_come")


def session_at(day: Day, now: int, found: Sequence[Sides] = ()) -> int:
    """Which session counts at `now`: the last begun (or the first), or one for which the person came already."""
    begun = [index for index, span in enumerate(day.spans) if span.start <= now]
    ahead = [index for index, side in enumerate(found) if side.came is not None and side.came.minute <= now]
    return max([0, *begun[-1:], *ahead[-1:]])


def _sides(marks: Sequence[Mark], day: Day, law: Law, needed: Sequence[Stretch | None]) -> list[Sides]:
    middles = [sum(part or (span.start, span.end)) for span, part in zip(day.spans, needed, strict=True)]
    shares = share(marks, day.spans, [part is not None for part in needed], middles, law)
    parts = zip(shares.sessions, day.spans, middles, strict=True)
    return [sides(served, span, middle, law.repeat) for served, span, middle in parts]


def _late(span: Span, side: Sides, excuses: Sequence[Stretch]) -> int:
    if side.came is None or not side.came.punch.synced:
        return 0
    return unexcused(span.start, side.came.minute, excuses)


def _word(side: Sides, needed: Stretch | None, exits: Sequence[Exit], now: int) -> tuple[Word, int]:
    if needed is None:
        return "leave", 0
    if side.came is None:
        return ("not_due", 0) if now < needed.start else ("not_come", min(now, needed.end) - needed.start)
    if side.left is not None and _leaves(side.left, needed):
        return "left", 0
    if any(minute_of(each.start) <= now and (each.end is None or now < minute_of(each.end)) for each in exits):
        return "out", 0
    return "here", 0


def _leaves(mark: Mark, needed: Stretch) -> bool:
    return mark.direction == "out" or mark.minute >= needed.end - LEAVING_MINUTES
