"""Planned and opened covers by list, and one of them with its steps."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased

from config.words import say
from web.ledger.covers import CoverRow
from web.ledger.people import PersonRow, RoleRow
from web.ledger.posts import PostRow, WindowRow
from web.services import cover_plans, roles
from web.services.errors import NotFound
from web.services.scopes import Scope

State = Literal["proposed", "lapsed", "coming", "running", "ended", "refused", "cancelled"]
PAGE = 50
# What a kiosk began has a row once a desk decided; from then on it is listed and noted like the others.
LISTED = (CoverRow.began == "desk") | (CoverRow.decided.is_not(None) & CoverRow.end.is_not(None))


@dataclass(frozen=True, slots=True)
class Planned:
    """A cover with who covers, whom, and where."""

    row: CoverRow
    person: PersonRow
    covered: PersonRow | None
    post: PostRow
    window: WindowRow

    def state(self, now: datetime) -> State:
        """How it stands at an instant."""
        over = self.row.end is not None and self.row.end <= now
        if self.row.state == "proposed":
            return "lapsed" if over else "proposed"
        if self.row.state in ("refused", "cancelled"):
            return "refused" if self.row.state == "refused" else "cancelled"
        if over or self.row.state == "ended":
            return "ended"
        return "running" if self.row.start <= now else "coming"

    def owes(self, now: datetime) -> list[cover_plans.Note]:
        """The notes that should have been written by now."""
        state = self.state(now)
        handover: list[cover_plans.Note] = (
            ["handover"] if state in ("running", "ended") and not self.row.handover else []
        )
        return handover + (["handback"] if state == "ended" and not self.row.handback else [])

    def of(self, person: str) -> bool:
        """Whether this person covers or is covered."""
        return person in (self.row.person, self.row.covered)


def listed(session: Session, scope: Scope, page: int = 1, coming: datetime | None = None) -> list[Planned]:
    """Covers within the scope by their start, the last first; only those not over at `coming`, where it is given."""
    query = _within(_joined().where(LISTED), scope)
    if coming is not None:
        alive = CoverRow.state.in_(("proposed", "open")) & ((CoverRow.end.is_(None)) | (CoverRow.end > coming))
        query = query.where(alive)
    query = query.order_by(CoverRow.start.desc(), CoverRow.id.desc()).limit(PAGE + 1).offset(PAGE * (page - 1))
    return [Planned(*found) for found in session.execute(query)]


def of_window(session: Session, window: str, since: datetime) -> list[Planned]:
    """What is planned at a window from an instant on, the nearest first."""
    query = _joined().where(
        CoverRow.began == "desk", WindowRow.id == window, CoverRow.state.in_(("proposed", "open")),
        CoverRow.start > since,
    )  # fmt: skip
    return [Planned(*found) for found in session.execute(query.order_by(CoverRow.start).limit(PAGE))]


def of_leave(session: Session, leave: str) -> list[Planned]:
    """The covers of a leave, by their start. One statement."""
    query = _joined().where(CoverRow.leave == leave, CoverRow.began == "desk")
    return [Planned(*found) for found in session.execute(query.order_by(CoverRow.start, CoverRow.id))]


def one(session: Session, cover: str) -> Planned:
    """The cover of this id; NotFound for none."""
    found = session.execute(_joined().where(CoverRow.id == cover, LISTED)).first()
    if found is None:
        raise NotFound(say("没有这次顶岗"), remedy=say("请从顶岗列表重新进入"))
    return Planned(*found)


def headed(session: Session, person: str, now: datetime) -> set[str]:
    """The windows whose head this person is on the day of `now`, which is in the hall's zone."""
    query = select(RoleRow).where(RoleRow.person == person, RoleRow.role == "window_head")
    return {row.scope for row in roles.in_force(session.execute(query).scalars(), now.date()) if row.scope}


def _joined() -> Select[CoverRow, PersonRow, PersonRow | None, PostRow, WindowRow]:
    covered = aliased(PersonRow)
    return (
        select(CoverRow, PersonRow, covered, PostRow, WindowRow)
        .join(PersonRow, PersonRow.id == CoverRow.person)
        .outerjoin(covered, covered.id == CoverRow.covered)
        .join(PostRow, PostRow.id == CoverRow.post)
        .join(WindowRow, WindowRow.id == PostRow.window)
    )


def _within(query: Select[CoverRow, PersonRow, PersonRow | None, PostRow, WindowRow],
            scope: Scope) -> Select[CoverRow, PersonRow, PersonRow | None, PostRow, WindowRow]:  # fmt: skip
    if scope.hall:
        return query
    own = or_(CoverRow.person == scope.person, CoverRow.covered == scope.person)
    return query.where(or_(own, WindowRow.unit == scope.unit) if scope.unit else own)
