"""The audit: found by person, act and day, a hundred lines a page, and as a file."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from web.audit.lines import Shown, act_words, kinds, shown_lines
from web.audit.sheet import audit_sheet
from web.auth import gate
from web.door import hub, reading
from web.download import attached
from web.people.forms import day_or_open
from web.services import audit
from web.services.audit import Asked
from web.services.errors import BadInput
from web.words import _

bp = Blueprint("audit", __name__)
READERS = ("admin", "supervision")
PAGE = 100
MOST = 100_000  # lines of a file
LAST = 1000  # lines whose chain every look checks


@bp.get("/audit")
def page() -> str:
    """Lines, newest first, and whether the chain holds."""
    gate.require(*READERS)
    session, (asked, given) = reading(), _asked()
    total, total_lines = audit.count(session, asked), audit.count(session, Asked())
    whole = request.args.get("check") == "all"
    pages = max(1, -(-total // PAGE))
    number = min(max(1, request.args.get("page", 1, type=int)), pages)
    return render_template(
        "audit/page.html",
        lines=shown_lines(session, audit.listed(session, asked, PAGE * (number - 1), PAGE)),
        total=total,
        page=number,
        pages=pages,
        given=given,
        acts=[(act, act_words(act)) for act in kinds(audit.acts(session))],
        actors=audit.actors(session),
        broken=audit.broken(session, None if whole else LAST),
        whole=whole or total_lines <= LAST,
        last=LAST,
    )


@bp.get("/audit.xlsx")
def file() -> Response:
    """The same lines as a file, with their hashes."""
    gate.require(*READERS)
    session, (asked, _given) = reading(), _asked()
    if audit.count(session, asked) > MOST:
        raise BadInput(_("超过 %(n)s 条，一个文件放不下", n=MOST), remedy=_("请缩短日期再导出"))
    found: Sequence[Shown] = shown_lines(session, audit.listed(session, asked, 0, MOST))
    return attached(audit_sheet(found, _zone()), f"{_('审计')}.xlsx")


def _asked() -> tuple[Asked, dict[str, str]]:
    """What the address asks for, and how it was written."""
    given = {key: request.args.get(key, "").strip()[:60] for key in ("by", "act", "first", "last")}
    first, last = day_or_open(given["first"]), day_or_open(given["last"])
    until = _begins(last + timedelta(days=1)) if last else None
    return Asked(given["by"], given["act"], _begins(first) if first else None, until), given


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), _zone())


def _zone() -> ZoneInfo:
    return ZoneInfo(hub().hall.zone)
