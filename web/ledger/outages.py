"""What was decided about the gaps of stations, and gaps that a duty leader entered."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from web.ledger.rows import ID, Row


class OutageRow(Row):
    """A gap that was decided: derived ones have the id of their fact. `station` None: every station of the hall.

    `why`: reader, power, entered; `status`: confirmed, refused. A later word replaces it; the audit keeps every one.
    """

    __tablename__ = "outages"
    __table_args__ = (Index(None, "ends"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    station: Mapped[str | None] = mapped_column(ID)
    start: Mapped[datetime]
    ends: Mapped[datetime]
    why: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(200))
    decided: Mapped[datetime]
    by: Mapped[str] = mapped_column(ID)
