"""The patrol register's page and its papers."""

from datetime import date, timedelta

from flask import render_template, request
from werkzeug.wrappers import Response

from config.errors import Refused
from web.auth.scope import patrol_scope
from web.door import hub, reading
from web.download import attached
from web.patrol.room import bp, floor_words, held, today
from web.people.forms import day_of
from web.refusals import status_of
from web.services import register
from web.services.errors import BadInput
from web.services.patrol_paper import as_pdf, as_xlsx
from web.services.posts import FLOORS
from web.services.register import NO_FLOOR, Asked, Register
from web.words import _

LINES = 100  # a page
WEEK = timedelta(days=6)


@bp.get("/register")
def register_page() -> str | tuple[str, int]:
    """A page of the register; the last seven days unless others are asked for."""
    scope, day = patrol_scope(), today().date
    asked, refusal = Asked(day - WEEK, day), None
    number = max(1, min(request.args.get("page", 1, type=int), 100_000))
    try:
        asked = _asked()
        found = register.read(reading(), held(), asked, scope, (number - 1) * LINES, LINES)
    except BadInput as bad:
        refusal, found = bad, Register(asked, (), 0, {})
    return _page(found, number, refusal)


@bp.get("/register.pdf")
def register_form() -> Response:
    """The lines asked for, to be printed."""
    return _file(as_pdf(register.paper(reading(), hub(), held(), _asked(), patrol_scope())), "pdf")


@bp.get("/register.xlsx")
def register_sheet() -> Response:
    """The lines asked for, for WPS and Excel."""
    return _file(as_xlsx(register.paper(reading(), hub(), held(), _asked(), patrol_scope())), "xlsx")


def kinds_of_rounds() -> dict[str, str]:
    """What a round may be asked for by: the policy's slots and kinds."""
    rules = today().policy.patrol
    slots = {f"{row.at // 60:02}{row.at % 60:02}": _(row.name) for row in rules.rounds}
    return {"": _("全部"), **slots, **{row.kind: _(row.name) for row in rules.kinds}}


def _page(found: Register, number: int, refusal: Refused | None) -> str | tuple[str, int]:
    pages = max(1, -(-found.total // LINES))
    page = render_template(
        "patrol/register.html", refusal=refusal, found=found, page=number, pages=pages, args=_args(found.asked),
        day=today().date, first=(number - 1) * LINES, kinds=kinds_of_rounds(), situation=register.situation,
        floors={"": _("全部")} | {str(each): floor_words(each) for each in today().policy.patrol.floors},
        draws=register.draw_words(reading(), found.asked) if not refusal else (), typed=request.args,
        clauses=("wanzhou:patrol:6",),
    )  # fmt: skip
    return (page, status_of(refusal)) if refusal else page


def _asked() -> Asked:
    given, day = request.args, today().date
    last = day_of(given.get("last", ""), day)
    first = day_of(given.get("first", ""), last - WEEK)
    if not {first.year, last.year} <= set(range(2000, 2100)):
        raise BadInput(_("只能查 2000 到 2099 年"), remedy=_("请改正后再查"))
    return Asked(
        first, last, _floor(given.get("floor", "")), given.get("window", "").strip()[:20],
        given.get("unit", "").strip()[:100], given.get("kind", "").strip()[:36], given.get("found") == "1",
    )  # fmt: skip


def _floor(text: str) -> str:
    if text in ("", NO_FLOOR):
        return text
    try:
        number = int(text)
    except ValueError:
        number = FLOORS.stop
    if number not in FLOORS:
        raise BadInput(_("楼层须在 -3 到 99 之间"), remedy=_("请改正后再查"))
    return str(number)


def _args(asked: Asked) -> dict[str, str]:
    found = {
        "first": asked.first.isoformat(), "last": asked.last.isoformat(), "floor": asked.floor,
        "window": asked.window, "unit": asked.unit, "kind": asked.kind, "found": "1" if asked.found else "",
    }  # fmt: skip
    return {key: value for key, value in found.items() if value}


def _file(content: bytes, ending: str) -> Response:
    return attached(content, f"patrol-register-{date.isoformat(_asked().first)}.{ending}")
