"""Somebody leaves the hall. What they did stays; what they may do ends."""

import json
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.words import say
from station.facts import Json
from web.ledger.accounts import AccountRow
from web.ledger.audit import AuditRow
from web.ledger.people import PersonRow
from web.services import account_desk, audit, fingers, people, posts, roles, roster
from web.services.errors import BadInput
from web.services.roster import Change


def leave(session: Session, person: str, last: date, today: date, now: datetime, by: str) -> None:
    """The person's last day. Seats and roles end with it, every station is told to forget the fingers.

    Before that day nothing is taken away but a seat's or role's open end; an account is closed once the day has come.
    BadInput for oneself, for the only administrator, for a day before the posting began, and for who has left.
    """
    row = people.get(session, person)
    if person == by:
        raise BadInput(say("不能给自己办调离"), remedy=say("请由另一位系统管理员办理"))
    _check_days(row, last)
    before = people.day_or_none(row.posted_to)
    if _is_admin(session, person, today):
        roles.keep_an_admin(session, person, last)
    row.posted_to = last
    for seat in posts.seats_from(session, person, last):
        posts.end(session, seat, max(last, seat.since) if seat.since <= last else last, now, by)
    ends: dict[str, str] = {}  # of roles that had one of their own, for who takes the leaving back
    for held in people.roles_of(session, [person]).get(person, []):
        if held.until is not None and held.until >= last and held.until != before:
            ends[held.id] = held.until.isoformat()
        if held.until is None or held.until > last:
            held.until = last
    if last <= today:
        _close_account(session, person, now, by)
    detail: Json = {"last": [before and before.isoformat(), last.isoformat()]}
    audit.note(session, now, by, "person.leave", person, detail | ({"ends": ends} if ends else {}))
    roster.file(session, [Change(row.unit, last, "leave", row.window, "", person)], now, by)
    if not any(order.why == "left" for order in fingers.orders_of(session, person)):
        fingers.order_forget(session, person, now, by, "left")


def stay(session: Session, person: str, now: datetime, by: str) -> None:
    """Take a leaving back, as if it had not been: posting and roles go on, posts and fingers are given anew.

    A role that had a last day of its own before has it again.
    Who was really away and returns is entered anew, so that the days between stay days without a posting.
    """
    row = people.get(session, person)
    last = people.day_or_none(row.posted_to)
    left = [change for change in roster.filed_of(session, person) if change.what in ("leave", "back")]
    if last is None or not left or left[0].what != "leave":
        raise BadInput(say("此人没有调离"))
    ends = _own_ends(session, person)
    for held in people.roles_of(session, [person]).get(person, []):
        if held.until == last:
            held.until = ends.get(held.id)
    row.posted_to = None
    audit.note(session, now, by, "person.stay", person, {"last": [last.isoformat(), None]})
    roster.file(session, [Change(row.unit, last, "back", "", row.name, person)], now, by)
    fingers.cancel_left(session, person, now, by)


def _own_ends(session: Session, person: str) -> dict[str, date]:
    """Role → the last day that it had before the leaving that stands, which may have been given twice."""
    query = select(AuditRow.act, AuditRow.detail).where(AuditRow.subject == person).order_by(AuditRow.row)
    found: dict[str, date] = {}
    for act, detail in session.execute(query.where(AuditRow.act.in_(("person.leave", "person.stay")))):
        if act == "person.stay":
            found.clear()
            continue
        for role, until in json.loads(detail).get("ends", {}).items():
            found.setdefault(role, date.fromisoformat(until))
    return found


def _check_days(row: PersonRow, last: date) -> None:
    since, until = people.day_or_none(row.posted_from), people.day_or_none(row.posted_to)
    if until is not None and until <= last:
        raise BadInput(say("此人已于 {day} 调离", day=until.isoformat()))
    if since is not None and last < since:
        raise BadInput(say("调离日期早于入驻日期 {day}", day=since.isoformat()), remedy=say("请改正日期"))


def _is_admin(session: Session, person: str, today: date) -> bool:
    held = people.roles_of(session, [person]).get(person, [])
    return any(row.role == "admin" for row in roles.in_force(held, today))


def _close_account(session: Session, person: str, now: datetime, by: str) -> None:
    row = session.execute(select(AccountRow).where(AccountRow.person == person)).scalar_one_or_none()
    if row is None or row.closed is not None:
        return
    account_desk.end(session, row, now, by)
