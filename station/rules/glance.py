"""The word for one press, said at once at the station; the month's sheet decides, not this."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from config.words import say
from station.rules.excuse import FOREVER, Away, away, frame_of, posted, unexcused
from station.rules.given import Absence, Posting, Punch
from station.rules.hours import Day, Law, Span, Stretch, moment
from station.rules.punches import Mark, is_duplicate, share, standing

Colour = Literal["green", "amber", "red", "blue"]
Kind = Literal[
    "repeat", "unsynced", "noted", "exit", "back", "on_time", "late", "off", "leaving_early", "recorded",
    "no_match", "ask_duty_leader",
]  # fmt: skip
Chosen = Literal["exit", "back"]
TRIES = 3


@dataclass(frozen=True, slots=True)
class Glance:
    """What the kiosk says: the message id and its values, a colour, and the minutes late or early (0: none)."""

    kind: Kind
    msgid: str
    colour: Colour
    minutes: int = 0
    values: dict[str, object] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The words in the language of the station."""
        return say(self.msgid, **self.values)


REPEAT = Glance("repeat", "已打过卡", "blue")
UNSYNCED = Glance("unsynced", "已记录，时间待校准", "amber")
NOTED = Glance("noted", "已记录", "blue")
CHOSEN: dict[Chosen, Glance] = {"exit": Glance("exit", "外出", "blue"), "back": Glance("back", "返回", "green")}
ON_TIME = Glance("on_time", "上班 正常", "green")
OFF = Glance("off", "下班 正常", "green")


def no_match(tries: int) -> Glance:
    """After a finger nobody knows, for the `tries`-th time in a row (from 1)."""
    if tries < TRIES:
        return Glance("no_match", "请重按", "red")
    return Glance("ask_duty_leader", "请找值班长签到", "red")


def glance(earlier: Sequence[Punch], press: Punch, day: Day, law: Law, absences: Sequence[Absence] = (),
           posting: Posting | None = None, chosen: Chosen | None = None) -> Glance:  # fmt: skip
    """The word for `press`, given the person's `earlier` punches of the same day and approved `absences`."""
    earlier = [each for each in earlier if each.at <= press.at]
    if _repeats(earlier, press, law.duplicate_seconds):
        return REPEAT
    if not press.synced:
        return UNSYNCED
    stay = FOREVER if posting is None else posted(posting)
    if not day.worked or not any(stay.start < span.end and stay.end > span.start for span in day.spans):
        return NOTED
    if chosen is not None:
        return CHOSEN[chosen]
    aways = away(each for each in absences if each.status == "approved")
    return _by_session(standing([*earlier, press], law.duplicate_seconds), press, day, law, aways, stay)


def _repeats(earlier: Sequence[Punch], press: Punch, seconds: int) -> bool:
    marks = standing(earlier, seconds)
    return bool(marks) and is_duplicate(marks[-1].punch, press, seconds)


def _by_session(marks: list[Mark], press: Punch, day: Day, law: Law, aways: tuple[Away, ...],
                stay: Stretch) -> Glance:  # fmt: skip
    frame = frame_of(day, aways, stay)
    shares = share(marks, day.spans, frame.claims, frame.middles, law)
    this = next(mark for mark in marks if mark.punch is press)
    for index, served in enumerate(shares.sessions):
        if this in served and not frame.stays[index]:
            return NOTED
        if _first_in(served, day.spans[index]) is this and not (law.per_day and index):
            return _arrival(unexcused(day.spans[index].start, this.minute, frame.excuses[index]))
    return _departure(this, marks, day, law, frame.excuses)


def _first_in(served: Sequence[Mark], span: Span) -> Mark | None:
    return next((mark for mark in served if mark.minute < span.end and mark.direction != "out"), None)


def _arrival(late: int) -> Glance:
    return Glance("late", "迟到 {minutes} 分钟", "amber", late, {"minutes": late}) if late else ON_TIME


def _departure(this: Mark, marks: Sequence[Mark], day: Day, law: Law,
               excuses: Sequence[Sequence[Stretch]]) -> Glance:  # fmt: skip
    if _ends_morning(this, marks, day.spans) or this.minute >= day.spans[-1].end:
        return OFF
    for span, excuse in zip(day.spans, excuses, strict=True):
        if span.start < this.minute < span.end and this.direction != "in" and span.end - this.minute <= law.warning:
            early = unexcused(this.minute, span.end, excuse)
            said = Glance("leaving_early", "现在离岗，早退 {minutes} 分钟", "amber", early, {"minutes": early})
            return said if early else OFF
    at = f"{moment(this.minute, law.zone):%H:%M}"
    return Glance("recorded", "已记录 {at}", "blue", 0, {"at": at})


def _ends_morning(this: Mark, marks: Sequence[Mark], spans: Sequence[Span]) -> bool:
    """The first press in the gap after a session that has an in."""
    for before, after in pairwise(spans):
        if before.end <= this.minute <= after.start:
            in_gap = [mark for mark in marks if before.end <= mark.minute <= after.start]
            came = any(mark.minute < before.end and mark.direction != "out" for mark in marks)
            return came and in_gap[0] is this
    return False
