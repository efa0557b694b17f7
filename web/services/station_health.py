"""How the hall's stations are: what each says of itself, what the hub sees of it, what waits for a person."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from web.ledger.fingers import FingerOrderRow
from web.ledger.stations import AlarmRow, LineageRow, StationRow
from web.services import alarms, fingers, lineages, stations
from web.services.lineages import Undecided
from web.services.stations import Health


@dataclass(frozen=True, slots=True)
class Condition:
    """One confirmed station. `missing`: facts known to exist that did not come; `orders`: what it has still to do."""

    health: Health
    missing: int = 0
    undecided: Sequence[Undecided] = ()
    alarms: Sequence[AlarmRow] = ()
    orders: Sequence[FingerOrderRow] = field(default=())

    @property
    def row(self) -> StationRow:
        """The station's row."""
        return self.health.row


@dataclass(frozen=True, slots=True)
class Board:
    """All that the stations' pages show: who waits to be confirmed, who is gone, what waits for a person."""

    waiting: Sequence[StationRow]
    gone: Sequence[StationRow]
    undecided: Sequence[Undecided]
    alarms: Sequence[AlarmRow]
    conditions: Sequence[Condition]

    def of(self, station: str) -> Condition | None:
        """The condition of a confirmed station."""
        return next((one for one in self.conditions if one.row.id == station), None)


def board(session: Session, now: datetime) -> Board:
    """The present board. Six statements however many stations there are, two more while a lineage waits."""
    every = stations.health(session, now)
    held = lineages.undecided(session)
    standing = [alarm for alarm in alarms.standing(session) if alarm.kind != "held"]
    gaps = missing_of(lineages.of_stations(session))
    orders = fingers.outstanding_by_station(session)
    conditions = [
        Condition(
            health,
            gaps.get(health.row.id, 0),
            [one for one in held if one.row.station == health.row.id],
            [alarm for alarm in standing if alarm.station == health.row.id],
            orders.get(health.row.id, []),
        )
        for health in every
        if health.row.state == "confirmed"
    ]
    waiting, gone = ([one.row for one in every if one.row.state == state] for state in ("waiting", "revoked"))
    return Board(waiting, gone, held, standing, conditions)


def missing_of(rows: Sequence[LineageRow]) -> dict[str, int]:
    """Station → facts that are known to exist in its accepted journals and did not come."""
    found: dict[str, int] = {}
    for row in rows:
        if row.state == "accepted" and row.missing:
            found[row.station] = found.get(row.station, 0) + row.missing
    return found
