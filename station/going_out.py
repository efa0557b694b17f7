"""Going out for a while and coming back, registered at the station."""

from typing import Literal

from station.display import Shown
from station.facts import Exit
from station.punching import Punching
from station.rules.glance import Chosen

Way = Literal["out", "back"]
By = Literal["finger", "own_pin"]
CHOSEN: dict[Way, Chosen] = {"out": "exit", "back": "back"}


def register(punching: Punching, person: str, way: Way, by: By) -> Shown:
    """Record that the person goes out or is back, known by finger or own PIN. NotDurable when it could not be."""
    return punching.record(Exit(person=person, way=way, by=by), CHOSEN[way])
