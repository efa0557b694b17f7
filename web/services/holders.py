"""Who holds which role on a day, for a person's window and unit: the heads of the one, the clerks of the other."""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.policy_parts import Role
from web.ledger.people import PersonRow, RoleRow
from web.ledger.posts import WindowRow
from web.services import roles

OF_UNIT = frozenset(("attendance_clerk", "unit_leader", "chief_rep"))


@dataclass(frozen=True)
class Holding:
    """Everybody's roles of a day, read once. `windows`: number → the ids of the windows that bear it."""

    held: list[tuple[RoleRow, str]]  # with the unit of who holds it
    windows: dict[str, set[str]]
    names: dict[str, str] = field(default_factory=dict)

    def of(self, person: PersonRow) -> dict[Role, set[str]]:
        """Role → who holds it for this person."""
        found: dict[Role, set[str]] = {}
        own = self.windows.get(person.window, set())
        for row, unit in self.held:
            if row.role == "window_head" and row.scope not in own:
                continue
            if row.role in OF_UNIT and unit != person.unit:
                continue
            found.setdefault(row.role, set()).add(row.person)  # type: ignore[arg-type]  # one of Role
        return found


def on(session: Session, day: date) -> Holding:
    """The roles in force on a day. Two statements."""
    query = select(RoleRow, PersonRow.unit, PersonRow.name).join(PersonRow, PersonRow.id == RoleRow.person)
    rows = [(row, unit, name) for row, unit, name in session.execute(query) if roles.in_force([row], day)]
    windows: dict[str, set[str]] = {}
    for id_, number in session.execute(select(WindowRow.id, WindowRow.number).where(WindowRow.closed.is_(None))):
        windows.setdefault(number, set()).add(id_)
    return Holding([(row, unit) for row, unit, _ in rows], windows, {row.person: name for row, _, name in rows})
