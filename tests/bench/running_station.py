"""A real station process with its simulated module, for measuring from outside."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from drivers.catalogue import open_reader
from drivers.sim.zfm import ZfmSimulator
from station.clock import SystemClock
from station.enrolling import enrol
from station.journal import Journal, Reader
from station.places import Places
from tests.builders import LIU

# Runs the station as its command does and, once stopped, says what it had imported.
CHILD = """
import json, sys
from pathlib import Path
from config.settings import load_station
from station.wiring import run
status = run(load_station(Path(sys.argv[1])))
print("MODULES " + json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), flush=True)
sys.exit(status)
"""


@dataclass
class RunningStation:
    """A station that runs: its process, module, kiosk address and log."""

    process: subprocess.Popen[str]
    module: ZfmSimulator
    folder: Path
    port: int
    log: Path

    def kiosk(self) -> requests.Session:
        """A browser's session with the kiosk's cookie."""
        session = requests.Session()
        token = (self.folder / "kiosk.token").read_text()
        session.get(f"http://127.0.0.1:{self.port}/kiosk?token={token}", timeout=5).raise_for_status()
        return session

    def stop(self) -> set[str]:
        """Stop it; the top-level modules it had imported."""
        self.process.terminate()
        self.process.wait(timeout=30)
        found = re.search(r"MODULES (\[.*\])", self.log.read_text())
        return set(json.loads(found.group(1))) if found else set()


@contextmanager
def running_station(folder: Path, port: int, **module: object) -> Iterator[RunningStation]:
    """A station in `folder` with one finger, 刘明, enrolled; its kiosk on `port`."""
    folder.mkdir(parents=True)
    with ZfmSimulator(link=folder / "module", **module) as simulated:  # type: ignore[arg-type]
        _enrol(folder, simulated)
        (folder / "station.toml").write_text(f'[reader]\nport = "{simulated.port}"\n[kiosk]\nport = {port}\n')
        log = folder / "log"
        with log.open("w") as out:
            process = subprocess.Popen([sys.executable, "-c", CHILD, str(folder)], stdout=out, stderr=out, text=True)
        station = RunningStation(process, simulated, folder, port, log)
        try:
            _await(station)
            yield station
        finally:
            process.terminate()
            process.wait(timeout=30)


def _enrol(folder: Path, module: ZfmSimulator) -> None:
    reader = open_reader("zfm", port=module.port, poll_seconds=0.005)
    with Journal(folder, SystemClock()) as journal:
        places = Places(Reader(journal.path).of_kinds("enrolled"))
        for step in enrol(LIU, "右手食指", journal=journal, reader=reader, places=places):
            {"put": lambda: module.finger("刘明"), "lift": module.lift}.get(step.step, lambda: None)()
    module.lift()
    reader.close()


def _await(station: RunningStation) -> None:
    for _ in range(200):
        if "state=ready" in station.log.read_text():
            return
        assert station.process.poll() is None, station.log.read_text()
        threading.Event().wait(0.1)
    raise AssertionError(station.log.read_text())
