"""Patrol in the demonstration: areas and tags of the hall, and the rounds that its officers walked in the past."""

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from config.policy import load_policy
from drivers.sim.scene import Scene
from station.journal import Journal
from station.papers import Checkpoint, Item, Papers, in_force
from station.patrolling import Filled, Patrolling
from station.photos import Photos
from station.round_facts import Known, Tag
from station.round_plan import OFFICER
from station.tapping import Tapped
from web.demo.cast import ZONE
from web.demo.life import OUTAGE, has_outage

READER, CAMERA = "lobby", "lobby"
AREAS = ("导办台", "自助服务区", "等候区")  # on the first floor; above it there is one area a floor
UPPER = "公共服务区"
PAST_ROUNDS = 10  # working days back that were walked
PICTURES_KEPT = 3  # working days back of which the pictures are still there
SLOTS = (("0930", time(9, 30)), ("1340", time(13, 40)))
UNSCHEDULED = (time(10, 50), time(14, 40), time(15, 20))
FINDS_IN, FORGETS_ROUND_IN, SKIPS_IN, WALKS_FREELY_IN = 11, 12, 9, 5
A_POINT_S = 18, 40  # how long two people look at a checkpoint
SEEN_AT_WINDOWS, SEEN_ELSEWHERE = ("counter", "badge", "dress"), ("other",)
SCENE = Scene(480, 270)

Walk = Callable[[Patrolling], object]


@dataclass(frozen=True, slots=True)
class Stride:
    """Something that officers do at an instant (hall's zone)."""

    at: datetime
    act: Walk


@dataclass(frozen=True, slots=True)
class Beat:
    """Who can walk where: the papers, the officers of the hall, and where pictures go."""

    papers: Papers
    photos: Photos

    def officers(self, day: date) -> list[str]:
        """Everybody with the role, in the order of the papers."""
        return [one.id for one in self.papers.people if in_force(OFFICER, one, day)]


def areas(floors: Sequence[int]) -> list[tuple[str, int]]:
    """The public areas, each with its floor."""
    return [(name, floors[0]) for name in AREAS] + [(UPPER, floor) for floor in floors[1:]]


def card_of(number: int) -> str:
    """The number of the card at the n-th checkpoint."""
    return f"{0x0E100000 + number:08X}"


def hang_tags(journal: Journal, beat: Beat, day: date) -> None:
    """A card at every checkpoint, registered at the station before its first round."""
    by = next(iter(beat.officers(day)), "")
    for number, point in enumerate(beat.papers.checkpoints, start=1):
        journal.append(Tag(uid=card_of(number), medium="rfid", checkpoint=point.id, by=by))


def walked_on(day: date, beat: Beat, *, kept: bool) -> Iterator[list[Stride]]:
    """The rounds of a working day, each as its steps. `kept`: the pictures are stored, else they were let go of."""
    dice = random.Random(day.toordinal() * 7)  # noqa: S311  # the same past for everybody
    officers = beat.officers(day)
    if len(officers) < load_policy("demo").patrol.team:
        return
    for kind, clock in SLOTS:
        if dice.randrange(FORGETS_ROUND_IN):
            after = timedelta(minutes=dice.randint(-3, 9), seconds=dice.randrange(60))
            begins = datetime.combine(day, clock, ZONE) + after
            by: Known = "own_pin" if has_outage(day) and begins.time() < OUTAGE[1] else "finger"
            yield list(_round(kind, begins, beat, officers, dice, by, kept=kept))
    if dice.randrange(WALKS_FREELY_IN):
        begins = datetime.combine(day, dice.choice(UNSCHEDULED), ZONE) + timedelta(minutes=dice.randrange(10))
        yield list(_round("unscheduled", begins, beat, officers, dice, "finger", kept=kept))


def _round(
    kind: str, begins: datetime, beat: Beat, officers: Sequence[str], dice: random.Random, by: Known, *, kept: bool
) -> Iterator[Stride]:
    """Begin, look at every checkpoint in its order (now and then one is passed over), sign."""
    pair = dice.sample(list(officers), 2)
    yield Stride(begins, partial(_begin, kind=kind, pair=pair, by=by))
    at, passed_over = begins, dice.randrange(SKIPS_IN) == 0
    points = beat.papers.checkpoints
    if kind == "unscheduled":
        points = dice.sample(points, max(2, len(points) // 3))
    for number, point in enumerate(points):
        at += timedelta(seconds=dice.randint(*A_POINT_S))
        if passed_over and number == len(points) // 2:
            continue
        yield Stride(at, _look(point, at, beat, dice, kept=kept))
    for officer in pair:
        at += timedelta(seconds=20)
        yield Stride(at, partial(_sign, officer=officer, by=by))


def _sign(patrolling: Patrolling, officer: str, by: Known) -> None:
    patrolling.sign(patrolling.begun, officer, by)


def _begin(patrolling: Patrolling, kind: str, pair: Sequence[str], by: Known) -> None:
    patrolling.gather(kind)
    for officer in pair:
        patrolling.identify(officer, by)


def _look(point: Checkpoint, at: datetime, beat: Beat, dice: random.Random, *, kept: bool) -> Walk:
    """One checkpoint looked at, with its picture; sometimes something is found."""
    number = beat.papers.checkpoints.index(point) + 1
    items = _seen(point, beat.papers) if dice.randrange(FINDS_IN) == 0 else []
    found = (dice.choice(items).id,) if items else ()
    person = next((post.a for post in beat.papers.posts if post.window == point.window), "") if found else ""
    scene = int(at.timestamp())

    def act(patrolling: Patrolling) -> None:
        tapped = Tapped(point.id, point.name, "rfid", card_of(number), READER, 0)
        jpeg = SCENE.jpeg(scene, f"{at:%Y-%m-%d %H:%M:%S} {number}")
        digest = beat.photos.keep(jpeg) if kept else hashlib.sha256(jpeg).hexdigest()
        patrolling.check(
            Filled(
                patrolling.begun, point.id, nothing_abnormal=not found, items=found, person=person, tapped=tapped,
                photos=(digest,),
            )
        )  # fmt: skip

    return act


def _seen(point: Checkpoint, papers: Papers) -> list[Item]:
    """What is found at such a place in this hall."""
    columns = SEEN_AT_WINDOWS if point.window else SEEN_ELSEWHERE
    return [one for one in papers.items if one.column in columns and point.place in one.where and "patrol" in one.lists]
