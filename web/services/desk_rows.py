"""What desks decided that acts on verdicts, whatever kind it is: absences and confirmed outages, in one statement."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import Session

from station.rules.given import Absence, Outage
from station.rules.outage import Gap
from web.ledger.leaves import LeaveRow
from web.ledger.outages import OutageRow
from web.services import outages


def decided(session: Session, since: datetime, until: datetime) -> Iterator[tuple[str | None, Absence | Outage]]:
    """Every absence that touches the stretch, decided or not: what is asked for makes its sessions provisional; and
    people's outages (None: everybody's). One statement, and one more where there is an outage."""
    leave = select(
        literal("leave"), LeaveRow.id, LeaveRow.person, LeaveRow.kind, LeaveRow.start, LeaveRow.ends, LeaveRow.status,
        LeaveRow.filed,
    ).where(LeaveRow.start < until, LeaveRow.ends > since)  # fmt: skip
    outage = select(
        literal("outage"), OutageRow.id, OutageRow.station, OutageRow.why, OutageRow.start, OutageRow.ends,
        OutageRow.status, OutageRow.decided,
    ).where(OutageRow.start < until, OutageRow.ends > since, OutageRow.status == "confirmed")  # fmt: skip
    gaps = []
    rows: Sequence[Any] = session.execute(union_all(leave, outage)).all()
    for what, id_, whose, kind, start, ends, status, _at in sorted(rows, key=lambda row: (row[7], row[1])):
        if what == "outage":
            gaps.append(Gap(id_, whose or "", start, ends, kind))
        else:
            yield whose, Absence(id_, kind, start, ends, status)
    yield from outages.of_gaps(session, gaps)
