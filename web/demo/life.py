"""What the people of the demonstration do on a day, by dice that fall the same for everybody; and on which days."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from station.rules.calendar import DayTable
from web.demo.cast import ZONE, Actor

OPENS = time(8, 40)  # where the clock is put outside working hours
CLOSES = time(17, 40)
PAST_DAYS, SMALL_PAST_DAYS = 30, 9
USUAL = ((time(9), -22, -1), (time(12), 0, 12), (time(13, 30), -20, -1), (time(17, 30), 0, 25))
LATE = 1, 25  # minutes
OUTAGE = time(8, 35), time(10, 20)
FORGETS_IN, LEAVES_EARLY_IN, STAYS_AWAY_IN, GOES_OUT_IN, SMEARED_IN = 60, 70, 400, 14, 40
ERRANDS = ("去档案室取件", "送件到后台", "参加碰头会", "陪同现场踏勘", "接待咨询")

What = Literal["press", "out", "back", "unclear"]


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that somebody does at the station. `reason`: of a going out."""

    at: datetime
    actor: Actor
    what: What = "press"
    reason: str = ""


def opening(now: datetime, table: DayTable) -> datetime:
    """Where the demonstration's clock starts: now within working hours, else 08:40 of the last working day."""
    local = now.astimezone(ZONE)
    if table.is_workday(local.date()) and OPENS <= local.time() < CLOSES:
        return local
    day = local.date() if local.time() >= OPENS else local.date() - timedelta(days=1)
    while not table.is_workday(day):
        day -= timedelta(days=1)
    return datetime.combine(day, OPENS, ZONE)


def days_to_play(starts: datetime, last: datetime | None, table: DayTable, past: int = PAST_DAYS) -> list[date]:
    """The working days to be played, up to the one that is running: a first past, or what has gone by since `last`."""
    first = starts.date() - timedelta(days=past)
    if last is not None:
        first = max(first, last.astimezone(ZONE).date())
    days = (first + timedelta(days=more) for more in range((starts.date() - first).days + 1))
    return [day for day in days if table.is_workday(day)]


def has_outage(day: date) -> bool:
    """Whether the reader failed that morning: every third Wednesday."""
    return day.weekday() == 2 and day.isocalendar().week % 3 == 0


def life_of(day: date, actors: Sequence[Actor]) -> list[Happening]:
    """What everybody does on a working day, in the order of time: some late, some early, some forget a press."""
    dice = random.Random(day.toordinal())  # noqa: S311  # the same past for everybody
    found = [each for actor in actors for each in _day_of(actor, day, dice)]
    return sorted(found, key=lambda each: each.at)


def arrived(actors: Sequence[Actor], now: datetime) -> tuple[list[str], list[str]]:
    """The names of who is here by `now` of a running day, and of who is still to come, the first one first."""
    first = {each.actor.name: each.at for each in reversed(life_of(now.astimezone(ZONE).date(), actors))}
    awaited = [actor.name for actor in actors if not actor.absent]
    here = [name for name in awaited if name in first and first[name] < now]
    return here, sorted(set(awaited) - set(here), key=lambda name: first.get(name, now))


def _day_of(actor: Actor, day: date, dice: random.Random) -> Iterator[Happening]:
    if dice.randrange(STAYS_AWAY_IN) == 0:
        return
    presses = [_moment(day, hour, dice.randint(first, last), dice) for hour, first, last in USUAL]
    if dice.randrange(actor.late_in) == 0:
        presses[0] = _moment(day, USUAL[0][0], dice.randint(*LATE), dice)
    if dice.randrange(LEAVES_EARLY_IN) == 0:
        presses[3] = _moment(day, USUAL[3][0], -dice.randint(*LATE), dice)
    if dice.randrange(FORGETS_IN) == 0:
        presses.pop(dice.randrange(4))
    if dice.randrange(SMEARED_IN) == 0:
        yield Happening(presses[0] - timedelta(seconds=4), actor, "unclear")
    yield from (Happening(at, actor) for at in presses)
    if dice.randrange(GOES_OUT_IN) == 0:
        goes = _moment(day, time(dice.choice((10, 14, 15))), dice.randrange(40), dice)
        yield Happening(goes, actor, "out", dice.choice(ERRANDS))
        yield Happening(goes + timedelta(minutes=dice.randint(8, 45)), actor, "back")


def _moment(day: date, hour: time, minutes_more: int, dice: random.Random) -> datetime:
    return datetime.combine(day, hour, ZONE) + timedelta(minutes=minutes_more, seconds=dice.randrange(60))
