"""People of the hall: adding, listing, and the roles they hold."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.words import say
from web.ledger.people import PersonRow, RoleRow
from web.services import audit, roster
from web.services.errors import BadInput, NotFound
from web.services.ids import is_id
from web.services.scopes import EVERYBODY, Scope

Group = Literal["window", "back_office", "other"]
ROLES = (
    "staff", "window_head", "chief_rep", "attendance_clerk", "unit_leader", "duty_leader", "supervision",
    "patrol_officer", "office_leader", "centre_leader", "admin",
)  # fmt: skip
# What everybody is read by: a thousand of the objects that sessions look after cost three times as much.
COLUMNS = tuple(PersonRow.__table__.columns)
FILED = ("name", "number", "unit", "window", "group", "posted_from")  # what a change of goes to the file


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody as they are to be. `number`: 工号; a posting's ends: days (inclusive) or instants, None open."""

    name: str
    number: str = ""
    unit: str = ""
    window: str = ""
    group: Group = "window"
    roles: tuple[str, ...] = ("staff",)
    posted_from: date | datetime | None = None
    posted_to: date | datetime | None = None
    pinyin: str = ""  # the reading, when it is not the usual one
    phone: str = ""


def add(session: Session, people: Iterable[NewPerson], now: datetime, by: str | None = None) -> list[str]:
    """Add people; their ids in the same order. BadInput for a nameless person or a number already taken."""
    given = list(people)
    _check(session, given, now.date())
    ids = [str(uuid7()) for _ in given]
    if not given:
        return []
    session.execute(insert(PersonRow), [person_row(key, one, now) for key, one in zip(ids, given, strict=True)])
    roles = [role_row(key, role) for key, one in zip(ids, given, strict=True) for role in one.roles]
    if roles:
        session.execute(insert(RoleRow), roles)
    for key, one in zip(ids, given, strict=True):
        audit.note(session, now, by, "person.add", key, {"name": one.name, "roles": list(one.roles)})
    return ids


def edit(session: Session, person: str, given: NewPerson, now: datetime, by: str) -> None:
    """Other data for somebody; roles and posts have ways of their own. BadInput says what cannot be taken."""
    row = get(session, person)
    _check(session, [replace(given, number="" if given.number == row.number else given.number)], now.date())
    new = {**person_row(person, given, row.added), "pinyin": given.pinyin or spoken(given.name)}
    changed = {key: (getattr(row, key), value) for key, value in new.items() if getattr(row, key) != value}
    if not changed:
        return
    for key, (_, value) in changed.items():
        setattr(row, key, value)
    session.flush()
    detail = {key: [_text(before), _text(after)] for key, (before, after) in changed.items()}
    audit.note(session, now, by, "person.edit", person, detail)
    told = [key for key in FILED if key in changed]
    if told:
        before, after = (" ".join(_text(changed[key][side]) for key in told).strip() for side in (0, 1))
        change = roster.Change(row.unit, now.date(), "data", before, after, person)
        roster.file(session, [change], now, by)


def everybody(session: Session, scope: Scope = EVERYBODY) -> Sequence[PersonRow]:
    """Every person within the scope, by unit, window and name; rows to read, which no session looks after."""
    return _read(session, scope.of(select(*COLUMNS)))


def of_ids(session: Session, people: Collection[str]) -> Sequence[PersonRow]:
    """The same of these people."""
    return _read(session, select(*COLUMNS).where(PersonRow.id.in_(sorted(people)))) if people else ()


def search(
    session: Session, text: str, seats: Mapping[str, Sequence[str]], scope: Scope = EVERYBODY
) -> Sequence[PersonRow]:
    """People whose name, pinyin (or its initials), number, unit, window or seats contain `text`; all for an empty one.

    Only those within the scope. `seats`: person → the windows where they sit as A or B, in words.
    """
    wanted = text.strip().lower()
    plain = wanted.replace(" ", "")
    return [row for row in everybody(session, scope) if not plain or _fits(row, plain, seats.get(row.id, ()))]


def get(session: Session, person: str) -> PersonRow:
    """The person of this id; NotFound for nobody."""
    row = session.get(PersonRow, person) if is_id(person) else None
    if row is None:
        raise NotFound(say("没有这个人"), remedy=say("请从人员台账重新进入"))
    return row


def names_of(session: Session, people: Iterable[str]) -> dict[str, str]:
    """Id → name of these people."""
    rows = session.execute(select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(list(people))))
    return {row.id: row.name for row in rows}


