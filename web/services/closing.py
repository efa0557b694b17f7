"""Whether a month may be closed for some people, and if not, everything that has to be settled first."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from station.rules.closing import Obstacle, of_days
from station.rules.given import Outage
from web.ledger.people import PersonRow
from web.services import attendance, in_force
from web.services.attendance import Book
from web.services.in_force import InForce

# Outages of a stretch of time that nobody confirmed or refused yet; the table of outages adds its reader here.
Unconfirmed = Callable[[Session, datetime, datetime], Iterable[Outage]]
UNCONFIRMED: tuple[Unconfirmed, ...] = ()


@dataclass(frozen=True, slots=True)
class Closing:
    """A month and what stands in its way, the whole hall's first, then by day."""

    first: date
    obstacles: Sequence[Obstacle]

    @property
    def may_close(self) -> bool:
        """Whether nothing does."""
        return not self.obstacles


def of_month(session: Session, held: InForce, people: Sequence[PersonRow], first: date, now: datetime,
             unconfirmed: Sequence[Unconfirmed] = UNCONFIRMED) -> Closing:  # fmt: skip
    """The month that begins on `first`, for these people. Keeps nothing; judges what the cache lacks."""
    last = in_force.last_of(first)
    book = attendance.look(session, held, people, first, last, now)
    if book.lacking:
        book = attendance.unkept(session, book, now)
    return of_book(session, book, first, now, unconfirmed)


def of_book(session: Session, book: Book, first: date, now: datetime,
            unconfirmed: Sequence[Unconfirmed] = UNCONFIRMED) -> Closing:  # fmt: skip
    """The same of a month that is judged already: `book` has nothing lacking."""
    held, last = book.held, book.last
    found = [*_running(held, last, now), *_outages(session, held, first, last, unconfirmed)]
    for person in book.people:
        found += of_days(person.id, book.days.get(person.id, ()))
    if not held.table.is_known(first):
        found.append(Obstacle("unknown_year", first))
    return Closing(first, sorted(_once(found), key=lambda each: (each.person != "", each.day)))


def _running(held: InForce, last: date, now: datetime) -> Iterable[Obstacle]:
    """The last day, when the month is not over yet."""
    if not attendance.is_closed(held, last, now):
        yield Obstacle("running", last)


def _outages(session: Session, held: InForce, first: date, last: date,
             unconfirmed: Sequence[Unconfirmed]) -> Iterable[Obstacle]:  # fmt: skip
    since, until = attendance.opening(held, first), attendance.opening(held, last + timedelta(days=1), last=True)
    for reader in unconfirmed:
        for outage in reader(session, since, until):
            yield Obstacle("outage", max(first, outage.start.astimezone(held.zone).date()))


def _once(found: Iterable[Obstacle]) -> Iterable[Obstacle]:
    """Each obstacle once; an unknown year once for the month."""
    return dict.fromkeys(each._replace(day=each.day.replace(day=1)) if each.why == "unknown_year" else each
                         for each in found)  # fmt: skip
