"""What attendance says beside a finding about a person: that day's presses, goings out and leave."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from station.rules.given import Absence, Punch
from web.services import covers, records
from web.services.findings import Case
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
