"""Duty on paper: the roster of a month, the log of a day or a month."""

from datetime import date

from flask import request
from werkzeug.wrappers import Response

from web.auth.gate import require
from web.door import hub, reading
from web.download import printed
from web.duty.room import asked_day, bp
from web.services import duty_paper, in_force
from web.services.in_force import last_of
from web.services.scopes import OF_HALL


@bp.get("/roster.<suffix>")
def roster(suffix: str) -> Response:
    """The roster of `month`."""
    session = reading()
    first = asked_day(f"{request.args.get('month', '')}-01")
    paper = duty_paper.roster(session, in_force.read(session, hub()), first, hub().hall.name)
    return printed(paper, suffix, f"duty-{first:%Y-%m}")


@bp.get("/log.<suffix>")
def log(suffix: str) -> Response:
    """The log of `day`, or of `month`."""
    require(*OF_HALL)
    session = reading()
    first, last = _stretch(request.args.get("day", ""), request.args.get("month", ""))
    paper = duty_paper.log(session, in_force.read(session, hub()), first, last, hub().hall.name)
    return printed(paper, suffix, f"duty-log-{first.isoformat()[: 10 if first == last else 7]}")


def _stretch(day: str, month: str) -> tuple[date, date]:
    if month:
        first = asked_day(f"{month}-01")
        return first, last_of(first)
    return asked_day(day), asked_day(day)
