"""What the rules are given: facts and decisions about one person, as frozen values. Instants carry their zone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

Direction = Literal["in", "out"]
Status = Literal["approved", "pending", "refused", "cancelled", "revoked"]
LEFT_POST = "left_post"


class Punch(NamedTuple):
    """A press at a reader or a witnessed sign-in. `synced`: its clock is known to be right (or was corrected)."""

    at: datetime
    direction: Direction | None = None
    synced: bool = True
    id: str = ""


@dataclass(frozen=True, slots=True)
class Absence:
    """A leave or permission asked for: from `start` up to, not including, `end`."""

    id: str
    kind: str
    start: datetime
    end: datetime
    status: Status = "approved"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a patrol found about a person. Only confirmed ones act."""

    id: str
    at: datetime
    category: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Exit:
    """A registered going out, and the return; `end` None while out."""

    id: str
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Outage:
    """A stretch without a working station, confirmed by the duty leader."""

    id: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Posting:
    """When a person is posted to the hall: from `start` up to, not including, `end`; None: without bound."""

    start: datetime | None = None
    end: datetime | None = None


ALWAYS = Posting()


@dataclass(frozen=True, slots=True)
class Record:
    """All that is known of one person for a stretch of days. Any order; the rules sort what needs an order."""

    person: str
    punches: tuple[Punch, ...] = ()
    absences: tuple[Absence, ...] = ()
    findings: tuple[Finding, ...] = ()
    exits: tuple[Exit, ...] = ()
    outages: tuple[Outage, ...] = ()
    posting: Posting = ALWAYS
