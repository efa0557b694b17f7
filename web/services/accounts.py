"""Accounts: passwords, one-time passwords, signed-in browsers. An account is tied to a person."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select, true, update
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.words import say
from station.sealed import SealKey
from web.ledger.accounts import AccountRow, LoginRow
from web.ledger.hall import HallRow
from web.ledger.people import PersonRow, RoleRow
from web.services import audit, second_factor
from web.services.errors import BadInput, NotFound, NotSignedIn, WrongSecret
from web.services.ids import is_id
from web.services.passwords import LONGEST_PASSWORD, check_password, one_time_password
from web.services.scopes import Scope, scope_of

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
FREE_FAILURES = 5  # after these, each further one doubles the wait
LONGEST_WAIT = timedelta(minutes=15)
SEEN_STEP = timedelta(minutes=1)  # a login's last use is remembered to the minute
_NOBODY = HASHER.hash(secrets.token_hex())  # what a password for an unknown name is held against


@dataclass(frozen=True, slots=True)
class Login:
    """A signed-in browser: whose account, which person, with which roles in force today.

    `factor_due`: the hall asks administrators for a second factor, and this one has none yet; `setting_up`: the hall
    was begun by its first run, and this is an administrator.
    """

    token: str
    account: str
    account_name: str
    person: str
    name: str
    roles: frozenset[str]
    must_change: bool
    seen: datetime
    unit: str = ""
    factor_due: bool = False
    setting_up: bool = False

    @property
    def scope(self) -> Scope:
        """Whose people they may look into."""
        return scope_of(self.person, self.unit, self.roles)


def create(session: Session, person: str, name: str, now: datetime, by: str | None = None) -> str:
    """An account for a person; answers its one-time password, which must be changed at the first login."""
    password = one_time_password()
    add(session, person, name, HASHER.hash(password), now, by, must_change=True)
    return password


def add(
    session: Session, person: str, name: str, hashed: str, now: datetime, by: str | None, *, must_change: bool
) -> str:  # fmt: skip
    """An account for a person with a password that was hashed before; its id. The set-up code ends with the first."""
    name = plain_name(name)
    taken = select(AccountRow.id).where((AccountRow.name == name) | (AccountRow.person == person))
    if session.execute(taken).first():
        raise BadInput(say("登录名 {name} 已被使用，或此人已有账号", name=name))
    row = AccountRow(
        id=str(uuid7()), person=person, name=name, password=hashed, must_change=must_change, failures=0, made=now
    )
    session.add(row)
    session.execute(update(HallRow).where(HallRow.first_run.is_not(None)).values(first_run=None))
    session.flush()
    audit.note(session, now, by, "account.create", row.id, {"name": name, "person": person})
    return row.id


def plain_name(typed: str) -> str:
    """A login name as it is kept. BadInput for one that cannot be."""
    name = typed.strip().lower()
    if not 2 <= len(name) <= 40 or any(letter.isspace() or not letter.isprintable() for letter in name):
        raise BadInput(say("登录名须为 2 到 40 个字符，不含空格"))
    return name


def rescue(session: Session, name: str, now: datetime, by: str | None = None) -> str:
    """A new one-time password for an account whose owner forgot theirs; every browser signed in by it is out."""
    row = _by_name(session, name)
    if row is None:
        raise NotFound(say("没有登录名为 {name} 的账号", name=name), remedy=say("用 zaigang hub user list 查看"))
    password = one_time_password()
    row.password, row.must_change, row.failures, row.wait_until = HASHER.hash(password), True, 0, None
    end_all(session, row.id, now)
    audit.note(session, now, by, "account.rescue", row.id, {"name": row.name})
    return password


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of holding a password against an account. `account` None: no such name.

    `factor`: a second factor is to follow; `shown`: it did; `mark`: what tells this password from the next one.
    """

    account: str | None
    fits: bool
    factor: bool = False
    shown: bool = False
    mark: str = ""


class Where(NamedTuple):
    """Where a browser signs in from: its address, and what it says it is."""

    address: str = ""
    agent: str = ""


NOWHERE = Where()


def prove(session: Session, name: str, password: str, now: datetime) -> Proof:
    """Hold a password against an account's. Reads only, so that its 50 ms of work keep nobody from writing.

    NotSignedIn when too many attempts were made and the account still waits.
    """
    row = _by_name(session, name)
    if row is not None and row.wait_until is not None and now < row.wait_until:
        raise _wait(row.wait_until - now)
    fits = _fits(row, password[:LONGEST_PASSWORD])
    if row is None:
        return Proof(None, fits=False)
    return Proof(row.id, fits and row.closed is None, row.factor_since is not None, mark=mark_of(row.password))


