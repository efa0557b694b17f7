"""Photos on their way: the station's own client against the hub over a real socket, and the edges by hand."""

import hashlib
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from drivers.sim.scene import Scene
from station import photos as store
from station.clock import DrivenClock
from station.display import Display
from station.hub_line import HubAway
from station.joining import KEY, Joined, join
from station.journal import Journal
from station.keys import load_or_make
from station.loops.send import Send
from station.photos import Photos
from station.round_facts import Check
from station.sealed import FILE as SEAL
from station.sealed import load_or_make_seal
from station.sun import address, verify
from station.sun_keys import FROM_HUB, SunKeys
from station.uplink import Uplink
from tests.web.halls import HallUnderTest, MakeStation, StationUnderTest
from web.cli import hub
from web.ledger.patrol import CheckpointRow, PhotoLetGoRow
from web.services import photos as service
from web.services import stations, sun_keys, tags
from web.services.recording import Recorder

SCENE = Scene(160, 90)
POINT, SUN = "01950000-0000-7000-8000-00000000c001", "04DE5F1EACC040"


def check_of(station: StationUnderTest, *digests: str) -> Check:
    officer = station.hall.people["刘明"]
    return Check(round="2026-03-02/0930", checkpoint=officer, how="manual", officers=(officer,), by=officer,
                 nothing_abnormal=True, photos=digests)  # fmt: skip


def settled(hall: HallUnderTest, digest: str) -> bool:
    with hall.hub.ledger.reading() as session:
        return service.settled(session, hall.hub, digest)


def uplink_of(station: StationUnderTest, url: str, folder: Path) -> Uplink:
    hub_key = station.hall.hub.key.public
    joined = Joined(url, station.id, hub_key, "测试大厅")
    return Uplink(joined, station.key, station.journal, station.clock, folder)


def test_photos_follow_their_facts_and_come_once(
    hall: HallUnderTest, make_station: MakeStation, url: str, tmp_path: Path
) -> None:
    station, photos = make_station(), Photos(tmp_path / "board" / "photos")
    contents = [SCENE.jpeg(number, str(number)) for number in range(3)]
    digests = [photos.keep(content) for content in contents]
    uplink = uplink_of(station, url, tmp_path)
    uplink.step()
    assert uplink.send_photo(photos, digests[0]) == "unnamed", "no fact names it yet: nothing is kept"
    assert not hall.hub.photos.has(digests[0])
    station.record(check_of(station, *digests[:2]))
    uplink.step()
    assert not settled(hall, digests[0])
    send = Send(uplink, station.journal, Display("站", False, lambda: station.clock.read().at), photos=photos)
    station.journal.appended.clear()
    assert send._send_photos(threading.Event()) is False
    assert [hall.hub.photos.read(digest) for digest in digests] == [*contents[:2], None]
    assert {photo.sha256 for photo in photos.sent()} == set(digests[:2])
    assert [photo.sha256 for photo in photos.waiting()] == [digests[2]]
    assert settled(hall, digests[0])
    with hall.hub.ledger.writing() as session:
        session.add(PhotoLetGoRow(sha256=digests[1], at=hall.hub.now() + timedelta(days=180), days=180))
    hall.hub.photos.erase(digests[1])
    photos.mark_waiting(digests[1])
    assert settled(hall, digests[1])
    assert uplink.send_photo(photos, digests[1]) == "sent", "its time here is over: it is not taken again"
    assert not hall.hub.photos.has(digests[1])


