"""A station whose journal cannot be opened: it records nothing, says so on its screen, and tries again.

Ending instead would only be started again by the service manager, and nobody at the station would know why.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

import structlog

from config.settings import StationSettings
from config.words import say
from station.clock import clock_of
from station.display import Display, Light
from station.errors import JournalBroken, NotDurable
from station.loops.kiosk import KioskLoop
from station.loops.supervise import Pulse, notify

RETRY_S = 5.0
T = TypeVar("T")
log = structlog.get_logger("mute")


def begin_patiently(
    begin: Callable[[], T],
    screen: Callable[[Display], KioskLoop],
    settings: StationSettings,
    stop: threading.Event,
    retry_s: float = RETRY_S,
) -> T | None:
    """What `begin` makes, as soon as it can; None when told to stop before. Refused passes through."""
    try:
        return begin()
    except (JournalBroken, NotDurable) as error:
        display = mute_display(settings)
        say_mute(display, error)
    kiosk = screen(display)
    thread = threading.Thread(target=kiosk.run, args=(Pulse(stop),), name="kiosk", daemon=True)
    thread.start()
    notify("READY=1")
    try:
        return _try_again(begin, display, stop, retry_s)
    finally:
        kiosk.close()
        thread.join(timeout=10)


def _try_again(begin: Callable[[], T], display: Display, stop: threading.Event, retry_s: float) -> T | None:
    while not stop.wait(retry_s):
        notify("WATCHDOG=1")
        try:
            return begin()
        except (JournalBroken, NotDurable) as error:
            say_mute(display, error)
    return None


def mute_display(settings: StationSettings) -> Display:
    """A screen that needs nothing but the settings."""
    clock, zone = clock_of(settings.demo, settings.demo_clock_offset_s), ZoneInfo(settings.zone)

    def now() -> datetime:
        return clock.read().at.astimezone(zone)

    return Display(settings.name, settings.demo, now)


def say_mute(display: Display, error: JournalBroken | NotDurable) -> None:
    """Why nothing can be recorded, and what people do meanwhile."""
    what = say("账本损坏") if isinstance(error, JournalBroken) else say("本机磁盘写不进")
    log.error("mute", error=str(error))
    display.set_reader(Light(False, say("暂停打卡，请用签到表")))
    display.set_sync(Light(False, say("暂停同步")))
    display.set_alarm(
        say("{what}，暂停记录；请改用签到表，并通知管理员（{reason}）", what=what, reason=error), "journal"
    )
