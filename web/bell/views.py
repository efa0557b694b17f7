"""The bell's page, and its number for the head of every page."""

from flask import Blueprint, Response, render_template

from web.auth.gate import myself
from web.door import hub, reading
from web.services import bell
from web.services.waits import Waiting

bp = Blueprint("bell", __name__, url_prefix="/bell")


@bp.get("")
def page() -> str:
    """What waits for me."""
    return render_template("bell/page.html", waiting=_waiting())


@bp.get("/count")
def count() -> Response:
    """How many things wait, as plain digits."""
    return Response(str(sum(each.count for each in _waiting())), mimetype="text/plain")


def _waiting() -> list[Waiting]:
    login, session, now = myself(), reading(), hub().now()
    return bell.ring(session, bell.viewer(session, hub(), login.person, login.unit, login.roles, now))
