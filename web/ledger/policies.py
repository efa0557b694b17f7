"""Versions of the hall's policy: added, never changed. Of several that begin on one day the last one made holds."""

from datetime import date, datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from web.ledger.rows import HASH, ID, ROW_NUMBER, Row


class PolicyRow(Row):
    """What is in force from `since` on. `data`: the whole policy as JSON, so that no later pack changes it."""

    __tablename__ = "policies"

    row: Mapped[int] = mapped_column(ROW_NUMBER, primary_key=True)
    since: Mapped[date]
    title: Mapped[str] = mapped_column(String(100))
    data: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(HASH)
    reason: Mapped[str] = mapped_column(Text)  # why it begins on another day than the first of a coming month
    made: Mapped[datetime]
    by: Mapped[str | None] = mapped_column(ID)  # a person; None: what the hall began with