def sign_in(session: Session, proof: Proof, now: datetime, where: Where = NOWHERE) -> str | None:
    """The token of a new login; None, with the failure counted, when the password did not fit.

    Who has a second factor gets none before it was shown.
    """
    if proof.account is None:
        return None
    row = session.get_one(AccountRow, proof.account, with_for_update=True)
    if not proof.fits:
        _count_failure(session, row, now)
        return None
    if row.factor_since is not None and not proof.shown:
        return None
    row.failures, row.wait_until = 0, None
    token = secrets.token_urlsafe(32)
    session.add(LoginRow(token_hash=mark_of(token), account=row.id, begun=now, seen=now,
                         address=where.address[:45], agent=where.agent[:200]))  # fmt: skip
    audit.note(session, now, row.person, "account.login", row.id, {"agent": where.agent[:200]} if where.agent else {})
    return token


def show_factor(session: Session, proof: Proof, code: str, key: SealKey, now: datetime) -> Proof:
    """Hold a code against the second factor of whoever showed the password of `proof`; a wrong one is counted.

    NotSignedIn when too many attempts were made, and when the password was changed meanwhile.
    """
    row = session.get(AccountRow, proof.account, with_for_update=True) if proof.account else None
    if row is None or row.closed is not None or mark_of(row.password) != proof.mark:
        raise NotSignedIn(say("登录已过期"), remedy=say("请重新输入登录名和密码"))
    if row.wait_until is not None and now < row.wait_until:
        raise _wait(row.wait_until - now)
    fits = second_factor.fits(session, row, code, key, now)
    return replace(proof, fits=fits, shown=fits)


def missed(session: Session, proof: Proof, now: datetime) -> None:
    """Count a password that did not fit where somebody already signed in was asked for it again."""
    if proof.account is not None and not proof.fits:
        missed_again(session, proof.account, now)


def missed_again(session: Session, account: str, now: datetime) -> None:
    """Count a password or a code of somebody already signed in that did not fit."""
    _count_failure(session, session.get_one(AccountRow, account, with_for_update=True), now)


def need_no_wait(session: Session, account: str, now: datetime) -> None:
    """NotSignedIn while the account waits after too many attempts, here or at the login."""
    row = session.get_one(AccountRow, account, with_for_update=True)
    if row.wait_until is not None and now < row.wait_until:
        raise _wait(row.wait_until - now)


def refusal() -> NotSignedIn:
    """What is said to whoever did not get in: never whether it was the name or the password."""
    return NotSignedIn(say("登录名或密码不对"), remedy=say("请重试；忘记密码请联系管理员"))


def find_login(session: Session, token: str, now: datetime, today: datetime) -> Login | None:
    """The login of this token, if it has not ended. `today`: now in the hall's zone, for roles."""
    found = session.execute(
        select(LoginRow, AccountRow, PersonRow.name, PersonRow.unit, HallRow.second_factor, HallRow.setup, RoleRow)
        .join(AccountRow, AccountRow.id == LoginRow.account)
        .join(PersonRow, PersonRow.id == AccountRow.person)
        .join(HallRow, true())
        .outerjoin(RoleRow, RoleRow.person == PersonRow.id)
        .where(LoginRow.token_hash == mark_of(token))
    ).all()
    if not found:
        return None
    login, account, name, unit, asked, setup, _ = found[0]
    if login.ended or account.closed or now - login.seen > IDLE or now - login.begun > LONGEST:
        return None
    roles = frozenset(_held_on((row for *_, row in found if row is not None), today))
    if not roles:  # they left the hall, or every role of theirs is over
        return None
    admin = "admin" in roles
    due = asked and admin and account.factor_since is None
    return Login(
        token, account.id, account.name, account.person, name, roles, account.must_change, login.seen, unit, due,
        setting_up=admin and bool(setup),
    )  # fmt: skip


def due_to_be_seen(login: Login, now: datetime) -> bool:
    """Whether the last use that is remembered of this login is old enough to be written anew."""
    return now - login.seen > SEEN_STEP


def see(session: Session, token: str, now: datetime) -> None:
    """Remember that the login was used."""
    session.execute(update(LoginRow).where(LoginRow.token_hash == mark_of(token)).values(seen=now))


