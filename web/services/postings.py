"""From when people are posted, as the rules want it: what the roster says, and the first records where it is silent.

A record whose time is not known (an unsynced clock) begins nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import CompoundSelect, func, select, union_all
from sqlalchemy.orm import Session

from station.rules.given import Posting
from station.rules.hours import local_day
from station.rules.posting import begun
from web.ledger.facts import ExitRow, PunchRow, SignInRow
from web.ledger.people import PersonRow
from web.services.in_force import InForce, group_of
from web.services.records import FEW
from web.services.today import posting_of

Firsts = Mapping[str, datetime]  # person → their first record


def first_records(held: InForce, people: Sequence[PersonRow], first: date) -> CompoundSelect[Any] | None:
    """The statement for first records (person, at) older than the entry, of those for whom they matter.

    Those are people without a day of posting who were entered after `first`, the first day to be judged.
    """
    asked = [one for one in people if one.posted_from is None and _entered(held, one) > first]
    if not asked:
        return None
    latest, ids = max(one.added for one in asked), [one.id for one in asked]
    parts: list[Any] = []
    for table in (PunchRow, SignInRow, ExitRow):
        part = select(table.person, func.min(table.at).label("at")).where(table.at < latest, table.clock != "unsynced")
        parts.append((part if len(ids) > FEW else part.where(table.person.in_(ids))).group_by(table.person))
    return union_all(*parts)


def postings(held: InForce, people: Iterable[PersonRow], firsts: Firsts) -> dict[str, Posting]:
    """Everybody's posting as it counts."""
    hall = None if held.begun is None else _midnight(held, _day(held, held.begun))
    found = {}
    days: dict[datetime, datetime] = {}  # a list of people is entered at one instant
    for one in people:
        said, own = posting_of(one, held.zone), firsts.get(one.id)
        entered = days.get(one.added) or days.setdefault(one.added, _midnight(held, _entered(held, one)))
        found[one.id] = begun(said, entered, own and _midnight(held, _day(held, own, one)), hall)
    return found


def read(session: Session, held: InForce, people: Sequence[PersonRow], first: date) -> dict[str, Posting]:
    """The same from the ledger, for judging days from `first` on. One statement, none when the roster says enough."""
    query = first_records(held, people, first)
    return postings(held, people, {} if query is None else earliest(session.execute(query)))


def earliest(rows: Iterable[tuple[str, datetime]]) -> dict[str, datetime]:
    """Of each person the earliest."""
    found: dict[str, datetime] = {}
    for person, at in rows:
        found[person] = min(at, found.get(person, at))
    return found


def _entered(held: InForce, person: PersonRow) -> date:
    return person.added.astimezone(held.zone).date()


def _day(held: InForce, at: datetime, person: PersonRow | None = None) -> date:
    """The day to which a record belongs."""
    local = at.astimezone(held.zone).date()
    return local_day(at, held.law(local, group_of(person.group) if person else "window"))


def _midnight(held: InForce, day: date) -> datetime:
    return datetime.combine(day, time(), held.zone)
