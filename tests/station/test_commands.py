"""`zaigang station …`: every refusal is one clear line, with the right exit status, and no traceback."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.sim.zfm import ZfmSimulator
from station.journal import Journal
from tests.builders import clock, journal_with

COMMAND = [sys.executable, "-c", "from station.cli import main; main()"]


def zaigang(*arguments: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*before, *COMMAND, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert all(word in done.stderr for word in words), done.stderr


def write(folder: Path, text: str) -> str:
    folder.mkdir(exist_ok=True)
    (folder / "station.toml").write_text(text, encoding="utf-8")
    return str(folder)


@pytest.fixture
def module(tmp_path: Path) -> Iterator[ZfmSimulator]:
    with ZfmSimulator(link=tmp_path / "module") as made:
        yield made


def test_unknown_settings_are_all_told_with_the_nearest_spelling(tmp_path: Path) -> None:
    folder = write(tmp_path / "s", 'nmae = "x"\n[reader]\nbuad = 9600\n')
    refused(zaigang("station", "run", "--folder", folder), "nmae", "name", "reader.buad", "reader.baud")


def test_no_port_in_the_settings(tmp_path: Path) -> None:
    refused(zaigang("station", "run", "--folder", write(tmp_path / "s", "")), "[reader]", "port")


def test_a_port_that_is_not_there(tmp_path: Path) -> None:
    folder = write(tmp_path / "s", f'[reader]\nport = "{tmp_path}/ttyNONE"\n')
    refused(zaigang("station", "run", "--folder", folder), "ttyNONE")


def test_a_port_that_may_not_be_opened_names_the_group_to_join(tmp_path: Path, module: ZfmSimulator) -> None:
    real = str(Path(module.port).resolve())
    folder = write(tmp_path / "s", f'[reader]\nport = "{real}"\n')
    deny = ("strace", "-f", "-qq", "-o", "/dev/null", "-P", real, "-e", "inject=openat:error=EACCES")
    refused(zaigang("station", "run", "--folder", folder, before=deny), "usermod -aG")


def test_a_second_station_on_the_folder_is_told_who_has_it(tmp_path: Path, module: ZfmSimulator) -> None:
    folder = write(tmp_path / "s", f'[reader]\nport = "{module.port}"\n')
    with Journal(tmp_path / "s", clock()):
        refused(zaigang("station", "run", "--folder", folder), str(os.getpid()))


def test_a_folder_without_a_journal_has_no_status(tmp_path: Path) -> None:
    refused(zaigang("station", "status", "--folder", str(tmp_path)), "--folder")


def test_status_reads_beside_a_running_station(tmp_path: Path) -> None:
    with journal_with(tmp_path, 3):
        done = zaigang("station", "status", "--folder", str(tmp_path), "--json")
    assert (done.returncode, '"账本条数": 3' in done.stdout) == (0, True)


@pytest.mark.parametrize(
    "arguments", [("dance",), ("station", "dance"), ("station", "join"), ("sim", "zfm", "--baud", "x")]
)
def test_bad_use_is_exit_status_two_without_a_traceback(arguments: tuple[str, ...]) -> None:
    done = zaigang(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_joining_a_hub_that_is_not_there_says_so(tmp_path: Path) -> None:
    done = zaigang("station", "join", "http://127.0.0.1:9", "--code", "X", "--folder", str(tmp_path))
    refused(done, "127.0.0.1:9")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['zaigang', '--help']\n"
        "from station.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'sqlalchemy', 'flask', 'cv2', 'numpy', 'pydantic', 'cryptography', 'requests'} & set(sys.modules)\n"
        "print('heavy', sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert "heavy []" in done.stdout
