"""Covers: what kiosks said of them, read out of facts, and what desks decided about them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from web.ledger.facts import FromFact
from web.ledger.rows import ID, Row


class CoverTurnRow(FromFact, Row):
    """Somebody took a post over at a kiosk at once, or gave one back there. `turn`: begin, end.

    `covers_from`, `covers_to`: for when the cover was asked. `cover`: which one ends; empty when the kiosk did not
    know it. `person` signed it.
    """

    __tablename__ = "cover_turns"
    __table_args__ = (Index(None, "at"),)

    turn: Mapped[str] = mapped_column(String(5))
    person: Mapped[str] = mapped_column(ID)
    covered: Mapped[str] = mapped_column(ID)
    covering: Mapped[str] = mapped_column(ID)
    covers_from: Mapped[datetime | None]
    covers_to: Mapped[datetime | None]
    cover: Mapped[str] = mapped_column(ID)
    note: Mapped[str] = mapped_column(Text)


class CoverRow(Row):
    """A cover as desks know it. One that a kiosk began has the id of its fact, and a row only once a desk decided.

    `state`: proposed (on approval of `leave`, to be accepted), open, ended, refused, cancelled. `standing`: how the
    covering person stands to the post. `clauses`: ids, one blank between them. `made`: when it was proposed or opened;
    `handover_at`, `handback_at`: when the note was written.
    """

    __tablename__ = "covers"
    __table_args__ = (Index(None, "start"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    post: Mapped[str] = mapped_column(ForeignKey("posts.id"), index=True)
    person: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    covered: Mapped[str | None] = mapped_column(ID)
    occasion: Mapped[str] = mapped_column(String(12))
    standing: Mapped[str] = mapped_column(String(20))
    began: Mapped[str] = mapped_column(String(6))  # kiosk, desk
    state: Mapped[str] = mapped_column(String(12))
    start: Mapped[datetime]
    end: Mapped[datetime | None]
    handover: Mapped[str] = mapped_column(Text)
    handback: Mapped[str] = mapped_column(Text)
    clauses: Mapped[str] = mapped_column(Text)
    opened_by: Mapped[str | None] = mapped_column(ID)
    ended_by: Mapped[str | None] = mapped_column(ID)
    decided: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(ID)
    leave: Mapped[str | None] = mapped_column(ID, index=True)
    made: Mapped[datetime | None]
    handover_at: Mapped[datetime | None]
    handback_at: Mapped[datetime | None]
