"""The windows of a day: who is there, who covers, which one stood empty. At a minute of the running day, or all of one.

One reading for the board and for the record of empty stretches, so that they cannot differ. What a window is held by:
its A, a covering B, somebody assigned (`wanzhou:substitution:1`, `wanzhou:substitution:2.4`); one event is one empty
stretch of one window, whoever should have been there.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.policy import Policy
from config.words import say
from station.rules.coverage import Cover, empty, empty_clauses, while_covering
from station.rules.given import Posting
from station.rules.hours import Day, Span, Stretch, minute_of, moment
from station.rules.presence import Presence, State, presence
from web.ledger.people import PersonRow
from web.ledger.posts import PostRow, SeatRow, WindowRow
from web.services import covers, in_force, records
from web.services.covers import Covering
from web.services.errors import BadInput
from web.services.hub import Hub
from web.services.in_force import InForce, group_of
from web.services.records import Source
from web.services.scopes import Scope
from web.services.today import posting_of

Why = State | Literal["not_come", "overdue"]
Look = Literal["held", "away", "vacant", "empty", "unstaffed", "closed"]


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody at a post: as A, as a registered B (with their rank), or covering."""

    id: str
    name: str
    presence: Presence
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Stand:
    """A cover of a post, and who covers."""

    cover: Covering
    worker: Worker


