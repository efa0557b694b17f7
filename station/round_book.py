"""Rounds as this station's own facts make them: who walks them, what was visited, who signed. Nothing else is kept.

Filled from the journal at the start and by each fact after, so that a round goes on where a power cut ended it.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial

from station.body import Body
from station.facts import Fact, read_body
from station.journal import Reader
from station.round_facts import Addition, Check, Finding, Known, RoundJoined, RoundKind, RoundOpened, RoundSigned
from station.true_time import offsets_of, true_time

KINDS = ("round_opened", "round_joined", "check", "addition", "finding", "round_signed")
KEPT = timedelta(days=2)  # rounds of the last days can still be signed and added to


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a round. `left`: they went before its end; `signed`: when."""

    person: str
    by: Known | None
    left: bool = False
    signed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """A checkpoint's check with what was added to it: when it was first looked at, how many findings, pictures."""

    at: datetime
    officers: tuple[str, ...]
    found: int
    photos: int
    no_photo: str
    added: int = 0


@dataclass(frozen=True, slots=True)
class Walk:
    """A round. `named`: the checkpoints of a key round, none for all; `opened`: UTC; `hashes`: fact id → hash."""

    id: str
    kind: RoundKind
    opened: datetime
    inspector: str = ""
    checklist: str = "patrol"
    named: tuple[str, ...] = ()
    note: str = ""
    members: tuple[Member, ...] = ()
    visits: Mapping[str, Visit] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)

    @property
    def walking(self) -> tuple[str, ...]:
        """Who is in it now."""
        return tuple(one.person for one in self.members if not one.left)

    @property
    def closed(self) -> bool:
        """Whether everybody in it has signed."""
        return bool(self.walking) and all(one.signed for one in self.members if not one.left)

    @property
    def slot(self) -> str:
        """The slot of a scheduled one as 0930; empty for any other."""
        return self.id.partition("/")[2]

    @property
    def short(self) -> int:
        """The fewest officers who looked at any of its checkpoints, or are in it now."""
        return min([len(set(visit.officers)) for visit in self.visits.values()] + [len(self.walking)])

    def digest(self) -> str:
        """SHA-256 over the hashes of its facts other than signatures, in the order of the facts' ids."""
        return hashlib.sha256("\n".join(hash_ for _, hash_ in sorted(self.hashes.items())).encode()).hexdigest()


class RoundBook:
    """The station's rounds of the last days."""

    def __init__(self, facts: Reader, now: Callable[[], datetime]) -> None:
        self._facts, self._now = facts, now
        self._filled_at: tuple[date, object] | None = None
        self._offsets: dict[str, int] = {}
        self._walks: dict[str, Walk] = {}

    def walks(self) -> Mapping[str, Walk]:
        """Round → how it stands, in the order in which they were begun."""
        at = (self._now().date(), self._facts.newest_of("clock_fix"))  # a time that became known moves what it was of
        if at != self._filled_at:
            self._filled_at = at
            self._offsets = offsets_of(self._facts.of_kinds("clock_fix"))
            self._walks = walks_of(self._recent(at[0] - KEPT), self._offsets)
        return self._walks

    def learn(self, fact: Fact) -> None:
        """Take a fact that was just recorded into account."""
        self._walks = {**self.walks()}
        _take(self._walks, fact, self._offsets)

    def _recent(self, first: date) -> Iterator[Fact]:
        zone, found = self._now().tzinfo, []
        for fact in self._facts.latest(KINDS):
            at, certain = true_time(fact, self._offsets)
            if certain and at.astimezone(zone).date() < first:
                break
            found.append(fact)
        return reversed(found)


def walks_of(facts: Iterable[Fact], offsets: Mapping[str, int]) -> dict[str, Walk]:
    """The rounds that these facts, in the order of the journal, are about."""
    found: dict[str, Walk] = {}
    for fact in facts:
        _take(found, fact, offsets)
    return found


def _take(walks: dict[str, Walk], fact: Fact, offsets: Mapping[str, int]) -> None:
    body = read_body(fact)
    if not isinstance(body, RoundOpened | RoundJoined | Check | Addition | Finding | RoundSigned) or not body.round:
        return
    at, _ = true_time(fact, offsets)
    kind: RoundKind = "scheduled" if "/" in body.round else "unscheduled"
    walk = _changed(walks.get(body.round) or Walk(body.round, kind, at), body, at)
    if not isinstance(body, RoundSigned):
        walk = replace(walk, hashes={**walk.hashes, fact.id: fact.hash})
    walks[body.round] = walk


def _changed(walk: Walk, body: Body, at: datetime) -> Walk:
    if isinstance(body, RoundOpened):
        first = walk if walk.members else _opened(walk, body)
        return _with(first, body.officer, partial(_joined, by=body.by))
    if isinstance(body, RoundJoined):
        return _with(walk, body.officer, partial(_joined, by=body.by) if body.way == "joined" else _left)
    if isinstance(body, RoundSigned):
        return _with(walk, body.officer, lambda one: replace(one, signed=one.signed or at))
    if isinstance(body, Check | Addition):
        known = walk.visits.get(body.checkpoint)
        return replace(walk, visits={**walk.visits, body.checkpoint: _visited(known, body, at)})
    return walk


def _opened(walk: Walk, body: RoundOpened) -> Walk:
    return replace(
        walk, kind=body.kind, inspector=body.inspector, checklist=body.checklist, named=body.checkpoints, note=body.note
    )


def _with(walk: Walk, person: str, change: Callable[[Member], Member]) -> Walk:
    """The round with one member changed; a new one comes last."""
    members = {one.person: one for one in walk.members}
    members[person] = change(members.get(person, Member(person, None)))
    return replace(walk, members=tuple(members.values()))


def _joined(one: Member, by: Known | None) -> Member:
    return replace(one, by=one.by or by, left=False)


def _left(one: Member) -> Member:
    return replace(one, left=True)


def _visited(known: Visit | None, body: Check | Addition, at: datetime) -> Visit:
    """A checkpoint's visit with one more fact; the first one says when and by whom."""
    if known is None:
        no_photo = body.no_photo if isinstance(body, Check) else ""
        return Visit(at, body.officers, len(body.findings), len(body.photos), no_photo)
    return replace(
        known, found=known.found + len(body.findings), photos=known.photos + len(body.photos), added=known.added + 1
    )
