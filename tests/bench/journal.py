"""The journal against a raw SQLite commit of the same bytes, and its syncs counted."""

import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from station.journal import Journal
from tests.builders import clock, punch

ROUNDS = 400
COUNTED = 60
RATIO = 1.6


def rows() -> list[dict[str, Any]]:
    """The ratio of medians, interleaved in one run, and syncs a fact."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        ratio, own, bare = _ratio(Path(folder))
    syncs = syncs_a_fact()
    return [
        {
            "measure": "journal append / raw SQLite FULL commit, medians of one interleaved run",
            "value": f"{ratio:.2f} ({own * 1e6:.0f} µs / {bare * 1e6:.0f} µs)",
            "bar": f"≤ {RATIO}",
            "gate": True,
            "ok": ratio <= RATIO,
        },
        {"measure": "syncs a fact", "value": syncs, "bar": "= 1", "gate": True, "ok": syncs == 1},
    ]


def _ratio(folder: Path) -> tuple[float, float, float]:
    journal = Journal(folder / "own", clock())
    (folder / "bare").mkdir()
    db = sqlite3.connect(folder / "bare" / "bare.sqlite3", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE facts (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, raw BLOB NOT NULL)")
    db.execute("CREATE INDEX facts_kind ON facts (kind, seq)")
    raw = journal.append(punch()).raw
    own, bare = [], []
    for _ in range(ROUNDS):
        own.append(_timed(lambda: journal.append(punch())))
        bare.append(_timed(lambda: db.execute("INSERT INTO facts (kind, raw) VALUES ('punch', ?)", (raw,))))
    journal.close()
    db.close()
    medians = statistics.median(own), statistics.median(bare)
    return medians[0] / medians[1], *medians


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


APPENDER = """
import sys
from pathlib import Path
from station.journal import Journal
from tests.builders import clock, punch
journal = Journal(Path(sys.argv[1]), clock())
journal.append(punch())
print("counted", flush=True)
for _ in range(int(sys.argv[2])):
    journal.append(punch())
print("done", flush=True)
"""


def syncs_a_fact() -> float:
    """fsync and fdatasync calls between two marks of a process that appends, a fact; strace counts them."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        trace = Path(folder) / "trace"
        subprocess.run(
            ["strace", "-f", "-e", "trace=fsync,fdatasync,write", "-o", str(trace),
             sys.executable, "-c", APPENDER, f"{folder}/journal", str(COUNTED)],
            check=True, stdout=subprocess.DEVNULL, timeout=60,
        )  # fmt: skip
        between = trace.read_text().split('"counted', 1)[1].split('"done', 1)[0]
    return len(re.findall(r"\b(?:fsync|fdatasync)\(", between)) / COUNTED
