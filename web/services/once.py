"""What everybody asks about the running day, worked out once for all of them and never older than the ledger.

It stands within a minute (presence knows no shorter time) while no fact came and nothing was decided. With forty
screens open a press costs one working out, not forty.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import BigInteger, cast, func, literal, null, select

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

    def get(self, state: State | None, kind: str, make: Callable[[], _Made]) -> _Made:
        """The reading of this kind of a ledger in this state: the kept one, or what `make` answers."""
        if state is None:
            return make()
        with self.turn:  # who asks meanwhile waits for the one that works it out
            held = self.kept.get(kind)
            if held is None or held[0] != state:
                held = self.kept[kind] = state, make()
        found: _Made = held[1]
        return found


class Stand(NamedTuple):
    """How a ledger stands: how many facts it holds, its audit's last line, its latest record."""

    facts: int = 0
    lines: int = 0
    latest: datetime | None = None

    def at(self, now: datetime) -> State | None:
        """Its state; None while it holds a record later than `now`, which a later second of the minute reads."""
        ahead = self.latest is not None and self.latest > now
        return None if ahead else State(self.facts, self.lines, minute_of(now))


NOTHING = Stand()


def stand_parts() -> list[Any]:
    """What is asked for how the ledger stands, as rows beside others: a number, two blanks, what it is, an instant.

    Facts are counted, not numbered: in PostgreSQL a lower number may be seen after a higher one. Its sums are numerics,
    which would make numerics of every other number in the column.
    """
    never = cast(null(), PunchRow.at.type)
    return [
        select(cast(func.sum(LineageRow.upto), BigInteger), null(), null(), literal("facts"), never),
        select(func.max(AuditRow.row), null(), null(), literal("lines"), never),
        *(
            select(null(), null(), null(), literal("latest"), func.max(table.at))
            for table in (PunchRow, SignInRow, ExitRow)
        ),
    ]


def stand_of(rows: Iterable[Any]) -> Stand:
    """The same of what was read. Each row has `row`, `kind` and `at`; others are passed over."""
    found: dict[str, int] = {}
    ats = []
    for each in rows:
        if each.kind in ("facts", "lines"):
            found[each.kind] = int(each.row or 0)
        elif each.kind == "latest" and each.at is not None:
            ats.append(each.at)
    return Stand(found["facts"], found["lines"], max(ats, default=None))
