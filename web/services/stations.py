"""Stations: joining by a one-time code, confirming by words, revoking; and the requests that they sign."""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Table, func, select, update
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.words import say
from station.keys import verified
from station.wire import Signed
from web.ledger.facts import StationEventRow
from web.ledger.stations import JoinCodeRow, LineageRow, StationRow
from web.services import alarms, audit
from web.services.errors import BadInput, BadSignature, NotConfirmed, NotFound, UnknownStation
from web.services.ids import is_id

ONLINE_WITHIN = timedelta(minutes=1)
READER = '"device": "reader"'  # as the projection writes it
CODE_LIFE = timedelta(minutes=30)
CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that looks like something else
CODE_LENGTH = 10  # 50 bits for half an hour


def make_code(session: Session, now: datetime, by: str | None = None) -> str:
    """A code by which one station may join within 30 minutes; only its hash is kept."""
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    session.add(JoinCodeRow(hash=_code_hash(code), until=now + CODE_LIFE, used=None))
    audit.note(session, now, by, "station.code", "")
    return f"{code[:5]}-{code[5:]}"


def join(
    session: Session, code: str, public_key: str, name: str, now: datetime, seal_key: str | None = None
) -> StationRow:
    """List a station that shows a valid code, waiting for its words to be compared.

    The same key with the same code once more (an answer was lost) gives the same station. BadInput says what is wrong.
    """
    name = name.strip()
    if not _is_key(public_key) or not (seal_key is None or _is_key(seal_key)) or not 0 < len(name) <= 100:
        raise BadInput(say("接入请求的公钥或名称不合要求"), remedy=say("请检查考勤站的名称后再试"))
    known = session.execute(select(StationRow).where(StationRow.public_key == public_key)).scalar_one_or_none()
    row = session.get(JoinCodeRow, _code_hash(code), with_for_update=True)
    if row is None or row.until < now or (row.used is not None and known is None):
        raise BadInput(say("接入码无效或已过期"), remedy=say("请在中枢重新生成接入码（30 分钟内有效）"))
    row.used = row.used or now
    station = known or _list_station(session, public_key, name, now)
    if seal_key and seal_key != station.seal_key:
        _take_seal_key(session, station, seal_key, now)
    return station


def confirm(session: Session, station: str, by: str | None, now: datetime) -> None:
    """An administrator compared the words on both screens: from now on the station's facts are taken."""
    row = _row(session, station)
    if row.state == "revoked":
        raise BadInput(say("考勤站 {name} 已停用", name=row.name), remedy=say("请让它重新接入"))
    row.state, row.confirmed = "confirmed", row.confirmed or now
    audit.note(session, now, by, "station.confirm", station, {"name": row.name, "key": row.public_key})


def revoke(session: Session, station: str, by: str | None, now: datetime) -> None:
    """The station is out: nothing that it signs is taken any longer; what it sent stays."""
    row = _row(session, station)
    row.state, row.revoked = "revoked", now
    audit.note(session, now, by, "station.revoke", station, {"name": row.name})


def approve_lineage(session: Session, lineage: str, by: str | None, now: datetime) -> None:
    """An administrator looked into a held lineage: its facts may come."""
    row = session.get(LineageRow, lineage, with_for_update=True) if is_id(lineage) else None
    if row is None or row.state != "held":
        raise NotFound(say("没有待批准的账本 {id}", id=lineage))
    row.state = "accepted"
    alarms.clear(session, row.station, "held", lineage, now)
    audit.note(session, now, by, "lineage.approve", lineage, {"station": row.station, "was": row.was})


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
        raise NotConfirmed(say("考勤站 {name} 已停用", name=row.name), remedy=say("请联系管理员"))
    return row


def saw(session: Session, station: str, now: datetime, backlog: int | None = None, drift_ms: int | None = None) -> None:
    """Remember the contact, and what the station says of itself where it says so."""
    values: dict[str, object] = {"last_contact": now}
    if backlog is not None:
        values["backlog"] = backlog
    if drift_ms is not None:
        values["drift_ms"] = drift_ms
    table = StationRow.__table__
    assert isinstance(table, Table)
    session.connection().execute(update(table).where(table.c.id == station).values(values))


def listed(session: Session) -> Sequence[StationRow]:
    """Every station that is waiting or confirmed, waiting ones first."""
    shown = StationRow.state.in_(("waiting", "confirmed"))
    rows = session.execute(select(StationRow).where(shown).order_by(StationRow.name)).scalars()
    return sorted(rows, key=lambda row: row.state != "waiting")


def everyone(session: Session) -> Sequence[StationRow]:
    """Every station that ever joined, by name."""
    return session.execute(select(StationRow).order_by(StationRow.name)).scalars().all()


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
    """How every confirmed station is, by name."""
    readers = _readers(session)
    rows = session.execute(select(StationRow).where(StationRow.state == "confirmed").order_by(StationRow.name))
    return [
        Health(row, now - row.last_contact if row.last_contact else None, readers.get(row.id, ""))
        for row in rows.scalars()
    ]


def held_lineages(session: Session) -> Sequence[LineageRow]:
    """Lineages that wait for an administrator."""
    return session.execute(select(LineageRow).where(LineageRow.state == "held")).scalars().all()


def _readers(session: Session) -> dict[str, str]:
    """Station → the state of its reader as it said last."""
    newest = (
        select(StationEventRow.station, func.max(StationEventRow.at).label("at"))
        .where(StationEventRow.kind == "device", StationEventRow.body.contains(READER))
        .group_by(StationEventRow.station)
        .subquery()
    )
    same = (StationEventRow.station == newest.c.station) & (StationEventRow.at == newest.c.at)
    found = session.execute(
        select(StationEventRow.station, StationEventRow.body).join(newest, same).order_by(StationEventRow.seq)
    )
    states = {station: json.loads(body) for station, body in found if READER in body}
    return {station: str(body["state"]) for station, body in states.items()}


def _list_station(session: Session, public_key: str, name: str, now: datetime) -> StationRow:
    row = StationRow(id=str(uuid7()), name=name, public_key=public_key, state="waiting", joined=now)
    session.add(row)
    session.flush()
    audit.note(session, now, None, "station.join", row.id, {"name": name, "key": public_key})
    return row


def _take_seal_key(session: Session, station: StationRow, seal_key: str, now: datetime) -> None:
    """The key that PINs are sealed for. Another one than before is compared by a person again, like a new station."""
    if station.seal_key is not None:
        station.state = "waiting" if station.state == "confirmed" else station.state
        audit.note(session, now, None, "station.seal", station.id, {"name": station.name, "seal_key": seal_key})
    station.seal_key = seal_key


def _row(session: Session, station: str) -> StationRow:
    row = session.get(StationRow, station, with_for_update=True) if is_id(station) else None
    if row is None:
        raise NotFound(say("没有考勤站 {id}", id=station))
    return row


def _code_hash(code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter in CODE_LETTERS)
    return hashlib.sha256(plain.encode()).hexdigest()


def _is_key(text: str) -> bool:
    try:
        return len(bytes.fromhex(text)) == 32 and len(text) == 64 and text == text.lower()
    except ValueError:
        return False
