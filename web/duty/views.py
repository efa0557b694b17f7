"""The roster: a month of it, drawing it up, changing a day, swaps."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from flask import render_template, request, url_for
from sqlalchemy.orm import Session

from station.rules.duty import DayKind
from web.auth.gate import myself, require
from web.door import hub, reading
from web.duty.room import ACT_WORDS, LEADERS, WEEK, Answer, asked_day, bp, done
from web.people.forms import day_of
from web.services import duty_month, duty_planning, duty_swaps, in_force, people
from web.services.duty_paper import KINDS as KIND_WORDS
from web.services.duty_planning import KINDS, OFFICE, Plan, Wanted
from web.services.errors import BadInput
from web.services.in_force import InForce, last_of
from web.services.scopes import OF_HALL
from web.words import _


@bp.get("")
def page() -> str:
    """A month: who leads which day, my days, what is open."""
    return _page(None)


@bp.post("/swaps")
def ask() -> Answer:
    """Ask another leader to take a day of mine."""
    me = require("duty_leader").person
    given = request.form

    def act(session: Session, held: InForce, now: datetime) -> None:
        day = day_of(given.get("day", ""))
        other_day = day_of(given["other_day"]) if given.get("other_day", "").strip() else None
        duty_swaps.ask(session, held, day, other_day, given.get("other", ""), given.get("reason", ""), now, me)

    return done(act, _("换班已提出，等待对方答复"), url_for("duty.page"), _page)


@bp.post("/swaps/<swap>")
def decide(swap: str) -> Answer:
    """Agree to a swap or not, decide it, or take it back."""
    login = require(*LEADERS)
    given = request.form

    def act(session: Session, held: InForce, now: datetime) -> None:
        what, note = given.get("act", ""), given.get("note", "")
        duty_swaps.decide(session, held, swap, what, note, now, login.person, login.roles)

    return done(act, _("已办理"), url_for("duty.page"), _page)


@bp.get("/plan")
def plan() -> str:
    """Draw up a range: the form, and with `preview=1` what would come out."""
    require(*OFFICE)
    if "preview" not in request.args:
        return _plan(request.args, None, None)
    try:
        session = reading()
        held = in_force.read(session, hub())
        made = duty_planning.plan(session, held, _wanted(request.args), _today(held))
    except BadInput as refusal:
        return _plan(request.args, None, refusal)
    return _plan(request.args, made, None)


@bp.post("/plan")
def write() -> Answer:
    """Write what was looked at."""
    me, given = require(*OFFICE).person, request.form

    def act(session: Session, held: InForce, now: datetime) -> None:
        duty_planning.write(session, held, _wanted(given), given.get("mark", ""), now, me)

    month = given.get("first", "")[:7]
    return done(act, _("值班表已写入"), url_for("duty.page", month=month), lambda refusal: _plan(given, None, refusal))


def _page(refusal: BadInput | None) -> str:
    session, login, now = reading(), myself(), hub().now()
    held = in_force.read(session, hub())
    today = _today(held)
    first = _month(request.args.get("month", ""), today)
    found = duty_month.month(session, held, first, login.person, now)
    leads = "duty_leader" in login.roles
    return render_template(
        "duty/page.html", refusal=refusal, given=request.form, month=found, first=first, today=today,
        before=first - timedelta(days=1), after=last_of(first) + timedelta(days=1), instant=now, zone=held.zone,
        kind_words=KIND_WORDS, act_words=ACT_WORDS, week=WEEK, login=login, leads=leads,
        plans=bool(login.roles & set(OFFICE)), looks=bool(login.roles & OF_HALL),
        blanks=first.weekday(), gaps=found.gaps(today),
        leaders=_leaders(session, held, first) if leads and found.mine else [], clauses=held.on(first).policy.duty,
    )  # fmt: skip


def _plan(given: Mapping[str, str], made: Plan | None, refusal: BadInput | None) -> str:
    session = reading()
    held = in_force.read(session, hub())
    today = _today(held)
    first = today.replace(day=1) if today.day == 1 else last_of(today) + timedelta(days=1)
    leaders = _leaders(session, held, first)
    lines = made.lines if made else ()
    names = people.names_of(session, {each for line in lines for each in (line.turn.person, line.before) if each})
    return render_template(
        "duty/plan.html", refusal=refusal, given=given, made=made, leaders=leaders, names=names, kinds=KINDS,
        kind_words=KIND_WORDS, first=first, last=last_of(first), asked="first" in given,
        of_day=duty_planning.kinds(held, (line.turn.day for line in lines)),
        clauses=held.on(first).policy.duty.clauses("rotation"),
    )  # fmt: skip


def _leaders(session: Session, held: InForce, first: date) -> list[tuple[str, str]]:
    who = duty_planning.able(session, held, first, last_of(first))
    return [(person, who.people[person].name) for person in who.leaders(first, last_of(first))]


def _wanted(given: Mapping[str, str]) -> Wanted:
    first = day_of(given.get("first", ""))
    places = [(name.removeprefix("order-"), text.strip()) for name, text in given.items() if name.startswith("order-")]
    order = sorted((_place(text), person) for person, text in places if text)
    if len({place for place, _ in order}) < len(order):
        raise BadInput(_("两个人的顺序相同"), remedy=_("请给每人一个不同的顺序"))
    kinds: frozenset[DayKind] = frozenset(kind for kind in KINDS if given.get(kind))
    return Wanted(
        first, day_of(given.get("last", ""), first), tuple(p for _, p in order), kinds, bool(given.get("over"))
    )


def _place(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text[:4]) < 1000:
        raise BadInput(_("顺序要填数字"), remedy=_("请填 1、2、3，不轮值的留空"))
    return int(text)


def _month(text: str, today: date) -> date:
    return asked_day(f"{text}-01").replace(day=1) if text else today.replace(day=1)


def _today(held: InForce) -> date:
    return hub().now().astimezone(held.zone).date()
