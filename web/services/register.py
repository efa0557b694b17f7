"""The patrol register (台账): time, place, situation, problems, officers of everything seen (wanzhou:patrol:6).

A line a fact, newest first: checks, what was added to them, and findings seen outside a check. Read only.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, exists, false, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from config.words import say, series
from web.ledger.patrol import CheckpointRow, CheckRow, FindingRow, RoundRow
from web.ledger.posts import WindowRow
from web.services import draws, patrol_lines, rounds
from web.services.errors import BadInput
from web.services.hub import Hub
from web.services.in_force import InForce
from web.services.patrol_lines import Around, Line
from web.services.patrol_paper import Head, Paper, Section, joined
from web.services.scopes import PatrolScope

LONGEST = 366  # days at once
MOST = 5000  # lines on a paper
NO_FLOOR = "-"
EVERYTHING = PatrolScope(hall=True)  # of lines that the question has narrowed already


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for, both days inclusive; what is empty asks for nothing. `floor`: a number, or NO_FLOOR.

    `kind`: a slot as 0930, or a kind of round; `window`: its number; `found`: only what has problems.
    """

    first: date
    last: date
    floor: str = ""
    window: str = ""
    unit: str = ""
    kind: str = ""
    found: bool = False


@dataclass(frozen=True, slots=True)
class Register:
    """A stretch of the register. `total`: how many lines there are in all; `kinds`: round → what it is called."""

    asked: Asked
    lines: tuple[Line, ...]
    total: int
    kinds: dict[str, str]

    def kind(self, line: Line) -> str:
        """What the line's round is called."""
        return self.kinds.get(line.round.id, "") if line.round else ""


def read(session: Session, held: InForce, asked: Asked, scope: PatrolScope, first: int, most: int) -> Register:
    """Lines, newest first, from the `first`-th on; eight questions. BadInput for days that make no stretch."""
    if asked.last < asked.first:
        raise BadInput(say("结束日期早于开始日期"), remedy=say("请改正后再查"))
    if (asked.last - asked.first).days >= LONGEST:
        raise BadInput(say("一次最多查 {n} 天", n=LONGEST), remedy=say("请缩短日期"))
    query, at, fact = _entries(asked, scope, held.zone)
    total = session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    facts = session.execute(query.order_by(at.desc(), fact.desc()).offset(first).limit(most)).scalars().all()
    lines = _lines(session, held, facts)
    walked = {line.round.id: line.round for line in lines if line.round}
    kinds = {
        key: rounds.kind_words(held.on(one.opened.astimezone(held.zone).date()).policy, one, held.table)
        for key, one in walked.items()
    }
    return Register(asked, tuple(lines), total, kinds)


def paper(session: Session, hub: Hub, held: InForce, asked: Asked, scope: PatrolScope) -> Paper:
    """The register as it is printed and filed, the oldest line first. BadInput for more lines than a paper takes."""
    found = read(session, held, asked, scope, 0, MOST)
    if found.total > MOST:
        words = say("共 {n} 行，一张表最多 {most} 行", n=found.total, most=MOST)
        raise BadInput(words, remedy=say("请缩短日期或加筛选"))
    rows = tuple(_cells(number, line, found) for number, line in enumerate(reversed(found.lines), start=1))
    days = say("{first} 至 {last}", first=asked.first.isoformat(), last=asked.last.isoformat())
    foot = (*draw_words(session, asked), say("审核人签字：＿＿＿＿＿＿＿＿　　　　日期：＿＿＿＿＿＿＿＿"))
    return Paper(say("政务服务大厅巡查台账"), hub.hall.name, days, _heads(), (Section("", rows),), foot)


def draw_words(session: Session, asked: Asked) -> list[str]:
    """A line for each day on which random rounds were drawn: the hash of its seed, and where the audit holds it."""
    return [
        say(
            "{day} 随机巡查抽定摘要（SHA-256）{hash}，审计第 {row} 行", day=day.isoformat(),
            hash=json.loads(line.detail)["sha256"], row=line.row,
        )
        for day, line in sorted(draws.between(session, asked.first, asked.last).items())
    ]  # fmt: skip


