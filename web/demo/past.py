"""The demonstration's past: the station's own verbs on a driven clock, the module's own enrolment over its port."""

import random
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from importlib.metadata import version
from pathlib import Path

from drivers.catalogue import open_reader
from drivers.contract import FingerReader, Step, Touch
from drivers.sim.zfm import ZfmSimulator
from station.clock import DrivenClock
from station.display import Display
from station.enrolling import enrol
from station.facts import Started, Stopped
from station.journal import FILE, Journal, Reader
from station.places import Places
from station.punching import Punching
from web.demo.cast import CAST, STATION, ZONE, presses_of

SCORE = 130  # what the simulated module says of a good print


def last_fact_at(folder: Path) -> datetime | None:
    """The instant of the newest fact in the station's journal; None before the first."""
    if not (folder / FILE).exists():
        return None
    reader = Reader(folder / FILE)
    newest = next(reader.latest(("started", "stopped", "punch", "unmatched", "device", "enrolled")), None)
    reader.close()
    return newest.at if newest else None


def play(folder: Path, days: Iterable[date], people: Mapping[str, str], module: ZfmSimulator) -> None:
    """Play working days into the station's journal; the first one of a new journal begins with enrolments.

    `people`: number → person id.
    """
    for day in days:
        clock = DrivenClock(datetime.combine(day, time(7, 30), ZONE))
        with Journal(folder, clock) as journal:
            journal.append(Started(version=version("zaigang"), demo=True))
            facts = Reader(journal.path)
            places = Places(facts.of_kinds("enrolled", "forgotten"))
            if not places.taken():
                _enrol_all(journal, places, people, module, clock)
            _press_all(journal, facts, places, people, day, clock)
            facts.close()
            clock.move_to(datetime.combine(day, time(18, 30), ZONE))
            journal.append(Stopped(reason="asked"))


def _enrol_all(
    journal: Journal, places: Places, people: Mapping[str, str], module: ZfmSimulator, clock: DrivenClock
) -> None:
    reader = open_reader("zfm", port=module.port, poll_seconds=0.005)
    try:
        for actor in CAST:
            clock.move_to(clock.read().at + timedelta(minutes=3))
            _enrol(actor.name, people[actor.number], journal, places, reader, module)
    finally:
        module.lift()
        reader.close()


def _enrol(
    name: str, person: str, journal: Journal, places: Places, reader: FingerReader, module: ZfmSimulator
) -> None:
    for step in enrol(person, "右手食指", journal=journal, reader=reader, places=places):
        if step.step is Step.PUT:
            module.finger(name)
        elif step.step is Step.LIFT:
            module.lift()
    module.lift()


def _press_all(
    journal: Journal, facts: Reader, places: Places, people: Mapping[str, str], day: date, clock: DrivenClock
) -> None:
    def now() -> datetime:
        return clock.read().at.astimezone(ZONE)

    punching = Punching(journal, facts, places, lambda: None, Display(STATION, True, now), now)
    dice = random.Random(day.toordinal())  # noqa: S311  # the same past for everybody
    for press in presses_of(day, dice):
        clock.move_to(press.at)
        punching.heard(Touch(places.of_person(people[press.actor.number])[0], SCORE, 0))
