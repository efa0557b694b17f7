"""A file that only takes up space, given back when the disk is full so that punches go on."""

import contextlib
import os
from pathlib import Path

from station.durable import sync_folder

FILE = "reserve"
_NOTHING = 256 * 1024  # bytes


def used_percent(folder: Path) -> int:
    """How full the disk of `folder` is, in whole percent of what its users may fill."""
    space = os.statvfs(folder)
    used = space.f_blocks - space.f_bfree
    return round(100 * used / max(1, used + space.f_bavail))


class Reserve:
    """The reserve of one folder, `size` bytes; 0: none."""

    def __init__(self, folder: Path, size: int) -> None:
        self._path, self._size = folder / FILE, size

    @property
    def held(self) -> bool:
        """Whether it is there in full; one of no size always is."""
        return self._size == 0 or (self._path.exists() and self._path.stat().st_size >= self._size)

    def fill(self) -> bool:
        """Make it if it is missing; False when there is no room (what was begun is taken away again)."""
        if self.held:
            return True
        making = self._path.with_name(FILE + ".new")
        try:
            with making.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, self._size)
                os.fsync(file.fileno())
            making.rename(self._path)
            sync_folder(self._path.parent)
        except OSError:
            with contextlib.suppress(OSError):
                making.unlink(missing_ok=True)
            return False
        return True

    def room_to_fill(self) -> bool:
        """Whether it could be made and as much again would still be free."""
        space = os.statvfs(self._path.parent)
        return space.f_bavail * space.f_frsize > 2 * self._size

    def is_needed(self) -> bool:
        """Whether the disk has next to nothing left, space or names."""
        space = os.statvfs(self._path.parent)
        return space.f_bavail * space.f_frsize < _NOTHING or (space.f_files > 0 and space.f_favail == 0)

    def release(self) -> bool:
        """Give the space back; True when there was something to give."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return self._size > 0
