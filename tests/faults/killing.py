"""Killing a scene at the Nth call of a system call, by strace."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

CALLS = ("pwrite64", "fdatasync", "fsync", "write", "ftruncate", "openat", "rename", "link", "unlink")
MOST = 400  # calls of one kind in a scene


@dataclass(frozen=True, slots=True)
class Ended:
    """How a scene ended: killed or not, and the places it was acknowledged."""

    killed: bool
    acked: list[int]


class Killing:
    """A process that plays scenes on request, with everything imported beforehand."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.scenes"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, bufsize=1,
        )  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)

    def play(self, scene: str, folder: Path, inject: str = "") -> Ended:
        """Play a scene in `folder`; `inject`: strace's expression, e.g. `pwrite64:signal=KILL:when=3`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        os.mkfifo(folder / "go")
        gate = os.open(folder / "go", os.O_RDWR)  # so that neither side waits for the other to open it
        self._process.stdin.write(f"{scene} {folder}\n")
        pid = int(self._process.stdout.readline())
        tracer = _attach(pid, inject) if inject else None
        os.write(gate, b"!")
        status = int(self._process.stdout.readline())
        if tracer is not None:
            tracer.wait(timeout=30)
        os.close(gate)
        assert status in (0, -9), f"{scene} broke by itself ({status}) under {inject}"
        acked = folder / "acked"
        return Ended(status == -9, [int(line) for line in acked.read_text().split()] if acked.exists() else [])


def points(killing: Killing, scene: str, before: Path, work: Path, step: int) -> list[tuple[Path, Ended]]:
    """Play a scene from a copy of `before` once for each `step`-th call of every kind, killed there."""
    ends = []
    for call in CALLS:
        for nth in range(1, MOST, step):
            folder = work / f"{scene}-{call}-{nth}"
            folder.mkdir()
            shutil.copytree(before, folder / "station")
            end = killing.play(scene, folder, f"{call}:signal=KILL:when={nth}")
            ends.append((folder, end))
            if not end.killed:
                break
    return ends


def _attach(pid: int, inject: str) -> subprocess.Popen[str]:
    call = inject.partition(":")[0]
    tracer = subprocess.Popen(
        ["strace", "-p", str(pid), "-o", os.devnull, "-e", f"trace={call}", "-e", f"inject={inject}"],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert tracer.stderr is not None
    said = tracer.stderr.readline()
    assert "attached" in said, said
    return tracer
