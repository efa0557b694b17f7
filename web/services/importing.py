"""A list of staff from a sheet: every row looked at before anything is written, then all of it or nothing."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import Table
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.words import say
from web.ledger.engine import insert_rows
from web.ledger.people import PersonRow, RoleRow
from web.ledger.posts import PostRow, SeatRow, UnitRow, WindowRow
from web.ledger.rows import Row
from web.services import audit, roster
from web.services.errors import BadInput
from web.services.people import NewPerson, person_row, role_row
from web.services.roster import Change
from web.services.sheet import Fault, read
from web.services.staff_clashes import Standing, clashes, standing_of
from web.services.staff_rows import Entry, entries_of, named

MOST_FAULTS = 200  # shown at once; more help nobody
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Plan:
    """What an import would do: the people, and everything that stands against it."""

    digest: str
    standing: Standing
    entries: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def plan(session: Session, content: bytes, today: date, progress: Progress | None = None) -> Plan:
    """Look at a sheet. BadInput when it is no sheet at all; every other fault is in the plan.

    `progress(done, of)` is called now and then, in rows, once the file was read.
    """
    sheet = read(content)
    faults = [named(fault, sheet.rows) for fault in sheet.faults]
    entries = entries_of(sheet.rows, today, faults, progress)
    standing = standing_of(session, today)
    faults += clashes(entries, standing, today)
    faults.sort(key=lambda fault: (fault.row, fault.column))
    return Plan(hashlib.sha256(content).hexdigest(), standing, entries, faults)


def carry_out(
    session: Session, made: Plan, today: date, now: datetime, by: str | None, progress: Progress | None = None
) -> int:
    """Write everything of a plan without faults; answers how many people. BadInput when it has any.

    `progress(done, of)` is called after each kind of row. Plan and writing belong in one
    transaction of the caller, which makes it all or nothing.
    """
    if made.faults:
        raise BadInput(say("名单有 {n} 处错误", n=len(made.faults)), remedy=say("请改正后重新上传"))
    tables = _written(made, made.standing, today, now)
    changes = [_change(entry, key, today) for entry, key in zip(made.entries, tables.ids, strict=True)]
    for done, (model, rows) in enumerate(tables.rows.items(), start=1):
        _insert(session, model, rows)
        if progress is not None:
            progress(done, len(tables.rows) + 1)
    roster.file(session, changes, now, by)
    detail = {"people": len(made.entries), "sha256": made.digest, "units": len(tables.rows[UnitRow])}
    audit.note(session, now, by, "people.import", made.digest, detail)
    if progress is not None:
        progress(len(tables.rows) + 1, len(tables.rows) + 1)
    return len(made.entries)


def in_words(made: Plan) -> list[str]:
    """The faults of a plan, a line each, for the command line."""
    return [
        say("第 {row} 行 {column}：{reason}", row=fault.row, column=fault.column, reason=fault.reason)
        for fault in made.faults[:MOST_FAULTS]
    ]


@dataclass(slots=True)
class _Tables:
    """Rows to insert, table by table in an order in which each finds what it refers to; `ids`: of the people."""

    ids: list[str]
    rows: dict[type[Row], list[dict[str, object]]]


def _written(made: Plan, standing: Standing, today: date, now: datetime) -> _Tables:
    ids = [str(uuid7()) for _ in made.entries]
    rows: dict[type[Row], list[dict[str, object]]] = {
        model: [] for model in (UnitRow, PersonRow, WindowRow, RoleRow, PostRow, SeatRow)
    }
    for unit in dict.fromkeys(entry.unit for entry in made.entries if entry.unit not in standing.units):
        rows[UnitRow].append({"id": str(uuid7()), "name": unit, "phone": ""})
    windows = {number: row.id for number, row in standing.windows.items()}
    posts = {key: row.id for key, row in standing.posts.items()}
    ranks = dict(standing.last_b)
    floors = {entry.window: entry.floor for entry in made.entries if entry.floor is not None}
    for key, entry in zip(ids, made.entries, strict=True):
        rows[PersonRow].append(person_row(key, _person(entry), now))
        if entry.window and entry.window not in windows:
            windows[entry.window] = str(uuid7())
            rows[WindowRow].append(_window(windows[entry.window], entry, floors.get(entry.window)))
        for each in entry.roles:
            scope = windows.get(entry.window) if each.role == "window_head" else None
            rows[RoleRow].append(role_row(key, each.role, each.since, each.until) | {"scope": scope})
        if entry.kind:
            rows[SeatRow].append(_seat(key, entry, windows[entry.window], posts, ranks, rows[PostRow], today))
    return _Tables(ids, rows)


def _person(entry: Entry) -> NewPerson:
    group = "back_office" if entry.side == "back_office" else "window"
    return NewPerson(entry.name, entry.number, entry.unit, entry.window, group, (), entry.since, None, "", entry.phone)  # type: ignore[arg-type]


def _window(key: str, entry: Entry, floor: int | None) -> dict[str, object]:
    return {"id": key, "number": entry.window, "floor": floor, "side": entry.side, "unit": entry.unit, "closed": None}


def _seat(
    person: str, entry: Entry, window: str, posts: dict[tuple[str, str], str], ranks: dict[str, int],
    new: list[dict[str, object]], today: date,
) -> dict[str, object]:  # fmt: skip
    place = (entry.window, entry.post)
    if place not in posts:
        posts[place] = str(uuid7())
        new.append({"id": posts[place], "window": window, "name": entry.post, "closed": None})
    post = posts[place]
    if entry.kind == "B":
        ranks[post] = ranks.get(post, 0) + 1
    rank = ranks[post] if entry.kind == "B" else 0
    return {
        "id": str(uuid7()), "post": post, "person": person, "kind": entry.kind, "rank": rank,
        "since": entry.since or today, "until": None,
    }  # fmt: skip


def _change(entry: Entry, person: str, today: date) -> Change:
    where = say("{number} 号窗口 {post} {kind}岗", number=entry.window, post=entry.post, kind=entry.kind)
    return Change(entry.unit, entry.since or today, "join", "", where if entry.kind else entry.window, person)


def _insert(session: Session, model: type[Row], rows: list[dict[str, object]]) -> None:
    table = model.__table__
    assert isinstance(table, Table)
    insert_rows(session, table, rows)
