"""Why a session was judged as it was, in sentences for whoever asks."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from config.policy_words import word
from station.rules.attendance import Judged
from station.rules.hours import Law, Span, moment
from station.rules.punches import Mark
from station.rules.verdict import Verdict
from web.words import _

WHOLE = {
    "missing_both": "上下班都没有打卡，准假只有一部分",
    "outage": "考勤站停用，已核实",
    "not_posted": "这一段不在入驻期内",
    "leave": "这一段不在入驻期内",
}
ONE_SIDE = {"missing_in": "上班", "missing_out": "下班"}
SIDES = {"in": "上班", "out": "下班"}


def reasons(judged: Judged, index: int, law: Law) -> list[str]:
    """Sentences for one session of a judged day, the deciding one first."""
    span, verdict = judged.day.spans[index], judged.verdicts[index]
    return [*_decided(span, verdict, law), *_beside(span, verdict, law, judged)]


def clock(minute: int, zone: ZoneInfo) -> str:
    """The wall clock at an epoch minute."""
    return f"{moment(minute, zone):%H:%M}"


def _decided(span: Span, verdict: Verdict, law: Law) -> Iterator[str]:
    name = verdict.verdict
    if verdict.late and verdict.came:
        yield _minutes(_("迟到"), span.start, verdict.came.minute, verdict.late, law.zone)
    if verdict.early and verdict.left:
        yield _minutes(_("早退"), verdict.left.minute, span.end, verdict.early, law.zone)
    if name == "absent":
        pressed = verdict.came is not None or verdict.left is not None
        yield _("巡查发现离岗，已核实") if pressed else _("上下班都没有打卡，也没有准假")
    elif name == "leave" and verdict.leave_kind:
        yield _("准假：%(kind)s", kind=_(word(verdict.leave_kind)))
    elif name in WHOLE:
        yield _(WHOLE[name])
    elif name == "rest" and verdict.came and verdict.left:
        yield _("休息日出勤，只作记录")
    elif name in ONE_SIDE:
        yield _("没有%(side)s打卡，待更正，不按缺勤算", side=_(ONE_SIDE[name]))


def _beside(span: Span, verdict: Verdict, law: Law, judged: Judged) -> Iterator[str]:
    if verdict.kept and verdict.verdict != "outage":
        yield _("%(side)s一侧有凭据，按准时计", side="、".join(_(SIDES[side]) for side in verdict.kept))
    if verdict.ready is False and law.ready:
        ready = clock(span.start - law.ready, law.zone)
        yield _("没有在 %(at)s 前到岗准备（提前 %(n)s 分钟）", at=ready, n=law.ready)
    if _unsynced(verdict.came) or _unsynced(verdict.left):
        yield _("打卡时的时钟没有校准，待核对")
    if verdict.provisional and not judged.day.known:
        yield _("%(year)s 年的放假安排还不知道，暂不判定", year=judged.day.date.year)
    elif verdict.provisional and not (_unsynced(verdict.came) or _unsynced(verdict.left)):
        yield _("有未批的请假，待定")


def _minutes(what: str, start: int, end: int, net: int, zone: ZoneInfo) -> str:
    said = _(
        "%(start)s 到 %(end)s，%(what)s %(n)s 分钟",
        what=what, start=clock(start, zone), end=clock(end, zone), n=net,
    )  # fmt: skip
    excused = end - start - net
    return said + _("（另 %(n)s 分钟已准假或不在入驻期）", n=excused) if excused else said


def _unsynced(mark: Mark | None) -> bool:
    return mark is not None and not mark.punch.synced
