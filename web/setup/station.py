"""Finding the fingerprint module: a station joins by a code, is confirmed by its words, and says how its reader is."""

from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response

from web.auth import gate
from web.door import hub, reading, writing
from web.services import station_health, stations
from web.setup.room import bar, bp, to_next
from web.stations.points import lines_of
from web.stations.views import code_words, words_of

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@bp.get("/station")
def station() -> str | Response:
    """The stations as they come in."""
    gate.require("admin")
    return _page("")


@bp.post("/station")
def make_code() -> str | Response:
    """A code by which one station may join; it is shown on this answer only."""
    by = gate.require("admin").person
    with writing() as session:
        made = stations.make_code(session, hub().now(), by)
    return _page(made)


@bp.get("/station/now")
def station_now() -> str:
    """The part that changes, for the page that is open."""
    gate.require("admin")
    return render_template("setup/station_now.html", **_now(coded=bool(request.args.get("coded"))))


def _page(made: str) -> str | Response:
    shown = bar("station")
    if shown is None:
        return to_next()
    here = request.host.rpartition(":")[0] or request.host
    return render_template(
        "setup/station.html", bar=shown, code=made, **code_words(made), alone=here in LOOPBACK,
        **_now(coded=bool(made)),
    )  # fmt: skip


def _now(*, coded: bool) -> dict[str, Any]:
    """How every station is. `coded`: a code stands on the page, so there is nothing to be made first."""
    now = hub().now()
    found = station_health.board(reading(), now)
    lines = lines_of(found.conditions, now)
    ready = any(line.condition.health.reader == "ready" and line.condition.health.online for line in lines)
    return {"waiting": found.waiting, "lines": lines, "ready": ready, "words_of": words_of, "coded": coded}
