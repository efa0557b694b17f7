"""The stream over a real socket, and the server that carries it."""

import subprocess
import sys
import threading
import time

import pytest
import requests
from structlog.testing import capture_logs

from station.display import Light
from tests.web_kiosk.running import NOW, TOKEN, Listener, Running, display, shown
from web.kiosk.app import serve
from web.kiosk.guard import COOKIE
from web.kiosk.live import MAX_STREAMS
from web.kiosk.server import PortTaken


def test_the_first_frame_comes_at_once_and_each_change_wakes_the_stream() -> None:
    """With beats a minute apart, what comes within the reader's five seconds was woken by the change."""
    with Running(display(), beat_s=60) as kiosk, Listener(kiosk) as stream:
        assert stream.next()[1]["rest"]["name"] == "请按手指"
        for seq in (1, 2, 3):
            kiosk.display.show(shown(seq=seq, verdict=f"迟到 {seq} 分钟"))
            kind, frame = stream.next()
            assert (kind, frame["result"]["verdict"], frame["held_ms"]) == ("frame", f"迟到 {seq} 分钟", 4000)
        kiosk.hang_up()
        stream.wait_for_end()
        kiosk.display.set_alarm("磁盘快满")  # a change, not the far beat, lets the stream find nobody there


def test_the_stream_is_a_stream_for_browsers() -> None:
    with Running(display()) as kiosk, Listener(kiosk) as stream:
        assert stream.answer.status == 200
        assert stream.answer.headers["Content-Type"].startswith("text/event-stream")
        assert stream.answer.headers["Cache-Control"] == "no-store"
        stream.next()
        assert stream.preamble == [{"retry": "1000"}]


def test_a_beat_carries_the_stations_time() -> None:
    shows = display()
    with Running(shows) as kiosk, Listener(kiosk) as stream:
        assert stream.beat()["clock"] == "08:57:12"
        shows.now = lambda: NOW.replace(hour=13, minute=30)  # the board's clock was set right meanwhile
        stream.beat()
        assert stream.beat()["clock"] == "13:30:12"


def test_lights_alarm_and_words_follow_their_change() -> None:
    with Running(display()) as kiosk, Listener(kiosk) as stream:
        stream.frame()
        kiosk.display.set_sync(Light(False, "断网，已存本机 7 条"))
        assert stream.frame()["sync"] == {"well": False, "words": "断网，已存本机 7 条"}
        kiosk.display.set_reader(Light(False, "指纹机断开，请用签到"))
        assert stream.frame()["rest"]["tone"] == "down"
        kiosk.display.set_alarm("磁盘快满")
        assert stream.frame()["alarm"] == "磁盘快满"
        kiosk.display.set_due("上午下班打卡")
        assert stream.frame()["due"] == "上午下班打卡"


def test_all_streams_see_the_same() -> None:
    with Running(display()) as kiosk, Listener(kiosk) as one, Listener(kiosk) as two:
        one.frame(), two.frame()
        kiosk.display.show(shown(seq=9))
        assert one.frame()["result"] == two.frame()["result"]


def test_each_result_is_logged_with_the_time_since_the_touch() -> None:
    with capture_logs() as logs, Running(display()) as kiosk, Listener(kiosk) as stream:
        stream.frame()
        kiosk.display.show(shown(seq=7, touched_ns=time.monotonic_ns()))
        stream.frame()
        kiosk.display.set_sync(Light(False, "断网，照常打卡"))
        kiosk.display.show(shown(seq=8))
        stream.beat()  # what was sent before a beat has been logged
    sent = [entry for entry in logs if entry["event"] == "frame sent"]
    assert [entry["seq"] for entry in sent] == [7, 8]
    assert sent[0]["after_touch_us"] > 0
    assert "after_touch_us" not in sent[1]


def test_a_result_that_was_up_before_is_not_sent_as_new() -> None:
    shows = display()
    shows.show(shown(seq=1, touched_ns=1))  # answered long ago
    with capture_logs() as logs, Running(shows) as kiosk, Listener(kiosk) as stream:
        assert stream.frame()["held_ms"] == 0
        stream.beat()
    assert [entry for entry in logs if entry["event"] == "frame sent"] == []


def test_one_stream_too_many_is_refused_polls_and_gets_the_next_free_place() -> None:
    with Running(display()) as kiosk:
        streams = [Listener(kiosk) for _ in range(MAX_STREAMS)]
        cookie = {COOKIE: TOKEN}
        refused = requests.get(f"{kiosk.root}/kiosk/live", cookies=cookie, timeout=5)
        assert refused.status_code == 503
        assert "同时打开的打卡屏太多" in refused.text
        assert requests.get(f"{kiosk.root}/kiosk/frame", cookies=cookie, timeout=5).json()["rest"]["name"] == "请按手指"
        streams.pop().close()
        for _ in range(5):  # the place is given back when the next beat finds nobody
            streams[0].beat()
            again = Listener(kiosk)
            streams.append(again)
            if again.answer.status == 200:
                break
        assert again.answer.status == 200
        for stream in streams:
            stream.close()


def test_closing_ends_open_streams_and_frees_the_port() -> None:
    kiosk = Running(display())
    streams = [Listener(kiosk) for _ in range(MAX_STREAMS)]
    before = kiosk.port
    kiosk.stop()
    kiosk.start()
    assert kiosk.port == before
    with Listener(kiosk) as stream:
        assert stream.frame()["station"] == "一楼东门打卡站"
    kiosk.stop()
    for stream in streams:
        stream.close()


def test_closing_twice_is_closing_once() -> None:
    kiosk = Running(display())
    closers = [threading.Thread(target=kiosk._server.close) for _ in range(3)]
    for closer in closers:
        closer.start()
    kiosk.stop()
    for closer in closers:
        closer.join()
    kiosk._server.close()


def test_a_taken_port_is_refused_in_words() -> None:
    with Running(display()) as kiosk, pytest.raises(PortTaken, match=f"打卡屏的端口 {kiosk.port} 用不了") as refusal:
        serve(object(), kiosk.port)  # type: ignore[arg-type]  # never reached
    assert "station.toml" in str(refusal.value)


def test_it_listens_on_this_board_only() -> None:
    with Running(display()) as kiosk:
        assert kiosk._server._server.socket.getsockname()[0] == "127.0.0.1"


def test_it_draws_in_nothing_of_the_hub() -> None:
    code = (
        "import sys, web.kiosk.app\n"
        "hub = {'sqlalchemy', 'alembic', 'cv2', 'numpy', 'flask_login', 'web.app', 'web.ledger', 'web.services'}\n"
        "print(*sorted(hub & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
