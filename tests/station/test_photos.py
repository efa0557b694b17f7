"""The photo store: what is a photo, whole or not there, swept, thinned, and never erased before the hub has it."""

import hashlib
import os
import struct
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from config.errors import Refused
from config.settings import DiskSettings
from station import photos as store
from station.clock import DrivenClock
from station.errors import NotDurable
from station.facts import Body, Erased, Fact
from station.journal import Journal, Reader
from station.photos import MAX_BYTES, ORPHAN_S, BadPhoto, NoRoom, Photos
from station.thinning import Thinning
from station.verify import verify
from tests.builders import MONDAY, check_of, clock, picture

NOW = MONDAY.timestamp()


def aged(folder: Path, seconds: float) -> None:
    """Make every photo this old by its file's time."""
    for path in folder.glob("**/*.*"):
        os.utime(path, (NOW - seconds, NOW - seconds))


# ---- what is a photo


def header_only(width: int, height: int) -> bytes:
    """A JPEG that claims this size; decoding it would take width x height x 3 bytes."""
    out = BytesIO()
    Image.new("RGB", (16, 16)).save(out, "JPEG")
    small = out.getvalue()
    at = small.index(b"\xff\xc0") + 5
    return small[:at] + struct.pack(">HH", height, width) + small[at + 4 :]


