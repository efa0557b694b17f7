"""What people can do at the station's screen: the verbs, made once and handed to the pages."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from drivers.contract import FingerReader
from station.answering import Answering
from station.clock import Clock
from station.display import Display
from station.errands import Errands
from station.guiding import Guiding
from station.journal import Journal, Reader
from station.papers import Papers
from station.pins import Pins
from station.places import Places
from station.punching import Punching
from station.requesting import Requesting
from station.rounds_here import RoundsHere
from station.signing_in import SigningIn
from station.unlocking import Unlocking


@dataclass(frozen=True)
class Acts:
    """The station, as far as its screen may act on it."""

    display: Display
    journal: Journal
    punching: Punching
    places: Places
    pins: Pins
    errands: Errands
    signing_in: SigningIn
    requesting: Requesting
    unlocking: Unlocking
    guiding: Guiding
    reader: Callable[[], FingerReader | None]
    papers: Callable[[], Papers | None]
    now: Callable[[], datetime]
    status: Callable[[], dict[str, str | int]]
    answering: Answering
    rounds: RoundsHere | None = None

    def leave(self) -> None:
        """Nobody is at it any longer: no press is waited for, and nothing that was begun goes on."""
        self.errands.cancel()
        self.guiding.stop()
        if self.rounds:
            self.rounds.leave()


def make_acts(
    folder: Path, clock: Clock, journal: Journal, facts: Reader, display: Display, punching: Punching, pins: Pins,
    places: Places, papers: Callable[[], Papers | None], now: Callable[[], datetime],
    reader: Callable[[], FingerReader | None], status: Callable[[], dict[str, str | int]], answering: Answering,
    rounds: RoundsHere | None = None,
) -> Acts:  # fmt: skip
    """The verbs of one station."""
    signing_in = SigningIn(punching, pins, places, journal, display, papers, now)
    signing_in.wakes_up()

    def name_of(person_id: str) -> str:
        person = punching.person(person_id)
        return person.name if person else ""

    return Acts(
        display, journal, punching, places, pins, Errands(punching, pins, display), signing_in,
        Requesting(journal, facts, papers, now), Unlocking(folder, journal, facts, clock, pins, places, papers, now),
        Guiding(journal, places, reader, name_of), reader, papers, now, status, answering, rounds,
    )  # fmt: skip
