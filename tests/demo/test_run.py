"""`zaigang demo` as a newcomer meets it: a hall at work, the hub stopped and started, nothing lost, nothing twice."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from station.journal import FILE, Reader

COMMAND = [sys.executable, "-c", "from station.cli import main; main()"]

OF_STATIONS = (
    "SELECT count(*) FROM facts JOIN lineages ON lineages.id = facts.lineage "
    "JOIN stations ON stations.id = lineages.station WHERE stations.state != 'own'"
)


@dataclass
class Demo:
    """A demonstration that runs, and what it said."""

    process: subprocess.Popen[str]
    folder: Path
    said: list[str]

    def type(self, line: str) -> None:
        """A line at its terminal."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def facts(self) -> int:
        reader = Reader(self.folder / "station" / FILE)
        try:
            return reader.head_seq()
        finally:
            reader.close()

    def in_ledger(self) -> int:
        """The station's facts that the hub holds, without the hub's own."""
        ledger = sqlite3.connect(f"file:{self.folder}/hub/ledger.sqlite3?mode=ro", uri=True)
        try:
            return int(ledger.execute(OF_STATIONS).fetchone()[0])
        finally:
            ledger.close()


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Look again and again; fail when it has not come true."""
    for _ in range(round(seconds / 0.2)):
        if condition():
            return
        threading.Event().wait(0.2)
    raise AssertionError("it did not come true in time")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo") / "var"
    ports = ["--port", str(free_port()), "--kiosk-port", str(free_port())]
    process = subprocess.Popen(
        [*COMMAND, "demo", "--small", "--folder", str(folder), *ports],
        stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(9)]
    yield Demo(process, folder, said)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert not list_processes(folder)


def list_processes(folder: Path) -> list[str]:
    """Whatever still runs with this folder on its command line."""
    done = subprocess.run(["pgrep", "-f", str(folder)], capture_output=True, text=True, check=False)
    return done.stdout.split()


def test_it_says_addresses_and_a_one_time_password(demo: Demo) -> None:
    said = "".join(demo.said)
    assert re.search(r"http://127\.0\.0\.1:\d+/\s", said), said
    assert re.search(r"/kiosk\?token=\S+", said)
    logins = re.findall(r"登录名   (\w+) +一次性密码 \w{4}-\w{4}-\w{4}", said)
    assert logins == ["admin", "zhiban", "ducha", "kaoqin"], said
    assert re.search(r"PIN +欧阳建国 \d{6}", said)
    assert "模拟" in said


def test_the_past_is_there_and_people_go_on_pressing(demo: Demo) -> None:
    until(lambda: demo.in_ledger() > 250)
    before = demo.facts()
    until(lambda: demo.facts() > before)


def test_presses_go_on_without_the_hub_and_arrive_once_it_is_back(demo: Demo) -> None:
    hub = demo.folder / "hub"
    [pid, *_] = [pid for pid in list_processes(hub) if Path(f"/proc/{pid}/stat").exists()]
    os.kill(int(pid), signal.SIGTERM)
    until(lambda: not list_processes(hub))
    before = demo.facts()
    for name in ("刘明", "王芳"):
        demo.type(f"press {name}")
    until(lambda: demo.facts() >= before + 2)
    assert demo.in_ledger() <= before + 1
    again = subprocess.Popen([*COMMAND, "hub", "serve", "--folder", str(hub)], stderr=subprocess.DEVNULL)
    try:
        until(lambda: demo.in_ledger() >= before + 2)
        until(lambda: demo.in_ledger() == demo.facts())
    finally:
        again.terminate()
        again.wait(timeout=30)
