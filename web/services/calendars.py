"""The hall's day table: seeded from the State Council's schedules, edited line by line, confirmed once a year.

No document names the make-up workdays, so the hall confirms each year's list (assumed); until a year is known nobody is
judged absent in it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.errors import BadFile
from config.words import say
from station.facts import Json
from station.rules.calendar import WEEK, DayTable, dates, state_council
from web.ledger.calendars import CalendarRow
from web.ledger.people import PersonRow
from web.services import audit, in_force
from web.services.errors import BadInput
from web.services.in_force import InForce, Schedule

Confirmed = Mapping[int, tuple[str, str | None]]
Word = Literal["off", "on", "week"]  # off, worked, as the week says
WORDS: Mapping[str, Word] = {"休": "off", "班": "on", "常": "week"}
LINE = re.compile(r"(\d{4}-\d\d-\d\d)(?:\s*(?:至|到|~|～|—)\s*(\d{4}-\d\d-\d\d))?\s*[,，:：]?\s*(\S+)?")
MOST_DAYS = 370
ASK_FROM_MONTH = 11  # from the first of November on the next year's schedule is asked for
YEARS = range(2000, 2101)


@dataclass(frozen=True, slots=True)
class MonthCount:
    """Working days of a month, before and after a change."""

    year: int
    month: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class TableVersion:
    """A version of the day table in the list."""

    row: int
    made: datetime
    maker: str
    reason: str


def begin(session: Session, now: datetime) -> None:
    """Write down the State Council's schedules, where the ledger has no day table yet."""
    if session.execute(select(CalendarRow.row).limit(1)).first() is None:
        _add(session, state_council(), {}, None, now, "", "calendar.begin", {})


def read_lines(text: str) -> dict[date, Word]:
    """Days with their new word, from lines like "2027-02-05 至 2027-02-11 休". BadFile names every faulty line."""
    found: dict[date, Word] = {}
    faults: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                for day, word in _line(line.strip()):
                    if found.get(day, word) != word:
                        raise ValueError(say("{day} 写了两种说法", day=day))
                    found[day] = word
            except ValueError as error:
                faults.append(say("第 {number} 行：{reason}", number=number, reason=error))
    if not found and not faults:
        faults = [say("没有写任何日期")]
    if faults:
        raise BadFile(say("节假日表"), faults)
    return found


def changed(table: DayTable, words: Mapping[date, Word]) -> DayTable:
    """The table with these words in place of its own."""
    off = {day for day, word in words.items() if word == "off"}
    on = {day for day, word in words.items() if word == "on"}
    return DayTable((table.holidays - words.keys()) | off, (table.workdays - words.keys()) | on, table.known)


def differing(before: DayTable, after: DayTable, week: Iterable[int] = WEEK) -> list[date]:
    """Days that are worked under one table and off under the other."""
    days = before.holidays ^ after.holidays | before.workdays ^ after.workdays
    return sorted(day for day in days if before.is_workday(day, week) != after.is_workday(day, week))


def preview(before: DayTable, after: DayTable, years: Iterable[int], week: Iterable[int] = WEEK) -> list[MonthCount]:
    """Working days of every month of these years under both tables."""
    counts = []
    for year in sorted(set(years)):
        for month in range(1, 13):
            first = date(year, month, 1)
            days = list(dates(first, in_force.last_of(first)))
            counts.append(MonthCount(year, month, *(sum(table.is_workday(day, week) for day in days)
                                                    for table in (before, after))))  # fmt: skip
    return counts


def edit(session: Session, held: InForce, words: Mapping[date, Word], by: str, now: datetime, reason: str) -> None:
    """Add a table with these words. BadInput when it would say the same as before."""
    begin(session, now)
    table = changed(held.table, words)
    if (table.holidays, table.workdays) == (held.table.holidays, held.table.workdays):
        raise BadInput(say("这些日期本来就是这样定的"), remedy=say("没有需要保存的改动"))
    told = {day.isoformat(): [_said(held.table, day), word] for day, word in sorted(words.items())}
    detail: Json = {"days": told, "reason": reason}
    _add(session, table, held.schedule.confirmed, by, now, reason, "calendar.edit", detail)


