"""The derivatives of photos: each made once and kept beside the originals, named by the original's hash."""

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from station.durable import write_durably
from web.pictures import making
from web.pictures.detector import Detector

Size = Literal["shown", "small"]
FOLDER = "derived"
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Shelf:
    """Blurred pictures in `folder`. Safe to call from several threads; a picture is made by one of them."""

    def __init__(self, folder: Path, detector: Detector) -> None:
        self._folder, self._detector = folder / FOLDER, detector
        self._making = threading.Lock()

    def get(self, digest: str, size: Size, original: Callable[[], bytes]) -> bytes:
        """The JPEG to show for the photo whose SHA-256 is `digest`; `original` reads it when it has to be made.

        NoDetector: it is withheld, never shown unblurred. NotAPicture: the original cannot be read as a JPEG.
        """
        path = self._path(digest, size)
        if not path.exists():
            with self._making:
                if not path.exists():
                    self._make(digest, original())
        return path.read_bytes()

    def stamped(self, digest: str, lines: list[str], original: Callable[[], bytes]) -> bytes:
        """The shown picture with `lines` on it. Raises as `get` does."""
        shown = making.opened(self.get(digest, "shown", original))
        return making.encoded(making.stamped(shown, lines), _comment(digest))

    def forget(self, digest: str) -> None:
        """Remove what was made of a photo that is erased."""
        for size in ("shown", "small"):
            self._path(digest, size).unlink(missing_ok=True)

    def _make(self, digest: str, jpeg: bytes) -> None:
        picture = making.upright(jpeg)
        shown = making.blurred(picture, self._detector.faces(picture))
        comment = _comment(digest)
        write_durably(self._path(digest, "small"), making.encoded(making.thumbnail(shown), comment))
        write_durably(self._path(digest, "shown"), making.encoded(shown, comment))

    def _path(self, digest: str, size: Size) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise ValueError(digest)
        return self._folder / digest[:2] / f"{digest}.{size}.jpg"


def _comment(digest: str) -> str:
    return f"derived from sha256 {digest}"
