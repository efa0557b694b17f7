"""Whether a month may be closed for some people, and if not, everything that has to be settled first."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from station.rules.closing import Obstacle, of_days
from station.rules.given import Outage
from station.rules.outage import would_keep
from web.ledger.people import PersonRow
from web.services import attendance, in_force, outages
from web.services.attendance import Book
from web.services.in_force import InForce, group_of

# Outages of a stretch of time that nobody confirmed or refused yet, by person (None: for everybody).
Unconfirmed = Callable[[Session, datetime, datetime], Iterable[tuple[str | None, Outage]]]
UNCONFIRMED: tuple[Unconfirmed, ...] = (outages.unconfirmed,)


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
    found = [*_running(held, last, now), *_outages(session, book, unconfirmed)]
    for person in book.people:
        found += of_days(person.id, book.days.get(person.id, ()))
    if not held.table.is_known(first):
        found.append(Obstacle("unknown_year", first))
    return Closing(first, sorted(_once(found), key=lambda each: (each.person != "", each.day)))


def _running(held: InForce, last: date, now: datetime) -> Iterable[Obstacle]:
    """The last day, when the month is not over yet."""
    if not attendance.is_closed(held, last, now):
        yield Obstacle("running", last)


def _outages(session: Session, book: Book, unconfirmed: Sequence[Unconfirmed]) -> Iterable[Obstacle]:
    """Those that would make good a side which somebody lacks: what they decide is not known yet."""
    held, first, last = book.held, book.first, book.last
    since, until = attendance.opening(held, first), attendance.opening(held, last + timedelta(days=1), last=True)
    people = {row.id: row for row in book.people}
    for reader in unconfirmed:
        for person, outage in reader(session, since, until):
            for row in people.values() if person is None else filter(None, [people.get(person)]):
                yield from (Obstacle("outage", day) for day in _deciding(book, row, outage))


def _deciding(book: Book, person: PersonRow, outage: Outage) -> Iterable[date]:
    """The person's days that an outage would change."""
    for judged in book.days.get(person.id, ()):
        law = book.held.law(judged.day.date, group_of(person.group))
        sessions = zip(judged.verdicts, judged.day.spans, strict=True)
        if judged.day.worked and any(would_keep(*each, law, outage.start, outage.end) for each in sessions):
            yield judged.day.date


def _once(found: Iterable[Obstacle]) -> Iterable[Obstacle]:
    """Each obstacle once; an unknown year once for the month."""
    return dict.fromkeys(each._replace(day=each.day.replace(day=1)) if each.why == "unknown_year" else each
                         for each in found)  # fmt: skip
