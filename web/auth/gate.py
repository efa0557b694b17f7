"""The gate: nobody passes without a login, except at the few places on a fixed list."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.wrappers import Response

from config.words import say
from web.door import hub, reading, writing
from web.services import accounts, duty_days, holders, passes, people, tokens
from web.services.accounts import Login
from web.services.errors import NotAllowed, NotFound
from web.services.passes import Pass
from web.services.scopes import OF_HALL, OF_UNIT

# Who has no login may ask for these, and for nothing else; stations prove themselves by signature or code.
ANONYMOUS = frozenset(
    (
        "auth.code",
        "auth.login",
        "auth.enter",
        "auth.language",
        "auth.show_code",
        "notices.month",
        "notices.page",
        "patrol.enter",
        "patrol.enter_page",
        "setup.begin",
        "setup.page",
        "trust.certificate",
        "trust.page",
        "static",
        "system.healthz",
        "stations_api.join",
        "stations_api.facts",
        "stations_api.get_papers",
        "stations_api.get_pins",
        "stations_api.get_today",
        "stations_api.get_sun",
        "stations_api.ask_photo",
        "stations_api.put_photo",
        "stations_api.put_key",
    )
)
# A phone that a kiosk's one-use code let into a round may ask for these, of that round alone.
BY_PASS = frozenset(
    ("patrol.round_page", "patrol.check", "patrol.now", "patrol.tag", "patrol.sign_page", "patrol.sign", "patrol.team",
     "patrol.join", "patrol.leave", "patrol.worker", "patrol.manifest")
)  # fmt: skip
# Other systems may ask for these by token, and nobody else: a login opens none of them but the document.
BY_TOKEN = frozenset(("api.people", "api.day", "api.month", "api.presence", "api.stations", "api.document"))
ALSO_BY_LOGIN = frozenset(("api.document",))
MACHINES = "/api/v1/"  # under this nobody is sent to the login page
PASS = "patrol"  # noqa: S105  # where the cookie holds it
BEFORE_CHANGE = ANONYMOUS | {"auth.password", "auth.change", "auth.leave"}  # with a one-time password still in use
# To an administrator of a hall that asks for a second factor, who has none yet.
BEFORE_FACTOR = BEFORE_CHANGE | {"auth.factor", "auth.prepare_factor", "auth.begin_factor"}


class User(UserMixin):  # type: ignore[misc]  # Flask-Login ships no types
    """Who is signed in, as Flask-Login knows them: its user id is the login's token, not the account."""

    def __init__(self, login: Login) -> None:
        self.login = login

    def get_id(self) -> str:
        """The token in the cookie."""
        return self.login.token


class CookieByScheme(SecureCookieSessionInterface):
    """Over https the cookie is `__Host-` and Secure; over http it has the same protections that http can give."""

    def get_cookie_name(self, app: Flask) -> str:
        """With the prefix where browsers honour it."""
        return "__Host-zaigang" if request.is_secure else "zaigang"

    def get_cookie_secure(self, app: Flask) -> bool:
        """Secure whenever the request was."""
        return request.is_secure


def install(app: Flask) -> None:
    """Put the gate before every route of the application."""
    app.session_interface = CookieByScheme()
    app.config.update(SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_PATH="/")
    manager = LoginManager(app)
    manager.session_protection = None  # logins are rows that end by themselves; an address may change on the way
    manager.user_loader(_find)
    app.before_request(_pass)
    app.context_processor(lambda: {"me": me()})
    app.jinja_env.globals["for_others"] = for_others


def me() -> Login | None:
    """Who is signed in; None before the login."""
    return current_user.login if current_user and current_user.is_authenticated else None


def myself() -> Login:
    """Who is signed in, behind the gate."""
    login = me()
    assert login is not None
    return login


def for_others() -> bool:
    """Whether whoever is signed in acts for more people than themselves: those of a unit, or the hall's."""
    login = me()
    return login is not None and not login.roles.isdisjoint(OF_HALL | OF_UNIT)


