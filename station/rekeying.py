"""A new key for a station: made here, given to the hub under the old one's signature, in use once the hub has it.

The new key lies beside the old one from before the hub hears of it until the old one is gone, so a cut at any moment
leaves a key that the hub knows.
"""

from pathlib import Path

from station.durable import sync_folder
from station.joining import KEY
from station.keys import Key, load_or_make

NEXT = "station.key.next"


def prepare(folder: Path) -> Key:
    """The key that is to come, made on first asking."""
    return load_or_make(folder / NEXT)


def prepared(folder: Path) -> Key | None:
    """The key that is to come; None when none was asked for."""
    return load_or_make(folder / NEXT) if (folder / NEXT).exists() else None


def take_over(folder: Path, key: Key) -> None:
    """The hub has the new key: it is `key` from now on, here and after a restart."""
    key.become(prepare(folder))
    (folder / NEXT).replace(folder / KEY)
    sync_folder(folder)


def drop(folder: Path) -> None:
    """The hub wants no other key: the present one stays."""
    (folder / NEXT).unlink(missing_ok=True)