def find(session: Session, typed: str) -> PersonRow:
    """The one person still in the hall whom these words mean: name, 工号, or "name 工号". BadInput for none or several.

    The forms' suggestions are of the last kind.
    """
    words = typed.split()
    rows = [row for row in everybody(session) if row.posted_to is None and words]
    fits = [row for row in rows if set(words) <= {row.name, row.number}]
    if len(fits) != 1:
        said = say("没有找到在册的“{text}”", text=typed[:40]) if not fits else say("有 {n} 个人符合", n=len(fits))
        raise BadInput(said, remedy=say("请填姓名，或姓名加工号"))
    return fits[0]


def by_unit(session: Session, day: date) -> dict[str, int]:
    """Unit → how many people are posted from it on a day."""
    counts: dict[str, int] = {}
    for row in everybody(session):
        since, until = day_or_none(row.posted_from), day_or_none(row.posted_to)
        if (since or day) <= day <= (until or day):
            counts[row.unit] = counts.get(row.unit, 0) + 1
    return counts


def day_of(end: date | datetime) -> date:
    """The day of a posting's end, whole or not."""
    return end.date() if isinstance(end, datetime) else end


def day_or_none(end: date | datetime | None) -> date | None:
    """The same, of one that may be open."""
    return None if end is None else day_of(end)


def roles_of(session: Session, people: Collection[str] | None = None) -> dict[str, list[RoleRow]]:
    """Every role ever held, by person; of everybody, or of these people."""
    query = select(RoleRow).order_by(RoleRow.id)
    held: dict[str, list[RoleRow]] = {}
    for row in session.execute(query if people is None else query.where(RoleRow.person.in_(people))).scalars():
        held.setdefault(row.person, []).append(row)
    return held


def spoken(name: str) -> str:
    """A name in pinyin with tone numbers, as the voice and the search need it ("liu2 ming2")."""
    from pypinyin import Style, lazy_pinyin  # 40 ms that most commands never need

    return " ".join(lazy_pinyin(name, style=Style.TONE3, neutral_tone_with_five=True, errors="ignore"))


def _fits(row: PersonRow, plain: str, seats: Sequence[str]) -> bool:
    read = "".join(letter for letter in row.pinyin if not letter.isdigit()).split()
    if "".join(each[0] for each in read).startswith(plain):
        return True
    texts = ("".join(read), row.name, row.number, row.unit, row.window, *seats)
    return any(plain in text.lower().replace(" ", "") for text in texts)


def _check(session: Session, people: list[NewPerson], today: date) -> None:
    for one in people:
        if not one.name.strip() or len(one.name) > 60:
            raise BadInput(say("姓名不能为空，且不超过 60 个字"))
        unknown = [role for role in one.roles if role not in ROLES]
        if unknown:
            raise BadInput(say("没有角色 {role}", role=unknown[0]))
        too_long = next((word for word, text, most in _lengths(one) if len(text) > most), None)
        if too_long:
            raise BadInput(say("{field}太长", field=say(too_long)), remedy=say("请改短后再试"))
    numbers = [one.number for one in people if one.number]
    found = session.execute(select(PersonRow.number, PersonRow.posted_to).where(PersonRow.number.in_(numbers)))
    ends = [(number, day_or_none(end) or date.max) for number, end in found]
    twice = next((number for number in numbers if numbers.count(number) > 1), None)
    for one in people:  # of who left it is free again, once their last day is over: a return is a new entry
        first = max(day_or_none(one.posted_from) or today, today)
        if one.number and any(number == one.number and end >= first for number, end in ends):
            twice = twice or one.number
    if twice is not None:
        raise BadInput(say("工号 {number} 已有人使用", number=twice), remedy=say("请核对后再录入"))


def _lengths(one: NewPerson) -> list[tuple[str, str, int]]:
    return [
        ("工号", one.number, 40), ("单位", one.unit, 100), ("窗口编号", one.window, 20), ("手机", one.phone, 20),
        ("读音", one.pinyin, 120),
    ]  # fmt: skip


def _text(value: object) -> str:
    return "" if value is None else str(value)


def role_row(person: str, role: str, since: date | None = None, until: date | None = None) -> dict[str, object]:
    """A role as a row."""
    return {"id": str(uuid7()), "person": person, "role": role, "since": since, "until": until}


def person_row(key: str, one: NewPerson, now: datetime) -> dict[str, object]:
    """Somebody as a row."""
    return {
        "id": key, "name": one.name.strip(), "number": one.number, "pinyin": one.pinyin or spoken(one.name),
        "unit": one.unit, "window": one.window, "phone": one.phone or None, "group": one.group,
        "posted_from": one.posted_from, "posted_to": one.posted_to, "added": now,
    }  # fmt: skip


def _read(session: Session, query: Any) -> Sequence[PersonRow]:
    order = (PersonRow.unit, PersonRow.window, PersonRow.pinyin, PersonRow.name)
    found: Sequence[Any] = session.execute(query.order_by(*order)).all()
    return found
