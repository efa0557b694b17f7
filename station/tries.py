"""How often a secret may be tried: five wrong in a row, then five minutes of nothing, also across a restart."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from station.clock import Clock, Reading
from station.facts import Fact, Refused
from station.journal import Journal, Reader

WRONG_IN_A_ROW = 5
WAIT = timedelta(minutes=5)
_LOOKED_AT = 200  # the newest refusals; a wait is among them or over


@dataclass
class _Count:
    wrong: int = 0
    free_at_ns: int = 0  # of this process's monotonic clock


class Tries:
    """Wrong tries at one kind of secret, by whose it is. Not safe for several threads: the caller holds a lock."""

    def __init__(self, journal: Journal, facts: Reader, clock: Clock, what: str) -> None:
        """Waits that still run are read from the `refused` facts of `what`."""
        self._journal, self._clock, self._what = journal, clock, what
        self._counts: dict[str, _Count] = {}
        now = clock.read()
        for fact in _of(facts, what):
            owner, left = str(fact.body.get("person") or ""), _left(fact, now)
            if owner not in self._counts and left > timedelta():
                self._counts[owner] = _Count(free_at_ns=now.monotonic_ns + _nanoseconds(left))

    def wait(self, owner: str) -> timedelta:
        """How long `owner`'s secret is still refused; zero: it may be tried."""
        count = self._counts.get(owner, _Count())
        left_ns = count.free_at_ns - self._clock.read().monotonic_ns
        return timedelta(microseconds=max(0, left_ns) // 1000)

    def wrong(self, owner: str) -> int:
        """One more wrong try; how many are left. The last one is a fact, and the wait begins."""
        count = self._counts.setdefault(owner, _Count())
        count.wrong += 1
        if count.wrong < WRONG_IN_A_ROW:
            return WRONG_IN_A_ROW - count.wrong
        self._counts[owner] = _Count(free_at_ns=self._clock.read().monotonic_ns + _nanoseconds(WAIT))
        self._journal.append(Refused(what=self._what, person=owner or None, detail="wait"))
        return 0

    def right(self, owner: str) -> None:
        """The secret was right: the row of wrong ones is over."""
        self._counts.pop(owner, None)


def _of(facts: Reader, what: str) -> Iterator[Fact]:
    found = islice(facts.latest(("refused",)), _LOOKED_AT)
    return (fact for fact in found if fact.body.get("what") == what and fact.body.get("detail") == "wait")


def _left(fact: Fact, now: Reading) -> timedelta:
    """What is left of the wait that this fact began; a clock that went back since makes it whole again, not longer."""
    same_boot = fact.boot == now.boot
    gone = timedelta(microseconds=(now.monotonic_ns - fact.monotonic_ns) // 1000) if same_boot else now.at - fact.at
    return WAIT - max(gone, timedelta())


def _nanoseconds(span: timedelta) -> int:
    return span // timedelta(microseconds=1) * 1000
