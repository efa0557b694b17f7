"""Accounts of the hub, each tied to a person, and the browsers that are signed in."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from web.ledger.rows import HASH, ID, Row


class AccountRow(Row):
    """An account. `failures` and `wait_until` slow down guessing at this one account."""

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("people.id"), unique=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    password: Mapped[str] = mapped_column(String(200))  # argon2id
    must_change: Mapped[bool]
    failures: Mapped[int]
    wait_until: Mapped[datetime | None]
    made: Mapped[datetime]
    closed: Mapped[datetime | None]


class LoginRow(Row):
    """A signed-in browser, found by the hash of the token in its cookie; ended by hand, idleness or age."""

    __tablename__ = "logins"

    token_hash: Mapped[str] = mapped_column(HASH, primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    begun: Mapped[datetime]
    seen: Mapped[datetime]
    ended: Mapped[datetime | None]
