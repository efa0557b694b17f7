"""Why one session was judged as it was: its facts, the sum and what it rests on, as sentences with every number.

Said once, for the command line and for the hub's pages; each sentence carries what kind it is.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from config.clauses import cite
from config.policy_words import VALUE_WORDS
from config.words import series
from station.rules.excuse import FOREVER, Away, away, excused, overlapping, posted, required, unexcused
from station.rules.given import Record
from station.rules.hours import Law, Span, Stretch, minute_of, moment
from station.rules.punches import Mark
from station.rules.verdict import Verdict
from station.rules.wording import Words

SIDES = {"in": "上班", "out": "下班"}


class Heard(NamedTuple):
    """One session as it was judged: the verdict, the person's record and the law. `known`: the year's schedule is.

    `due_at`: the minute from which a missing side counts; `due`: it has come. `ids`: whether records are called by
    their ids, as in a case, or not, where nobody knows them.
    """

    span: Span
    verdict: Verdict
    law: Law
    record: Record
    known: bool
    due_at: int
    due: bool
    ids: bool = True

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


class Ground(NamedTuple):
    """One sentence and its kind: pressed, posting, needed, leave, kept, late, early, left_post, nobody, one_side, rest,
    open, ready, unready, evidence."""

    kind: str
    words: Words


def cited(clauses: Iterable[str]) -> str:
    """Clauses as people cite them: 万州 考勤 第五条."""
    return series(cite(each) for each in clauses)


def grounds(heard: Heard) -> Iterator[Ground]:
    """What was pressed, what excuses or keeps, how the minutes come about, what it rests on."""
    verdict = heard.verdict
    came, left = (_press(mark, heard) for mark in (verdict.came, verdict.left))
    yield Ground("pressed", Words("打卡：上班 {came}，下班 {left}", {"came": came, "left": left}))
    if verdict.verdict == "not_posted":
        yield Ground("posting", Words("这一段不在入驻期内"))
    elif verdict.verdict == "rest":
        if verdict.came and verdict.left:
            yield Ground("rest", Words("休息日出勤，只作记录"))
    else:
        for part in (_required, _kept, _minutes, _left_post, _nobody, _one_side, _open, _ready):
            yield from part(heard)
    if verdict.evidence:
        yield Ground("evidence", Words("凭据：{evidence}", {"evidence": list(_evidence(heard))}))


def _press(mark: Mark | None, heard: Heard) -> Words | str:
    if mark is None:
        return Words("无")
    at = mark.punch.at.astimezone(heard.law.zone)
    own = at.date() == moment(heard.span.start, heard.law.zone).date()
    clock = f"{at:%H:%M:%S}" if own else f"{at:%m-%d %H:%M:%S}"
    return clock if mark.punch.synced else Words("{at}（时钟未校准）", {"at": clock})


def _required(heard: Heard) -> Iterator[Ground]:
    """What is left of the session when parts of it are excused; of a whole leave, the kinds and their minutes."""
    excuses = heard.excuses()
    if not excuses:
        return
    needed = required(heard.span, excuses)
    if needed is None:
        yield Ground("leave", _leave(heard))
    elif needed != (heard.span.start, heard.span.end):
        middle = heard.clock(sum(needed) // 2) + (":30" if sum(needed) % 2 else "")
        words = "应在岗 {start} 到 {end}，中点 {middle}：单独一次打卡在此前算上班，自此算下班"
        gaps = {"start": heard.clock(needed.start), "end": heard.clock(needed.end), "middle": middle}
        yield Ground("needed", Words(words, gaps))


def _leave(heard: Heard) -> Words:
    whole = heard.span.end - heard.span.start
    kind = heard.verdict.leave_kind
    if kind is None:
        return Words("全时段 {whole} 分钟都不在入驻期内", {"whole": whole})
    approved = heard.approved()
    of = {each.absence.kind: [a for a in approved if a.absence.kind == each.absence.kind] for each in approved}
    minutes = {name: sum(e - s for s, e in excused(heard.span, aways, FOREVER)) for name, aways in of.items()}
    listed = [
        Words("{kind} {minutes} 分钟", {"kind": Words(VALUE_WORDS[each]), "minutes": minutes[each]}) for each in of
    ]
    outside = _outside(heard, heard.span.start, heard.span.end)
    if outside:
        listed.append(Words("未入驻 {minutes} 分钟", {"minutes": outside}))
    words = "全时段 {whole} 分钟都不须在岗：{listed}，计为{kind}"
    return Words(words, {"whole": whole, "listed": listed, "kind": Words(VALUE_WORDS[kind])})


def _outside(heard: Heard, start: int, end: int) -> int:
    """Minutes of [start, end) outside the posting that no absence excuses already."""
    only_leave = excused(heard.span, heard.approved(), FOREVER)
    return unexcused(start, end, only_leave) - unexcused(start, end, heard.excuses())


def _kept(heard: Heard) -> Iterator[Ground]:
    for side in heard.verdict.kept:
        yield Ground("kept", Words("{side}没有打卡，但有凭据，按准时计", {"side": Words(SIDES[side])}))


def _minutes(heard: Heard) -> Iterator[Ground]:
    verdict, span = heard.verdict, heard.span
    if verdict.late and verdict.came:
        yield Ground("late", _sum("迟到", verdict.late, span.start, verdict.came.minute, heard))
    if verdict.early and verdict.left:
        yield Ground("early", _sum("早退", verdict.early, verdict.left.minute, span.end, heard))


def _sum(what: str, net: int, start: int, end: int, heard: Heard) -> Words:
    outside = _outside(heard, start, end)
    granted = end - start - net - outside
    less = [Words("批准离岗 {minutes} 分钟", {"minutes": granted})] if granted else []
    less += [Words("未入驻 {minutes} 分钟", {"minutes": outside})] if outside else []
    words = "{what} {net} 分钟 = {start} 到 {end} 共 {gross} 分钟" + ("，其中{less}" if less else "")
    return Words(words, {"what": Words(what), "net": net, "start": heard.clock(start), "end": heard.clock(end),
                         "gross": end - start, "less": less})  # fmt: skip


def _left_post(heard: Heard) -> Iterator[Ground]:
    verdict = heard.verdict
    if verdict.verdict == "absent" and _found(heard):
        came = heard.clock(heard.span.start if verdict.came is None else verdict.came.minute)
        left = Words("无下班卡") if verdict.left is None else heard.clock(verdict.left.minute)
        words = "打卡显示在岗（{came} 至 {left}），巡查已确认脱岗：本时段按{absent}计"
        yield Ground("left_post", Words(words, {"came": came, "left": left, "absent": Words(heard.law.absent_word)}))


def _found(heard: Heard) -> bool:
    """Whether a patrol's finding decided."""
    return any(each.id in heard.verdict.evidence for each in heard.record.findings)


