"""Accounts: passwords, one-time passwords, signed-in browsers. An account is tied to a person."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.words import say
from web.ledger.accounts import AccountRow, LoginRow
from web.ledger.people import PersonRow, RoleRow
from web.services import audit
from web.services.errors import BadInput, NotFound, NotSignedIn
from web.services.scopes import Scope, scope_of

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 200
FREE_FAILURES = 5  # after these, each further one doubles the wait
LONGEST_WAIT = timedelta(minutes=15)
SEEN_STEP = timedelta(minutes=1)  # a login's last use is remembered to the minute
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
_NOBODY = HASHER.hash(secrets.token_hex())  # what a password for an unknown name is held against
COMMON = frozenset(
    (
        "12345678", "123456789", "1234567890", "87654321", "password", "password1", "passw0rd", "qwertyui",
        "qwertyuiop", "1qaz2wsx", "abcd1234", "aa123456", "a1234567", "a12345678", "abc12345", "admin123", "admin888",
        "iloveyou", "12344321", "11223344", "13145200", "5201314520", "woaini520", "woaini1314", "147258369",
        "123123123", "123321123", "zaigang1", "zaigang123",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Login:
    """A signed-in browser: whose account, which person, with which roles in force today."""

    token: str
    account: str
    account_name: str
    person: str
    name: str
    roles: frozenset[str]
    must_change: bool
    seen: datetime
    unit: str = ""

    @property
    def scope(self) -> Scope:
        """Whose people they may look into."""
        return scope_of(self.person, self.unit, self.roles)


def create(session: Session, person: str, name: str, now: datetime, by: str | None = None) -> str:
    """An account for a person; answers its one-time password, which must be changed at the first login."""
    name = name.strip().lower()
    if not 2 <= len(name) <= 40 or any(letter.isspace() for letter in name):
        raise BadInput(say("登录名须为 2 到 40 个字符，不含空格"))
    taken = select(AccountRow.id).where((AccountRow.name == name) | (AccountRow.person == person))
    if session.execute(taken).first():
        raise BadInput(say("登录名 {name} 已被使用，或此人已有账号", name=name))
    password = one_time_password()
    row = AccountRow(
        id=str(uuid7()),
        person=person,
        name=name,
        password=HASHER.hash(password),
        must_change=True,
        failures=0,
        made=now,
    )
    session.add(row)
    session.flush()
    audit.note(session, now, by, "account.create", row.id, {"name": name, "person": person})
    return password


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
    """What came of holding a password against an account. `account` None: no such name."""

    account: str | None
    fits: bool


def prove(session: Session, name: str, password: str, now: datetime) -> Proof:
    """Hold a password against an account's. Reads only, so that its 50 ms of work keep nobody from writing.

    NotSignedIn when too many attempts were made and the account still waits.
    """
    row = _by_name(session, name)
    if row is not None and row.wait_until is not None and now < row.wait_until:
        raise _wait(row.wait_until - now)
    fits = _fits(row, password[:LONGEST_PASSWORD])
    return Proof(row.id if row else None, fits and row is not None and row.closed is None)


def sign_in(session: Session, proof: Proof, now: datetime) -> str | None:
    """The token of a new login; None, with the failure counted, when the password did not fit."""
    if proof.account is None:
        return None
    row = session.get_one(AccountRow, proof.account, with_for_update=True)
    if not proof.fits:
        _count_failure(row, now)
        return None
    row.failures, row.wait_until = 0, None
    token = secrets.token_urlsafe(32)
    session.add(LoginRow(token_hash=_hash(token), account=row.id, begun=now, seen=now))
    audit.note(session, now, row.person, "account.login", row.id)
    return token


def missed(session: Session, proof: Proof, now: datetime) -> None:
    """Count a password that did not fit where somebody already signed in was asked for it again."""
    if proof.account is not None and not proof.fits:
        _count_failure(session.get_one(AccountRow, proof.account, with_for_update=True), now)


def refusal() -> NotSignedIn:
    """What is said to whoever did not get in: never whether it was the name or the password."""
    return NotSignedIn(say("登录名或密码不对"), remedy=say("请重试；忘记密码请联系管理员"))


def find_login(session: Session, token: str, now: datetime, today: datetime) -> Login | None:
    """The login of this token, if it has not ended. `today`: now in the hall's zone, for roles."""
    found = session.execute(
        select(LoginRow, AccountRow, PersonRow.name, PersonRow.unit, RoleRow)
        .join(AccountRow, AccountRow.id == LoginRow.account)
        .join(PersonRow, PersonRow.id == AccountRow.person)
        .outerjoin(RoleRow, RoleRow.person == PersonRow.id)
        .where(LoginRow.token_hash == _hash(token))
    ).all()
    if not found:
        return None
    login, account, name, unit, _ = found[0]
    if login.ended or account.closed or now - login.seen > IDLE or now - login.begun > LONGEST:
        return None
    roles = frozenset(_held_on((row for *_, row in found if row is not None), today))
    return Login(token, account.id, account.name, account.person, name, roles, account.must_change, login.seen, unit)


