"""Whoever has an account without being staff: the first administrator, and those made from the command line."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.words import say
from web.ledger.people import PersonRow
from web.services import accounts, people
from web.services.errors import BadInput


def first_admin(session: Session, login: str, now: datetime) -> str:
    """The administrator with whom a hub begins; answers the one-time password."""
    admin = _newcomer(say("系统管理员"), ("admin",), now)
    return accounts.create(session, people.add(session, [admin], now)[0], login, now)


def administrator(session: Session, login: str, hashed: str, now: datetime) -> str:
    """The same with a password of their own choice, hashed before; answers the account's id."""
    person = people.add(session, [_newcomer(say("系统管理员"), ("admin",), now)], now)[0]
    return accounts.add(session, person, login, hashed, now, person, must_change=False)


def account_for(session: Session, login: str, person: str, roles: Sequence[str], now: datetime) -> str:
    """An account for the person of this name or number, who is added when nobody fits; the one-time password."""
    fits = (PersonRow.number == person) | (PersonRow.name == person)
    found = session.execute(select(PersonRow.id).where(fits)).scalars().all()
    if len(found) > 1:
        raise BadInput(say("有 {count} 个人叫 {name}", count=len(found), name=person), remedy=say("请改用工号"))
    key = found[0] if found else people.add(session, [_newcomer(person, roles, now)], now)[0]
    return accounts.create(session, key, login, now)


def _newcomer(name: str, roles: Sequence[str], now: datetime) -> people.NewPerson:
    """Somebody with an account who is not staff of the hall: posted on no day, so never due and never judged."""
    today = now.date()
    yesterday = today - timedelta(days=1)
    return people.NewPerson(name=name, group="other", roles=tuple(roles), posted_from=today, posted_to=yesterday)
