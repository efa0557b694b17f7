"""The order to put a finding right, as a page to print and as a PDF."""

from flask import render_template
from werkzeug.wrappers import Response

from station.facts import Json
from web.door import hub, reading
from web.download import attached
from web.findings.one import case_of
from web.findings.room import bp, held
from web.services import mend_order, officers
from web.words import _


@bp.get("/<finding>/order")
def order(finding: str) -> str:
    """The page."""
    return render_template("findings/order.html", order=_told(finding), finding=finding)


@bp.get("/<finding>/order.pdf")
def order_file(finding: str) -> Response:
    """The PDF."""
    return attached(mend_order.paper(_told(finding)), f"{_('整改通知单')}.pdf")


def _told(finding: str) -> Json:
    case, _holding = case_of(finding)
    named = {case.parties.about, case.stands.assigned, *case.found.officers, *case.parties.answerable} - {""}
    return mend_order.told(case, held(), hub().hall.name, officers.names_of(reading(), sorted(named)))
