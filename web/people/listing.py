"""Staff from Excel: the template, the look at an uploaded list, and its import."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config.errors import Refused
from web.auth import gate
from web.door import hub
from web.download import attached
from web.people.import_runs import Order, Run, runs_of
from web.people.room import ROLE_WORDS, back, bp, today
from web.refusals import status_of
from web.services import importing, waiting_lists
from web.services.errors import BadInput, NotFound
from web.services.importing import Plan
from web.services.staff_template import template
from web.setup.room import bar, to_next
from web.words import _

SHOWN = 200
Answer = Response | tuple[str, int]


@bp.get("/import")
def import_page() -> str:
    """Where a list is uploaded."""
    gate.require("admin")
    return _page()


@bp.get("/import/template")
def import_template() -> Response:
    """The template."""
    gate.require("admin")
    return attached(template(), f"{_('人员')}.xlsx")


@bp.post("/import")
def look_at_list() -> Answer:
    """Look at an uploaded list; nothing is written to the ledger."""
    gate.require("admin")
    file = request.files.get("file")
    content = file.read() if file else b""
    if not content:
        refusal = BadInput(_("没有选择文件"), remedy=_("请选择填好的 .xlsx 文件"))
        return _page(refusal), status_of(refusal)
    digest = waiting_lists.put(hub().settings.folder, content, hub().now())
    return _told(runs_of(hub()).look(digest, today()))


@bp.post("/import/confirm")
def import_list() -> Answer:
    """Import a list that was looked at: all of it, or, when something came in between, nothing."""
    by, digest = gate.require("admin").person, request.form.get("digest", "")
    waiting_lists.get(hub().settings.folder, digest)
    order = Order(today(), by, request.remote_addr, bar("staff") is not None)
    return _told(runs_of(hub()).write(digest, order))


@bp.get("/import/<digest>")
def import_run(digest: str) -> Answer:
    """How far a list is; one that only waits is looked at anew."""
    gate.require("admin")
    run = runs_of(hub()).of(digest)
    try:
        if run is None:
            waiting_lists.get(hub().settings.folder, digest)
            run = runs_of(hub()).look(digest, today())
    except NotFound as gone:
        flash(str(gone))
        return redirect(url_for("people.import_page"))
    return _told(run, asked=True)


@bp.get("/import/<digest>/now")
def import_now(digest: str) -> str | Response:
    """The part that changes, for the page that is open; once it is over the page is asked for anew."""
    gate.require("admin")
    run = runs_of(hub()).of(digest)
    if run is None or run.ended.is_set():
        return Response(headers={"HX-Refresh": "true"})
    return render_template("people/import_now.html", run=run)


def _told(run: Run, *, asked: bool = False) -> Answer:
    """What came of a run, or how far it is. `asked`: for by its own address."""
    if not run.ended.is_set():
        return _shown(run) if asked else redirect(url_for("people.import_run", digest=run.digest), 303)
    if run.refusal is not None:
        return _page(run.refusal), status_of(run.refusal)
    if run.stage != "written":
        assert run.plan is not None
        return _page(plan=run.plan), 400 if run.plan.faults else 200
    said = _("已导入 %(n)s 人", n=run.count)
    if not run.setting_up:
        return back("people.page", said)
    flash(said)
    return to_next("staff")


def _shown(run: Run) -> Answer:
    return render_template("people/import_run.html", run=run, bar=bar("staff")), 200


def _page(refusal: Refused | None = None, plan: Plan | None = None) -> str:
    return render_template(
        "people/import.html", refusal=refusal, plan=plan, shown=SHOWN, most=importing.MOST_FAULTS,
        role_words=ROLE_WORDS, bar=bar("staff"), under_way=runs_of(hub()).under_way(),
    )  # fmt: skip
