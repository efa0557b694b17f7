"""Pages of attendance: a day of everybody, a month of one person."""

from collections.abc import Sequence
from datetime import date, timedelta

from flask import Blueprint, render_template, request

from config.policy_words import word
from web.attendance.judging import book_of
from web.attendance.lines import shown_days, total_tiles
from web.attendance.listing import DayList, live_list, verdict_list
from web.attendance.month import day_lines, open_lines, present_word
from web.auth.gate import myself
from web.auth.scope import look_into, scope
from web.door import hub, reading
from web.ledger.people import PersonRow
from web.services import attendance, correction_lists, in_force, people, records, today
from web.services.attendance import Book
from web.services.errors import BadInput
from web.services.in_force import InForce, group_of
from web.services.records import SOURCES, Source
from web.services.scopes import OF_HALL, OF_UNIT
from web.words import _

bp = Blueprint("attendance", __name__, url_prefix="/attendance")
YEARS = range(2000, 2100)


@bp.get("")
def day_page() -> str:
    """Everybody on one day: verdicts of a closed day, presence words while it runs."""
    session, now = reading(), hub().now()
    held = in_force.read(session, hub())
    running = attendance.today_of(held, now)
    day = _day(request.args.get("day", ""), running)
    staff = people.everybody(session, scope())
    unit = request.args.get("unit", "")
    asked = [person for person in staff if not unit or person.unit == unit]
    return render_template(
        "attendance/day.html",
        day=day,
        one_day=timedelta(days=1),
        running=running,
        unit=unit,
        units=sorted({person.unit for person in staff if person.unit}),
        known=held.table.is_known(day),
        worked=held.day(day, "window").worked,
        listing=_listing(held, asked, day, running),
        version=held.on(day),
    )


@bp.get("/people/<person>")
def person_page(person: str) -> str:
    """A person's month, day by day, with the facts behind every session."""
    session, now = reading(), hub().now()
    row = people.get(session, person)
    look_into(row)
    held = in_force.read(session, hub())
    running = attendance.today_of(held, now)
    first = _month(request.args.get("month", ""), running)
    last = in_force.last_of(first)
    since, until = (attendance.opening(held, day) for day in (first, last + timedelta(days=1)))
    book = book_of(held, [row], first, last)
    session = reading()  # working days out may have written them, which ends the reading before it
    found = records.read(session, since, until, [person])
    facts = found.facts.get(person)
    record = records.records_of(session, found, {person: book.stays[person]}, _sources(book, person))[person]
    said = record._replace(posting=today.posting_of(row, held.zone))
    told = correction_lists.told(session, [person], first, last)
    law = book.held.law(last, group_of(row.group))
    totals = book.totals(person)
    return render_template(
        "attendance/person.html",
        person=row,
        first=first,
        running=running,
        before=first - timedelta(days=1),
        after=last + timedelta(days=1) if last < running else None,
        days=day_lines(book.held, row, book.days.get(person, []), facts, record, first, min(last, running), told),
        desk=not myself().roles.isdisjoint(OF_HALL | OF_UNIT),
        tiles=total_tiles(totals, law.absent_word),
        leave=[(kind, shown_days(days)) for kind, days in sorted(totals.leave_days.items())],
        accumulated=totals.accumulated_clauses,
        word=present_word(held, row, said, running, now) if first <= running <= last else None,
        version=book.held.of_month(first.year, first.month),
        known=book.held.table.is_known(first),
        open_=open_lines(row, book.days.get(person, [])) if last < running else [],
    )


def _sources(book: Book, person: str) -> Sequence[Source]:
    """What the reasons are told from: findings only where one may have decided a session."""
    verdicts = (verdict for judged in book.days.get(person, ()) for verdict in judged.verdicts)
    return SOURCES if any(each.verdict == "absent" and each.evidence for each in verdicts) else ()


@bp.app_template_filter("leave_word")
def leave_word(kind: str) -> str:
    """A kind of leave as people read it."""
    return _(word(kind))


def _listing(held: InForce, asked: Sequence[PersonRow], day: date, running: date) -> DayList | None:
    """The day's list; None for a day that has not come."""
    wanted, number = request.args.get("verdict", ""), request.args.get("page", "1")
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    if day > running:
        return None
    if day == running:
        ids = {person.id for person in asked}
        found = today.hall_day(reading(), hub(), held, scope())
        return live_list([one for one in found.people if one.person.id in ids], held.zone, wanted, page)
    told = correction_lists.told(reading(), [person.id for person in asked], day, day)
    return verdict_list(book_of(held, asked, day, day), day, wanted, page, told)


def _day(text: str, running: date) -> date:
    if not text:
        return running
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput(_("日期要写成 2026-03-02 这样"), remedy=_("请改正后再查")) from error
    return _within(day)


def _month(text: str, running: date) -> date:
    """The first day of the month as written, of the running one when nothing is."""
    if not text:
        return running.replace(day=1)
    try:
        first = date.fromisoformat(f"{text.strip()}-01")
    except ValueError as error:
        raise BadInput(_("月份要写成 2026-03 这样"), remedy=_("请改正后再查")) from error
    return _within(first)


def _within(day: date) -> date:
    if day.year not in YEARS:
        raise BadInput(_("只能查 2000 到 2099 年"), remedy=_("请改正后再查"))
    return day
