"""Pages of what anybody does: going out and coming back, saying who they are, hearing what came of it."""

from flask import jsonify, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from config.errors import Refused
from config.words import say
from station.display import Shown
from station.errands import Errand, Running
from station.going_out import By, Way, register
from station.papers import Person
from web.kiosk.desk import Answer, Desk

LEADS = {"told": "told", "admin": "admin", "team": "patrol_next", "signed": "patrol_signed", "answers": "answers"}
WAYS: dict[Way, str] = {"out": "外出", "back": "返回"}


def add_counter(desk: Desk) -> None:
    """Register them."""
    _add_exits(desk)
    _add_finger(desk)
    _add_pin(desk)


def begin(desk: Desk, errand: Errand) -> AnyResponse:
    """Start an errand and go where its person says who they are."""
    desk.acts.errands.begin(errand)
    return redirect(url_for("finger"), 303)


def _add_exits(desk: Desk) -> None:
    @desk.page("out", sends=True)
    def out() -> Answer:
        if request.method == "GET":
            return desk.show("out", say("外出 / 返回"))
        way: Way = "back" if request.form.get("way") == "back" else "out"

        def do(person: str, by: By) -> Shown:
            return register(desk.acts.punching, person, way, by)

        return begin(desk, Errand(say(WAYS[way]), do))


def _add_finger(desk: Desk) -> None:
    errands = desk.acts.errands

    @desk.page("finger", sends=True)
    def finger() -> Answer:
        running = errands.now
        if running is None:
            return redirect(url_for("kiosk"), 303)
        if request.method == "POST":
            return _turned(desk, running, request.form.get("turn", ""))
        if running.state == "refused" and running.refused:
            return desk.refuse(running.refused)
        if running.state in ("waiting", "late"):
            return desk.show("finger", running.errand.title, running=running, back="")
        return _led(desk, running)

    @desk.page("finger/state")
    def finger_state() -> Answer:
        running = errands.now
        return jsonify(state=running.state if running else "gone")

    @desk.page("told")
    def told() -> Answer:
        running = errands.now
        if running is None or running.shown is None:
            return redirect(url_for("kiosk"), 303)
        return desk.show("told", running.errand.title, shown=running.shown, errand=running.errand)


def _turned(desk: Desk, running: Running, turn: str) -> Answer:
    errands = desk.acts.errands
    if turn == "again":
        return begin(desk, running.errand)
    if turn == "name":
        errands.by_name(running)
        return redirect(url_for("finger"), 303)
    errands.cancel()
    return redirect(url_for("kiosk"), 303)


def _led(desk: Desk, running: Running) -> Answer:
    """Where an errand goes on that waits for no press."""
    if running.state == "failed":
        return desk.refuse(
            Refused(
                say("未能记录：本机磁盘写不进"), saved=say("这一次没有存下来"),
                remedy=say("请改用纸质签到表，并通知管理员"),
            )
        )  # fmt: skip
    if running.state == "named":
        return redirect(url_for("who"), 303)
    if running.state == "done":
        return redirect(url_for(LEADS.get(running.errand.leads, "kiosk")), 303)
    return redirect(url_for("kiosk"), 303)


def _add_pin(desk: Desk) -> None:
    acts = desk.acts

    @desk.page("who")
    def who() -> Answer:
        running = acts.errands.now
        if running is None or running.state != "named":
            return redirect(url_for("finger"), 303)
        able = [each for each in desk.everybody() if acts.pins.has(each.id) and _may(desk, running, each)]
        return desk.names(
            say("{title}：请选您的姓名", title=running.errand.title), able, lambda each: url_for("pin", person=each.id),
            nobody=say("本机还没有可用的 PIN，请按手指；不能按手指的，请找值班长"),
            note=say("名单上只有在本机有 PIN 的人"),
        )  # fmt: skip

    @desk.page("pin/<person>", sends=True)
    def pin(person: str) -> Answer:
        running, known = acts.errands.now, desk.known(person)
        if running is None or running.state != "named":
            return redirect(url_for("finger"), 303)
        words = {"title": running.errand.title, "who": known.name, "back": url_for("who")}
        if request.method == "GET":
            return desk.pad(**words)
        digits = desk.digits()
        if digits is None:
            return desk.pad_again(**words)
        try:
            acts.errands.with_pin(running, known.id, digits)
        except Refused as refused:
            return desk.pad(**words, refused=refused)
        return _led(desk, running)


def _may(desk: Desk, running: Running, person: Person) -> bool:
    return running.errand.leads != "admin" or desk.acts.unlocking.may(person)
