"""The stations' page and what an administrator does there."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from station.keys import words
from web.auth import gate
from web.door import hub, reading, writing
from web.services import alarms, stations
from web.words import _

bp = Blueprint("stations", __name__, url_prefix="/stations")


@bp.get("")
def page() -> str:
    """Every station, what waits for an administrator first."""
    return _page()


@bp.post("/code")
def code() -> str:
    """Make a code by which one station may join; it is shown on this answer only."""
    by = gate.require("admin").person
    with writing() as session:
        made = stations.make_code(session, hub().now(), by)
    return _page(made)


@bp.post("/<station>/confirm")
def confirm(station: str) -> Response:
    """The words on both screens were the same."""
    by = gate.require("admin").person
    with writing() as session:
        stations.confirm(session, station, by, hub().now())
    return _back(_("考勤站已确认，可以上传记录"))


@bp.post("/<station>/revoke")
def revoke(station: str) -> Response:
    """Take nothing from this station any longer."""
    by = gate.require("admin").person
    with writing() as session:
        stations.revoke(session, station, by, hub().now())
    return _back(_("考勤站已停用，已上传的记录保留"))


@bp.post("/lineages/<lineage>/approve")
def approve(lineage: str) -> Response:
    """Let a new journal of a station in."""
    by = gate.require("admin").person
    with writing() as session:
        stations.approve_lineage(session, lineage, by, hub().now())
    return _back(_("新账本已批准，考勤站会接着上传"))


def _page(made: str = "") -> str:
    session = reading()
    return render_template(
        "stations/page.html",
        listed=stations.listed(session),
        health=stations.health(session, hub().now()),
        held=stations.held_lineages(session),
        alarms=alarms.standing(session),
        words=words,
        hub_words=words(hub().key.public),
        code=made,
    )


def _back(said: str) -> Response:
    flash(said)
    return redirect(url_for("stations.page"))
