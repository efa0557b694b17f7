"""Commands from the papers that this station carries out: forgetting the fingers of somebody who left."""

import json
from collections.abc import Callable

from drivers.contract import FingerReader
from station.enrolling import forget
from station.facts import Fact
from station.journal import Journal, Reader
from station.papers import Command, Papers
from station.places import Places

DONE = "commands_done"  # ids carried out to the end


def reason_of(command: Command) -> str:
    """How a `forgotten` fact names the command that asked for it."""
    return f"command:{command.id}"


def to_enrol(papers: Papers | None, places: Places) -> dict[str, str]:
    """Person → the finger that the hub asks to have enrolled here ("": any), for those who have it not yet."""
    asked = [each for each in (papers.commands if papers else []) if each.do == "enrol"]
    held = {each.person: [places.finger(place) for place in places.of_person(each.person)] for each in asked}
    return {
        each.person: each.finger
        for each in reversed(asked)
        if (each.finger not in held[each.person] if each.finger else not held[each.person])
    }


class Obeying:
    """Carries out each `forget` command once, also when it was cut off midway. Used by one thread."""

    def __init__(
        self, journal: Journal, facts: Reader, places: Places, papers: Callable[[], Papers | None],
        reader: Callable[[], FingerReader | None],
    ) -> None:  # fmt: skip
        self._journal, self._facts, self._places = journal, facts, places
        self._papers, self._reader = papers, reader
        self._done: list[str] = json.loads(journal.get_state(DONE) or "[]")

    def waiting(self) -> list[Command]:
        """The commands still to be carried out."""
        held = self._papers()
        return [each for each in (held.commands if held else []) if each.do == "forget" and each.id not in self._done]

    def step(self) -> list[Fact]:
        """Carry out what waits, if the module is there. Faults of the module pass through; the rest is for later."""
        reader = self._reader()
        if reader is None:
            return []
        return [fact for command in self.waiting() for fact in self._carry_out(command, reader)]

    def _carry_out(self, command: Command, reader: FingerReader) -> list[Fact]:
        begun = self._begun_at(command)
        facts = []
        for place in self._places.of_person(command.person):
            if begun is not None and self._places.since(place) > begun:
                continue  # enrolled anew after the command was first obeyed
            fact = forget(
                place, reason_of(command), journal=self._journal, reader=reader, places=self._places
            )  # fmt: skip
            facts += [fact] if fact else []
        known = {each.id for each in held.commands} if (held := self._papers()) else set()
        self._done = [each for each in self._done if each in known] + [command.id]
        self._journal.set_state(DONE, json.dumps(self._done))
        return facts

    def _begun_at(self, command: Command) -> int | None:
        facts = self._facts.of_kinds("forgotten")
        return next((fact.seq for fact in facts if fact.body.get("reason") == reason_of(command)), None)
