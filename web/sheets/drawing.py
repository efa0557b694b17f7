"""What the pages of the sheets ask for: a unit's sheet as it stands, and who signs."""

from datetime import date

from web.attendance.judging import book_of
from web.auth.gate import myself
from web.door import hub, reading
from web.services import drawing, in_force
from web.services.drawing import Drawn
from web.services.in_force import InForce
from web.services.signing import Signer


def drawn(held: InForce, unit: str, first: date) -> Drawn:
    """The sheet of a unit's month. NotFound when the unit has nobody posted in it."""
    staff = drawing.staff_of(reading(), unit, first)
    book = book_of(held, [one.person for one in staff], first, in_force.last_of(first))
    return drawing.drawn(reading(), hub(), unit, first, staff, book)


def signer() -> Signer:
    """Who is signed in, as somebody who may sign."""
    login = myself()
    return Signer(login.person, login.roles, login.unit)
