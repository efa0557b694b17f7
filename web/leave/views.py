"""Pages of leave."""

import base64
from collections.abc import Sequence
from datetime import date, datetime, time

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config.policy_words import word
from config.words import say
from station.photos import NoRoom
from station.rules import leave as law
from station.rules.month import decimal_string
from web.auth.gate import myself
from web.auth.scope import look_into, scope
from web.covers.words import STATES as COVER_STATES
from web.door import hub, reading, writing
from web.download import printed
from web.ledger.people import PersonRow
from web.people.forms import day_of
from web.services import (
    absences,
    cover_lists,
    in_force,
    leave_ends,
    leave_lists,
    leave_overruns,
    leave_paper,
    leave_slips,
    leaves,
    people,
    pictures,
)
from web.services.errors import BadInput, NotAllowed, NotFound
from web.services.in_force import InForce, group_of
from web.services.leaves import Case, Wanted
from web.services.people import day_or_none
from web.services.scopes import OF_HALL, OF_UNIT
from web.words import _

bp = Blueprint("leave", __name__, url_prefix="/leave")
STATUSES = {
    "pending": ("amber", "late", "待审批"), "approved": ("green", "ok", "已批准"), "refused": ("red", "bad", "未批准"),
    "cancelled": ("grey", "note", "已撤回"), "revoked": ("red", "warn", "已撤销"),
}  # fmt: skip
ACTS = {
    "approve": "同意", "refuse": "不同意", "withdraw": "撤回", "cancel": "取消", "revoke": "撤销", "extend": "延长到",
    "cut": "提前结束", "return": "销假", "paper": "收到书面材料", "slip": "补传假条照片",
    "unexcused": "认定超假无正当理由",
}  # fmt: skip
STATES = {
    "done": ("green", "ok", "已同意"), "refused": ("red", "bad", "不同意"), "open": ("amber", "late", "待审批"),
    "later": ("grey", "note", "未到"), "record": ("blue", "note", "备案"),
}  # fmt: skip
PARTS = ("day", "morning", "afternoon", "times")


@bp.get("")
def page() -> str:
    """What waits for me, and the leaves that I may see."""
    own, now = scope(), hub().now()
    session = reading()
    held = in_force.read(session, hub())
    holding = leaves.holding_of(session, held, now)
    status, number = request.args.get("status", ""), max(1, request.args.get("page", 1, type=int))
    found = leave_lists.listed(session, own, status if status in STATUSES else "", page=min(number, 10_000))
    return render_template(
        "leave/page.html",
        waiting=leave_lists.waiting(session, held, myself().person, now, holding)[: leave_lists.MOST],
        late=leave_overruns.listed(session, held, own, now), early=leave_lists.back_early(session, held, own, now),
        cases=leaves.cases_of(session, held, found[: leave_lists.MOST], now, holding),
        more=len(found) > leave_lists.MOST, page=number,
        status=status, statuses=STATUSES, word=word, span=span, shown=decimal_string, zone=held.zone,
    )  # fmt: skip


@bp.get("/new")
def new() -> str:
    """The form to file a leave for somebody."""
    return _form({}, None)


@bp.post("/new")
def add() -> Response | tuple[str, int]:
    """File it."""
    _may_file()
    given = request.form
    try:
        wanted, pages = _wanted(), _pages()
        with writing() as ledger:
            row = leaves.file(ledger, in_force.read(ledger, hub()), wanted, myself().person, hub().now())
            if pages:
                leave_slips.hand_in(ledger, row, pages, myself().person, hub().now())
            key = row.id
    except BadInput as refusal:
        return _form(given, refusal), 400
    flash(_("假条已登记，等待审批"))
    return redirect(url_for("leave.one", leave=key))


@bp.get("/<leave>")
def one(leave: str) -> str:
    """One leave: what was asked for, its chain, what was done, the presses of the same days."""
    case, held = _case(leave)
    return _one(case, held, None)


@bp.get("/<leave>/form")
def paper(leave: str) -> str:
    """The application to print and sign."""
    case, held = _case(leave)
    papers = [(name, clauses) for name, clauses in law.papers(case.policy, case.row.kind)]
    return render_template("leave/form.html", case=case, word=word, span=span, zone=held.zone, papers=papers,
                           shown=decimal_string)  # fmt: skip


