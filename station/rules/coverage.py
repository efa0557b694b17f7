"""Covers, presence and empty windows."""

from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction
from typing import Literal, NamedTuple

from config.policy import Policy
from config.policy_parts import ASSUMED
from config.policy_posts import Coverer, Occasion
from station.rules.hours import Span, Stretch
from station.rules.punches import Mark

Word = Literal["not_yet", "not_here", "here", "out", "gone", "leave"]


class MayCover(NamedTuple):
    """Whether a person may cover, and the clauses that say so either way."""

    allowed: bool
    clauses: tuple[str, ...]


class Backup(NamedTuple):
    """A registered B of a post, in the order of registration, as they stand for the time in question."""

    person: str
    posted: bool
    away: bool
    covering: bool


class Cover(NamedTuple):
    """A cover of a post by a person, in minutes; `end` None while it is open."""

    person: str
    start: int
    end: int | None


class Out(NamedTuple):
    """A registered exit in minutes; `end` None while out."""

    start: int
    end: int | None


class Presence(NamedTuple):
    """A person's session: minutes at the post (from before its start), and short exits with the notice set out."""

    here: tuple[Stretch, ...]
    briefly_out: tuple[Stretch, ...]


def may_cover(policy: Policy, occasion: Occasion, standing: Collection[Coverer]) -> MayCover:
    """Whether a person who stands to the post in these ways may cover it on this occasion."""
    for row in policy.substitution.covers:
        if row.occasion == occasion:
            return MayCover(any(each in row.who for each in standing), row.source)
    return MayCover(False, (ASSUMED,))


def proposed(backups: Iterable[Backup]) -> str | None:
    """The first registered B who is posted, not away and not already covering; None is a coverage gap."""
    for each in backups:
        if each.posted and not each.away and not each.covering:
            return each.person
    return None


def cover_needed(policy: Policy, days: Fraction, one_person_window: bool) -> MayCover:
    """Whether a leave of this length needs a cover, and by which clauses."""
    rules = policy.substitution
    if one_person_window and rules.one_person_days is not None and days > Fraction(rules.one_person_days):
        return MayCover(True, rules.clauses("one_person_days"))
    return MayCover(rules.cover_on_leave, rules.clauses("cover_on_leave"))


def presence(policy: Policy, span: Span, needed: Stretch | None, came: Mark | None, marks: Sequence[Mark],
             exits: Iterable[Out], until: int, earlier: Sequence[Span] = ()) -> Presence:  # fmt: skip
    """Where a person was in a session, up to the minute `until`. `earlier`: the day's sessions before it.

    Presence begins with the first in and changes by exits and returns, directed presses, and a press from shortly
    before the required end; any other plain press changes nothing (assumed).
    """
    rules = policy.substitution
    end = min(span.end, until)
    leaving = (needed.end if needed is not None else span.end) - rules.leaving_minutes
    turns = [(came.minute, True)] if came is not None else []
    turns += [(mark.minute, turn) for mark in marks if (turn := _turn(mark, came, leaving)) is not None]
    outs = [each for each in exits if each.start < end and (each.end is None or each.end > span.start)]
    turns += [(each.start, False) for each in outs] + [(each.end, True) for each in outs if each.end is not None]
    brief = tuple(_brief(each, span, end, rules.away_minutes - _scheduled(each, earlier, span.start)) for each in outs)
    return Presence(_here(sorted(turns), span.start, end), tuple(each for each in brief if each.start < each.end))


def _turn(mark: Mark, came: Mark | None, leaving: int) -> bool | None:
    """Whether a press says that the person is here from now on (True), is gone (False), or nothing (None)."""
    if mark is came:
        return None
    if mark.direction is not None:
        return mark.direction == "in"
    return False if came is not None and mark.minute >= leaving else None


def _brief(out: Out, span: Span, end: int, allowed: int) -> Stretch:
    """The part of an exit that is short enough; `allowed`: scheduled minutes that it has left (shanxi:service:6.2)."""
    gone, back = max(out.start, span.start), end if out.end is None else min(out.end, end)
    return Stretch(gone, min(back, gone + allowed))


def _here(turns: Iterable[tuple[int, bool]], start: int, end: int) -> tuple[Stretch, ...]:
    stretches: list[Stretch] = []
    since: int | None = None
    for minute, here in turns:
        if here and since is None:
            since = minute
        elif not here and since is not None:
            stretches.append(Stretch(since, minute))
            since = None
    if since is not None:
        stretches.append(Stretch(since, end))
    clipped = [Stretch(each.start, min(each.end, end)) for each in stretches]
    return tuple(each for each in clipped if each.start < each.end and each.end > start)


def while_covering(present: Presence, cover: Cover) -> Presence:
    """The part of a B's presence that counts at the covered post too."""
    end = cover.end if cover.end is not None else 2**62
    return Presence(*(tuple(_clip(part, cover.start, end)) for part in present))


def _clip(stretches: Iterable[Stretch], start: int, end: int) -> Iterable[Stretch]:
    for each in stretches:
        if each.start < end and each.end > start:
            yield Stretch(max(each.start, start), min(each.end, end))


def empty(policy: Policy, span: Span, people: Iterable[Presence], until: int) -> tuple[Stretch, ...]:
    """Stretches of the session, longer than allowed, with nobody of the window there; breaks are no excuse for it.

    A short registered exit with the notice board set out keeps the window from being empty (shanxi:service:6.2).
    """
    held = sorted(each for person in people for part in person for each in part)
    gaps: list[Stretch] = []
    since = span.start
    for each in held:
        if each.start > since:
            gaps.append(Stretch(since, each.start))
        since = max(since, each.end)
    end = min(span.end, until)
    if since < end:
        gaps.append(Stretch(since, end))
    return tuple(each for each in gaps if each.end - each.start > policy.substitution.empty_minutes)


def too_long(policy: Policy, exits: Iterable[Out], spans: Sequence[Span], until: int) -> tuple[Out, ...]:
    """Exits that took longer than allowed, counting scheduled minutes only."""
    return tuple(each for each in exits if _scheduled(each, spans, until) > policy.substitution.away_minutes)


def _scheduled(out: Out, spans: Sequence[Span], until: int) -> int:
    end = until if out.end is None else min(out.end, until)
    return sum(max(0, min(end, span.end) - max(out.start, span.start)) for span in spans)


class Live(NamedTuple):
    """A presence word for the live page, with the minutes not yet here (0 otherwise)."""

    word: Word
    minutes: int = 0


def live(span: Span, present: Presence, on_leave: bool, now: int) -> Live:
    """What the live page says of a person in the session that `now` lies in or before; never a verdict.

    `present`: up to the end of the minute `now`.
    """
    if on_leave:
        return Live("leave")
    if any(each.start <= now < each.end for each in present.here):
        return Live("here")
    if any(each.start <= now < each.end for each in present.briefly_out):
        return Live("out")
    if present.here:
        return Live("gone")
    return Live("not_yet") if now < span.start else Live("not_here", now - span.start)
