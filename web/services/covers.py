"""Covers as they stand: what kiosks began and gave back, put together with what desks opened and decided.

A kiosk's emergency cover holds from its fact on (`taigu:ab_post:3`, `wanzhou:substitution:4.5`), at most until the end
of that day; whether the pack allows it is looked at here. Nothing of it is copied, so the same fact twice is one cover
and a rebuild changes none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.policy import Policy
from config.policy_posts import Coverer
from station.rules.coverage import may_cover
from station.rules.hours import local_day, moment
from web.ledger.covers import CoverRow, CoverTurnRow
from web.ledger.posts import SeatRow
from web.services.in_force import InForce

State = Literal["open", "ended", "refused"]
LONGEST = timedelta(days=31)  # so long a cover may last at most


@dataclass(frozen=True, slots=True)
class Covering:
    """A cover. `post`: empty when nobody knows whose post it is. `allowed`: the pack lets this person cover.

    `end`: None while nobody said when; one to come is until when it was given. `certain`: its times are known.
    `proposed`: planned for `leave`, and not accepted yet.
    """

    id: str
    post: str
    person: str
    covered: str | None
    occasion: str
    standing: str
    began: Literal["kiosk", "desk"]
    start: datetime
    end: datetime | None
    refused: bool = False
    allowed: bool = True
    handover: str = ""
    handback: str = ""
    clauses: tuple[str, ...] = ()
    decided_by: str | None = None
    certain: bool = True
    proposed: bool = False
    leave: str | None = None

    def state(self, now: datetime) -> State:
        """How it stands at an instant."""
        if self.refused:
            return "refused"
        return "open" if self.end is None or self.end > now else "ended"

    @property
    def counts(self) -> bool:
        """Whether the post is held by it: allowed by the pack, or accepted by who may decide."""
        decided = self.decided_by is not None
        return bool(self.post) and not self.refused and (decided or (self.allowed and not self.proposed))

    @property
    def waits(self) -> bool:
        """Whether somebody still has to approve it."""
        return (self.began == "kiosk" or self.proposed) and self.decided_by is None


@dataclass(frozen=True, slots=True)
class Place:
    """The post that a covered person sits at as A, and its registered Bs."""

    post: str
    backups: tuple[str, ...]


def between(session: Session, held: InForce, since: datetime, until: datetime) -> list[Covering]:
    """Every cover that touches [since, until), by its start. `since`: the opening of a day."""
    in_time = (CoverRow.start < until) & ((CoverRow.end.is_(None)) | (CoverRow.end > since))
    of_desk = (CoverRow.began == "desk") & (CoverRow.state != "cancelled") & in_time
    given_back = CoverTurnRow.cover.in_(select(CoverRow.id).where(of_desk))
    near = (CoverTurnRow.at >= since) | ((CoverTurnRow.turn == "end") & given_back)
    read = select(CoverTurnRow).where(CoverTurnRow.at < until, near).order_by(CoverTurnRow.at, CoverTurnRow.id)
    turns = session.execute(read).scalars().all()
    begun = [turn for turn in turns if turn.turn == "begin" and turn.at >= since]
    which = of_desk | CoverRow.id.in_([turn.id for turn in begun])
    rows = {row.id: row for row in session.execute(select(CoverRow).where(which)).scalars()}
    found = [_from_desk(row, turns) for row in rows.values() if row.began == "desk"]
    if begun:
        places = _places(session, held, begun)
        found += [_from_kiosk(held, turn, turns, places.get(turn.id), rows.get(turn.id)) for turn in begun]
    return sorted(found, key=lambda cover: (cover.start, cover.id))


def one(session: Session, held: InForce, cover: str) -> Covering | None:
    """The cover of this id; None for none."""
    turn, row = session.get(CoverTurnRow, cover), session.get(CoverRow, cover)
    at = turn.at if turn is not None else row.start if row is not None else None
    if at is None:
        return None
    opens, closes = bounds(held, day_of(held, at))
    return next((each for each in between(session, held, opens, closes) if each.id == cover), None)


def day_of(held: InForce, at: datetime) -> date:
    """The hall's day of an instant."""
    return local_day(at, held.law(at.astimezone(held.zone).date(), "window"))


