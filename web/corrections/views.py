"""Pages of corrections: the list, the form, one correction."""

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config.policy_words import word
from station.requesting import SIDES
from station.rules import correction as law
from station.rules.explain import SESSIONS
from station.rules.hours import moment
from web.auth.gate import myself
from web.auth.scope import look_into, scope
from web.corrections import sheets  # noqa: F401  # its addresses
from web.corrections.forms import clock_of, instant_of, prefilled
from web.corrections.room import ACTS, SOURCES, STATUSES, at_desk, bp, need_desk
from web.door import hub, reading, writing
from web.people.forms import day_of
from web.services import attendance, correction_lists, corrections, holders, in_force, people
from web.services.corrections import Case, Wanted
from web.services.errors import BadInput, NotFound
from web.services.in_force import InForce
from web.services.people import day_or_none
from web.services.records import facts_of
from web.words import _

__all__ = ["bp"]


@bp.get("")
def page() -> str:
    """What waits for me, and the corrections that I may see."""
    session, now = reading(), hub().now()
    held = in_force.read(session, hub())
    holding = holders.on(session, now.astimezone(held.zone).date(), now)
    status, number = request.args.get("status", ""), max(1, request.args.get("page", 1, type=int))
    status = status if status in STATUSES else ""
    rows = correction_lists.listed(session, scope(), status, min(number, 10_000))
    return render_template(
        "corrections/page.html",
        waiting=correction_lists.waiting(session, held, myself().person, now, holding)[: correction_lists.MOST],
        cases=correction_lists.cases(session, held, rows[: correction_lists.MOST], now, holding),
        more=len(rows) > correction_lists.MOST, page=number, status=status, statuses=STATUSES, desk=at_desk(),
        zone=held.zone, which=corrections.side_words, sources=SOURCES,
    )  # fmt: skip


@bp.get("/new")
def new() -> str:
    """The form; the address may fill it in."""
    need_desk()
    held = in_force.read(reading(), hub())
    given = prefilled(request.args, attendance.today_of(held, hub().now()))
    row = people.get(reading(), given["person"]) if given["person"] else None
    if row is not None:
        look_into(row)
        given["person"] = f"{row.name} {row.number}".strip()
    return _form(held, given, None)


@bp.post("/new")
def add() -> Response | tuple[str, int]:
    """File it."""
    need_desk()
    held = in_force.read(reading(), hub())
    try:
        wanted = _wanted(held)
        with writing() as ledger:
            key = corrections.file(ledger, held, wanted, myself().person, hub().now()).id
    except BadInput as refusal:
        return _form(held, request.form, refusal), 400
    flash(_("更正已登记，等待审批"))
    return redirect(url_for("corrections.one", correction=key))


@bp.get("/<correction>")
def one(correction: str) -> str:
    """One correction: what was asked for, what was pressed that day, what was done."""
    held = in_force.read(reading(), hub())
    return _one(held, _case(held, correction), None)


@bp.post("/<correction>/<act>")
def do(correction: str, act: str) -> Response | tuple[str, int]:
    """Approve, refuse, withdraw, annul."""
    need_desk()
    held = in_force.read(reading(), hub())
    case = _case(held, correction)
    reason, me, now = request.form.get("reason", ""), myself().person, hub().now()
    if act not in ACTS:
        raise NotFound(_("没有这个操作"), remedy=_("请从更正页面进入"))
    try:
        with writing() as ledger:
            own = correction_lists.one(ledger, held, correction, now)
            if act in ("approve", "refuse"):
                corrections.decide(ledger, held, own, me, act == "approve", reason, now)
            else:
                corrections.take_back(ledger, own, me, reason, now)
    except BadInput as refusal:
        return _one(held, case, refusal), 400
    flash(_("已办理"))
    return redirect(url_for("corrections.one", correction=correction))


def _case(held: InForce, correction: str) -> Case:
    case = correction_lists.one(reading(), held, correction, hub().now())
    look_into(case.person)
    return case


def _one(held: InForce, case: Case, refusal: BadInput | None) -> str:
    me, row, session = myself().person, case.row, reading()
    day = corrections.day_of(held, case.person, row.day)
    opens, closes = moment(day.opens, held.zone), moment(day.closes, held.zone)
    found = facts_of(session, opens, closes, [row.person]).get(row.person)
    presses: list[datetime] = []
    if found is not None:
        presses = [each.at.astimezone(held.zone) for each in found.punches if each.id not in found.corrected]
    named = {act.by for act in case.acts} | {row.filed_by or row.person} | case.deciders.people
    names = people.names_of(session, named)
    return render_template(
        "corrections/one.html",
        case=case, refusal=refusal, statuses=STATUSES, acts=ACTS, sources=SOURCES, word=word, zone=held.zone,
        which=corrections.side_words(row.session, row.side), presses=[at for at in presses if opens <= at < closes],
        names=names, may_decide=case.may_decide(me), may_annul=case.may_annul(me),
        who=sorted(names[each] for each in case.deciders.people), clauses=law.CLAUSES,
        may_withdraw=row.status == "pending" and at_desk(),
    )  # fmt: skip


def _form(held: InForce, given: object, refusal: BadInput | None) -> str:
    today = attendance.today_of(held, hub().now())
    rows = people.everybody(reading(), scope())
    here = [row for row in rows if (day_or_none(row.posted_to) or today) >= today]
    return render_template("corrections/new.html", people=here, given=given, refusal=refusal, sessions=SESSIONS,
                           sides=SIDES)  # fmt: skip


def _wanted(held: InForce) -> Wanted:
    values = request.form
    person = people.find(reading(), values.get("person", ""))
    if not scope().holds(person):
        raise BadInput(_("您只能为本单位的人员登记"), remedy=_("请另选"))
    day = day_of(values.get("day", ""))
    at = instant_of(held, corrections.day_of(held, person, day), clock_of(values.get("at", "")))
    return Wanted(person.id, day, values.get("session", ""), values.get("side", ""), at, values.get("reason", ""))
