"""The unit files are what systemd accepts, and the package list is what the script reads."""

import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"


@pytest.mark.parametrize("unit", sorted(DEPLOY.glob("*.service")), ids=lambda unit: unit.name)
def test_systemd_accepts_the_unit(unit: Path, tmp_path: Path) -> None:
    # The command's path is where a hall installs it; here any program of that name stands in for it.
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text().replace("/opt/zaigang/.venv/bin/zaigang", "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False, timeout=60
    )
    said = [line for line in done.stderr.splitlines() if unit.name in line]
    assert (done.returncode, said) == (0, []), done.stderr


def test_every_line_of_the_package_list_names_set_package_and_reason() -> None:
    lines = [line.split(None, 2) for line in (DEPLOY / "system-packages.txt").read_text().splitlines()]
    listed = [line for line in lines if line and line[0] != "#"]
    assert listed
    assert all(len(line) == 3 and set(line[0].split(",")) <= {"run", "station", "test"} for line in listed)


def test_the_scripts_are_sound() -> None:
    subprocess.run(["sh", "-n", str(DEPLOY / "install-packages.sh")], check=True)
