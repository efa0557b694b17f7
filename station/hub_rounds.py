"""What the hub says of the hall's rounds and people: advice beside the station's own facts, never in their place."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter, ValidationError

from station.round_book import Member, Visit, Walk
from station.round_facts import RoundKind

Advice = Mapping[str, Any]
_Said = TypeVar("_Said", bound="Said")
_TIMES = TypeAdapter(list[AwareDatetime])


class Said(BaseModel):
    """A part of the advice; what this version does not know is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class SaidVisit(Said):
    """A checkpoint that somebody looked at."""

    checkpoint: str
    at: AwareDatetime
    officers: list[str]
    found: int
    photos: int


class SaidRound(Said):
    """A round of today as the hub holds it. `digest`: what a signature made now stands under."""

    id: str
    kind: RoundKind
    inspector: str
    checklist: str
    opened: AwareDatetime
    named: list[str]
    members: list[tuple[str, bool, AwareDatetime | None]]  # who, whether they left, when they signed
    visits: list[SaidVisit]
    digest: str

    def walk(self) -> Walk:
        """The same, as the station has rounds."""
        return Walk(
            self.id, self.kind, self.opened, self.inspector, self.checklist, tuple(self.named), "",
            tuple(Member(who, None, left, signed) for who, left, signed in self.members),
            {one.checkpoint: Visit(one.at, tuple(one.officers), one.found, one.photos, "") for one in self.visits},
        )  # fmt: skip


class SaidKey(Said):
    """A key patrol that was agreed on and that nobody walked yet, as the hub knows: a window, where to go, and why."""

    number: str
    checkpoints: list[str]
    agreed: AwareDatetime
    reason: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of a round: as the hub has it, and its digest."""

    walk: Walk
    digest: str


def heard_of(advice: Advice) -> dict[str, Heard]:
    """Round → what the hub says of it; what cannot be read is as if it had not been said."""
    return {said.id: Heard(said.walk(), said.digest) for said in _read(SaidRound, advice.get("rounds"))}


def key_of(advice: Advice) -> list[SaidKey]:
    """The key patrols that wait for somebody to walk them."""
    return list(_read(SaidKey, advice.get("key")))


def drawn_of(advice: Advice) -> list[datetime]:
    """The times of rounds drawn at random that have come, whether they were walked or not."""
    given = advice.get("drawn")
    try:
        return _TIMES.validate_python(given if given is not None else [])
    except ValidationError:
        return []


def _read(shape: type[_Said], given: Any) -> Iterator[_Said]:
    for each in given if isinstance(given, list) else ():
        with suppress(ValidationError):
            yield shape.model_validate(each)


def together(own: Walk, said: Walk) -> Walk:
    """A round as both have it: the station's own facts, and what others did in it."""
    members = {one.person: one for one in said.members}
    for one in own.members:
        theirs = members.get(one.person)
        members[one.person] = replace(one, signed=one.signed or theirs.signed) if theirs else one
    return replace(own, members=tuple(members.values()), visits={**said.visits, **own.visits})


def presence_of(advice: Advice, person: str) -> tuple[str, str]:
    """What the hub knows of somebody: the word for their presence and when they came (HH:MM); empty for unknown."""
    given = advice.get("presence")
    found = given.get(person) if isinstance(given, dict) else None
    word, came = found if isinstance(found, list) and len(found) == 2 else ("", "")  # word and time
    return str(word), str(came)
