"""Stations: joining by a one-time code, confirming by words, revoking; and the requests that they sign."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.words import say
from station.facts import Json
from station.keys import verified
from station.wire import Signed
from web.ledger.facts import StationEventRow
from web.ledger.stations import JoinCodeRow, OldKeyRow, StationRow
from web.services import audit, codes
from web.services.errors import BadInput, BadSignature, NotConfirmed, NotFound, Revoked, UnknownStation
from web.services.ids import is_id

ONLINE_WITHIN = timedelta(minutes=1)
READER = '"device": "reader"'  # as the projection writes it
CODE_LIFE = timedelta(minutes=30)
LONGEST_NAME = 100


def make_code(session: Session, now: datetime, by: str | None = None, station: str | None = None) -> str:
    """A code by which one station may join within 30 minutes; only its hash is kept.

    `station`: the one that joins anew by it, with a new key, as the same station. NotFound when there is none.
    """
    code = codes.new_code()
    of = row_of(session, station).id if station else None
    session.add(JoinCodeRow(hash=codes.mark_of(code), until=now + CODE_LIFE, used=None, station=of))
    audit.note(session, now, by, "station.code", of or "")
    return code


def join(
    session: Session, code: str, public_key: str, name: str, now: datetime, seal_key: str | None = None
) -> StationRow:
    """List a station that shows a valid code, waiting for its words to be compared.

    The same key with the same code once more (an answer was lost) gives the same station; a station that was revoked
    waits again. BadInput says what is wrong.
    """
    name = name.strip()
    if not is_key(public_key) or not (seal_key is None or is_key(seal_key)) or not 0 < len(name) <= LONGEST_NAME:
        raise BadInput(say("接入请求的公钥或名称不合要求"), remedy=say("请检查考勤站的名称后再试"))
    known = session.execute(select(StationRow).where(StationRow.public_key == public_key)).scalar_one_or_none()
    row = session.get(JoinCodeRow, codes.mark_of(code), with_for_update=True)
    if row is None or row.until < now or (row.used is not None and known is None):
        raise BadInput(say("接入码无效或已过期"), remedy=say("请在中枢重新生成接入码（30 分钟内有效）"))
    if known is None or row.used is None:
        known = _taken_in(session, row.station, known, public_key, name, now)
    row.used = row.used or now
    if seal_key and seal_key != known.seal_key:
        _take_seal_key(session, known, seal_key, now)
    return known


def confirm(session: Session, station: str, by: str | None, now: datetime) -> None:
    """An administrator compared the words on both screens: from now on the station's facts are taken."""
    row = row_of(session, station)
    if row.state == "revoked":
        raise BadInput(say("考勤站 {name} 已停用", name=row.name), remedy=say("请让它重新接入"))
    row.state, row.confirmed = "confirmed", row.confirmed or now
    audit.note(session, now, by, "station.confirm", station, {"name": row.name, "key": row.public_key})


def revoke(session: Session, station: str, by: str | None, now: datetime) -> None:
    """The station is out: nothing that it signs is taken any longer; what it sent stays.

    One that was never confirmed is turned away.
    """
    row = row_of(session, station)
    row.state, row.revoked, row.key_asked = "revoked", now, None
    act = "station.revoke" if row.confirmed else "station.turn_away"
    audit.note(session, now, by, act, station, {"name": row.name, "key": row.public_key})


def rename(session: Session, station: str, name: str, location: str, by: str, now: datetime) -> None:
    """Another name or place for a station, as the hub's pages show it. BadInput for an empty or a long one."""
    row, name, location = row_of(session, station), name.strip(), location.strip()
    if not 0 < len(name) <= LONGEST_NAME or len(location) > LONGEST_NAME:
        raise BadInput(say("名称不能为空，名称和位置各不超过 {n} 个字", n=LONGEST_NAME), remedy=say("请改正后再保存"))
    if (name, location) == (row.name, row.location):
        return
    detail: Json = {"name": [row.name, name], "location": [row.location, location]}
    row.name, row.location = name, location
    audit.note(session, now, by, "station.rename", station, detail)


def admit(session: Session, station: str, signed: Signed, signature: str) -> StationRow:
    """The station that signed this request. UnknownStation, BadSignature or NotConfirmed say why not.

    The signature is looked at before the state, so only the key's owner learns how the station stands.
    """
    row = session.get(StationRow, station) if is_id(station) else None
    if row is None:
        raise UnknownStation(say("中枢没有登记这个考勤站"), remedy=say("请让考勤站重新接入"))
    if signed.station != station or not verified(row.public_key, signature, signed.message()):
        raise BadSignature(say("请求的签名与考勤站 {name} 的密钥不符", name=row.name), remedy=say("请核对后重新接入"))
    if row.state == "waiting":
        raise NotConfirmed(
            say("考勤站 {name} 等待管理员核对确认", name=row.name), remedy=say("请在中枢的考勤站页面确认")
        )
    if row.state != "confirmed":
        raise _out(row)
    return row


class Said(TypedDict, total=False):
    """What a station says of itself: not signed, shown and believed for nothing else. `…_checked`: instants."""

    backlog: int
    drift_ms: int
    disk_percent: int
    version: str
    papers_checked: datetime
    pins_checked: datetime


