"""What an administrator does to accounts: open one for a person, a new one-time password, close, open again."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from config.words import say
from web.ledger.accounts import AccountRow
from web.services import accounts, audit, people, roles
from web.services.errors import BadInput


def open_for(session: Session, typed: str, name: str, day: date, now: datetime, by: str) -> str:
    """An account for the person meant by `typed` (name, or name and number); its one-time password.

    BadInput for nobody, several, somebody without a role on `day`, or a login name that is taken.
    """
    who = people.find(session, typed)
    held = people.roles_of(session, [who.id]).get(who.id, [])
    if not roles.in_force(held, day):
        said = say("{name} 没有现任角色，账号什么也看不到", name=who.name)
        raise BadInput(said, remedy=say("请先在其人员页面登记角色"))
    return accounts.create(session, who.id, name, now, by)


def renew_password(session: Session, account: str, now: datetime, by: str) -> str:
    """A one-time password for somebody who forgot theirs. BadInput for a closed account and for one's own."""
    row = accounts.need(session, account)
    if row.closed is not None:
        raise BadInput(say("这个账号已停用"), remedy=say("请先重新启用"))
    if row.person == by:
        raise BadInput(say("自己的密码请在“修改密码”里改"))
    return accounts.rescue(session, row.name, now, by)


def close(session: Session, account: str, day: date, now: datetime, by: str) -> None:
    """Nobody signs in by this account any longer. BadInput for one's own and for the last administrator's."""
    row = accounts.need(session, account)
    if row.person == by:
        raise BadInput(say("不能停用自己的账号"), remedy=say("请由另一位系统管理员办理"))
    if row.closed is not None:
        raise BadInput(say("这个账号已停用"))
    held = people.roles_of(session, [row.person]).get(row.person, [])
    if any(each.role == "admin" for each in roles.in_force(held, day)):
        roles.keep_an_admin(session, row.person, day)
    end(session, row, now, by)


def end(session: Session, row: AccountRow, now: datetime, by: str) -> None:
    """Close an account, and every browser that is signed in by it."""
    row.closed = now
    accounts.end_all(session, row.id, now)
    audit.note(session, now, by, "account.close", row.id, {"name": row.name})


def reopen(session: Session, account: str, now: datetime, by: str) -> str:
    """A closed account opens again, with a new one-time password. BadInput for one that is open."""
    row = accounts.need(session, account)
    if row.closed is None:
        raise BadInput(say("这个账号没有停用"))
    row.closed = None
    audit.note(session, now, by, "account.reopen", row.id, {"name": row.name})
    return accounts.rescue(session, row.name, now, by)
