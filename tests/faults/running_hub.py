"""A real hub as a process of its own, on a loopback port, that a test may stop, kill, and start again."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from config.settings import load_hub
from station.clock import Clock
from station.joining import KEY, join
from station.journal import Journal
from station.keys import load_or_make
from station.uplink import Uplink
from web.ledger.facts import FactRow
from web.services import stations
from web.services.hub import begin, open_hub

COMMAND = "from station.cli import main; main()"


class RunningHub:
    """A hub in `folder`, begun empty. `start` and `stop` as often as a test likes; the port stays the same."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        begin(load_hub(folder), "测试大厅").close()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [
            sys.executable,
            "-c",
            COMMAND,
            "hub",
            "serve",
            "--folder",
            str(self.folder),
            "--port",
            str(self.port),
        ]
        with (self.folder.parent / "hub.log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        while not self._answers():
            assert self._process.poll() is None, (self.folder.parent / "hub.log").read_text()

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=0.2):
                return True
        except OSError:
            return threading.Event().wait(0.05)

    def stop(self) -> None:
        """Ask it to end, and wait."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=30)
            self._process = None

    def kill(self) -> None:
        """kill -9, of all its processes in one stroke: one that is left would start the others again."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=30)
        self._process = None

    def save_copy(self, elsewhere: Path) -> None:
        """Keep a copy of the data folder (the hub must be stopped)."""
        shutil.copytree(self.folder, elsewhere)

    def restore_copy(self, elsewhere: Path) -> None:
        """Put an older copy in place of the data folder (the hub must be stopped)."""
        shutil.rmtree(self.folder)
        shutil.copytree(elsewhere, self.folder)

    def joined(self, folder: Path, journal: Journal, clock: Clock) -> Uplink:
        """A station in `folder`, joined and confirmed (the hub must be running)."""
        hub = open_hub(load_hub(self.folder))
        with hub.ledger.writing() as session:
            code = stations.make_code(session, hub.now())
        key = load_or_make(folder / KEY)
        known = join(folder, self.url, code, "测试站", key)
        with hub.ledger.writing() as session:
            stations.confirm(session, known.station, None, hub.now() + timedelta(seconds=1))
        hub.close()
        return Uplink(known, key, journal, clock, folder)

    def held(self, lineage: str) -> list[bytes]:
        """The exact bytes of every fact of a lineage in the ledger, by seq."""
        hub = open_hub(load_hub(self.folder))
        with hub.ledger.reading() as session:
            query = select(FactRow.raw).where(FactRow.lineage == lineage).order_by(FactRow.seq)
            raws = [bytes(raw) for raw in session.execute(query).scalars()]
        hub.close()
        return raws
