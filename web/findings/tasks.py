"""Needs that were told on rounds, and key patrols that findings propose."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config.errors import Refused
from web import paging
from web.auth.gate import acting, myself, require_acting
from web.auth.scope import need_patrol, windows_scope
from web.door import hub, reading, writing
from web.findings.room import bp, held
from web.refusals import status_of
from web.services import key_patrols, needs, officers
from web.services.errors import BadInput
from web.services.scopes import PATROLS
from web.words import _

PAGE = 50
DECIDERS = ("supervision", "duty_leader")
NEED_STATES = {
    "open": ("amber", "late", "待答复"),
    "answered": ("blue", "note", "已答复"),
    "settled": ("green", "ok", "已办结"),
}
Page = str | Response | tuple[str, int]


@bp.get("/needs")
def needs_page() -> Page:
    """Needs within the scope of whoever is signed in."""
    return _needs()


@bp.post("/needs/<need>/<done>")
def need_step(need: str, done: str) -> Page:
    """Answer or settle one."""
    by = need_patrol().person
    try:
        with writing() as ledger:
            needs.take(ledger, need, done, request.form.get("note", ""), by, hub().now())
    except BadInput as refusal:
        return _needs(refusal)
    flash(_("已办理"))
    return redirect(url_for("findings.needs_page"))


@bp.get("/key")
def key_page() -> Page:
    """Windows proposed for a key patrol, and what was agreed on."""
    return _key()


@bp.post("/key/<window>")
def key_decide(window: str) -> Page:
    """Agree on one, or not."""
    by = require_acting(*DECIDERS).person
    accepted, reason = request.form.get("accept") == "yes", request.form.get("reason", "")
    try:
        with writing() as ledger:
            key_patrols.decide(ledger, held(), window, accepted, reason, by, hub().now())
    except BadInput as refusal:
        return _key(refusal)
    flash(_("已安排重点巡查") if accepted else _("已记录不采纳"))
    return redirect(url_for("findings.key_page"))


def _needs(refusal: Refused | None = None) -> Page:
    found = paging.asked(needs.listed(reading(), windows_scope()), PAGE)
    named = {row.by for need in found.rows for row in need.steps} | {need.by for need in found.rows}
    page = render_template(
        "findings/needs.html", found=found, refusal=refusal, states=NEED_STATES, may=bool(myself().roles & PATROLS),
        names=officers.names_of(reading(), sorted(named)),
    )  # fmt: skip
    return (page, status_of(refusal)) if refusal else page


def _key(refusal: Refused | None = None) -> Page:
    need_patrol()
    session, now = reading(), hub().now()
    page = render_template(
        "findings/key.html", refusal=refusal, proposals=key_patrols.proposals(session, held(), now),
        planned=key_patrols.planned(session, now), may=bool(acting() & set(DECIDERS)),
        patrol=held().on(now.astimezone(held().zone).date()).policy.patrol, walks="patrol_officer" in myself().roles,
    )  # fmt: skip
    return (page, status_of(refusal)) if refusal else page
