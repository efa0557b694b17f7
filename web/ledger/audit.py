"""Who decided what at the hub: append-only, each line holding the hash of the line before it."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from web.ledger.rows import HASH, ID, ROW_NUMBER, Row


class AuditRow(Row):
    """One line. `detail` is JSON; `hash` is SHA-256 of the line's canonical form with `prev` inside."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_act_subject", "act", "subject"),)

    row: Mapped[int] = mapped_column(ROW_NUMBER, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    by: Mapped[str | None] = mapped_column(ID)  # a person; None: the command line
    act: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(100))
    detail: Mapped[str] = mapped_column(Text)
    prev: Mapped[str] = mapped_column(HASH, unique=True)
    hash: Mapped[str] = mapped_column(HASH)
    origin: Mapped[str | None] = mapped_column(String(45))  # the address that asked; None: the command line
