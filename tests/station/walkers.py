"""A station at which rounds are walked: three windows and an area with tags, officers with fingers and PINs."""

import time
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from config.policy import as_data
from drivers.contract import Camera, Tap, Touch
from station.display import Shown
from station.facts import Enrolled
from station.joining import Joined
from station.keys import load_or_make
from station.papers import Calendar, Checkpoint, Papers, PolicyVersion, Post, Role, Tag
from station.patrolling import Patrolling
from station.photographing import Photographing
from station.photos import Photos
from station.round_book import RoundBook
from station.round_shots import RoundShots
from station.round_taps import RoundTaps
from station.rounds_here import RoundsHere, entry
from station.tagging import Tagging
from station.tapping import TagBook, Tapping
from tests.station.counters import CHEN, LIU, PEOPLE, SHANGHAI, SUN, WANG, ZHAO, Counter, papers
from web.services.papers import what_to_look_for

A101, A102, LOBBY, HALL2 = (f"01931c7a-0000-7000-8000-00000000c00{n}" for n in range(1, 5))
NAMES = {A101: "101 号窗口", A102: "102 号窗口", LOBBY: "一楼大厅", HALL2: "二楼自助区"}
TAGS = {A101: "00E3086C", A102: "00E3086D", LOBBY: "00E3086E"}
OFFICERS = (CHEN, ZHAO, SUN)
PLACES = {CHEN: 3, ZHAO: 4, SUN: 5}
PINS = {CHEN: "204816", ZHAO: "640582"}
MORNING = "2026-03-02/0930"
NINE_THIRTY = datetime(2026, 3, 2, 9, 30, tzinfo=SHANGHAI)


def patrol_papers(**more: object) -> Papers:
    """The hall's papers with its checkpoints; 陈静, 赵强 and 孙丽 are patrol officers, 刘明 is A of window 101."""
    officer = Role(role="patrol_officer")
    people = [
        each.model_copy(update={"roles": [*each.roles, officer]}) if each.id in OFFICERS else each for each in PEOPLE
    ]
    columns, items = what_to_look_for()
    return papers(
        people=people, columns=columns, items=items,
        checkpoints=[
            Checkpoint(id=A101, name=NAMES[A101], place="window_front", floor=1, window="101"),
            Checkpoint(id=A102, name=NAMES[A102], place="window_front", floor=1, window="102"),
            Checkpoint(id=LOBBY, name=NAMES[LOBBY], place="public_area", floor=1),
            Checkpoint(id=HALL2, name=NAMES[HALL2], place="public_area", floor=2),
        ],
        posts=[Post(window="101", a=LIU, backups=[WANG])],
        tags=[Tag(uid=uid, medium="rfid", checkpoint=point) for point, uid in TAGS.items()],
        **more,
    )  # fmt: skip


class Walkers(Counter):
    """The station, on a clock that the test drives."""

    def __init__(
        self, folder: Path, at: datetime = NINE_THIRTY, held: Papers | None = None,
        cameras: Mapping[str, Callable[[], Camera]] | None = None, full_percent: int = 101,
    ) -> None:  # fmt: skip
        self.advice: dict[str, Any] = {}
        self.cameras, self.full_percent = cameras or {}, full_percent
        super().__init__(folder, held or patrol_papers(), at, PINS, lambda counter: self.make(counter))
        if not self.places.of_person(CHEN):
            for who, place in PLACES.items():
                self.places.learn(self.journal.append(Enrolled(person=who, place=place, finger="右手食指")))

    def make(self, counter: Counter) -> RoundsHere:
        """Patrol at its screen."""
        book = RoundBook(counter.facts, counter.now)
        self.patrolling = Patrolling(counter.journal, book, lambda: counter.held, counter.now, lambda: self.advice)
        taps = RoundTaps(self.patrolling.under_way, counter.now)
        tags = TagBook(counter.facts.of_kinds("tag"))
        self.tapping = Tapping(counter.journal, tags, lambda: counter.held, counter.display, counter.now)
        self.tapping.taker = taps.taken
        self.photos = Photos(counter.folder / "photos", self.full_percent)
        self.photographing = Photographing(self.cameras, self.photos, counter.journal)
        joined = Joined("http://10.0.0.1:8000", "s1", "0", "厅")
        self.hub_key = load_or_make(counter.folder / "station.key")
        enter = entry(joined, self.hub_key, counter.now)
        tagging = Tagging(self.tapping, counter.journal, tags, lambda: counter.held, counter.now)
        shots = RoundShots(self.photographing, self.photos)
        self.here = RoundsHere(self.patrolling, taps, shots, counter.punching.came, lambda: self.advice, enter, tagging)
        return self.here

    def press(self, person: str) -> Shown:
        """An officer's finger at the module."""
        return self.punching.heard(Touch(PLACES[person], 120, time.monotonic_ns()))

    def tap(self, checkpoint: str = "", uid: str = "") -> Shown:
        """A tag at the reader."""
        return self.tapping.heard(Tap(uid or TAGS[checkpoint], "rfid", time.monotonic_ns()), "east")

    def begin(self, kind: str = "0930", *officers: str) -> str:
        """A round begun by these, or by 陈静 and 赵强; its id."""
        self.patrolling.gather(kind)
        for officer in officers or (CHEN, ZHAO):
            self.patrolling.identify(officer, "finger")
        if self.patrolling.gathering:
            self.patrolling.begin()
        return self.patrolling.begun

    def close(self) -> None:
        """Give everything back."""
        self.photographing.close()
        super().close()


def workday(at: datetime, **calendar: list[date]) -> Papers:
    """The papers with days that differ."""
    given = {"years": [at.year], "holidays": [], "workdays": [], **calendar}
    policy = PolicyVersion(since=date(2000, 1, 1), policy=as_data("wanzhou"))
    return patrol_papers(calendar=Calendar.model_validate(given), policies=[policy])


def later(**span: float) -> datetime:
    """After 9:30 of that Monday."""
    return NINE_THIRTY + timedelta(**span)
