"""PINs: who has one here, whether a typed one is right, and a new one on its way to the hub.

The hub hands out argon2id hashes sealed for this station. They lie on the disk as received and are opened in memory
only. The digits themselves are never stored, never logged and in no fact.
"""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from config.errors import Refused
from config.words import say
from station.clock import Clock
from station.durable import write_durably
from station.facts import Fact, Request
from station.journal import Journal, Reader
from station.papers import Papers
from station.sealed import BadSeal, SealKey, seal
from station.tries import Tries

FILE = "pins.sealed"
FROM_HUB = b"zaigang-pins"
TO_HUB = b"zaigang-pin"
DIGITS = 6
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Of no six digits: stands in for the hash of somebody who has none, so that both take as long.
_DECOY = "$argon2id$v=19$m=19456,t=2,p=1$2Tqq29jfhtN6UWzVh7JYHA$z5/gwaHIMBgZbzKYYCqTWN+Z6vOelYZ8y1hSHjs8YEM"
log = structlog.get_logger("pins")


class PinRefused(Refused):
    """A PIN that was not taken: wrong, waiting after too many wrong ones, or not of the right form."""


class Pins:
    """The PINs of the people who may use one at this station. Safe for several threads; none of them the reader's."""

    def __init__(
        self, folder: Path, key: SealKey, journal: Journal, facts: Reader, clock: Clock,
        papers: Callable[[], Papers | None],
    ) -> None:  # fmt: skip
        self._path, self._key = folder / FILE, key
        self._journal, self._papers = journal, papers
        self._tries = Tries(journal, facts, clock, "pin")
        self._lock = threading.Lock()
        self._fresh: dict[str, str] = {}  # set here, not yet handed back by the hub
        self._held = self._load()

    def has(self, person: str) -> bool:
        """Whether this person can use a PIN here."""
        return person in self._fresh or person in self._held

    def take(self, content: bytes) -> None:
        """Hold what the hub sent from now on, on the disk too. BadSeal keeps what was held before."""
        held = opened(self._key, content)
        write_durably(self._path, content)
        with self._lock:
            self._held = held
            self._fresh = {person: made for person, made in self._fresh.items() if held.get(person) != made}

    def check(self, person: str, digits: str) -> None:
        """Return when these are the person's; PinRefused otherwise, in the same words whether or not they have one."""
        if not _six(digits):
            raise PinRefused(say("PIN 是 {n} 位数字", n=DIGITS), remedy=say("请重新输入"))
        with self._lock:
            wait = self._tries.wait(person)
            if wait:
                raise PinRefused(waiting_words(wait), remedy=say("急需办理请找值班长"))
            if self._right(person, digits):
                self._tries.right(person)
                return
            left = self._tries.wrong(person)
        if left:
            raise PinRefused(say("姓名或 PIN 不对，还可以再试 {n} 次", n=left), remedy=say("请核对姓名，重新输入"))
        raise PinRefused(say("PIN 连续输错，暂停使用 5 分钟"), remedy=say("请稍后再试，急需办理请找值班长"))

    def choose(self, person: str, digits: str, again: str) -> Fact:
        """Set the person's PIN: its hash goes to the hub sealed, and holds here from now on. PinRefused says why not.

        NotDurable when the fact could not be written: the old PIN stays.
        """
        refuse_poor(digits, again)
        held = self._papers()
        if held is None or not held.hall.seal_key:
            raise PinRefused(say("中枢还不能接收 PIN"), remedy=say("请先让本站连上中枢，或在中枢的人员页设置 PIN"))
        made = HASHER.hash(digits)
        try:
            sealed = seal(held.hall.seal_key, made.encode(), TO_HUB).hex()
        except BadSeal as error:
            raise PinRefused(say("中枢的密钥无法使用"), remedy=say("请通知管理员")) from error
        fact = self._journal.append(Request(person=person, asks="pin", fields={"sealed": sealed}))
        with self._lock:
            self._fresh[person] = made
            self._tries.right(person)
        return fact

    def _right(self, person: str, digits: str) -> bool:
        made = self._fresh.get(person) or self._held.get(person)
        try:
            return HASHER.verify(made or _DECOY, digits) and made is not None
        except (VerificationError, InvalidHashError):
            return False

    def _load(self) -> dict[str, str]:
        try:
            return opened(self._key, self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, BadSeal) as error:
            log.warning("pins unreadable", error=str(error))
            return {}


def opened(key: SealKey, content: bytes) -> dict[str, str]:
    """Person → argon2id hash, out of what the hub sealed for `key`; BadSeal for anything else."""
    plain = key.open(content, FROM_HUB)
    try:
        return {str(each["person"]): str(each["hash"]) for each in json.loads(plain)["pins"]}
    except (ValueError, KeyError, TypeError) as error:
        raise BadSeal("shape") from error


def refuse_poor(digits: str, again: str) -> None:
    """PinRefused unless both are the same six digits, and not the first that anybody would try."""
    if not _six(digits):
        raise PinRefused(say("PIN 要 {n} 位数字", n=DIGITS), remedy=say("请重新输入"))
    if digits != again:
        raise PinRefused(say("两次输入的 PIN 不一样"), remedy=say("请从头再输两次"))
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(digits)}
    if steps in ({0}, {1}, {9}):
        raise PinRefused(say("这个 PIN 太容易猜到"), remedy=say("请不要用相同或连续的数字"))


def waiting_words(wait: timedelta) -> str:
    """That tries are refused for so long."""
    return say("输错次数太多，请 {n} 分钟后再试", n=-(-wait // timedelta(minutes=1)))


def _six(digits: str) -> bool:
    return len(digits) == DIGITS and digits.isascii() and digits.isdecimal()