@bp.get("/<leave>/form.<suffix>")
def paper_file(leave: str, suffix: str) -> Response:
    """The same as a file."""
    case, held = _case(leave)
    return printed(leave_paper.application(hub().hall.name, held, case), suffix, f"leave-{case.row.id[:13]}")


@bp.post("/<leave>/<act>")
def do(leave: str, act: str) -> Response | tuple[str, int]:
    """Decide, withdraw, revoke, move the end, report a return, hand in papers."""
    case, held = _case(leave)
    try:
        _done(case, held, act)
    except BadInput as refusal:
        return _one(case, held, refusal), 400
    flash(_("已办理"))
    return redirect(url_for("leave.one", leave=leave))


@bp.post("/<leave>/slips/<int:page>")
def look(leave: str, page: int) -> str | tuple[str, int]:
    """A page of the slip, for who decides and supervision; the audit has its line before it is shown."""
    case, held = _case(leave)
    try:
        with writing() as ledger:
            shown = leave_slips.look(ledger, hub(), case, page, myself().person)
    except BadInput as refusal:
        return _one(case, held, refusal), 400
    return render_template(
        "leave/slip.html", case=case, page=page, shown=base64.b64encode(shown).decode(), word=word, span=span,
        zone=held.zone,
    )  # fmt: skip


def _done(case: Case, held: InForce, act: str) -> None:
    me, now, key, given = myself(), hub().now(), case.row.id, request.form
    reason = given.get("reason", "")
    with writing() as ledger:
        if act in ("approve", "refuse"):
            leaves.decide(ledger, held, key, me.person, act == "approve", reason, now)
            return
        if act == "revoke":
            leave_ends.revoke(ledger, held, key, me.person, me.roles, reason, now)
            return
        if act == "unexcused":
            leave_overruns.find_unexcused(ledger, held, key, me.person, reason, now)
            return
        _may_file()
        if act == "withdraw":
            leave_ends.withdraw(ledger, held, key, me.person, reason, now)
        elif act == "return":
            leave_ends.come_back(ledger, held, key, me.person, _instant(held), now)
        elif act == "extend":
            leave_ends.move_end(ledger, held, key, me.person, _instant(held), reason, now)
        elif act == "paper":
            leaves.hand_in(ledger, held, key, me.person, now)
        elif act == "slip":
            leave_slips.hand_in(ledger, leaves.get(ledger, key), _pages(), me.person, now)
        else:
            raise NotFound(_("没有这个操作"), remedy=_("请从假条页面进入"))


def span(start: datetime, end: datetime) -> str:
    """From when to when, for people."""
    later = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
    return _("%(start)s 至 %(end)s", start=f"{start:%Y-%m-%d %H:%M}", end=later)


def _case(leave: str) -> tuple[Case, InForce]:
    """The leave, if this login may see it: its unit's, the hall's, or one that waits for them."""
    held = in_force.read(reading(), hub())
    case = leaves.case_of(reading(), held, leave, hub().now())
    if not case.may_decide(myself().person):
        look_into(case.person)
    return case, held


def _one(case: Case, held: InForce, refusal: BadInput | None) -> str:
    me, row = myself(), case.row
    presses = leave_lists.presses_since(reading(), {row.person: row.start}).get(row.person, [])
    absence = absences.absence_of(row)
    inside = [
        (press.at.astimezone(held.zone), law.early_return(absence, press) is not None)
        for press in presses if press.at < row.asked_to
    ]  # fmt: skip
    back = law.returned(absence, presses)
    return render_template(
        "leave/one.html",
        case=case, steps=case.steps(), refusal=refusal, statuses=STATUSES, states=STATES, acts=ACTS, word=word,
        zone=held.zone, span=span, shown=decimal_string, inside=inside, back=back, names=case.holding.names,
        papers=law.papers(case.policy, row.kind), may_decide=case.may_decide(me.person),
        may_revoke=row.status == "approved" and case.policy.leave.revoked_by in me.roles, desk=_at_desk(),
        may_extend=row.status == "approved" and leave_ends.may_extend(case, me.person),
        running=hub().now() >= row.start,
        slips=leave_slips.of(reading(), row.id), may_look=case.may_look(me.person),
        returned=any(act.act == "return" for act in case.acts), people=_names({act.by for act in case.acts}),
        late=_overrun(case, held), overlap=leaves.overlapping(reading(), row) if row.status == "pending" else None,
        covers=cover_lists.of_leave(reading(), row.id), cover_states=COVER_STATES, at=hub().now(),
    )  # fmt: skip


