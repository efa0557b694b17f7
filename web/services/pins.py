"""PINs at the hub: set at a desk or at a kiosk, kept as argon2id, handed to stations sealed and only where needed.

A kiosk's PIN comes as a fact whose hash only the hub's seal key opens. Taking it twice changes nothing, and losing the
table loses nothing that came from a kiosk: `settle` makes it again from the facts.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.words import say
from station.facts import read_instant
from station.pins import DIGITS, FROM_HUB, HASHER, TO_HUB
from station.sealed import BadSeal, SealKey
from web.ledger.facts import RequestRow
from web.ledger.people import PersonRow, RoleRow
from web.ledger.pins import LONGEST_HASH, PinRow
from web.services import audit, fingers
from web.services.errors import BadInput, NotFound
from web.services.handing import Handed, handed, seal_key_of
from web.services.hub import Hub
from web.services.kiosk_fields import read_fields

CARRIERS = frozenset(("request", "re_recorded", "clock_fix"))  # kinds of fact after which `settle` may find something
WITNESSES = frozenset(("duty_leader", "supervision", "admin", "patrol_officer", "window_head"))
BEFORE, AFTER = timedelta(days=1), timedelta(days=31)
_ARGON2ID = "$argon2id$"


class Pin(NamedTuple):
    """One setting of a PIN that still has its hash: whose, when by the fact's true time, whether that time is known."""

    row: PinRow
    at: datetime
    settled: bool


def set_pin(session: Session, person: str, made: str, now: datetime, by: str) -> None:
    """Keep `made` (see `hashed`) as the person's PIN; whatever was before counts no longer. NotFound for nobody."""
    if session.get(PersonRow, person) is None:
        raise NotFound(say("没有这个人"))
    session.add(PinRow(id=str(uuid7()), person=person, at=now, hash=made, source="desk", by=by))
    audit.note(session, now, by, "pin.set", person, {"at": "desk"})
    session.flush()
    _drop_replaced(session)


def hashed(digits: str, again: str, known: Iterable[str] = ()) -> str:
    """The argon2id hash of a PIN typed twice (50 ms: call it outside a transaction). BadInput says what is wrong.

    `known`: the person's number, telephone and the like, which a PIN must not be the end of.
    """
    check(digits, again, known)
    return HASHER.hash(digits)


def check(digits: str, again: str, known: Iterable[str] = ()) -> None:
    """BadInput unless both are the same six digits, and not among the first that anybody would try."""
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdecimal()):
        raise BadInput(say("PIN 须为 {n} 位数字", n=DIGITS), remedy=say("请重新输入"))
    if digits != again:
        raise BadInput(say("两次输入的 PIN 不一样"), remedy=say("请从头再输两次"))
    if _even_steps(digits) or _repeats(digits):
        raise BadInput(say("这个 PIN 太容易猜到"), remedy=say("请不要用相同、连续或重复的数字"))
    if _birthday(digits):
        raise BadInput(say("这个 PIN 像一个日期，容易猜到"), remedy=say("请不要用生日"))
    if any(value.endswith(digits) for value in known if value):
        raise BadInput(say("这个 PIN 与工号或手机号的末六位相同"), remedy=say("请换一个"))


def settle(session: Session, key: SealKey, now: datetime) -> int:
    """Take every PIN set at a kiosk that was not taken yet, each exactly once; answers how many were taken."""
    fresh = session.execute(
        select(RequestRow)
        .outerjoin(PinRow, PinRow.id == RequestRow.id)
        .where(RequestRow.asks == "pin", PinRow.id.is_(None))
        .order_by(RequestRow.at, RequestRow.id)
    ).scalars()
    taken = [_take(session, row, key, now) for row in fresh.all()]
    session.flush()
    _drop_replaced(session)
    return len(taken)


def in_force(session: Session, persons: Sequence[str] | None = None) -> dict[str, PinRow]:
    """Person → the PIN that counts: the one set last. All people, or only `persons`."""
    return {person: pins[-1].row for person, pins in _by_person(session, persons).items()}


