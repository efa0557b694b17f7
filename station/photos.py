"""Photos as captured, kept by their SHA-256: durable before the fact that names them, never changed, never doubled."""

import hashlib
from pathlib import Path

from station.durable import write_durably


def keep(folder: Path, jpeg: bytes) -> str:
    """Make `jpeg` durable under `folder`; its SHA-256 (hex). The same bytes again change nothing."""
    sha256 = hashlib.sha256(jpeg).hexdigest()
    path = path_of(folder, sha256)
    if not path.exists():
        write_durably(path, jpeg)
    return sha256


def path_of(folder: Path, sha256: str) -> Path:
    """Where the photo of that SHA-256 lies, or would lie."""
    return folder / sha256[:2] / f"{sha256}.jpg"