def _overrun(case: Case, held: InForce) -> Sequence[leave_overruns.Late]:
    """The leave's overrun for who may say that there was no good reason for it."""
    row, me, now = case.row, myself(), hub().now()
    asked = "supervision" in me.roles and me.person != row.person and row.status == "approved" and row.ends < now
    return leave_overruns.listed(reading(), held, scope(), now, row.id) if asked else ()


def _form(given: object, refusal: BadInput | None) -> str:
    _may_file()
    today = hub().now().astimezone(in_force.read(reading(), hub()).zone).date()
    rows = people.everybody(reading(), scope())
    return render_template(
        "leave/new.html", people=[row for row in rows if _here(row, today)], given=given, refusal=refusal,
        kinds=absences.ALL_KINDS, word=word, today=today, parts=PARTS,
    )  # fmt: skip


def _wanted() -> Wanted:
    values = request.form
    held = in_force.read(reading(), hub())
    person = people.find(reading(), values.get("person", ""))
    if not scope().holds(person):
        raise BadInput(_("您只能为本单位的人员登记"), remedy=_("请另选"))
    first = day_of(values.get("first", ""))
    last = day_of(values.get("last", ""), first)
    start, end = _ends(values.get("part", "day"), first, last, held, person)
    return Wanted(person.id, values.get("kind", ""), start, end, values.get("reason", ""), values.get("paper") == "yes")


def _pages() -> tuple[str, ...]:
    """The photos of the slip that were handed in, kept before the row that names them."""
    files = request.files.getlist("slip")[: leave_slips.MOST + 1]
    contents = [file.stream.read(pictures.LARGEST + 1) for file in files if file and file.filename]
    try:
        return leave_slips.keep(hub(), contents)
    except NoRoom as full:
        raise BadInput(full.what, remedy=full.remedy) from full


def _ends(part: str, first: date, last: date, held: InForce, person: PersonRow) -> tuple[datetime, datetime]:
    """The two ends as instants: whole days, a half day by the person's own hours, or times as typed."""
    if part not in PARTS:
        raise BadInput(_("没有选时间"), remedy=_("请选全天、上午、下午或自填时间"))
    if last < first:
        raise BadInput(_("结束日期早于开始日期"), remedy=_("请改正日期"))
    if part == "times":
        start, end = (_clock(request.form.get(name, "")) for name in ("start", "end"))
        return datetime.combine(first, start, held.zone), datetime.combine(last, end, held.zone)
    if part != "day" and first != last:
        raise BadInput(_("上午或下午只能是同一天"), remedy=_("请改成同一天，或选自填时间"))
    opens, closes = (held.day(day, group_of(person.group)).spans for day in (first, last))
    begin = opens[-1] if part == "afternoon" else opens[0]
    finish = closes[0] if part == "morning" else closes[-1]
    return _moment(begin.start, held), _moment(finish.end, held)


def _moment(minute: int, held: InForce) -> datetime:
    return datetime.fromtimestamp(minute * 60, held.zone)


def _clock(text: str) -> time:
    try:
        return time.fromisoformat(text.strip().replace("：", ":").zfill(5))
    except ValueError as error:
        raise BadInput(say("看不懂时间“{text}”", text=text.strip()[:10]), remedy=say("请按 09:00 的样子填")) from error


def _instant(held: InForce) -> datetime:
    values = request.form
    return datetime.combine(day_of(values.get("day", "")), _clock(values.get("time", "")), held.zone)


def _at_desk() -> bool:
    return bool(myself().roles & (OF_HALL | OF_UNIT))


def _may_file() -> None:
    if not _at_desk():
        raise NotAllowed(_("您的账号没有这项权限"), remedy=_("请联系本单位考勤员"))


def _here(row: PersonRow, day: date) -> bool:
    until = day_or_none(row.posted_to)
    return until is None or until >= day


def _names(ids: set[str]) -> dict[str, str]:
    found: Sequence[PersonRow] = people.of_ids(reading(), ids)
    return {row.id: row.name for row in found}
