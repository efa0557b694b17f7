"""Whether the photos on the disk are those that the facts name, byte for byte."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import click

from config.words import say, series
from station.photos import FOLDER, Photos
from station.reader import Reader
from station.thinning import named_photos

SHOWN = 5  # digests named in one line


@dataclass(frozen=True, slots=True)
class PhotoWalk:
    """What was found: how many hold, which were altered, which a fact names and nobody erased though they are gone."""

    sound: int = 0
    damaged: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing was altered and nothing is missing."""
        return not self.damaged and not self.missing


def walk_photos(photos: Photos, expected: set[str], progress: Callable[[int, int], None]) -> PhotoWalk:
    """Read every photo. `expected`: those that must be here."""
    here = {photo.sha256 for photo in (*photos.waiting(), *photos.sent())}
    damaged = []
    for done, digest in enumerate(sorted(here), start=1):
        if photos.is_damaged(digest):
            damaged.append(digest)
        progress(done, len(here))
    return PhotoWalk(len(here) - len(damaged), damaged, sorted(expected - here))


def walk_station(folder: Path, journal: Path, progress: Callable[[int, int], None]) -> PhotoWalk:
    """The photos of the station in `folder`, against its own facts. sqlite3.Error when those cannot be read."""
    facts = Reader(journal)
    try:
        erased = {str(digest) for fact in facts.of_kinds("erased") for digest in fact.body["photos"]}
        expected = named_photos(facts) - erased
    finally:
        facts.close()
    return walk_photos(Photos(folder / FOLDER), expected, progress)


def tell_photos(found: PhotoWalk) -> bool:
    """Say what a walk came to; whether all holds. Nothing is said where there are no photos."""
    if found.holds and found.sound:
        click.echo(say("✓ 照片：{n} 张，逐字节完好", n=found.sound))
    if found.damaged:
        click.echo(say("✗ 照片：{n} 张被改动或损坏（{names}）", n=len(found.damaged), names=_named(found.damaged)))
    if found.missing:
        click.echo(say("✗ 照片：{n} 张有记录而没有文件（{names}）", n=len(found.missing), names=_named(found.missing)))
    if not found.holds:
        click.echo(say("    其余 {n} 张完好；请保留原文件并通知管理员", n=found.sound))
    return found.holds


def _named(digests: list[str]) -> str:
    return series(digest[:12] for digest in digests[:SHOWN]) + ("…" if len(digests) > SHOWN else "")
