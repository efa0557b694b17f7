"""The page 今日, its live part, and the lists behind its numbers."""

from flask import Blueprint, abort, render_template

from web import paging
from web.auth.gate import myself
from web.auth.scope import scope
from web.door import hub, reading
from web.services import alarms, cover_needs, finding_waits, in_force, stations, today
from web.services.patrol_day import patrol_day
from web.services.scopes import PATROLS
from web.services.today import HallDay
from web.setup.room import left as setup_left
from web.today.board import LISTS, board_of

bp = Blueprint("today", __name__)
PEOPLE = 200  # a page


@bp.get("/")
def page() -> str:
    """The whole page, complete without any script."""
    return render_template("today/page.html", **_board())


@bp.get("/today/board")
def board() -> str:
    """The part that changes, for the page that is open."""
    return render_template("today/board.html", **_board())


@bp.get("/today/<which>")
def people(which: str) -> str:
    """The people behind one number."""
    if which not in LISTS:
        abort(404)
    day = today.hall_day(reading(), hub(), scope=scope())
    found = paging.asked(LISTS[which].of(day), PEOPLE)
    return render_template("today/people.html", day=day, which=LISTS[which], found=found)


def _board() -> dict[str, object]:
    session = reading()
    held = in_force.read(session, hub())
    day: HallDay = today.hall_day(session, hub(), held, scope())
    patrols = myself().roles & PATROLS
    patrol = patrol_day(session, held, day.date, hub().now()) if patrols else None
    health = stations.health(session, hub().now())
    mend, late = finding_waits.unmended(session, held, scope(), hub().now())
    gaps = [each for each in cover_needs.coming(session, hub(), held) if scope().holds_unit(each.unit)]
    also = {"patrol": patrol, "to_mend": mend, "mend_late": late, "gaps": gaps, "facts": held.stand.facts,
            "setup_left": setup_left()}  # fmt: skip
    return also | board_of(day, health, alarms.standing(session))
