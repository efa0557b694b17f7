"""The hub's application: its doors, its pages, and how refusals leave it."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app, jsonify, render_template, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_openapi3.openapi import OpenAPI
from flask_wtf import CSRFProtect
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response

from config.errors import Refused
from config.settings import HubSettings
from station import wire
from station.clock import Clock
from web import days, door, headers, language
from web import words as page_words
from web.accounts.views import bp as accounts
from web.api.pages import api_pages
from web.api.reading import INFO, SECURITY, integrators, not_understood
from web.api.reading import LIMIT as API_LIMIT
from web.api.shapes import Fault
from web.api.stations import refusal as api_refusal
from web.api.stations import stations_api
from web.attendance.views import bp as attendance
from web.audit.views import bp as audit
from web.auth import gate, logins  # noqa: F401  # their addresses
from web.auth.factor import begin_factor, end_factor, renew_codes
from web.auth.views import auth, enter, show_code
from web.auth.views import change as change_password
from web.bell.views import bp as bell
from web.board.views import bp as board
from web.calendar.views import bp as calendar
from web.clauses.views import bp as clauses
from web.corrections.views import bp as corrections
from web.covers.views import bp as covers
from web.duty import day as duty_day  # noqa: F401  # its addresses
from web.duty import prints as duty_prints  # noqa: F401  # its addresses
from web.duty import views as duty_views  # noqa: F401  # its addresses
from web.duty.room import bp as duty
from web.findings.views import bp as findings
from web.leave.views import bp as leave
from web.live.views import WATCHER
from web.live.views import bp as live
from web.live.watcher import Watcher
from web.notices.views import bp as notices
from web.outages.views import bp as outages
from web.patrol import views as patrol_views
from web.patrol.photos import SHELF
from web.patrol.room import PINS
from web.patrol.room import bp as patrol
from web.people.views import bp as people
from web.pictures.detector import Detector
from web.pictures.shelf import Shelf
from web.policy.views import bp as policy
from web.refusals import headers_of, status_of
from web.requests.views import bp as requests
from web.robots.views import bp as robots
from web.services.hub import Hub, open_hub
from web.services.officers import OwnPins
from web.setup.views import begin as begin_setup
from web.setup.views import bp as setup
from web.sheets.views import bp as sheets
from web.stations.views import bp as stations
from web.system.views import bp as system
from web.today.views import bp as today
from web.trust.views import bp as trust
from web.words import _

LOGIN_LIMIT = "30 per minute"  # an address; an account has its own back-off
Answer = Response | tuple[str | Response, int, dict[str, str]]
PAGES = (
    accounts,
    api_pages,
    attendance,
    audit,
    auth,
    bell,
    board,
    calendar,
    clauses,
    corrections,
    covers,
    duty,
    findings,
    leave,
    live,
    notices,
    outages,
    patrol,
    people,
    policy,
    requests,
    robots,
    setup,
    sheets,
    stations,
    system,
    today,
    trust,
)
# Status → what happened, what to do next, where no refusal says it better.
WORDS = {
    400: ("请求不完整或已过期", "请返回上一页，刷新后再试"),
    403: ("您的账号没有这项权限", "请联系系统管理员"),
    404: ("没有这个页面", "请从上面的导航重新进入"),
    405: ("这个地址不接受这样的操作", "请从上面的导航重新进入"),
    413: ("上传的内容太大", "请缩小后再试"),
    429: ("操作过于频繁", "请一分钟后再试"),
    500: ("系统出了故障，没有改动任何数据", "请稍后再试；仍不行请联系系统管理员"),
}


def create_app(settings: HubSettings, clock: Clock | None = None) -> Flask:
    """The application of the hub in `settings.folder`; `clock` replaces the one that the settings name."""
    return make_app(open_hub(settings, clock))


def make_app(hub: Hub) -> Flask:
    """The application of an open hub."""
    app = OpenAPI(
        "web", info=INFO, security_schemes=dict(SECURITY), doc_ui=False, validation_error_status=400,
        validation_error_model=Fault, validation_error_callback=not_understood,
    )  # fmt: skip
    app.config.update(
        SECRET_KEY=hub.secret_for("cookies"),
        MAX_CONTENT_LENGTH=wire.MAX_BODY,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # the default provider has it
    app.jinja_options |= {"trim_blocks": True, "lstrip_blocks": True}
    app.before_request(patrol_views.make_room)  # before anything reads a form
    door.install(app, hub)
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")  # before the gate: guessing is counted
    gate.install(app)
    headers.install(app)
    language.install(app)
    days.install(app)
    page_words.install(app)
    CSRFProtect(app).exempt(stations_api)
    app.extensions[WATCHER] = Watcher(hub.ledger)
    app.extensions[SHELF] = Shelf(hub.settings.folder, Detector())  # its process starts with the first picture
    app.extensions[PINS] = OwnPins(door.recorder_of(app))
    for pages in (stations_api, *PAGES):
        app.register_blueprint(pages)
    limiter.shared_limit(API_LIMIT, scope="api")(integrators)
    app.register_api(integrators)
    limited = limiter.shared_limit(LOGIN_LIMIT, scope="login")
    app.view_functions |= {
        "auth.enter": limited(enter), "auth.show_code": limited(show_code), "setup.begin": limited(begin_setup),
        "auth.change": limited(change_password), "auth.begin_factor": limited(begin_factor),
        "auth.renew_codes": limited(renew_codes), "auth.end_factor": limited(end_factor),
    }  # fmt: skip
    app.context_processor(lambda: _around(hub))
    app.jinja_env.filters["ago"] = ago
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _broken)
    return app


def ago(span: timedelta) -> str:
    """How long ago, in words of one unit."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return _("刚刚")
    if minutes < 60:
        return _("%(n)s 分钟前", n=minutes)
    if minutes < 48 * 60:
        return _("%(n)s 小时前", n=minutes // 60)
    return _("%(n)s 天前", n=minutes // (24 * 60))


def _around(hub: Hub) -> dict[str, Any]:
    """What every page shows around its content."""
    now = hub.now().astimezone(ZoneInfo(hub.hall.zone))
    return {"hall": hub.hall, "demo": hub.settings.demo, "now": now}


def _refused(error: Refused) -> Answer:
    status = status_of(error)
    if request.blueprint == stations_api.name:
        return api_refusal(error)
    if request.path.startswith(gate.MACHINES):
        return jsonify(error=str(error)), status, headers_of(error)
    return _error_page(status, error.what, error.saved, error.remedy), status, headers_of(error)


def _http(error: HTTPException) -> Answer:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    what, remedy = (_(words) for words in WORDS.get(status, WORDS[500]))
    if request.path.startswith(gate.MACHINES):
        return jsonify(error=f"{what}。{remedy}。"), status, {}
    return _error_page(status, what, "", remedy), status, {}


def _broken(error: Exception) -> Answer:
    """A fault of ours: the log has the trace, people have words."""
    current_app.logger.error("%s %s", request.method, request.path, exc_info=error)
    return _http(InternalServerError())


def _error_page(status: int, what: str, saved: str, remedy: str) -> str:
    return render_template("error.html", status=status, what=what, saved=saved, remedy=remedy)
