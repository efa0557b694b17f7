"""Photos by the station's cameras: whole and durable before a fact, bad ones retaken, cameras that go and come back."""

import hashlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from config.errors import Refused
from drivers.catalogue import open_camera
from drivers.errors import DeviceFault
from drivers.sim.camera import CameraSimulator
from station.display import Display
from station.journal import Journal, Reader
from station.loops.cameras import Cameras
from station.photographing import Photographing, Shot
from station.photos import Photos
from tests.builders import clock

NOW = datetime(2026, 3, 2, 1, 32, tzinfo=UTC)


class Bench:
    """A station's photographing with one simulated camera."""

    def __init__(self, folder: Path) -> None:
        self.camera = CameraSimulator(width=320, height=180, fps=20).start()
        self.journal = Journal(folder, clock())
        self.photos = Photos(folder / "photos")
        self.open = {"hall": partial(open_camera, "http", port=self.camera.stream)}
        self.photographing = Photographing(self.open, self.photos, self.journal)

    def good(self) -> Shot:
        """A shot once the child has started and whatever was broken has passed."""
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                shot = self.photographing.shoot("hall")
            except DeviceFault:
                continue
            if shot.fault is None:
                return shot
        raise AssertionError("no good picture")

    def close(self) -> None:
        self.photographing.close()
        self.journal.close()
        self.camera.stop()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(tmp_path_factory.mktemp("board"))
    yield made
    made.close()


def test_a_good_picture_is_kept_as_captured(bench: Bench) -> None:
    shot = bench.good()
    digest = bench.photographing.keep(shot)
    assert digest == hashlib.sha256(shot.frame.jpeg).hexdigest()
    assert bench.photos.read(digest) == shot.frame.jpeg


@pytest.mark.parametrize(("look", "words"), [("covered", "挡住"), ("dark", "太暗")])
def test_a_bad_picture_is_retaken_or_kept_with_the_reason(bench: Bench, look: str, words: str) -> None:
    bench.good()
    bench.camera.fault(look)
    try:
        shots = [bench.photographing.shoot("hall") for _ in range(2)]  # one may have been on its way
    finally:
        bench.camera.heal()
    assert shots[-1].fault == look
    with pytest.raises(Refused, match=words) as refused:
        bench.photographing.keep(shots[-1], "  ")
    assert "照片没有保存" in str(refused.value)
    assert not bench.photos.has(hashlib.sha256(shots[-1].frame.jpeg).hexdigest())
    assert bench.photos.has(bench.photographing.keep(shots[-1], "灯坏了"))


def test_a_frozen_camera_is_noticed_across_a_restart(bench: Bench) -> None:
    bench.good()
    bench.camera.fault("frozen")
    try:
        bench.photographing.shoot("hall")
        kept = bench.photographing.keep(bench.photographing.shoot("hall"), "看看是否卡住")
        bench.photographing.close()
        fresh = Photographing(bench.open, bench.photos, bench.journal)
        shot = None
        while shot is None:
            try:
                shot = fresh.shoot("hall")
            except DeviceFault:
                continue  # its child is starting
        fresh.close()
    finally:
        bench.camera.heal()
    assert (shot.fault, hashlib.sha256(shot.frame.jpeg).hexdigest()) == ("frozen", kept)


def test_an_unknown_camera_is_refused(bench: Bench) -> None:
    with pytest.raises(Refused, match="没有名为 roof 的摄像头"):
        bench.photographing.shoot("roof")


def test_a_camera_that_goes_and_comes_back_makes_a_fact_a_turn(bench: Bench) -> None:
    display = Display("站", False, lambda: NOW)
    cameras = Cameras(bench.photographing, bench.journal, display)
    facts = Reader(bench.journal.path)
    bench.good()
    assert cameras.look("hall")
    bench.camera.fault("drop")
    while cameras.look("hall"):
        pass  # pictures that were on their way
    cameras.look("hall")
    assert "摄像头 hall 用不了" in display.frame.alarm
    bench.camera.heal()
    while not cameras.look("hall"):
        pass
    assert display.frame.alarm == ""
    told = [(fact.body["device"], fact.body["state"]) for fact in facts.of_kinds("device")]
    assert told == [("camera", "ready"), ("camera", "gone"), ("camera", "ready")]
    facts.close()
