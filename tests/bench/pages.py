"""Every page of a hall with 1,000 people and a million punches, on SQLite and on PostgreSQL; and a list's import.

The punches come by intake itself, as signed batches of chained facts; only HTTP is left out.
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
from tests.web.halls import copy_hall, counted
from tests.web.sheets import many
from tests.web.test_every_page import MOST_STATEMENTS, ROLES, ZIPPED, pages
from web.ledger.facts import PunchRow, SignInRow
from web.ledger.migrate import upgrade
from web.services import importing
from web.services.hub import begin, begin_hall

PEOPLE, DAYS = 1000, workdays(date(2025, 3, 3), 253)
NOW = datetime.combine(DAYS[-1], datetime.min.time(), UTC) + timedelta(hours=2, minutes=30)
TIMES = 12
CPU_BAR, P95_BAR, IMPORT_BAR, IMPORT_STATEMENTS = 60.0, 150.0, 5.0, 20
TABLE = Path("var/pages.json")


def rows() -> list[dict[str, object]]:
    """Statements, CPU and p95 over all pages, for each database; the single pages go to var/pages.json."""
    found: list[dict[str, object]] = []
    table = {}
    for name in ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory() as place, _ledger(name, Path(place)) as url:
            found += _import(name, Path(place), url)
        with tempfile.TemporaryDirectory() as place, _ledger(name, Path(place)) as url:
            crowd = gather(Path(place) / "template", Path(place), url, PEOPLE, DAYS, NOW)
            table[name] = measured(crowd)
            found += _said(name, crowd, table[name])
            crowd.close()
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(json.dumps(table, ensure_ascii=False, indent=1), encoding="utf-8")
    return found


def measured(crowd: Crowd) -> dict[str, dict[str, float]]:
    """Each page: statements, milliseconds of CPU (median) and on the clock (95th of 100), bytes as gzip."""
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
    hall = copy_hall(folder / "template", folder / "hub", database=url)
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
def _ledger(name: str, folder: Path) -> Iterator[str]:
    """An empty hall's template in the folder, and the address of its ledger where that is not a file there."""
    begin(HubSettings(folder=folder / "template"), "量度").close()
    if name == "sqlite":
        yield ""
        return
    with ExitStack() as stack:
        postgres.reserve()
        stack.callback(postgres.end)
        url = stack.enter_context(postgres.database())
        upgrade(url)
        begin_hall(HubSettings(folder=folder / "template", database=url), "量度", "Asia/Shanghai")
        yield url


def _row(measure: str, value: object, bar: str, *, gate: bool, ok: bool) -> dict[str, Any]:
    return {"measure": measure, "value": value, "bar": bar, "gate": gate, "ok": ok}
