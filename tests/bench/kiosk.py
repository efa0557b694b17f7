"""From the module's answer to the kiosk's frame: the last byte of a match to the frame handed to the socket."""

import json
import re
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

from tests.bench.idle import free_port
from tests.bench.running_station import RunningStation, running_station

PRESSES = 40


def rows() -> list[dict[str, Any]]:
    """p50 and p95 over real presses through pty, driver, journal and display, as the kiosk's own log has them."""
    with tempfile.TemporaryDirectory() as folder, running_station(Path(folder) / "s", free_port()) as station:
        micros = sorted(_press_and_read(station))
    return [
        {
            "measure": f"touch answered by the module → kiosk frame sent, {len(micros)} presses",
            "value": f"p50 {_ms(micros, 0.5)} ms, p95 {_ms(micros, 0.95)} ms",
            "bar": "report",
            "gate": False,
            "ok": len(micros) == PRESSES,
        }
    ]


def _ms(micros: list[int], share: float) -> str:
    return f"{micros[int(len(micros) * share)] / 1000:.1f}"


def _press_and_read(station: RunningStation) -> list[int]:
    url = f"http://127.0.0.1:{station.port}/kiosk/live"
    with station.kiosk().get(url, stream=True, timeout=30) as screen:
        frames = _frames(screen)
        for _ in range(PRESSES):
            station.module.finger("刘明")
            next(frames)
            station.module.lift()
            threading.Event().wait(0.3)  # the driver must see the finger lifted before the next press
    found = re.findall(r"frame sent\s+after_touch_us=(\d+)", station.log.read_text())
    return [int(each) for each in found]


def _frames(screen: requests.Response) -> Iterator[dict[str, Any]]:
    """Frames that carry a result; beats and changes at the foot are passed over."""
    for line in screen.iter_lines():
        if line.startswith(b"data: {"):
            frame = json.loads(line[6:])
            if frame.get("result"):
                yield frame
