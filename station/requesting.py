"""Asking at the screen for leave, a cover or a correction: checked here, decided elsewhere.

What was typed is read into a draft; who identifies themselves afterwards signs it, and it becomes a `request` fact
with plain fields: ids, dates, instants (UTC, as in facts) and names of kinds, never words for people but the reason.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from config.errors import Refused
from config.policy_words import VALUE_WORDS
from config.words import say
from station.display import Shown
from station.duty_day import rules_for
from station.facts import Request, instant
from station.going_out import By
from station.journal import Journal, Reader
from station.papers import OpenCover, Papers, Person
from station.rules.hours import Span, moment
from station.taking_over import check_emergency, open_covers

Asks = Literal["leave", "cover", "hand_back", "correction"]
Part = Literal["day", "morning", "afternoon", "times"]
Fields = dict[str, str | int | bool | None]
KINDS = ("personal", "sick", "business", "training", "annual", "statutory", "field_visit", "unit_errand")
SESSIONS = ("morning", "afternoon")
SIDES = {"in": "上班", "out": "下班"}
WHICH: dict[tuple[str, str], str] = {
    ("morning", "in"): "上午上班", ("morning", "out"): "上午下班",
    ("afternoon", "in"): "下午上班", ("afternoon", "out"): "下午下班",
}  # fmt: skip
PARTS: dict[str, str] = {"day": "全天", "morning": "上午", "afternoon": "下午", "times": "自填时间"}
TITLES: dict[Asks, str] = {
    "leave": "请假申请", "cover": "顶岗申请", "hand_back": "交还岗位", "correction": "补卡申请",
}  # fmt: skip
BACK, AHEAD = timedelta(days=31), timedelta(days=366)  # how far from today a request may lie
REASON_LONGEST = 100
_CLOCK = re.compile(r"([0-9]{1,2}):?([0-9]{2})")
Hours = Callable[[date], tuple[Span, ...]]  # the sessions of a day; of a rest day too


@dataclass(frozen=True, slots=True)
class When:
    """From `first` to `last` (days, inclusive): whole, one half of one day, or from `start` to `end` o'clock."""

    first: date
    last: date
    part: Part
    start: time | None = None
    end: time | None = None

    def instants(self, hours: Hours, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The two ends by somebody's own hours, in the hall's zone."""
        if self.start is not None and self.end is not None:
            return _at(self.first, self.start, zone), _at(self.last, self.end, zone)
        opens, closes = hours(self.first), hours(self.last)
        begin = opens[-1] if self.part == "afternoon" else opens[0]
        finish = closes[0] if self.part == "morning" else closes[-1]
        return moment(begin.start, zone), moment(finish.end, zone)

    @property
    def words(self) -> str:
        """In words for the person who asks."""
        if self.start is not None and self.end is not None:
            ends = (f"{day_words(self.first)} {self.start:%H:%M}", f"{day_words(self.last)} {self.end:%H:%M}")
            return say("{start} 至 {end}", start=ends[0], end=ends[1])
        part = say(PARTS[self.part])
        if self.first == self.last:
            return f"{day_words(self.first)} {part}"
        return say("{start} 至 {end} {part}", start=day_words(self.first), end=day_words(self.last), part=part)


@dataclass(frozen=True, slots=True)
class Draft:
    """A request that was read and found sound. `lines`: label and value, for the person to look over."""

    asks: Asks
    fields: Fields
    lines: tuple[tuple[str, str], ...]
    when: When | None = None
    of: str = ""  # whose hours `when` is reckoned by; empty: the asker's

    @property
    def at_once(self) -> bool:
        """Whether it holds from the moment it is recorded."""
        return self.asks == "hand_back" or self.fields.get("emergency") is True

    @property
    def title(self) -> str:
        """What it is called."""
        return say("紧急顶岗") if self.asks == "cover" and self.at_once else say(TITLES[self.asks])


def leave(given: Mapping[str, str], today: date) -> Draft:
    """A leave out of what was typed; Refused names what is missing or cannot be."""
    kind = given.get("kind", "")
    if kind not in KINDS:
        raise Refused(say("没有选请假类别"), remedy=say("请选一个类别"))
    when, reason = read_when(given, today), read_reason(given)
    lines = ((say("类别"), say(VALUE_WORDS[kind])), (say("时间"), when.words), (say("事由"), reason))
    return Draft("leave", {"kind": kind, "reason": reason}, lines, when)


def cover(given: Mapping[str, str], now: datetime, papers: Papers | None) -> Draft:
    """Who covers whom; Refused names what is missing or cannot be. `now` in the hall's zone."""
    away, stands_in = (_known(papers, given.get(name, "")) for name in ("covered", "covering"))
    if away.id == stands_in.id:
        raise Refused(say("顶岗人不能是本人"), remedy=say("请另选一位顶岗人"))
    when, emergency = read_when(given, now.date()), given.get("emergency") == "yes"
    fields: Fields = {"covered": away.id, "covering": stands_in.id, "emergency": emergency}
    lines = [(say("离岗"), away.name), (say("顶岗"), stands_in.name), (say("时间"), when.words)]
    if emergency:
        if not when.first == when.last == now.date():
            raise Refused(say("紧急顶岗只管今天"), remedy=say("请改成今天；以后几天的请不选紧急，另行申请"))
        if papers is not None:
            check_emergency(papers, away, stands_in, now)
        lines.append((say("紧急"), say("先顶岗，后批准")))
    return Draft("cover", fields, tuple(lines), when, away.id)


def hand_back(given: Mapping[str, str], covering: OpenCover, names: tuple[str, str]) -> Draft:
    """The end of a cover; `names`: of who was away and who stood in. Refused for a note that is too long."""
    note = plain(given.get("note", ""))
    if len(note) > REASON_LONGEST:
        raise Refused(say("说明太长"), remedy=say("请写在 {n} 个字以内", n=REASON_LONGEST))
    fields: Fields = {
        "covered": covering.covered, "covering": covering.covering, "cover": covering.id, "note": note,
    }  # fmt: skip
    lines = [(say("岗位"), say("{name}的岗位", name=names[0])), (say("顶岗"), names[1])]
    return Draft("hand_back", fields, tuple([*lines, (say("交还说明"), note)] if note else lines))


def correction(given: Mapping[str, str], now: datetime, hours: Hours) -> Draft:
    """A missing press to be made good; Refused names what is missing, or that it has not come yet."""
    day = _day(given.get("day", ""))
    session, side = given.get("session", ""), given.get("side", "")
    if session not in SESSIONS or side not in SIDES:
        raise Refused(say("没有选补哪一次卡"), remedy=say("请选上午或下午、上班或下班"))
    if not now.date() - BACK <= day <= now.date():
        raise Refused(say("补卡只能补今天和过去 31 天的"), remedy=say("请改选日期"))
    at, reason = read_clock(given.get("at", "")), read_reason(given)
    spans = hours(day)
    span = spans[0] if session == "morning" else spans[-1]
    zone = now.tzinfo if isinstance(now.tzinfo, ZoneInfo) else ZoneInfo("UTC")
    due = _at(day, at, zone) if at else moment(span.start if side == "in" else span.end, zone)
    if due > now:
        raise Refused(say("还没到 {at}，不用补卡", at=f"{due:%H:%M}"), remedy=say("到时请照常按手指"))
    which = say(WHICH[session, side])
    lines = [(say("补哪一次"), f"{day_words(day)} {which}"), (say("事由"), reason)]
    if at:
        lines.insert(1, (say("时间"), f"{at:%H:%M}"))
    fields: Fields = {
        "day": day.isoformat(), "session": session, "side": side, "at": instant(due) if at else "", "reason": reason,
    }  # fmt: skip
    return Draft("correction", fields, tuple(lines))


class Requesting:
    """Turns drafts into facts."""

    def __init__(
        self, journal: Journal, facts: Reader, papers: Callable[[], Papers | None], now: Callable[[], datetime]
    ) -> None:
        self._journal, self._facts, self._papers, self._now = journal, facts, papers, now

    def open_covers(self) -> list[OpenCover]:
        """The covers that are open now as far as this station knows."""
        return open_covers(self._papers(), self._facts.latest(("request",)), self._now())

    def record(self, draft: Draft, person_id: str, by: By) -> Shown:
        """Make the request durable, signed by who was known by finger or own PIN. Refused: nothing was recorded."""
        held = self._papers()
        person = held.person(person_id) if held else None
        fields: Fields = {**draft.fields, "by": by}
        if draft.at_once and person_id not in (fields["covered"], fields["covering"]):
            raise Refused(say("要由顶岗人或离岗人本人签名"), remedy=say("请本人重新办理"))
        if draft.when is not None:
            start, end = draft.when.instants(self.hours_of(draft.of or person_id), self._zone())
            if draft.at_once and end <= self._now():
                raise Refused(say("这个时段已经过去，不能再顶岗"), remedy=say("请改选时段"))
            fields |= {"from": instant(start), "to": instant(end)}
        fact = self._journal.append(Request(person=person_id, asks=draft.asks, fields=fields))
        verdict = say("{title}已记录", title=draft.title)
        note = say("编号 {seq}", seq=fact.seq) if draft.at_once else say("编号 {seq}，等待批准", seq=fact.seq)
        return Shown("blue", person.name if person else "—", verdict, note, f"{self._now():%H:%M:%S}", fact.seq)

    def hours_of(self, person_id: str) -> Hours:
        """The sessions by which this person's days are cut (window staff's for whom the papers do not know)."""
        held = self._papers()
        person = held.person(person_id) if held else None
        zone = self._zone()

        def hours(day: date) -> tuple[Span, ...]:
            return rules_for(held, person.group if person else "window", _at(day, time(12), zone)).day.spans

        return hours

    def _zone(self) -> ZoneInfo:
        zone = self._now().tzinfo
        assert isinstance(zone, ZoneInfo)
        return zone


def read_when(given: Mapping[str, str], today: date) -> When:
    """The time that was typed; Refused when it is none, runs backwards or lies too far away."""
    first = _day(given.get("first", ""))
    last = _day(given.get("last", "") or first.isoformat())
    part = given.get("part", "")
    if part not in PARTS:
        raise Refused(say("没有选时间"), remedy=say("请选全天、上午、下午或自填时间"))
    if last < first:
        raise Refused(say("结束日期早于开始日期"), remedy=say("请改正日期"))
    if not (today - BACK <= first and last <= today + AHEAD):
        raise Refused(say("日期离今天太远"), remedy=say("请改正日期；更早的请到中枢补办"))
    if part in SESSIONS and first != last:
        raise Refused(say("上午或下午只能是同一天"), remedy=say("请改成同一天，或选自填时间"))
    if part != "times":
        return When(first, last, part)  # type: ignore[arg-type]
    start, end = read_clock(given.get("start", "")), read_clock(given.get("end", ""))
    if start is None or end is None:
        raise Refused(say("没有填开始和结束时间"), remedy=say("请按 09:00 的样子填"))
    if (first, start) >= (last, end):
        raise Refused(say("结束时间早于开始时间"), remedy=say("请改正时间"))
    return When(first, last, "times", start, end)


def read_clock(text: str) -> time | None:
    """HH:MM, also without the colon or with a full-width one; None when empty. Refused for anything else."""
    text = text.strip().replace("：", ":")
    if not text:
        return None
    found = _CLOCK.fullmatch(text)
    if found and int(found[1]) < 24 and int(found[2]) < 60:
        return time(int(found[1]), int(found[2]))
    raise Refused(say("看不懂时间“{text}”", text=text[:10]), remedy=say("请按 09:00 的样子填"))


def read_reason(given: Mapping[str, str]) -> str:
    """What was written, else the reason that was ticked; Refused when there is none."""
    reason = plain(given.get("reason", "")) or given.get("ticked", "").strip()
    if not reason:
        raise Refused(say("没有填事由"), remedy=say("请选一个事由，或写几个字"))
    if len(reason) > REASON_LONGEST:
        raise Refused(say("事由太长"), remedy=say("请写在 {n} 个字以内", n=REASON_LONGEST))
    return reason


def plain(text: str) -> str:
    """What was typed, on one line."""
    return "".join(char if char.isprintable() else " " for char in text).strip()


def day_words(day: date) -> str:
    """A day as people say it."""
    weekday = say("一二三四五六日"[day.weekday()])
    return say("{month}月{day}日（{weekday}）", month=day.month, day=day.day, weekday=weekday)


def _known(papers: Papers | None, person_id: str) -> Person:
    person = papers.person(person_id) if papers else None
    if person is None:
        raise Refused(say("名单中没有这个人"), remedy=say("请从名单中选"))
    return person


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused(say("没有选日期"), remedy=say("请选日期")) from error


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone)
