"""One finding: what was seen, what was said about it, every step, and the buttons for who may take the next."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config.errors import Refused
from config.policy_words import word
from config.words import say
from station.photos import NoRoom
from station.rules.following import JUDGING, clauses_of
from web.auth.gate import acting, myself
from web.auth.scope import windows_scope
from web.door import hub, reading, writing
from web.findings.room import JUDGED, MENDING, STEP_WORDS, bp, held, kind_words
from web.refusals import status_of
from web.services import (
    finding_evidence,
    finding_steps,
    findings,
    holders,
    officers,
    people,
    picture_uses,
    pictures,
    signing,
)
from web.services.errors import BadInput, NotAllowed
from web.services.finding_steps import Given
from web.services.findings import Case
from web.services.holders import Holding
from web.words import _

ORDER = ("confirm", "refuse", "rectify", "verify", "reopen", "answer", "hear", "assign", "withdraw", "report", "refer")
Page = str | Response | tuple[str, int]


@bp.get("/<finding>")
def one(finding: str) -> Page:
    """The finding."""
    return _one(*case_of(finding))


@bp.post("/<finding>/<what>")
def take(finding: str, what: str) -> Page:
    """Take a step."""
    case, _holding = case_of(finding)
    try:
        given = _given(case, what)
        with writing() as ledger:
            finding_steps.take(ledger, held(), finding, what, myself().person, acting(), given, hub().now())
            closed = finding_steps.differs(ledger, held(), case, given) if what in JUDGING else []
    except BadInput as refusal:
        return _one(*case_of(finding), refusal, what), status_of(refusal)
    flash(_("已办理"))
    if words := signing.difference_words(closed):
        flash(words)
    return redirect(url_for("findings.one", finding=finding))


def case_of(finding: str) -> tuple[Case, Holding]:
    """The finding, if this login may see it, and who holds which role today; NotAllowed beyond the scope."""
    session = reading()
    holding = holders.on(session, hub().now().astimezone(held().zone).date(), hub().now())
    case = findings.one(session, held(), finding, hub().now(), holding)
    if not findings.sees(windows_scope(), case):
        raise NotAllowed(say("您只能查看本单位的问题"), remedy=say("请联系督查室"))
    return case, holding


def _given(case: Case, step: str) -> Given:
    """What was filled in. The picture is kept before the step that names it."""
    typed = request.form.get("person", "").strip()
    wants = step == "assign" or (step == "confirm" and finding_steps.needs_name(case))
    person = people.find(reading(), typed).id if typed and wants else ""
    return Given(request.form.get("note", ""), person, _picture() if step == "rectify" else "")


def _picture() -> str:
    file = request.files.get("photo")
    content = file.stream.read(pictures.LARGEST + 1) if file and file.filename else b""
    try:
        return "".join(pictures.keep_all(hub(), [content])) if content else ""
    except NoRoom as full:
        raise BadInput(full.what, remedy=say("可以先不附照片报告整改，并告知管理员清理磁盘")) from full


def _one(case: Case, holding: Holding, refusal: Refused | None = None, tried: str = "") -> str:
    me, session, found = myself(), reading(), case.found
    may = case.may(me.person, acting())
    shown = [*found.photos, *(row.photo for row in case.steps if row.photo)]
    named = {case.parties.about, case.stands.assigned, *found.officers, *(row.by for row in case.steps),
             *(row.person or "" for row in case.steps), *(each.by for each in case.answers)}  # fmt: skip
    return render_template(
        "findings/one.html", case=case, found=found, stands=case.stands, refusal=refusal, judged=JUDGED,
        mending=MENDING, may=[step for step in ORDER if step in may], step_words=STEP_WORDS, word=word,
        names=officers.names_of(session, sorted(named - {""})), noted=finding_steps.NOTED,
        needs_name=finding_steps.needs_name(case), source=kind_words(found.source),
        answerable=sorted(holding.names.get(each, "") for each in case.parties.answerable),
        course=sorted([*(each for each in case.answers if not each.by), *case.steps], key=lambda each: each.at),
        unheard=finding_evidence.unheard(session, case),
        evidence=finding_evidence.of(session, held(), case) if case.parties.about else None,
        pictures=bool(me.scope.hall or me.scope.unit or "patrol_officer" in me.roles),
        uses=picture_uses.of(session, shown) if shown else {}, given=request.form, tried=tried,
        clauses=lambda step: clauses_of(case.policy, step),
    )  # fmt: skip
