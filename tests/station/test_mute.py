"""A journal that cannot be opened: the screen says so, and the station goes on by itself once it can."""

import json
import os
import threading
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

import pytest

from config.errors import Refused
from config.settings import StationSettings
from station.display import Display
from station.errors import JournalBroken, NotDurable
from station.loops.kiosk import KioskLoop
from station.loops.mute import begin_patiently
from web.kiosk.app import create_kiosk, serve
from web.kiosk.guard import COOKIE
from web.kiosk.server import KioskServer

TOKEN = "an-address"
WAIT_S = 10.0


class Screen:
    """A real kiosk; reads what its page is told."""

    def __init__(self) -> None:
        self.servers: list[KioskServer] = []

    def __call__(self, display: Display) -> KioskLoop:
        def made() -> KioskServer:
            self.servers.append(serve(create_kiosk(display, TOKEN), 0))
            return self.servers[-1]

        return KioskLoop(made)

    def told(self) -> str:
        connection = HTTPConnection("127.0.0.1", self.servers[-1].port, timeout=5)
        connection.request("GET", "/kiosk/frame", headers={"Cookie": f"{COOKIE}={TOKEN}"})
        alarm = json.loads(connection.getresponse().read())["alarm"]
        connection.close()
        return str(alarm)


class Opening:
    """Opens after so many tries; tells what the screen said at each."""

    def __init__(self, screen: Screen, *errors: Exception) -> None:
        self._screen, self._errors = screen, list(errors)
        self.told: list[str] = []

    def __call__(self) -> str:
        if self._screen.servers:
            self.told.append(self._screen.told())
        if self._errors:
            raise self._errors.pop(0)
        return "station"


@pytest.fixture
def settings(tmp_path: Path) -> StationSettings:
    return StationSettings(folder=tmp_path)


def test_a_journal_that_opens_needs_no_mute_screen(settings: StationSettings) -> None:
    screen = Screen()
    assert begin_patiently(Opening(screen), screen, settings, threading.Event()) == "station"
    assert screen.servers == []


def test_the_screen_says_why_until_the_journal_opens(settings: StationSettings) -> None:
    screen = Screen()
    opening = Opening(screen, NotDurable("database or disk is full"), JournalBroken("末条无法读取"), NotDurable("EIO"))
    assert begin_patiently(opening, screen, settings, threading.Event(), 0.01) == "station"
    full, broken, worn = opening.told
    assert ("磁盘写不进" in full, "请改用签到表" in full, "disk is full" in full) == (True, True, True)
    assert "账本损坏" in broken
    assert "EIO" in worn
    assert len(screen.servers) == 1


def test_told_to_stop_it_stops(settings: StationSettings) -> None:
    screen, stop = Screen(), threading.Event()
    never = Opening(screen, *[NotDurable("x")] * 10_000)
    ended: list[object] = []
    thread = threading.Thread(
        target=lambda: ended.append(begin_patiently(never, screen, settings, stop, 0.01))
    )  # fmt: skip
    thread.start()
    rest = threading.Event()
    while not never.told:
        rest.wait(0.01)
    stop.set()
    thread.join(WAIT_S)
    assert ended == [None]


def test_a_refusal_later_on_ends_it_as_a_refusal(settings: StationSettings) -> None:
    screen = Screen()
    with pytest.raises(Refused, match="端口"):
        begin_patiently(
            Opening(screen, NotDurable("x"), Refused("没有设置端口")), screen, settings, threading.Event(), 0.01
        )


def test_a_server_that_broke_is_made_anew_on_its_port() -> None:
    """What the supervisor does: the work raises, and is begun again."""
    made: list[KioskServer] = []
    shown = Display("站", False, lambda: datetime(2026, 3, 2, tzinfo=UTC))

    def make() -> KioskServer:
        made.append(serve(create_kiosk(shown, TOKEN), made[0].port if made else 0))
        return made[-1]

    loop, lived = KioskLoop(make), threading.Event()
    os.close(made[0]._server.socket.fileno())  # its socket is gone beneath it
    with pytest.raises(OSError, match="Bad file"):
        loop.run(threading.Event())
    thread = threading.Thread(target=loop.run, args=(threading.Event(),))
    thread.start()
    while not lived.wait(0.01):
        loop.ask_for_life(lived.set)
    assert [server.port for server in made] == [made[0].port] * 2
    loop.close()
    thread.join(WAIT_S)
    assert not thread.is_alive()
