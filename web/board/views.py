"""The board, its live part, the record of empty stretches, a window's day, and covers by hand."""

from collections.abc import Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from config.errors import Refused
from config.policy_words import word
from station.rules.hours import moment
from web.auth import gate
from web.auth.scope import look_into_unit, windows_scope
from web.board.forms import day_asked, instant_of
from web.board.sheet import empty_sheet
from web.board.words import COVER_STATES, LOOKS, SESSIONS, cover_words, tiles, who_words
from web.door import hub, reading, writing
from web.download import attached
from web.people.forms import day_of
from web.refusals import status_of
from web.services import board, cover_lists, covering, covers, in_force, people, posts, roles
from web.services.covering import OCCASIONS, STANDINGS, Opening
from web.services.errors import BadInput
from web.services.in_force import InForce
from web.words import _

bp = Blueprint("board", __name__, url_prefix="/board")
Answer = str | AnyResponse | tuple[str, int]
WORDS = {"looks": LOOKS, "who_words": who_words, "session_words": SESSIONS}


@bp.get("")
def page() -> str:
    """Every window now, by floor; `?wall=1`: large and alone, for a screen on the wall."""
    wall = request.args.get("wall") == "1"
    held = in_force.read(reading(), hub())
    return render_template("board/page.html", wall=wall, facts=held.stand.facts, **_now(held))


@bp.get("/now")
def now() -> str:
    """The part that changes, for the page that is open."""
    return render_template("board/now.html", wall=request.args.get("wall") == "1", **_now())


@bp.get("/empty")
def empty() -> str:
    """The record of a day's empty stretches."""
    found, running = _day_board()
    return render_template("board/empty.html", board=found, running=running, one_day=timedelta(days=1), **WORDS)


@bp.get("/empty.xlsx")
def empty_file() -> AnyResponse:
    """The same as a file."""
    found, _running = _day_board()
    return attached(empty_sheet(found), f"empty-{found.date.isoformat()}.xlsx")


@bp.get("/windows/<window>")
def window(window: str) -> str:
    """A window's day: who sat there, who covered, when it stood empty."""
    return _window_page(window)


@bp.post("/windows/<window>/covers")
def open_cover(window: str) -> Answer:
    """Let somebody cover a post of the window."""

    def act(session: Session, held: InForce, by: str) -> None:
        given, at = request.form, hub().now()
        today = covers.day_of(held, at)
        who = people.find(session, given.get("person", ""))
        start, last = instant_of(given.get("start", ""), today, at, held), day_of(given.get("last", ""), today)
        post = given.get("post", "")
        opening = Opening(
            post, who.id, given.get("occasion", ""), given.get("standing", ""), start, last, given.get("note", "")
        )
        if posts.need_post(session, post)[1].id != window:
            raise BadInput(_("没有这个岗位"))
        covering.open_cover(session, held, opening, at, by)

    return _do(window, act, _("顶岗已登记"))


@bp.post("/covers/<cover>/end")
def end_cover(cover: str) -> Answer:
    """Give the post back."""

    def act(session: Session, held: InForce, by: str) -> None:
        at = hub().now()
        end = instant_of(request.form.get("end", ""), covers.day_of(held, at), at, held)
        covering.end_cover(session, held, cover, end, request.form.get("note", ""), at, by)

    return _do(_window_of(cover), act, _("岗位已交还"))


@bp.post("/covers/<cover>/decide")
def decide(cover: str) -> Answer:
    """Approve or refuse what a kiosk began."""
    accept = request.form.get("accept") == "yes"

    def act(session: Session, held: InForce, by: str) -> None:
        covering.decide(session, held, cover, accept, hub().now(), by)

    return _do(_window_of(cover), act, _("已认可") if accept else _("已记为不认可"))


@bp.app_template_filter("clock")
def clock(minute: int) -> str:
    """An epoch minute on the hall's wall clock."""
    return f"{moment(minute, ZoneInfo(hub().hall.zone)):%H:%M}"


def _now(held: InForce | None = None) -> dict[str, object]:
    found = board.running(reading(), hub(), held).within(windows_scope())
    return {"board": found, "tiles": tiles(found), **WORDS}


def _day_board() -> tuple[board.Board, date]:
    session, at = reading(), hub().now()
    held = in_force.read(session, hub())
    running = covers.day_of(held, at)
    day = day_asked(request.args, running)
    found = board.running(session, hub(), held) if day == running else board.board(session, held, at, day)
    return found.within(windows_scope()), running


def _window_of(cover: str) -> str:
    session = reading()
    found = covering.need(session, in_force.read(session, hub()), cover)
    return posts.need_post(session, found.post)[1].id


def _do(window: str, act: Callable[[Session, InForce, str], None], said: str) -> Answer:
    """Do it, if this login may decide at this window, and go back to the window's page."""
    login = gate.myself()
    try:
        with writing() as session:
            held = in_force.read(session, hub())
            row, day = posts.need_window(session, window), covers.day_of(held, hub().now())
            covering.require_head(session, login.person, gate.acting(), row, day)
            act(session, held, login.person)
    except BadInput as refusal:
        return _window_page(window, refusal), status_of(refusal)
    flash(said)
    return redirect(url_for("board.window", window=window))


def _window_page(window: str, refusal: Refused | None = None) -> str:
    session, login, at = reading(), gate.myself(), hub().now()
    row = posts.need_window(session, window)
    held = in_force.read(session, hub())
    running = covers.day_of(held, at)
    found = board.board(session, held, at, day_asked(request.args, running), window)
    decides = covering.may_decide(session, login.person, gate.acting(), row, running)
    if not decides:
        look_into_unit(row.unit, windows_scope())
    may = found.running and decides
    everybody = people.everybody(session)
    return render_template(
        "board/window.html",
        refusal=refusal,
        given=request.form,
        row=row,
        board=found,
        window=next(iter(found.windows), None),
        heads=roles.heads(session, found.date).get(window, []),
        running=running,
        one_day=timedelta(days=1),
        may=may,
        me_id=login.person,
        now_at=at,
        names={each.id: each.name for each in everybody},
        staff=[each for each in everybody if may and not each.posted_to],
        planned=cover_lists.of_window(session, window, covers.bounds(held, running)[1]),
        occasions=[(each, _(word(each))) for each in OCCASIONS],
        standings=[(each, _(word(each))) for each in STANDINGS if each != "registered_b"],
        cover_words=cover_words,
        cover_states=COVER_STATES,
        **WORDS,
    )
