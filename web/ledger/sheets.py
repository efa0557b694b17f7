"""Month sheets as they were signed, and the signatures under them. What is signed stays as it is."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from web.ledger.rows import HASH, ID, Row


class SheetRow(Row):
    """A unit's sheet, frozen at its first signature. `data`: its canonical bytes as text; `hash`: of them.

    `closed`: when the last signature stood. A sheet that was `reopened` counts no longer; the next one follows it.
    """

    __tablename__ = "sheets"
    __table_args__ = (Index(None, "month", "unit"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    unit: Mapped[str] = mapped_column(String(100))
    month: Mapped[str] = mapped_column(String(7))
    data: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(HASH)
    frozen: Mapped[datetime]
    closed: Mapped[datetime | None]
    reopened: Mapped[datetime | None]
    reopened_by: Mapped[str | None] = mapped_column(ID)
    reason: Mapped[str] = mapped_column(String(200))


class SignatureRow(Row):
    """A signature under a sheet: in which role, by whom, when."""

    __tablename__ = "signatures"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    sheet: Mapped[str] = mapped_column(ForeignKey("sheets.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    person: Mapped[str] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
