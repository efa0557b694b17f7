"""Sign-in sheets on paper (taigu:attendance:1): a day's list to be filed, and a blank sheet to be signed by hand."""

from collections.abc import Iterable, Sequence
from datetime import date

from config.clauses import citations
from config.words import say
from station.requesting import SIDES
from station.rules import correction as law
from station.rules.explain import SESSIONS
from station.rules.hours import Day
from web.ledger.people import PersonRow
from web.services.patrol_paper import Head, Paper, Section
from web.services.sign_in_sheets import HOWS, Line

ROOM = "\n\n"  # for a pen
SIGNED = "值班长签字：＿＿＿＿＿＿＿＿　　　　日期：＿＿＿＿＿＿"


def of_day(hall: str, day: date, unit: str, lines: Iterable[Line], clauses: Sequence[str]) -> Paper:
    """Everybody who signed in on a day, in the order of time, and on whose word."""
    heads = (
        Head(say("序号"), 5), Head(say("姓名"), 12), Head(say("单位"), 24), Head(say("窗口"), 8),
        Head(say("时间"), 14), Head(say("方式"), 16), Head(say("见证人"), 16), Head(say("地点"), 18),
    )  # fmt: skip
    rows = tuple((str(number), *_cells(line)) for number, line in enumerate(lines, start=1))
    about = say("日期：{day}", day=day.isoformat()) + (say("　单位：{unit}", unit=unit) if unit else "")
    return Paper(say("签到表"), hall, about, heads, (Section("", rows),), (_by(clauses), say(SIGNED)))


def blank(hall: str, day: date, unit: str, of_hours: Day, staff: Sequence[PersonRow],
          clauses: Sequence[str]) -> Paper:  # fmt: skip
    """A sheet to be signed by hand: everybody of the unit, a place for the time and the name at each press."""
    places = [(span.name, side) for span in of_hours.spans for side in law.SIDES]
    under = ((say("时间"), 8.0), (say("签名"), 12.0))
    heads = (
        Head(say("姓名"), 12), Head(say("窗口"), 7),
        *(Head(f"{say(SESSIONS.get(name, name))}{say(SIDES[side])}", 0, under) for name, side in places),
        Head(say("见证人"), 12),
    )  # fmt: skip
    empty = (*("",) * (2 * len(places)), ROOM)
    rows = tuple((row.name, row.window or "", *empty) for row in staff)
    about = say("日期：{day}", day=day.isoformat()) + say("　单位：{unit}", unit=unit or "—")
    return Paper(say("签到表"), hall, about, heads, (Section("", rows),), (_by(clauses), say(SIGNED)))


def _cells(line: Line) -> tuple[str, ...]:
    at = line.at.strftime("%H:%M") if line.at else say("按准时计")
    when = f"{at} {say(SIDES[line.way])}" if line.way else at
    how = say(HOWS.get(line.how, line.how)) + (say("（待审批）") if line.pending else "")
    vouched = say("{name}录入", name=line.vouched) if line.how == "paper" else line.vouched
    return line.person.name, line.person.unit, line.person.window or "", when, how, vouched, line.where


def _by(clauses: Sequence[str]) -> str:
    return say("签到代替打卡的依据：{clauses}", clauses=citations(clauses))
