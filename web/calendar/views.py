"""The day table: a year at a glance, edits with their preview, and the yearly confirmation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config.errors import Refused
from station.rules.calendar import DayTable, state_council
from web.auth import gate
from web.door import hub, reading, writing
from web.services import attendance, calendars, in_force, month_words
from web.services.calendars import MonthCount
from web.services.errors import BadInput
from web.services.in_force import InForce
from web.words import _

bp = Blueprint("calendar", __name__, url_prefix="/calendar")
KEEPERS = ("admin", "supervision")
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the year's table. `differs`: another word than the week's."""

    day: date
    worked: bool
    differs: bool
    today: bool


@dataclass(frozen=True, slots=True)
class MonthTable:
    """A month: its weeks from Monday, empty cells None, and how many days are worked."""

    month: int
    weeks: list[list[Cell | None]]
    worked: int


@dataclass(frozen=True, slots=True)
class Preview:
    """An edit before it is saved: which days change, and each touched month's working days before and after."""

    days: list[date]
    months: list[MonthCount]


@bp.get("")
def page() -> str:
    """A year of the table."""
    held = in_force.read(reading(), hub())
    return _page(held, _year(request.args.get("year", ""), held), {}, None, None)


@bp.post("")
def edit() -> str | Response | tuple[str, int]:
    """Preview what was written; save it when it was previewed as it is."""
    by = gate.require(*KEEPERS).person
    given, held = dict(request.form), in_force.read(reading(), hub())
    year = _year(given.get("year", ""), held)
    try:
        words = calendars.read_lines(given.get("lines", ""))
        reason = given.get("reason", "").strip()
        if not 0 < len(reason) <= LONGEST_REASON:
            raise BadInput(_("请写明依据，不超过 %(n)s 个字", n=LONGEST_REASON), remedy=_("例如放假通知的名称和日期"))
        if given.get("act") == "save" and given.get("previewed", "").split() == given["lines"].split():
            with writing() as session:
                calendars.edit(session, in_force.read(session, hub()), words, by, hub().now(), reason)
            flash(_("节假日表已更新，共 %(n)s 天", n=len(words)))
            return redirect(url_for("calendar.page", year=min(words).year))
        after = calendars.changed(held.table, words)
        week = held.law(min(words), "window").week
        days = calendars.differing(held.table, after, week)
        months = calendars.preview(held.table, after, (day.year for day in words), week)
        return _page(held, year, given, Preview(days, months), None)
    except Refused as refusal:
        return _page(held, year, given, None, refusal), 400


@bp.post("/confirm")
def confirm() -> Response:
    """The hall compared a year's list with the State Council's notice."""
    by = gate.require(*KEEPERS).person
    year = _year(request.form.get("year", ""), None)
    with writing() as session:
        calendars.confirm(session, in_force.read(session, hub()), year, by, hub().now())
    flash(_("%(year)s 年的安排已确认", year=year))
    return redirect(url_for("calendar.page", year=year))


def _page(held: InForce, year: int, given: Mapping[str, str], preview: Preview | None, refusal: Refused | None) -> str:
    today = attendance.today_of(held, hub().now())
    return render_template(
        "calendar/page.html",
        year=year,
        months=[_month(held, year, month, today) for month in range(1, 13)],
        known=year in held.table.known,
        confirmed=calendars.confirmed_by(reading(), held.schedule, year),
        listed_days=any(day.year == year for day in held.table.holidays),
        missing_year=calendars.missing_year(held, today),
        versions=calendars.listed(reading()),
        given=given,
        preview=preview,
        refusal=refusal,
        faults=getattr(refusal, "faults", []),
        keeper=not gate.myself().roles.isdisjoint(KEEPERS),
        shipped=_shipped(held.table, year),
        cycle=month_words.WEEKDAYS,
    )


def _month(held: InForce, year: int, month: int, today: date) -> MonthTable:
    first = date(year, month, 1)
    last, week = in_force.last_of(first), held.law(first, "window").week
    cells: list[Cell | None] = [None] * first.weekday()
    day = first
    while day <= last:
        worked = held.table.is_workday(day, week)
        cells.append(Cell(day, worked, worked != (day.isoweekday() in week), day == today))
        day += timedelta(days=1)
    cells += [None] * (-len(cells) % 7)
    worked_days = sum(cell.worked for cell in cells if cell is not None)
    return MonthTable(month, [cells[at : at + 7] for at in range(0, len(cells), 7)], worked_days)


def _shipped(table: DayTable, year: int) -> str:
    """Lines of the program's own schedule for a year that the hall's table does not know yet, where it has one."""
    own = state_council()
    if year not in own.known or year in table.known:
        return ""
    words = dict.fromkeys(own.holidays, "休") | dict.fromkeys(own.workdays, "班")
    return "\n".join(f"{day} {word}" for day, word in sorted(words.items()) if day.year == year)


def _year(text: str, held: InForce | None) -> int:
    if not text and held is not None:
        return attendance.today_of(held, hub().now()).year
    if not (text.isascii() and text.isdigit() and len(text) == 4 and int(text) in calendars.YEARS):
        raise BadInput(_("年份要写成 2026 这样"), remedy=_("请改正后再试"))
    return int(text)
