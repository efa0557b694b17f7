"""Phones let into a round by a kiosk's one-use code: no login, that round alone, until the day is over."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.words import say
from station.keys import verified
from station.round_token import LIFE, RoundToken, read
from web.ledger.patrol import PatrolPassRow
from web.ledger.stations import StationRow
from web.services import audit
from web.services.errors import NotSignedIn
from web.services.patrol_rows import as_json
from web.services.rounds import read_list

LONGEST = timedelta(hours=12)  # as a login


@dataclass(frozen=True, slots=True)
class Pass:
    """A phone's right to one round; `officers`: whom the station identified, the first one's hand holds the phone."""

    round: str
    officers: tuple[str, ...]


def look_at(session: Session, code: str, now: datetime) -> RoundToken:
    """What a code says, if a confirmed station of this hub signed it, lately, and nobody used it. Else NotSignedIn."""
    try:
        told, message, signature = read(code)
    except ValueError as error:
        raise _refused(say("这不是巡查入口的二维码")) from error
    row = session.get(StationRow, told.station)
    if row is None or row.state != "confirmed" or not verified(row.public_key, signature, message):
        raise _refused(say("这个二维码不是本厅考勤站签发的"))
    if abs(now - told.made()) > LIFE:
        raise _refused(say("这个二维码已过期"))
    if session.get(PatrolPassRow, told.nonce) is not None:
        raise _refused(say("这个二维码已用过一次"))
    if not told.officers:
        raise _refused(say("这个二维码里没有巡查人员"))
    return told


def enter(session: Session, told: RoundToken, now: datetime) -> str:
    """Use the code up; the pass that the phone keeps from now on. NotSignedIn when another was quicker."""
    if session.get(PatrolPassRow, told.nonce, with_for_update=True) is not None:
        raise _refused(say("这个二维码已用过一次"))
    made = secrets.token_urlsafe(32)
    officers = [person for person, _ in told.officers]
    session.add(
        PatrolPassRow(
            nonce=told.nonce, hash=_hash(made), round=told.round, officers=as_json(officers), station=told.station,
            made=now, until=now + LONGEST,
        )
    )  # fmt: skip
    session.flush()
    audit.note(session, now, officers[0], "patrol.enter", told.round, {"station": told.station})
    return made


def find(session: Session, made: str, now: datetime) -> Pass | None:
    """The pass in a phone's cookie, while it lasts."""
    row = session.execute(select(PatrolPassRow).where(PatrolPassRow.hash == _hash(made))).scalar_one_or_none()
    return Pass(row.round, tuple(read_list(row.officers))) if row is not None and now < row.until else None


def _refused(what: str) -> NotSignedIn:
    return NotSignedIn(what, remedy=say("请在打卡屏上重新生成，或用账号登录"))


def _hash(made: str) -> str:
    return hashlib.sha256(made.encode()).hexdigest()
