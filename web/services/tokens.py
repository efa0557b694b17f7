"""Tokens by which other systems read from the hub: made by an administrator, shown once, kept as a hash."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.words import say
from web.ledger.tokens import ApiTokenRow
from web.services import audit
from web.services.errors import BadInput, BadToken, NotFound
from web.services.ids import is_id

PREFIX = "zg_"  # so that a token is recognised where it should not lie
DAYS = (30, 90, 180, 365)
LONGEST_NAME = 60
SEEN_STEP = timedelta(minutes=1)  # a token's last use is remembered to the minute


def make(session: Session, name: str, days: int, now: datetime, by: str) -> str:
    """A new token that reads, for so many days; only its hash is kept. BadInput says what is wrong."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise BadInput(say("用途不能为空，不超过 {n} 个字", n=LONGEST_NAME), remedy=say("请写明给哪个系统用"))
    if days not in DAYS:
        raise BadInput(say("没有选有效期"), remedy=say("请选择有效期"))
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiTokenRow(
        id=str(uuid7()), name=name, hash=_hash(token), scope="read", made=now, by=by, until=now + timedelta(days=days)
    )
    session.add(row)
    session.flush()
    audit.note(session, now, by, "token.make", row.id, {"name": name, "days": days, "scope": row.scope})
    return token


def prove(session: Session, token: str, now: datetime) -> ApiTokenRow:
    """The row of a token that is good now. BadToken for one that is missing, unknown, over or revoked."""
    row = session.execute(select(ApiTokenRow).where(ApiTokenRow.hash == _hash(token))).scalar_one_or_none()
    if row is None:
        raise BadToken(say("没有令牌，或令牌不对"), remedy=say("请在请求头 Authorization 里写 Bearer 和令牌"))
    if row.revoked is not None:
        raise BadToken(say("令牌已被撤销"), remedy=say("请系统管理员另发一个"))
    if now >= row.until:
        raise BadToken(say("令牌已过期"), remedy=say("请系统管理员另发一个"))
    return row


def due_to_be_seen(row: ApiTokenRow, now: datetime) -> bool:
    """Whether the last use that is remembered is old enough to be written anew."""
    return row.last_used is None or now - row.last_used > SEEN_STEP


def see(session: Session, token: str, now: datetime) -> None:
    """Remember that the token of this id was used."""
    session.execute(update(ApiTokenRow).where(ApiTokenRow.id == token).values(last_used=now))


def revoke(session: Session, token: str, now: datetime, by: str) -> None:
    """The token of this id opens nothing any longer. NotFound for none, or one that was revoked."""
    row = session.get(ApiTokenRow, token, with_for_update=True) if is_id(token) else None
    if row is None or row.revoked is not None:
        raise NotFound(say("没有这个令牌，或已撤销"), remedy=say("请从令牌页面重新进入"))
    row.revoked = now
    audit.note(session, now, by, "token.revoke", token, {"name": row.name})


def listed(session: Session) -> Sequence[ApiTokenRow]:
    """Every token ever made, the newest first."""
    return session.execute(select(ApiTokenRow).order_by(ApiTokenRow.id.desc())).scalars().all()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
