"""A kiosk that really runs: a display, a server on a loopback port, a thread."""

import json
import threading
from contextlib import suppress
from datetime import datetime
from http.client import HTTPConnection, IncompleteRead
from typing import Any
from zoneinfo import ZoneInfo

from station.display import Display, Light, Shown, Tone
from web.kiosk.app import create_kiosk, serve
from web.kiosk.guard import COOKIE

TOKEN = "an-address-known-to-the-station-only"
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 2, 8, 57, 12, tzinfo=SHANGHAI)  # a Monday


def display(demo: bool = False) -> Display:
    """What a station shows when all is well; its clock stands at NOW."""
    made = Display("一楼东门打卡站", demo, lambda: NOW)
    made.set_reader(Light(True, "指纹机正常"))
    made.set_sync(Light(True, "已同步"))
    made.set_due("上午上班打卡")
    made.set_arrived("今日已到 52/64（10:02 同步）")
    return made


def shown(tone: Tone = "green", name: str = "刘明", verdict: str = "正常", seq: int = 1, touched_ns: int = 0) -> Shown:
    """The answer to a press at NOW."""
    return Shown(tone, name, verdict, "医疗保障局", "08:57:12", seq, touched_ns)


class Running:
    """`with Running(display) as kiosk:` serves it; `stop` and `start` are a restart on the same port."""

    def __init__(self, shows: Display, beat_s: float = 0.1) -> None:
        self.display, self._beat_s = shows, beat_s
        self.port = 0
        self.start()

    def start(self) -> None:
        """Serve, on the port had before if there was one."""
        self._server = serve(create_kiosk(self.display, TOKEN, self._beat_s), self.port)
        self.port = self._server.port
        self._thread = threading.Thread(target=self._server.run, name="kiosk")
        self._thread.start()

    def hang_up(self) -> None:
        """Tell the server to end, without waiting for it."""
        self._server.close()

    def stop(self) -> None:
        """End the server and wait until its thread is gone."""
        self.hang_up()
        self._thread.join(timeout=10)
        assert not self._thread.is_alive()

    @property
    def root(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def address(self) -> str:
        """The autostart address."""
        return f"{self.root}/kiosk?token={TOKEN}"

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *raised: object) -> None:
        self.stop()


class Listener:
    """A page's stream, read event by event over a real socket; each read waits 5 s at most."""

    def __init__(self, kiosk: Running) -> None:
        self._connection = HTTPConnection("127.0.0.1", kiosk.port, timeout=5)
        self._connection.request("GET", "/kiosk/live", headers={"Cookie": f"{COOKIE}={TOKEN}"})
        self.answer = self._connection.getresponse()
        self.preamble: list[dict[str, str]] = []

    def next(self) -> tuple[str, dict[str, Any]]:
        """The next event: its kind and its data."""
        fields = dict(line.split(": ", 1) for line in self._block())
        if "event" not in fields:
            self.preamble.append(fields)
            return self.next()
        return fields["event"], json.loads(fields["data"])

    def frame(self) -> dict[str, Any]:
        """The next frame, past any beats."""
        kind, data = self.next()
        return data if kind == "frame" else self.frame()

    def beat(self) -> dict[str, Any]:
        """The next beat, past any frames."""
        kind, data = self.next()
        return data if kind == "beat" else self.beat()

    def wait_for_end(self) -> None:
        """Read on until the other side hangs up."""
        with suppress(IncompleteRead, ConnectionError):
            self.answer.read()

    def close(self) -> None:
        """Hang up."""
        self.answer.close()
        self._connection.close()

    def _block(self) -> list[str]:
        lines = []
        while line := self.answer.readline().decode().rstrip("\n"):
            lines.append(line)
        assert lines, "the stream ended"
        return lines

    def __enter__(self) -> "Listener":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()
