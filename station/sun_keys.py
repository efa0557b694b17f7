"""The keys by which a station proves dynamic tags: sealed by the hub for this station, and kept sealed."""

import json
from pathlib import Path

import structlog

from station.durable import write_durably
from station.sealed import BadSeal, SealKey
from station.sun import BadSun, Keys

FILE = "sun.sealed"
FROM_HUB = b"zaigang-sun"
log = structlog.get_logger("sun")


class SunKeys:
    """The keys held now. `keys` is None before the hub gave any."""

    def __init__(self, folder: Path, seal: SealKey) -> None:
        self._path, self._seal = folder / FILE, seal
        self._held = self._load()

    def keys(self) -> Keys | None:
        """One key that reads numbers, one for each tag that the hub knew."""
        return self._held

    def take(self, content: bytes) -> None:
        """Hold what the hub sent from now on, on the disk too. BadSeal keeps what was held before."""
        held = opened(self._seal, content)
        write_durably(self._path, content)
        self._held = held

    def _load(self) -> Keys | None:
        try:
            return opened(self._seal, self._path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, BadSeal) as error:
            log.warning("keys unreadable", error=str(error))
            return None


def opened(seal: SealKey, content: bytes) -> Keys:
    """The keys that the hub sealed; BadSeal for anything else. A tag that is not among them is unknown."""
    plain = seal.open(content, FROM_HUB)
    try:
        told = json.loads(plain)
        meta = bytes.fromhex(told["meta"])
        files = {bytes.fromhex(uid): bytes.fromhex(key) for uid, key in told["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadSeal("shape") from error

    def file_of(uid: bytes) -> bytes:
        if uid not in files:
            raise BadSun("unknown")
        return files[uid]

    return Keys(meta, file_of)
