"""What the rules are given: facts and decisions about one person, as frozen values. Instants carry their zone."""

from datetime import datetime
from typing import Literal, NamedTuple

Direction = Literal["in", "out"]
Status = Literal["approved", "pending", "refused", "cancelled", "revoked"]
LEFT_POST = "left_post"


class Punch(NamedTuple):
    """A press at a reader, a witnessed sign-in, or a correction approved in its place.

    `synced`: its clock is known to be right (or was corrected).
    """

    at: datetime
    direction: Direction | None = None
    synced: bool = True
    id: str = ""


class Absence(NamedTuple):
    """A leave or permission asked for: from `start` up to, not including, `end`."""

    id: str
    kind: str
    start: datetime
    end: datetime
    status: Status = "approved"


class Finding(NamedTuple):
    """What a patrol found about a person. Only confirmed ones act."""

    id: str
    at: datetime
    category: str
    confirmed: bool


class Exit(NamedTuple):
    """A registered going out, and the return; `end` None while out."""

    id: str
    start: datetime
    end: datetime | None


class Outage(NamedTuple):
    """A stretch without a working station, confirmed by the duty leader."""

    id: str
    start: datetime
    end: datetime


class Posting(NamedTuple):
    """When a person is posted to the hall: from `start` up to, not including, `end`; None: without bound."""

    start: datetime | None = None
    end: datetime | None = None


ALWAYS = Posting()


class Record(NamedTuple):
    """All that is known of one person for a stretch of days. Any order; the rules sort what needs an order."""

    person: str
    punches: tuple[Punch, ...] = ()
    absences: tuple[Absence, ...] = ()
    findings: tuple[Finding, ...] = ()
    exits: tuple[Exit, ...] = ()
    outages: tuple[Outage, ...] = ()
    posting: Posting = ALWAYS
