"""Patrol as the station's screen may act on it, and the code by which it lets a phone go on with a round."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from station.hub_rounds import Advice
from station.joining import Joined
from station.keys import Key
from station.patrolling import Patrolling
from station.round_book import Walk
from station.round_people import Came
from station.round_shots import RoundShots
from station.round_taps import RoundTaps
from station.round_token import PATH, make
from station.tagging import Tagging

Enter = Callable[[Walk], str]  # the address that a phone opens, made anew each time


@dataclass(frozen=True, slots=True)
class RoundsHere:
    """What the pages of patrol stand on. `enter` is None where there is no hub to let a phone in."""

    patrolling: Patrolling
    taps: RoundTaps
    shots: RoundShots
    came: Came
    advice: Callable[[], Advice]
    enter: Enter | None
    tagging: Tagging

    def leave(self) -> None:
        """Nobody is at the screen any longer: no round is about to begin, no tag waited for."""
        self.patrolling.gathering = None
        self.tagging.stop()


def entry(joined: Joined, key: Key, now: Callable[[], datetime]) -> Enter:
    """What makes the addresses, signed by this station."""

    def enter(walk: Walk) -> str:
        officers = [(one.person, one.by) for one in walk.members if one.by and not one.left]
        code = make(
            key, joined.station, walk.id, walk.kind, officers, now(), inspector=walk.inspector,
            checklist=walk.checklist, checkpoints=walk.named,
        )  # fmt: skip
        return f"{joined.url.rstrip('/')}{PATH}{code}"

    return enter
