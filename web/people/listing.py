"""Staff from Excel: the template, the look at an uploaded list, and its import."""

from flask import Response as Download
from flask import render_template, request
from werkzeug.wrappers import Response

from config.errors import Refused
from web.auth import gate
from web.door import hub, reading, writing
from web.people.room import ROLE_WORDS, back, bp, today
from web.refusals import status_of
from web.services import importing, waiting_lists
from web.services.errors import BadInput
from web.services.importing import Plan
from web.services.staff_template import template
from web.setup.room import bar, onwards
from web.words import _

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 200


@bp.get("/import")
def import_page() -> str:
    """Where a list is uploaded."""
    gate.require("admin")
    return _page()


@bp.get("/import/template")
def import_template() -> Download:
    """The template."""
    gate.require("admin")
    answer = Download(template(), content_type=XLSX)
    answer.headers["Content-Disposition"] = "attachment; filename=staff.xlsx; filename*=UTF-8''%E4%BA%BA%E5%91%98.xlsx"
    return answer


@bp.post("/import")
def look_at_list() -> tuple[str, int]:
    """Look at an uploaded list; nothing is written to the ledger."""
    gate.require("admin")
    file = request.files.get("file")
    try:
        content = file.read() if file else b""
        if not content:
            raise BadInput(_("没有选择文件"), remedy=_("请选择填好的 .xlsx 文件"))
        plan = importing.plan(reading(), content, today())
    except BadInput as refusal:
        return _page(refusal), status_of(refusal)
    if plan.faults:
        return _page(plan=plan), 400
    waiting_lists.put(hub().settings.folder, content, hub().now())
    return _page(plan=plan), 200


@bp.post("/import/confirm")
def import_list() -> Response | tuple[str, int]:
    """Import a list that was looked at: all of it, or, when something came in between, nothing."""
    by = gate.require("admin").person
    folder, digest = hub().settings.folder, request.form.get("digest", "")
    content = waiting_lists.get(folder, digest)
    setting_up = bar("staff") is not None
    with writing() as session:
        plan = importing.plan(session, content, today())
        if not plan.faults:
            count = importing.carry_out(session, plan, today(), hub().now(), by)
    if plan.faults:
        return _page(plan=plan), 400
    waiting_lists.drop(folder, digest)
    said = _("已导入 %(n)s 人", n=count)
    return onwards("staff", said) if setting_up else back("people.page", said)


def _page(refusal: Refused | None = None, plan: Plan | None = None) -> str:
    return render_template(
        "people/import.html", refusal=refusal, plan=plan, shown=SHOWN, most=importing.MOST_FAULTS,
        role_words=ROLE_WORDS, bar=bar("staff"),
    )  # fmt: skip
