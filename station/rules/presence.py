"""Where a person is over a day: stretches of being here, out, gone or on leave, and one word for a minute.

Words, not verdicts. Presence begins with a session's first in and changes by registered exits and returns, directed
presses, and a press from shortly before the required end; any other plain press is kept and changes nothing (assumed).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from station.rules.excuse import Away, away, frame_of, overlapping, posted, unexcused
from station.rules.given import Record
from station.rules.hours import Day, Frame, Law, Span, Stretch, minute_of
from station.rules.punches import Mark, Sides, share, sides, standing

Word = Literal["not_due", "not_come", "here", "out", "left", "leave", "rest"]
State = Literal["here", "out", "left", "leave"]


class Part(NamedTuple):
    """A stretch in one state. `since`: when the state began, also where that lies before the session."""

    start: int
    end: int
    state: State
    since: int


class Turn(NamedTuple):
    """The minute from which another state holds."""

    minute: int
    state: State


class Presence(NamedTuple):
    """A person's day up to a minute, and how they stand at it. Minutes are the epoch's where not said otherwise.

    `minutes`: for how many `not_come` lasts already. `late`: unexcused minutes late, all sessions. `missing`: no in for
    the session that runs or ran last. `until`: up to when an exit counts as short; `overdue`: scheduled minutes beyond
    that. `brief`: the parts of exits that are short. `certain`: no press is of an unknown time.
    """

    word: Word
    minutes: int = 0
    came: Mark | None = None
    late: int = 0
    missing: bool = False
    until: int | None = None
    overdue: int = 0
    parts: tuple[Part, ...] = ()
    brief: tuple[Stretch, ...] = ()
    certain: bool = True
    clauses: tuple[str, ...] = ()

    @property
    def here(self) -> tuple[Stretch, ...]:
        """When they were at their post, also before a session began."""
        return tuple(Stretch(part.start, part.end) for part in self.parts if part.state == "here")

    @property
    def held(self) -> tuple[Stretch, ...]:
        """When a window counts as held by them: here, or shortly out with the notice set out (shanxi:service:6.2)."""
        return (*self.here, *self.brief)

    def state_at(self, minute: int) -> State | None:
        """How they stood at a minute of a session; None while they had not come."""
        return next((part.state for part in self.parts if part.start <= minute < part.end), None)


REST = Presence("rest")
UNSEEN: tuple[list[Part], Turn | None] = ([], None)  # of a session about which nothing is known


def presence(record: Record, day: Day, law: Law, now: int) -> Presence:
    """A person's presence on `day` as known at the end of the epoch minute `now`; later presses are not read."""
    stay = posted(record.posting)
    if not day.worked or not any(stay.start < span.end and stay.end > span.start for span in day.spans):
        return REST
    approved = overlapping(away(each for each in record.absences if each.status == "approved"), day.opens, day.closes)
    frame = frame_of(day, approved, stay)
    read = standing(record.punches, law.duplicate_seconds, now * 60 + 59)
    marks = [mark for mark in read if day.opens <= mark.minute < day.closes]
    shares = share(marks, day.spans, frame.claims, frame.middles, law)
    served = tuple(zip(shares.sessions, day.spans, frame.middles, strict=True))
    found = [sides(own, span, middle, law.repeat) for own, span, middle in served]
    beside = record.exits or record.outages or approved or law.per_day  # what alone may fill a session without presses
    sessions = [_session(record, day, frame, approved, law, index, own, found, now) if own or beside else UNSEEN
                for index, own in enumerate(shares.sessions)]  # fmt: skip
    at = session_at(day, now, found)
    word = _word(*sessions[at], day, frame, stay, at, now)
    turn, needed = sessions[at][1], frame.needed[at]
    since = turn.minute if word == "out" and turn is not None else None
    parts = tuple(part for own, _ in sessions for part in own)
    return Presence(
        word,
        unexcused(needed.start, min(now, needed.end), frame.excuses[at]) if word == "not_come" and needed else 0,
        next((side.came for side in found if side.came is not None), None),
        sum(_late(*each) for each in zip(day.spans, found, frame.excuses, strict=True)),
        word == "not_come",
        None if since is None else runs_out(since, day.spans, law.away),
        0 if since is None else max(0, scheduled(since, now, day.spans) - law.away),
        parts,
        tuple(_brief(parts, day, law)),
        all(mark.punch.synced for mark in marks),
        law.clauses["away"] if word == "out" else law.clauses["leaving"] if word == "left" else (),
    )


def session_at(day: Day, now: int, found: Sequence[Sides] = ()) -> int:
    """Which session counts at `now`: the last begun (or the first), or one for which the person came already."""
    begun = [index for index, span in enumerate(day.spans) if span.start <= now]
    ahead = [index for index, side in enumerate(found) if side.came is not None and side.came.minute <= now]
    return max([0, *begun[-1:], *ahead[-1:]])


def scheduled(start: int, end: int, spans: Iterable[Span]) -> int:
    """How many scheduled minutes lie in [start, end)."""
    return sum(max(0, min(end, span.end) - max(start, span.start)) for span in spans)


