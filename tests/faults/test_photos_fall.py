"""Photos under kill -9, power cuts and small disks: no row without its photo, no part of one, no orphan for long."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from config.settings import DiskSettings
from station.errors import NotDurable
from station.journal import FILE, Journal, Reader
from station.photos import ORPHAN_S, NoRoom, Photos
from station.thinning import Thinning, named_photos
from station.verify import verify_file
from tests.builders import MONDAY, check_of, clock, journal_with, picture, punch
from tests.faults.disks import PowerCut, tmpfs
from tests.faults.killing import Ended, Killing, points

DIGESTS = [hashlib.sha256(picture(number)).hexdigest() for number in (1, 2)]


@pytest.fixture(scope="module")
def killing() -> Iterator[Killing]:
    with Killing() as made:
        yield made


def hold(folder: Path, end: Ended) -> None:
    """What must be true of a station after any fall, before and after it is looked after."""
    photos = Photos(folder / "photos")
    with Journal(folder, clock()) as journal:
        facts = Reader(journal.path)
        named = named_photos(facts)
        erased = {str(digest) for fact in facts.of_kinds("erased") for digest in fact.body["photos"]}
        assert {DIGESTS[number - 1] for number in end.acked} <= named
        assert all(photos.has(digest) for digest in named - erased), "a row without its photo"
        assert list(photos.damaged()) == []
        for path in folder.glob("photos/**/*"):  # the next start may come an hour later
            if path.is_file():
                os.utime(path, (MONDAY.timestamp() - ORPHAN_S - 60,) * 2)
        Thinning(photos, journal, facts, DiskSettings(warn_percent=100), clock()).look()
        left = {path.name for path in folder.glob("photos/**/*.*")}
        assert left == {f"{digest}.jpg" for digest in named - erased}, "an orphan, a part, or one erased too much"
        facts.close()
    assert verify_file(folder / FILE).broken is None


@pytest.mark.timeout(600)
@pytest.mark.parametrize("step", [pytest.param(11, id="sampled"), pytest.param(1, id="each", marks=pytest.mark.slow)])
def test_killed_at_any_call(killing: Killing, tmp_path: Path, step: int) -> None:
    before = tmp_path / "before"
    journal_with(before, 1).close()
    ends = points(killing, "photographed", before, tmp_path, step)
    assert any(end.killed for _, end in ends)
    assert any(end.acked == [1, 2] for _, end in ends)
    for folder, end in ends:
        hold(folder / "station", end)


@pytest.mark.parametrize("inject", ["rename:error=EIO:when=1", "fsync:error=EIO:when=2", "write:error=ENOSPC:when=4"])
def test_a_disk_that_fails_for_a_moment_leaves_no_part(killing: Killing, tmp_path: Path, inject: str) -> None:
    journal_with(tmp_path / "station", 1).close()
    with suppress(AssertionError):  # the scene may end with the refusal
        killing.play("photographed", tmp_path, inject)
    acked = (tmp_path / "acked").read_text().split() if (tmp_path / "acked").exists() else []
    hold(tmp_path / "station", Ended(False, [int(each) for each in acked]))


@pytest.mark.slow  # mounts a disk
def test_a_power_cut_keeps_every_photo_that_a_fact_names(tmp_path: Path) -> None:
    disk, acked = PowerCut(tmp_path), 0
    try:
        for cut in range(12):
            photos = Photos(disk.mount / "station" / "photos")
            with Journal(disk.mount / "station", clock()) as journal:
                facts = Reader(journal.path)
                named = named_photos(facts)
                facts.close()
                assert len(named) == acked
                assert all(photos.has(digest) for digest in named)
                assert list(photos.damaged()) == []
                for _ in range(1 + cut % 3):
                    digest = photos.keep(picture(100 + acked))
                    journal.append(check_of(digest))
                    acked += 1
                    if acked % 2:
                        photos.mark_sent(digest)
                photos.keep(picture(1000 + cut))  # no fact names it before the power goes
                disk.cut()
                with pytest.raises(NotDurable):
                    journal.append(punch())
            disk.pull_out()
            disk.plug_in()
    finally:
        disk.pull_out()


@pytest.mark.slow  # mounts a disk
def test_a_small_disk_refuses_photos_keeps_punches_and_thins_what_the_hub_has(tmp_path: Path) -> None:
    settings = DiskSettings(warn_percent=70, full_percent=85)
    with tmpfs(tmp_path / "disk", "size=700k") as disk, Journal(disk / "station", clock()) as journal:
        photos, facts, digests = Photos(disk / "station" / "photos", settings.full_percent), Reader(journal.path), []
        with suppress(NoRoom):
            for number in range(200):
                digests.append(photos.keep(picture(number)))
                journal.append(check_of(digests[-1]))
        with pytest.raises(NoRoom, match="检查和打卡照常记录"):
            photos.keep(picture(999))
        assert 5 < len(digests) < 200
        assert journal.append(punch()).seq == len(digests) + 1
        thinning = Thinning(photos, journal, facts, settings, clock())
        thinning.look()
        assert all(photos.has(digest) for digest in digests), "none was with the hub"
        for digest in digests[:-2]:
            photos.mark_sent(digest)
        thinning.look()
        assert not photos.has(digests[0])
        assert all(photos.has(digest) for digest in digests[-2:])
        assert photos.keep(picture(500)), "there is room again"
        facts.close()
    assert not list((tmp_path / "disk").glob("**/*.new"))
