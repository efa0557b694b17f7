"""A station's folder with signed papers and a simulated module, and its commands as real processes."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import UTC, date, datetime
from pathlib import Path

from config.policy import as_data
from drivers.sim.zfm import ZfmSimulator
from station.facts import Fact
from station.journal import FILE, Reader
from station.keys import load_or_make
from station.papers import Calendar, Hall, Papers, Person, PolicyVersion, confirm, keep, read
from station.wire import papers_message
from tests.builders import LIU, WANG

COMMAND = [sys.executable, "-c", "from station.cli import main; main()"]
TWIN = "01931c7a-0000-7000-8000-00000000a003"
PEOPLE = [
    Person(id=LIU, name="刘明", number="0012", spoken="liu2 ming2", unit="医疗保障局"),
    Person(id=WANG, name="王芳", number="0013", spoken="wang2 fang1", unit="税务局"),
    Person(id=TWIN, name="王芳", number="0014", spoken="wang2 fang1", unit="公安局"),
]
WAIT_S = 30.0


def write_papers(folder: Path, people: list[Person] = PEOPLE, confirmed: datetime | None = None) -> None:
    """Make `folder` a joined station's, with papers that a hub signed; the hub itself is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    key = load_or_make(folder.parent / "hub.key")
    papers = Papers(
        hall=Hall(id="h", name="厅", zone="Asia/Shanghai", hub_key=key.public),
        policies=[PolicyVersion(since=date(2000, 1, 1), policy=as_data("wanzhou"))],
        calendar=Calendar(years=[2026], holidays=[], workdays=[]),
        people=people,
    )
    content = papers.model_dump_json().encode()
    keep(folder, read(content, key.sign(papers_message(content)), key.public))
    joined = {"url": "http://127.0.0.1:9", "station": "s1", "hub_key": key.public, "hall": "厅"}
    (folder / "hub.json").write_text(json.dumps(joined))
    confirm(folder, confirmed or datetime.now(UTC))


def free_port() -> int:
    """A port nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class EnrolledStation:
    """The folder, its module, and what its people do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "station"
        write_papers(self.folder)
        self.module = ZfmSimulator(link=folder / "module").start()
        self.port = free_port()
        (self.folder / "station.toml").write_text(
            f'[reader]\nport = "{self.module.port}"\n[kiosk]\nport = {self.port}\n'
        )
        self.log = folder / "log"
        self._runs: subprocess.Popen[str] | None = None

    def run(self) -> None:
        """Start `zaigang station run` and wait until its module is ready."""
        with self.log.open("w") as out:
            self._runs = subprocess.Popen([*COMMAND, "station", "run", *self._at], stdout=out, stderr=out, text=True)
        rest = threading.Event()
        for _ in range(300):
            if "state=ready" in self.log.read_text() and (self.folder / "control.sock").exists():
                return
            assert self._runs.poll() is None, self.log.read_text()
            rest.wait(0.1)
        raise AssertionError(self.log.read_text())

    def ended(self) -> int:
        """The exit status of the station, which was told to stop."""
        assert self._runs is not None
        return self._runs.wait(WAIT_S)

    def zaigang(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command that needs no finger."""
        return subprocess.run(
            [*COMMAND, *arguments, *self._at],
            capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def enrol(self, who: str, finger: str, upto: str = "") -> tuple[int, list[str], str]:
        """`zaigang station enrol`, with `finger` on the glass as its lines ask; Ctrl-C after a line that holds `upto`.

        The exit status, the lines and standard error.
        """
        command = [*COMMAND, "station", "enrol", who, "--consent", "F-7", *self._at]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        lines = []
        for line in process.stdout:
            lines.append(line.strip())
            if upto and upto in line:
                process.send_signal(signal.SIGINT)
            elif "请按手指" in line:
                self.module.finger(finger)
            elif "抬起" in line:
                self.module.lift()
        self.module.lift()
        return process.wait(WAIT_S), lines, process.stderr.read()

    def facts(self, *kinds: str) -> list[Fact]:
        """The facts of these kinds, in order."""
        reader = Reader(self.folder / FILE)
        found = list(reader.of_kinds(*kinds))
        reader.close()
        return found

    def close(self) -> None:
        if self._runs is not None:
            self._runs.terminate()
            self._runs.wait(WAIT_S)
        self.module.stop()

    @property
    def _at(self) -> tuple[str, str]:
        return "--folder", str(self.folder)
