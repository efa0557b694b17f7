"""What the hub says of the hall's rounds and people: advice beside the station's own facts, never in their place."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from station.round_book import Member, Visit, Walk
from station.round_facts import RoundKind

Advice = Mapping[str, Any]


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


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of a round: as the hub has it, and its digest."""

    walk: Walk
    digest: str


def heard_of(advice: Advice) -> dict[str, Heard]:
    """Round → what the hub says of it; what cannot be read is as if it had not been said."""
    found = {}
    for given in advice.get("rounds") or ():
        try:
            said = SaidRound.model_validate(given)
        except ValidationError:
            continue
        found[said.id] = Heard(said.walk(), said.digest)
    return found


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
