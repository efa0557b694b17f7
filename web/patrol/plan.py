"""The desk's page of the plan: which officers' names are preset for which round of the coming days."""

from datetime import timedelta

from flask import render_template, request

from config.errors import Refused
from station.rules.calendar import dates
from station.rules.patrol import slots
from web.auth import gate
from web.door import hub, reading, writing
from web.patrol.points import DESK, Page
from web.patrol.room import back, bp, today, zone
from web.people.forms import day_of
from web.refusals import status_of
from web.services import officers, rounds
from web.services.errors import BadInput
from web.words import _

AHEAD = timedelta(days=13)


@bp.get("/plan")
def plan() -> Page:
    """The coming two weeks."""
    gate.require(*DESK, "duty_leader")
    return _plan()


@bp.post("/plan")
def save_plan() -> Page:
    """Preset a day's officers, slot by slot."""
    by, given = gate.require(*DESK).person, request.form
    try:
        with writing() as session:
            day = day_of(given.get("day", ""))
            for slot in slots(today().policy, day, today().table):
                key = slot.id.partition("/")[2]
                officers.plan(session, day, key, given.getlist(f"officer-{key}"), hub().now(), by)
    except BadInput as refusal:
        return _plan(refusal)
    return back("patrol.plan", _("巡查安排已保存"))


def _plan(refusal: Refused | None = None) -> Page:
    day = today()
    last = day.date + AHEAD
    rows = [
        (each, slots(day.policy, each, day.table))
        for each in dates(day.date, last)
        if slots(day.policy, each, day.table)
    ]
    planned = officers.planned(reading(), day.date, last)
    persons = [person for given in planned.values() for person in given]
    page = render_template(
        "patrol/plan.html", refusal=refusal, rows=rows, planned=planned, team=range(day.policy.patrol.team),
        names=officers.names_of(reading(), persons), slot_time=lambda slot: rounds.slot_time(slot, zone()),
        people=officers.with_role(reading(), ["patrol_officer"], day.date),
    )  # fmt: skip
    return (page, status_of(refusal)) if refusal else page
