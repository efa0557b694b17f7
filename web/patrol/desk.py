"""The desk's pages of a day: the board of floors and rounds, and the record in the form's own order."""

from datetime import date, timedelta

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web.auth.gate import myself
from web.auth.scope import need_patrol, patrol_scope
from web.door import hub, reading
from web.download import attached
from web.live.watcher import facts_held
from web.patrol.room import STATE_WORDS, bp, floor_words, held, zone
from web.services import patrol_lines, record_paper
from web.services.patrol_day import PatrolDay, patrol_day
from web.services.patrol_record import record

# A floor's cell in a round: tone, sign, words. Where a number belongs, the words take it.
CELLS = {
    "not_yet": ("grey", "late", "未到时间"),
    "waiting": ("blue", "note", "待巡查"),
    "alert": ("amber", "warn", "尚未开始"),
    "missed": ("red", "bad", "逾时未巡"),
    "under_way": ("blue", "late", "%(visited)s/%(of)s"),
    "unvisited": ("red", "warn", "未巡 %(left)s 处"),
    "found": ("amber", "warn", "%(found)s 个问题"),
    "done": ("green", "ok", "无异常"),
}
ONE_DAY = timedelta(days=1)


@bp.get("/day")
def running_day() -> Response:
    """The running day's board."""
    need_patrol()
    return redirect(url_for("patrol.day_page", day=_today().isoformat()))


@bp.get("/day/<day>")
def day_page(day: str) -> str:
    """The board of a day."""
    need_patrol()
    return render_template("patrol/day.html", facts=facts_held(reading()), **_board(day_of(day)))


@bp.get("/day/<day>/now")
def day_now(day: str) -> str:
    """The part of it that changes, for the page that is open."""
    need_patrol()
    return render_template("patrol/day_now.html", **_board(day_of(day)))


@bp.get("/record/<day>")
def record_page(day: str) -> str:
    """The record of a day; `round`: of one round alone."""
    asked, only, scope = day_of(day), request.args.get("round", ""), patrol_scope()
    parts = record(reading(), held(), asked, hub().now(), scope, only, pictures=True)
    return render_template(
        "patrol/record.html", parts=parts, day=asked, only=only, one_day=ONE_DAY, running=_today(), zone=zone(),
        columns=patrol_lines.COLUMNS, states=STATE_WORDS, may_board=bool(scope.hall or scope.officer),
        clauses=held().on(asked).policy.patrol.clauses("columns"),
    )  # fmt: skip


@bp.get("/record/<day>/form.pdf")
def record_form(day: str) -> Response:
    """The official record form, to be signed and filed."""
    parts = record(reading(), held(), day_of(day), hub().now(), patrol_scope(), request.args.get("round", ""))
    return _file(record_paper.form_pdf(hub().hall.name, day_of(day), parts, zone()), day_of(day), "pdf")


@bp.get("/record/<day>/form.xlsx")
def record_sheet(day: str) -> Response:
    """The same for WPS and Excel."""
    parts = record(reading(), held(), day_of(day), hub().now(), patrol_scope(), request.args.get("round", ""))
    return _file(record_paper.form_xlsx(hub().hall.name, day_of(day), parts, zone()), day_of(day), "xlsx")


@bp.app_template_global()
def column_heads() -> dict[str, str]:
    """The record form's columns of problems, in their order."""
    return {key: patrol_lines.column_words(key) for key in patrol_lines.COLUMNS}


@bp.app_template_global()
def patrol_cells() -> dict[str, tuple[str, str, str]]:
    """How a cell of the board is painted."""
    return CELLS


@bp.app_template_global()
def floor_name(floor: int | None) -> str:
    """一楼, 地下一楼, 其他."""
    return floor_words(floor)


def day_of(text: str) -> date:
    """The day in the address; there is no page for what is no day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        abort(404)


def _board(day: date) -> dict[str, object]:
    board: PatrolDay = patrol_day(reading(), held(), day, hub().now())
    return {
        "board": board, "day": day, "one_day": ONE_DAY, "running": _today(), "zone": zone(), "states": STATE_WORDS,
        "desk": bool(myself().roles & {"admin", "supervision"}),
    }  # fmt: skip


def _today() -> date:
    return hub().now().astimezone(zone()).date()


def _file(content: bytes, day: date, ending: str) -> Response:
    return attached(content, f"patrol-record-{day.isoformat()}.{ending}")
