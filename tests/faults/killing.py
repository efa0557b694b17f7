"""Killing a scene at the Nth call of a system call, by strace."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
        with self._begun(scene, folder) as (pid, gate):
            tracer = _attach(pid, inject) if inject else None
            os.write(gate, b"!")
            status = self._status()
            if tracer is not None:
                tracer.wait(timeout=30)
        assert status in (0, -9), f"{scene} broke by itself ({status}) under {inject}"
        acked = folder / "acked"
        return Ended(status == -9, [int(line) for line in acked.read_text().split()] if acked.exists() else [])

    def strike(self, scene: str, folder: Path, after: int, seconds: float) -> list[int]:
        """Play a scene that never ends until it was acknowledged `after` times and `seconds` more, then kill it."""
        os.mkfifo(folder / "acked")
        told = os.open(folder / "acked", os.O_RDWR)
        with self._begun(scene, folder) as (pid, gate), os.fdopen(told, "rb", buffering=0) as acked:
            os.write(gate, b"!")
            whole = b"".join(acked.readline() for _ in range(after))
            signal.sigtimedwait((), seconds)  # an exact short wait; the instant of the kill falls where it falls
            os.kill(pid, signal.SIGKILL)
            assert self._status() == -9
            os.set_blocking(told, False)
            whole += acked.read() or b""
        for name in ("acked", "go"):
            (folder / name).unlink()
        return [int(line) for line in whole.split()]

    @contextmanager
    def _begun(self, scene: str, folder: Path) -> Iterator[tuple[int, int]]:
        """A child that waits for its gate to be written to: its process id, and the gate."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        os.mkfifo(folder / "go")
        gate = os.open(folder / "go", os.O_RDWR)  # so that neither side waits for the other to open it
        self._process.stdin.write(f"{scene} {folder}\n")
        yield int(self._process.stdout.readline()), gate
        os.close(gate)

    def _status(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())


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
