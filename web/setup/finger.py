"""The first finger: an order to a station, watched until the station's own record says that it was taken."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config.errors import Refused
from station.places import FINGERS
from web.auth import gate
from web.door import hub, reading, writing
from web.refusals import status_of
from web.services import fingers, people, stations
from web.services.errors import BadInput
from web.setup.room import bar, bp, to_next

Answer = Response | tuple[str, int]


@bp.get("/finger")
def finger() -> str | Response:
    """Whose finger, at which station; and how far it is."""
    gate.require("admin")
    return _page(None)


@bp.post("/finger")
def order_finger() -> Answer:
    """Order a station to take it."""
    by = gate.require("admin").person
    given = request.form
    try:
        with writing() as session:
            who = people.find(session, given.get("person", ""))
            station, wanted = given.get("station", ""), given.get("finger", "")
            fingers.order_enrol(session, who.id, station, wanted, hub().now(), by)
    except BadInput as refusal:
        page = _page(refusal)
        return (page, status_of(refusal)) if isinstance(page, str) else page
    return redirect(url_for("setup.finger"))


@bp.get("/finger/now")
def finger_now() -> str:
    """The part that changes, for the page that is open."""
    gate.require("admin")
    return render_template("setup/finger_now.html", **_now())


def _page(refusal: Refused | None) -> str | Response:
    shown = bar("finger")
    if shown is None:
        return to_next()
    session = reading()
    staff = [row for row in people.everybody(session) if row.posted_to is None]
    return render_template(
        "setup/finger.html", bar=shown, refusal=refusal, given=request.form, staff=staff, finger_names=FINGERS, **_now()
    )


def _now() -> dict[str, Any]:
    """The newest order and what came of it; the stations that may take one."""
    session = reading()
    asked = fingers.newest_asked(session)
    return {
        "asked": asked,
        "who": people.get(session, asked.order.person).name if asked else "",
        "stations": [row for row in stations.listed(session) if row.state == "confirmed"],
    }
