"""The verdict of each session of a person: the first rule that applies, with its clauses and its evidence."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from station.rules.excuse import FOREVER, away, frame_of, overlapping, posted
from station.rules.given import ALWAYS, LEFT_POST, Record
from station.rules.hours import Day, Frame, Law, minute_of, second_of
from station.rules.punches import NOBODY, Mark, Sides, by_day, share, sides, standing
from station.rules.verdict import Case, Known, Verdict, verdict_of


class Judged(NamedTuple):
    """A day of a person: a verdict for each session, and the punches that belong to none."""

    day: Day
    verdicts: tuple[Verdict, ...]
    unassigned: tuple[Mark, ...]


class Period(NamedTuple):
    """A person's days in order, and the punches that fall on none of them."""

    person: str
    days: tuple[Judged, ...]
    elsewhere: tuple[Mark, ...]


def judge_person(record: Record, days: Sequence[Day], law: Law, as_of: datetime) -> Period:
    """Judge a person's days (in order). Punches and findings after the second of `as_of` are not read."""
    now = second_of(as_of)
    marks, elsewhere = by_day(standing(record.punches, law.duplicate_seconds, now), days)
    known = _known(record, now)
    judged = tuple(judge_day(day, each, known, law, now) for day, each in zip(days, marks, strict=True))
    return Period(record.person, judged, tuple(elsewhere))


def judge_day(day: Day, marks: Sequence[Mark], known: Known, law: Law, now: int) -> Judged:
    """Judge one day from its standing punches; `now`: the second of `as_of`."""
    known = _narrowed(known, day)
    frame = frame_of(day, known.approved, known.posting)
    shares = share(marks, day.spans, frame.claims, frame.middles, law)
    unassigned = list(shares.unassigned)
    verdicts: list[Verdict] = []
    for index, span in enumerate(day.spans):
        served = shares.sessions[index]
        if not frame.stays[index]:
            unassigned += served
            verdicts.append(Verdict(span.name, "not_posted", None, None))
            continue
        found = sides(served, span, frame.middles[index], law.repeat) if served else NOBODY
        if day.worked:
            verdicts.append(verdict_of(_case(day, index, found, frame, known, law, now, bool(marks))))
        else:
            verdicts.append(Verdict(span.name, "rest", *found))
    return Judged(day, tuple(verdicts), tuple(sorted(unassigned, key=lambda mark: mark.micros)))


def due_minute(day: Day, index: int, law: Law) -> int:
    """The minute from which a session's missing side or early leaving counts: the next session's start, or the
    settling time after the last one's end."""
    last = index == len(day.spans) - 1
    return day.spans[index].end + law.settle if last else day.spans[index + 1].start


def known_of(record: Record, as_of: datetime) -> Known:
    """What is known of a person at `as_of`."""
    return _known(record, second_of(as_of))


def _known(record: Record, now: int) -> Known:
    return Known(
        away(each for each in record.absences if each.status == "approved"),
        away(each for each in record.absences if each.status == "pending"),
        tuple(
            (minute_of(each.at), each.id)
            for each in record.findings
            if each.confirmed and each.category == LEFT_POST and second_of(each.at) <= now
        ),
        tuple((minute_of(e.start), None if e.end is None else minute_of(e.end), e.id) for e in record.exits),
        tuple((minute_of(each.start), minute_of(each.end), each.id) for each in record.outages),
        FOREVER if record.posting is ALWAYS else posted(record.posting),
    )


def _narrowed(known: Known, day: Day) -> Known:
    """Absences play no part on a rest day; elsewhere only those that share a minute with it count."""
    if not (known.approved or known.undecided):
        return known
    if not day.worked:
        return known._replace(approved=(), undecided=())
    return known._replace(
        approved=overlapping(known.approved, day.opens, day.closes),
        undecided=overlapping(known.undecided, day.opens, day.closes),
    )


def _case(day: Day, index: int, found: Sides, frame: Frame, known: Known, law: Law, now: int,
          pressed: bool) -> Case:  # fmt: skip
    span, last = day.spans[index], index == len(day.spans) - 1
    return Case(
        law,
        day,
        span,
        day.spans[index - 1].end if index else None,
        last,
        now >= due_minute(day, index, law) * 60,
        frame.excuses[index],
        frame.needed[index],
        overlapping(known.approved, span.start, span.end) if known.approved else (),
        bool(known.undecided and overlapping(known.undecided, span.start, span.end)),
        found.came,
        found.left,
        pressed,
        known,
    )
