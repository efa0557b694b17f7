"""Closed days as they were judged: a cache that may be thrown away at any time."""

from datetime import date

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from web.ledger.rows import ID, Row


class VerdictRow(Row):
    """A person's closed day. `basis` says under which version, day's kind, group and posting it was judged: with
    another basis, or a stale mark, the row counts for nothing. `sessions` is JSON, one entry a session."""

    __tablename__ = "verdicts"
    __table_args__ = (Index(None, "day"),)

    person: Mapped[str] = mapped_column(ID, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    basis: Mapped[str] = mapped_column(String(40))
    sessions: Mapped[str] = mapped_column(Text)
