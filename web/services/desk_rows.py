"""What desks decided that acts on verdicts, whatever kind it is: absences and confirmed outages."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from station.rules.given import Absence, Outage
from station.rules.outage import Gap
from web.ledger.leaves import LeaveRow
from web.ledger.outages import OutageRow
from web.services import outages

LEAVE, OUTAGE = "leave", "outage"


def parts(since: datetime, until: datetime, people: Sequence[str] | None) -> list[Any]:
    """The rows that touch the stretch, to be read beside facts: what, id, whose, start, kind, status, end, decided.

    Every absence of these people (None: of everybody), decided or not, for what is asked for makes its sessions
    provisional; and the confirmed outages of stations.
    """
    leave = select(
        literal(LEAVE), LeaveRow.id, LeaveRow.person, LeaveRow.start, LeaveRow.kind, LeaveRow.status, LeaveRow.ends,
        LeaveRow.filed,
    ).where(LeaveRow.start < until, LeaveRow.ends > since)  # fmt: skip
    outage = select(
        literal(OUTAGE), OutageRow.id, OutageRow.station, OutageRow.start, OutageRow.why, OutageRow.status,
        OutageRow.ends, OutageRow.decided,
    ).where(OutageRow.start < until, OutageRow.ends > since, OutageRow.status == "confirmed")  # fmt: skip
    return [leave if people is None else leave.where(LeaveRow.person.in_(people)), outage]


def decided(session: Session, rows: Iterable[Sequence[Any]]) -> Iterator[tuple[str | None, Absence | Outage]]:
    """Such rows as the rules take them: absences, and people's outages (None: everybody's).

    One statement where there is an outage.
    """
    gaps = []
    for what, id_, whose, start, kind, status, ends, _at in sorted(rows, key=lambda row: (row[7], row[1])):
        if what == OUTAGE:
            gaps.append(Gap(id_, whose or "", start, ends, kind))
        else:
            yield whose, Absence(id_, kind, start, ends, status)
    yield from outages.of_gaps(session, gaps)