def held_pass() -> Pass | None:
    """The right to one round that a kiosk's code gave this phone; None without one."""
    if "patrol_pass" not in g:
        made = session.get(PASS)
        g.patrol_pass = passes.find(reading(), made, hub().now()) if isinstance(made, str) else None
    found: Pass | None = g.patrol_pass
    return found


def require(*roles: str) -> Login:
    """Who is signed in, if they hold one of these roles today; NotAllowed otherwise."""
    login = myself()
    if login.roles.isdisjoint(roles):
        raise NotAllowed(say("您的账号没有这项权限"), remedy=say("请联系系统管理员"))
    return login


def acting() -> frozenset[str]:
    """The roles in which who is signed in decides now: those held today, duty leader by the roster alone."""
    if "acting" not in g:
        login, now = myself(), hub().now()
        g.acting = holders.acting(reading(), login.person, login.roles, now, ZoneInfo(hub().hall.zone))
    found: frozenset[str] = g.acting
    return found


def require_acting(*roles: str) -> Login:
    """Who is signed in, if they decide in one of these roles now; NotAllowed otherwise, with who does."""
    login = require(*{*roles, *(duty_days.STAND_IN if duty_days.ROLE in roles else ())})
    if acting().isdisjoint(roles):
        raise _others_day()
    return login


def safe_next(target: str | None) -> str:
    """Where to go after the login: a path of this hub, never another address."""
    plain = target is not None and target.startswith("/") and target.isprintable()
    if not plain or target is None or target[1:2] in ("/", "\\") or "\\" in target:
        return url_for("today.page")
    return target


def begin(token: str) -> None:
    """Let this browser in; what its cookie held before is gone."""
    session.clear()
    session["_user_id"] = token
    session["_fresh"] = True


def _others_day() -> NotAllowed:
    """To somebody who holds the duty leader's role on a day that another leads."""
    now = hub().now()
    day = now.astimezone(ZoneInfo(hub().hall.zone)).date()
    leader = duty_days.on(reading(), day).at(now) or ""
    name = people.names_of(reading(), {leader}).get(leader, "")
    return NotAllowed(say("今天的值班长不是您"), remedy=say("请由{name}或督查部门办理", name=name or say("值班长")))


def _find(token: str) -> User | None:
    now = hub().now()
    login = accounts.find_login(reading(), token, now, now.astimezone(ZoneInfo(hub().hall.zone)))
    return User(login) if login else None


def _pass() -> Response | None:
    if request.endpoint in ANONYMOUS:
        return None
    login = me()
    if request.endpoint in BY_TOKEN and not (login and request.endpoint in ALSO_BY_LOGIN):
        _by_token()
        return None
    if login is None:
        return None if request.endpoint in BY_PASS and held_pass() else _to_login()
    if login.must_change and request.endpoint not in BEFORE_CHANGE:
        return redirect(url_for("auth.password"))
    if login.factor_due and request.endpoint not in BEFORE_FACTOR:
        return redirect(url_for("auth.factor"))
    if request.endpoint != "live.stream" and accounts.due_to_be_seen(login, hub().now()):
        with writing() as ledger:
            accounts.see(ledger, login.token, hub().now())
    return None


def _by_token() -> None:
    """Let a token's owner in, and remember that it was used. BadToken for everybody else."""
    given, now = request.authorization, hub().now()
    token = given.token if given is not None and given.type == "bearer" else None
    row = tokens.prove(reading(), token or "", now)
    if tokens.due_to_be_seen(row, now):
        key = row.id
        with writing() as ledger:
            tokens.see(ledger, key, now)


def _to_login() -> Response:
    """To the login page; a fragment asked for by a page tells the browser to go there as a whole.

    A machine has no use for it.
    """
    if request.path.startswith(MACHINES):
        raise NotFound(say("没有这个接口"), remedy=say("请对照接口说明"))
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": url_for("auth.login")})
    wanted: dict[str, Any] = {} if request.path == "/" or request.method != "GET" else {"next": request.full_path}
    return redirect(url_for("auth.login", **wanted))
