"""Taps at a station: over real ptys, to whoever takes them; what is unknown or unproven is refused and noted."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from drivers.catalogue import open_tap_reader
from drivers.contract import Tap
from drivers.sim.pn532 import Pn532Simulator
from drivers.sim.rdm6300 import Rdm6300Simulator
from station.display import Display, Shown
from station.errors import NotDurable
from station.facts import Body, Fact
from station.journal import Journal, Reader
from station.loops.supervise import Pulse
from station.loops.tap import REOPEN_S, TapListen
from station.papers import Calendar, Checkpoint, Hall, Papers
from station.papers import Tag as TagPart
from station.round_facts import Tag
from station.sealed import BadSeal, load_or_make_seal, seal
from station.sun import address, keys_of
from station.sun_keys import FROM_HUB, SunKeys, opened
from station.tagging import Tagging
from station.tapping import TagBook, Tapped, Tapping
from tests.builders import LIU, clock

NOW = datetime(2026, 3, 2, 1, 32, tzinfo=UTC)
WINDOW, LOBBY = "01931c7a-0000-7000-8000-00000000c001", "01931c7a-0000-7000-8000-00000000c002"
SUN = "04DE5F1EACC040"
KEYS = keys_of(bytes(range(32)))
PAPERS = Papers(
    hall=Hall(id="h", name="大厅", zone="Asia/Shanghai", hub_key="0"), policies=[],
    calendar=Calendar(years=[], holidays=[], workdays=[]), people=[],
    checkpoints=[Checkpoint(id=WINDOW, name="101 窗口前台"), Checkpoint(id=LOBBY, name="一楼大厅")],
    tags=[
        TagPart(uid="00E3086C", medium="rfid", checkpoint=WINDOW),
        TagPart(uid="ab12-token", medium="qr", checkpoint=LOBBY),
        TagPart(uid=SUN, medium="sun", checkpoint=LOBBY),
    ],
)  # fmt: skip


class Bench:
    """A station's tapping without its readers."""

    def __init__(self, folder: Path, journal: type[Journal] = Journal) -> None:
        self.journal = journal(folder, clock())
        self.facts = Reader(self.journal.path)
        self.display = Display("站", False, lambda: NOW)
        self.book = TagBook(self.facts.of_kinds("tag"))
        self.tapping = Tapping(self.journal, self.book, lambda: PAPERS, self.display, lambda: NOW, lambda: KEYS)

    def tap(self, uid: str = "", url: str = "") -> Shown:
        return self.tapping.heard(Tap(uid, "nfc", 7, url), "east")

    def refused(self) -> list[str]:
        return [str(fact.body["detail"]) for fact in self.facts.of_kinds("refused")]

    def until(self, true: Callable[[], bool]) -> None:
        """Wait for frames until one fits."""
        version = 0
        while not true():
            frame = self.display.wait(version, 10)
            assert frame is not None, self.display.frame
            version = frame.version

    def close(self) -> None:
        self.facts.close()
        self.journal.close()


def noted(seen: list[Any], one: Any, answer: Shown) -> Shown:
    seen.append(one)
    return answer


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def test_a_tap_where_nobody_can_touch_a_screen_sends_to_the_phone(bench: Bench) -> None:
    shown = bench.tap("00E3086C")
    assert (shown.tone, shown.name) == ("blue", "101 窗口前台")
    assert "手机" in shown.verdict
    assert bench.refused() == []


def test_a_round_under_way_takes_it(bench: Bench) -> None:
    taken: list[Tapped] = []
    answer = Shown("green", "101", "已到", "", "09:32:00", 1)
    bench.tapping.taker = lambda tapped: noted(taken, tapped, answer)
    assert bench.tap(url="https://hub.example.cn/patrol/t/ab12-token") == answer
    assert [(one.checkpoint, one.how, one.uid) for one in taken] == [(LOBBY, "qr", "ab12-token")]
    assert bench.display.frame.shown == answer


def test_an_unknown_tag_is_refused_and_noted(bench: Bench) -> None:
    shown = bench.tap("DEADBEEF")
    assert (shown.tone, "不认识" in shown.verdict) == ("red", True)
    bench.tap(url="https://elsewhere.cn/x")
    assert bench.refused() == ["east unknown DEADBEEF", "east unknown x"]