def sign_out(session: Session, login: Login, now: datetime) -> None:
    """End a login."""
    found = LoginRow.token_hash == mark_of(login.token)
    session.execute(update(LoginRow).where(found, LoginRow.ended.is_(None)).values(ended=now))
    audit.note(session, now, login.person, "account.logout", login.account)


def end_all(session: Session, account: str, now: datetime, but: str = "") -> None:
    """End every login of an account, except the one whose token is `but`."""
    session.execute(
        update(LoginRow)
        .where(LoginRow.account == account, LoginRow.ended.is_(None), LoginRow.token_hash != mark_of(but))
        .values(ended=now)
    )


def change_password(session: Session, login: Login, old: str, new: str, now: datetime) -> None:
    """The owner sets a password of their own; their other browsers are out. BadInput says what is wrong with it.

    WrongSecret for a wrong present password, which the caller counts.
    """
    row = session.get_one(AccountRow, login.account)
    if not _fits(row, old[:LONGEST_PASSWORD]):
        raise WrongSecret(say("现在的密码不对"), remedy=say("请重新填写"))
    check_password(new, row.name)
    if new == old:
        raise BadInput(say("新密码与现在的一样"), remedy=say("请换一个"))
    row.password, row.must_change, row.failures = HASHER.hash(new), False, 0
    end_all(session, row.id, now, but=login.token)
    audit.note(session, now, login.person, "account.password", row.id)


def roles_on(session: Session, person: str, today: datetime) -> Sequence[str]:
    """The person's roles in force on the hall's day of `today`."""
    return _held_on(session.execute(select(RoleRow).where(RoleRow.person == person)).scalars(), today)


def _held_on(rows: Iterable[RoleRow], today: datetime) -> list[str]:
    day = today.date()
    return [row.role for row in rows if (row.since or day) <= day <= (row.until or day)]


def need(session: Session, account: str) -> AccountRow:
    """The account of this id, locked; NotFound for none."""
    row = session.get(AccountRow, account, with_for_update=True) if is_id(account) else None
    if row is None:
        raise NotFound(say("没有这个账号"), remedy=say("请从账号页面重新进入"))
    return row


def listed(session: Session) -> Sequence[tuple[AccountRow, str]]:
    """Every account with its person's name."""
    return [(row, person.name) for row, person in owned(session)]


def owned(session: Session) -> Sequence[tuple[AccountRow, PersonRow]]:
    """Every account with its person, by name."""
    query = select(AccountRow, PersonRow).join(PersonRow, PersonRow.id == AccountRow.person)
    return [(row, person) for row, person in session.execute(query.order_by(AccountRow.name))]


def names_of(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Id → login name of these accounts."""
    rows = session.execute(select(AccountRow.id, AccountRow.name).where(AccountRow.id.in_(list(ids))))
    return {row.id: row.name for row in rows}


def last_seen(session: Session) -> dict[str, datetime]:
    """Account → when it was used last."""
    query = select(LoginRow.account, func.max(LoginRow.seen)).group_by(LoginRow.account)
    return {account: seen for account, seen in session.execute(query)}  # noqa: C416


def _fits(row: AccountRow | None, password: str) -> bool:
    """Whether the password is the account's; an unknown name takes as long as a known one."""
    try:
        return HASHER.verify(row.password if row else _NOBODY, password) and row is not None
    except (VerificationError, InvalidHashError):
        return False


def _count_failure(session: Session, row: AccountRow, now: datetime) -> None:
    """Only the beginning of a wait is told in the audit: who mistypes once need not be."""
    row.failures += 1
    beyond = row.failures - FREE_FAILURES
    if beyond < 0:
        return
    row.wait_until = now + min(timedelta(seconds=30) * 2 ** min(beyond, 10), LONGEST_WAIT)
    audit.note(session, now, None, "account.locked", row.id, {"name": row.name, "failures": row.failures})


def _wait(remaining: timedelta) -> NotSignedIn:
    seconds = max(1, -(-remaining // timedelta(seconds=1)))
    return NotSignedIn(say("密码错误次数过多"), remedy=say("请在 {seconds} 秒后再试", seconds=seconds))


def _by_name(session: Session, name: str) -> AccountRow | None:
    plain = name.strip().lower()
    if not plain.isprintable():
        return None
    return session.execute(select(AccountRow).where(AccountRow.name == plain)).scalar_one_or_none()


def mark_of(secret: str) -> str:
    """What is kept or compared in place of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
