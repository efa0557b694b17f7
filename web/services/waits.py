"""What waits for somebody, said by the rooms: a line of the bell, and for whom it is asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Select
from sqlalchemy.orm import Session

from web.services.holders import Holding
from web.services.in_force import InForce
from web.services.scopes import Scope, scope_of


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, with the roles held today, and what the hall is held against then."""

    person: str
    unit: str
    roles: frozenset[str]
    now: datetime
    today: date
    held: InForce
    holding: Holding

    @property
    def scope(self) -> Scope:
        """Whose people they may look into."""
        return scope_of(self.person, self.unit, self.roles)

    @property
    def acting(self) -> frozenset[str]:
        """The roles in which they decide now: duty leader by the roster."""
        return self.holding.acting(self.person, self.roles)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for somebody. `words`: what, without the number; `address`: where it is done.

    `late`: it should have been done by now.
    """

    kind: str
    count: int
    words: str
    address: str
    late: bool = False


class Counted(NamedTuple):
    """A line whose number is one select of one number; all of them are asked together, in one statement."""

    kind: str
    number: Select[int]
    words: str
    address: str
    late: bool = False


Counts = Callable[[Viewer], Counted | None]
Reads = Callable[[Session, Viewer], Waiting | Sequence[Waiting] | None]