def saw(session: Session, station: str, now: datetime, said: Said) -> None:
    """Remember the contact, and what the station says of itself where it says so."""
    table = StationRow.__table__
    assert isinstance(table, Table)
    session.connection().execute(update(table).where(table.c.id == station).values(last_contact=now, **said))


def listed(session: Session) -> Sequence[StationRow]:
    """Every station that is waiting or confirmed, waiting ones first."""
    shown = StationRow.state.in_(("waiting", "confirmed"))
    rows = session.execute(select(StationRow).where(shown).order_by(StationRow.name)).scalars()
    return sorted(rows, key=lambda row: row.state != "waiting")


def get(session: Session, station: str) -> StationRow:
    """The station of this id, whatever its state; NotFound for none."""
    row = session.get(StationRow, station) if is_id(station) else None
    return row if row is not None and row.state != "own" else row_of(session, station)


def everyone(session: Session) -> Sequence[StationRow]:
    """Every station that ever joined, by name, whatever its state."""
    joined = StationRow.state != "own"
    return session.execute(select(StationRow).where(joined).order_by(StationRow.name)).scalars().all()


@dataclass(frozen=True, slots=True)
class Health:
    """How a station is. `silent`: since its last contact, None before the first; `reader`: as it said last itself."""

    row: StationRow
    silent: timedelta | None
    reader: str  # ready, gone, fault; empty: it never said

    @property
    def online(self) -> bool:
        """Whether it was heard within four heartbeats."""
        return self.silent is not None and self.silent <= ONLINE_WITHIN


def health(session: Session, now: datetime) -> list[Health]:
    """How every station is that ever joined, by name, whatever its state. One statement."""
    event = StationEventRow
    said = (
        select(event.body)
        .where(event.station == StationRow.id, event.kind == "device", event.body.contains(READER))
        .order_by(event.at.desc(), event.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    found = session.execute(select(StationRow, said).where(StationRow.state != "own").order_by(StationRow.name))
    readers = [(row, str(json.loads(body)["state"]) if body else "") for row, body in found]
    return [Health(row, now - row.last_contact if row.last_contact else None, reader) for row, reader in readers]


def _taken_in(
    session: Session, anew: str | None, known: StationRow | None, public_key: str, name: str, now: datetime
) -> StationRow:
    """The station that joins by a fresh code: a new one, the one that the code is for, or one that was here before."""
    if known is None or known.state == "own" or anew not in (None, known.id):
        check_unused(session, public_key)
    if anew is not None:
        return _join_anew(session, row_of(session, anew), public_key, now)
    if known is None:
        known = StationRow(id=str(uuid7()), name=name, public_key=public_key, state="waiting", joined=now, location="")
        session.add(known)
        session.flush()
    if known.state == "revoked":
        known.state = "waiting"
    audit.note(session, now, None, "station.join", known.id, {"name": name, "key": public_key})
    return known


def _join_anew(session: Session, station: StationRow, public_key: str, now: datetime) -> StationRow:
    """The same station with another key, to be compared like a new one; nothing is taken from it until then."""
    detail: Json = {"name": station.name, "was": station.public_key, "key": public_key}
    if public_key != station.public_key:
        retire(session, station, now)
        station.public_key = public_key
    station.state, station.key_asked = "waiting", None
    audit.note(session, now, None, "station.rejoin", station.id, detail)
    return station


def retire(session: Session, station: StationRow, now: datetime) -> None:
    """The station's key is about to be another one: remember the old."""
    session.add(OldKeyRow(public_key=station.public_key, station=station.id, until=now))
    session.flush()


def check_unused(session: Session, public_key: str) -> None:
    """BadInput for a key that is another station's, or was a station's before and was changed for another."""
    if session.get(OldKeyRow, public_key) is not None:
        raise BadInput(say("这把密钥已经换掉，不能再用"), remedy=say("请在考勤站上换新密钥后再接入"))
    if session.execute(select(StationRow.id).where(StationRow.public_key == public_key)).first():
        raise BadInput(say("这把密钥属于另一个考勤站"), remedy=say("请在考勤站上换新密钥后再接入"))


def _out(row: StationRow) -> Revoked:
    remedy = say("请联系管理员")
    if row.confirmed:
        return Revoked(say("考勤站 {name} 已停用", name=row.name), standing="revoked", remedy=remedy)
    return Revoked(say("中枢没有接受考勤站 {name}", name=row.name), standing="turned_away", remedy=remedy)


def _take_seal_key(session: Session, station: StationRow, seal_key: str, now: datetime) -> None:
    """The key that PINs are sealed for. Another one than before is compared by a person again, like a new station."""
    if station.seal_key is not None:
        station.state = "waiting" if station.state == "confirmed" else station.state
        audit.note(session, now, None, "station.seal", station.id, {"name": station.name, "seal_key": seal_key})
    station.seal_key = seal_key


def row_of(session: Session, station: str) -> StationRow:
    """The station of this id, its row locked; NotFound for none, and for the hub's own row."""
    row = session.get(StationRow, station, with_for_update=True) if is_id(station) else None
    if row is None or row.state == "own":
        raise NotFound(say("没有这个考勤站"), remedy=say("请从考勤站页面重新进入"))
    return row


def is_key(text: str) -> bool:
    """Whether this is 32 bytes as stations write keys."""
    try:
        return len(bytes.fromhex(text)) == 32 and len(text) == 64 and text == text.lower()
    except ValueError:
        return False
