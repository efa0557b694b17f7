"""A hall's month from the ledger to verdicts and totals against a plain SQL query in the same run; what growth costs.

The query gives first in, last out, late and early minutes a day and no more: no duplicates, no sessions, no leave, no
clauses. pandas stands beside it where ZAIGANG_PANDAS names an interpreter that has it; the project's own has not.
"""

import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy import Table, delete
from uuid6 import uuid7

from config.settings import HubSettings
from station.rules.attendance import judge_person
from tests.web.halls import HallUnderTest, copy_hall, counted
from web.ledger.engine import insert_rows
from web.ledger.facts import PunchRow, StaleRow
from web.ledger.people import PersonRow
from web.ledger.verdicts import VerdictRow
from web.services import attendance, in_force, people, policies
from web.services.attendance import Book
from web.services.hub import begin

PEOPLE, MONTH = 1000, date(2026, 3, 1)
NOW = datetime(2026, 4, 2, 4, tzinfo=UTC)
USUAL = (-10, 182, 262, 511)  # minutes after 09:00 at which a day's four presses are usual
MOST_RATIO = 25.0
SESSION_BAR = 60.0  # microseconds of CPU
MOST_IN_RECOMPUTE = 6
GROWTH = (100, 10_000)
LATE = (1, 100, 500)
PLAIN = """
SELECT person, day, min(minute), max(minute), max(min(minute) - 540, 0), max(1050 - max(minute), 0)
FROM (SELECT person, substr(datetime(at, '+8 hours'), 1, 10) AS day,
             CAST(strftime('%H', at, '+8 hours') AS INTEGER) * 60
             + CAST(strftime('%M', at, '+8 hours') AS INTEGER) AS minute
      FROM punches WHERE at >= '2026-02-28T16' AND at < '2026-03-31T16')
GROUP BY person, day
"""


def rows() -> list[dict[str, object]]:
    """Ratio to the plain query, µs a session, statements of a recompute, calls and statements as the hall grows."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        begin(HubSettings(folder=folder / "template"), "量度").close()
        plain, by_pandas, hub, share = _month(folder)
        session = share / (PEOPLE * 22 * 2) * 1e6
        late = [_late(folder / f"late{size}", folder / "template", size) for size in LATE]
        small, great = (_growth(folder / f"grown{size}", folder / "template", size) for size in GROWTH)
    ratio = hub / plain
    return [
        _row("plain query, month of 1,000, s", round(plain, 3), "-", gate=False, ok=True),
        _row("pandas groupby of the same, s", by_pandas and round(by_pandas, 3), "-", gate=False, ok=True),
        _row("ledger to verdicts and totals, s", round(hub, 2), "-", gate=False, ok=True),
        _row("hub ÷ plain query", round(ratio, 1), f"≤ {MOST_RATIO}", gate=True, ok=ratio <= MOST_RATIO),
        _row("judging a session, µs CPU", round(session, 1), f"≤ {SESSION_BAR}", gate=False, ok=session <= SESSION_BAR),
        _row("statements to recompute 1, 100, 500 late presses", str(late), f"≤ {MOST_IN_RECOMPUTE}, equal", gate=True,
             ok=max(late) <= MOST_IN_RECOMPUTE and len(set(late)) == 1),
        _row("calls a person, 100 and 10,000 people", f"{small[0]:.1f}, {great[0]:.1f}", "no more", gate=True,
             ok=great[0] <= small[0]),
        _row("statements, 100 and 10,000 people", f"{small[1]}, {great[1]}", "≤ in proportion", gate=True,
             ok=great[1] <= small[1]),
    ]  # fmt: skip


def _month(folder: Path) -> tuple[float, float | None, float, float]:
    """Seconds of the plain query (best of three), of pandas, of the hub from nothing, and of judging alone (CPU)."""
    hall = _hall(folder / "month", folder / "template", PEOPLE)
    _punches(hall, range(1, 32))
    with closing(sqlite3.connect(folder / "month" / "ledger.sqlite3")) as db:
        plain = min(_timed(lambda: db.execute(PLAIN).fetchall()) for _ in range(3))
    by_pandas = _by_pandas(folder / "month" / "ledger.sqlite3")
    hub = min(_timed(lambda: _totals(hall)) for _ in range(2))
    share = _judging(hall)
    hall.hub.close()
    return plain, by_pandas, hub, share


def _by_pandas(ledger: Path) -> float | None:
    """Seconds that pandas takes; None where no interpreter that has it is named."""
    python = os.environ.get("ZAIGANG_PANDAS")
    if not python:
        return None
    script = Path(__file__).with_name("by_pandas.py")
    return float(subprocess.run([python, script, ledger], capture_output=True, text=True, check=True).stdout)


def _totals(hall: HallUnderTest) -> None:
    """A month of everybody, the cache thrown away before, totals included."""
    with hall.hub.ledger.writing() as session:
        session.execute(delete(VerdictRow))
    book = _book(hall)
    assert len([book.totals(person.id) for person in book.people]) == len(book.people)


def _judging(hall: HallUnderTest) -> float:
    with hall.hub.ledger.reading() as session:
        held = in_force.read(session, hall.hub)
        staff = people.everybody(session)
        closed = attendance.closed_days(held, MONTH, in_force.last_of(MONTH), NOW)
        records = attendance.read_records(session, held, staff, {person.id: closed for person in staff})
    days, law = [held.day(day, "window") for day in closed if held.day(day, "window").worked], held.law(MONTH, "window")
    begun = time.process_time()
    for record in records.values():
        judge_person(record, days, law, NOW)
    return time.process_time() - begun


def _late(folder: Path, template: Path, size: int) -> int:
    """Statements that a page's recompute takes after so many late presses into closed days."""
    hall = _hall(folder, template, 200)
    _book(hall)
    with hall.hub.ledger.writing() as session:
        staff = [person.id for person in people.everybody(session)]
        marks = {(staff[number % 200], date(2026, 3, 2 + number % 25)) for number in range(size)}
        insert_rows(session, _table(StaleRow), [{"person": person, "day": day} for person, day in sorted(marks)])
    with counted(hall) as said:
        _book(hall)
    hall.hub.close()
    return len(said)


