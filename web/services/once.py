"""What everybody asks about the running day, worked out once for all of them and never older than the ledger.

It stands within a minute (presence knows no shorter time) while no fact came and nothing was decided. With forty
screens open a press costs one working out, not forty.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from station.rules.hours import minute_of
from web.ledger.audit import AuditRow
from web.ledger.facts import ExitRow, PunchRow, SignInRow
from web.ledger.stations import LineageRow

_Made = TypeVar("_Made")


class State(NamedTuple):
    """All that a reading of the day depends on: how many facts are held, the audit's last line, the minute."""

    facts: int
    lines: int
    minute: int


@dataclass
class Once:
    """The last reading of each kind, with the state that it is of."""

    kept: dict[str, tuple[State, Any]] = field(default_factory=dict)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def get(
        self, session: Session, now: datetime, kind: str, make: Callable[[], _Made], state: State | None = None
    ) -> _Made:
        """The reading of this kind as of `now`: the kept one, or what `make` answers.

        `state`: the ledger's, where it was read already; one statement where it was not.
        """
        state = state or state_at(session, now)
        if state is None:
            return make()
        with self.turn:  # who asks meanwhile waits for the one that works it out
            held = self.kept.get(kind)
            if held is None or held[0] != state:
                held = self.kept[kind] = state, make()
        found: _Made = held[1]
        return found


def state_at(session: Session, now: datetime) -> State | None:
    """The ledger's state; None while it holds a record later than `now`, which a later second of the minute reads.

    Facts are counted, not numbered: in PostgreSQL a lower number may be seen after a higher one.
    """
    facts = select(func.coalesce(func.sum(LineageRow.upto), 0)).scalar_subquery()
    lines = select(func.coalesce(func.max(AuditRow.row), 0)).scalar_subquery()
    newest = (select(func.max(table.at)).scalar_subquery() for table in (PunchRow, SignInRow, ExitRow))
    held, said, *ats = session.execute(select(facts, lines, *newest)).one()
    if any(at is not None and at > now for at in ats):
        return None
    return State(int(held), int(said), minute_of(now))
