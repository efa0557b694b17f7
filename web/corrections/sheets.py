"""Pages of the sign-in sheets: a day's, a blank one to print, and a filled one being entered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from station.requesting import SIDES
from station.rules import correction as law
from station.rules.explain import SESSIONS
from station.rules.hours import Day
from web.auth.gate import acting, myself, require_acting
from web.auth.scope import scope
from web.corrections.forms import clock_of, instant_of
from web.corrections.room import bp, need_desk
from web.door import hub, reading, writing
from web.download import printed
from web.ledger.people import PersonRow
from web.people.forms import day_of
from web.services import attendance, corrections, in_force, members, people, sign_in_paper, sign_in_sheets
from web.services.corrections import Wanted
from web.services.errors import BadInput, NotAllowed, NotFound
from web.services.in_force import InForce
from web.words import _

WITNESS_LONGEST = 30


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a paper sheet: which press, by its key in the form and in words."""

    key: str
    session: str
    side: str
    words: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A line of a paper sheet as it would be entered, with what is wrong with it."""

    name: str
    words: str
    at: str
    fault: str


@bp.get("/sign-ins")
def sign_ins() -> str:
    """Everybody who signed in on a day, and on whose word."""
    held, day = _asked()
    unit, own = request.args.get("unit", ""), scope()
    units = sorted({row.unit for row in people.everybody(reading(), own) if row.unit})
    return render_template(
        "corrections/sign_ins.html", day=day, unit=unit, units=units, hows=sign_in_sheets.HOWS, sides=SIDES,
        lines=sign_in_sheets.of_day(reading(), held, day, own, unit), clauses=held.law(day, "window").clauses["outage"],
        may_enter=not acting().isdisjoint(law.DECIDED_BY.roles), desk=own.hall or bool(own.unit),
    )  # fmt: skip


@bp.get("/sign-ins/blank")
def blank() -> str:
    """A sheet to print and sign by hand, for when nobody with a PIN is there."""
    need_desk()
    held, day = _asked()
    unit, _units, staff = _staff(day)
    return render_template(
        "corrections/blank.html", day=day, unit=unit, staff=staff, columns=_columns(held.day(day, "window")),
        clauses=held.law(day, "window").clauses["outage"],
    )  # fmt: skip


@bp.get("/sign-ins.<suffix>")
def sign_ins_file(suffix: str) -> Response:
    """The day's list to be filed."""
    held, day = _asked()
    unit, clauses = request.args.get("unit", ""), held.law(day, "window").clauses["outage"]
    lines = sign_in_sheets.of_day(reading(), held, day, scope(), unit)
    return printed(sign_in_paper.of_day(hub().hall.name, day, unit, lines, clauses), suffix, f"sign-ins-{day}")


@bp.get("/sign-ins/blank.<suffix>")
def blank_file(suffix: str) -> Response:
    """The sheet to be signed by hand."""
    need_desk()
    held, day = _asked()
    unit, _units, staff = _staff(day)
    clauses = held.law(day, "window").clauses["outage"]
    paper = sign_in_paper.blank(hub().hall.name, day, unit, held.day(day, "window"), staff, clauses)
    return printed(paper, suffix, f"sign-in-blank-{day}")


@bp.get("/sign-ins/enter")
def paper() -> str:
    """The form for a filled sheet."""
    require_acting(*law.DECIDED_BY.roles)
    held, day = _asked()
    return _form(held, day, None, [])


@bp.post("/sign-ins/enter")
def enter() -> Response | str | tuple[str, int]:
    """Show what would be entered; once confirmed, enter all of it."""
    require_acting(*law.DECIDED_BY.roles)
    held, day = _asked()
    me, now = myself().person, hub().now()
    taken = list(_taken(held, day))
    if not taken:
        return _form(held, day, BadInput(_("没有填任何时间"), remedy=_("请至少填一处")), []), 400
    if any(line.fault for line, _wanted in taken) or request.form.get("act") != "enter":
        return _form(held, day, None, [line for line, _wanted in taken])
    try:
        with writing() as ledger:
            done = sign_in_sheets.enter(ledger, held, [wanted for _line, wanted in taken if wanted], me, now)
    except BadInput as refusal:
        return _form(held, day, refusal, []), 400
    flash(_("已录入 %(n)s 次签到", n=done.approved))
    if done.pending:
        flash(_("本人的 %(n)s 次由其他值班长或督查部门批准", n=done.pending))
    return redirect(url_for("corrections.sign_ins", day=day.isoformat(), unit=request.form.get("unit", "")))


def _asked() -> tuple[InForce, date]:
    held = in_force.read(reading(), hub())
    return held, day_of(request.values.get("day", ""), attendance.today_of(held, hub().now()))


def _staff(day: date) -> tuple[str, list[str], Sequence[PersonRow]]:
    """The unit asked for, else one's own, else the first; all units of the day that one sees; the unit's people."""
    everybody = members.read(reading())
    units = [unit for unit in members.units_of(everybody, day, day) if scope().holds_unit(unit)]
    asked, own = request.values.get("unit", ""), myself().unit
    unit = asked or (own if own in units else next(iter(units), ""))
    if not scope().holds_unit(unit):
        raise NotAllowed(_("您只能查看本单位的人员"), remedy=_("请从签到表进入"))
    if unit not in units:
        raise NotFound(_("%(unit)s 这一天没有入驻人员", unit=unit), remedy=_("请从签到表重新选择"))
    return unit, units, [one.person for one in members.posted_in(everybody, unit, day, day)]


def _columns(day: Day) -> list[Column]:
    return [
        Column(f"{span.name}-{side}", span.name, side, f"{_(SESSIONS.get(span.name, span.name))}{_(SIDES[side])}")
        for span in day.spans for side in law.SIDES
    ]  # fmt: skip


def _taken(held: InForce, day: date) -> Iterator[tuple[Taken, Wanted | None]]:
    """Every time that was filled in, looked at as it would be entered."""
    reason = sign_in_sheets.reason_of(request.form.get("witness", "").strip()[:WITNESS_LONGEST])
    _unit, _units, staff = _staff(day)
    for person in staff:
        own = corrections.day_of(held, person, day)
        for column in _columns(own):
            typed = request.form.get(f"{person.id}-{column.key}", "").strip()
            if typed:
                yield _line(held, own, person, column, typed, reason)


def _line(
    held: InForce, day: Day, person: PersonRow, column: Column, typed: str, reason: str
) -> tuple[Taken, Wanted | None]:
    try:
        at = instant_of(held, day, clock_of(typed))
        wanted = Wanted(person.id, day.date, column.session, column.side, at, reason, "paper")
        corrections.draft(reading(), held, wanted, myself().person, hub().now())
    except BadInput as fault:
        said = _("，").join(filter(None, (fault.what, fault.remedy)))
        return Taken(person.name, column.words, typed, said), None
    return Taken(person.name, column.words, typed, ""), wanted


def _form(held: InForce, day: date, refusal: BadInput | None, taken: Sequence[Taken]) -> str:
    unit, units, staff = _staff(day)
    return render_template(
        "corrections/enter.html", day=day, unit=unit, units=units, staff=staff, given=request.form, refusal=refusal,
        taken=taken, columns=_columns(held.day(day, "window")), sound=taken and not any(line.fault for line in taken),
    )  # fmt: skip
