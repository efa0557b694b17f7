"""Pages of covers: what waits, the coming gaps, the list, one cover with its steps, its record to print."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from config.policy_words import word
from web.auth.gate import acting, myself
from web.auth.scope import scope
from web.covers.words import NEEDS, STATES, steps_of
from web.door import hub, reading, writing
from web.ledger.leaves import LeaveRow
from web.ledger.posts import PostRow, WindowRow
from web.people.forms import day_of
from web.refusals import status_of
from web.services import (
    cover_lists,
    cover_needs,
    cover_plans,
    cover_requests,
    covering,
    in_force,
    leaves,
    people,
    posts,
    stand_ins,
)
from web.services.cover_lists import Planned
from web.services.cover_plans import Wish
from web.services.cover_spans import Span, spans_of
from web.services.covering import STANDINGS
from web.services.errors import BadInput, NotAllowed, NotFound
from web.services.in_force import InForce
from web.words import _

bp = Blueprint("covers", __name__, url_prefix="/covers")
Answer = Response | tuple[str, int]


@bp.get("")
def page() -> str:
    """What waits for me, the gaps of the coming days, and the covers that I may see."""
    session, now, me = reading(), hub().now(), myself()
    held = in_force.read(session, hub())
    local = now.astimezone(held.zone)
    headed = cover_lists.headed(session, me.person, local)
    number, past = max(1, request.args.get("page", 1, type=int)), request.args.get("past") == "1"
    listed = cover_lists.listed(session, scope(), min(number, 10_000), None if past else now)
    needs = [each for each in cover_needs.needs(session, held, now) if _sees(each.window, headed)]
    asked = [each for each in cover_requests.waiting(session, held, now) if _decides(each.window, headed)]
    begun = [each for each in cover_requests.begun(session, held, now) if _decides(each.window, headed)]
    ids = {each.cover.person for each in needs if each.cover is not None}
    ids |= {one for each in begun for one in (each.turn.covered, each.turn.covering)}
    return render_template(
        "covers/page.html",
        needs=needs, asked=asked, begun=begun, listed=listed[: cover_lists.PAGE], page=number,
        more=len(listed) > cover_lists.PAGE,
        past=past, need_words=NEEDS, states=STATES, zone=held.zone, at=now, word=word, ahead=cover_needs.AHEAD,
        names=people.names_of(session, ids), decides=lambda window: _decides(window, headed),
    )  # fmt: skip


@bp.get("/<cover>")
def one(cover: str) -> str:
    """One cover: its steps, its notes, and how to change it."""
    return _one(_seen(cover), None)


@bp.get("/<cover>/record")
def record(cover: str) -> str:
    """The record of a cover, to print and sign."""
    found = _seen(cover)
    session = reading()
    zone = ZoneInfo(hub().hall.zone)
    names = people.names_of(session, {found.row.decided_by or ""})
    return render_template("covers/record.html", found=found, zone=zone, word=word, names=names, states=STATES,
                           at=hub().now())  # fmt: skip


@bp.post("/<cover>/<act>")
def do(cover: str, act: str) -> Answer:
    """Accept, refuse, change, or write a note."""
    found = _seen(cover)
    if act not in ("handover", "handback") or not _writes(found):
        _require(found.window)
    given, me = request.form, myself().person

    def done(session: Session, held: InForce) -> None:
        now = hub().now()
        if act == "accept":
            cover_plans.accept(session, held, cover, now, me)
        elif act == "refuse":
            cover_plans.refuse(session, cover, now, me)
        elif act == "change":
            who, standing = _chosen(session)
            cover_plans.change(session, held, cover, who, standing, now, me)
        elif act in ("handover", "handback"):
            cover_plans.note(session, cover, "handover" if act == "handover" else "handback", given.get("note", ""),
                             now, me)  # fmt: skip
        else:
            raise NotFound(_("没有这个操作"), remedy=_("请从顶岗页面进入"))

    try:
        _written(done)
    except BadInput as refusal:
        return _one(_seen(cover), refusal), status_of(refusal)
    flash(_("已办理"))
    return redirect(url_for("covers.one", cover=cover))


@bp.get("/leaves/<leave>")
def need(leave: str) -> str:
    """Who could cover a leave, to name one of them."""
    return _need(leave, None)


@bp.post("/leaves/<leave>")
def assign(leave: str) -> Answer:
    """Name who covers it."""
    given, session = request.form, reading()
    key = _span(session, in_force.read(session, hub()), leaves.get(session, leave))[0].post

    def done(session: Session, held: InForce) -> None:
        who, standing = _chosen(session)
        first = day_of(given.get("first", ""))
        wish = Wish(who, standing, first, day_of(given.get("last", ""), first), given.get("note", ""))
        cover_plans.assign(session, held, leaves.get(session, leave), key, wish, hub().now(), myself().person)

    try:
        _written(done)
    except BadInput as refusal:
        return _need(leave, refusal), status_of(refusal)
    flash(_("顶岗已安排"))
    return redirect(url_for("covers.page"))


@bp.post("/requests/<asked>")
def decide(asked: str) -> Answer:
    """Approve or refuse what was asked for at a kiosk."""
    accept = request.form.get("accept") == "yes"
    _require(cover_requests.need(reading(), in_force.read(reading(), hub()), asked).window)

    def done(session: Session, held: InForce) -> None:
        found = cover_requests.need(session, held, asked)
        cover_requests.decide(session, held, found, accept, hub().now(), myself().person)

    _written(done)
    flash(_("已同意") if accept else _("已回绝"))
    return redirect(url_for("covers.page"))


def _written(act: Callable[[Session, InForce], None]) -> None:
    with writing() as session:
        act(session, in_force.read(session, hub()))


def _chosen(session: Session) -> tuple[str, str]:
    """Who was picked: one of the registered Bs, or somebody typed, with how they stand to the post."""
    given = request.form
    if given.get("person", "") and given["person"] != "other":
        return given["person"], ""
    return people.find(session, given.get("other", "")).id, given.get("standing", "")


def _one(found: Planned, refusal: BadInput | None) -> str:
    session, now = reading(), hub().now()
    row, zone, mine = found.row, ZoneInfo(hub().hall.zone), _may(found.window)
    state = found.state(now)
    changes = mine and row.began == "desk" and state in ("proposed", "coming", "running")
    end = row.end or now
    backups = stand_ins.registered(session, row.post, row.start, end, zone, row.id) if changes else []
    return render_template(
        "covers/one.html",
        found=found, state=state, steps=steps_of(found, now), states=STATES, refusal=refusal, zone=zone, word=word,
        backups=backups, changes=changes, decides=mine and state == "proposed", writes=mine or _writes(found),
        own=found.of(myself().person), staff=_staff() if changes else [], standings=_standings(),
        names=people.names_of(session, {row.decided_by or ""}), given=request.form,
        leave=session.get(LeaveRow, row.leave) if row.leave else None, at=now,
    )  # fmt: skip


def _need(leave: str, refusal: BadInput | None) -> str:
    session = reading()
    held = in_force.read(session, hub())
    row = leaves.get(session, leave)
    span, post, window = _span(session, held, row)
    return render_template(
        "covers/need.html",
        leave=row, person=people.get(session, row.person), span=span, post=post, window=window, refusal=refusal,
        backups=stand_ins.registered(session, span.post, span.start, span.end, held.zone), staff=_staff(),
        standings=_standings(), days=_days_of(span, held), zone=held.zone, given=request.form,
    )  # fmt: skip


def _span(session: Session, held: InForce, row: LeaveRow) -> tuple[Span, PostRow, WindowRow]:
    """The post to be covered that was asked about, or the first; NotAllowed unless this login decides there."""
    spans = spans_of(session, held, row)
    places = posts.places(session, [span.post for span in spans])
    mine = [span for span in spans if _may(places[span.post][1])]
    if not mine and not (acting() & covering.OVERSEERS):
        raise NotAllowed(_("顶岗由本窗口负责人或值班长办理"), remedy=_("请联系窗口负责人或值班长"))
    if not mine:
        raise BadInput(_("请假的人不是任何岗位的 A岗，不用安排顶岗"), remedy=_("请从顶岗列表查看"))
    span = next((each for each in mine if each.post == request.values.get("post", "")), mine[0])
    return span, *places[span.post]


def _days_of(span: Span, held: InForce) -> tuple[str, str]:
    first, last = (at.astimezone(held.zone).date().isoformat() for at in (span.start, span.end))
    return first, last


def _standings() -> list[tuple[str, str]]:
    return [(each, _(word(each))) for each in STANDINGS if each != "registered_b"]


def _staff() -> list[str]:
    rows = people.everybody(reading(), scope())
    return [f"{row.name} {row.number}".strip() for row in rows if row.posted_to is None]


def _seen(cover: str) -> Planned:
    """The cover, if this login may see it: of a unit within their scope, their window's, or their own."""
    found = cover_lists.one(reading(), cover)
    if not (found.of(myself().person) or scope().holds_unit(found.window.unit) or _may(found.window)):
        raise NotAllowed(_("您只能查看本单位的顶岗"), remedy=_("请联系系统管理员"))
    return found


def _sees(window: WindowRow, headed: set[str]) -> bool:
    return scope().holds_unit(window.unit) or window.id in headed


def _decides(window: WindowRow, headed: set[str]) -> bool:
    return bool(acting() & covering.OVERSEERS) or window.id in headed


def _may(window: WindowRow) -> bool:
    today = hub().now().astimezone(ZoneInfo(hub().hall.zone)).date()
    return covering.may_decide(reading(), myself().person, acting(), window, today)


def _require(window: WindowRow) -> None:
    if not _may(window):
        raise NotAllowed(_("顶岗由本窗口负责人或值班长办理"), remedy=_("请联系窗口负责人或值班长"))


def _writes(found: Planned) -> bool:
    """Whether this login writes its notes without being the window's head: who covers, and who is covered."""
    return found.of(myself().person)
