"""Which photos a station may let go of: only those that the hub has, old ones first; each erasure is a fact before."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

import structlog

from config.settings import DiskSettings
from station.clock import Clock
from station.facts import Erased
from station.journal import Journal, Reader
from station.photos import Photos
from station.reserve import used_percent

NAMING = ("check", "finding", "addition")  # kinds of facts that name photos
BATCH = 50  # photos in one fact, and between two looks at the disk
log = structlog.get_logger("photos")


class Thinning:
    """Looks after the photos of one station."""

    def __init__(self, photos: Photos, journal: Journal, facts: Reader, disk: DiskSettings, clock: Clock) -> None:
        self._photos, self._journal, self._facts = photos, journal, facts
        self._disk, self._clock = disk, clock
        self._finished = False

    def look(self) -> None:
        """Finish what was begun, sweep orphans, let old photos go, and thin while the disk is filling.

        NotDurable when an erasure could not be recorded; then nothing of it is erased.
        """
        if not self._finished:
            self._finish()
        reading = self._clock.read()
        self._sweep(reading.at.timestamp())
        if reading.trust != "unsynced":  # a clock that is wrong by years must not make photos old
            oldest = (reading.at - timedelta(days=self._disk.photo_days)).timestamp()
            self._erase([photo.sha256 for photo in self._photos.sent() if photo.at < oldest], "retention")
        self._thin()

    def _finish(self) -> None:
        """Erasures that were recorded before the power went."""
        for fact in self._facts.of_kinds("erased"):
            for digest in fact.body["photos"]:
                self._photos.erase(str(digest))
        self._finished = True

    def _sweep(self, now: float) -> None:
        named: set[str] | None = None

        def is_named(digest: str) -> bool:
            nonlocal named
            named = named_photos(self._facts) if named is None else named  # read only when there is a doubt
            return digest in named

        if orphans := self._photos.sweep(is_named, now):
            log.warning("orphans swept", count=len(orphans))

    def _thin(self) -> None:
        for batch in _batches([photo.sha256 for photo in self._photos.sent()]):
            if used_percent(self._journal.path.parent) < self._disk.warn_percent:
                return
            self._erase(batch, "disk")

    def _erase(self, digests: list[str], reason: Literal["retention", "disk"]) -> None:
        for batch in _batches(digests):
            self._journal.append(Erased(photos=tuple(batch), reason=reason))
            log.info("photos erased", count=len(batch), reason=reason)
            for digest in batch:
                self._photos.erase(digest)


def named_photos(facts: Reader) -> set[str]:
    """The digests of all photos that facts name."""
    return {str(digest) for fact in facts.of_kinds(*NAMING) for digest in fact.body.get("photos", ())}


def _batches(digests: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(digests), BATCH):
        yield digests[start : start + BATCH]
