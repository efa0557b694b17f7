"""One sweep over every tap reader and camera of the catalogue: each is opened, used, closed and missed the same way."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.errors import Refused
from drivers.catalogue import CAMERAS, TAP_READERS, open_camera, open_tap_reader
from drivers.contract import Camera, TapReader
from drivers.errors import DeviceFault, DeviceGone
from drivers.sim.camera import CameraSimulator
from drivers.sim.pn532 import Pn532Simulator
from drivers.sim.rdm6300 import Rdm6300Simulator
from tests.drivers.test_taps import typed


@dataclass(frozen=True)
class Rig:
    """A simulated device: where it is, a tag brought to it, its plug pulled."""

    port: str
    tag: Callable[[], None]
    unplug: Callable[[], None]


@contextmanager
def rdm6300(_: Path) -> Iterator[Rig]:
    with Rdm6300Simulator() as device:
        yield Rig(device.port, lambda: device.tag("0014878828"), lambda: device.fault("gone"))


@contextmanager
def pn532(_: Path) -> Iterator[Rig]:
    with Pn532Simulator() as device:
        yield Rig(device.port, lambda: device.tag("04DE5F1EACC040"), lambda: device.fault("gone"))


@contextmanager
def keyboard(folder: Path) -> Iterator[Rig]:
    pipe = folder / "event-kbd"
    os.mkfifo(pipe)
    writer = [os.open(pipe, os.O_RDWR)]
    try:
        yield Rig(str(pipe), lambda: _type(writer[0]), lambda: os.close(writer.pop()))
    finally:
        for fd in writer:
            os.close(fd)


def _type(fd: int) -> None:
    os.write(fd, typed("0014878828"))


RIGS: dict[str, Callable[[Path], AbstractContextManager[Rig]]] = {
    "rdm6300": rdm6300, "pn532": pn532, "keyboard": keyboard,
}  # fmt: skip


def test_every_tap_reader_has_its_rig() -> None:
    assert set(RIGS) == set(TAP_READERS)


@pytest.fixture(params=list(TAP_READERS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def gone(reader: TapReader) -> None:
    """Wait until a wait says that the reader is gone."""
    with pytest.raises(DeviceGone):
        list(iter(lambda: reader.wait_tap(time.monotonic() + 0.2), "never"))


def test_a_reader_waits_reads_and_is_missed(name: str, tmp_path: Path) -> None:
    with RIGS[name](tmp_path) as rig:
        reader = open_tap_reader(name, port=rig.port)
        assert isinstance(reader, TapReader)
        began = time.monotonic()
        assert reader.wait_tap(began + 0.15) is None
        assert began + 0.15 <= time.monotonic() < began + 2
        rig.tag()
        before = time.monotonic_ns()
        tap = reader.wait_tap(time.monotonic() + 5)
        assert tap is not None
        assert tap.uid in ("00E3086C", "04DE5F1EACC040")
        assert before - 10**9 < tap.at_monotonic_ns <= time.monotonic_ns()
        rig.unplug()
        gone(reader)
        reader.close()


def test_a_wait_ends_when_it_is_cancelled_or_the_reader_closed(name: str, tmp_path: Path) -> None:
    with RIGS[name](tmp_path) as rig:
        reader = open_tap_reader(name, port=rig.port)
        cancel = threading.Event()
        cancel.set()
        assert reader.wait_tap(None, cancel) is None
        ends: list[str] = []

        def wait() -> None:
            try:
                reader.wait_tap(None)
            except DeviceGone as error:
                ends.append(str(error))

        waiting = threading.Thread(target=wait)
        waiting.start()
        reader.close()
        reader.close()
        waiting.join(5)
        assert ends == ["读卡器已关闭"]


def test_a_reader_that_is_not_there(name: str, tmp_path: Path) -> None:
    with pytest.raises(DeviceGone, match=r"没有找到.*请检查.*是否插好") as error:
        open_tap_reader(name, port=str(tmp_path / "none"))
    assert "指纹" not in str(error.value)


@pytest.mark.parametrize(
    ("open_it", "names"), [(open_tap_reader, list(TAP_READERS)), (open_camera, list(CAMERAS))], ids=["tap", "camera"]
)
def test_wrong_settings_are_refused_with_the_nearest_spelling(open_it: Callable[..., object], names: list[str]) -> None:
    for each in names:
        with pytest.raises(Refused, match="缺少设置项 port"):
            open_it(each)
        with pytest.raises(Refused, match=r"没有设置项 prot。.*您是不是要写 port"):
            open_it(each, prot="x")
    with pytest.raises(Refused, match=f"您是不是要写 {names[0]}"):
        open_it(names[0] + "x", port="x")


PORTS = {"v4l2": "/dev/v4l/by-id/none", "http": "http://127.0.0.1:9/", "rtsp": "rtsp://127.0.0.1:9/"}


@pytest.mark.parametrize("camera", list(CAMERAS))
def test_a_camera_that_is_not_there_is_a_fault_with_words(camera: str) -> None:
    device = open_camera(camera, port=PORTS[camera])
    assert isinstance(device, Camera)
    with pytest.raises(DeviceFault, match="摄像头"):
        device.still(time.monotonic() + 20)
    device.close()


def test_two_threads_share_a_camera() -> None:
    with CameraSimulator(width=160, height=90) as simulator:
        camera = open_camera("http", port=simulator.stream)
        sizes: list[int] = []

        def shoot() -> None:
            sizes.extend(camera.still(time.monotonic() + 20).width for _ in range(3))

        threads = [threading.Thread(target=shoot) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        camera.close()
    assert sizes == [160] * 6