def confirm(session: Session, held: InForce, year: int, by: str, now: datetime) -> None:
    """The hall confirms a year's list: the year is known from now on. BadInput when there is no list to confirm."""
    if year not in YEARS:
        raise BadInput(say("没有 {year} 年", year=year))
    if year not in held.table.known and not any(day.year == year for day in held.table.holidays):
        raise BadInput(say("还没有录入 {year} 年的节假日", year=year), remedy=say("请先录入并预览，再确认"))
    begin(session, now)
    day = now.astimezone(held.zone).date().isoformat()
    before = held.schedule.confirmed.get(year)
    said = {**held.schedule.confirmed, year: (day, by)}
    table = held.table._replace(known=held.table.known | {year})
    _add(session, table, said, by, now, "", "calendar.confirm",
         {"year": year, "confirmed": [before and before[0], day]})  # fmt: skip


def missing_year(held: InForce, today: date) -> int | None:
    """The year whose schedule has to be found out: this one, or from November on the next; None when known."""
    years = [today.year] + [today.year + 1] * (today.month >= ASK_FROM_MONTH)
    return next((year for year in years if year not in held.table.known), None)


def listed(session: Session) -> list[TableVersion]:
    """Every version, newest first."""
    query = (
        select(CalendarRow.row, CalendarRow.made, PersonRow.name, CalendarRow.reason)
        .outerjoin(PersonRow, PersonRow.id == CalendarRow.by)
        .order_by(CalendarRow.row.desc())
        .limit(20)
    )
    return [TableVersion(row, made, name or "", reason) for row, made, name, reason in session.execute(query)]


def confirmed_by(session: Session, schedule: Schedule, year: int) -> tuple[str, str] | None:
    """The day on which a year was confirmed, and by whom; None when it was not."""
    if year not in schedule.confirmed:
        return None
    day, by = schedule.confirmed[year]
    name = session.execute(select(PersonRow.name).where(PersonRow.id == by)).scalar()
    return day, name or ""


def _said(table: DayTable, day: date) -> Word:
    return "off" if day in table.holidays else "on" if day in table.workdays else "week"


def _line(line: str) -> Sequence[tuple[date, Word]]:
    found = LINE.match(line)
    if found is None or not found[3]:
        raise ValueError(say("要写成 2027-01-01 休，或 2027-02-05 至 2027-02-11 休"))
    first, last, said = found.groups()
    if said[0] not in WORDS:
        raise ValueError(say("{word} 不是 休、班、常 之一", word=said[:10]))
    begins, ends = _day(first), _day(last or first)
    if not 0 <= (ends - begins).days < MOST_DAYS:
        raise ValueError(say("{first} 到 {last} 不是一段合理的日期", first=begins, last=ends))
    return [(day, WORDS[said[0]]) for day in dates(begins, ends)]


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(say("没有 {day} 这一天", day=text)) from error
    if day.year not in YEARS:
        raise ValueError(say("{day} 不在 2000 到 2100 年之间", day=text))
    return day


def _add(session: Session, table: DayTable, confirmed: Confirmed, by: str | None, now: datetime,
         reason: str, act: str, detail: Json) -> None:  # fmt: skip
    text = in_force.text_of(
        {
            "holidays": in_force.days_text(table.holidays),
            "workdays": in_force.days_text(table.workdays),
            "known": sorted(table.known),
            "confirmed": {str(year): list(said) for year, said in confirmed.items()},
        }
    )
    row = CalendarRow(data=text, digest=in_force.digest_of(text), reason=reason, made=now, by=by)
    session.add(row)
    session.flush()
    audit.note(session, now, by, act, str(row.row), detail)
