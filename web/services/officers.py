"""Officers of a round: who may walk it (wanzhou:patrol:2), and each one's own PIN at the hub, a few tries at a time."""

import threading
from collections.abc import Sequence
from datetime import date, datetime

from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.words import say
from station.pins import HASHER, waiting_words
from station.tries import Tries
from web.ledger.patrol import PlannedRow
from web.ledger.people import PersonRow, RoleRow
from web.services import audit, people, pins
from web.services.errors import BadInput, NotSignedIn
from web.services.recording import Recorder
from web.services.roles import in_force

WHAT = "pin"  # of which a row of wrong tries is a `refused` fact
_DECOY = HASHER.hash("no PIN at all")


class OwnPins:
    """Proving a person by their own PIN. One for the whole hub; wrong tries outlive a restart as facts."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._lock = threading.Lock()
        self._tries: Tries | None = None

    def prove(self, made: str | None, person: str, name: str, digits: str) -> None:
        """NotSignedIn unless `digits` are the person's PIN, whose hash is `made` (None: they have none).

        Five wrong ones in a row and everything is refused for five minutes.
        """
        with self._lock:
            self._tries = self._tries or self._recorder.tries(WHAT)
            if wait := self._tries.wait(person):
                raise NotSignedIn(say("{name}：", name=name) + waiting_words(wait))
            if _right(made, digits):
                self._tries.right(person)
                return
            left = self._tries.wrong(person)
        if made is None:
            raise BadInput(say("{name} 还没有设 PIN", name=name), remedy=say("请先在打卡屏或由管理员在人员页面设置"))
        if not left:
            self._recorder.catch_up()
            raise NotSignedIn(say("{name} 的 PIN 不对", name=name), remedy=say("输错次数太多，请 5 分钟后再试"))
        raise NotSignedIn(say("{name} 的 PIN 不对", name=name), remedy=say("还可以试 {n} 次", n=left))


def hash_of(session: Session, person: str) -> str | None:
    """The hash of the person's PIN in force; None without one."""
    held = pins.in_force(session, [person]).get(person)
    return held.hash if held else None


def with_role(session: Session, roles: Sequence[str], day: date) -> list[PersonRow]:
    """Everybody who has one of these roles on a day, by name."""
    rows = session.execute(select(RoleRow).where(RoleRow.role.in_(roles))).scalars().all()
    held = {row.person for row in in_force(rows, day)}
    if not held:
        return []
    found = session.execute(select(PersonRow).where(PersonRow.id.in_(held)).order_by(PersonRow.pinyin)).scalars()
    return list(found)


def planned(session: Session, first: date, last: date) -> dict[tuple[date, str], list[str]]:
    """(day, slot) → the officers preset for it, in their order."""
    query = select(PlannedRow).where(PlannedRow.day.between(first, last)).order_by(PlannedRow.rank)
    found: dict[tuple[date, str], list[str]] = {}
    for row in session.execute(query).scalars():
        found.setdefault((row.day, row.slot), []).append(row.officer)
    return found


def plan(session: Session, day: date, slot: str, chosen: Sequence[str], now: datetime, by: str) -> None:
    """Preset a round's officers. BadInput for the same one twice or somebody who is no officer on that day."""
    wanted = [person for person in chosen if person]
    if len(set(wanted)) < len(wanted):
        raise BadInput(say("两名巡查人员不能是同一个人"), remedy=say("请另选一人"))
    known = {row.id: row.name for row in with_role(session, ["patrol_officer"], day)}
    if any(person not in known for person in wanted):
        raise BadInput(say("所选的人在 {day} 不是巡查人员", day=day.isoformat()), remedy=say("请先在人员页面给予角色"))
    for row in session.execute(select(PlannedRow).where(PlannedRow.day == day, PlannedRow.slot == slot)).scalars():
        session.delete(row)
    session.flush()
    session.add_all(PlannedRow(day=day, slot=slot, officer=each, rank=rank) for rank, each in enumerate(wanted))
    detail = {"day": day.isoformat(), "slot": slot, "officers": [known[each] for each in wanted]}
    audit.note(session, now, by, "patrol.plan", slot, detail)


def names_of(session: Session, persons: Sequence[str]) -> dict[str, str]:
    """Person → name, of these."""
    wanted = sorted(set(persons))
    rows = session.execute(select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(wanted))) if wanted else ()
    return {row.id: row.name for row in rows}


def need(session: Session, person: str) -> PersonRow:
    """The person of this id; NotFound for nobody."""
    return people.get(session, person)


def _right(made: str | None, digits: str) -> bool:
    try:
        return HASHER.verify(made or _DECOY, digits) and made is not None
    except (VerificationError, InvalidHashError):
        return False
