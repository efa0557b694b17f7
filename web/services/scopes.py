"""Whose people somebody may look into: the whole hall's, those of their own unit, or only themselves.

The one place that says so. A query of people takes a Scope; a page asks `web.auth.scope` for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Select, or_

from web.ledger.people import PersonRow

OF_HALL = frozenset(("admin", "supervision", "duty_leader", "office_leader", "centre_leader"))
OF_UNIT = frozenset(("attendance_clerk", "unit_leader", "chief_rep", "window_head"))
PATROLS = OF_HALL | {"patrol_officer"}  # who sees every window with those at it, since a round passes them all
_Columns = TypeVarTuple("_Columns")


@dataclass(frozen=True, slots=True)
class Scope:
    """`hall`: everybody. Else the people of `unit` (empty: of none) and `person`, the one who looks."""

    hall: bool = False
    unit: str = ""
    person: str = ""

    def holds(self, person: PersonRow) -> bool:
        """Whether this person is within."""
        return self.holds_unit(person.unit) or person.id == self.person

    def holds_unit(self, unit: str) -> bool:
        """Whether everybody of this unit is within."""
        return self.hall or (self.unit != "" and unit == self.unit)

    def of(self, query: Select[*_Columns]) -> Select[*_Columns]:
        """The query, which names PersonRow, narrowed to the people within."""
        return query if self.hall else query.where(self._within())

    def _within(self) -> ColumnElement[bool]:
        own = PersonRow.id == self.person
        return or_(own, PersonRow.unit == self.unit) if self.unit else own


EVERYBODY = Scope(hall=True)


def scope_of(person: str, unit: str, roles: Iterable[str]) -> Scope:
    """The scope of a person of a unit with these roles in force."""
    held = frozenset(roles)
    if held & OF_HALL:
        return EVERYBODY
    return Scope(unit=unit if held & OF_UNIT else "", person=person)


@dataclass(frozen=True, slots=True)
class PatrolScope:
    """What of the patrol's records somebody sees: all of them (`hall`), the rounds that they walked (`officer`), and
    what was seen at the windows of their `unit`. Empty: nothing of that kind."""

    hall: bool = False
    officer: str = ""
    unit: str = ""

    def holds_round(self, officers: Iterable[str]) -> bool:
        """Whether the whole of a round that these walked is within."""
        return self.hall or (self.officer != "" and self.officer in officers)

    def holds(self, officers: Iterable[str], unit: str | None) -> bool:
        """Whether what was seen at a window of `unit` (None: at no window), in a round that these walked, is within."""
        return self.holds_round(officers) or (self.unit != "" and unit == self.unit)


def patrol_scope_of(person: str, unit: str, roles: Iterable[str]) -> PatrolScope | None:
    """The same for a person of a unit with these roles in force; None for whom it is not for at all."""
    held = frozenset(roles)
    if not held & (PATROLS | OF_UNIT):
        return None
    officer = person if "patrol_officer" in held else ""
    return PatrolScope(bool(held & OF_HALL), officer, unit if held & OF_UNIT else "")
