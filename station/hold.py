"""The right of one process over a data folder."""

import fcntl
import os
from pathlib import Path

from config.words import say
from station.errors import AlreadyRunning

LOCK = "running.lock"


class Hold:
    """The right of one process over a data folder, kept until `release` or the end of the process."""

    def __init__(self, folder: Path) -> None:
        """Take the hold; AlreadyRunning names the process that has it."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._file, 32, 0).decode(errors="replace").strip() or "?"
            os.close(self._file)
            raise AlreadyRunning(
                say("已有一个进程（{pid}）在使用数据目录 {folder}", pid=holder, folder=folder),
                remedy=say("请使用正在运行的那个，或先将其停止"),
            ) from error
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Give the folder back."""
        os.close(self._file)
