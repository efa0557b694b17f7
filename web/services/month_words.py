"""The words of the month's sheet, one for page, Excel and PDF."""

from collections.abc import Iterator
from datetime import date

from config.clauses import cite
from config.policy_words import word
from config.words import say, series
from station.facts import Json
from station.requesting import SIDES
from station.rules.correction import CLAUSES
from station.rules.explain import SESSIONS
from web.services.months import leave_total, shown

WEEKDAYS = ("一", "二", "三", "四", "五", "六", "日")  # over a column as wide as a mark
TURNS = {"join": "入驻", "leave": "调离", "in": "调入", "out": "调出"}
TURN_CLAUSES = ("shanxi:attendance:4", "wanzhou:attendance:1")  # changes of staff are filed; whose sheet: assumed
ASSUMED = ("assumed",)
UNDECIDED = "provisional"
TOLD_BY_MINUTES = frozenset(("late", "early", "late_and_early"))


def heads(absent: str) -> list[str]:
    """What stands above a person's totals: days that add up to those due, then counts."""
    return [
        say("应出勤"), say("出勤"), say("请假"), say(absent), say("缺卡"), say("故障"), say("待定"), say("迟到次"),
        say("早退次"), say("未提前"), say("休息日"), say("折算"),
    ]  # fmt: skip


def values(totals: Json) -> list[str]:
    """A person's totals, in the order of `heads`."""
    return [
        *(shown(days) for days in (totals["due"], totals["present"], leave_total(totals), totals["absent"])),
        *(shown(totals[name]) for name in ("missing_days", "outage", "provisional")),
        *(str(totals[name]) for name in ("late", "early", "unready", "rest_day_sessions")),
        shown(totals["accumulated"]),
    ]


def absent_word(sheet: Json) -> str:
    """What this sheet calls an absence."""
    keys = {key for key, _ in sheet["legend"]}
    return "旷工" if "absent" in keys else "缺勤"


def key_word(key: str, absent: str) -> str:
    """A mark's key in words."""
    return say(absent) if key in ("absent", "not_there") else say(word(key))


def legend_words(sheet: Json) -> list[tuple[str, str]]:
    """Mark and word, in the legend's order."""
    absent = absent_word(sheet)
    return [(mark, key_word(key, absent)) for key, mark in sheet["legend"]]


def session_word(name: str) -> str:
    """上午, 下午."""
    return say(SESSIONS.get(name, name))


def session_words(sheet: Json) -> list[str]:
    """The words beside a person's rows."""
    count = max((len(one["keys"]) for one in sheet["people"]), default=2)
    return [say("上午"), say("下午")] if count == 2 else [say("第 {n} 段", n=number + 1) for number in range(count)]


def weekday(day: Json) -> str:
    """The weekday in a narrow column: 一, Mo."""
    return say(WEEKDAYS[day["weekday"] - 1])


def title(sheet: Json) -> str:
    """What stands above the sheet."""
    year, month = sheet["month"].split("-")
    return say("{hall}工作人员考勤月表　{year} 年 {month} 月", hall=sheet["hall"], year=year, month=int(month))


def exception_lines(sheet: Json, *, undecided: bool = True) -> Iterator[tuple[str, str, str, str, str]]:
    """The annex: name, day, session, what it is, and by which clauses.

    Who came and went first, then what leave the month adds up to by kind, corrections last. `undecided`: with what
    still waits for a decision.
    """
    absent = absent_word(sheet)
    for one in sheet["people"]:
        for each in turn_lines(one):
            yield one["name"], *each
    for one in sheet["people"]:
        if one["totals"]["leave"]:
            yield one["name"], "", "", leave_words(one["totals"]), ""
    for each in sheet["exceptions"]:
        if each["key"] == UNDECIDED and not undecided:
            continue
        yield *_whose(each), _told(each, absent), clause_words(each["clauses"])
    for each in sheet.get("corrections", ()):
        yield *_whose(each), correction_words(each), clause_words(list(CLAUSES))


def turn_words(one: Json) -> list[str]:
    """Beside somebody's name: when they came and went within the month, the first and the last day with the unit."""
    return [f"{say(TURNS[each['what']])} {each['day'][5:]}" for each in one.get("turns", ())]


def turn_lines(one: Json) -> Iterator[tuple[str, str, str, str]]:
    """The same for the annex: day, no session, what it was, by which clauses; then where lates and earlies count."""
    for each in one.get("turns", ()):
        yield _day_words(each["day"]), "", _turned(each), clause_words(list(TURN_CLAUSES))
    if one.get("counted_elsewhere"):
        told = say("迟到、早退累计含本月在其他单位的 {n} 次", n=one["counted_elsewhere"])
        yield "", "", told, clause_words(list(ASSUMED))
    if one.get("counted_by"):
        told = say("迟到、早退累计并入{unit}的月表", unit=one["counted_by"])
        yield "", "", told, clause_words(list(ASSUMED))


def _turned(each: Json) -> str:
    if each["what"] == "in":
        return say("由{unit}调入，这一天起在本单位", unit=each["unit"])
    if each["what"] == "out":
        return say("调往{unit}，这一天止在本单位", unit=each["unit"])
    return say("入驻第一天") if each["what"] == "join" else say("调离，最后一天")


def _day_words(text: str) -> str:
    day = date.fromisoformat(text)
    return say("{month} 月 {day} 日", month=day.month, day=day.day)


def _whose(each: Json) -> tuple[str, str, str]:
    return each["name"], _day_words(each["day"]), session_word(each["session"])


def correction_words(each: Json) -> str:
    """What a correction made good, who asked and who approved it, and why."""
    told = say(
        "更正：{side} {at}，{by}申请（{reason}），{approver}批准", side=say(SIDES.get(str(each["side"]), "")),
        at=each["at"], by=each["by"], reason=each["reason"], approver=each["approver"],
    )  # fmt: skip
    return say("{name}（{more}）", name=told, more=each["why"]) if each["why"] else told


def leave_words(totals: Json) -> str:
    """All leave of a person's totals by its kind, in days."""
    kinds = series(
        say("{kind} {days} 天", kind=say(word(kind)), days=shown(days)) for kind, days in totals["leave"].items()
    )
    return say("请假合计：{kinds}", kinds=kinds)


def clause_words(clauses: list[str]) -> str:
    """Clauses as people name them."""
    return series(cite(clause) for clause in clauses)


def _told(each: Json, absent: str) -> str:
    parts = [] if each["key"] in TOLD_BY_MINUTES else [key_word(each["key"], absent)]
    if each["late"]:
        parts.append(say("迟到 {n} 分钟", n=each["late"]))
    if each["early"]:
        parts.append(say("早退 {n} 分钟", n=each["early"]))
    if each["in"] or each["out"]:
        parts.append(say("上班 {came}，下班 {left}", came=each["in"] or "—", left=each["out"] or "—"))
    return say("；").join(parts)
