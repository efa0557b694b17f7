"""Duty: who leads which day, swaps asked for, the day's log, the closing check, handovers. Rows are never edited."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from web.ledger.rows import ID, Row


class DutyDayRow(Row):
    """Who leads a day, or a stretch of it (`start` up to `ends`) in the leader's place. The newest row counts.

    `person`: None for nobody, or, of a stretch, the leader again. `act`: plan, change, swap, delegate, back.
    """

    __tablename__ = "duty_days"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    day: Mapped[date] = mapped_column(index=True)
    person: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    start: Mapped[datetime | None]
    ends: Mapped[datetime | None]
    act: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(ID)


class DutySwapRow(Row):
    """A leader's wish that somebody else take their `day`, in exchange for `other_day` or, with None, for nothing."""

    __tablename__ = "duty_swaps"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    day: Mapped[date] = mapped_column(index=True)
    person: Mapped[str] = mapped_column(ForeignKey("people.id"))
    other: Mapped[str] = mapped_column(ForeignKey("people.id"))
    other_day: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(ID)


class DutyEntryRow(Row):
    """A line of a day's log. `task`: which duty of the policy it belongs to; `happened`: when it was."""

    __tablename__ = "duty_entries"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    day: Mapped[date] = mapped_column(index=True)
    happened: Mapped[datetime]
    task: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(String(60))
    urgent: Mapped[bool]
    damage: Mapped[bool]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(ID)


class DutyCheckRow(Row):
    """A floor looked over at the day's end; the newest of a floor counts. `floor`: None for what concerns the hall.

    `items`: the ids that were looked for, `faults`: those found, both parted by spaces.
    """

    __tablename__ = "duty_checks"
    __table_args__ = (Index(None, "day", "floor"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    day: Mapped[date]
    floor: Mapped[int | None]
    items: Mapped[str] = mapped_column(Text)
    faults: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(ID)


class DutyHandoverRow(Row):
    """A day handed over to the leader of `to_day`, whoever that is by then."""

    __tablename__ = "duty_handovers"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    day: Mapped[date] = mapped_column(index=True)
    to_day: Mapped[date] = mapped_column(index=True)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(ID)


class DutyActRow(Row):
    """Something done about a swap, an entry or a handover (`about`: its id).

    Of a swap: agree, decline, approve, refuse, withdraw. Of an entry: report, settle, feedback, seen. Of a handover:
    accept, return. `told`: to whom.
    """

    __tablename__ = "duty_acts"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    about: Mapped[str] = mapped_column(ID, index=True)
    act: Mapped[str] = mapped_column(String(12))
    told: Mapped[str] = mapped_column(String(60))
    note: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(ID)