def test_what_the_hub_has_is_not_sent_again_and_what_it_lost_is(
    hall: HallUnderTest, make_station: MakeStation, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    station, photos = make_station(), Photos(tmp_path / "photos")
    content = SCENE.jpeg(7, "7")
    digest = photos.keep(content)
    station.record(check_of(station, digest))
    uplink = uplink_of(station, url, tmp_path)
    uplink.step()
    assert uplink.send_photo(photos, digest) == "sent"
    photos.mark_waiting(digest)
    puts: list[str] = []
    monkeypatch.setattr(hall.hub.photos, "keep", lambda _: puts.append("put"))
    assert uplink.send_photo(photos, digest) == "sent"
    assert puts == [], "it asks first"
    monkeypatch.undo()
    hall.hub.photos.erase(digest)  # the hub is a copy from before
    photos.mark_waiting(digest)
    assert uplink.send_photo(photos, digest) == "sent"
    assert hall.hub.photos.read(digest) == content


def test_a_hub_that_lost_facts_is_asked_for_every_photo_again(
    hall: HallUnderTest, make_station: MakeStation, url: str, tmp_path: Path
) -> None:
    station, photos = make_station(), Photos(tmp_path / "photos")
    digest = photos.keep(SCENE.jpeg(1, "1"))
    photos.mark_sent(digest)
    station.record(check_of(station, digest))
    uplink = uplink_of(station, url, tmp_path)
    uplink.step()
    uplink.acked = type(uplink.acked)(99, uplink.acked.hash)  # it once said that it held more
    send = Send(uplink, station.journal, Display("站", False, lambda: station.clock.read().at), photos=photos)
    send._exchange()
    assert [photo.sha256 for photo in photos.waiting()] == [digest]


def test_a_damaged_photo_is_not_sent_and_the_screen_says_so(
    hall: HallUnderTest, make_station: MakeStation, url: str, tmp_path: Path
) -> None:
    station, photos = make_station(), Photos(tmp_path / "photos")
    digest = photos.keep(SCENE.jpeg(1, "1"))
    path = store.path_of(tmp_path / "photos", digest)
    path.write_bytes(path.read_bytes()[:-9] + b"x" * 9)
    station.record(check_of(station, digest))
    uplink, display = uplink_of(station, url, tmp_path), Display("站", False, lambda: station.clock.read().at)
    uplink.step()
    station.journal.appended.clear()
    Send(uplink, station.journal, display, photos=photos)._send_photos(threading.Event())
    assert "1 张照片的文件损坏" in display.frame.alarm
    assert photos.waiting()
    assert not hall.hub.photos.has(digest)


def put(station: StationUnderTest, digest: str, content: bytes) -> tuple[int, str]:
    """The status and words of a signed PUT, the nonce fetched before."""
    nonce = station.answer(station.deliver([])).nonce
    path, headers = station.signed("PUT", f"photos/{digest}", content, nonce=nonce)
    response = station.http.put(path, data=content, headers=headers)
    return response.status_code, response.get_data(as_text=True)


def test_what_is_no_photo_of_that_digest_is_refused(
    hall: HallUnderTest, make_station: MakeStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    station, other = make_station(), make_station()
    good, page = SCENE.jpeg(1, "1"), b"%PDF-1.7"
    digests = [hashlib.sha256(content).hexdigest() for content in (good, page)]
    station.record(check_of(station, *digests))
    station.send()
    status, words = put(station, digests[0], good[:-1])
    assert (status, "损坏" in words) == (400, True)
    assert put(station, digests[1], page)[0] == 400
    assert put(station, "..x", good)[0] == 400
    assert '"held":false' in put(other, digests[0], good)[1], "another station's facts do not name it"
    monkeypatch.setattr(store, "used_percent", lambda _: 98)
    status, words = put(station, digests[0], good)
    assert (status, "磁盘已用 98%" in words) == (507, True)
    monkeypatch.undo()
    assert not hall.hub.photos.has(digests[0])
    assert put(station, digests[0], good)[0] == put(station, digests[0], good)[0] == 200
    path, headers = station.signed("PUT", f"photos/{digests[0]}", good)
    assert station.http.put(path, data=good, headers=headers).status_code == 401, "it carries no nonce"


def test_an_answer_that_the_hub_did_not_sign_marks_nothing_as_sent(
    hall: HallUnderTest, make_station: MakeStation, url: str, tmp_path: Path
) -> None:
    station, photos = make_station(), Photos(tmp_path / "photos")
    digest = photos.keep(SCENE.jpeg(1, "1"))
    station.record(check_of(station, digest))
    uplink = uplink_of(station, url, tmp_path)
    uplink.step()
    uplink._line._hub_key = "00" * 32
    with pytest.raises(HubAway, match="签名不符"):
        uplink.send_photo(photos, digest)
    assert photos.waiting()


def test_a_station_is_told_what_tags_mean_and_how_dynamic_ones_are_proven(
    hall: HallUnderTest, url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "board"
    key, seal = load_or_make(folder / KEY), load_or_make_seal(folder / SEAL)
    with hall.hub.ledger.writing() as session:
        code = stations.make_code(session, hall.hub.now())
    joined = join(folder, url, code, "一楼", key)
    with hall.hub.ledger.writing() as session:
        stations.confirm(session, joined.station, None, hall.hub.now())
        point = CheckpointRow(id=POINT, name="一楼大厅", place="public_area", floor=1, window=None, rank=1,
                              since=hall.hub.now().date(), closed=None)  # fmt: skip
        session.add(point)
    tags.place(Recorder(hall.hub), SUN, "sun", POINT, hall.people["刘明"])
    clock = DrivenClock(hall.hub.now(), "synced")
    with Journal(folder, clock) as journal:
        uplink, held = Uplink(joined, key, journal, clock, folder), SunKeys(folder, seal)
        uplink.step()
        uplink.fetch_papers()
        content = uplink.fetch_sealed("sun")
        assert uplink.fetch_sealed("sun") is None, "they are the present ones"
    assert uplink.held is not None
    papers = uplink.held.papers
    assert [(tag.uid, tag.medium, tag.checkpoint) for tag in papers.tags] == [(SUN, "sun", POINT)]
    assert [(point.id, point.name) for point in papers.checkpoints] == [(POINT, "一楼大厅")]
    assert content is not None
    held.take(content)
    keys = held.keys()
    assert keys is not None
    said = address("https://hub.example.cn/patrol/t/x", sun_keys.keys(hall.hub), SUN, 4)
    assert verify(said, keys, lambda _: 3, clock.read().at).uid == SUN
    assert hall.hub.secret_for("sun").hex().encode() not in seal.open(content, FROM_HUB)


@pytest.mark.parametrize(
    ("written", "medium", "read"),
    [
        ("0014878828", "rfid", "00E3086C"), ("227,02156", "rfid", "00E3086C"), ("00e3086c", "rfid", "00E3086C"),
        ("04de5f1eacc040", "nfc", "04DE5F1EACC040"), ("12345678", "nfc", "12345678"),
        ("ab12-token", "nfc", "ab12-token"),
        ("04de5f1eacc040", "sun", "04DE5F1EACC040"), ("ab12-token", "qr", "ab12-token"),
    ],
)  # fmt: skip
def test_a_tag_is_registered_by_the_number_that_readers_tell(written: str, medium: str, read: str) -> None:
    assert tags.as_read(written, medium) == read


def test_verify_reads_the_hubs_photos_too(hall: HallUnderTest, make_station: MakeStation) -> None:
    station, content = make_station(), SCENE.jpeg(1, "1")
    digest = hashlib.sha256(content).hexdigest()
    station.record(check_of(station, digest, "f" * 64))  # the second one is still on its way
    station.send()
    put(station, digest, content)
    folder = hall.hub.settings.folder
    well = CliRunner().invoke(hub, ["verify", "--folder", str(folder)])
    assert (well.exit_code, "照片：1 张，逐字节完好" in well.output) == (0, True), well.output
    store.path_of(folder / "photos", digest).write_bytes(content[:-9] + b"x" * 9)
    told = CliRunner().invoke(hub, ["verify", "--folder", str(folder)])
    assert (told.exit_code, digest[:12] in told.output) == (1, True)
    Recorder(hall.hub).record(lambda _: [check_of(station, "e" * 64)])  # a telephone's is there before its fact
    assert "1 张有记录而没有文件（eeeeeeeeeeee）" in CliRunner().invoke(hub, ["verify", "--folder", str(folder)]).output