def hand_out(session: Session, hub: Hub, station: str) -> Handed:
    """The PINs for a station, by person; NotFound for one that has no key to seal for."""
    seal_key = seal_key_of(session, station)
    today = hub.now().astimezone(ZoneInfo(hub.hall.zone)).date()
    held = in_force(session)
    wanted = _entitled(session, held, today)
    content = {"pins": [{"person": person, "hash": held[person].hash} for person in sorted(wanted)]}
    return handed(hub, station, seal_key, content, FROM_HUB)


def _entitled(session: Session, held: Iterable[str], today: date) -> set[str]:
    """Of these people, the ones whose PIN may be needed at a station from a day ago to a month ahead."""
    first, last = today - BEFORE, today + AFTER
    witnesses = {
        row.person
        for row in session.execute(select(RoleRow).where(RoleRow.role.in_(WITNESSES))).scalars()
        if (row.since or last) <= last and (row.until or first) >= first
    }
    fingered = fingers.held(session)
    posted = {row.id for row in session.execute(select(PersonRow)).scalars() if _posted(row, first, last)}
    return {person for person in held if person in witnesses or (person in posted and person not in fingered)}


def _posted(row: PersonRow, first: date, last: date) -> bool:
    since, until = row.posted_from, row.posted_to
    began = since is None or _day(since) <= last
    return began and (until is None or _day(until) >= first)


def _day(end: date | datetime) -> date:
    return end.date() if isinstance(end, datetime) else end


def _take(session: Session, request: RequestRow, key: SealKey, now: datetime) -> PinRow:
    """A kiosk's PIN into the table; one that cannot be opened is kept as such, so that it is not tried for ever."""
    made = _opened(request, key)
    row = PinRow(id=request.id, person=request.person, at=request.at, hash=made, source="kiosk", by=None)
    session.add(row)
    act = "pin.set" if made else "pin.unreadable"
    audit.note(session, now, None, act, request.person, {"at": "kiosk", "station": request.station})
    return row


def _opened(request: RequestRow, key: SealKey) -> str:
    try:
        sealed = bytes.fromhex(str(read_fields(request.fields).get("sealed", "")))
        made = key.open(sealed, TO_HUB).decode("ascii")
    except (BadSeal, ValueError):
        return ""
    return made if made.startswith(_ARGON2ID) and len(made) <= LONGEST_HASH else ""


def _by_person(session: Session, persons: Sequence[str] | None) -> dict[str, list[Pin]]:
    """Every setting that still has its hash, oldest first."""
    query = select(PinRow, RequestRow.at, RequestRow.clock).outerjoin(RequestRow, RequestRow.id == PinRow.id)
    query = query.where(PinRow.hash != "")
    if persons is not None:
        query = query.where(PinRow.person.in_(persons))
    found: dict[str, list[Pin]] = {}
    for row, at, clock in session.execute(query):
        found.setdefault(row.person, []).append(Pin(row, at or row.at, clock != "unsynced"))
    for pins in found.values():
        pins.sort(key=lambda pin: (pin.at, pin.row.id))
    return found


def _drop_replaced(session: Session) -> None:
    """Forget the hashes that can never count again. One whose true time is not known yet may still turn out newer."""
    several = select(PinRow.person).where(PinRow.hash != "").group_by(PinRow.person).having(func.count() > 1)
    persons = session.execute(several).scalars().all()
    for pins in _by_person(session, persons).values() if persons else ():
        for older in pins[:-1]:
            if older.settled and pins[-1].settled:
                older.row.hash = ""


def _even_steps(digits: str) -> bool:
    return {(int(after) - int(before)) % 10 for before, after in pairwise(digits)} in ({0}, {1}, {9})


def _repeats(digits: str) -> bool:
    return any(digits == digits[:part] * (DIGITS // part) for part in (2, 3)) or len(set(digits)) < 3


def _birthday(digits: str) -> bool:
    """Whether the digits read as a day: YYMMDD, or DDMMYY."""
    readings = (digits, digits[4:] + digits[2:4] + digits[:2])
    return any(_is_day(text) for text in readings)


def _is_day(yymmdd: str) -> bool:
    try:
        read_instant(f"20{yymmdd[:2]}-{yymmdd[2:4]}-{yymmdd[4:]}T00:00:00.000000Z")
    except ValueError:
        return False
    return True
