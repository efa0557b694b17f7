"""Duty on paper: the roster of a month, and the log of a day or a month (taigu:duty:2.1), as PDF and .xlsx alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from config import checklist
from config.words import either, say, series
from station.rules.calendar import dates
from station.rules.duty import kind_of
from web.ledger.duty import DutyActRow, DutyCheckRow
from web.ledger.people import PersonRow
from web.services import duty_closing, duty_days, duty_log, people
from web.services.duty_closing import Handover
from web.services.duty_days import DutyDay
from web.services.duty_log import Entry
from web.services.in_force import InForce, last_of
from web.services.patrol_paper import Head, Paper, Section, joined

KINDS = {"working": "工作日", "weekend": "周末", "holiday": "节假日"}
WEEK = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")


@dataclass(frozen=True)
class Day:
    """A day of the log: who led it, what was entered, the closing check by floor, the handover."""

    day: date
    duty: DutyDay
    log: Sequence[Entry]
    checks: Mapping[int | None, DutyCheckRow]
    handover: Handover | None

    def is_empty(self) -> bool:
        """Whether there is nothing to print of it."""
        return not (self.duty.row or self.log or self.checks or self.handover)


def roster(session: Session, held: InForce, first: date, hall: str) -> Paper:
    """The month of `first`, a row a day that is worked or led. Two statements."""
    there = duty_days.between(session, first, last_of(first))
    ids = {each for duty in there.values() for each in duty.everybody()}
    known = {row.id: row for row in session.execute(select(PersonRow).where(PersonRow.id.in_(sorted(ids)))).scalars()}
    days = [day for day in dates(first, last_of(first)) if held.table.is_workday(day) or _leader(there, day)]
    heads = (
        Head(say("日期"), 12), Head(say("星期"), 8), Head(say("日子"), 8), Head(say("值班长"), 14),
        Head(say("手机"), 16), Head(say("备注"), 50),
    )  # fmt: skip
    rows = tuple(_roster_row(held, there.get(day, DutyDay(day)), known) for day in days)
    title = say("{month} 值班表", month=say("{year}年{month}月", year=first.year, month=first.month))
    return Paper(
        title, hall, "", heads, (Section("", rows),), (say("审批：＿＿＿＿＿＿＿＿　　　　日期：＿＿＿＿＿＿"),)
    )


def log(session: Session, held: InForce, first: date, last: date, hall: str) -> Paper:
    """The log from `first` to `last`, a section a day. Six statements."""
    days = _days(session, held, first, last)
    names = people.names_of(session, _ids(days))
    stages = duty_log.stages(held.on(first).policy.duty)
    found = (
        Head(say("序号"), 5), Head(say("时间"), 8), Head(say("事项"), 18), Head(say("地点"), 12),
        Head(say("情况"), 34), *(Head(say(word), 22) for stage, word in stages.items() if stage != "register"),
        Head(say("备注"), 18),
    )  # fmt: skip
    stretch = first.isoformat() if first == last else f"{first.isoformat()} – {last.isoformat()}"
    sections = tuple(_section(held, each, names, stages) for each in days if not each.is_empty())
    return Paper(
        say("值班记录"), hall, say("日期：{day}", day=stretch), found, sections or (Section("", ()),),
        (say("值班长签字：＿＿＿＿＿＿＿＿　　　　接班人签字：＿＿＿＿＿＿＿＿"),),
    )  # fmt: skip


def _days(session: Session, held: InForce, first: date, last: date) -> list[Day]:
    there = duty_days.between(session, first, last)
    entries = duty_log.rows_between(session, first, last)
    handed = duty_closing.rows_between(session, first, last)
    acts = duty_days.acts_on(session, [*(row.id for row in entries), *(row.id for row in handed)])
    checks = duty_closing.checks(session, first, last)
    newest = {each.row.day: each for each in reversed(duty_closing.of(handed, acts))}
    by_day: dict[date, list[Entry]] = {}
    for entry in duty_log.of(entries, acts, held):
        by_day.setdefault(entry.row.day, []).append(entry)
    return [
        Day(day, there.get(day, DutyDay(day)), by_day.get(day, ()), checks.get(day, {}), newest.get(day))
        for day in dates(first, last)
    ]


def _ids(days: Sequence[Day]) -> set[str]:
    found: set[str] = set()
    for each in days:
        found |= each.duty.everybody() | {row.by for row in each.checks.values()}
        found |= {act.by for entry in each.log for act in entry.acts} | {entry.row.by for entry in each.log}
        if each.handover:
            found |= {each.handover.row.by, *([each.handover.act.by] if each.handover.act else [])}
    return found


def _leader(there: Mapping[date, DutyDay], day: date) -> str | None:
    return there[day].leader if day in there else None


def _roster_row(held: InForce, duty: DutyDay, known: Mapping[str, PersonRow]) -> tuple[str, ...]:
    row = known.get(duty.leader or "")
    remarks = [duty.row.reason] if duty.row and duty.row.reason else []
    remarks += [
        say("{name} 代班 {start}–{end}", name=known[each.person or ""].name, start=_clock(each.start, held.zone),
            end=_clock(each.ends, held.zone))
        for each in reversed(duty.stretches) if each.person is not None and each.person in known
    ]  # fmt: skip
    day = duty.day
    return (
        day.isoformat(), say(WEEK[day.weekday()]), say(KINDS[kind_of(day, held.table)]), row.name if row else "",
        (row.phone or "") if row else "", joined(remarks),
    )  # fmt: skip


def _section(held: InForce, each: Day, names: Mapping[str, str], stages: Mapping[str, str]) -> Section:
    leader = names.get(each.duty.leader or "", say("未排"))
    words = say("{day} {weekday}　值班长：{name}", day=each.day.isoformat(), weekday=say(WEEK[each.day.weekday()]),
                name=leader)  # fmt: skip
    rows = tuple(_row(number, held, entry, names, stages) for number, entry in enumerate(each.log, start=1))
    return Section(words, rows, (_closing(each, names, held.zone), _handed(each, names, held.zone)))


def _row(
    number: int, held: InForce, entry: Entry, names: Mapping[str, str], stages: Mapping[str, str]
) -> tuple[str, ...]:
    row = entry.row
    remarks = [*([say("重大情况")] if row.urgent else []), *([say("补记")] if entry.late else [])]
    seen = entry.act("seen")
    remarks += [say("签收：{name}", name=_signed(seen, names, held.zone))] if seen else []
    task = duty_log.tasks(held.on(row.day).policy.duty).get(row.task, row.task)
    return (
        str(number), _clock(row.happened, held.zone), say(task), row.place,
        joined([row.text, names.get(row.by, "—")]),
        *(_stage(entry, stage, names, held.zone) for stage in stages if stage != "register"), joined(remarks),
    )  # fmt: skip


def _stage(entry: Entry, stage: str, names: Mapping[str, str], zone: ZoneInfo) -> str:
    done = [act for act in entry.acts if act.act == stage]
    return joined([_did(act, names, zone) for act in done])


def _did(act: DutyActRow, names: Mapping[str, str], zone: ZoneInfo) -> str:
    told = say("向{who}", who=act.told) if act.told else ""
    return " ".join(filter(None, (told, act.note, _signed(act, names, zone))))


def _signed(act: DutyActRow, names: Mapping[str, str], zone: ZoneInfo) -> str:
    return f"{names.get(act.by, '—')} {act.at.astimezone(zone):%m-%d %H:%M}"


def _closing(each: Day, names: Mapping[str, str], zone: ZoneInfo) -> str:
    if not each.checks:
        return say("下班检查：没有登记")
    floors = sorted(each.checks.items(), key=lambda pair: (pair[0] is None, pair[0] or 0))
    return say("下班检查：{floors}", floors=joined([_floor(floor, row, names, zone) for floor, row in floors]))


def _floor(floor: int | None, row: DutyCheckRow, names: Mapping[str, str], zone: ZoneInfo) -> str:
    where = say("全厅") if floor is None else say("{n} 楼", n=floor)
    found = series(fault_words(each) for each in row.faults.split()) or say("正常")
    told = " ".join(filter(None, (where, found, row.note)))
    return say("{name}（{more}）", name=told, more=f"{names.get(row.by, '—')} {_clock(row.at, zone)}")


def fault_words(item: str) -> str:
    """A fault of the closing check as people read it."""
    if item == duty_closing.GUARDS:
        return say("没有督促保安清查办公设备")
    return either(checklist.item(item))


def _handed(each: Day, names: Mapping[str, str], zone: ZoneInfo) -> str:
    if each.handover is None:
        return say("交接：没有登记")
    act = each.handover.act
    by = f"{names.get(each.handover.row.by, '—')} {each.handover.row.at.astimezone(zone):%m-%d %H:%M}"
    said = say("交接：{text}（{name}）", text=each.handover.row.text, name=by)
    if act is None:
        return said + say("，还没有人接收")
    state = say("，已接收（{name}）") if act.act == "accept" else say("，未接收（{name}）")
    return said + state.format(name=_signed(act, names, zone)) + (say("：") + act.note if act.note else "")


def _clock(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}" if at else ""
