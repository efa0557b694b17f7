"""Versions of the day table: which days are off or worked against the week's rule, and which years are known."""

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from web.ledger.rows import HASH, ID, ROW_NUMBER, Row


class CalendarRow(Row):
    """A whole day table as JSON {holidays, workdays, known, confirmed}; the last one made holds for every day."""

    __tablename__ = "calendars"

    row: Mapped[int] = mapped_column(ROW_NUMBER, primary_key=True)
    data: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(HASH)
    reason: Mapped[str] = mapped_column(Text)
    made: Mapped[datetime]
    by: Mapped[str | None] = mapped_column(ID)
