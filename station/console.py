"""What may be asked of a station at its terminal: how it is, to enrol, to forget, to stop."""

import contextlib
from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from config.errors import Refused
from config.words import say
from drivers.contract import Cancel, EnrolStep, FingerReader
from station.checkup.module import see_module
from station.enrolling import enrol, forget
from station.guiding import told
from station.journal import Journal
from station.papers import Papers, Person
from station.places import Places

Json = dict[str, Any]


class Asker(Cancel, Protocol):
    """Who asked: hears the steps, and is a set cancel once they left."""

    def step(self, said: Json) -> None: ...


@dataclass(frozen=True)
class Console:
    """A station's parts, as far as a terminal needs them. `driver`: the reader's name in the settings."""

    journal: Journal
    places: Places
    driver: str
    papers: Callable[[], Papers | None]
    reader: Callable[[], FingerReader | None]
    live: Callable[[], dict[str, str]]
    stop: Callable[[], None]

    def verbs(self) -> dict[str, Callable[[Json, Asker], Json]]:
        """Name on the control socket → what it does."""
        return {
            "status": lambda _question, _asker: dict(self.live()),
            "module": lambda _question, _asker: self.module(),
            "enrol": self.enrol,
            "forget": self.forget,
            "stop": lambda _question, _asker: self._stop(),
        }

    def module(self) -> Json:
        """The module as it answers now, for the check-up. Its faults pass through."""
        return asdict(see_module(self._module(), self.driver, self.places.taken()))

    def enrol(self, question: Json, asker: Asker) -> Json:
        """Enrol a finger of somebody in the papers who agreed; tells each step. Leaving frees the place."""
        person = self._person(question)
        steps = enrol(
            person.id, str(question.get("finger", "")), journal=self.journal, reader=self._module(),
            places=self.places, name_of=self._name_of, form=str(question.get("form", "")), cancel=asker,
        )  # fmt: skip
        _tell(steps, asker)
        return {"person": person.name, "places": self.places.of_person(person.id)}

    def forget(self, question: Json, _asker: Asker) -> Json:
        """Forget every finger that the person has here."""
        person, reader = str(question.get("person", "")), self._module()
        places = self.places.of_person(person)
        for place in places:
            forget(place, "terminal", journal=self.journal, reader=reader, places=self.places)
        return {"forgotten": len(places)}

    def _stop(self) -> Json:
        self.stop()
        return {}

    def _module(self) -> FingerReader:
        reader = self.reader()
        if reader is None:
            raise Refused(say("指纹机没有连接"), remedy=say("请检查插头、供电和连线，恢复后再试"))
        return reader

    def _person(self, question: Json) -> Person:
        held = self.papers()
        person = held.person(str(question.get("person", ""))) if held else None
        if person is None:
            raise Refused(say("名单里没有此人"), remedy=say("请先在中枢登记，并等名单下发"))
        return person

    def _name_of(self, person_id: str) -> str:
        held = self.papers()
        person = held.person(person_id) if held else None
        return person.name if person else ""


def _tell(steps: Generator[EnrolStep, None, None], asker: Asker) -> None:
    with contextlib.closing(steps):  # whatever breaks it off, the place is free before the module is let go of
        for step in steps:
            asker.step(told(step))
