"""Intake through HTTP, signed and chained, against a bare bulk insert of the same facts in the same run."""

import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import event

from config.settings import HubSettings
from station import wire
from station.facts import Fact, Punch, instant
from tests.web.halls import HallUnderTest, StationUnderTest, add_station, copy_hall
from web.services.hub import begin

ROUND = 8  # batches
BATCHES = 4 * ROUND
BATCH = 500
LEAST_RATIO = 0.12
MOST_STATEMENTS = 1.0
PEOPLE = 200
# The very table and indexes that the hub keeps facts in, without anything around them.
BARE = """
CREATE TABLE facts (row INTEGER PRIMARY KEY, lineage TEXT, seq INTEGER, id TEXT UNIQUE, kind TEXT, at TEXT, boot TEXT,
                    clock TEXT, hash TEXT, raw BLOB, UNIQUE (lineage, seq))
"""
Request = tuple[str, bytes, dict[str, str]]


def rows() -> list[dict[str, object]]:
    """Rates, their ratio, and statements a fact."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        begin(HubSettings(folder=folder / "template"), "量度").close()
        bare, hub = _both(folder / "timed", folder / "template")
        statements = _statements(folder / "counted", folder / "template")
    ratio = bare / hub
    return [
        _row("bare bulk insert, facts/s", round(BATCH / bare), "-", gate=False, ok=True),
        _row("intake over HTTP, facts/s", round(BATCH / hub), "-", gate=False, ok=True),
        _row("intake ÷ bare", round(ratio, 3), f"≥ {LEAST_RATIO}", gate=True, ok=ratio >= LEAST_RATIO),
        _row(
            "statements a fact",
            round(statements, 3),
            f"≤ {MOST_STATEMENTS}",
            gate=True,
            ok=statements <= MOST_STATEMENTS,
        ),
    ]


def _both(folder: Path, template: Path) -> tuple[float, float]:
    """Seconds a batch, bare and through the hub's own server: the best of the rounds for each.

    A round goes through all its batches bare, then through the hub, so that both meet checkpoints and the machine's
    other work as they come.
    """
    with _hall(folder, template) as (hall, station):
        facts = _facts(station)
        asked = _requests(station, facts)
        hall.hub.close()
        bare, hub = [], []
        with _serving(folder / "hub") as url, requests.Session() as http, closing(_bare(folder)) as db:
            for first in range(0, len(asked), ROUND):
                batches = range(first, first + ROUND)
                bare.append(sum(_insert(db, facts[number * BATCH : (number + 1) * BATCH]) for number in batches))
                hub.append(sum(_post(http, url, asked[number]) for number in batches))
    return min(bare[1:]) / ROUND, min(hub[1:]) / ROUND  # the first round warms both up


@contextmanager
def _hall(folder: Path, template: Path) -> Iterator[tuple[HallUnderTest, StationUnderTest]]:
    folder.mkdir()
    hall = copy_hall(template, folder / "hub")
    station = add_station(hall, folder / "station")
    yield hall, station
    station.reader.close()
    station.journal.close()


def _facts(station: StationUnderTest) -> list[Fact]:
    """Punches of a large hall, over the journal's own chain."""
    people = [f"01950000-0000-7000-8000-{number:012d}" for number in range(PEOPLE)]
    return station.record(
        *(Punch(person=people[number % PEOPLE], place=number % PEOPLE, score=120) for number in range(BATCHES * BATCH))
    )


def _requests(station: StationUnderTest, facts: list[Fact]) -> list[Request]:
    """What the station sends: packed and signed beforehand, since that is the station's work."""
    made = []
    for first in range(0, len(facts), BATCH):
        body = wire.pack([fact.raw for fact in facts[first : first + BATCH]])
        path, headers = station.signed(
            "POST", "facts", body, lineage=station.journal.lineage, first=first + 1, last=first + BATCH
        )
        made.append((path, body, headers))
    return made


def _bare(folder: Path) -> sqlite3.Connection:
    db = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
    db.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; {BARE}")
    return db


def _insert(db: sqlite3.Connection, facts: list[Fact]) -> float:
    given = [(f.lineage, f.seq, f.id, f.kind, instant(f.at), f.boot, f.clock, f.hash, f.raw) for f in facts]
    insert = "INSERT INTO facts (lineage, seq, id, kind, at, boot, clock, hash, raw) VALUES (?,?,?,?,?,?,?,?,?)"
    began = time.perf_counter()
    db.execute("BEGIN IMMEDIATE")
    db.executemany(insert, given)
    db.execute("COMMIT")
    return time.perf_counter() - began


def _post(http: requests.Session, url: str, request: Request) -> float:
    path, body, headers = request
    began = time.perf_counter()
    answer = http.post(url + path, data=body, headers=headers, timeout=30)
    spent = time.perf_counter() - began
    assert answer.status_code == 200, answer.text
    return spent


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-c", "from station.cli import main; main()", "hub", "serve"]
    process = subprocess.Popen(
        [*command, "--folder", str(folder), "--port", "0"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    assert process.stderr is not None
    try:
        yield _address(line for line in process.stderr)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def _address(lines: Iterator[str]) -> str:
    """What the server says it listens at, once its worker is up."""
    url = ""
    for line in lines:
        found = re.search(r"Listening at: (http://\S+)", line)
        url = found[1] if found else url
        if "Booting worker" in line:
            return url
    raise AssertionError("the hub did not start")


def _statements(folder: Path, template: Path) -> float:
    """SQL statements for each fact of full batches, counted where they leave for the database."""
    with _hall(folder, template) as (hall, station):
        asked = _requests(station, _facts(station))
        counted: list[str] = []
        event.listen(hall.hub.ledger.engine, "before_cursor_execute", lambda *given: counted.append(given[2]))
        for path, body, headers in asked:
            assert station.http.post(path, data=body, headers=headers).status_code == 200
        hall.hub.close()
        return len(counted) / (len(asked) * BATCH)


def _row(measure: str, value: object, bar: str, *, gate: bool, ok: bool) -> dict[str, Any]:
    return {"measure": measure, "value": value, "bar": bar, "gate": gate, "ok": ok}
