"""Every page of a hall with 1,000 people and a million punches, on SQLite and on PostgreSQL; and a list's import.

The punches come by intake itself, as signed batches of chained facts; only HTTP is left out. PostgreSQL gets a copy of
every row.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from config.settings import HubSettings
from tests import postgres
from tests.web.browsing import signed_in
from tests.web.crowds import Crowd, gather, workdays
from tests.web.halls import HallUnderTest, copy_hall, counted
from tests.web.sheets import many
from tests.web.test_every_page import MOST_STATEMENTS, ROLES, ZIPPED, pages
from web.ledger.facts import PunchRow, SignInRow
from web.ledger.migrate import upgrade
from web.ledger.tables import metadata
from web.services import importing
from web.services.hub import begin, begin_hall, open_hub

PEOPLE, DAYS = 1000, workdays(date(2025, 3, 3), 253)
NOW = datetime.combine(DAYS[-1], datetime.min.time(), UTC) + timedelta(hours=2, minutes=30)
TIMES = 40
CPU_BAR, P95_BAR, IMPORT_BAR, IMPORT_STATEMENTS = 60.0, 150.0, 5.0, 20
TABLE = Path("var/pages.json")


def rows() -> list[dict[str, object]]:
    """Statements, CPU and p95 over all pages, for each database; the single pages go to var/pages.json."""
    with tempfile.TemporaryDirectory() as place, _postgres() as address:
        folder = Path(place)
        begin(HubSettings(folder=folder / "template"), "量度").close()
        found = [row for name, url in (("sqlite", ""), ("postgresql", address)) for row in _import(name, folder, url)]
        crowd = gather(folder / "template", folder / "crowd", "", PEOPLE, DAYS, NOW)
        copied = _copied(crowd, address)
        for name, each in (("sqlite", crowd), ("postgresql", copied)):
            found += _measured(name, each)
        copied.hall.hub.close()
        crowd.close()
    return found


def _copied(crowd: Crowd, address: str) -> Crowd:
    """The same hall on PostgreSQL: every row copied as it is."""
    source = crowd.hall.hub
    target = open_hub(HubSettings(**{**source.settings.model_dump(), "database": address}), source.clock)
    raw = target.ledger.engine.raw_connection()
    cursor = raw.cursor()
    cursor.execute("TRUNCATE " + ", ".join(table.name for table in metadata().sorted_tables))
    with source.ledger.engine.connect() as given:
        for table in metadata().sorted_tables:
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
                for row in given.execution_options(yield_per=5000).exec_driver_sql(f"SELECT {names} FROM {table.name}"):
                    copy.write_row(tuple(row))
            if "row" in table.columns:
                number = f"pg_get_serial_sequence('{table.name}', 'row')"
                cursor.execute(f'SELECT setval({number}, max("row")) FROM {table.name}')
    raw.commit()
    cursor.execute("ANALYZE")
    raw.commit()
    raw.close()
    return Crowd(HallUnderTest(target, crowd.hall.clock, crowd.hall.people), crowd.station, crowd.people, crowd.names)


def _measured(name: str, crowd: Crowd) -> Iterator[dict[str, Any]]:
    table = measured(crowd)
    TABLE.parent.mkdir(exist_ok=True)
    held = json.loads(TABLE.read_text(encoding="utf-8")) if TABLE.exists() else {}
    TABLE.write_text(json.dumps(held | {name: table}, ensure_ascii=False, indent=1), encoding="utf-8")
    yield from _said(name, crowd, table)


def measured(crowd: Crowd) -> dict[str, dict[str, float]]:
    """Each page, one reader: statements, milliseconds of CPU (median), on the clock (95th of 100), bytes as gzip."""
    client = signed_in(crowd.hall, *ROLES)
    table = {}
    for page in pages(crowd.hall):
        path, cpu, clock = page.format(**crowd.names), [], []
        client.get(path)  # the first time judges closed days
        with counted(crowd.hall) as said:
            answer = client.get(path, headers=ZIPPED)
        for _ in range(TIMES):
            begun, spent = time.perf_counter(), time.process_time()
            client.get(path, headers=ZIPPED)
            cpu.append((time.process_time() - spent) * 1e3)
            clock.append((time.perf_counter() - begun) * 1e3)
        table[page] = {
            "statements": len(said), "cpu_ms": round(statistics.median(cpu), 1),
            "p95_ms": round(statistics.quantiles(clock, n=20)[-1], 1), "bytes": len(answer.get_data()),
        }  # fmt: skip
    return table


def _said(name: str, crowd: Crowd, table: dict[str, dict[str, float]]) -> Iterator[dict[str, Any]]:
    with crowd.hall.hub.ledger.reading() as session:
        presses = sum(session.scalar(select(func.count()).select_from(kind)) or 0 for kind in (PunchRow, SignInRow))
    yield _row(f"{name}: presses held", presses, "≥ 1,000,000", gate=True, ok=presses >= 1_000_000)
    for key, bar in (("statements", float(MOST_STATEMENTS)), ("cpu_ms", CPU_BAR), ("p95_ms", P95_BAR)):
        page, cost = max(table.items(), key=lambda each: each[1][key])
        over = sum(each[key] > bar for each in table.values())
        value = f"{cost[key]:g} at {page}; {over} of {len(table)} over"
        yield _row(f"{name}: most {key} of a page", value, f"≤ {bar:g}", gate=key == "statements", ok=not over)


def _import(name: str, folder: Path, url: str) -> Iterator[dict[str, Any]]:
    """A list of a thousand, looked at and written, in one transaction."""
    hall = copy_hall(folder / "template", folder / f"import-{name}", database=url)
    content, today = many(PEOPLE), DAYS[-1]
    begun = time.perf_counter()
    with counted(hall) as said, hall.hub.ledger.writing() as session:
        importing.carry_out(session, importing.plan(session, content, today), today, NOW, None)
    seconds = time.perf_counter() - begun
    hall.hub.close()
    yield _row(f"{name}: import of {PEOPLE:,}, s", round(seconds, 2), f"≤ {IMPORT_BAR:g}", gate=False,
               ok=seconds <= IMPORT_BAR)  # fmt: skip
    yield _row(f"{name}: import of {PEOPLE:,}, statements", len(said), f"≤ {IMPORT_STATEMENTS}", gate=True,
               ok=len(said) <= IMPORT_STATEMENTS)  # fmt: skip


@contextmanager
def _postgres() -> Iterator[str]:
    """The address of an empty hall on a PostgreSQL of the run's own."""
    with ExitStack() as stack:
        postgres.reserve()
        stack.callback(postgres.end)
        url = stack.enter_context(postgres.database())
        upgrade(url)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        begin_hall(HubSettings(folder=folder, database=url), "量度", "Asia/Shanghai")
        yield url


def _row(measure: str, value: object, bar: str, *, gate: bool, ok: bool) -> dict[str, Any]:
    return {"measure": measure, "value": value, "bar": bar, "gate": gate, "ok": ok}
