"""Names in the settings → openers, imported only when asked for."""

import importlib
import inspect
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from config.errors import Refused
from config.words import say, series
from drivers.contract import Camera, FingerReader, TapReader

# Name in the settings → module:function. The first is the first choice.
READERS = {
    "zfm": "drivers.fingerprint.zfm:open_zfm",
    "pyfingerprint": "drivers.fingerprint.pyfingerprint_backend:open_pyfingerprint",
}
TAP_READERS = {
    "pn532": "drivers.taps.pn532:open_pn532",
    "rdm6300": "drivers.taps.rdm6300:open_rdm6300",
    "keyboard": "drivers.taps.keyboard:open_keyboard",
}
CAMERAS = {
    "v4l2": "drivers.camera.openers:open_v4l2",
    "http": "drivers.camera.openers:open_http",
    "rtsp": "drivers.camera.openers:open_rtsp",
}


def open_reader(name: str, **settings: object) -> FingerReader:
    """Open the fingerprint reader that the settings call `name`.

    `settings` are the opener's own: `port` (a path, or `socket://host:port`), `baud`, `password`, `address`,
    `score_floor`, … An unknown name or setting is `Refused` with the nearest spelling; a port that cannot be opened
    is `DeviceGone` or `DeviceBusy`.
    """
    reader: FingerReader = _open(READERS, say("指纹模块"), name, settings)
    return reader


def open_tap_reader(name: str, **settings: object) -> TapReader:
    """Open the tap reader that the settings call `name`: `port`, and what its opener knows besides."""
    reader: TapReader = _open(TAP_READERS, say("读卡器"), name, settings)
    return reader


def open_camera(name: str, **settings: object) -> Camera:
    """Open the camera that the settings call `name`: `port` (a path or an address), and what its opener knows besides.

    Its helper is started, the camera itself is met at the first picture. As `open_reader` otherwise.
    """
    camera: Camera = _open(CAMERAS, say("摄像头"), name, settings)
    return camera


def _open(table: Mapping[str, str], device: str, name: str, settings: Mapping[str, object]) -> Any:
    opener = _opener(table, device, name)
    known = list(inspect.signature(opener).parameters)
    for key in settings:
        if key not in known:
            raise Refused(say("{device}没有设置项 {key}", device=device, key=key), remedy=_nearest(key, known))
    if "port" not in settings:
        raise Refused(say("{device}缺少设置项 port", device=device), remedy=say("请写明端口，例如 /dev/serial/by-id/…"))
    return opener(**settings)


def _opener(table: Mapping[str, str], device: str, name: str) -> Callable[..., Any]:
    target = table.get(name)
    if target is None:
        raise Refused(
            say("没有名为 {name} 的{device}驱动", name=name, device=device), remedy=_nearest(name, list(table))
        )
    module, _, function = target.partition(":")
    opener: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return opener


def _nearest(word: str, known: list[str]) -> str:
    near = get_close_matches(word, known, n=1, cutoff=0.5)
    return say("您是不是要写 {near}？", near=near[0]) if near else say("可用的有：{known}", known=series(known))
