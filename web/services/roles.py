"""Roles with their days. A role is ended, never deleted, so that who held it on any day can be answered."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.words import say
from web.ledger.accounts import AccountRow
from web.ledger.people import PersonRow, RoleRow
from web.ledger.posts import WindowRow
from web.services import audit, people, posts, roster
from web.services.errors import BadInput, NotFound
from web.services.ids import is_id
from web.services.roster import Change


def grant(
    session: Session, person: str, role: str, since: date, until: date | None, now: datetime, by: str, scope: str = ""
) -> str:
    """A role from a day on, to its last day or open; its id. A window's head names the window in `scope`.

    A head without one is that of the window where they sit as A then, or else of the one in their own entry.
    BadInput for an unknown role, days that run backwards, the same role held already then, or a head of no window.
    """
    who = people.get(session, person)
    if role not in people.ROLES:
        raise BadInput(say("没有选角色"))
    if until is not None and until < since:
        raise BadInput(say("结束日期早于开始日期"), remedy=say("请改正日期"))
    window = posts.need_window(session, scope) if scope else None
    if role == "window_head" and window is None:
        window = _own_window(session, who, since)
        scope = window.id
    for row in _held(session, person, role):
        if (row.scope or "") == scope and overlap(row.since, row.until, since, until):
            raise BadInput(say("此人在这段时间里已有这个角色"))
    row = RoleRow(id=str(uuid7()), person=person, role=role, since=since, until=until, scope=scope or None)
    session.add(row)
    session.flush()
    detail = {"role": role, "since": str(since), "until": str(until or ""), "scope": window.number if window else ""}
    audit.note(session, now, by, "role.grant", person, detail)
    roster.file(session, [Change(who.unit, since, "role", "", role, person)], now, by)
    return row.id


def withdraw(session: Session, role: str, last: date, now: datetime, by: str) -> None:
    """The last day of a role. BadInput when it ended before, or when nobody would be left to administer the hub."""
    row = session.get(RoleRow, role) if is_id(role) else None
    if row is None:
        raise NotFound(say("没有这个角色记录"))
    if row.until is not None and row.until <= last:
        raise BadInput(say("这个角色已在 {day} 结束", day=row.until.isoformat()))
    if row.role == "admin":
        keep_an_admin(session, row.person, last)
    who = people.get(session, row.person)
    before = str(row.until or "")
    row.until = max(last, row.since - timedelta(days=1)) if row.since else last
    audit.note(session, now, by, "role.end", row.person, {"role": row.role, "until": [before, str(row.until)]})
    roster.file(session, [Change(who.unit, last, "role", row.role, "", row.person)], now, by)


def keep_an_admin(session: Session, without: str, last: date) -> None:
    """BadInput unless somebody else with an open account is an administrator after `last`."""
    others = session.execute(
        select(RoleRow)
        .join(AccountRow, AccountRow.person == RoleRow.person)
        .where(RoleRow.role == "admin", RoleRow.person != without, AccountRow.closed.is_(None))
    ).scalars()
    after = last + timedelta(days=1)
    if not any(overlap(row.since, row.until, after, after) for row in others):
        raise BadInput(
            say("这是唯一的系统管理员，停用后没有人能管理本系统"), remedy=say("请先给另一个人系统管理员角色和账号")
        )


def in_force(rows: Iterable[RoleRow], day: date) -> list[RoleRow]:
    """Those of these roles that hold on a day."""
    return [row for row in rows if overlap(row.since, row.until, day, day)]


def heads(session: Session, day: date) -> dict[str, list[str]]:
    """Window id → the names of its heads on a day."""
    found: dict[str, list[str]] = {}
    query = select(RoleRow, PersonRow.name).join(PersonRow, PersonRow.id == RoleRow.person)
    for row, name in session.execute(query.where(RoleRow.role == "window_head", RoleRow.scope.is_not(None))):
        if row.scope and in_force([row], day):
            found.setdefault(row.scope, []).append(name)
    return found


def by_unit(session: Session, day: date, wanted: Sequence[str]) -> dict[str, dict[str, list[str]]]:
    """Unit → role → the names of those who hold it for their unit on a day."""
    found: dict[str, dict[str, list[str]]] = {}
    query = select(RoleRow, PersonRow.unit, PersonRow.name).join(PersonRow, PersonRow.id == RoleRow.person)
    for row, unit, name in session.execute(query.where(RoleRow.role.in_(wanted)).order_by(RoleRow.id)):
        if in_force([row], day):
            found.setdefault(unit, {}).setdefault(row.role, []).append(name)
    return found


def overlap(since: date | None, until: date | None, first: date, last: date | None) -> bool:
    """Whether two stretches of days touch; None is open, all ends are inclusive."""
    return (since or date.min) <= (last or date.max) and (until or date.max) >= first


def _own_window(session: Session, who: PersonRow, since: date) -> WindowRow:
    """The window where somebody is from a day on; a head of none would decide nothing anywhere."""
    seats = [seat for seat in posts.seats_from(session, who.id, since) if seat.kind == "A"]
    if seats:
        return posts.need_post(session, min(seats, key=lambda seat: seat.since).post)[1]
    found = next((row for row in posts.windows(session) if row.number == who.window), None)
    if found is None:
        raise BadInput(say("{name} 没有安排在窗口", name=who.name), remedy=say("请选是哪个窗口的负责人"))
    return found


def _held(session: Session, person: str, role: str) -> list[RoleRow]:
    rows = session.execute(select(RoleRow).where(RoleRow.person == person, RoleRow.role == role)).scalars()
    return [row for row in rows if row.until is None or row.since is None or row.until >= row.since]
