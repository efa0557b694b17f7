"""Pages of signing in, signing out, and one's own password."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_login import logout_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from config import words
from config.errors import Refused
from station.facts import instant, read_instant
from web.auth import gate
from web.door import hub, reading, writing
from web.language import COOKIE, YEAR_S
from web.refusals import status_of
from web.services import accounts, first_run, passwords
from web.services.accounts import Proof, Where
from web.services.errors import BadInput, NotSignedIn, WrongSecret
from web.words import _

auth = Blueprint("auth", __name__)
Answer = Response | tuple[str, int]
HALF = "half"  # where the cookie holds who showed the password and owes the second factor
HALF_LIFE = timedelta(minutes=5)


@auth.get("/login")
def login() -> str | Response:
    """The form; whoever is in already goes on, and an empty hub waits for its first administrator."""
    if gate.me():
        return redirect(url_for("today.page"))
    if first_run.awaited(reading()):
        return redirect(url_for("setup.page"))
    return _form("", None)[0]


@auth.post("/login")
def enter() -> Answer:
    """Let in whoever shows the right password; a wrong one is counted, a second factor is asked for next."""
    name, password = request.form.get("name", ""), request.form.get("password", "")
    try:
        proof = accounts.prove(reading(), name, password, hub().now())
        if proof.fits and proof.factor:
            session[HALF] = [proof.account, proof.mark, instant(hub().now())]
            return redirect(url_for("auth.code", next=request.args.get("next")))
        return _let_in(proof, accounts.refusal())
    except NotSignedIn as refusal:
        return _form(name, refusal)


@auth.get("/login/code")
def code() -> str | Response:
    """The form for the second factor."""
    return _code_form(None)[0] if _half() else redirect(url_for("auth.login"))


@auth.post("/login/code")
def show_code() -> Answer:
    """Let in whoever shows the second factor after the password; a wrong one is counted."""
    half = _half()
    if half is None:
        return redirect(url_for("auth.login"))
    try:
        with writing() as ledger:
            proof = accounts.show_factor(ledger, half, request.form.get("code", ""), hub().seal, hub().now())
        return _let_in(proof, NotSignedIn(_("验证码不对"), remedy=_("请输入新的 6 位数字")))
    except NotSignedIn as refusal:
        return _code_form(refusal)


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
    return render_template("auth/password.html", refusal=None, least=passwords.SHORTEST_PASSWORD)


@auth.post("/password")
def change() -> Answer:
    """Set one's own password."""
    old, new, again = (request.form.get(field, "") for field in ("old", "new", "again"))
    try:
        if new != again:
            raise BadInput(_("两次输入的新密码不一样"))
        with counting() as ledger:
            accounts.change_password(ledger, gate.myself(), old, new, hub().now())
    except (BadInput, NotSignedIn) as refusal:
        page = render_template("auth/password.html", refusal=refusal, least=passwords.SHORTEST_PASSWORD)
        return page, status_of(refusal)
    flash(_("密码已修改，其他浏览器上的登录已退出"))
    return redirect(url_for("today.page"))


def where() -> Where:
    """Where this request comes from."""
    return Where(request.remote_addr or "", request.user_agent.string)


@contextmanager
def counting() -> Iterator[Session]:
    """A transaction in which whoever is signed in shows a password or a code: a wrong one undoes it and is counted.

    NotSignedIn while the account waits after too many.
    """
    account = gate.myself().account
    try:
        with writing() as ledger:
            accounts.need_no_wait(ledger, account, hub().now())
            yield ledger
    except WrongSecret:
        with writing() as ledger:
            accounts.missed_again(ledger, account, hub().now())
        raise


def _let_in(proof: Proof, otherwise: NotSignedIn) -> Response:
    """Begin a login; `otherwise` when what was shown does not fit. NotSignedIn for who holds no role today."""
    now = hub().now()
    with writing() as ledger:
        token = accounts.sign_in(ledger, proof, now, where())
        today = now.astimezone(ZoneInfo(hub().hall.zone))
        if token is not None and accounts.find_login(ledger, token, now, today) is None:
            raise NotSignedIn(_("您今天没有担任任何角色，不能登录"), remedy=_("请联系系统管理员"))
    if token is None:
        raise otherwise
    gate.begin(token)
    return redirect(gate.safe_next(request.args.get("next")))


def _half() -> Proof | None:
    """Who showed their password in this browser within the last minutes."""
    half = session.get(HALF)
    if not isinstance(half, list) or len(half) != 3:
        return None
    at: datetime = read_instant(half[2])
    fresh = timedelta() <= hub().now() - at <= HALF_LIFE
    return Proof(half[0], fits=True, factor=True, mark=half[1]) if fresh else None


def _code_form(refusal: Refused | None) -> tuple[str, int]:
    return render_template("auth/code.html", refusal=refusal, action=_action("auth.show_code")), 401 if refusal else 200


def _form(name: str, refusal: Refused | None) -> tuple[str, int]:
    page = render_template("auth/login.html", name=name, refusal=refusal, action=_action("auth.enter"))
    return page, 401 if refusal else 200


def _action(endpoint: str) -> str:
    wanted = request.args.get("next")
    return url_for(endpoint, next=gate.safe_next(wanted)) if wanted else url_for(endpoint)
