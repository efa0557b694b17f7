"""Disks that are full, read-only, failing, slow, or lose power: nothing acknowledged is lost, nothing is kept quiet."""

import random
import signal
import sqlite3
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import pytest

from config.settings import DiskSettings
from drivers.contract import Touch
from station.clock import Clock
from station.display import Display
from station.errors import NotDurable
from station.facts import Enrolled, parse
from station.journal import FILE, Journal, Reader
from station.loops.watch import Watch, disk_words
from station.places import Places
from station.punching import Punching
from station.reserve import FILE as RESERVE
from station.verify import verify_file
from tests.builders import LIU, clock, journal_with, punch
from tests.faults.disks import PowerCut, remount, tmpfs
from tests.faults.killing import Killing

KB = 1024


def fill(folder: Path, leave: int = 0) -> Path:
    """Take all the space, but `leave` bytes."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            pass
        file.truncate(max(0, file.tell() - leave))
    return filler


def press_until_refused(journal: Journal, most: int) -> int:
    """How many presses were taken."""
    for taken in range(most):
        try:
            journal.append(punch(taken))
        except NotDurable:
            return taken
    return most


def watch(journal: Journal, display: Display, clock: Clock) -> Watch:
    return Watch(journal, Reader(journal.path), clock, display, DiskSettings(warn_percent=70))


@pytest.mark.slow  # mounts a disk
def test_a_full_disk_is_met_from_the_reserve_and_the_reserve_is_made_again(tmp_path: Path) -> None:
    with tmpfs(tmp_path / "disk", "size=4m") as disk, Journal(disk / "station", clock(), 1024 * KB) as journal:
        reserve, display = disk / "station" / RESERVE, Display("站", False, lambda: clock().read().at)
        for _ in range(3):
            journal.append(punch())
        assert reserve.stat().st_size == 1024 * KB
        filler = fill(disk)
        assert press_until_refused(journal, 60) == 60, "from the reserve"
        assert not reserve.exists()
        watch(journal, display, clock()).look()
        assert (reserve.exists(), "磁盘" in display.frame.alarm) == (False, True)
        filler.unlink()
        watch(journal, display, clock()).look()
        assert (reserve.stat().st_size, display.frame.alarm) == (1024 * KB, "")
        assert journal.head.seq == 63
        assert verify_file(journal.path).broken is None


@pytest.mark.slow  # mounts a disk
def test_full_without_a_reserve_refuses_visibly_and_goes_on_when_space_returns(tmp_path: Path) -> None:
    with tmpfs(tmp_path / "disk", "size=400k") as disk, Journal(disk / "station", clock()) as journal:
        journal.append(Enrolled(person=LIU, place=1))
        display = Display("站", False, lambda: clock().read().at)
        facts = Reader(journal.path)
        places = Places(facts.of_kinds("enrolled"))
        punching = Punching(journal, facts, places, lambda: None, display, lambda: clock().read().at)
        filler = fill(disk)
        taken = 0
        with suppress(NotDurable):
            while taken < 500:
                punching.heard(Touch(1, 120, 0))
                taken += 1
        assert taken < 500
        punching.not_kept()
        assert display.frame.shown is not None
        assert (display.frame.shown.name, display.frame.shown.verdict) == ("未能记录", "请改用签到表")
        assert journal.head.seq == taken + 1
        filler.unlink()
        punching.heard(Touch(1, 120, 0))
        assert journal.head.seq == taken + 2
        assert verify_file(journal.path).broken is None


@pytest.mark.slow  # mounts a disk
def test_no_names_left(tmp_path: Path) -> None:
    with tmpfs(tmp_path / "disk", "size=1m,nr_inodes=12") as disk:
        (disk / "station").mkdir()
        made = 0
        while made < 20:
            try:
                (disk / f"name{made}").touch()
            except OSError:
                break
            made += 1
        with pytest.raises((NotDurable, OSError)):
            Journal(disk / "station", clock())
        for number in range(made):
            (disk / f"name{number}").unlink()
        with Journal(disk / "station", clock()) as journal:
            assert journal.append(punch()).seq == 1


@pytest.mark.slow  # mounts a disk
def test_read_only_refuses_and_comes_back_by_itself(tmp_path: Path) -> None:
    with tmpfs(tmp_path / "disk", "size=1m") as disk:
        journal_with(disk / "station", 3).close()
        remount(disk, "ro")
        with pytest.raises((NotDurable, OSError)):
            Journal(disk / "station", clock())
        remount(disk, "rw")
        with Journal(disk / "station", clock()) as journal:
            assert journal.append(punch()).seq == 4
        assert not list((disk / "station").glob("*.broken.*")), "a sound file is not taken for a broken one"


@pytest.fixture(scope="module")
def killing() -> Iterator[Killing]:
    with Killing() as made:
        yield made


# How the disk fails, when, and how many of the ten presses may then be missing.
FAILURES = [
    ("fdatasync:error=EIO:when=3", 0),
    ("fdatasync:error=EIO:when=3..4", 1),
    ("pwrite64:error=EIO:when=20", 0),
    ("pwrite64:error=ENOSPC:when=20", 1),
    ("pwrite64:retval=100:when=20", 0),
    ("fdatasync:delay_enter=30000", 0),
]


@pytest.mark.parametrize(("inject", "missing"), FAILURES)
def test_a_disk_that_fails_for_a_moment(killing: Killing, tmp_path: Path, inject: str, missing: int) -> None:
    journal_with(tmp_path / "station", 2).close()
    killing.play("stubborn", tmp_path, inject)
    acked = [int(line) for line in (tmp_path / "acked").read_text().split()]
    reader = Reader(tmp_path / "station" / FILE)
    places = [parse(raw).body["place"] for raw in reader.all_raw()][2:]
    reader.close()
    assert places == acked
    assert len(acked) >= 10 - missing
    assert verify_file(tmp_path / "station" / FILE).broken is None
    assert not list((tmp_path / "station").glob("*.broken.*"))


def test_a_write_that_finds_no_space_is_made_again_from_the_reserve(killing: Killing, tmp_path: Path) -> None:
    journal_with(tmp_path / "station", 2).close()
    end = killing.play("punches", tmp_path, "pwrite64:error=ENOSPC:when=20")
    assert end.acked == list(range(100, 110))
    assert not (tmp_path / "station" / RESERVE).exists(), "given back; the watch makes it again"
    assert verify_file(tmp_path / "station" / FILE).facts == 12


def test_a_page_gone_bad_in_flight_is_set_aside_and_the_press_is_kept(tmp_path: Path) -> None:
    with journal_with(tmp_path, 150) as journal:
        places = list(range(1, 151))
        with closing(sqlite3.connect(journal.path)) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with journal.path.open("r+b") as file:
            file.seek(0, 2)
            last = file.tell() // 4096
            for page in range(3, last, 2):
                file.seek(page * 4096)
                file.write(b"\xff" * 4096)
        journal._shut()  # what the cache of the process held is gone, as after a long time
        fact = journal.append(punch(500))
        reader = Reader(journal.path)
        known = [one.body["place"] for one in reader.of_kinds("punch")]
        reader.close()
    assert known[-1] == fact.body["place"] == 500
    assert set(known[:-1]) <= set(places)
    assert len(known) > 20
    assert list(tmp_path.glob("journal-*.broken.sqlite3"))


def test_a_file_deleted_in_flight_is_written_anew_from_what_the_process_holds(tmp_path: Path) -> None:
    with journal_with(tmp_path, 5) as journal:
        lineage = journal.lineage
        for path in tmp_path.glob(f"{FILE}*"):
            path.unlink()
        assert journal.append(punch()).seq == 6
        assert journal.lineage == lineage
    assert verify_file(tmp_path / FILE).facts == 6


@pytest.mark.parametrize(
    ("percent", "words"),
    [(89, ""), (90, "磁盘已用 90%，请通知管理员清理"), (97, "磁盘已用 97%，即将写满，打卡照常，请立即通知管理员")],
)
def test_the_words_for_a_filling_disk(percent: int, words: str) -> None:
    assert disk_words(percent, DiskSettings()) == words


@pytest.mark.slow  # mounts a disk
def test_a_power_cut_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    disk = PowerCut(tmp_path)
    acked = 0
    try:
        for cut in range(25):
            with Journal(disk.mount / "station", clock(), 64 * KB) as journal:
                assert acked <= journal.head.seq <= acked + 1
                for place in range(1 + cut % 7):
                    acked = journal.append(punch(place)).seq
                if cut % 5 == 4:
                    journal.fork(journal.head.seq - 2)
                    acked = journal.head.seq
                disk.cut()
                with pytest.raises(NotDurable):
                    journal.append(punch())
            disk.pull_out()
            disk.plug_in()
            assert verify_file(disk.mount / "station" / FILE).broken is None
            assert not list((disk.mount / "station").glob("*.broken.*"))
    finally:
        disk.pull_out()


@pytest.mark.slow  # mounts a disk
@pytest.mark.timeout(600)  # two hundred cuts, each with its mount
def test_power_cuts_at_any_moment_of_a_busy_station(tmp_path: Path) -> None:
    """What was acknowledged before the cut began is there. (A real cut ends the process too; here it hears a sync of
    the dying disk call itself well.)"""
    disk, dice = PowerCut(tmp_path), random.Random(200)
    acked: deque[int] = deque([0], maxlen=1)
    surely, at_most = 0, 0
    try:
        for _ in range(200):
            with Journal(disk.mount / "station", clock()) as journal, ThreadPoolExecutor(1) as pool:
                assert surely <= journal.head.seq <= at_most
                acked.append(journal.head.seq)
                busy = pool.submit(press_until_the_disk_fails, journal, acked)
                signal.sigtimedwait((), dice.uniform(0.001, 0.03))  # the moment of the cut falls where it falls
                surely = acked[0]
                disk.cut()
                busy.result(timeout=30)
                at_most = acked[0] + 1
            disk.pull_out()
            disk.plug_in()
        found = verify_file(disk.mount / "station" / FILE)
        assert (found.broken, surely <= found.facts <= at_most) == (None, True)
        assert not list((disk.mount / "station").glob("*.broken.*"))
        assert surely > 200
    finally:
        disk.pull_out()


def press_until_the_disk_fails(journal: Journal, acked: deque[int]) -> None:
    """Each seq that was acknowledged, in its turn."""
    with suppress(NotDurable):
        while True:
            acked.append(journal.append(punch()).seq)
