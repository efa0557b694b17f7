"""Which rounds are due, late, missed or unfinished at a minute: said once by voice, shown for as long as it is so.

Everything follows from the plan, the rounds and the time, so it is right after the clock was put forward or back.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from config.words import say
from station.display import Tone
from station.duty_day import rules_for
from station.round_book import Walk
from station.round_plan import Plan
from station.rules.hours import minute_of, moment
from station.rules.patrol import RoundState, Slot, answers_draw, unscheduled_missing

Stage = Literal["soon", "due", "overdue", "missed", "incomplete", "drawn", "drawn_late", "unscheduled"]
TONES: Mapping[Stage, Tone] = {"soon": "blue", "due": "blue", "drawn": "blue"}  # the others are warnings

_COME: Stage = "drawn"
_LATE: Stage = "drawn_late"


class Reminder(NamedTuple):
    """What to remind of. `about`: the slot's id, or the day; said once for each stage of it."""

    about: str
    stage: Stage
    name: str
    words: str

    @property
    def warns(self) -> bool:
        """Whether something is late already."""
        return self.stage not in TONES


def reminders(plan: Plan, walks: Mapping[str, Walk], drawn: Iterable[datetime] = ()) -> tuple[Reminder, ...]:
    """What to remind of now; nothing on a day off, after the working day, and where nothing is patrolled.

    `walks`: the rounds as far as this station knows; `drawn`: the times of random rounds that the hub said have come.
    """
    if not plan.slots or not plan.points() or _is_over(plan):
        return ()
    found = [one for slot in plan.slots for one in _of_slot(plan, slot, walks.get(slot.id))]
    return (*found, *_drawn(plan, walks, drawn), *_unscheduled(plan, walks))


def _of_slot(plan: Plan, slot: Slot, walk: Walk | None) -> Iterator[Reminder]:
    state = plan.state(walk, slot)
    at = moment(slot.minute, plan.zone)
    if state.state == "open":
        left = slot.minute - minute_of(plan.now)
        words = say("{at} 开始，还有 {n} 分钟", at=f"{at:%H:%M}", n=left) if left > 0 else say("现在开始")
        yield Reminder(slot.id, "soon" if left > 0 else "due", slot.name, words)
    elif state.state in ("alert", "missed", "incomplete"):
        yield _late(slot, state, f"{at:%H:%M}")


def _late(slot: Slot, state: RoundState, at: str) -> Reminder:
    if state.state == "alert":
        return Reminder(slot.id, "overdue", slot.name, say("{at} 的巡查尚未开始", at=at))
    if state.state == "missed":
        return Reminder(slot.id, "missed", slot.name, say("{at} 的巡查逾时未巡", at=at))
    return Reminder(slot.id, "incomplete", slot.name, say("还有 {n} 处没有巡查", n=len(state.unvisited)))


def _drawn(plan: Plan, walks: Mapping[str, Walk], drawn: Iterable[datetime]) -> Iterator[Reminder]:
    """A drawn round waits as long as a scheduled one would, and is late after the same minutes (assumed)."""
    rules, walked = plan.policy.patrol, [walk.opened for walk in walks.values() if _is_free(walk)]
    for at in drawn:
        over = plan.now - at
        if timedelta() <= over < timedelta(minutes=rules.last_minutes) and not any(
            answers_draw(plan.policy, at, opened) for opened in walked
        ):
            late = over >= timedelta(minutes=rules.on_time_minutes)
            clock, stage = f"{at.astimezone(plan.zone):%H:%M}", _LATE if late else _COME
            words = say("{at} 抽定，尚未开始", at=clock) if late else say("{at} 抽定，请现在开始", at=clock)
            yield Reminder(at.isoformat(), stage, say("随机巡查"), words)


def _is_free(walk: Walk) -> bool:
    return walk.kind == "unscheduled" and bool(walk.visits)


def _unscheduled(plan: Plan, walks: Mapping[str, Walk]) -> Iterator[Reminder]:
    """The day's unscheduled round is missed once its last scheduled one is over (when: assumed)."""
    last = max(slot.minute for slot in plan.slots) + plan.policy.patrol.last_minutes
    today = plan.now.date()
    done = sum(_is_free(walk) and walk.opened.astimezone(plan.now.tzinfo).date() == today for walk in walks.values())
    if minute_of(plan.now) >= last and unscheduled_missing(plan.policy, done):
        yield Reminder(today.isoformat(), "unscheduled", say("不定时巡查"), say("今天还没有不定时巡查"))


def _is_over(plan: Plan) -> bool:
    spans = rules_for(plan.papers, "window", plan.now).day.spans
    return bool(spans) and plan.now >= moment(spans[-1].end, plan.zone)
