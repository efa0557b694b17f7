"""The demonstration's past: the station's own verbs on a driven clock, the module's own enrolment over its port."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib.metadata import version
from pathlib import Path

from drivers.catalogue import open_reader
from drivers.contract import FingerReader, NoMatch, Step, Touch
from drivers.sim.zfm import ZfmSimulator
from station.clock import DrivenClock
from station.display import Display
from station.enrolling import enrol
from station.facts import Device, Erased, Exit, SignIn, Started, Stopped
from station.journal import FILE, Journal, Reader
from station.patrolling import Patrolling
from station.places import Places
from station.punching import Punching
from station.round_book import RoundBook
from web.demo.cast import STATION, ZONE, Actor
from web.demo.life import OUTAGE, Happening, has_outage, life_of
from web.demo.patrol import PAST_ROUNDS, PICTURES_KEPT, Beat, Stride, hang_tags, walked_on

ERASED_AT_ONCE = 500
SCORE = 130  # what the simulated module says of a good print
EVENING = time(18, 30)
Progress = Callable[[int, int], None]


def last_fact_at(folder: Path) -> datetime | None:
    """The instant of the newest fact in the station's journal; None before the first."""
    if not (folder / FILE).exists():
        return None
    reader = Reader(folder / FILE)
    newest = next(reader.latest(("started", "stopped", "punch", "unmatched", "device", "enrolled")), None)
    reader.close()
    return newest.at if newest else None


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays: the actors, and their ids at the hub by number."""

    actors: Sequence[Actor]
    people: Mapping[str, str]
    beat: Beat | None = None  # where rounds were walked

    @property
    def witness(self) -> str:
        """Who vouches for others: the first duty leader."""
        return next(self.people[actor.number] for actor in self.actors if "duty_leader" in actor.roles)


def play(
    folder: Path, days: Sequence[date], until: datetime, given: Cast, module: ZfmSimulator, progress: Progress
) -> None:
    """Play working days into the station's journal, from its last fact up to `until`; a new one begins by enrolling."""
    since = last_fact_at(folder)
    for done, day in enumerate(days):
        progress(done, len(days))
        there = [actor for actor in given.actors if not (actor.absent and day == until.date())]
        wanted = [each for each in life_of(day, there) if (since is None or since < each.at) and each.at < until]
        if wanted:
            ends = min(datetime.combine(day, EVENING, ZONE), until)
            walked = _walked(days, day, given.beat, since, until)
            _play_day(folder, wanted, walked, ends, given, module, outage=has_outage(day) and day < until.date())
    progress(len(days), len(days))


def _walked(
    days: Sequence[date], day: date, beat: Beat | None, since: datetime | None, until: datetime
) -> list[Stride]:
    """The steps of the day's rounds that were begun after `since` and over before `until`: none is left half walked."""
    back = len(days) - days.index(day)
    if beat is None or back > PAST_ROUNDS:
        return []
    rounds = walked_on(day, beat, kept=back <= PICTURES_KEPT)
    whole = [steps for steps in rounds if (since is None or since < steps[0].at) and steps[-1].at < until]
    return sorted((step for steps in whole for step in steps), key=lambda step: step.at)


def _play_day(
    folder: Path, wanted: Sequence[Happening], walked: Sequence[Stride], ends: datetime, given: Cast,
    module: ZfmSimulator, *, outage: bool,
) -> None:  # fmt: skip
    day = wanted[0].at.date()
    clock = DrivenClock(min(datetime.combine(day, time(7, 30), ZONE), wanted[0].at - timedelta(seconds=2)))
    with Journal(folder, clock) as journal:
        journal.append(Started(version=version("zaigang"), demo=True))
        facts = Reader(journal.path)
        places = Places(facts.of_kinds("enrolled", "forgotten"))
        if not places.taken():
            _enrol_all(journal, places, given, module, clock)
            if given.beat:
                hang_tags(journal, given.beat, day)
        journal.append(Device(device="reader", state="ready"))
        played = _Day(journal, facts, places, given, clock)
        played.play(wanted, walked, outage)
        clock.move_to(max(ends, clock.read().at + timedelta(seconds=1)))
        if given.beat:
            _let_go(journal, facts, given.beat)
        facts.close()
        journal.append(Stopped(reason="asked"))


