"""Who could stand in at a post over a stretch of time, and what speaks against each."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.policy_words import word
from config.words import say
from station.rules.coverage import Backup
from web.ledger.covers import CoverRow
from web.ledger.leaves import LeaveRow
from web.ledger.people import PersonRow
from web.ledger.posts import SeatRow
from web.services import people
from web.services.errors import BadInput

PLANNED = ("proposed", "open")  # states of a cover that takes somebody's time


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody as they stand over the stretch. `rank`: 0 for who is no registered B; `away`: their own leave then."""

    person: PersonRow
    rank: int
    posted: bool
    away: LeaveRow | None
    covering: CoverRow | None

    @property
    def backup(self) -> Backup:
        """The same, as the rule takes it."""
        return Backup(self.person.id, self.posted, self.away is not None, self.covering is not None)

    @property
    def free(self) -> bool:
        """Whether nothing speaks against them."""
        return self.posted and self.away is None and self.covering is None

    def hindrance(self) -> str:
        """What speaks against them, in words; empty for nothing."""
        if not self.posted:
            return say("这段时间不在册")
        if self.away is not None:
            return say("这段时间请{kind}", kind=say(word(self.away.kind)))
        return say("这段时间已顶另一个岗") if self.covering is not None else ""


def registered(session: Session, post: str, start: datetime, end: datetime, zone: ZoneInfo,
               but: str = "") -> list[StandIn]:  # fmt: skip
    """The post's registered Bs in their order, over [start, end). `but`: a cover not counted. Three statements."""
    first = start.astimezone(zone).date()
    query = select(PersonRow, SeatRow.rank).join(SeatRow, SeatRow.person == PersonRow.id)
    query = query.where(
        SeatRow.post == post, SeatRow.kind == "B", SeatRow.since <= first,
        (SeatRow.until.is_(None)) | (SeatRow.until >= first),
    ).order_by(SeatRow.rank)  # fmt: skip
    return _judged(session, [(row, rank) for row, rank in session.execute(query)], start, end, zone, but)


def one(session: Session, person: PersonRow, start: datetime, end: datetime, zone: ZoneInfo, but: str = "") -> StandIn:
    """Anybody over [start, end)."""
    return _judged(session, [(person, 0)], start, end, zone, but)[0]


def require_free(found: StandIn) -> None:
    """BadInput, with what speaks against it, for somebody who cannot stand in."""
    if not found.free:
        raise BadInput(
            say("{name} {why}，不能顶岗", name=found.person.name, why=found.hindrance()), remedy=say("请另选一位顶岗人")
        )


def _judged(session: Session, rows: list[tuple[PersonRow, int]], start: datetime, end: datetime, zone: ZoneInfo,
            but: str) -> list[StandIn]:  # fmt: skip
    ids = [row.id for row, _ in rows]
    away = select(LeaveRow).where(
        LeaveRow.person.in_(ids), LeaveRow.status == "approved", LeaveRow.start < end, LeaveRow.ends > start
    )
    busy = select(CoverRow).where(
        CoverRow.person.in_(ids), CoverRow.state.in_(PLANNED), CoverRow.began == "desk", CoverRow.start < end,
        CoverRow.end > start, CoverRow.id != but,
    )  # fmt: skip
    leaves = {row.person: row for row in session.execute(away).scalars()} if ids else {}
    covers = {row.person: row for row in session.execute(busy).scalars()} if ids else {}
    return [
        StandIn(row, rank, _posted(row, start, end, zone), leaves.get(row.id), covers.get(row.id)) for row, rank in rows
    ]


def _posted(row: PersonRow, start: datetime, end: datetime, zone: ZoneInfo) -> bool:
    first, last = (at.astimezone(zone).date() for at in (start, end - timedelta(microseconds=1)))
    since, until = people.day_or_none(row.posted_from), people.day_or_none(row.posted_to)
    return (since is None or since <= first) and (until is None or until >= last)
