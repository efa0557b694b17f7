"""Verdicts in words: the facts used, the sum and the clauses, for whoever checks a case by hand."""

from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from config.words import say
from station.rules.attendance import Judged
from station.rules.case import CaseFile
from station.rules.hours import Law, Span, moment
from station.rules.judge import Answer
from station.rules.month import Totals, decimal_string
from station.rules.punches import Mark
from station.rules.verdict import Verdict

SESSIONS = {"morning": "上午", "afternoon": "下午"}
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
VERDICTS = {
    "present": "出勤",
    "late": "迟到",
    "early": "早退",
    "late_and_early": "迟到并早退",
    "missing_in": "缺上班卡",
    "missing_out": "缺下班卡",
    "missing_both": "缺卡",
    "outage": "设备故障",
    "leave": "请假",
    "rest": "休息",
    "pending": "未到时",
    "not_posted": "未入驻",
}


def verdict_words(verdict: str, absent_word: str) -> str:
    """A verdict as people read it; `absent_word`: what this hall's rules call an absence."""
    return say(absent_word if verdict == "absent" else VERDICTS[verdict])


def explained(case: CaseFile, answers: Iterable[Answer]) -> Iterator[str]:
    """Lines of words for a judged case."""
    yield say("制度：{policy}；判定到：{at}", policy=case.policy, at=case.as_of.isoformat())
    for answer in answers:
        yield ""
        yield say("人员 {person}", person=answer.period.person)
        for judged in answer.period.days:
            yield from _day(judged, answer.law)
        yield from _totals(answer.totals)
        for mark in (mark for judged in answer.period.days for mark in judged.unassigned):
            yield say("  {at} 的打卡不属于任何时段", at=mark.punch.at.astimezone(answer.law.zone).isoformat())
        for mark in answer.period.elsewhere:
            yield say("  {at} 的打卡在所判日期之外", at=mark.punch.at.astimezone(answer.law.zone).isoformat())


def _day(judged: Judged, law: Law) -> Iterator[str]:
    for span, verdict in zip(judged.day.spans, judged.verdicts, strict=True):
        yield say(
            "  {date} {session} {start}–{end}：{verdict}{note}",
            date=judged.day.date,
            session=say(SESSIONS.get(span.name, span.name)),
            start=_clock(span.start, law.zone),
            end=_clock(span.end, law.zone),
            verdict=verdict_words(verdict.verdict, law.absent_word),
            note=say("（待定）") if verdict.provisional else "",
        )
        for line in _grounds(span, verdict, law):
            yield f"    {line}"


def _grounds(span: Span, verdict: Verdict, law: Law) -> Iterator[str]:
    yield say("打卡：上班 {came}，下班 {left}", came=_press(verdict.came, law), left=_press(verdict.left, law))
    if verdict.kept:
        sides = say("、").join(say("上班") if side == "in" else say("下班") for side in verdict.kept)
        yield say("{sides}一侧有凭据，按准时计", sides=sides)
    if verdict.late and verdict.came:
        yield _sum(say("迟到"), verdict.came.minute - span.start, verdict.late, span.start, verdict.came.minute, law)
    if verdict.early and verdict.left:
        yield _sum(say("早退"), span.end - verdict.left.minute, verdict.early, verdict.left.minute, span.end, law)
    if verdict.leave_kind:
        yield say("请假种类：{kind}", kind=say(KINDS[verdict.leave_kind]))
    if verdict.ready is not None:
        yield say("提前 {minutes} 分钟到岗：{ready}", minutes=law.ready, ready=say("是" if verdict.ready else "否"))
    if verdict.evidence:
        yield say("凭据：{ids}", ids=say("、").join(verdict.evidence))
    if verdict.clauses:
        yield say("依据：{clauses}", clauses=say("、").join(verdict.clauses))


def _sum(what: str, gross: int, net: int, start: int, end: int, law: Law) -> str:
    words = say("{what}：{start} 到 {end} 共 {gross} 分钟", what=what, start=_clock(start, law.zone),
                end=_clock(end, law.zone), gross=gross)  # fmt: skip
    if gross == net:
        return words
    return words + say("，其中准假或未入驻 {excused} 分钟，计 {net} 分钟", excused=gross - net, net=net)


def _totals(totals: Totals) -> Iterator[str]:
    yield say(
        "  合计：迟到 {late} 次，早退 {early} 次，缺卡 {missing} 次，未提前到岗 {unready} 次，休息日出勤 {rest} 个时段",
        late=totals.late,
        early=totals.early,
        missing=totals.missing,
        unready=totals.unready,
        rest=totals.rest_day_sessions,
    )
    yield say(
        "  未到岗 {absent} 天，待定未到岗 {provisional} 天，累计折算 {accumulated} 天{clauses}",
        absent=decimal_string(totals.absent_days),
        provisional=decimal_string(totals.provisional_absent_days),
        accumulated=decimal_string(totals.accumulated_absent_days),
        clauses=say("（{clauses}）", clauses=say("、").join(totals.accumulated_clauses))
        if totals.accumulated_clauses
        else "",
    )
    for kind, days in sorted(totals.leave_days.items()):
        yield say("  {kind} {days} 天", kind=say(KINDS[kind]), days=decimal_string(days))


def _press(mark: Mark | None, law: Law) -> str:
    return mark.punch.at.astimezone(law.zone).strftime("%H:%M:%S") if mark else say("无")


def _clock(minute: int, zone: ZoneInfo) -> str:
    return f"{moment(minute, zone):%H:%M}"
