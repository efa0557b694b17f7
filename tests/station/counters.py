"""A station's verbs on a clock that the test drives, with people in every role of the hall."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from config.policy import as_data
from drivers.contract import FingerReader
from station.acts import make_acts
from station.answering import Answering
from station.clock import DrivenClock
from station.display import Display, Light
from station.facts import Enrolled, Fact
from station.journal import Journal, Reader
from station.papers import Calendar, Hall, Papers, Person, PolicyVersion, Question, Role
from station.pins import FROM_HUB, Pins
from station.places import Places
from station.punching import Punching
from station.rounds_here import RoundsHere
from station.sealed import SealKey, load_or_make_seal, seal

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=SHANGHAI)
HUB_SEAL = SealKey(X25519PrivateKey.generate())
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # a hash says itself how it was made

LIU, WANG, CHEN, ZHAO, SUN, ZHOU, HEAD = (f"01931c7a-0000-7000-8000-00000000a00{n}" for n in range(1, 8))

LEADS_MONDAY = Role(role="duty_leader", since=MONDAY.date(), until=MONDAY.date())


def person(id_: str, name: str, spoken: str, unit: str, window: str = "", *roles: Role) -> Person:
    """Somebody of the hall."""
    return Person(id=id_, name=name, spoken=spoken, unit=unit, window=window, roles=list(roles))


PEOPLE = [
    person(LIU, "刘明", "liu2 ming2", "医疗保障局", "12"),
    person(WANG, "王芳", "wang2 fang1", "税务局", "08"),
    person(CHEN, "陈静", "chen2 jing4", "政务服务办", "", LEADS_MONDAY),
    person(ZHAO, "赵强", "zhao4 qiang2", "医疗保障局", "12", Role(role="window_head")),
    person(SUN, "孙丽", "sun1 li4", "督查室", "", Role(role="supervision")),
    person(ZHOU, "周涛", "zhou1 tao1", "政务服务办", "", Role(role="admin")),
    person(HEAD, "吴霞", "wu2 xia2", "税务局", "08", Role(role="window_head")),
]  # fmt: skip


def papers(**more: object) -> Papers:
    """The hall's papers: Wanzhou's hours, everybody above."""
    return Papers.model_validate(
        {
            "hall": Hall(id="h", name="厅", zone="Asia/Shanghai", hub_key="", seal_key=HUB_SEAL.public),
            "policies": [PolicyVersion(since=date(2000, 1, 1), policy=as_data("wanzhou"))],
            "calendar": Calendar(years=[2026], holidays=[], workdays=[]),
            "people": PEOPLE,
            **more,
        }
    )


F1, F2, F3 = (f"01950000-0000-7000-8000-0000000000f{n}" for n in range(1, 4))


def question(finding: str = F1, who: str = LIU, minutes: int = 0, answered: bool = False) -> Question:
    """A finding about somebody, seen so long after 09:34, as papers have it."""
    return Question(
        id=finding, person=who, at=MONDAY + timedelta(minutes=94 + minutes), place="12 号窗口", words="工作时间脱岗",
        clauses=["wanzhou:patrol:5"], answered=answered,
    )  # fmt: skip


def pins_content(key: SealKey, pins: dict[str, str]) -> bytes:
    """What the hub sends: these people's PINs, sealed for `key`."""
    rows = [{"person": who, "hash": CHEAP.hash(digits)} for who, digits in pins.items()]
    return seal(key.public, json.dumps({"pins": rows}).encode(), FROM_HUB)


class Counter:
    """A station whose screen is acted on. Fingers: 刘明 at place 1, 王芳 at place 2."""

    def __init__(
        self, folder: Path, held: Papers | None = None, at: datetime = MONDAY, pins: dict[str, str] | None = None,
        rounds: Callable[["Counter"], RoundsHere] | None = None,
    ) -> None:  # fmt: skip
        self.folder = folder
        self.held = held or papers()
        self.clock = DrivenClock(at, "synced")
        self.journal = Journal(folder, self.clock)
        if self.journal.head.seq == 0:
            for place, who in ((1, LIU), (2, WANG)):
                self.journal.append(Enrolled(person=who, place=place, finger="右手食指"))
        self.facts = Reader(self.journal.path)
        self.key = load_or_make_seal(folder / "station.seal")
        self.places = Places(self.facts.of_kinds("enrolled", "forgotten"))
        self.display = Display("一楼东门打卡站", False, self.now)
        self.display.set_reader(Light(True, "指纹机正常"))
        self.reader: FingerReader | None = None
        self.answering = Answering(self.journal, self.facts, lambda: self.held, self.now)
        self.punching = Punching(
            self.journal, self.facts, self.places, lambda: self.held, self.display, self.now, self.answering.waiting
        )
        self.pins = Pins(folder, self.key, self.journal, self.facts, self.clock, lambda: self.held)
        if pins:
            self.pins.take(pins_content(self.key, pins))
        self.acts = make_acts(
            folder, self.clock, self.journal, self.facts, self.display, self.punching, self.pins, self.places,
            lambda: self.held, self.now, lambda: self.reader, lambda: {"账本条数": self.journal.head.seq},
            self.answering, rounds(self) if rounds else None,
        )  # fmt: skip

    def now(self) -> datetime:
        """The hall's time."""
        return self.clock.read().at.astimezone(SHANGHAI)

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.clock.move_to(self.clock.read().at + timedelta(**span))

    def lose_reader(self) -> None:
        """The module is unplugged."""
        self.display.set_reader(Light(False, "指纹机断开"))

    def find_reader(self) -> None:
        """It is back."""
        self.display.set_reader(Light(True, "指纹机正常"))

    def of(self, *kinds: str) -> list[Fact]:
        """The facts of these kinds, in order."""
        return list(self.facts.of_kinds(*kinds))

    def who(self, person_id: str) -> Person:
        """The person of that id."""
        found = self.held.person(person_id)
        assert found
        return found

    def close(self) -> None:
        """Give the folder back."""
        self.facts.close()
        self.journal.close()
