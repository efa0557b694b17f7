"""Orders to enrol or forget somebody's fingers; which station carried one out is read from the facts."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from web.ledger.rows import ID, Row


class FingerOrderRow(Row):
    """An order to forget every finger of a person that was enrolled before `at`, or to enrol one at a station.

    One to forget because the person left holds for later arrivals too, until it is cancelled by their return.
    """

    __tablename__ = "finger_orders"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    person: Mapped[str] = mapped_column(ID, index=True)
    at: Mapped[datetime]
    by: Mapped[str | None] = mapped_column(ID)
    why: Mapped[str] = mapped_column(String(10))  # asked, left
    cancelled: Mapped[datetime | None]
    do: Mapped[str] = mapped_column(String(6), server_default="forget")  # forget, enrol
    station: Mapped[str | None] = mapped_column(ForeignKey("stations.id"))  # where to enrol; None: wherever one is held
    finger: Mapped[str] = mapped_column(String(20), server_default=text("''"))