def _growth(folder: Path, template: Path, size: int) -> tuple[float, int]:
    """Python calls a person, and statements, for one closed day of so many people."""
    hall = _hall(folder, template, size)
    _punches(hall, range(2, 3))
    calls = 0

    def count(_frame: FrameType, event_: str, _arg: Any) -> None:
        nonlocal calls
        calls += event_ == "call"

    with counted(hall) as said:
        sys.setprofile(count)
        try:
            _book(hall, date(2026, 3, 2), date(2026, 3, 2))
        finally:
            sys.setprofile(None)
    hall.hub.close()
    return calls / size, len(said)


def _book(hall: HallUnderTest, first: date = MONTH, last: date = date(2026, 3, 31)) -> Book:
    """As a page has it."""
    with hall.hub.ledger.reading() as session:
        held = in_force.read(session, hall.hub)
        book = attendance.look(session, held, people.everybody(session), first, last, NOW)
    if not book.lacking:
        return book
    with hall.hub.ledger.writing() as session:
        return attendance.settle(session, hall.hub, book, NOW)


def _hall(folder: Path, template: Path, count: int) -> HallUnderTest:
    hall = copy_hall(template, folder)
    hall.clock.move_to(NOW)
    with hall.hub.ledger.writing() as session:
        policies.begin(session, hall.hub, NOW)
        row = {"number": "", "pinyin": "", "window": "", "group": "window", "posted_from": MONTH, "added": NOW}
        more = range(count - len(hall.people))
        given = [{**row, "id": str(uuid7()), "name": f"人{number}", "unit": f"单位{number % 20}"} for number in more]
        insert_rows(session, _table(PersonRow), given)
    return hall


def _punches(hall: HallUnderTest, days: range) -> None:
    """Four presses a working day of everybody, some late, some early, in the order of time."""
    chance = random.Random(1)
    with hall.hub.ledger.writing() as session:
        staff = [person.id for person in people.everybody(session)]
        held = in_force.read(session, hall.hub)
        worked = [day for number in days if held.table.is_workday(day := date(2026, 3, number))]
        presses = []
        for day in worked:
            nine = datetime(day.year, day.month, day.day, 1, tzinfo=UTC)
            for usual in USUAL:
                for person in staff:
                    late = timedelta(minutes=usual + chance.randint(-8, 12), seconds=chance.randint(0, 59))
                    presses.append((nine + late, person))
        presses.sort()
        row = {"lineage": "l", "station": "s", "clock": "synced", "place": 1, "score": 120, "direction": None}
        given = [{**row, "id": f"{n:036}", "seq": n, "at": at, "person": who} for n, (at, who) in enumerate(presses, 1)]
        insert_rows(session, _table(PunchRow), given)


def _table(model: type[PersonRow] | type[PunchRow] | type[StaleRow]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


def _timed(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def _row(measure: str, value: object, bar: str, *, gate: bool, ok: bool) -> dict[str, Any]:
    return {"measure": measure, "value": value, "bar": bar, "gate": gate, "ok": ok}
