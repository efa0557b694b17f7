"""Pages of signing in, signing out, and one's own password."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_login import logout_user
from werkzeug.wrappers import Response

from config import words
from config.errors import Refused
from web.auth import gate
from web.door import hub, reading, writing
from web.language import COOKIE, YEAR_S
from web.services import accounts
from web.services.errors import BadInput, NotSignedIn
from web.words import _

auth = Blueprint("auth", __name__)


@auth.get("/login")
def login() -> str | Response:
    """The form; whoever is in already goes on."""
    if gate.me():
        return redirect(url_for("today.page"))
    return _form("", None)[0]


@auth.post("/login")
def enter() -> Response | tuple[str, int]:
    """Let in whoever shows the right password; a wrong one is counted."""
    name, password = request.form.get("name", ""), request.form.get("password", "")
    try:
        proof = accounts.prove(reading(), name, password, hub().now())
    except NotSignedIn as refusal:
        return _form(name, refusal)
    with writing() as ledger:
        token = accounts.sign_in(ledger, proof, hub().now())
    if token is None:
        return _form(name, accounts.refusal())
    gate.begin(token)
    return redirect(gate.safe_next(request.args.get("next")))


@auth.post("/logout")
def leave() -> Response:
    """End this login at the hub, not only in the browser."""
    with writing() as ledger:
        accounts.sign_out(ledger, gate.myself(), hub().now())
    logout_user()
    session.clear()
    return redirect(url_for("auth.login"))


@auth.post("/language")
def language() -> Response:
    """The reader's own choice of language, kept in a cookie for a year."""
    answer = redirect(gate.safe_next(request.form.get("next")))
    chosen = request.form.get("language", "")
    if chosen in words.LANGUAGES:
        answer.set_cookie(COOKIE, chosen, max_age=YEAR_S, httponly=True, samesite="Lax", secure=request.is_secure)
    return answer


@auth.get("/password")
def password() -> str:
    """The form for one's own password."""
    return render_template("auth/password.html", refusal=None, least=accounts.SHORTEST_PASSWORD)


@auth.post("/password")
def change() -> Response | tuple[str, int]:
    """Set one's own password."""
    old, new, again = (request.form.get(field, "") for field in ("old", "new", "again"))
    try:
        if new != again:
            raise BadInput(_("两次输入的新密码不一样"))
        with writing() as ledger:
            accounts.change_password(ledger, gate.myself(), old, new, hub().now())
    except BadInput as refusal:
        return render_template("auth/password.html", refusal=refusal, least=accounts.SHORTEST_PASSWORD), 400
    flash(_("密码已修改，其他浏览器上的登录已退出"))
    return redirect(url_for("today.page"))


def _form(name: str, refusal: Refused | None) -> tuple[str, int]:
    wanted = request.args.get("next")
    action = url_for("auth.enter", next=gate.safe_next(wanted)) if wanted else url_for("auth.enter")
    return render_template("auth/login.html", name=name, refusal=refusal, action=action), 401 if refusal else 200
