"""What patrol needs at a station: tap readers and cameras, each by name."""

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from config.errors import Refused
from config.settings import CameraSettings, TapSettings
from config.words import say
from drivers.camera.quality import fault_of, words_for
from drivers.catalogue import open_camera, open_tap_reader
from drivers.errors import DeviceFault
from station.checkup.line import WELL, WORTH_A_LOOK, WRONG, Line
from station.facts import Device, Fact, read_body

# Names that change with the order of plugging, and where the ones that do not are listed.
STABLE = {
    "/dev/ttyUSB": "/dev/serial/by-id/", "/dev/ttyACM": "/dev/serial/by-id/", "/dev/video": "/dev/v4l/by-id/",
    "/dev/input/event": "/dev/input/by-id/",
}  # fmt: skip
LOOK_S = 10.0  # for a camera whose helper has to start first


@dataclass(frozen=True, slots=True)
class Seen:
    """A device as it was found: `fault` empty when it works, `doubt` when it works but wants a look."""

    fault: str = ""
    doubt: str = ""
    detail: str = ""


def see_tap(settings: TapSettings) -> Seen:
    """Open the reader and let go of it again."""

    def look() -> Seen:
        open_tap_reader(settings.driver, **settings.options()).close()
        return Seen()

    return _tried(look)


def see_camera(settings: CameraSettings) -> Seen:
    """Take a picture, keep nothing."""

    def look() -> Seen:
        options = {**settings.options(), "deadline_s": LOOK_S}
        with closing(open_camera(settings.driver, **options)) as camera:
            frame = camera.still()
        fault = fault_of(frame.measures, ())
        return Seen(doubt=words_for(fault) if fault else "", detail=f"{frame.width}×{frame.height}")

    return _tried(look)


def told_by(facts: Iterable[Fact], device: str, name: str) -> Seen:
    """What a running station last recorded of a device. `facts`: the newest first."""
    for fact in facts:
        body = read_body(fact)
        if isinstance(body, Device) and body.device == device and body.detail.startswith(f"{name}："):
            said = body.detail.removeprefix(f"{name}：")
            return Seen(detail=said) if body.state == "ready" else Seen(fault=said)
    return Seen(doubt=say("运行中的考勤站还没有报告它的状态"))


def tap_line(name: str, settings: TapSettings, seen: Seen) -> Line:
    """What to say of a tap reader."""
    remedy = say("在恢复之前巡查请在列表里选巡查点；请检查插头、连线和 [taps.{name}]", name=name)
    return _line(say("读卡器 {name}", name=name), settings.port, seen, remedy)


def camera_line(name: str, settings: CameraSettings, seen: Seen) -> Line:
    """What to say of a camera. Its address may hold a password and is not shown."""
    port = settings.port if settings.port.startswith("/") else ""
    remedy = say("在恢复之前巡查请注明“相机故障”；请检查电源、网线和 [cameras.{name}]", name=name)
    return _line(say("摄像头 {name}", name=name), port, seen, remedy)


def _line(title: str, port: str, seen: Seen, remedy: str) -> Line:
    if seen.fault:
        return Line(WRONG, title, seen.fault, remedy)
    for moving, stable in STABLE.items():
        if port.startswith(moving):
            words = say("{path} 可用，但插拔后名字可能变", path=port)
            return Line(WORTH_A_LOOK, title, words, say("请把 port 改为 {folder} 下的名字", folder=stable))
    if seen.doubt:
        return Line(WORTH_A_LOOK, title, seen.doubt, say("请到现场看一下"))
    return Line(WELL, title, seen.detail or say("{path} 可用", path=Path(port)))


def _tried(look: Callable[[], Seen]) -> Seen:
    try:
        return look()
    except (DeviceFault, Refused) as error:
        return Seen(fault=str(error))