def test_another_halls_tag_is_told_as_such_and_noted(bench: Bench) -> None:
    assert "另一个大厅" in bench.tap(url="https://hub.example.cn/patrol/t/ffffff-abcdefghjk").verdict
    assert bench.refused() == ["east foreign ffffff-abcdefghjk"]


def test_the_stations_own_tag_facts_are_newer_than_the_papers(bench: Bench) -> None:
    moved = Tag(uid="00E3086C", medium="rfid", checkpoint=LOBBY, by=LIU)
    bench.book.learn(bench.journal.append(moved))
    assert bench.tap("00E3086C").name == "一楼大厅"
    bench.book.learn(bench.journal.append(moved.model_copy(update={"change": "removed"})))
    assert bench.tap("00E3086C").tone == "red"
    assert TagBook(bench.facts.of_kinds("tag")).find("00E3086C", PAPERS) is None


def test_a_dynamic_tag_counts_by_its_address_and_once(bench: Bench) -> None:
    base = "https://hub.example.cn/patrol/t/x"
    assert bench.tap(SUN).tone == "red", "its number alone proves nothing"
    assert bench.tap(SUN, address(base, keys_of(bytes(16)), SUN, 9)).tone == "red"
    assert bench.tap(SUN, address(base, KEYS, "04DE5F1EACC041", 9)).tone == "red", "another tag's address"
    fifth = address(base, KEYS, SUN, 5)
    assert bench.tap(SUN, fifth).tone == "blue"
    assert bench.tap(SUN, fifth).tone == "red"
    assert bench.tap(SUN, address(base, KEYS, SUN, 6)).tone == "blue"
    restarted = Tapping(bench.journal, bench.book, lambda: PAPERS, bench.display, lambda: NOW, lambda: KEYS)
    assert restarted.heard(Tap(SUN, "nfc", 7, fifth), "east").tone == "red"
    without = Tapping(bench.journal, bench.book, lambda: PAPERS, bench.display, lambda: NOW)
    assert without.heard(Tap(SUN, "nfc", 7, address(base, KEYS, SUN, 7)), "east").tone == "red"
    assert [said.split()[1] for said in bench.refused()] == ["unproven"] * 3 + ["replayed"] * 2 + ["unproven"]


def test_the_next_tag_can_be_claimed_for_registering_it(bench: Bench) -> None:
    claimed: list[Tap] = []
    answer = Shown("green", "标签", "已登记", "", "09:32:00", 1)
    bench.tapping.claim(lambda tap: noted(claimed, tap, answer))
    assert bench.tap("DEADBEEF") == answer
    assert bench.tap("DEADBEEF").tone == "red", "the claim was for one"
    assert [tap.uid for tap in claimed] == ["DEADBEEF"]


FRESH = "04DE5F1EACC0AA"  # a tag written with the hall's keys and not registered yet
BASE = "https://hub.example.cn/patrol/t/sun"
LAID = [
    (FRESH, address(BASE, KEYS, FRESH, 3), "sun"),
    (FRESH, "", "nfc"),  # a plain tag
    (FRESH, "https://hub.example.cn/patrol/t/x", "nfc"),  # one that holds a fixed address
    (FRESH, address(BASE, keys_of(bytes(16)), FRESH, 3), None),  # another hall's keys
    (FRESH, address(BASE, KEYS, SUN, 3), None),  # an address copied onto another tag
    (FRESH, f"{BASE}?uid={FRESH}&ctr=000003&cmac={'0' * 16}", None),  # its number not encrypted
]


@pytest.mark.parametrize(("uid", "url", "medium"), LAID)
def test_a_dynamic_tag_is_registered_as_one_or_not_at_all(bench: Bench, uid: str, url: str, medium: str | None) -> None:
    """Registered as a plain one its number alone would count, which anybody can copy."""
    tagging = Tagging(bench.tapping, bench.journal, bench.book, lambda: PAPERS, lambda: NOW)
    tagging.begin(PAPERS.checkpoints[0], LIU)
    shown = bench.tap(uid, url)
    placed = [fact.body["medium"] for fact in bench.facts.of_kinds("tag")]
    assert (shown.tone, placed) == (("green", [medium]) if medium else ("red", []))
    if medium == "sun":
        assert bench.tap(uid).tone == "red", "its number alone means nothing from then on"
        assert bench.tap(uid, address(BASE, KEYS, uid, 4)).tone == "blue"


