"""Accounts of the hub, each tied to a person, and the browsers that are signed in."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from web.ledger.rows import HASH, ID, Row


class AccountRow(Row):
    """An account. `failures` and `wait_until` slow down guessing at this one account.

    `factor`: the sealed secret of the second factor, in hex; asked for once `factor_since` is there; `factor_step`:
    the last time step whose code counted.
    """

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
    factor: Mapped[str | None] = mapped_column(Text)
    factor_since: Mapped[datetime | None]
    factor_step: Mapped[int | None] = mapped_column(BigInteger)


class RecoveryCodeRow(Row):
    """A code that stands once for the second factor; only its hash is kept."""

    __tablename__ = "recovery_codes"

    hash: Mapped[str] = mapped_column(HASH, primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    used: Mapped[datetime | None]


class LoginRow(Row):
    """A signed-in browser, found by the hash of the token in its cookie; ended by hand, idleness or age.

    `address`, `agent`: from where, by what, as the browser said at its login.
    """

    __tablename__ = "logins"

    token_hash: Mapped[str] = mapped_column(HASH, primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    begun: Mapped[datetime]
    seen: Mapped[datetime]
    ended: Mapped[datetime | None]
    address: Mapped[str] = mapped_column(String(45), default="", server_default=text("''"))
    agent: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
