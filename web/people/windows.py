"""Windows and their posts, units, who sits where on a day, and the roster's changes as a sheet to be filed."""

from collections.abc import Callable
from datetime import date, timedelta

from flask import render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from config.errors import Refused
from web import paging
from web.auth import gate
from web.auth.scope import look_into_unit, scope, windows_scope
from web.door import hub, reading, writing
from web.people.forms import day_of, window_of
from web.people.room import GROUP_WORDS, ROLE_WORDS, WHAT_WORDS, back, bp, today
from web.refusals import status_of
from web.services import people, post_changes, posts, roles, roster
from web.services.errors import BadInput
from web.words import _

PAGE = 100
Answer = Response | tuple[str, int]


@bp.get("/windows")
def windows() -> str:
    """Every window with its posts, and who sits there on a day."""
    return _windows_page()


@bp.post("/windows")
def open_window() -> Answer:
    """A new window."""
    by = gate.require("admin").person
    try:
        with writing() as session:
            made = posts.open_window(session, window_of(request.form), today(), hub().now(), by)
    except BadInput as refusal:
        return _windows_page(refusal), status_of(refusal)
    return back("people.window", _("窗口已登记，请添加岗位"), window=made)


@bp.get("/windows/<window>")
def window(window: str) -> str:
    """One window: its posts, their A and Bs, and everybody who ever sat there."""
    return _window_page(window)


@bp.post("/windows/<window>")
def edit_window(window: str) -> Answer:
    """Another floor, side or unit."""

    def change(session: Session, by: str) -> None:
        posts.edit_window(session, window, window_of(request.form), today(), hub().now(), by)

    return _do(window, change, _("已保存"))


@bp.post("/windows/<window>/close")
def close_window(window: str) -> Answer:
    """The window's last day."""

    def change(session: Session, by: str) -> None:
        posts.close_window(session, window, day_of(request.form.get("last", ""), today()), hub().now(), by)

    return _do(window, change, _("窗口已停用，历史记录保留"))


@bp.post("/windows/<window>/posts")
def add_post(window: str) -> Answer:
    """A post at the window."""

    def change(session: Session, by: str) -> None:
        posts.add_post(session, window, request.form.get("name", ""), hub().now(), by)

    return _do(window, change, _("岗位已添加"))


@bp.post("/windows/<window>/posts/<post>/close")
def close_post(window: str, post: str) -> Answer:
    """A post's last day."""

    def change(session: Session, by: str) -> None:
        post_changes.close_post(session, post, day_of(request.form.get("last", ""), today()), hub().now(), by)

    return _do(window, change, _("岗位已停用，历史记录保留"))


@bp.post("/windows/<window>/seats/<seat>/forward")
def prefer(window: str, seat: str) -> Answer:
    """A registered B one place forward."""

    def change(session: Session, by: str) -> None:
        post_changes.prefer(session, seat, today(), hub().now(), by)

    return _do(window, change, _("B岗 顺位已调整"))


@bp.post("/windows/<window>/seats")
def sit(window: str) -> Answer:
    """Put somebody at a post."""

    def change(session: Session, by: str) -> None:
        who = people.find(session, request.form.get("person", ""))
        since = day_of(request.form.get("since", ""), today())
        posts.sit(session, request.form.get("post", ""), who.id, request.form.get("kind", ""), since, hub().now(), by)

    return _do(window, change, _("岗位安排已登记"))


@bp.post("/windows/<window>/seats/<seat>/end")
def rise(window: str, seat: str) -> Answer:
    """The last day of somebody at a post."""

    def change(session: Session, by: str) -> None:
        posts.rise(session, seat, day_of(request.form.get("last", ""), today()), hub().now(), by)

    return _do(window, change, _("岗位安排已结束"))


@bp.get("/units")
def units() -> str:
    """Every unit."""
    return _units_page()


@bp.post("/units")
def add_unit() -> Answer:
    """A new unit, or with its id other data for one."""
    by, unit = gate.require("admin").person, request.form.get("unit", "")
    name, phone = request.form.get("name", ""), request.form.get("phone", "")
    try:
        with writing() as session:
            if unit:
                posts.edit_unit(session, unit, name, phone, hub().now(), by)
            else:
                posts.need_unit(session, name, hub().now(), by)
    except BadInput as refusal:
        return _units_page(refusal), status_of(refusal)
    return back("people.units", _("单位已保存"))


@bp.get("/changes")
def changes() -> str:
    """The roster's changes between two days, of one unit or all: a list to look at, a notice when printed."""
    own = scope()
    if not own.hall:
        look_into_unit(own.unit)
    last, first = _day("last", today()), _day("first", today() - timedelta(days=31))
    unit = request.args.get("unit") or None if own.hall else own.unit
    return render_template(
        "people/changes.html",
        filed=roster.filed(reading(), first, last, unit),
        most=roster.MOST,
        first=first,
        last=last,
        unit=unit or "",
        units=[row.name for row in posts.units(reading(), own)],
        what_words=WHAT_WORDS,
        role_words=ROLE_WORDS,
    )


def _day(name: str, otherwise: date) -> date:
    """A day from the address; nonsense counts as not given."""
    try:
        return day_of(request.args.get(name, ""), otherwise)
    except BadInput:
        return otherwise


def _do(window: str, change: Callable[[Session, str], None], said: str) -> Answer:
    by = gate.require("admin").person
    try:
        with writing() as session:
            change(session, by)
    except BadInput as refusal:
        return _window_page(window, refusal), status_of(refusal)
    return back("people.window", said, window=window)


def _windows_page(refusal: Refused | None = None) -> str:
    session, day = reading(), _day("day", today())
    shown = paging.asked(posts.windows_on(session, day, windows_scope()), PAGE)
    seated: dict[str, list[posts.Seated]] = {}
    for one in posts.seated(session, day, [window.id for window in shown.rows]):
        seated.setdefault(one.window.id, []).append(one)
    return render_template(
        "people/windows.html",
        refusal=refusal,
        given=request.form,
        windows=shown,
        seated=seated,
        heads=roles.heads(session, day),
        units=posts.units(session),
        group_words=GROUP_WORDS,
        day=day,
        today=today(),
    )


def _window_page(window: str, refusal: Refused | None = None) -> str:
    session = reading()
    row = posts.need_window(session, window)
    look_into_unit(row.unit, windows_scope())
    return render_template(
        "people/window.html",
        refusal=refusal,
        row=row,
        posts=posts.posts_of(session, window),
        history=posts.history(session, window),
        heads=roles.heads(session, today()).get(window, []),
        units=posts.units(session),
        staff=people.everybody(session) if "admin" in gate.myself().roles else [],
        group_words=GROUP_WORDS,
        today=today(),
    )


def _units_page(refusal: Refused | None = None) -> str:
    session = reading()
    return render_template(
        "people/units.html",
        refusal=refusal,
        units=posts.units(session, scope()),
        counts=people.by_unit(session, today()),
        officers=roles.by_unit(session, today(), ("chief_rep", "attendance_clerk", "unit_leader")),
        role_words=ROLE_WORDS,
    )
