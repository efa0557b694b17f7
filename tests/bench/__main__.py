"""`make bench`: every measurement once, a table for people and var/bench.json for machines.

Gates are counts and ratios within one run; times are reported. Exit status 1 when a gate does not hold.
"""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOMS = (
    "journal",
    "intake",
    "attendance",
    "pages",
    "kiosk",
    "idle",
    "fingerprint",
    "law",
    "sheets",
    "pictures",
    "patrol",
)
OUT = Path("var/bench.json")


def measured(names: list[str]) -> list[dict[str, Any]]:
    """The rows of each named room, in order, with a plain line as each begins."""
    rows: list[dict[str, Any]] = []
    for name in names:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        rows += [{"room": name, **row} for row in importlib.import_module(f"tests.bench.{name}").rows()]
    return rows


def table(rows: list[dict[str, Any]]) -> Table:
    """The rows for people."""
    drawn = Table("room", "measure", "value", "bar", "kind", "holds")
    for row in rows:
        kind = "gate" if row["gate"] else "report"
        drawn.add_row(row["room"], row["measure"], str(row["value"]), str(row["bar"]), kind, "✓" if row["ok"] else "✗")
    return drawn


def main() -> int:
    """Measure what the command line names, else everything."""
    rows = measured(sys.argv[1:] or list(ROOMS))
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    Console(width=150).print(table(rows))
    return 1 if any(row["gate"] and not row["ok"] for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
