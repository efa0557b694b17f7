"""Names in the settings → openers, imported only when asked for."""

import importlib
import inspect
from collections.abc import Callable
from difflib import get_close_matches

from config.errors import Refused
from config.words import say
from drivers.contract import FingerReader

# Name in the settings → module:function. The first is the first choice.
READERS = {
    "zfm": "drivers.fingerprint.zfm:open_zfm",
    "pyfingerprint": "drivers.fingerprint.pyfingerprint_backend:open_pyfingerprint",
}


def open_reader(name: str, **settings: object) -> FingerReader:
    """Open the fingerprint reader that the settings call `name`.

    `settings` are the opener's own: `port` (a path, or `socket://host:port`), `baud`, `password`, `address`,
    `score_floor`, … An unknown name or setting is `Refused` with the nearest spelling; a port that cannot be opened
    is `DeviceGone` or `DeviceBusy`.
    """
    opener = _opener(name)
    known = list(inspect.signature(opener).parameters)
    for key in settings:
        if key not in known:
            raise Refused(say("指纹模块没有设置项 {key}", key=key), remedy=_nearest(key, known))
    if "port" not in settings:
        raise Refused(say("指纹模块缺少设置项 port"), remedy=say("请写明串口，例如 /dev/serial/by-id/…"))
    return opener(**settings)


def _opener(name: str) -> Callable[..., FingerReader]:
    target = READERS.get(name)
    if target is None:
        raise Refused(say("没有名为 {name} 的指纹驱动", name=name), remedy=_nearest(name, list(READERS)))
    module, _, function = target.partition(":")
    opener: Callable[..., FingerReader] = getattr(importlib.import_module(module), function)
    return opener


def _nearest(word: str, known: list[str]) -> str:
    near = get_close_matches(word, known, n=1, cutoff=0.5)
    return say("您是不是要写 {near}？", near=near[0]) if near else say("可用的有：{known}", known="、".join(known))