def other(kind: str) -> bytes:
    out = BytesIO()
    Image.new("RGB", (16, 16)).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "不是 JPEG"), (b"%PDF-1.7 renamed to .jpg", "不是 JPEG"), (other("PNG"), "不是 JPEG"),
        (other("WEBP"), "不是 JPEG"), (b"\xff\xd8\xff\xe0rubbish", "打不开"),
        (picture()[: len(picture()) // 2], "没有传完"),
        (picture()[:-2], "没有传完"), (header_only(60_000, 60_000), "5000 万像素"),
        (header_only(10_000, 5_001), "5000 万像素"),
        (b"\xff\xd8" + bytes(MAX_BYTES), "超过 12 MB"),
    ],
)  # fmt: skip
def test_what_is_no_photo_is_refused_with_the_reason(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(BadPhoto, match=words) as refused:
        Photos(tmp_path / "photos").keep(content)
    assert refused.value.remedy
    assert not list(tmp_path.rglob("*.jpg*"))


def test_a_thumbnail_in_the_headers_makes_no_torn_picture_whole() -> None:
    thumbnail = picture(2)
    segment = b"\xff\xe1" + (len(thumbnail) + 2).to_bytes(2) + thumbnail
    whole = picture()[:2] + segment + picture()[2:]
    store.check(whole)
    store.check(whole + b"what a telephone appends")
    with pytest.raises(BadPhoto, match="没有传完"):
        store.check(whole[:-200])


def test_fifty_megapixels_are_taken_without_decoding(tmp_path: Path) -> None:
    assert Photos(tmp_path).keep(header_only(10_000, 5_000))


# ---- keeping


def test_kept_by_its_digest_byte_for_byte_and_once(tmp_path: Path) -> None:
    photos, content = Photos(tmp_path / "photos"), picture()
    digest = photos.keep(content)
    assert digest == photos.keep(content) == hashlib.sha256(content).hexdigest()
    assert photos.read(digest) == content
    assert [path.name for path in tmp_path.rglob("*.*")] == [f"{digest}.jpg"]
    assert not photos.has("0" * 64)
    assert photos.read("../../etc/passwd") is None


def test_on_its_way_sent_and_erased(tmp_path: Path) -> None:
    photos = Photos(tmp_path)
    first, second = photos.keep(picture(1)), photos.keep(picture(2))
    photos.mark_sent(first)
    photos.mark_sent("f" * 64)
    assert ([one.sha256 for one in photos.waiting()], [one.sha256 for one in photos.sent()]) == ([second], [first])
    assert photos.read(first) == picture(1)
    photos.keep(picture(1))
    assert photos.waiting()[0].sha256 == second, "the same picture again is not sent again"
    photos.mark_waiting(first)
    assert len(photos.waiting()) == 2
    photos.erase(first)
    photos.erase(first)
    assert not photos.has(first)


def test_nearly_full_refuses_photos_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photos = Photos(tmp_path, full_percent=97)
    monkeypatch.setattr(store, "used_percent", lambda _: 97)
    with pytest.raises(NoRoom, match="磁盘已用 97%") as refused:
        photos.keep(picture())
    assert "检查和打卡照常记录" in str(refused.value)
    monkeypatch.setattr(store, "used_percent", lambda _: 96)
    assert photos.keep(picture())


def test_one_flipped_byte_is_found(tmp_path: Path) -> None:
    photos = Photos(tmp_path)
    sound, hurt = photos.keep(picture(1)), photos.keep(picture(2))
    assert list(photos.damaged()) == []
    path = store.path_of(tmp_path, hurt)
    content = bytearray(path.read_bytes())
    content[99] ^= 1
    path.write_bytes(content)
    assert list(photos.damaged()) == [hurt]
    assert photos.has(sound)


# ---- sweeping


def test_orphans_go_after_an_hour_and_named_photos_stay(tmp_path: Path) -> None:
    before = Photos(tmp_path)
    named, orphan, sent = before.keep(picture(1)), before.keep(picture(2)), before.keep(picture(3))
    before.mark_sent(sent)
    (tmp_path / "aa").mkdir(exist_ok=True)
    (tmp_path / "aa" / f"{'a' * 64}.jpg.new").write_bytes(b"half")
    photos = Photos(tmp_path)  # another process: what it did not keep itself goes by the file's age
    aged(tmp_path, ORPHAN_S - 60)
    assert photos.sweep(lambda digest: digest == named, NOW) == []
    aged(tmp_path, ORPHAN_S + 60)
    assert before.sweep(lambda digest: digest == named, NOW) == [], "a form may still be open, whatever the clock says"
    assert photos.sweep(lambda digest: digest == named, NOW) == [orphan]
    assert {path.stem for path in tmp_path.rglob("*.*")} == {named, sent}


# ---- thinning


class FullDisk(Journal):
    """A journal whose disk takes nothing."""

    def append(self, body: Body) -> Fact:
        raise NotDurable("full")


def bench(folder: Path, clock: DrivenClock, kind: type[Journal] = Journal) -> tuple[Photos, Journal, Thinning]:
    photos, journal = Photos(folder / "photos"), kind(folder, clock)
    return photos, journal, Thinning(photos, journal, Reader(journal.path), DiskSettings(photo_days=30), clock)


def test_old_photos_go_only_when_the_hub_has_them_and_the_fact_comes_first(tmp_path: Path) -> None:
    driven = clock()
    photos, journal, thinning = bench(tmp_path, driven)
    waiting, sent = photos.keep(picture(1)), photos.keep(picture(2))
    journal.append(check_of(waiting, sent))
    photos.mark_sent(sent)
    aged(tmp_path / "photos", 31 * 86400)
    thinning.look()
    assert (photos.has(waiting), photos.has(sent)) == (True, False)
    facts = list(Reader(journal.path).of_kinds("erased"))
    assert [fact.body for fact in facts] == [{"photos": [sent], "reason": "retention"}]
    thinning.look()
    assert len(list(Reader(journal.path).of_kinds("erased"))) == 1
    journal.close()


def test_a_clock_that_nobody_vouches_for_makes_no_photo_old(tmp_path: Path) -> None:
    photos, journal, thinning = bench(tmp_path, DrivenClock(MONDAY + timedelta(days=4000), "unsynced"))
    sent = photos.keep(picture())
    photos.mark_sent(sent)
    journal.append(check_of(sent))
    thinning.look()
    assert photos.has(sent)
    journal.close()


def test_a_filling_disk_thins_sent_photos_oldest_first_until_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos, journal, thinning = bench(tmp_path, clock())
    digests = [photos.keep(picture(number)) for number in range(1, 5)]
    journal.append(check_of(*digests))
    for age, digest in enumerate(digests[:3]):
        photos.mark_sent(digest)
        aged(tmp_path / "photos" / "sent" / digest[:2], 1000 - age)
    monkeypatch.setattr("station.thinning.BATCH", 1)
    percents = [95, 91, 89]
    monkeypatch.setattr("station.thinning.used_percent", lambda _: percents.pop(0))
    thinning.look()
    assert [photos.has(digest) for digest in digests] == [False, False, True, True]
    told = [fact.body for fact in Reader(journal.path).of_kinds("erased")]
    assert told == [{"photos": [digest], "reason": "disk"} for digest in digests[:2]]
    journal.close()


def test_nothing_is_erased_that_could_not_be_recorded(tmp_path: Path) -> None:
    photos, journal, thinning = bench(tmp_path, clock(), FullDisk)
    sent = photos.keep(picture())
    photos.mark_sent(sent)
    aged(tmp_path / "photos", 31 * 86400)
    with pytest.raises(NotDurable):
        thinning.look()
    assert photos.has(sent)
    journal.close()


def test_an_erasure_that_the_power_cut_short_is_finished(tmp_path: Path) -> None:
    photos, journal, _ = bench(tmp_path, clock())
    digest = photos.keep(picture())
    journal.append(check_of(digest))
    journal.append(Erased(photos=(digest,), reason="disk"))
    Thinning(photos, journal, Reader(journal.path), DiskSettings(), clock()).look()
    assert not photos.has(digest)
    journal.close()


def test_a_refusal_is_a_refusal() -> None:
    assert issubclass(BadPhoto, Refused)
    assert issubclass(NoRoom, Refused)


# ---- verify


def test_verify_finds_a_flipped_byte_and_a_photo_that_is_gone(tmp_path: Path) -> None:
    photos, journal, _ = bench(tmp_path, clock())
    digests = [photos.keep(picture(number)) for number in range(1, 5)]
    journal.append(check_of(*digests))
    journal.append(Erased(photos=(digests[3],), reason="disk"))
    photos.erase(digests[3])
    journal.close()
    well = CliRunner().invoke(verify, [str(tmp_path)])
    assert (well.exit_code, "照片：3 张，逐字节完好" in well.output) == (0, True)
    path = store.path_of(tmp_path / "photos", digests[0])
    content = bytearray(path.read_bytes())
    content[-9] ^= 1
    path.write_bytes(content)
    store.path_of(tmp_path / "photos", digests[1]).unlink()
    told = CliRunner().invoke(verify, [str(tmp_path)])
    assert told.exit_code == 1
    assert f"1 张被改动或损坏（{digests[0][:12]}）" in told.output
    assert f"1 张有记录而没有文件（{digests[1][:12]}）" in told.output
    assert "其余 1 张完好" in told.output
