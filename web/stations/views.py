"""The stations' pages and what an administrator does there."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from config.errors import Refused
from station.keys import words
from web.auth import gate
from web.door import hub, reading, writing
from web.ledger.stations import StationRow
from web.live.watcher import facts_held
from web.qr import qr_of
from web.refusals import status_of
from web.services import alarms, fingers, lineages, people, station_health, station_keys, stations
from web.services.errors import BadInput
from web.stations.points import line_of, lines_of
from web.words import _

bp = Blueprint("stations", __name__, url_prefix="/stations")
Answer = Response | tuple[str, int]


@bp.get("")
def page() -> str:
    """Every station, what waits for an administrator first."""
    return _page()


@bp.get("/board")
def board() -> str:
    """The part that changes, for the page that is open."""
    return render_template("stations/board.html", **_board())


@bp.post("/code")
def code() -> str:
    """Make a code by which one station may join; it is shown on this answer only."""
    by = gate.require("admin").person
    with writing() as session:
        made = stations.make_code(session, hub().now(), by)
    return _page(made)


@bp.get("/<station>")
def one(station: str) -> str:
    """One station: how it is, what waits, its journals and key."""
    return _one(station)


@bp.post("/<station>/code")
def rejoin_code(station: str) -> str:
    """Make a code by which this station joins anew, with a new key or on new hardware."""
    by = gate.require("admin").person
    with writing() as session:
        made = stations.make_code(session, hub().now(), by, station)
    return _one(station, made)


@bp.post("/<station>/confirm")
def confirm(station: str) -> Answer:
    """The words on both screens were the same."""
    said = _("考勤站已确认，可以上传记录")
    return _do(station, lambda session, by: stations.confirm(session, station, by, hub().now()), said)


@bp.post("/<station>/revoke")
def revoke(station: str) -> Answer:
    """Take nothing from this station any longer."""
    said = _("考勤站已停用，已上传的记录保留")
    return _do(station, lambda session, by: stations.revoke(session, station, by, hub().now()), said)


@bp.post("/<station>/name")
def rename(station: str) -> Answer:
    """Another name or place for it."""
    name, location = request.form.get("name", ""), request.form.get("location", "")
    return _do(
        station, lambda session, by: stations.rename(session, station, name, location, by, hub().now()), _("已保存")
    )


@bp.post("/<station>/key")
def ask_for_key(station: str) -> Answer:
    """Ask the station for a new key."""
    said = _("已要求换密钥，考勤站约一分钟内自动完成")
    return _do(station, lambda session, by: station_keys.ask(session, station, by, hub().now()), said)


@bp.post("/lineages/<lineage>/approve")
def approve(lineage: str) -> Response:
    """Let a new journal of a station in."""
    by = gate.require("admin").person
    with writing() as session:
        lineages.approve(session, lineage, by, hub().now())
    return _back(_("新账本已批准，考勤站会接着上传"))


@bp.post("/lineages/<lineage>/refuse")
def refuse(lineage: str) -> Response:
    """Keep a new journal of a station out."""
    by = gate.require("admin").person
    with writing() as session:
        lineages.refuse(session, lineage, by, hub().now())
    return _back(_("没有批准，记录留在考勤站上；查明后仍可批准"))


@bp.post("/alarms/<alarm>/clear")
def clear(alarm: str) -> Response:
    """Somebody looked into an alarm."""
    by = gate.require("admin").person
    with writing() as session:
        alarms.acknowledge(session, alarm, by, hub().now())
    return _back(_("告警已处理；再发生会重新出现"))


@bp.post("/orders/<order>/withdraw")
def withdraw(order: str) -> Answer:
    """Take an order to a station back."""
    by = gate.require("admin").person
    with writing() as session:
        person = fingers.withdraw(session, order, hub().now(), by)
    flash(_("指令已撤回，已经执行的不受影响"))
    return redirect(url_for("people.one", person=person))


def _do(station: str, act: Callable[[Session, str], None], said: str) -> Answer:
    """An administrator's act on a station, and back to its page; a refusal is said there."""
    by = gate.require("admin").person
    try:
        with writing() as session:
            act(session, by)
    except BadInput as refusal:
        return _one(station, refusal=refusal), status_of(refusal)
    flash(said)
    wanted = request.form.get("next")
    return redirect(gate.safe_next(wanted) if wanted else url_for("stations.one", station=station))


def _board() -> dict[str, Any]:
    now = hub().now()
    found = station_health.board(reading(), now)
    return {"board": found, "lines": lines_of(found.conditions, now), "words_of": words_of}


def _page(made: str = "") -> str:
    hub_words = words(hub().key.public)
    return render_template(
        "stations/page.html",
        **_board(),
        hub_words=hub_words,
        code=made,
        **code_words(made),
        facts=facts_held(reading()),
    )


def _one(station: str, made: str = "", refusal: Refused | None = None) -> str:
    session, now = reading(), hub().now()
    row = stations.get(session, station)
    condition = station_health.board(session, now).of(station)
    orders = condition.orders if condition else []
    return render_template(
        "stations/station.html", row=row, line=line_of(condition, now) if condition else None, orders=orders,
        names=people.names_of(session, {order.person for order in orders}), words_of=words_of,
        journals=lineages.of_stations(session, station), refusal=refusal, longest=stations.LONGEST_NAME,
        code=made, **code_words(made, again=row.state != "waiting"),
    )  # fmt: skip


def code_words(made: str, *, again: bool = False) -> dict[str, str]:
    """The command to type for a code, and its QR."""
    if not made:
        return {"command": "", "qr": ""}
    command = f"zaigang station join {request.host_url.rstrip('/')} --code {made}{' --again' if again else ''}"
    return {"command": command, "qr": qr_of(command)}


def words_of(row: StationRow) -> str:
    """What is compared with the station's own screen: its key, and the key that PINs are sealed for."""
    return words(row.public_key, *([row.seal_key] if row.seal_key else []))


def _back(said: str) -> Response:
    flash(said)
    return redirect(url_for("stations.page"))
