"""Whether the hub is well: in one word for machines, line by line for its administrator."""

from importlib.metadata import version
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from sqlalchemy import select

from station.checkup.line import WORTH_A_LOOK, WRONG, Line
from station.clock import kernel_says_synced
from web.auth import gate
from web.door import hub, reading
from web.ledger.hall import HallRow
from web.services import station_health, tls
from web.system import lines

bp = Blueprint("system", __name__)


@bp.get("/healthz")
def healthz() -> Response:
    """200 while the ledger answers; what keeps it from answering becomes 503 like any refusal."""
    reading().execute(select(HallRow.id)).one()
    return jsonify(status="ok")


@bp.get("/system")
def page() -> str:
    """What the hub stands on and how its stations are, and the ways to everything that is only an administrator's."""
    gate.require("admin")
    found = [*_own(), *_stations()]
    marks = [line.mark for _href, line in found]
    wrong, look = marks.count(WRONG), marks.count(WORTH_A_LOOK)
    return render_template("system/page.html", found=found, wrong=wrong, look=look)


def _own() -> list[tuple[str, Line]]:
    """The hub's own lines, each beside the page that it leads to."""
    opened, now, settings = hub(), hub().now(), hub().settings
    zone = ZoneInfo(opened.hall.zone)
    return [
        ("", lines.hall_line(opened.hall.name, opened.hall.zone, version("zaigang"))),
        ("", lines.ledger_line(sqlite=opened.ledger.is_sqlite, held=opened.ledger.size(reading()))),
        ("", lines.disk_line(lines.see_disk(settings.folder))),
        ("", lines.clock_line(now, zone, demo=settings.demo, synced=kernel_says_synced())),
        ("", lines.door_line(
            secure=request.is_secure, certified=tls.files(settings.folder) is not None, port=settings.tls_port
        )),
        (url_for("trust.page"), _certificate()),
    ]  # fmt: skip


def _certificate() -> Line:
    now, zone = hub().now(), ZoneInfo(hub().hall.zone)
    try:
        found = tls.server(hub().settings.folder)
    except (OSError, ValueError):
        return lines.certificate_line(None, now, zone, broken=True)
    return lines.certificate_line(found.not_valid_after_utc if found else None, now, zone)


def _stations() -> list[tuple[str, Line]]:
    now = hub().now()
    return [
        (url_for("stations.one", station=station) if station else url_for("stations.page"), line)
        for station, line in lines.station_lines(station_health.board(reading(), now), now)
    ]
