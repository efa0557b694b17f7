"""A day of duty: who leads it, its log, the closing check, its handover."""

from datetime import date, datetime

from flask import render_template, request, url_for
from sqlalchemy.orm import Session

from config import checklist
from web.auth.gate import myself, require
from web.board.forms import instant_of
from web.door import hub, reading
from web.duty.room import ACT_WORDS, LEADERS, SEEN, Act, Answer, asked_day, bp, done
from web.services import bell, duty_closing, duty_desk, duty_log, duty_paper, duty_planning, holders, in_force
from web.services.duty_days import ROLE
from web.services.duty_log import UPWARD, Matter
from web.services.duty_paper import KINDS as KIND_WORDS
from web.services.duty_planning import OFFICE
from web.services.errors import BadInput
from web.services.in_force import InForce
from web.services.scopes import OF_HALL
from web.services.waits import Viewer, Waiting
from web.words import _

HALL = "hall"  # in the form, for what is looked over for the hall as a whole


@bp.get("/days/<day>")
def day(day: str) -> str:
    """The day's page."""
    require(*OF_HALL)
    return _day(asked_day(day), None)


@bp.post("/days/<day>/leader")
def change(day: str) -> Answer:
    """Have another lead the day, or nobody."""
    me, given, which = require(*OFFICE).person, request.form, asked_day(day)

    def act(session: Session, held: InForce, now: datetime) -> None:
        reason = given.get("reason", "")
        duty_planning.change(session, held, which, given.get("person") or None, reason, now, me)

    return _done(act, _("值班表已改"), which)


@bp.post("/days/<day>/stand-in")
def stand_in(day: str) -> Answer:
    """Leave a stretch of the day to another."""
    me, given, which = require(*LEADERS).person, request.form, asked_day(day)

    def act(session: Session, held: InForce, now: datetime) -> None:
        start = instant_of(given.get("start", ""), which, now, held)
        if not given.get("end", "").strip():
            raise BadInput(_("没有填代班到几点"), remedy=_("请填结束时间"))
        end = instant_of(given["end"], which, now, held)
        person, brief = given.get("person", ""), given.get("brief", "")
        duty_planning.stand_in(session, held, person, start, end, brief, now, me)

    return _done(act, _("代班已登记"), which)


@bp.post("/days/<day>/back")
def back(day: str) -> Answer:
    """The leader is back before the time."""
    me, which = require(*LEADERS).person, asked_day(day)
    return _done(
        lambda session, held, now: duty_planning.come_back(session, held, which, now, me), _("代班已结束"), which
    )


@bp.post("/days/<day>/entries")
def register(day: str) -> Answer:
    """Write a matter into the log."""
    me, which = require(*LEADERS).person, asked_day(day)

    def act(session: Session, held: InForce, now: datetime) -> None:
        duty_log.register(session, held, which, _matter(which, held, now), now, me)

    return _done(act, _("已记入值班记录"), which)


@bp.post("/entries/<entry>")
def follow(entry: str) -> Answer:
    """Report, settle, answer, or take note of a matter."""
    login, given = require(*LEADERS, *UPWARD), request.form
    which = duty_log.get(reading(), entry).day

    def act(session: Session, held: InForce, now: datetime) -> None:
        what, note = given.get("act", ""), given.get("note", "")
        if what == SEEN:
            duty_log.see(session, entry, note, now, login.person, login.roles)
        else:
            duty_log.follow(session, held, entry, what, given.get("told", ""), note, now, login.person)

    return _done(act, _("已登记"), which)


@bp.post("/days/<day>/check")
def check(day: str) -> Answer:
    """A floor was looked over."""
    me, given, which = require(*LEADERS).person, request.form, asked_day(day)

    def act(session: Session, held: InForce, now: datetime) -> None:
        floor, faults = _floor(given.get("floor", "")), given.getlist("fault")
        duty_closing.check(session, held, which, floor, faults, given.get("note", ""), now, me)

    return _done(act, _("下班检查已登记"), which)


@bp.post("/days/<day>/handover")
def hand_over(day: str) -> Answer:
    """Hand the day over."""
    me, text, which = require(*LEADERS).person, request.form.get("text", ""), asked_day(day)

    def act(session: Session, held: InForce, now: datetime) -> None:
        duty_closing.hand_over(session, held, which, text, now, me)

    return _done(act, _("已交接，等待接班人确认"), which)


@bp.post("/handovers/<handover>")
def answer(handover: str) -> Answer:
    """Accept what was handed over, or not."""
    me, given = require(*LEADERS).person, request.form
    which = duty_closing.get(reading(), handover).row.to_day

    def act(session: Session, held: InForce, now: datetime) -> None:
        duty_closing.answer(session, held, handover, given.get("act", ""), given.get("note", ""), now, me)

    return _done(act, _("已登记"), which)


@bp.get("/waits")
def waits() -> str:
    """What waits for whoever leads the day now."""
    require(*OF_HALL)
    session, now = reading(), hub().now()
    held = in_force.read(session, hub())
    today = now.astimezone(held.zone).date()
    holding = holders.on(session, today, now)
    leaders = [(row.person, unit) for row, unit in holding.held if row.role == ROLE]
    found: list[Waiting] = []
    if leaders:
        person, unit = leaders[0]  # without a roster there may be several, for whom the same waits
        roles = frozenset(row.role for row, _unit in holding.held if row.person == person)
        found = bell.ring(session, Viewer(person, unit, roles, now, today, held, holding))
    names = [holding.names[each] for each, _unit in leaders]
    return render_template("duty/waits.html", names=names, waiting=found, today=today)


def _done(act: Act, said: str, which: date) -> Answer:
    back = url_for("duty.day", day=which.isoformat())
    return done(act, said, back, lambda refusal: _day(which, refusal))


def _day(which: date, refusal: BadInput | None) -> str:
    session, login, now = reading(), myself(), hub().now()
    held = in_force.read(session, hub())
    desk = duty_desk.look(session, held, which, now)
    duty = held.on(which).policy.duty
    tasks = {task.key: task for task in duty.tasks}
    return render_template(
        "duty/day.html", refusal=refusal, given=request.form, desk=desk, instant=now, zone=held.zone, policy=duty,
        tasks=tasks, task_words=duty_log.tasks(duty), stages=duty_log.stages(duty), items=_items(), guards=tasks.get(
            duty_closing.GUARDS), whole_hall=HALL, kind_words=KIND_WORDS,
        act_words=ACT_WORDS, login=login, writes=desk.writes(login.person) and bool(login.roles & set(LEADERS)),
        plans=bool(login.roles & set(OFFICE)), upward=bool(login.roles & set(UPWARD)), said=duty_paper.fault_words,
        standing=desk.duty.stretch_at(now), closing=checklist.load_checklist().words["lists"][duty_closing.LIST],
    )  # fmt: skip


def _items() -> tuple[checklist.Item, ...]:
    return checklist.listed(duty_closing.LIST)


def _floor(text: str) -> int | None:
    if text == HALL:
        return None
    if not text.lstrip("-").isdecimal():
        raise BadInput(_("没有选楼层"), remedy=_("请从页面上的楼层中选"))
    return int(text)


def _matter(which: date, held: InForce, now: datetime) -> Matter:
    given = request.form
    return Matter(
        instant_of(given.get("time", ""), which, now, held), given.get("task", ""), given.get("text", ""),
        given.get("place", ""), urgent=bool(given.get("urgent")), damage=given.get("task") == "damage",
        report=given.get("report", ""), settle=given.get("settle", ""),
    )  # fmt: skip
