"""The second factor: six digits that the owner's telephone works out (RFC 6238), and codes for when it is lost.

The secret is sealed with the hub's own key; a code counts once. Whoever lost telephone and codes is helped at the
hub's console, never by a page.
"""

import hashlib
import secrets
from datetime import datetime

import pyotp
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from config.words import say
from station.sealed import BadSeal, SealKey, seal
from web.ledger.accounts import AccountRow, RecoveryCodeRow
from web.ledger.hall import HallRow
from web.services import audit
from web.services.errors import BadInput, NotFound, WrongSecret

STEP_S = 30
DRIFT = 1  # steps that a telephone's clock may be off
CODES = 8
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
_CONTEXT = b"zaigang second factor "


def prepare(session: Session, account: str, key: SealKey, now: datetime, by: str) -> str:
    """A new secret for an account, in base32, that counts once a code of it was shown. BadInput when one counts."""
    row = session.get_one(AccountRow, account, with_for_update=True)
    if row.factor_since is not None:
        raise BadInput(say("已经启用动态验证码"), remedy=say("要换手机，请先停用再启用"))
    secret = pyotp.random_base32()
    row.factor, row.factor_step = seal(key.public, secret.encode(), _CONTEXT + account.encode()).hex(), 0
    audit.note(session, now, by, "factor.prepare", account, {"name": row.name})
    return secret


def prepared(row: AccountRow, key: SealKey) -> str:
    """The secret that waits for its first code; empty without one."""
    return "" if row.factor is None or row.factor_since is not None else _secret(row, key)


def begin(session: Session, account: str, code: str, key: SealKey, now: datetime, by: str) -> list[str]:
    """The owner's telephone shows the right code: from now on it is asked for. The recovery codes, shown this once."""
    row = session.get_one(AccountRow, account, with_for_update=True)
    if row.factor is None or row.factor_since is not None or not _counts(row, code, key, now):
        raise WrongSecret(say("验证码不对"), remedy=say("请核对手机时间是否准确，输入新的 6 位数字"))
    row.factor_since = now
    audit.note(session, now, by, "factor.begin", account, {"name": row.name})
    return _new_codes(session, account)


def renew_codes(session: Session, account: str, code: str, key: SealKey, now: datetime, by: str) -> list[str]:
    """New recovery codes in place of all earlier ones. WrongSecret for a wrong code."""
    row = session.get_one(AccountRow, account, with_for_update=True)
    if not fits(session, row, code, key, now):
        raise WrongSecret(say("验证码不对"), remedy=say("请输入新的 6 位数字"))
    audit.note(session, now, by, "factor.codes", account, {"name": row.name})
    return _new_codes(session, account)


def end(session: Session, account: str, code: str, key: SealKey, now: datetime, by: str) -> None:
    """The owner no longer wants it. WrongSecret for a wrong code, or where the hall asks for it."""
    row = session.get_one(AccountRow, account, with_for_update=True)
    if not fits(session, row, code, key, now):
        raise WrongSecret(say("验证码不对"), remedy=say("请输入新的 6 位数字"))
    _forget(session, row, now, by, "factor.end")


def rescue(session: Session, name: str, now: datetime) -> None:
    """Forget the second factor of whoever lost it: at the console only. NotFound for none."""
    row = session.execute(select(AccountRow).where(AccountRow.name == name.strip().lower())).scalar_one_or_none()
    if row is None or row.factor is None:
        raise NotFound(say("{name} 没有启用动态验证码", name=name), remedy=say("用 zaigang hub user list 查看"))
    _forget(session, row, now, None, "factor.rescue")


def fits(session: Session, row: AccountRow, code: str, key: SealKey, now: datetime) -> bool:
    """Whether the code is the telephone's or one of the recovery codes; either counts once only."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    if len(plain) == 6 and plain.isascii() and plain.isdigit():
        return row.factor_since is not None and _counts(row, plain, key, now)
    used = session.execute(
        update(RecoveryCodeRow)
        .where(RecoveryCodeRow.account == row.id, RecoveryCodeRow.hash == _hash(row.id, plain))
        .where(RecoveryCodeRow.used.is_(None))
        .values(used=now)
        .returning(RecoveryCodeRow.hash)
    ).first()
    return used is not None


def codes_left(session: Session, account: str) -> int:
    """How many recovery codes were not used yet."""
    query = select(func.count()).where(RecoveryCodeRow.account == account, RecoveryCodeRow.used.is_(None))
    return session.execute(query).scalar_one()


def address(secret: str, name: str, hall: str) -> str:
    """The `otpauth:` address that a telephone reads from the QR code."""
    return pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=name, issuer_name=hall)


def required(session: Session) -> bool:
    """Whether the hall asks its administrators for it."""
    return session.execute(select(HallRow.second_factor)).scalar_one()


def require(session: Session, wanted: bool, now: datetime, by: str) -> None:
    """Ask, or no longer ask, every administrator for it."""
    hall = session.execute(select(HallRow).with_for_update()).scalar_one()
    if hall.second_factor != wanted:
        audit.note(session, now, by, "factor.rule", "", {"required": [hall.second_factor, wanted]})
        hall.second_factor = wanted


def _counts(row: AccountRow, code: str, key: SealKey, now: datetime) -> bool:
    """Whether the code is that of this moment and newer than the last one that counted."""
    totp, present = pyotp.TOTP(_secret(row, key), interval=STEP_S), int(now.timestamp()) // STEP_S
    for step in range(present - DRIFT, present + DRIFT + 1):
        if step > (row.factor_step or 0) and secrets.compare_digest(totp.at(step * STEP_S), code.strip()):
            row.factor_step = step
            return True
    return False


def _secret(row: AccountRow, key: SealKey) -> str:
    try:
        return key.open(bytes.fromhex(row.factor or ""), _CONTEXT + row.id.encode()).decode("ascii")
    except (BadSeal, ValueError) as error:
        raise BadInput(
            say("动态验证码的密钥打不开"),
            remedy=say("请在中枢控制台运行 zaigang hub user forget-factor {name}", name=row.name),
        ) from error


def _forget(session: Session, row: AccountRow, now: datetime, by: str | None, act: str) -> None:
    row.factor, row.factor_since, row.factor_step = None, None, None
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account == row.id))
    audit.note(session, now, by, act, row.id, {"name": row.name})


def _new_codes(session: Session, account: str) -> list[str]:
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account == account))
    made = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(CODES)]
    session.add_all(RecoveryCodeRow(account=account, hash=_hash(account, code)) for code in made)
    session.flush()
    return [f"{code[:5]}-{code[5:]}" for code in made]


def _hash(account: str, plain: str) -> str:
    """50 random bits need no slow hash; the account keeps equal codes apart."""
    return hashlib.sha256(f"{account} {plain}".encode()).hexdigest()
