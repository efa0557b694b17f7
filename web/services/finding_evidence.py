"""What stands beside a finding about a person: that day's presses and leave; which of their answers came too late."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from station.rules.following import JUDGING
from station.rules.given import Absence, Punch
from web.ledger.facts import BatchRow, RequestRow
from web.services import covers, records
from web.services.findings import ANSWER, Case
from web.services.in_force import InForce
from web.services.records import Gone


@dataclass(frozen=True, slots=True)
class Evidence:
    """A person's day. `leave`: the approved absence at the minute of the finding."""

    at: datetime
    punches: list[Punch]
    gone: list[Gone]
    leave: Absence | None


def of(session: Session, held: InForce, case: Case) -> Evidence:
    """The day of the finding, for the person it concerns. One statement."""
    person, at = case.parties.about, case.found.at
    opens, closes = covers.bounds(held, covers.day_of(held, at))
    read = records.read(session, opens, closes, [person])
    facts = read.facts.get(person)
    absences = (row for row in read.desk.get(person, ()) if isinstance(row, Absence) and row.status == "approved")
    away = (row for row in absences if row.start < at + timedelta(minutes=1) and row.end > at)
    punches = [each for each in facts.punches if each.at >= opens] if facts else []
    gone = [each for each in facts.gone if each.at >= opens] if facts else []
    return Evidence(at, punches, gone, next(away, None))


def unheard(session: Session, case: Case) -> set[datetime]:
    """Of the answers given at kiosks, by their instants, those that reached the hub only after it was judged.

    One statement; none while it is not judged. Where a batch came twice, its last coming counts.
    """
    judged = max((row.at for row in case.steps if row.step in JUDGING), default=None)
    given = [each.at for each in case.answers if not each.by]
    if judged is None or not given or case.stands.judged not in ("confirmed", "refused"):
        return set()
    holds = (BatchRow.first <= RequestRow.seq) & (BatchRow.last >= RequestRow.seq)
    came = select(BatchRow.received).where(BatchRow.lineage == RequestRow.lineage, holds)
    query = select(RequestRow.at, came.order_by(BatchRow.row.desc()).limit(1).scalar_subquery()).where(
        RequestRow.person == case.found.person, RequestRow.asks == ANSWER, RequestRow.at.in_(given)
    )
    return {at for at, received in session.execute(query) if received is not None and received > judged}
