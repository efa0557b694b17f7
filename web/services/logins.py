"""Signed-in browsers as their owners and administrators see them: since when, last used, from where; and their end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config.words import say
from web.ledger.accounts import AccountRow, LoginRow
from web.ledger.people import PersonRow
from web.services import audit
from web.services.accounts import IDLE, LONGEST, Login, mark_of
from web.services.errors import NotFound


@dataclass(frozen=True, slots=True)
class Shown:
    """A browser that is signed in. `here`: the one that asks."""

    row: LoginRow
    account: str
    name: str
    here: bool


def standing(session: Session, now: datetime, mine: Login, *, everybody: bool) -> Sequence[Shown]:
    """The logins that have not ended by hand, idleness or age: one's own, or everybody's; used last first."""
    query = (
        select(LoginRow, AccountRow.name, PersonRow.name)
        .join(AccountRow, AccountRow.id == LoginRow.account)
        .join(PersonRow, PersonRow.id == AccountRow.person)
        .where(LoginRow.ended.is_(None), LoginRow.seen >= now - IDLE, LoginRow.begun >= now - LONGEST)
        .order_by(LoginRow.seen.desc(), LoginRow.token_hash)
    )
    if not everybody:
        query = query.where(LoginRow.account == mine.account)
    own = mark_of(mine.token)
    return [Shown(row, account, name, row.token_hash == own) for row, account, name in session.execute(query)]


def end_one(session: Session, mark: str, now: datetime, mine: Login) -> None:
    """End a browser: one's own, or as an administrator anybody's. NotFound for another's, and for none."""
    row = session.get(LoginRow, mark, with_for_update=True) if len(mark) == 64 else None
    if row is None or row.ended is not None or (row.account != mine.account and "admin" not in mine.roles):
        raise NotFound(say("没有这个登录，或已经退出"), remedy=say("请从登录会话重新进入"))
    row.ended = now
    audit.note(session, now, mine.person, "login.end", row.account, {"address": row.address, "agent": row.agent})


def end_others(session: Session, now: datetime, mine: Login) -> None:
    """End every browser of one's own but this one."""
    _end(session, LoginRow.account == mine.account, now, mine)


def end_everybody(session: Session, now: datetime, mine: Login) -> None:
    """End every browser of everybody but this one."""
    _end(session, LoginRow.token_hash != "", now, mine)


def _end(session: Session, which: object, now: datetime, mine: Login) -> None:
    others = (LoginRow.ended.is_(None), LoginRow.token_hash != mark_of(mine.token))
    ended = session.execute(
        update(LoginRow).where(which, *others).values(ended=now).returning(LoginRow.token_hash)  # type: ignore[arg-type]
    ).all()
    audit.note(session, now, mine.person, "login.end_all", mine.account, {"ended": len(ended)})
