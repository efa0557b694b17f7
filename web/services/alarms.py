"""Alarms: what needs a person, said once a subject however often it comes again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.words import say
from web.ledger.stations import AlarmRow
from web.services import audit
from web.services.errors import NotFound
from web.services.ids import is_id


def raise_alarm(session: Session, station: str, kind: str, subject: str, words: str, now: datetime) -> None:
    """Say it, or count it when it stands already; a cleared one stands again."""
    held = session.execute(
        select(AlarmRow).where(AlarmRow.station == station, AlarmRow.kind == kind, AlarmRow.subject == subject)
    ).scalar_one_or_none()
    if held is None:
        held = AlarmRow(id=str(uuid7()), station=station, kind=kind, subject=subject, first=now, times=0)
        session.add(held)
    held.words, held.last, held.times, held.cleared = words, now, held.times + 1, None
    session.flush()


def clear(session: Session, station: str, kind: str, subject: str, now: datetime) -> None:
    """The alarm was dealt with."""
    for row in session.execute(
        select(AlarmRow).where(AlarmRow.station == station, AlarmRow.kind == kind, AlarmRow.subject == subject)
    ).scalars():
        row.cleared = now


def acknowledge(session: Session, alarm: str, by: str, now: datetime) -> None:
    """Somebody looked into it: it stands no longer, until it comes again. NotFound for none that stands."""
    row = session.get(AlarmRow, alarm) if is_id(alarm) else None
    if row is None or row.cleared is not None or row.kind == "held":
        raise NotFound(say("没有这条告警，或已处理"), remedy=say("请从考勤站页面重新进入"))
    row.cleared = now
    audit.note(session, now, by, "alarm.clear", row.subject, {"station": row.station, "kind": row.kind})


def standing(session: Session) -> Sequence[AlarmRow]:
    """Alarms not cleared, newest first."""
    return (
        session.execute(select(AlarmRow).where(AlarmRow.cleared.is_(None)).order_by(AlarmRow.last.desc()))
        .scalars()
        .all()
    )