def bounds(held: InForce, day: date) -> tuple[datetime, datetime]:
    """When a hall's day opens and closes."""
    whole = held.day(day, "window")
    return moment(whole.opens, held.zone), moment(whole.closes, held.zone)


def emergency(policy: Policy, place: Place | None, person: str) -> tuple[bool, tuple[str, ...]]:
    """Whether this person may take that post over at once, and by which clauses it is so."""
    standing: list[Coverer] = ["registered_b"] if place is not None and person in place.backups else []
    found = may_cover(policy, "emergency", standing)
    return found.allowed, found.clauses


def _from_desk(row: CoverRow, turns: Iterable[CoverTurnRow]) -> Covering:
    back = next((each for each in turns if each.turn == "end" and each.cover == row.id and each.at >= row.start), None)
    end = back.at if back is not None and (row.end is None or back.at < row.end) else row.end
    handback = row.handback or (back.note if back is not None else "")
    return Covering(
        row.id, row.post, row.person, row.covered, row.occasion, row.standing, "desk", row.start, end,
        row.state == "refused", True, row.handover, handback, tuple(row.clauses.split()), row.decided_by,
        proposed=row.state == "proposed", leave=row.leave,
    )  # fmt: skip


def _from_kiosk(held: InForce, turn: CoverTurnRow, turns: Sequence[CoverTurnRow], place: Place | None,
                decided: CoverRow | None) -> Covering:  # fmt: skip
    day = day_of(held, turn.at)
    start = max(turn.at, turn.covers_from or turn.at)
    allowed, clauses = emergency(held.on(day).policy, place, turn.covering)
    back = next((each for each in turns if each.at >= start and _ends(each, turn)), None)
    ends = [bounds(held, day)[1], *([back.at] if back else []), *([decided.end] if decided and decided.end else [])]
    if turn.covers_to is not None and turn.covers_to > start:
        ends.append(turn.covers_to)
    return Covering(
        id=turn.id,
        post=place.post if place else "",
        person=turn.covering,
        covered=turn.covered,
        occasion="emergency",
        standing="registered_b" if allowed else "",
        began="kiosk",
        start=start,
        end=min(ends),
        refused=decided is not None and decided.state == "refused",
        allowed=allowed,
        handover=(decided.handover if decided else "") or turn.note,
        handback=(decided.handback if decided else "") or (back.note if back else ""),
        clauses=clauses,
        decided_by=decided.decided_by if decided else None,
        certain=turn.clock != "unsynced" and (back is None or back.clock != "unsynced"),
    )


def _ends(turn: CoverTurnRow, begun: CoverTurnRow) -> bool:
    same = (turn.covered, turn.covering) == (begun.covered, begun.covering)
    return turn.turn == "end" and (turn.cover == begun.id or same)


def _places(session: Session, held: InForce, begun: Iterable[CoverTurnRow]) -> dict[str, Place]:
    """Begin → the post at which its covered person sat as A on that day."""
    covered = sorted({turn.covered for turn in begun})
    posts = select(SeatRow.post).where(SeatRow.person.in_(covered), SeatRow.kind == "A")
    seats = session.execute(select(SeatRow).where(SeatRow.post.in_(posts)).order_by(SeatRow.rank)).scalars().all()
    found: dict[str, Place] = {}
    for turn in begun:
        day = day_of(held, turn.at)
        then = [seat for seat in seats if seat.since <= day and (seat.until is None or seat.until >= day)]
        post = next((seat.post for seat in then if seat.kind == "A" and seat.person == turn.covered), None)
        if post is not None:
            found[turn.id] = Place(post, tuple(seat.person for seat in then if seat.post == post and seat.kind == "B"))
    return found
