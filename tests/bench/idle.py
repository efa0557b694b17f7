"""A station with nothing to do: resident memory, CPU, and what it never imports."""

import os
import socket
import tempfile
import threading
from pathlib import Path
from typing import Any

from tests.bench.running_station import running_station

SECONDS = 20
MOST_MB = 90
MOST_CPU = 2.0
FORBIDDEN = {"sqlalchemy", "alembic", "cv2", "numpy", "pandas"}


def rows() -> list[dict[str, Any]]:
    """Memory and CPU over twenty idle seconds, with one screen open."""
    with tempfile.TemporaryDirectory() as folder, running_station(Path(folder) / "s", free_port()) as station:
        screen = station.kiosk().get(f"http://127.0.0.1:{station.port}/kiosk/live", stream=True, timeout=30)
        before = _cpu(station.process.pid)
        threading.Event().wait(SECONDS)
        percent = (_cpu(station.process.pid) - before) / SECONDS * 100
        resident = resident_mb(station.process.pid)
        screen.close()
        imported = station.stop()
    found = sorted(FORBIDDEN & imported)
    return [
        _row("station idle with a screen: resident MB", f"{resident:.0f}", f"≤ {MOST_MB}", resident <= MOST_MB),
        _row("station idle: % of a core", f"{percent:.2f}", f"≤ {MOST_CPU}", percent <= MOST_CPU),
        _row("heavy modules imported", found or "none", "none", bool(imported) and not found, gate=True),
    ]  # fmt: skip


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _row(measure: str, value: object, bar: str, ok: bool, gate: bool = False) -> dict[str, Any]:
    return {"measure": measure, "value": value, "bar": bar, "gate": gate, "ok": ok}


def _cpu(pid: int) -> float:
    """CPU seconds of a process so far, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """Resident memory of a process in MB."""
    line = next(each for each in Path(f"/proc/{pid}/status").read_text().splitlines() if each.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
