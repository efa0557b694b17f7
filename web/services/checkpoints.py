"""Checkpoints: every window of the patrolled floors, front and back, and the public areas, in walking order."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.checklist import Place
from config.policy import Policy
from config.words import say
from web.ledger.patrol import CheckpointRow
from web.ledger.posts import WindowRow
from web.services import audit, posts
from web.services.errors import BadInput, NotFound
from web.services.ids import is_id

PLACES: Mapping[str, Place] = {"window": "window_front", "back_office": "window_back"}  # a window's side → its place
LONGEST_NAME = 60


def standing(session: Session, day: date) -> Sequence[CheckpointRow]:
    """The checkpoints of a day, in walking order."""
    return [row for row, _ in with_numbers(session, day)]


def with_numbers(session: Session, day: date) -> list[tuple[CheckpointRow, str | None]]:
    """The same, each with the number of its window; one question."""
    closed = (CheckpointRow.closed.is_(None)) | (CheckpointRow.closed >= day)
    query = select(CheckpointRow, WindowRow.number).outerjoin(WindowRow, WindowRow.id == CheckpointRow.window)
    found = session.execute(
        query.where(CheckpointRow.since <= day, closed).order_by(CheckpointRow.rank, CheckpointRow.id)
    )
    return [(row, number) for row, number in found]


def everyone(session: Session) -> Sequence[CheckpointRow]:
    """Every checkpoint that ever was."""
    return session.execute(select(CheckpointRow).order_by(CheckpointRow.rank, CheckpointRow.id)).scalars().all()


def need(session: Session, checkpoint: str) -> CheckpointRow:
    """The checkpoint of this id; NotFound for none."""
    row = session.get(CheckpointRow, checkpoint) if is_id(checkpoint) else None
    if row is None:
        raise NotFound(say("没有这个巡查点"), remedy=say("请从巡查点列表重新进入"))
    return row


def generate(session: Session, policy: Policy, day: date, now: datetime, by: str) -> tuple[int, int]:
    """A checkpoint for each window of the patrolled floors that has none, and the end of those whose window is closed.

    A window whose floor is not known counts as patrolled. Answers how many were made and how many ended.
    """
    windows = {row.id: row for row in posts.windows(session, closed=True)}
    held = {row.window: row for row in standing(session, day) if row.window}
    ended = [row for window, row in held.items() if window in windows and _closed(windows[window], day)]
    for row in ended:
        close(session, row.id, day - timedelta(days=1), now, by)
    wanted = [
        row
        for row in windows.values()
        if row.id not in held and not _closed(row, day) and (row.floor is None or row.floor in policy.patrol.floors)
    ]
    for window in sorted(wanted, key=lambda each: (each.floor is None, each.floor or 0, _in_order(each.number))):
        name = say("{number} 号窗口", number=window.number)
        _add(session, name, PLACES.get(window.side, "window_front"), window.floor, window.id, day, now, by)
    if wanted:
        _by_floor(session, day)
    return len(wanted), len(ended)


def add_area(session: Session, name: str, floor: int | None, day: date, now: datetime, by: str) -> str:
    """A public area behind the last checkpoint of its floor; its id. BadInput for a bad or taken name."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise BadInput(say("名称不能为空，且不超过 {n} 个字", n=LONGEST_NAME))
    if floor is not None and floor not in posts.FLOORS:
        raise BadInput(say("楼层须在 -3 到 99 之间"))
    if any((row.name, row.floor) == (name, floor) for row in standing(session, day)):
        raise BadInput(say("这一层已有巡查点 {name}", name=name), remedy=say("请换一个名称"))
    made = _add(session, name, "public_area", floor, None, day, now, by)
    _by_floor(session, day)
    return made


def put_in_order(session: Session, order: Mapping[str, int], day: date, now: datetime, by: str) -> None:
    """Walking order as the numbers say; equal numbers keep the order that they had."""
    rows = list(standing(session, day))
    wanted = sorted(rows, key=lambda row: order.get(row.id, row.rank))
    if [row.id for row in wanted] == [row.id for row in rows]:
        return
    _number(wanted)
    told = _moved([row.name for row in rows], [row.name for row in wanted])
    audit.note(session, now, by, "checkpoint.order", "", {"order": told})


def close(session: Session, checkpoint: str, last: date, now: datetime, by: str) -> None:
    """The checkpoint's last day; its past stays."""
    row = need(session, checkpoint)
    if row.closed is not None:
        raise BadInput(say("{name} 已停用", name=row.name))
    row.closed = last
    audit.note(session, now, by, "checkpoint.close", checkpoint, {"name": row.name, "last": [None, last.isoformat()]})


def _add(
    session: Session, name: str, place: Place, floor: int | None, window: str | None, day: date, now: datetime, by: str
) -> str:
    last = session.execute(select(func.coalesce(func.max(CheckpointRow.rank), 0))).scalar_one()
    row = CheckpointRow(
        id=str(uuid7()), name=name, place=place, floor=floor, window=window, rank=last + 1, since=day, closed=None
    )
    session.add(row)
    session.flush()
    audit.note(session, now, by, "checkpoint.add", row.id, {"name": name, "place": place})
    return row.id


def _by_floor(session: Session, day: date) -> None:
    """New ones go to the end of their floor; within a floor the order that people chose stays."""
    _number(sorted(standing(session, day), key=lambda row: (row.floor is None, row.floor or 0)))


def _number(rows: Sequence[CheckpointRow]) -> None:
    for rank, row in enumerate(rows, start=1):
        row.rank = rank


def _moved(before: list[str], after: list[str]) -> list[list[str]]:
    """The stretch in which two orders of the same names differ, before and after."""
    places = [place for place, (one, other) in enumerate(zip(before, after, strict=True)) if one != other]
    stretch = slice(places[0], places[-1] + 1) if places else slice(0)
    return [before[stretch], after[stretch]]


def _closed(window: WindowRow, day: date) -> bool:
    return window.closed is not None and window.closed < day


def _in_order(number: str) -> tuple[int, str]:
    """101 before 1001: shorter numbers first, then by their letters."""
    return len(number), number
