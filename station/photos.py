"""Photos as they were captured, each under its SHA-256, whole on the disk before any fact names it.

At a station they wait until the hub has them; then they are moved aside, where they may be thinned. The hub keeps its
own in the same way. What was stored and never named (the power went in between) is an orphan and swept.
"""

import hashlib
import io
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, UnidentifiedImageError

from config.errors import Refused
from config.words import say
from drivers.camera.jpeg import START, has_end
from station.durable import sync_folder, write_durably
from station.reserve import used_percent

FOLDER: Final = "photos"
MAX_BYTES: Final = 12 * 1024 * 1024
MAX_PIXELS: Final = 50_000_000
ORPHAN_S: Final = 3600.0
_SENT: Final = "sent"
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
JPEG: Final = ("JPEG",)
SCANS: Final = ("JPEG", "PNG")  # what a desk hands in: a telephone's picture, or a scanner's
_PNG_START, _PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"


class BadPhoto(Refused):
    """Bytes that are no photo, or too large a one: take another."""


class NoRoom(Refused):
    """The disk is nearly full and takes no photos any more: go on without, and call for help."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A photo on the disk: digest, bytes, when it was stored (seconds since 1970, the file's own)."""

    sha256: str
    size: int
    at: float


class Photos:
    """The photos in `folder` (which is made when the first one comes). Any thread may call; one process at a time."""

    def __init__(self, folder: Path, full_percent: int = 97) -> None:
        self._folder, self._full_percent = folder, full_percent
        self._turn = threading.Lock()
        self._kept: dict[str, float] = {}  # digest → when this process kept it (monotonic), for a while

    def keep(self, jpeg: bytes, kinds: Sequence[str] = JPEG) -> str:
        """Make a photo durable; its SHA-256. BadPhoto, NoRoom, and OSError from a disk that fails otherwise.

        `kinds`: as what the bytes may be; the file is named .jpg whatever they are.
        """
        check(jpeg, kinds)
        digest = hashlib.sha256(jpeg).hexdigest()
        with self._turn:
            self._kept[digest] = time.monotonic()
            if not self.has(digest):
                self._check_room()
                self._write(self._waiting(digest), jpeg)
        return digest

    def has(self, sha256: str) -> bool:
        """Whether the photo is here."""
        return self._found(sha256) is not None

    def read(self, sha256: str) -> bytes | None:
        """Its bytes as captured; None when it is not here."""
        path = self._found(sha256)
        with suppress(FileNotFoundError):
            return path.read_bytes() if path else None
        return None

    def waiting(self) -> list[Stored]:
        """Photos that the hub is not known to have, the oldest first."""
        return self._listed(self._folder)

    def sent(self) -> list[Stored]:
        """Photos that the hub has, the oldest first."""
        return self._listed(self._folder / _SENT)

    def mark_sent(self, sha256: str) -> None:
        """The hub has it; remembered durably. One that is not waiting is left as it is."""
        self._move(self._waiting(sha256), self._aside(sha256))

    def mark_waiting(self, sha256: str) -> None:
        """The hub may not have it any more; it is asked and sent again."""
        self._move(self._aside(sha256), self._waiting(sha256))

    def erase(self, sha256: str) -> None:
        """Remove it; one that is not here is well."""
        with self._turn:
            for path in (self._waiting(sha256), self._aside(sha256)):
                with suppress(FileNotFoundError):
                    path.unlink()
                    sync_folder(path.parent)

    def sweep(self, is_named: Callable[[str], bool], now: float) -> list[str]:
        """Remove what no fact names after an hour, half-written files too; the digests removed.

        `now`: seconds since 1970. A photo that this process kept within the hour stays whatever the clock says.
        """
        for path in self._folder.glob("**/*.new"):
            if _age(path, now) > ORPHAN_S:
                path.unlink(missing_ok=True)
        fresh = time.monotonic() - ORPHAN_S
        self._kept = {digest: at for digest, at in self._kept.items() if at > fresh}
        orphans = [
            photo.sha256 for photo in self.waiting()
            if photo.sha256 not in self._kept and now - photo.at > ORPHAN_S and not is_named(photo.sha256)
        ]  # fmt: skip
        for digest in orphans:
            self.erase(digest)
        return orphans

    def damaged(self) -> Iterator[str]:
        """The digests whose bytes are others now. Reads everything."""
        return (photo.sha256 for photo in (*self.waiting(), *self.sent()) if self.is_damaged(photo.sha256))

    def is_damaged(self, sha256: str) -> bool:
        """Whether its bytes are others now; one that is not here is not damaged."""
        content = self.read(sha256)
        return content is not None and hashlib.sha256(content).hexdigest() != sha256

    def _check_room(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        percent = used_percent(self._folder)
        if percent >= self._full_percent:
            raise no_room(percent)

    def _write(self, path: Path, jpeg: bytes) -> None:
        try:
            _make(path.parent)
            write_durably(path, jpeg)
        except OSError as error:
            path.with_name(path.name + ".new").unlink(missing_ok=True)
            raise no_room(used_percent(self._folder)) from error

    def _move(self, here: Path, there: Path) -> None:
        with self._turn, suppress(FileNotFoundError):
            _make(there.parent)
            here.rename(there)
            sync_folder(there.parent)
            sync_folder(here.parent)

    def _found(self, sha256: str) -> Path | None:
        if not _DIGEST.fullmatch(sha256):
            return None
        return next((path for path in (self._waiting(sha256), self._aside(sha256)) if path.exists()), None)

    def _waiting(self, sha256: str) -> Path:
        return path_of(self._folder, sha256)

    def _aside(self, sha256: str) -> Path:
        return path_of(self._folder / _SENT, sha256)

    def _listed(self, folder: Path) -> list[Stored]:
        found = []
        for path in folder.glob("[0-9a-f][0-9a-f]/*.jpg"):
            with suppress(FileNotFoundError):
                about = path.stat()
                found.append(Stored(path.stem, about.st_size, about.st_mtime))
        return sorted(found, key=lambda photo: (photo.at, photo.sha256))


def path_of(folder: Path, sha256: str) -> Path:
    """Where the photo of that SHA-256 lies in `folder`, or would lie."""
    return folder / sha256[:2] / f"{sha256}.jpg"


def kind_of(content: bytes) -> str:
    """JPEG or PNG, by the first bytes, whatever a file's name says; empty for anything else."""
    return "JPEG" if content.startswith(START) else "PNG" if content.startswith(_PNG_START) else ""


def check(content: bytes, kinds: Sequence[str] = JPEG) -> None:
    """BadPhoto when these bytes are no JPEG (none of `kinds`), not whole, or too large. Nothing is decoded."""
    kind = kind_of(content)
    if len(content) > MAX_BYTES:
        raise BadPhoto(
            say("照片 {size} MB，超过 {most} MB", size=-(-len(content) // 2**20), most=MAX_BYTES // 2**20),
            remedy=say("请用较小的尺寸重拍"),
        )
    if kind not in kinds:
        raise BadPhoto(say("这不是 JPEG 照片"), remedy=say("请重拍，或换一张 JPEG 照片"))
    try:
        with Image.open(io.BytesIO(content), formats=(kind,)) as picture:
            pixels = picture.width * picture.height
    except Image.DecompressionBombError:
        pixels = MAX_PIXELS + 1
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise BadPhoto(say("照片打不开，可能已损坏"), remedy=say("请重拍")) from error
    if pixels > MAX_PIXELS:
        raise BadPhoto(say("照片超过 {most} 万像素", most=MAX_PIXELS // 10_000), remedy=say("请用较小的尺寸重拍"))
    if not (has_end(content) if kind == "JPEG" else content.endswith(_PNG_END)):
        raise BadPhoto(say("照片没有传完"), remedy=say("请重拍或重新上传"))


def no_room(percent: int) -> NoRoom:
    """The refusal of a photo for want of space."""
    return NoRoom(
        say("磁盘已用 {percent}%，暂不能存照片", percent=percent), saved=say("检查和打卡照常记录"),
        remedy=say("请注明“磁盘已满”继续巡查，并通知管理员"),
    )  # fmt: skip


def _make(folder: Path) -> None:
    """A folder that is still there after a power cut."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        sync_folder(folder.parent)


def _age(path: Path, now: float) -> float:
    with suppress(FileNotFoundError):
        return now - path.stat().st_mtime
    return 0.0
