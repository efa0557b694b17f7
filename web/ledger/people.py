"""People of the hall and the roles they hold."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from web.ledger.rows import ID, DayOrInstant, Row


class PersonRow(Row):
    """Somebody who works in the hall. A posting's ends are whole days (inclusive) or instants; None is open."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    number: Mapped[str] = mapped_column(String(40), index=True)  # 工号, shown only
    pinyin: Mapped[str] = mapped_column(String(120))
    unit: Mapped[str] = mapped_column(String(100), index=True)
    window: Mapped[str] = mapped_column(String(20))
    phone: Mapped[str | None] = mapped_column(String(20))
    group: Mapped[str] = mapped_column(String(12))  # window, back_office, other
    posted_from: Mapped[date | datetime | None] = mapped_column(DayOrInstant)
    posted_to: Mapped[date | datetime | None] = mapped_column(DayOrInstant)
    added: Mapped[datetime]


class FormerUnitRow(Row):
    """A unit that somebody belonged to before a move, and the last day there, inclusive. The present one is `unit`."""

    __tablename__ = "former_units"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    unit: Mapped[str] = mapped_column(String(100), index=True)
    window: Mapped[str] = mapped_column(String(20))
    until: Mapped[date]


class RoleRow(Row):
    """A role with its days, both inclusive; None is open. `scope`: the window that one heads, None elsewhere."""

    __tablename__ = "roles"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    since: Mapped[date | None]
    until: Mapped[date | None]
    scope: Mapped[str | None] = mapped_column(ID)
