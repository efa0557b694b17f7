"""The kiosk's pages: the screen, its stream, and plain refusals."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType

from flask import Flask, Response, jsonify, redirect, render_template, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from config.words import say, series
from station.acts import Acts
from station.display import Display
from web.kiosk.admin import add_admin
from web.kiosk.answers import add_answers
from web.kiosk.asking import add_asking
from web.kiosk.counter import add_counter
from web.kiosk.desk import Desk
from web.kiosk.enrolment import add_enrolment
from web.kiosk.guard import guard
from web.kiosk.live import BEAT_S, Live
from web.kiosk.painting import lost
from web.kiosk.patrol import add_patrol
from web.kiosk.patrol_point import add_point
from web.kiosk.server import KioskServer
from web.kiosk.sign_in import add_sign_in
from web.kiosk.tags import add_tags

HERE = Path(__file__).parent
PAGE_FILES = ("static/kiosk.css", "static/kiosk.js", "templates/kiosk/screen.html")  # act pages are loaded anew anyway

# Status → what happened, what to do next. Whatever the screen refuses, punches go on without it.
REFUSALS: Mapping[int, tuple[str, str]] = MappingProxyType({
    403: ("本页只给考勤站自己的屏幕用", "请重启考勤站，打卡屏会自动打开；或用考勤站启动时给出的完整地址打开"),
    404: ("没有这个页面", "请打开考勤站启动时给出的地址"),
    405: ("本页只能查看，不接受提交", "请打开考勤站启动时给出的地址"),
    421: ("打卡屏只能在考勤站本机上打开", "请在考勤站本机上，用启动时给出的地址打开"),
    503: ("同时打开的打卡屏太多", "请关闭多余的窗口；本页会每秒自动刷新"),
    500: ("打卡屏出了故障", "请照常按手指；如屏幕一直不恢复，请重启考勤站并告知管理员"),
})  # fmt: skip


def create_kiosk(display: Display, token: str, beat_s: float = BEAT_S, acts: Acts | None = None) -> Flask:
    """The kiosk over `display`; only a browser that brings `token` once (then keeps its cookie) sees the screen.

    A quiet stream beats every `beat_s` seconds. Without `acts` (no touch screen) it only shows.
    """
    if not token:
        raise ValueError("a kiosk without a token would be open to everyone")
    app = Flask(__name__, static_url_path="/kiosk/static")
    app.jinja_options |= {"trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.globals |= {"say": say, "lost": lambda: asdict(lost())}
    app.jinja_env.filters["series"] = series
    app.register_error_handler(HTTPException, _refusal)
    display.set_touch(acts is not None)
    check = guard(app, token)
    _add_pages(app, Live(display, page_mark(), beat_s), check, acts)
    if acts:
        desk = Desk(app, acts, check)
        for add in (add_counter, add_sign_in, add_asking, add_answers, add_admin, add_enrolment):
            add(desk)
        if acts.rounds:
            add_patrol(desk, acts.rounds)
            add_point(desk, acts.rounds)
            add_tags(desk, acts.rounds)
    return app


def serve(app: Flask, port: int) -> KioskServer:
    """A server of `app` on 127.0.0.1 with 8 threads, already listening (port 0: a free one, see `.port`).

    PortTaken when the port cannot be had. `run()` serves in the calling thread, `close()` ends it.
    """
    return KioskServer(app, port)


def page_mark() -> str:
    """The mark of this version of the page, so that a screen nobody touches loads a newer one by itself."""
    return hashlib.sha256(b"".join((HERE / name).read_bytes() for name in PAGE_FILES)).hexdigest()[:12]


def _add_pages(app: Flask, live: Live, check: Callable[[], AnyResponse | None], acts: Acts | None) -> None:
    @app.get("/")
    def home() -> AnyResponse:
        return redirect(url_for("kiosk"))

    @app.get("/kiosk", strict_slashes=False)
    def kiosk() -> AnyResponse | str:
        if came := check():
            return came
        patrols = acts is not None and acts.rounds is not None
        if acts:  # whoever left a page without finishing: the next press is a punch again
            acts.leave()
        return render_template("kiosk/screen.html", now=live.present(), patrols=patrols)

    @app.get("/kiosk/frame")
    def frame() -> AnyResponse:
        return check() or jsonify(live.present())

    @app.get("/kiosk/live")
    def stream() -> AnyResponse | tuple[str, int]:
        return check() or _stream(live)


def _stream(live: Live) -> AnyResponse | tuple[str, int]:
    if not live.take_place():
        return _page(503)
    response = Response(live.events(), mimetype="text/event-stream")
    response.call_on_close(live.leave)
    return response


def _refusal(error: HTTPException) -> tuple[str, int]:
    return _page(error.code or 500)


def _page(status: int) -> tuple[str, int]:
    what, remedy = REFUSALS.get(status, REFUSALS[500])
    words = {"what": say(what), "saved": say("没有改动任何数据，按手指打卡照常"), "remedy": say(remedy)}
    return render_template("kiosk/refusal.html", **words), status
