"""Judging for a page: closed days are kept once they are judged, unless the ledger is too busy to take them."""

from collections.abc import Sequence
from datetime import date

from web.door import hub, reading, writing
from web.ledger.errors import LedgerBusy
from web.ledger.people import PersonRow
from web.services import attendance
from web.services.attendance import Book
from web.services.in_force import InForce


def book_of(held: InForce, staff: Sequence[PersonRow], first: date, last: date) -> Book:
    """Their closed days, judged; what was judged just now is kept, unless the ledger is too busy to take it."""
    now = hub().now()
    book = attendance.look(reading(), held, staff, first, last, now)
    if not book.lacking:
        return book
    try:
        with writing() as ledger:
            return attendance.settle(ledger, hub(), book, now)
    except LedgerBusy:
        return attendance.unkept(reading(), book, now)