def _enrol_all(journal: Journal, places: Places, given: Cast, module: ZfmSimulator, clock: DrivenClock) -> None:
    """Everybody before the hall opens, a minute each."""
    reader = open_reader("zfm", port=module.port, poll_seconds=0.002)
    try:
        for actor in given.actors:
            clock.move_to(clock.read().at + timedelta(minutes=1))
            _enrol(actor.name, given.people[actor.number], journal, places, reader, module)
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


def _let_go(journal: Journal, facts: Reader, beat: Beat) -> None:
    """Pictures that are no longer kept are said to be gone, as by a hall that keeps them for few days."""
    named = {digest for fact in facts.of_kinds("check") for digest in fact.body["photos"]}
    gone = {digest for fact in facts.of_kinds("erased") for digest in fact.body["photos"]}
    missing = sorted(digest for digest in named - gone if not beat.photos.has(digest))
    for first in range(0, len(missing), ERASED_AT_ONCE):
        journal.append(Erased(photos=tuple(missing[first : first + ERASED_AT_ONCE]), reason="retention"))


class _Day:
    """A day at the station: each happening by the verb that the station has for it."""

    def __init__(self, journal: Journal, facts: Reader, places: Places, given: Cast, clock: DrivenClock) -> None:
        self._journal, self._places, self._cast, self._clock = journal, places, given, clock
        display = Display(STATION, True, self._now)
        self._punching = Punching(journal, facts, places, lambda: None, display, self._now)
        papers = given.beat.papers if given.beat else None
        self._patrolling = Patrolling(journal, RoundBook(facts, self._now), lambda: papers, self._now, dict)

    def play(self, wanted: Sequence[Happening], walked: Sequence[Stride], outage: bool) -> None:
        """Everything in its order; while the reader is out of order people sign in before a witness."""
        broken = False
        both: list[Happening | Stride] = [*wanted, *walked]
        for each in sorted(both, key=lambda one: one.at):
            if isinstance(each, Stride):
                self._clock.move_to(max(each.at, self._now()))
                each.act(self._patrolling)
                continue
            gone = outage and OUTAGE[0] <= each.at.time() < OUTAGE[1]
            if gone != broken:
                broken = gone
                self._turn(datetime.combine(each.at.date(), OUTAGE[0 if gone else 1], ZONE), broken)
            self._clock.move_to(max(each.at, self._now()))
            self._happens(each, broken)

    def _turn(self, at: datetime, broken: bool) -> None:
        self._clock.move_to(max(at, self._now()))
        self._journal.append(Device(device="reader", state="gone" if broken else "ready"))

    def _happens(self, each: Happening, broken: bool) -> None:
        person = self._cast.people[each.actor.number]
        if each.what in ("out", "back"):
            way = "out" if each.what == "out" else "back"
            self._punching.record(
                Exit(person=person, way=way, reason=each.reason, by="own_pin" if broken else "finger")
            )
        elif broken:
            self._sign_in(person, each)
        elif each.what == "unclear":
            self._punching.heard(NoMatch(0, "unclear"))
        else:
            self._punching.heard(Touch(self._places.of_person(person)[0], SCORE, 0))

    def _sign_in(self, person: str, each: Happening) -> None:
        """By the own PIN where one could vouch only for oneself."""
        witness = self._cast.witness
        if each.what == "press":
            vouched = SignIn(person=person, by="witness", witness=witness)
            self._punching.record(SignIn(person=person, by="own_pin") if person == witness else vouched)

    def _now(self) -> datetime:
        return self._clock.read().at.astimezone(ZONE)
