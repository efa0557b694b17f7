"""Tokens by which other systems read from the hub."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from web.ledger.rows import HASH, ID, Row


class ApiTokenRow(Row):
    """A token, kept as its hash; good from `made` until `until` unless revoked before."""

    __tablename__ = "api_tokens"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    hash: Mapped[str] = mapped_column(HASH, unique=True)
    scope: Mapped[str] = mapped_column(String(10))  # read
    made: Mapped[datetime]
    by: Mapped[str | None] = mapped_column(ID)
    until: Mapped[datetime]
    last_used: Mapped[datetime | None]
    revoked: Mapped[datetime | None]