def runs_out(start: int, spans: Sequence[Span], allowed: int) -> int:
    """The minute at which more than `allowed` scheduled minutes from `start` begin; the day's last end if none does."""
    for span in spans:
        minutes = max(0, span.end - max(start, span.start))
        if minutes > allowed:
            return max(start, span.start) + allowed
        allowed -= minutes
    return spans[-1].end


def _session(record: Record, day: Day, frame: Frame, approved: Sequence[Away], law: Law, index: int,
             served: Sequence[Mark], found: Sequence[Sides], now: int) -> tuple[list[Part], Turn | None]:  # fmt: skip
    """A session's states in order, up to the end of `now`, and the last turn, which may lie after the session."""
    span, needed = day.spans[index], frame.needed[index]
    first = day.spans[index - 1].end if index else day.opens
    last = min(span.end, now + 1)
    came = found[index].came
    turns: list[Turn] = []
    if needed is not None:
        turns += _begun(record, law, span, came, pressed_before=any(side.came for side in found[:index]))
        turns += _pressed(served, came, needed.end - law.leaving)
        turns += _gone(record, span, day.opens)
    changes = _changes(sorted((turn for turn in turns if turn.minute <= now), key=_by_minute))
    parts = _between(changes, first, last)
    for each in approved:
        if each.start < span.end and each.end > span.start:
            arrived = came is not None and needed is not None and each.start <= span.start < came.minute < each.end
            end = came.minute if came is not None and arrived else each.end
            parts = _on_leave(parts, max(each.start, span.start), min(end, last))
    return parts, changes[-1] if changes else None


def _by_minute(turn: Turn) -> tuple[int, bool]:
    return turn.minute, turn.state == "here"


def _begun(record: Record, law: Law, span: Span, came: Mark | None, *, pressed_before: bool) -> Iterator[Turn]:
    """The first in; one that the station could not take, or that a hall does not ask for, counts from the start."""
    outages = ((minute_of(each.start), minute_of(each.end)) for each in record.outages)
    if came is not None:
        yield Turn(came.minute, "here")
    elif (law.per_day and pressed_before) or any(a < span.start and b > span.start - law.outage for a, b in outages):
        yield Turn(span.start, "here")


def _pressed(served: Iterable[Mark], came: Mark | None, leaving: int) -> Iterator[Turn]:
    for mark in served:
        if mark is came:
            continue
        if mark.direction == "in":
            yield Turn(mark.minute, "here")
        elif mark.direction == "out" or mark.minute >= leaving:
            yield Turn(mark.minute, "left")


def _gone(record: Record, span: Span, opens: int) -> Iterator[Turn]:
    """Goings out and returns that bear on the session; of an exit of an earlier day only the return."""
    for each in record.exits:
        gone, back = minute_of(each.start), None if each.end is None else minute_of(each.end)
        if gone >= span.end or (back is not None and back <= span.start):
            continue
        if gone >= opens:
            yield Turn(gone, "out")
        if back is not None:
            yield Turn(back, "here")


def _changes(turns: Iterable[Turn]) -> list[Turn]:
    """The turns that change something."""
    kept: list[Turn] = []
    for turn in turns:
        if not kept or kept[-1].state != turn.state:
            kept.append(turn)
    return kept


def _between(turns: Sequence[Turn], first: int, last: int) -> list[Part]:
    """The stretches from turn to turn, cut to [first, last)."""
    ends = [*(turn.minute for turn in turns[1:]), last]
    cut = ((max(turn.minute, first), min(end, last), turn) for turn, end in zip(turns, ends, strict=False))
    return [Part(start, end, turn.state, turn.minute) for start, end, turn in cut if start < end]


def _on_leave(parts: Iterable[Part], start: int, end: int) -> list[Part]:
    """The same with [start, end) as leave."""
    if start >= end:
        return list(parts)
    kept = [Part(start, end, "leave", start)]
    for part in parts:
        for a, b in ((part.start, min(part.end, start)), (max(part.start, end), part.end)):
            if a < b:
                kept.append(part._replace(start=a, end=b))
    return sorted(kept)


def _brief(parts: Iterable[Part], day: Day, law: Law) -> Iterator[Stretch]:
    """The short parts of exits, within the sessions."""
    for part in parts:
        if part.state != "out":
            continue
        limit = runs_out(part.since, day.spans, law.away)
        for span in day.spans:
            start, end = max(part.start, span.start), min(part.end, span.end, limit)
            if start < end:
                yield Stretch(start, end)


def _word(parts: Sequence[Part], turn: Turn | None, day: Day, frame: Frame, stay: Stretch, at: int,
          now: int) -> Word:  # fmt: skip
    span, needed = day.spans[at], frame.needed[at]
    if needed is None:
        if stay.start >= span.end:
            return "not_due"
        return "left" if stay.end <= span.start else "leave"
    minute = min(now, span.end - 1)
    if any(part.state == "leave" and part.start <= minute < part.end for part in parts):
        return "leave"
    if turn is None:
        return "not_due" if now < needed.start else "not_come"
    return "left" if turn.state == "out" and now >= day.spans[-1].end else turn.state


def _late(span: Span, side: Sides, excuses: Sequence[Stretch]) -> int:
    if side.came is None or not side.came.punch.synced:
        return 0
    return unexcused(span.start, side.came.minute, excuses)
