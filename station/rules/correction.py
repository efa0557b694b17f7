"""Corrections of missing presses: which side, at which minutes, and who decides (RULES 3.5, `assumed`). Pure.

A correction is a press of its own, with a direction; where it may lie is where the rules give such a press to that
side of that session.
"""

from typing import NamedTuple

from config.policy_attendance import Step
from config.policy_parts import ASSUMED
from station.rules.given import Direction
from station.rules.hours import Day, Stretch

SIDES: tuple[Direction, ...] = ("in", "out")
DECIDED_BY = Step(roles=("duty_leader", "supervision"))
CLAUSES = (ASSUMED,)


class Place(NamedTuple):
    """A side of a session: its index on the day, and which."""

    session: int
    side: Direction


def place_of(day: Day, session: str, side: str) -> Place | None:
    """The place that these names mean on a day: a session's own name, or morning and afternoon for its ends."""
    names = [span.name for span in day.spans]
    ends = {"morning": 0, "afternoon": len(names) - 1}
    index = names.index(session) if session in names else ends.get(session)
    found = next((each for each in SIDES if each == side), None)
    return None if index is None or found is None else Place(index, found)


def bounds(day: Day, place: Place) -> Stretch:
    """The minutes [start, end) at which a press of this direction serves this side."""
    index, side = place
    span = day.spans[index]
    if side == "in":
        return Stretch(day.spans[index - 1].end if index else day.opens, span.end)
    last = index == len(day.spans) - 1
    return Stretch(span.start + 1, day.closes if last else day.spans[index + 1].start + 1)


def on_time(day: Day, place: Place) -> int:
    """The minute that counts where nobody can say when it was: the session's start, or its end."""
    span = day.spans[place.session]
    return span.start if place.side == "in" else span.end
