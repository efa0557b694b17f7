"""The first administrator, the hall, its rules, and the end of setting up; station and finger join them here."""

from flask import render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from config.errors import Refused
from web.auth import gate
from web.auth.views import where
from web.door import hub, reading, writing
from web.refusals import status_of
from web.services import accounts, first_run, in_force, passwords
from web.services.accounts import Proof
from web.services.errors import BadInput, NotFound
from web.services.hub import hall_of
from web.setup import finger, station  # noqa: F401  # their addresses
from web.setup.presets import preset_of
from web.setup.room import bar, bp, first_bar, onwards, to_next
from web.words import _

__all__ = ["begin", "bp"]
Answer = Response | tuple[str, int]


@bp.get("")
def page() -> str | Response:
    """The form for the first administrator; whoever is in goes on where they left off. NotFound for anybody else."""
    if first_run.awaited(reading()):
        return _account(None)
    if gate.me() is None:
        raise NotFound(_("这个大厅已有管理员"), remedy=_("请直接登录"))
    return to_next()


@bp.post("")
def begin() -> Answer:
    """The first administrator comes in by the code from the console, with a password of their own."""
    code, name, password, again = (request.form.get(field, "") for field in ("code", "name", "password", "again"))
    now = hub().now()
    try:
        first_run.check_code(reading(), code)
        if password != again:
            raise BadInput(_("两次输入的密码不一样"), remedy=_("请重新填写"))
        hashed = first_run.hashed(name, password)
        with writing() as session:
            account = first_run.begin(session, code, name, hashed, now)
            token = accounts.sign_in(session, Proof(account, fits=True), now, where())
    except BadInput as refusal:
        return _account(refusal), status_of(refusal)
    assert token is not None
    gate.begin(token)
    return redirect(url_for("setup.hall"))


@bp.get("/hall")
def hall() -> str | Response:
    """What the hall is called."""
    gate.require("admin")
    return _hall(None)


@bp.post("/hall")
def name_hall() -> Answer:
    """Another name for it, or another zone."""
    by = gate.require("admin").person
    _under_way()
    try:
        with writing() as session:
            name, zone = request.form.get("name", ""), request.form.get("zone", "")
            first_run.name_hall(session, name, zone, hub().now(), by)
    except BadInput as refusal:
        return _told(_hall(refusal), refusal)
    hub().hall = hall_of(reading())
    return onwards("hall")


@bp.get("/rules")
def rules() -> str | Response:
    """Which rules the hall begins with."""
    gate.require("admin")
    return _rules(None)


@bp.post("/rules")
def choose_rules() -> Answer:
    """Begin with these."""
    by = gate.require("admin").person
    _under_way()
    try:
        with writing() as session:
            first_run.choose_rules(session, hub(), request.form.get("rules", ""), hub().now(), by)
    except BadInput as refusal:
        return _told(_rules(refusal), refusal)
    return onwards("rules")


@bp.post("/<step>/skip")
def skip(step: str) -> Response:
    """Go on without this step."""
    gate.require("admin")
    return onwards(step, skipped=True)


@bp.post("/<step>/next")
def go_on(step: str) -> Response:
    """This step is done."""
    gate.require("admin")
    return onwards(step)


@bp.get("/done")
def done() -> str | Response:
    """What comes next, once nothing is left here."""
    gate.require("admin")
    found = first_run.steps(reading())
    if found is None or found.left:
        return to_next()
    return render_template("setup/done.html", lacking=found.lacking)


def _account(refusal: Refused | None) -> str:
    return render_template(
        "setup/account.html", bar=first_bar(), refusal=refusal, given=request.form, least=passwords.SHORTEST_PASSWORD
    )


def _hall(refusal: Refused | None) -> str | Response:
    shown = bar("hall")
    if shown is None:
        return to_next()
    return render_template("setup/hall.html", bar=shown, refusal=refusal, given=request.form, hall=hub().hall)


def _rules(refusal: Refused | None) -> str | Response:
    shown = bar("rules")
    if shown is None:
        return to_next()
    held = in_force.read(reading(), hub()).versions[0]
    presets = [preset_of(name) for name in first_run.presets(hub())]
    chosen = next((each.name for each in presets if each.data == held.data), presets[0].name)
    return render_template("setup/rules.html", bar=shown, refusal=refusal, presets=presets, chosen=chosen)


def _under_way() -> None:
    """NotFound where this hall is not being set up: its pages of every day are for changes."""
    if not gate.myself().setting_up:
        raise NotFound(_("这个大厅已经设置好"), remedy=_("要改请从相应的页面进入"))


def _told(page: str | Response, refusal: Refused) -> Answer:
    return (page, status_of(refusal)) if isinstance(page, str) else page
