"""The hall itself: one row, whose lock is also the one that orders the audit chain."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from web.ledger.rows import ID, Row


class HallRow(Row):
    """The hall: id, the name on its screens, and the zone that cuts its days."""

    __tablename__ = "hall"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    zone: Mapped[str] = mapped_column(String(64))
