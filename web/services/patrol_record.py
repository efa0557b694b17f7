"""The patrol record of a day: each round with its lines, what was not visited, who signed. Read only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from web.ledger.patrol import FindingRow
from web.services import officers, patrol_lines, rounds
from web.services.in_force import InForce
from web.services.patrol_lines import Around, Line
from web.services.rounds import Officer, Round, Standing
from web.services.scopes import PatrolScope


@dataclass(frozen=True, slots=True)
class Part:
    """A round in the record. `late`: what was added once it was signed, kept apart; `whole`: all of it is shown."""

    name: str
    standing: Standing
    lines: tuple[Line, ...]
    late: tuple[Line, ...]
    names: dict[str, str]
    whole: bool

    @property
    def round(self) -> Round:
        """The round itself."""
        return self.standing.round

    @property
    def signatures(self) -> list[tuple[str, Officer]]:
        """Who walked it, by name, and whether and when they signed."""
        return [(self.names.get(one.person, "—"), one) for one in self.round.officers]

    @property
    def found(self) -> int:
        """How many findings are on its lines, later ones too."""
        return sum(len(line.findings) for line in (*self.lines, *self.late))


def record(
    session: Session, held: InForce, day: date, now: datetime, scope: PatrolScope, only: str = "",
    *, pictures: bool = False,
) -> list[Part]:  # fmt: skip
    """The rounds of a day that this scope sees something of; `only`: one of them. Seven questions with `pictures`."""
    walked = [one for one in rounds.of_day(session, day, held.zone) if only in ("", one.id)]
    if not walked:
        return []
    around = Around(held.zone, patrol_lines.places(session), {one.id: one for one in walked}, scope)
    found = session.execute(select(FindingRow).where(FindingRow.round.in_(around.rounds))).scalars().all()
    checks = [row for one in walked for visit in one.visits.values() for row in visit.rows]
    lines = patrol_lines.lines_of(session, around, checks, found, pictures=pictures)
    names = officers.names_of(session, [each.person for one in walked for each in one.officers])
    points = [place.row for place in around.places.values() if place.stands_on(day)]
    policy = held.on(day).policy
    parts = []
    for one in walked:
        own = [line for line in lines if line.round is one]
        whole = scope.holds_round(officer.person for officer in one.officers)
        if own or whole:
            standing = rounds.stand(one, points, policy, held.table, now, held.zone)
            name = rounds.kind_words(policy, one, held.table)
            parts.append(Part(name, standing, *_apart(own), names, whole))
    return parts


def _apart(lines: Sequence[Line]) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    return tuple(line for line in lines if not line.late), tuple(line for line in lines if line.late)