@dataclass(slots=True)
class Post:
    """A post with its people; Bs have their presence only where the window is empty."""

    id: str
    name: str
    a: list[Worker] = field(default_factory=list)
    backups: list[Worker] = field(default_factory=list)
    covers: list[Stand] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Empty:
    """A stretch in which nobody held the window (in the hall's zone); `end` is the present while it goes on.

    `who`: who should have been there, and how they stood then. `certain`: no press about it is of an unknown time.
    """

    session: str
    start: datetime
    end: datetime
    going_on: bool
    who: tuple[tuple[str, tuple[Why, ...]], ...]
    certain: bool
    clauses: tuple[str, ...]

    @property
    def minutes(self) -> int:
        """How long it was, or is by now."""
        return int((self.end - self.start).total_seconds() // 60)


@dataclass(slots=True)
class Window:
    """A window of the day. `look`: how it stands at the board's instant; `empties`: its record up to then."""

    id: str
    number: str
    floor: int | None
    side: str
    unit: str
    posts: list[Post] = field(default_factory=list)
    empties: list[Empty] = field(default_factory=list)
    look: Look = "closed"

    @property
    def empty_now(self) -> Empty | None:
        """The stretch that goes on."""
        return next((each for each in self.empties if each.going_on), None)


@dataclass(frozen=True, slots=True)
class Board:
    """The windows of a day at `at`. `open`: a session runs; `astray`: covers of posts that nobody knows."""

    date: date
    at: datetime
    worked: bool
    running: bool
    windows: list[Window]
    astray: list[Stand]

    def floors(self) -> dict[int | None, list[Window]]:
        """Floor → its windows in the order of their numbers; windows without one come last."""
        found: dict[int | None, list[Window]] = {}
        for window in self.windows:
            found.setdefault(window.floor, []).append(window)
        return found

    def within(self, scope: Scope) -> "Board":
        """The same, of the windows whose units are within the scope."""
        astray = self.astray if scope.hall else []
        return replace(self, windows=[each for each in self.windows if scope.holds_unit(each.unit)], astray=astray)

    def count(self, *looks: Look) -> int:
        """How many windows look so."""
        return sum(window.look in looks for window in self.windows)

    def empties(self) -> list[tuple[Window, Empty]]:
        """The day's record: every empty stretch, in the order of time."""
        found = [(window, each) for window in self.windows for each in window.empties]
        return sorted(found, key=lambda one: (one[1].start, _order(one[0])))


def board(
    session: Session, held: InForce, now: datetime, day: date | None = None, window: str = "",
    sources: Sequence[Source] = (),
) -> Board:  # fmt: skip
    """The windows (or one) of the running day at this minute, or of a whole past day. BadInput for a day to come."""
    running = covers.day_of(held, now)
    day = day or running
    if day > running:
        raise BadInput(say("这一天还没有到"), remedy=say("请改查今天或以前的日期"))
    opens, closes = covers.bounds(held, day)
    at = min(now, closes - timedelta(minutes=1))
    windows, people = _windows(session, day, window)
    stands = covers.between(session, held, opens, closes)
    people |= _others(session, {cover.person for cover in stands} - people.keys())
    if now >= closes:  # no window is empty now, so nobody asks for its Bs
        standing = {one.id for window in windows for post in window.posts for one in post.a}
        standing |= {cover.person for cover in stands}
        people = {id_: row for id_, row in people.items() if id_ in standing}
    book = _Book(session, held, day, opens, at, people, sources)
    astray = _put_covers(windows, stands, book)
    for each in windows:
        _look(each, held, day, book, minute_of(at), closed=now >= closes)
    whole = held.day(day, "window")
    return Board(day, at.astimezone(held.zone), whole.worked, day == running, windows, astray)


def running(session: Session, hub: Hub, held: InForce | None = None) -> Board:
    """The whole board at this minute, worked out once for whoever asks. `held`: what is in force, where it was read."""
    now = hub.now()
    rules = held or in_force.read(session, hub)
    found = hub.once.get(rules.stand.at(now), "board", lambda: board(session, rules, now))
    return replace(found, at=now.astimezone(found.at.tzinfo))


class _Book:
    """Presence of people on the day, worked out once for each and only for whom it is asked."""

    def __init__(self, session: Session, held: InForce, day: date, opens: datetime, at: datetime,
                 people: Mapping[str, PersonRow | Any], sources: Sequence[Source]) -> None:  # fmt: skip
        postings: dict[str, Posting] = {id_: posting_of(row, held.zone) for id_, row in people.items()}
        found = records.read(session, opens, at + timedelta(microseconds=1), list(people))
        self._records = records.records_of(session, found, postings, sources)
        self._held, self._day, self._at, self._people = held, day, minute_of(at), people
        self._known: dict[str, Presence] = {}

    def worker(self, person: str, rank: int = 0) -> Worker:
        """Somebody with their presence."""
        row = self._people[person]
        if person not in self._known:
            group = group_of(row.group)
            day, law = self._held.day(self._day, group), self._held.law(self._day, group)
            self._known[person] = presence(self._records[person], day, law, self._at)
        return Worker(person, row.name, self._known[person], rank)


def _windows(session: Session, day: date, only: str) -> tuple[list[Window], dict[str, Any]]:
    """Windows with posts and who is registered there, without presence yet; and these people's rows. One statement."""
    on = (SeatRow.post == PostRow.id) & (SeatRow.since <= day) & ((SeatRow.until.is_(None)) | (SeatRow.until >= day))
    query = (
        select(
            WindowRow.id.label("window"), WindowRow.number, WindowRow.floor, WindowRow.side, WindowRow.unit,
            PostRow.id.label("post"), PostRow.name.label("post_name"), SeatRow.kind, SeatRow.rank,
            PersonRow.id.label("person"), PersonRow.name, PersonRow.group, PersonRow.posted_from, PersonRow.posted_to,
        )
        .outerjoin(PostRow, (PostRow.window == WindowRow.id) & ((PostRow.closed.is_(None)) | (PostRow.closed >= day)))
        .outerjoin(SeatRow, on)
        .outerjoin(PersonRow, PersonRow.id == SeatRow.person)
        .where((WindowRow.closed.is_(None)) | (WindowRow.closed >= day))
        .order_by(PostRow.id, SeatRow.rank, SeatRow.since)
    )  # fmt: skip
    found: dict[str, Window] = {}
    people: dict[str, Any] = {}
    for row in session.execute(query.where(WindowRow.id == only) if only else query):
        window = found.setdefault(row.window, Window(row.window, row.number, row.floor, row.side, row.unit))
        if row.post is None:
            continue
        if not window.posts or window.posts[-1].id != row.post:
            window.posts.append(Post(row.post, row.post_name))
        if row.person is not None:
            people[row.person] = row
            seats = window.posts[-1].a if row.kind == "A" else window.posts[-1].backups
            seats.append(Worker(row.person, row.name, Presence("rest"), row.rank))
    return sorted(found.values(), key=_order), people


def _others(session: Session, missing: Iterable[str]) -> dict[str, Any]:
    """The rows of people who cover and sit nowhere."""
    wanted = sorted(missing)
    if not wanted:
        return {}
    return {row.id: row for row in session.execute(select(PersonRow).where(PersonRow.id.in_(wanted))).scalars()}


def _put_covers(windows: Sequence[Window], stands: Iterable[Covering], book: _Book) -> list[Stand]:
    """Covers to their posts; those that no post is known for."""
    posts = {post.id: post for window in windows for post in window.posts}
    astray: list[Stand] = []
    for cover in stands:
        try:
            stand = Stand(cover, book.worker(cover.person))
        except KeyError:  # the covering person is nobody of this hall
            continue
        into = posts[cover.post].covers if cover.post in posts else astray
        into.append(stand)
    return astray


def _look(window: Window, held: InForce, day: date, book: _Book, now: int, *, closed: bool) -> None:
    """Work out presence at a window, its empty stretches, and how it stands now."""
    for post in window.posts:
        post.a = [book.worker(each.id) for each in post.a]
    group = group_of(window.side)
    kind, policy = held.day(day, group), held.on(day).policy
    if not any(post.a or post.covers for post in window.posts):
        window.look = "unstaffed"
        return
    if not kind.worked:
        return
    holds = _holds(window)
    held_now = any(each.start <= now < each.end for each in holds)
    for span in kind.spans:
        for each in empty(policy, span, holds, now, kind.breaks):
            going_on = each.end == now < span.end and not held_now and not closed
            window.empties.append(_empty(window, span, each, going_on, held, policy, kind))
    running = not closed and any(span.start <= now < span.end for span in kind.spans)
    if running:
        window.look = _standing(window, holds, now)
    if window.look == "empty":
        for post in window.posts:
            post.backups = [book.worker(each.id, each.rank) for each in post.backups]


def _holds(window: Window) -> list[Stretch]:
    """When somebody held the window."""
    found = [part for post in window.posts for one in post.a for part in one.presence.held]
    for post in window.posts:
        for stand in post.covers:
            if stand.cover.counts:
                found += while_covering(stand.worker.presence.held, minutes_of(stand.cover))
    return found


def minutes_of(cover: Covering) -> Cover:
    """A cover in minutes, as the rules take it."""
    return Cover(cover.person, minute_of(cover.start), None if cover.end is None else minute_of(cover.end))


def _standing(window: Window, holds: Iterable[Stretch], now: int) -> Look:
    if window.empty_now is not None:
        return "empty"
    people = [one.presence for post in window.posts for one in post.a]
    for post in window.posts:
        people += [stand.worker.presence for stand in post.covers if _covers_now(stand.cover, now)]
    if any(each.word == "here" for each in people):
        return "held"
    return "away" if any(each.start <= now < each.end for each in holds) else "vacant"


def _covers_now(cover: Covering, now: int) -> bool:
    minutes = minutes_of(cover)
    return cover.counts and minutes.start <= now and (minutes.end is None or now < minutes.end)


def _empty(window: Window, span: Span, stretch: Stretch, going_on: bool, held: InForce, policy: Policy,
           day: Day) -> Empty:  # fmt: skip
    people = [one for post in window.posts for one in post.a]
    for post in window.posts:
        people += [stand.worker for stand in post.covers if stand.cover.counts and _touches(stand.cover, stretch)]
    return Empty(
        span.name,
        moment(stretch.start, held.zone),
        moment(stretch.end, held.zone),
        going_on,
        tuple((one.name, tuple(_reasons(one.presence, stretch))) for one in people),
        all(one.presence.certain for one in people),
        empty_clauses(policy, stretch, day.breaks),
    )


def _touches(covering: Covering, stretch: Stretch) -> bool:
    cover = minutes_of(covering)
    return cover.start < stretch.end and (cover.end is None or cover.end > stretch.start)


def _reasons(one: Presence, stretch: Stretch) -> Iterator[Why]:
    """How somebody stood over a stretch in which they did not hold the window, in order, each once."""
    if one.word == "rest":
        return
    parts = [part for part in one.parts if part.start < stretch.end and part.end > stretch.start]
    if not parts or parts[0].start > stretch.start:
        yield "not_come"
    said: set[Why] = set()
    for part in parts:
        why: Why = "overdue" if part.state == "out" else part.state
        if why not in said and why != "here":
            said.add(why)
            yield why


def _order(window: Window) -> tuple[bool, int, list[tuple[bool, int, str]]]:
    """By floor, then by number as people count: 9 before 10."""
    pieces = re.findall(r"\d+|\D+", window.number)
    number = [(not piece.isdecimal(), int(piece) if piece.isdecimal() else 0, piece) for piece in pieces]
    return window.floor is None, window.floor or 0, number
