"""Leave and permissions as asked for, and what was decided about each. The acts are the history; nothing is edited."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from web.ledger.rows import HASH, ID, Row


class LeaveRow(Row):
    """An absence asked for: from `start` up to, not including, `ends`. A kiosk's has the id of its fact.

    `status` and `ends` follow from the acts: pending, approved, refused, cancelled, revoked. `asked_to`: the end as it
    was asked for. `filed_by`: None for a kiosk's. `paper`: whether the unit's slip or form was handed in.
    """

    __tablename__ = "leaves"
    __table_args__ = (Index(None, "person", "start"), Index(None, "ends"), Index(None, "status"))

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    person: Mapped[str] = mapped_column(ID)
    kind: Mapped[str] = mapped_column(String(20))
    start: Mapped[datetime]
    ends: Mapped[datetime]
    asked_to: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200))
    filed: Mapped[datetime]
    filed_by: Mapped[str | None] = mapped_column(ID)
    paper: Mapped[bool]
    status: Mapped[str] = mapped_column(String(12))


class LeaveActRow(Row):
    """Something done about a leave. `act`: approve, refuse, withdraw, cancel, revoke, extend, cut, return, paper
    (the slip or form was handed in), slip (a photo of it came later), unexcused (an overrun without a good reason).

    `step`: the place in the chain that was decided, `role`: in which role; `until`: a new end, or when they were back.
    """

    __tablename__ = "leave_acts"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    leave: Mapped[str] = mapped_column(ForeignKey("leaves.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(ID)
    act: Mapped[str] = mapped_column(String(12))
    step: Mapped[int | None]
    role: Mapped[str] = mapped_column(String(20))
    until: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(200))


class LeaveSlipRow(Row):
    """A page of the slip or form that came with a leave, as a photo. `page` from 1; `by`: who handed it in."""

    __tablename__ = "leave_slips"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    leave: Mapped[str] = mapped_column(ForeignKey("leaves.id"), index=True)
    page: Mapped[int]
    sha256: Mapped[str] = mapped_column(HASH, index=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(ID)
