"""Covers and empty windows: a B answers for both posts while covering (`wanzhou:substitution:1`,
`wanzhou:substitution:6.1`)."""

from collections.abc import Collection, Iterable
from fractions import Fraction
from typing import Literal, NamedTuple

from config.policy import Policy
from config.policy_parts import ASSUMED
from config.policy_posts import Coverer, Occasion
from station.rules.hours import Span, Stretch
from station.rules.punches import NEVER

Why = Literal["nobody", "unaccepted", "away"]


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


class Plan(NamedTuple):
    """A planned cover in minutes. `accepted`: by who may decide; `away`: who was to cover is on leave themselves."""

    id: str
    start: int
    end: int
    accepted: bool
    away: bool


class Gap(NamedTuple):
    """Why a post is not covered when it has to be, and which plan it is about; None without one."""

    why: Why
    plan: str | None


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


def while_covering(held: Iterable[Stretch], cover: Cover) -> tuple[Stretch, ...]:
    """The part of what a B holds that counts at the covered post too."""
    end = cover.end if cover.end is not None else NEVER
    cut = (Stretch(max(each.start, cover.start), min(each.end, end)) for each in held)
    return tuple(each for each in cut if each.start < each.end)


def empty(policy: Policy, span: Span, held: Iterable[Stretch], until: int,
          breaks: Iterable[Stretch] = ()) -> tuple[Stretch, ...]:  # fmt: skip
    """Stretches of the session up to `until`, longer than allowed, in which nobody holds the window.

    `held`: what its A, covering Bs and assigned people hold. Breaks excuse people, and the window only where the
    policy says so.
    """
    rules = policy.substitution
    excused = breaks if rules.break_excuses_window else ()
    gaps = uncovered(Stretch(span.start, min(span.end, until)), [*held, *excused])
    return tuple(each for each in gaps if each.end - each.start > rules.empty_minutes)


def uncovered(needed: Stretch, held: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """The parts of a stretch in which nobody holds it."""
    gaps, since = list[Stretch](), needed.start
    for each in sorted(held):
        if since >= needed.end:
            break
        if each.start > since:
            gaps.append(Stretch(since, min(each.start, needed.end)))
        since = max(since, each.end)
    if since < needed.end:
        gaps.append(Stretch(since, needed.end))
    return tuple(gaps)


def gap(due: Iterable[Stretch], plans: Collection[Plan]) -> Gap | None:
    """The first of what has to be covered and is not, with its reason; None when accepted covers hold all of it."""
    sure = [Stretch(each.start, each.end) for each in plans if each.accepted and not each.away]
    open_ = next((part for each in due for part in uncovered(each, sure)), None)
    if open_ is None:
        return None
    near = [each for each in plans if each.start < open_.end and each.end > open_.start]
    waiting = next((each for each in near if not each.away), None)
    if waiting is not None:
        return Gap("unaccepted", waiting.id)
    return Gap("away", near[0].id) if near else Gap("nobody", None)


def empty_clauses(policy: Policy, stretch: Stretch, breaks: Iterable[Stretch]) -> tuple[str, ...]:
    """What an empty stretch follows from; where it touches a break, also that breaks are no excuse."""
    rules = policy.substitution
    within = any(each.start < stretch.end and each.end > stretch.start for each in breaks)
    clauses = (*rules.clauses("empty_minutes"), *(rules.clauses("break_excuses_window") if within else ()))
    return tuple(dict.fromkeys(clauses))