def test_without_the_halls_keys_a_dynamic_tag_is_not_registered(bench: Bench) -> None:
    bare = Tapping(bench.journal, bench.book, lambda: PAPERS, bench.display, lambda: NOW)
    Tagging(bare, bench.journal, bench.book, lambda: PAPERS, lambda: NOW).begin(PAPERS.checkpoints[0], LIU)
    shown = bare.heard(Tap(FRESH, "nfc", 7, address(BASE, KEYS, FRESH, 3)), "east")
    assert (shown.tone, "不是用本厅密钥写的" in shown.verdict) == ("red", True)
    assert list(bench.facts.of_kinds("tag")) == []


def test_keys_come_sealed_stay_sealed_and_bad_ones_change_nothing(tmp_path: Path) -> None:
    own, other = load_or_make_seal(tmp_path / "own"), load_or_make_seal(tmp_path / "other")
    plain = (
        b'{"meta":"'
        + KEYS.meta.hex().encode()
        + b'","files":{"'
        + SUN.encode()
        + b'":"'
        + (KEYS.file_of(bytes.fromhex(SUN)).hex().encode() + b'"}}')
    )
    held = SunKeys(tmp_path, own)
    assert held.keys() is None
    held.take(seal(own.public, plain, FROM_HUB))
    for wrong in (seal(other.public, plain, FROM_HUB), seal(own.public, b"[]", FROM_HUB), b""):
        with pytest.raises(BadSeal):
            held.take(wrong)
    again = SunKeys(tmp_path, own).keys()
    assert again is not None
    assert again.file_of(bytes.fromhex(SUN)) == KEYS.file_of(bytes.fromhex(SUN))
    assert KEYS.meta not in (tmp_path / "sun.sealed").read_bytes()
    assert opened(own, seal(own.public, plain, FROM_HUB)).meta == KEYS.meta


# ---- the loop, over real ptys


class FullDisk(Journal):
    """A journal whose disk is full while `full` is set."""

    full = False

    def append(self, body: Body) -> Fact:
        if self.full:
            raise NotDurable("database or disk is full")
        return super().append(body)


def states(bench: Bench) -> list[tuple[str, str]]:
    return [(str(fact.body["device"]), str(fact.body["state"])) for fact in bench.facts.of_kinds("device")]


def test_a_reader_goes_and_comes_back_each_turn_one_fact_and_taps_go_on(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "station", FullDisk)
    with Rdm6300Simulator(link=tmp_path / "tap") as device:
        listen = TapListen(
            "east", lambda: open_tap_reader("rdm6300", port=device.port), bench.tapping, bench.journal, bench.display
        )
        stop = threading.Event()
        thread = threading.Thread(target=listen.run, args=(Pulse(stop),))
        thread.start()
        try:
            device.tag("0014878828")
            bench.until(lambda: bench.display.frame.shown is not None)
            device.fault("gone")
            bench.until(lambda: "east" in bench.display.frame.alarm)
            assert "请在列表里选巡查点" in bench.display.frame.alarm
            time.sleep(REOPEN_S[0])  # some tries in vain make no further fact
            device.heal()
            bench.until(lambda: not bench.display.frame.alarm)
            assert states(bench) == [("tap", "ready"), ("tap", "gone"), ("tap", "ready")]
            assert isinstance(bench.journal, FullDisk)
            bench.journal.full = True
            device.tag("DEADBEEF")
            bench.until(lambda: "磁盘写不进" in bench.display.frame.alarm)
            assert bench.refused() == []
        finally:
            stop.set()
            thread.join(10)
    assert not thread.is_alive()
    bench.close()


def test_a_dynamic_tag_through_a_real_chip(tmp_path: Path) -> None:
    bench, taps = Bench(tmp_path), iter(range(1, 9))
    with Pn532Simulator() as chip:
        reader = open_tap_reader("pn532", port=chip.port)
        for _ in range(2):
            chip.tag(SUN, lambda: address("https://hub.example.cn/patrol/t/x", KEYS, SUN, next(taps)), speaks4=True)
            tap = reader.wait_tap(time.monotonic() + 5)
            assert tap is not None
            assert bench.tapping.heard(tap, "east").tone == "blue"
            chip.lift()
            assert reader.wait_tap(time.monotonic() + 0.8) is None
        reader.close()
    bench.close()