def _nobody(heard: Heard) -> Iterator[Ground]:
    if heard.verdict.verdict == "missing_both":
        yield Ground("nobody", Words("没有打卡；有准假涉及本时段，只列缺卡"))
    elif heard.verdict.verdict == "absent" and not _found(heard):
        yield Ground("nobody", Words("没有打卡，也没有准假"))


def _one_side(heard: Heard) -> Iterator[Ground]:
    side = {"missing_in": "in", "missing_out": "out"}.get(heard.verdict.verdict)
    if side:
        words = "没有{side}打卡：只列缺卡，待更正，不按{absent}算"
        yield Ground("one_side", Words(words, {"side": Words(SIDES[side]), "absent": Words(heard.law.absent_word)}))


def _open(heard: Heard) -> Iterator[Ground]:
    """Why nothing is decided yet, or not for good."""
    if heard.verdict.verdict == "pending" and not heard.due:
        yield Ground("open", Words("{at} 起才判定缺卡、早退", {"at": heard.clock(heard.due_at)}))
    if not heard.verdict.provisional:
        return
    if not heard.known:
        yield Ground("open", Words("待定：该年的放假安排还不知道"))
    undecided = [Words(each.absence.id if heard.ids else VALUE_WORDS[each.absence.kind]) for each in heard.undecided()]
    if undecided:
        yield Ground("open", Words("待定：请假 {asked} 还没有批", {"asked": undecided}))
    if any(mark and not mark.punch.synced for mark in (heard.verdict.came, heard.verdict.left)):
        yield Ground("open", Words("待定：打卡时的时钟还没有校准"))


def _ready(heard: Heard) -> Iterator[Ground]:
    ready, minutes = heard.verdict.ready, heard.law.ready
    if ready is None or not minutes:
        return
    gaps = {"minutes": minutes, "by": heard.clock(heard.span.start - minutes), "ready": Words("是" if ready else "否")}
    yield Ground("ready" if ready else "unready", Words("提前 {minutes} 分钟到岗（最晚 {by}）：{ready}", gaps))


def _evidence(heard: Heard) -> Iterator[Words]:
    """Each piece of evidence with what it is and when, in the order of the verdict."""
    record = heard.record
    words = {each.id: _stretch(Words("外出登记"), each.id, each.start, each.end, heard) for each in record.exits}
    words |= {each.id: _stretch(Words("设备故障"), each.id, each.start, each.end, heard) for each in record.outages}
    words |= {
        each.id: Words("{what}（{at}，已确认）", {"what": _called(Words("巡查发现脱岗"), each.id, heard),
                                           "at": heard.clock(minute_of(each.at))})
        for each in record.findings
    }  # fmt: skip
    for one in (each.absence for each in heard.approved()):
        kind = Words("准{kind}", {"kind": Words(VALUE_WORDS[one.kind])})
        words[one.id] = _stretch(kind, one.id, one.start, one.end, heard)
    return (words[each] for each in heard.verdict.evidence if each in words)


def _called(what: Words, id_: str, heard: Heard) -> Words:
    return Words("{what} {id}", {"what": what, "id": id_}) if heard.ids else what


def _stretch(what: Words, id_: str, start: datetime, end: datetime | None, heard: Heard) -> Words:
    until = Words("未返回") if end is None else heard.clock(minute_of(end))
    gaps = {"what": _called(what, id_, heard), "start": heard.clock(minute_of(start)), "end": until}
    return Words("{what}（{start}–{end}）", gaps)
