"""`zaigang station join`: words to compare, and the rescue code, printed once and kept as a hash only."""

import re
import stat
import subprocess
from pathlib import Path

from argon2 import PasswordHasher

from config.settings import load_hub
from station.joining import KEY, load_joined, own_words
from station.keys import load_or_make
from station.unlocking import FILE
from tests.faults.running_hub import RunningHub
from tests.station.enrolled_station import COMMAND
from web.services import stations
from web.services.hub import open_hub


def code_of(hub: RunningHub, station: str | None = None) -> str:
    """A one-time code; for that station to join anew by."""
    opened = open_hub(load_hub(hub.folder))
    with opened.ledger.writing() as session:
        code = stations.make_code(session, opened.now(), None, station)
    opened.close()
    return code


def test_joining_prints_the_words_and_the_rescue_code_once(tmp_path: Path) -> None:
    hub, folder = RunningHub(tmp_path / "hub"), tmp_path / "station"
    hub.start()
    try:
        command = [*COMMAND, "station", "join", hub.url, "--code", code_of(hub), "--folder", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        again = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    finally:
        hub.stop()
    assert done.returncode == 0, done.stderr
    assert re.search(r"本站：(\w\w ){3}\w\w\n", done.stdout)
    (code,) = re.findall(r"^  (\d{4}-\d{4}-\d{4})$", done.stdout, re.MULTILINE)
    kept = folder / FILE
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert code.replace("-", "") not in kept.read_text()
    assert PasswordHasher().verify(kept.read_text(), code.replace("-", ""))
    assert (again.returncode, "已接入" in again.stderr, again.stdout) == (2, True, "")


def test_joining_anew_keeps_the_station_and_changes_its_key(tmp_path: Path) -> None:
    hub, folder = RunningHub(tmp_path / "hub"), tmp_path / "station"
    hub.start()

    def zaigang(*words: str) -> str:
        command = [*COMMAND, "station", *words, "--folder", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return str(re.findall(r"本站：((?:\w\w ){3}\w\w)\n", done.stdout)[0])

    try:
        first = zaigang("join", hub.url, "--code", code_of(hub))
        before = load_joined(folder)
        assert before is not None
        again = zaigang("join", hub.url, "--again", "--code", code_of(hub, before.station))
        assert load_joined(folder) == before
        assert own_words(folder, load_or_make(folder / KEY)) == again != first
        assert zaigang("rekey") not in (first, again)
        assert own_words(folder, load_or_make(folder / KEY)) == again, "in use only once the hub has it"
    finally:
        hub.stop()