def _entries(asked: Asked, scope: PatrolScope, zone: ZoneInfo) -> tuple[Select[Any], Any, Any]:
    """The ids of the facts asked for, and the columns by which they are put in order."""
    start = datetime.combine(asked.first, time(), zone).astimezone(UTC)
    end = datetime.combine(asked.last + timedelta(days=1), time(), zone).astimezone(UTC)
    checks = select(
        CheckRow.id.label("fact"), CheckRow.at, CheckRow.round, CheckRow.checkpoint, literal("").label("about"),
        CheckRow.found,
    ).where(CheckRow.at >= start, CheckRow.at < end)  # fmt: skip
    outside = select(
        FindingRow.fact, FindingRow.at, FindingRow.round, FindingRow.checkpoint, FindingRow.about, literal(1)
    ).where(FindingRow.at >= start, FindingRow.at < end, ~exists().where(CheckRow.id == FindingRow.fact))
    entry = union_all(checks, outside).subquery()
    window = func.coalesce(CheckpointRow.window, entry.c.about)
    query = (
        select(entry.c.fact)
        .outerjoin(CheckpointRow, CheckpointRow.id == entry.c.checkpoint)
        .outerjoin(WindowRow, WindowRow.id == window)
        .where(*_wanted(asked, entry.c), *_seen(scope, entry.c))
    )
    return query, entry.c.at, entry.c.fact


def _wanted(asked: Asked, entry: Any) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.floor:
        floor = func.coalesce(CheckpointRow.floor, WindowRow.floor)
        found.append(floor.is_(None) if asked.floor == NO_FLOOR else floor == int(asked.floor))
    if asked.window:
        found.append(WindowRow.number == asked.window)
    if asked.unit:
        found.append(WindowRow.unit == asked.unit)
    if asked.kind.isdigit():
        found.append(entry.round.endswith(f"/{asked.kind}", autoescape=True))
    elif asked.kind:
        of_kind = or_(RoundRow.kind == asked.kind, RoundRow.inspector == asked.kind)
        found.append(entry.round.in_(select(RoundRow.round).where(RoundRow.way == "opened", of_kind)))
    return [*found, entry.found > 0] if asked.found else found


def _seen(scope: PatrolScope, entry: Any) -> list[ColumnElement[bool]]:
    """The same that `PatrolScope.holds` says of one line, of many."""
    if scope.hall:
        return []
    own = [entry.round.in_(select(RoundRow.round).where(RoundRow.officer == scope.officer))] if scope.officer else []
    unit = [WindowRow.unit == scope.unit] if scope.unit else []
    return [or_(false(), *own, *unit)]


def _lines(session: Session, held: InForce, facts: Sequence[str]) -> list[Line]:
    checks = session.execute(select(CheckRow).where(CheckRow.id.in_(facts))).scalars().all()
    found = session.execute(select(FindingRow).where(FindingRow.fact.in_(facts))).scalars().all()
    named = {row.round for row in checks} | {row.round for row in found if row.round}
    walked = rounds.heads(session, named)
    around = Around(held.zone, patrol_lines.places(session), walked, EVERYTHING)
    order = {fact: place for place, fact in enumerate(facts)}
    return sorted(patrol_lines.lines_of(session, around, checks, found), key=lambda line: order[line.fact])


def _heads() -> tuple[Head, ...]:
    place = ((say("楼层"), 6.0), (say("巡查点"), 14.0), (say("单位"), 16.0))
    return (
        Head(say("序号"), 5), Head(say("时间"), 15), Head(say("地点"), 0, place), Head(say("巡查类别"), 12),
        Head(say("基本情况"), 12), Head(say("有关问题"), 34), Head(say("窗口人员"), 10), Head(say("巡查人员"), 12),
        Head(say("备注"), 24),
    )  # fmt: skip


def _cells(number: int, line: Line, found: Register) -> tuple[str, ...]:
    place = line.place
    floor = "" if place is None or place.row.floor is None else str(place.row.floor)
    return (
        str(number), f"{line.at:%Y-%m-%d %H:%M}", floor, place.row.name if place else "—", place.unit if place else "",
        found.kind(line), situation(line), joined(line.problems()), series(line.persons), series(line.officers),
        joined(line.remarks()),
    )  # fmt: skip


def situation(line: Line) -> str:
    """What the visit came to, in a word."""
    if line.findings:
        return say("{n} 个问题", n=len(line.findings))
    return say("无异常") if line.fine else say("补充")
