"""The bell: what waits for one person, over all rooms, the late first.

A room adds its function here. Where a plain count tells it, it belongs into COUNTED, which costs no statement more.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import literal, union_all
from sqlalchemy.orm import Session

from web.services import (
    correction_lists,
    cover_needs,
    cover_requests,
    duty_waits,
    finding_waits,
    holders,
    in_force,
    leave_lists,
    leave_overruns,
    outage_desk,
    sheet_waits,
    station_waits,
)
from web.services.hub import Hub
from web.services.waits import Counted, Counts, Reads, Viewer, Waiting

COUNTED: tuple[Counts, ...] = (
    duty_waits.handovers,
    duty_waits.returned,
    duty_waits.never_handed_over,
    duty_waits.mine,
    duty_waits.swaps,
    duty_waits.urgent,
    duty_waits.unnamed,
    duty_waits.away,
    cover_requests.asked_waits,
    cover_requests.emergency_waits,
    cover_requests.notes_waits,
    sheet_waits.overdue,
    sheet_waits.overdue_before,
    sheet_waits.to_sign,
    sheet_waits.to_sign_before,
    station_waits.alarms,
    station_waits.forks,
    station_waits.joining,
    finding_waits.overdue,
    finding_waits.overdue_in_hall,
    finding_waits.serious,
    finding_waits.to_confirm,
    finding_waits.to_mend,
    finding_waits.to_verify,
    finding_waits.to_hear,
    finding_waits.to_answer,
)
READ: tuple[Reads, ...] = (
    correction_lists.waits,
    cover_needs.waits,
    leave_lists.waits,
    leave_overruns.waits,
    outage_desk.waits,
)


def ring(session: Session, viewer: Viewer) -> list[Waiting]:
    """Everything that waits for this person."""
    read = (reads(session, viewer) or () for reads in READ)
    said = (each for one in read for each in ([one] if isinstance(one, Waiting) else one))
    found = [*said, *_counted(session, filter(None, (c(viewer) for c in COUNTED)))]
    return sorted((each for each in found if each.count), key=lambda each: not each.late)


def viewer(session: Session, hub: Hub, person: str, unit: str, roles: frozenset[str], now: datetime) -> Viewer:
    """Somebody as the bell asks for them. Three statements."""
    held = in_force.read(session, hub)
    today = now.astimezone(held.zone).date()
    return Viewer(person, unit, roles, now, today, held, holders.on(session, today, now))


def _counted(session: Session, lines: Iterable[Counted]) -> list[Waiting]:
    by_kind = {line.kind: line for line in lines}
    if not by_kind:
        return []
    asked = union_all(*(line.number.add_columns(literal(kind)) for kind, line in by_kind.items()))
    numbers = {kind: int(number) for number, kind in session.execute(asked)}
    return [Waiting(k, numbers[k], line.words, line.address, line.late) for k, line in by_kind.items()]
