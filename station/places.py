"""Which person a place in the module means. Only `enrolled` and `forgotten` facts say so."""

import threading
from collections.abc import Iterable

from station.facts import Enrolled, Fact, Forgotten, read_body

FINGERS = (
    "右手食指", "右手中指", "右手拇指", "右手无名指", "右手小指",
    "左手食指", "左手中指", "左手拇指", "左手无名指", "左手小指",
)  # fmt: skip


class Places:
    """place → person of this station's module, kept in step with the journal."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        """From every `enrolled` and `forgotten` fact of the journal, in order."""
        self._people: dict[int, str] = {}
        self._fingers: dict[int, tuple[str, int]] = {}  # which finger, and the seq of the fact that says so
        self._lock = threading.Lock()
        for fact in facts:
            self.learn(fact)

    def learn(self, fact: Fact) -> None:
        """Take one fact into account; other kinds change nothing."""
        body = read_body(fact)
        with self._lock:
            if isinstance(body, Enrolled):
                self._people[body.place] = body.person
                self._fingers[body.place] = (body.finger, fact.seq)
            elif isinstance(body, Forgotten):
                self._people.pop(body.place, None)

    def person_at(self, place: int) -> str | None:
        """Whose finger stands at `place`; None if nobody's."""
        return self._people.get(place)

    def of_person(self, person: str) -> list[int]:
        """The places of this person's fingers, ascending."""
        with self._lock:
            return sorted(place for place, owner in self._people.items() if owner == person)

    def finger(self, place: int) -> str:
        """Which finger stands at `place`, in the words of its enrolment; empty if it was not said."""
        return self._fingers.get(place, ("", 0))[0]

    def since(self, place: int) -> int:
        """The seq of the fact by which `place` means somebody; 0 if none says so."""
        return self._fingers.get(place, ("", 0))[1] if place in self._people else 0

    def taken(self) -> set[int]:
        """Every place that means somebody."""
        with self._lock:
            return set(self._people)
