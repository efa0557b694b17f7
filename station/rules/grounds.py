"""Why one session was judged as it was: its facts, the sum and the clauses, in words and with every number shown."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from config.clauses import cite
from config.words import say
from station.rules.excuse import FOREVER, Away, away, excused, overlapping, posted, required, unexcused
from station.rules.given import Record
from station.rules.hours import Law, Span, Stretch, minute_of, moment
from station.rules.punches import Mark
from station.rules.verdict import Verdict

KINDS = {
    "personal": "事假",
    "sick": "病假",
    "business": "因公外出",
    "training": "学习培训",
    "annual": "公休",
    "statutory": "婚产丧工伤",
    "field_visit": "现场踏勘",
    "unit_errand": "回单位查阅资料",
    "late_arrival": "因公推迟到岗",
    "early_departure": "因公提前离岗",
}


class Heard(NamedTuple):
    """One session as it was judged: the verdict, the person's record and the law. `known`: the year's schedule is.

    `due_at`: the minute from which a missing side counts; `due`: it has come.
    """

    span: Span
    verdict: Verdict
    law: Law
    record: Record
    known: bool
    due_at: int
    due: bool

    def clock(self, minute: int) -> str:
        """A minute as people read it: the time alone on the session's own date."""
        at, day = moment(minute, self.law.zone), moment(self.span.start, self.law.zone).date()
        return f"{at:%H:%M}" if at.date() == day else f"{at:%m-%d %H:%M}"

    def approved(self) -> tuple[Away, ...]:
        """The approved absences that share a minute with the session."""
        return self._overlapping("approved")

    def undecided(self) -> tuple[Away, ...]:
        """The absences still to be decided that share a minute with the session."""
        return self._overlapping("pending")

    def _overlapping(self, status: str) -> tuple[Away, ...]:
        asked = away(each for each in self.record.absences if each.status == status)
        return overlapping(asked, self.span.start, self.span.end)

    def excuses(self) -> tuple[Stretch, ...]:
        """The excused minutes of the session."""
        return excused(self.span, self.approved(), posted(self.record.posting))


def cited(clauses: Iterable[str]) -> str:
    """Clauses as people cite them: 万州 考勤 第五条."""
    return say("、").join(cite(each) for each in clauses)


def grounds(heard: Heard) -> Iterator[str]:
    """Lines of words: what was pressed, what excuses or keeps, how the minutes come about, what it rests on."""
    verdict = heard.verdict
    yield say("打卡：上班 {came}，下班 {left}", came=_press(verdict.came, heard), left=_press(verdict.left, heard))
    if verdict.verdict not in ("rest", "not_posted"):
        yield from _required(heard)
        yield from _kept(heard)
        yield from _minutes(heard)
        yield from _left_post(heard)
        yield from _nobody(heard)
        yield from _open(heard)
        yield from _ready(heard)
    if verdict.evidence:
        yield say("凭据：{evidence}", evidence=say("；").join(_evidence(heard)))
    if verdict.clauses:
        yield say("依据：{clauses}", clauses=cited(verdict.clauses))


def _press(mark: Mark | None, heard: Heard) -> str:
    if mark is None:
        return say("无")
    at = mark.punch.at.astimezone(heard.law.zone)
    own = at.date() == moment(heard.span.start, heard.law.zone).date()
    clock = f"{at:%H:%M:%S}" if own else f"{at:%m-%d %H:%M:%S}"
    return clock if mark.punch.synced else clock + say("（时钟未校准）")


