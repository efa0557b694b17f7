"""The hall itself: one row, whose lock is also the one that orders the audit chain."""

from sqlalchemy import Boolean, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from web.ledger.rows import HASH, ID, Row


class HallRow(Row):
    """The hall: id, the name on its screens, and the zone that cuts its days.

    `second_factor`: administrators are asked for it; `first_run`: hash of the code that lets the first one in, none
    once they are; `setup`: the steps of setting up that are behind, as JSON, empty for a hall set up otherwise.
    """

    __tablename__ = "hall"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    zone: Mapped[str] = mapped_column(String(64))
    second_factor: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    first_run: Mapped[str | None] = mapped_column(HASH)
    setup: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
