"""The month's first in, last out, late and early minutes by a pandas groupby; run by an interpreter that has pandas.

python tests/bench/by_pandas.py LEDGER: prints the best of three in seconds, reading included.
"""

import sqlite3
import sys
import time
from contextlib import closing

import pandas as pd  # type: ignore[import-not-found, import-untyped, unused-ignore]  # in an environment of its own


def month(path: str) -> int:
    """Rows of the answer: one a person and day."""
    with closing(sqlite3.connect(path)) as db:
        read = pd.read_sql(
            "SELECT person, at FROM punches WHERE at >= '2026-02-28T16' AND at < '2026-03-31T16'",
            db,
            parse_dates=["at"],
        )
    local = read["at"] + pd.Timedelta(hours=8)
    read["day"], read["minute"] = local.dt.normalize(), local.dt.hour * 60 + local.dt.minute
    found = read.groupby(["person", "day"])["minute"].agg(["min", "max"])
    found["late"], found["early"] = (found["min"] - 540).clip(lower=0), (1050 - found["max"]).clip(lower=0)
    return len(found)


if __name__ == "__main__":
    taken = []
    for _ in range(3):
        begun = time.perf_counter()
        month(sys.argv[1])
        taken.append(time.perf_counter() - begun)
    print(min(taken))
