"""The list of findings: what waits for whoever looks first, then those of the days asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import render_template, request

from web import paging
from web.auth.gate import myself
from web.auth.scope import windows_scope
from web.door import hub, reading
from web.findings.room import JUDGED, MENDING, WAITS, bp, columns, held, zone
from web.people.forms import day_of
from web.services import findings
from web.services.findings import Case, Wanted

PAGE = 50
DAYS = 30
STATES = {
    "to_confirm": "待核实", "to_mend": "待整改", "overdue": "逾期", "to_verify": "待复查", "closed": "整改到位",
    "refused": "不成立",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waits:
    """A finding that waits for whoever looks, and for what."""

    case: Case
    step: str


@bp.get("")
def page() -> str:
    """Findings within the scope of whoever is signed in."""
    session, me, now = reading(), myself(), hub().now()
    wanted = _wanted()
    found = findings.listed(session, held(), windows_scope(), wanted, now)
    state = request.args.get("state", "")
    shown = [case for case in found if (state in STATES or wanted.holds(case, zone())) and _is(case, state)]
    waiting = [Waits(case, step) for case in found if (step := case.waits_for(me.person, me.roles))]
    return render_template(
        "findings/page.html", waiting=waiting[:PAGE], more=len(waiting) - PAGE, found=paging.asked(shown, PAGE),
        wanted=wanted, state=state if state in STATES else "", states=STATES, judged=JUDGED, mending=MENDING,
        words=WAITS, columns=columns(), args=_kept(), narrowed=set(_kept()) - {"state"}, units=_units(found),
        counts=_counts(found),
    )  # fmt: skip


def _wanted() -> Wanted:
    given = request.args
    today = hub().now().astimezone(zone()).date()
    last = day_of(given.get("last", ""), today)
    first = day_of(given.get("first", ""), last - timedelta(days=DAYS))
    return Wanted(first, last, *(given.get(name, "").strip() for name in ("window", "unit", "person", "column")))


def _kept() -> dict[str, str]:
    """What the address asks for, for the links to further pages."""
    names = ("first", "last", "window", "unit", "person", "column", "state")
    return {name: request.args[name] for name in names if request.args.get(name)}


def _is(case: Case, state: str) -> bool:
    stands = case.stands
    asked = {
        "to_confirm": stands.judged == "open", "to_mend": stands.mending in ("open", "overdue"),
        "overdue": stands.mending == "overdue", "to_verify": stands.mending == "rectified",
        "closed": stands.mending == "closed", "refused": stands.judged == "refused",
    }  # fmt: skip
    return asked.get(state, True)


def _counts(found: Sequence[Case]) -> dict[str, int]:
    return {
        state: sum(_is(case, state) for case in found) for state in ("to_confirm", "to_mend", "overdue", "to_verify")
    }


def _units(found: Sequence[Case]) -> list[str]:
    return sorted({case.found.unit for case in found if case.found.unit})
