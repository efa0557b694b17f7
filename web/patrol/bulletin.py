"""The bulletin of a month: on the page, and as the paper that goes to the units."""

from datetime import date, timedelta

from flask import render_template
from werkzeug.wrappers import Response

from config.words import say
from web.auth.scope import patrol_scope
from web.door import hub, reading
from web.download import attached
from web.patrol.room import bp, held, today
from web.services import bulletin, patrol_lines
from web.services.bulletin import Bulletin
from web.services.errors import NotAllowed
from web.services.in_force import last_of
from web.services.patrol_paper import as_pdf, as_xlsx
from web.sheets.views import month_asked


@bp.get("/bulletin")
def bulletin_page() -> str:
    """The running month unless another is asked for."""
    found = _asked()
    after = last_of(found.first) + timedelta(days=1)
    return render_template(
        "patrol/bulletin.html", found=found, day=today().date, columns=patrol_lines.COLUMNS, clauses=bulletin.CLAUSES,
        before=found.first - timedelta(days=1), after=after if after <= today().date else None,
        lacking=bulletin.lacking_words(found), total=found.total(),
    )  # fmt: skip


@bp.get("/bulletin.pdf")
def bulletin_paper() -> Response:
    """To be printed and signed."""
    found = _asked()
    return _file(as_pdf(bulletin.paper(hub().hall.name, found)), found.first, "pdf")


@bp.get("/bulletin.xlsx")
def bulletin_sheet() -> Response:
    """For WPS and Excel."""
    found = _asked()
    return _file(as_xlsx(bulletin.paper(hub().hall.name, found)), found.first, "xlsx")


def _asked() -> Bulletin:
    scope, day = patrol_scope(), today().date
    if not scope.hall and not scope.unit:
        raise NotAllowed(say("您的账号没有这项权限"), remedy=say("请联系系统管理员"))
    return bulletin.bulletin(reading(), held(), month_asked(day, day.replace(day=1)), hub().now(), scope)


def _file(content: bytes, first: date, ending: str) -> Response:
    return attached(content, f"patrol-bulletin-{first:%Y-%m}.{ending}")
