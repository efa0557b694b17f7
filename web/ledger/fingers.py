"""Orders to forget somebody's fingers; which station carried one out is read from the facts."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from web.ledger.rows import ID, Row


class FingerOrderRow(Row):
    """An order to forget every finger of a person that was enrolled before `at`.

    One given because the person left holds for later arrivals too, until it is cancelled by their return.
    """

    __tablename__ = "finger_orders"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    person: Mapped[str] = mapped_column(ID, index=True)
    at: Mapped[datetime]
    by: Mapped[str | None] = mapped_column(ID)
    why: Mapped[str] = mapped_column(String(10))  # asked, left
    cancelled: Mapped[datetime | None]
