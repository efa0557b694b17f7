"""Pictures: from a camera to the disk, cold and warm; blurring four faces."""

import statistics
import tempfile
import time
from functools import partial
from pathlib import Path

from PIL import Image

from drivers.catalogue import open_camera
from drivers.errors import DeviceFault, NoAnswer
from drivers.sim.camera import CameraSimulator
from station.journal import Journal
from station.photographing import Photographing
from station.photos import Photos
from tests.bench.idle import resident_mb
from tests.builders import clock
from web.pictures import making
from web.pictures.detector import Detector

FACE = Path(__file__).parents[1] / "vendor" / "face.jpg"
COLD_S, WARM_S, LOOK_INTO = 0.6, 0.1, 3
PICTURES = 12


def rows() -> list[dict[str, object]]:
    """Seconds from a closed and an open stream to a durable photo; seconds and memory of blurring four faces."""
    with tempfile.TemporaryDirectory() as folder:
        cold, warm = _camera(Path(folder))
    seconds, megabytes, left = _blur()
    return [
        _row("closed stream 1280×720 → durable, s", round(cold, 3), f"≤ {COLD_S}", gate=False, ok=cold <= COLD_S),
        _row("the same warm, median, s", round(warm, 3), f"≤ {WARM_S}", gate=False, ok=warm <= WARM_S),
        _row("look into it above", f"{cold / COLD_S:.1f} ×, {warm / WARM_S:.1f} ×", f"{LOOK_INTO} ×", gate=False,
             ok=max(cold / COLD_S, warm / WARM_S) <= LOOK_INTO),
        _row("faces left of four blurred", left, "0", gate=True, ok=left == 0),
        _row("blur of four faces, s", round(seconds, 2), "-", gate=False, ok=True),
        _row("the detector's process, MB", round(megabytes), "-", gate=False, ok=True),
    ]  # fmt: skip


def _camera(folder: Path) -> tuple[float, float]:
    """With the child process running; the first picture opens the stream."""
    camera = CameraSimulator(width=1280, height=720, fps=25).start()
    made = Photographing(
        {"hall": partial(open_camera, "http", port=camera.stream)}, Photos(folder / "photos"), Journal(folder, clock())
    )
    try:
        camera.fault("404")
        _until_it_answers(made)  # the child has started and found no stream
        camera.heal()
        cold = _seconds(made)
        return cold, statistics.median(_seconds(made) for _ in range(PICTURES))
    finally:
        made.close()
        camera.stop()


def _seconds(made: Photographing) -> float:
    started = time.perf_counter()
    made.keep(made.shoot("hall"), "量度")
    return time.perf_counter() - started


def _until_it_answers(made: Photographing) -> None:
    for _ in range(20):
        try:
            made.shoot("hall")
        except NoAnswer:
            continue
        except DeviceFault:
            return
    raise TimeoutError


def _blur() -> tuple[float, float, int]:
    """Seconds of one picture once the detector runs, its process's memory, and how many faces are left."""
    face = Image.open(FACE)
    picture = Image.new("RGB", (1280, 720), (120, 130, 125))
    for number, wide in enumerate((200, 140, 90, 75)):
        picture.paste(face.resize((wide, round(wide * face.height / face.width))), (50 + number * 300, 150))
    detector = Detector()
    try:
        detector.faces(picture)
        started = time.perf_counter()
        shown = making.blurred(picture, detector.faces(picture))
        seconds = time.perf_counter() - started
        left = len(detector.faces(shown))
        assert detector.pid is not None
        return seconds, resident_mb(detector.pid), left
    finally:
        detector.close()


def _row(measure: str, value: object, bar: str, *, gate: bool, ok: bool) -> dict[str, object]:
    return {"measure": measure, "value": value, "bar": bar, "gate": gate, "ok": ok}