def _required(heard: Heard) -> Iterator[str]:
    """What is left of the session when parts of it are excused; of a whole leave, the kinds and their minutes."""
    excuses = heard.excuses()
    if not excuses:
        return
    needed = required(heard.span, excuses)
    if needed is None:
        yield _leave(heard)
    elif needed != (heard.span.start, heard.span.end):
        yield say(
            "应在岗 {start} 到 {end}，中点 {middle}：单独一次打卡在此前算上班，自此算下班",
            start=heard.clock(needed.start),
            end=heard.clock(needed.end),
            middle=heard.clock(sum(needed) // 2) + (":30" if sum(needed) % 2 else ""),
        )


def _leave(heard: Heard) -> str:
    approved = heard.approved()
    of = {each.absence.kind: [a for a in approved if a.absence.kind == each.absence.kind] for each in approved}
    minutes = {kind: sum(e - s for s, e in excused(heard.span, aways, FOREVER)) for kind, aways in of.items()}
    listed = say("、").join(say("{kind} {minutes} 分钟", kind=say(KINDS[kind]), minutes=minutes[kind]) for kind in of)
    outside = _outside(heard, heard.span.start, heard.span.end)
    if outside:
        listed += say("，未入驻 {minutes} 分钟", minutes=outside)
    whole = heard.span.end - heard.span.start
    kind = say(KINDS[heard.verdict.leave_kind or ""])
    return say("全时段 {whole} 分钟都不须在岗：{listed}，计为{kind}", whole=whole, listed=listed, kind=kind)


def _outside(heard: Heard, start: int, end: int) -> int:
    """Minutes of [start, end) outside the posting that no absence excuses already."""
    only_leave = excused(heard.span, heard.approved(), FOREVER)
    return unexcused(start, end, only_leave) - unexcused(start, end, heard.excuses())


def _kept(heard: Heard) -> Iterator[str]:
    for side, name in (("in", say("上班")), ("out", say("下班"))):
        if side in heard.verdict.kept:
            yield say("{side}没有打卡，但有凭据，按准时计", side=name)


def _minutes(heard: Heard) -> Iterator[str]:
    verdict, span = heard.verdict, heard.span
    if verdict.late and verdict.came:
        yield _sum(say("迟到"), verdict.late, span.start, verdict.came.minute, heard)
    if verdict.early and verdict.left:
        yield _sum(say("早退"), verdict.early, verdict.left.minute, span.end, heard)


def _sum(what: str, net: int, start: int, end: int, heard: Heard) -> str:
    words = say(
        "{what} {net} 分钟 = {start} 到 {end} 共 {gross} 分钟",
        what=what,
        net=net,
        start=heard.clock(start),
        end=heard.clock(end),
        gross=end - start,
    )
    outside = _outside(heard, start, end)
    granted = end - start - net - outside
    if granted:
        words += say("，其中批准离岗 {minutes} 分钟", minutes=granted)
    if outside:
        words += say("，其中未入驻 {minutes} 分钟", minutes=outside)
    return words


def _left_post(heard: Heard) -> Iterator[str]:
    verdict = heard.verdict
    if verdict.verdict == "absent" and _found(heard):
        yield say(
            "打卡显示在岗（{came} 至 {left}），巡查已确认脱岗：本时段按{absent}计",
            came=heard.clock(heard.span.start if verdict.came is None else verdict.came.minute),
            left=say("无下班卡") if verdict.left is None else heard.clock(verdict.left.minute),
            absent=say(heard.law.absent_word),
        )


def _found(heard: Heard) -> bool:
    """Whether a patrol's finding decided."""
    return any(each.id in heard.verdict.evidence for each in heard.record.findings)


def _nobody(heard: Heard) -> Iterator[str]:
    if heard.verdict.verdict == "missing_both":
        yield say("没有打卡；有准假涉及本时段，只列缺卡")
    elif heard.verdict.verdict == "absent" and not _found(heard):
        yield say("没有打卡，也没有准假")


def _open(heard: Heard) -> Iterator[str]:
    """Why nothing is decided yet, or not for good."""
    if heard.verdict.verdict == "pending" and not heard.due:
        yield say("{at} 起才判定缺卡、早退", at=heard.clock(heard.due_at))
    if not heard.verdict.provisional:
        return
    if not heard.known:
        yield say("待定：该年的放假安排还不知道")
    undecided = [each.absence.id for each in heard.undecided()]
    if undecided:
        yield say("待定：请假 {ids} 还没有批", ids=say("、").join(undecided))
    if any(mark and not mark.punch.synced for mark in (heard.verdict.came, heard.verdict.left)):
        yield say("待定：打卡时的时钟还没有校准")


def _ready(heard: Heard) -> Iterator[str]:
    ready, minutes = heard.verdict.ready, heard.law.ready
    if ready is not None and minutes:
        yield say(
            "提前 {minutes} 分钟到岗（最晚 {by}）：{ready}",
            minutes=minutes,
            by=heard.clock(heard.span.start - minutes),
            ready=say("是") if ready else say("否"),
        )


def _evidence(heard: Heard) -> Iterator[str]:
    """Each piece of evidence with what it is and when, in the order of the verdict."""
    record = heard.record
    words = {each.id: _stretch(say("外出登记"), each.id, each.start, each.end, heard) for each in record.exits}
    words |= {each.id: _stretch(say("设备故障"), each.id, each.start, each.end, heard) for each in record.outages}
    words |= {
        each.id: say("巡查发现脱岗 {id}（{at}，已确认）", id=each.id, at=heard.clock(minute_of(each.at)))
        for each in record.findings
    }
    words |= {
        each.absence.id: _stretch(
            say("准{kind}", kind=say(KINDS[each.absence.kind])),
            each.absence.id,
            each.absence.start,
            each.absence.end,
            heard,
        )
        for each in heard.approved()
    }
    return (words[each] for each in heard.verdict.evidence)


def _stretch(what: str, id_: str, start: datetime, end: datetime | None, heard: Heard) -> str:
    return say(
        "{what} {id}（{start}–{end}）",
        what=what,
        id=id_,
        start=heard.clock(minute_of(start)),
        end=say("未返回") if end is None else heard.clock(minute_of(end)),
    )
