"""Missing presses asked to be made good, and what was decided about each. The acts are the history."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from web.ledger.rows import ID, Row


class CorrectionRow(Row):
    """One side of a session of somebody's day, to be made good. A kiosk's has the id of its fact.

    `at`: when it was, None while nobody said: then it counts as on time once it is approved. `source`: kiosk, desk,
    paper. `status` follows from the acts: pending, approved, refused, withdrawn, annulled. `filed_by`: None for a
    kiosk's.
    """

    __tablename__ = "corrections"
    __table_args__ = (Index(None, "at", "person"), Index(None, "person", "day"), Index(None, "status"))

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    person: Mapped[str] = mapped_column(ID)
    day: Mapped[date]
    session: Mapped[str] = mapped_column(String(20))
    side: Mapped[str] = mapped_column(String(3))
    at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(10))
    filed: Mapped[datetime]
    filed_by: Mapped[str | None] = mapped_column(ID)
    status: Mapped[str] = mapped_column(String(10))


class CorrectionActRow(Row):
    """Something done about a correction. `act`: approve, refuse, withdraw, annul; `role`: in which role."""

    __tablename__ = "correction_acts"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    correction: Mapped[str] = mapped_column(ForeignKey("corrections.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(ID)
    act: Mapped[str] = mapped_column(String(10))
    role: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(200))
