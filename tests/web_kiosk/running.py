"""A kiosk that really runs: a display, a server on a loopback port, a thread."""

import threading
from datetime import datetime
from types import TracebackType
from zoneinfo import ZoneInfo

from station.display import Display, Light, Shown, Tone
from web.kiosk.app import create_kiosk, serve

TOKEN = "an-address-known-to-the-station-only"
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 2, 8, 57, 12, tzinfo=SHANGHAI)  # a Monday


def display(demo: bool = False) -> Display:
    """What a station shows when all is well; its clock stands at NOW."""
    made = Display("一楼东门打卡站", demo, lambda: NOW)
    made.set_reader(Light(True, "指纹机正常"))
    made.set_sync(Light(True, "已同步"))
    made.set_due("上午上班打卡")
    made.set_arrived("今日已到 52/64 (10:02 同步)")
    return made


def shown(tone: Tone = "green", name: str = "刘明", verdict: str = "正常", seq: int = 1, touched_ns: int = 0) -> Shown:
    """The answer to a press at NOW."""
    return Shown(tone, name, verdict, "医疗保障局", "08:57:12", seq, touched_ns)


class Running:
    """`with Running(display) as kiosk:` serves it; `stop` and `start` are a restart on the same port."""

    def __init__(self, shows: Display) -> None:
        self.display = shows
        self.port = 0
        self.start()

    def start(self) -> None:
        """Serve, on the port had before if there was one."""
        self._server = serve(create_kiosk(self.display, TOKEN), self.port)
        self.port = self._server.port
        self._thread = threading.Thread(target=self._server.run, name="kiosk")
        self._thread.start()

    def stop(self) -> None:
        """End the server and wait until its thread is gone."""
        self._server.close()
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

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
