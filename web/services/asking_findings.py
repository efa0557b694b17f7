"""A window that officers found empty while somebody of it had clocked in, with no leave and no registered exit: an
unconfirmed finding about that person opens by itself (assumed). It accuses nobody: it asks, and supervision decides.

Opened when the check comes, and again when presses of its day come later; never twice, and never taken back.
"""

import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from config.checklist import load_checklist
from station.facts import Fact
from station.rules.given import LEFT_POST
from station.rules.hours import Day, minute_of
from web.ledger.engine import insert_new
from web.ledger.findings import AskedFindingRow
from web.ledger.patrol import CheckpointRow, CheckRow, FindingRow
from web.services import in_force
from web.services.board import Window, board
from web.services.hub import Hub
from web.services.in_force import InForce
from web.services.judging import ARRIVES, TIMES, seen_at

EMPTY = "empty_window"
CARRIERS = frozenset(("check", "addition", "finding", "punch", "sign_in", "exit"))
_SPACE = uuid.UUID("6b8f9a52-3f0e-7c11-9d3a-5a0c4e2b7d10")


def after(session: Session, hub: Hub, facts: Sequence[Fact]) -> int:
    """Open what these facts, which have just come, give cause for; how many. One statement where there is nothing."""
    times = [fact.at for fact in facts if fact.kind in CARRIERS and 2000 < fact.at.year < 2900]
    found = session.execute(_empties(min(times), max(times))).all() if times else ()
    if not found:
        return 0
    held, item, now = in_force.read(session, hub), _item(LEFT_POST), hub.now()
    rows: list[dict[str, Any]] = [
        {"id": _id(each.id, person), "of": each.id, "person": person, "item": item, "opened": now}
        for each in found
        for person in there(session, held, each.window, seen_at(each))
    ]
    insert_new(session, _table(), rows)
    return len(rows)


def there(session: Session, held: InForce, window: str, at: datetime) -> list[str]:
    """Who of a window's people is at their post at a minute, by what their presses say, and has no break then."""
    seen = board(session, held, at, window=window)
    return sorted({person for each in seen.windows for person in _there(each, held, seen.date, at)})


def _there(window: Window, held: InForce, on: date, at: datetime) -> Iterator[str]:
    day, minute = held.day(on, "window"), minute_of(at.astimezone(held.zone))
    if not _working(day, minute):
        return
    workers = [one for post in window.posts for one in post.a]
    workers += [stand.worker for post in window.posts for stand in post.covers if stand.cover.counts]
    yield from (one.id for one in workers if one.presence.word == "here")


def _working(day: Day, minute: int) -> bool:
    """Whether it is a minute of a session and of no break: a break excuses the person, not the window."""
    inside = any(span.start <= minute < span.end for span in day.spans)
    return day.worked and inside and not any(each.start <= minute < each.end for each in day.breaks)


def _empties(since: datetime, until: datetime) -> Any:
    """The officers' findings of an empty window that may have been seen in this time."""
    window = func.coalesce(CheckpointRow.window, FindingRow.about).label("window")
    items = [item.id for item in load_checklist().items.values() if item.category == EMPTY]
    return (
        select(FindingRow.id, window, *TIMES)
        .outerjoin(CheckRow, CheckRow.id == FindingRow.fact)
        .outerjoin(CheckpointRow, CheckpointRow.id == FindingRow.checkpoint)
        .where(FindingRow.item.in_(items), window.is_not(None))
        .where(FindingRow.at >= since - timedelta(days=1), FindingRow.at <= until + ARRIVES)
    )


def _item(category: str) -> str:
    return next(item.id for item in load_checklist().items.values() if item.category == category)


def _id(finding: str, person: str) -> str:
    """The same however often it is worked out."""
    return str(uuid.uuid5(_SPACE, f"{finding}/{person}"))


def _table() -> Table:
    table = AskedFindingRow.__table__
    assert isinstance(table, Table)
    return table
