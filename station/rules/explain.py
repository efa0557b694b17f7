"""Verdicts in words: the facts used, the sum and the clauses, for whoever checks a case by hand."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import groupby

from config.policy import Policy, load_policy
from config.policy_words import word
from config.words import say
from station.rules.attendance import Judged, due_minute
from station.rules.case import CaseFile
from station.rules.given import Record
from station.rules.grounds import Heard, cited, grounds
from station.rules.hours import Law, second_of
from station.rules.judge import Answer
from station.rules.month import decimal_string, totals_of

SESSIONS = {"morning": "上午", "afternoon": "下午"}
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


def explained(case: CaseFile, answers: Sequence[Answer]) -> Iterator[str]:
    """Lines of words for a judged case, in the case's order of people."""
    policy = load_policy(case.policy)
    yield say(
        "制度：{title}（{policy}）；判定到：{at}", title=policy.title, policy=case.policy, at=case.as_of.isoformat()
    )
    for person, answer in zip(case.people, answers, strict=True):
        yield ""
        yield say("人员 {person}", person=answer.period.person)
        for judged in answer.period.days:
            yield from _day(judged, person.record, answer.law, second_of(case.as_of))
        yield from _totals(answer, policy)
        for mark in (mark for judged in answer.period.days for mark in judged.unassigned):
            yield say("  {at} 的打卡不属于任何时段", at=mark.punch.at.astimezone(answer.law.zone).isoformat())
        for mark in answer.period.elsewhere:
            yield say("  {at} 的打卡在所判日期之外", at=mark.punch.at.astimezone(answer.law.zone).isoformat())


def _day(judged: Judged, record: Record, law: Law, now: int) -> Iterator[str]:
    day = judged.day
    for index, (span, verdict) in enumerate(zip(day.spans, judged.verdicts, strict=True)):
        due_at = due_minute(day, index, law)
        heard = Heard(span, verdict, law, record, day.known, due_at, now >= due_at * 60)
        yield say(
            "  {date} {session} {start}–{end}：{verdict}{note}",
            date=day.date,
            session=say(SESSIONS.get(span.name, span.name)),
            start=heard.clock(span.start),
            end=heard.clock(span.end),
            verdict=verdict_words(verdict.verdict, law.absent_word),
            note=say("（待定）") if verdict.provisional else "",
        )
        for ground in grounds(heard):
            yield f"    {ground.words.read(say)}"
        if verdict.clauses:
            yield say("    依据：{clauses}", clauses=cited(verdict.clauses))


def _totals(answer: Answer, policy: Policy) -> Iterator[str]:
    totals, absent = answer.totals, say(answer.law.absent_word)
    yield say(
        "  合计：迟到 {late} 次，早退 {early} 次，缺卡 {missing} 次，未提前到岗 {unready} 次，休息日出勤 {rest} 个时段",
        late=totals.late,
        early=totals.early,
        missing=totals.missing,
        unready=totals.unready,
        rest=totals.rest_day_sessions,
    )
    yield say(
        "  {absent} {days} 天，待定的 {provisional} 天（每个时段 {share} 天）",
        absent=absent,
        days=decimal_string(totals.absent_days),
        provisional=decimal_string(totals.provisional_absent_days),
        share=decimal_string(Fraction(1, len(answer.law.hours))),
    )
    yield from _accumulated(answer, policy)
    for kind, days in sorted(totals.leave_days.items()):
        yield say("  {kind} {days} 天", kind=word(kind), days=decimal_string(days))


def _accumulated(answer: Answer, policy: Policy) -> Iterator[str]:
    """Each month's late and early against the number that makes absence; nothing where no clause adds them up."""
    rule = policy.consequences.accumulation
    if rule is None:
        return
    months = groupby(answer.period.days, key=lambda judged: f"{judged.day.date:%Y-%m}")
    for month, days in months:
        one = totals_of(days, policy)
        if one.late + one.early:
            yield say(
                "  {month} 累计折算 {days} 天：迟到 {late} 次 + 早退 {early} 次 = {count} 次，"
                "满 {threshold} 次折 {each} 天（{clauses}）",
                month=month,
                days=decimal_string(one.accumulated_absent_days),
                late=one.late,
                early=one.early,
                count=one.late + one.early,
                threshold=rule.threshold,
                each=decimal_string(Fraction(rule.days)),
                clauses=cited(rule.source),
            )
