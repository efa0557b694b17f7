"""The accounts of the hall."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from config.errors import Refused
from web.auth import gate
from web.door import hub, reading, writing
from web.people.room import ROLE_WORDS, today
from web.refusals import status_of
from web.services import account_desk, accounts, people, roles, second_factor
from web.services.errors import BadInput
from web.words import _

bp = Blueprint("accounts", __name__, url_prefix="/accounts")
Answer = str | Response | tuple[str, int]


@bp.get("")
def page() -> str:
    """Every account: whose, with which roles, how it stands."""
    gate.require("admin")
    return _page()


@bp.post("")
def open_account() -> Answer:
    """An account for somebody; its one-time password is shown on this answer only."""

    def change(session: Session, by: str) -> str:
        person, name = request.form.get("person", ""), request.form.get("name", "")
        return account_desk.open_for(session, person, name, today(), hub().now(), by)

    return _with_password(change)


@bp.post("/<account>/password")
def renew(account: str) -> Answer:
    """A one-time password for who forgot theirs, shown on this answer only."""
    return _with_password(lambda session, by: account_desk.renew_password(session, account, hub().now(), by))


@bp.post("/<account>/open")
def reopen(account: str) -> Answer:
    """Open a closed one again; its one-time password is shown on this answer only."""
    return _with_password(lambda session, by: account_desk.reopen(session, account, hub().now(), by))


@bp.post("/<account>/close")
def close(account: str) -> Answer:
    """Let nobody in by it any longer."""
    by = gate.require("admin").person
    try:
        with writing() as session:
            account_desk.close(session, account, today(), hub().now(), by)
    except BadInput as refusal:
        return _page(refusal), status_of(refusal)
    flash(_("账号已停用，各处登录已退出"))
    return redirect(url_for("accounts.page"))


@bp.post("/rule")
def rule() -> Response:
    """Whether administrators are asked for a second factor."""
    by, wanted = gate.require("admin").person, request.form.get("required") == "yes"
    with writing() as session:
        second_factor.require(session, wanted, hub().now(), by)
    flash(_("系统管理员登录须用动态验证码") if wanted else _("动态验证码改为自愿"))
    return redirect(url_for("accounts.page"))


def _with_password(change: Callable[[Session, str], str]) -> Answer:
    by = gate.require("admin").person
    try:
        with writing() as session:
            made = change(session, by)
    except BadInput as refusal:
        return _page(refusal), status_of(refusal)
    return _page(made=made)


def _page(refusal: Refused | None = None, made: str = "") -> str:
    session = reading()
    listed = accounts.owned(session)
    held = people.roles_of(session, [person.id for _, person in listed])
    owners = {person.id for _, person in listed}
    return render_template(
        "accounts/page.html",
        refusal=refusal,
        made=made,
        given=request.form if refusal else {},
        listed=listed,
        roles={key: roles.in_force(rows, today()) for key, rows in held.items()},
        role_words=ROLE_WORDS,
        seen=accounts.last_seen(session),
        required=second_factor.required(session),
        staff=[row for row in people.everybody(session) if row.posted_to is None and row.id not in owners],
    )
