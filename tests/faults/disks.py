"""Small disks of a test's own: tmpfs, and an ext4 in a file whose power can be cut. Needs root."""

import fcntl
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_EXT4_SHUTDOWN = 0x8004587D  # EXT4_IOC_SHUTDOWN
_NO_LOG_FLUSH = (2).to_bytes(4, "little")


@contextmanager
def tmpfs(folder: Path, options: str) -> Iterator[Path]:
    """A memory disk at `folder`, e.g. of `size=300k`."""
    folder.mkdir(exist_ok=True)
    _run("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder))
    try:
        yield folder
    finally:
        _run("umount", "-l", str(folder))


def remount(folder: Path, options: str) -> None:
    """Change a mounted disk, e.g. `remount,ro`."""
    _run("mount", "-o", f"remount,{options}", str(folder))


class PowerCut:
    """An ext4 in a file, mounted at `mount`."""

    def __init__(self, work: Path) -> None:
        self._image, self.mount = work / "disk.img", work / "disk"
        self.mount.mkdir()
        with self._image.open("wb") as file:
            file.truncate(24 * 1024 * 1024)
        _run("mkfs.ext4", "-q", "-F", str(self._image))
        self.plug_in()

    def plug_in(self) -> None:
        """Mount; the file system's own journal is replayed."""
        _run("mount", "-o", "loop", str(self._image), str(self.mount))

    def cut(self) -> None:
        """Everything that was not synced is gone; open files fail from now on."""
        descriptor = os.open(self.mount, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, _EXT4_SHUTDOWN, _NO_LOG_FLUSH)
        finally:
            os.close(descriptor)

    def pull_out(self) -> None:
        """Unmount."""
        with suppress(subprocess.CalledProcessError):
            _run("umount", str(self.mount))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=30)
