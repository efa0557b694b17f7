"""Pages about the interface: its description, and the tokens that open it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config.errors import Refused
from web.api.describing import operations
from web.api.reading import LIMIT, described
from web.auth import gate
from web.door import hub, reading, writing
from web.refusals import status_of
from web.services import people, tokens
from web.services.errors import BadInput
from web.words import _

api_pages = Blueprint("api_pages", __name__, url_prefix="/api")


@api_pages.get("/docs")
def docs() -> str:
    """The interface in words, drawn from the same document that machines read; complete without scripts."""
    return render_template("api/docs.html", operations=operations(described()), root=request.host_url.rstrip("/"),
                           limit=LIMIT.split()[0])  # fmt: skip


@api_pages.get("/tokens")
def token_list() -> str:
    """Every token, never what it opens with."""
    gate.require("admin")
    return _page()


@api_pages.post("/tokens")
def make() -> str | tuple[str, int]:
    """Make a token; it is shown on this answer only."""
    by = gate.require("admin").person
    try:
        with writing() as session:
            days = request.form.get("days", 0, type=int)
            made = tokens.make(session, request.form.get("name", ""), days, hub().now(), by)
    except BadInput as refusal:
        return _page(refusal=refusal), status_of(refusal)
    return _page(made)


@api_pages.post("/tokens/<token_id>/revoke")
def revoke(token_id: str) -> Response:
    """Close what a token opens."""
    by = gate.require("admin").person
    with writing() as session:
        tokens.revoke(session, token_id, hub().now(), by)
    flash(_("令牌已撤销，立即失效"))
    return redirect(url_for("api_pages.token_list"))


def _page(made: str = "", refusal: Refused | None = None) -> str:
    session, now = reading(), hub().now()
    rows = tokens.listed(session)
    names = people.names_of(session, {row.by for row in rows if row.by})
    return render_template(
        "api/tokens.html", rows=rows, names=names, made=made, refusal=refusal, days=tokens.DAYS,
        longest=tokens.LONGEST_NAME, present=now,
    )  # fmt: skip
