"""PINs that people set, at the hub or at a kiosk. Only argon2id hashes, and only of the PIN in force."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from web.ledger.rows import ID, Row

LONGEST_HASH = 200


class PinRow(Row):
    """One setting of a PIN. `id` is the request fact's for one set at a kiosk, so it is taken once.

    `at`: when it was set; of a kiosk's, the request's own time goes before it (a clock may be put right later).
    `hash`: empty when a newer one replaced it, or when what the kiosk sent could not be opened.
    """

    __tablename__ = "pins"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    person: Mapped[str] = mapped_column(ID, index=True)
    at: Mapped[datetime]
    hash: Mapped[str] = mapped_column(String(LONGEST_HASH))
    source: Mapped[str] = mapped_column(String(10))  # kiosk, desk
    by: Mapped[str | None] = mapped_column(ID)  # whose login it was set under; None: at a kiosk
