"""Unlocking the kiosk's administration: an admin or the duty leader, by finger or PIN; a rescue code while none can."""

import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from argon2.exceptions import InvalidHashError, VerificationError

from config.errors import Refused
from config.words import say
from station.clock import Clock
from station.display import Shown
from station.durable import write_durably
from station.facts import Fact, Request
from station.facts import Refused as RefusedFact
from station.going_out import By
from station.journal import Journal, Reader
from station.papers import Papers, Person, in_force
from station.pins import HASHER, Pins, waiting_words
from station.places import Places
from station.tries import Tries

FILE = "rescue.hash"
ROLES = ("admin", "duty_leader")
OPEN_FOR = timedelta(minutes=5)
CODE_DIGITS = 12


def make_rescue_code(folder: Path) -> str:
    """A new rescue code, to be printed once: three groups of four digits. The folder keeps its argon2id hash only."""
    digits = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    write_durably(folder / FILE, HASHER.hash(digits).encode())
    return "-".join(digits[at : at + 4] for at in range(0, CODE_DIGITS, 4))


class Unlocking:
    """Whether the administration is open, who opened it, and until when. Safe for several threads."""

    def __init__(
        self, folder: Path, journal: Journal, facts: Reader, clock: Clock, pins: Pins, places: Places,
        papers: Callable[[], Papers | None], now: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._path, self._journal, self._clock = folder / FILE, journal, clock
        self._pins, self._places, self._papers, self._now = pins, places, papers, now
        self._tries = Tries(journal, facts, clock, "unlock")
        self._lock = threading.Lock()
        self._until_ns = 0
        self.opened_by = ""  # the person who opened it last; empty: the rescue code

    @property
    def is_open(self) -> bool:
        """Whether administration may be done now."""
        return self.left() > timedelta()

    def left(self) -> timedelta:
        """How long it stays open."""
        return timedelta(microseconds=max(0, self._until_ns - self._clock.read().monotonic_ns) // 1000)

    def unlock(self, person_id: str, by: By) -> Shown:
        """Open it for a person who may; the others are Refused, and that is a fact too."""
        held = self._papers()
        person = held.person(person_id) if held else None
        if person is None or not self.may(person):
            self._journal.append(RefusedFact(what="unlock", person=person_id, detail="role"))
            raise Refused(say("没有管理权限"), remedy=say("请系统管理员或今天的值班长解锁"))
        fact = self._open(Request(person=person_id, asks="unlock", fields={"by": by}))
        return self._shown(fact, person.name)

    def may(self, person: Person) -> bool:
        """Whether the person is an administrator or a duty leader today."""
        return any(in_force(role, person, self._now().date()) for role in ROLES)

    def rescue_counts(self) -> bool:
        """Whether the rescue code is taken: no administrator and no duty leader of today has a finger or PIN here."""
        held = self._papers()
        leaders = [each for each in (held.people if held else []) if self.may(each)]
        return not any(self._places.of_person(each.id) or self._pins.has(each.id) for each in leaders)

    def rescue(self, code: str) -> Shown:
        """Open it with the rescue code. Refused when it does not count, is wrong, or was wrong too often."""
        if not self.rescue_counts():
            raise Refused(say("救援码现在不起作用"), remedy=say("请系统管理员或值班长按手指或输入 PIN"))
        with self._lock:
            if wait := self._tries.wait(""):
                raise Refused(waiting_words(wait))
            if not self._right("".join(char for char in code if char.isdecimal())):
                left = self._tries.wrong("")
                words = say("救援码不对，还可以再试 {n} 次", n=left) if left else say("救援码连续输错，5 分钟后再试")
                raise Refused(words, remedy=say("请核对接入时抄下的救援码"))
            self._tries.right("")
        fact = self._open(Request(person="", asks="unlock", fields={"by": "rescue"}))
        return self._shown(fact, say("救援码"))

    def lock(self) -> None:
        """Close it."""
        self._until_ns = 0

    def _open(self, request: Request) -> Fact:
        fact = self._journal.append(request)
        self.opened_by = request.person
        self._until_ns = self._clock.read().monotonic_ns + OPEN_FOR // timedelta(microseconds=1) * 1000
        return fact

    def _right(self, digits: str) -> bool:
        try:
            return HASHER.verify(self._path.read_text(), digits)
        except (OSError, VerificationError, InvalidHashError):
            return False

    def _shown(self, fact: Fact, name: str) -> Shown:
        at = f"{self._now():%H:%M:%S}"
        return Shown("blue", name, say("管理已解锁"), say("5 分钟后自动退出"), at, fact.seq)
