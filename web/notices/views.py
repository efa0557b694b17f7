"""The public notice: anybody on the hall's network may read it."""

import re
from datetime import date

from flask import Blueprint, render_template

from web.door import hub, reading
from web.services import in_force
from web.services.errors import NotFound
from web.services.notices import notice_of, posted_months
from web.words import _

bp = Blueprint("notices", __name__, url_prefix="/notices")
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


@bp.get("")
def page() -> str:
    """The months that are posted; nothing in a hall whose policy posts none."""
    session = reading()
    held = in_force.read(session, hub())
    on = held.on(hub().now().astimezone(held.zone).date()).policy.reporting
    return render_template("notices/page.html", months=posted_months(session) if on.public_notice else [], on=on)


@bp.get("/<month>")
def month(month: str) -> str:
    """A month's notice."""
    session = reading()
    if not _MONTH.fullmatch(month) or month not in posted_months(session):
        raise NotFound(_("这个月没有公示"), remedy=_("请从公示目录进入"))
    first = date.fromisoformat(f"{month}-01")
    policy = in_force.read(session, hub()).of_month(first.year, first.month).policy
    if not policy.reporting.public_notice:
        raise NotFound(_("这个月没有公示"), remedy=_("请从公示目录进入"))
    return render_template("notices/month.html", first=first, units=notice_of(session, month, policy.reporting),
                           clauses=policy.reporting.clauses("public_notice"))  # fmt: skip