def due_to_be_seen(login: Login, now: datetime) -> bool:
    """Whether the last use that is remembered of this login is old enough to be written anew."""
    return now - login.seen > SEEN_STEP


def see(session: Session, token: str, now: datetime) -> None:
    """Remember that the login was used."""
    session.execute(update(LoginRow).where(LoginRow.token_hash == _hash(token)).values(seen=now))


def sign_out(session: Session, login: Login, now: datetime) -> None:
    """End a login."""
    found = LoginRow.token_hash == _hash(login.token)
    session.execute(update(LoginRow).where(found, LoginRow.ended.is_(None)).values(ended=now))
    audit.note(session, now, login.person, "account.logout", login.account)


def end_all(session: Session, account: str, now: datetime, but: str = "") -> None:
    """End every login of an account, except the one whose token is `but`."""
    session.execute(
        update(LoginRow)
        .where(LoginRow.account == account, LoginRow.ended.is_(None), LoginRow.token_hash != _hash(but))
        .values(ended=now)
    )


def change_password(session: Session, login: Login, old: str, new: str, now: datetime) -> None:
    """The owner sets a password of their own; their other browsers are out. BadInput says what is wrong with it."""
    row = session.get_one(AccountRow, login.account)
    if not _fits(row, old[:LONGEST_PASSWORD]):
        raise BadInput(say("现在的密码不对"), remedy=say("请重新填写"))
    check_password(new, row.name)
    if new == old:
        raise BadInput(say("新密码与现在的一样"), remedy=say("请换一个"))
    row.password, row.must_change = HASHER.hash(new), False
    end_all(session, row.id, now, but=login.token)
    audit.note(session, now, login.person, "account.password", row.id)


def check_password(password: str, name: str) -> None:
    """BadInput unless the password is long enough and not one that everybody tries first."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadInput(say("密码至少 {least} 个字符", least=SHORTEST_PASSWORD), remedy=say("请换一个"))
    plain = password.lower()
    if plain in COMMON or name in plain or len(set(plain)) < 4:
        raise BadInput(say("这个密码太容易猜到"), remedy=say("请换一个"))


def roles_on(session: Session, person: str, today: datetime) -> Sequence[str]:
    """The person's roles in force on the hall's day of `today`."""
    return _held_on(session.execute(select(RoleRow).where(RoleRow.person == person)).scalars(), today)


def _held_on(rows: Iterable[RoleRow], today: datetime) -> list[str]:
    day = today.date()
    return [row.role for row in rows if (row.since or day) <= day <= (row.until or day)]


def listed(session: Session) -> Sequence[tuple[AccountRow, str]]:
    """Every account with its person's name."""
    found = session.execute(
        select(AccountRow, PersonRow.name).join(PersonRow, PersonRow.id == AccountRow.person).order_by(AccountRow.name)
    )
    return [(row, name) for row, name in found]


def one_time_password() -> str:
    """Twelve letters and digits that cannot be mistaken for one another (58 bits)."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def _fits(row: AccountRow | None, password: str) -> bool:
    """Whether the password is the account's; an unknown name takes as long as a known one."""
    try:
        return HASHER.verify(row.password if row else _NOBODY, password) and row is not None
    except (VerificationError, InvalidHashError):
        return False


def _count_failure(row: AccountRow, now: datetime) -> None:
    row.failures += 1
    beyond = row.failures - FREE_FAILURES
    if beyond >= 0:
        row.wait_until = now + min(timedelta(seconds=30) * 2 ** min(beyond, 10), LONGEST_WAIT)


def _wait(remaining: timedelta) -> NotSignedIn:
    seconds = max(1, -(-remaining // timedelta(seconds=1)))
    return NotSignedIn(say("密码错误次数过多"), remedy=say("请在 {seconds} 秒后再试", seconds=seconds))


def _by_name(session: Session, name: str) -> AccountRow | None:
    plain = name.strip().lower()
    if not plain.isprintable():
        return None
    return session.execute(select(AccountRow).where(AccountRow.name == plain)).scalar_one_or_none()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
