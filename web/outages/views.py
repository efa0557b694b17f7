"""The page of outages: what the stations' records tell, what was decided, and entering one by hand."""

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web.auth.gate import acting, myself, require_acting
from web.corrections.forms import clock_of
from web.door import hub, reading, writing
from web.people.forms import day_of
from web.services import in_force, outage_desk, signing, stations
from web.services.errors import BadInput, NotFound
from web.services.outage_desk import Entered
from web.words import _

bp = Blueprint("outages", __name__, url_prefix="/outages")
STATUSES = {
    "ongoing": ("red", "warn", "还没有恢复"), "open": ("amber", "late", "待核实"),
    "confirmed": ("green", "ok", "已核实"), "refused": ("grey", "bad", "不认定"),
}  # fmt: skip
WHYS = {"reader": "指纹机断开", "power": "考勤站没有运行", "entered": "值班长登记"}
ACTS = ("confirm", "refuse")


@bp.get("")
def page() -> str:
    """The gaps since the last month began."""
    return _page(None)


@bp.post("")
def add() -> Response | tuple[str, int]:
    """Enter one that no record tells."""
    require_acting(*outage_desk.DECIDERS)
    try:
        start, end = _instant("start"), _instant("end")
        values = request.form
        with writing() as ledger:
            gap = Entered(values.get("station", ""), start, end, values.get("reason", ""))
            closed = outage_desk.enter(ledger, in_force.read(ledger, hub()), gap, myself().person, hub().now())
    except BadInput as refusal:
        return _page(refusal), 400
    flash(_("故障已登记，相关日期重新判定"))
    _tell(closed)
    return redirect(url_for("outages.page"))


@bp.post("/<outage>/<act>")
def do(outage: str, act: str) -> Response | tuple[str, int]:
    """Confirm or refuse."""
    require_acting(*outage_desk.DECIDERS)
    if act not in ACTS:
        raise NotFound(_("没有这个操作"), remedy=_("请从设备故障列表进入"))
    try:
        with writing() as ledger:
            held, reason = in_force.read(ledger, hub()), request.form.get("reason", "")
            closed = outage_desk.decide(ledger, held, outage, myself().person, act == "confirm", reason, hub().now())
    except BadInput as refusal:
        return _page(refusal), 400
    flash(_("已办理，相关日期重新判定"))
    _tell(closed)
    return redirect(url_for("outages.page"))


def _tell(closed: Sequence[str]) -> None:
    if words := signing.difference_words(closed):
        flash(words)


def _page(refusal: BadInput | None) -> str:
    session, now = reading(), hub().now()
    held = in_force.read(session, hub())
    today = now.astimezone(held.zone).date()
    return render_template(
        "outages/page.html", found=outage_desk.listed(session, held, now), refusal=refusal, statuses=STATUSES,
        whys=WHYS, zone=held.zone, stations=[row for row in stations.everyone(session) if row.state == "confirmed"],
        given=request.form, today=today, may_decide=not acting().isdisjoint(outage_desk.DECIDERS),
        clauses=held.law(today, "window").clauses["outage"],
    )  # fmt: skip


def _instant(name: str) -> datetime:
    clock = clock_of(request.form.get(name, ""))
    if clock is None:
        raise BadInput(_("没有填开始和结束时间"), remedy=_("请按 09:00 的样子填"))
    return datetime.combine(day_of(request.form.get("day", "")), clock, in_force.read(reading(), hub()).zone)
