"""Units, windows, posts, and who sat at which post from when to when. Nothing here is deleted: it is closed."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from web.ledger.rows import ID, Row


class UnitRow(Row):
    """A unit that posts people to the hall. People and windows name it by its name."""

    __tablename__ = "units"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    phone: Mapped[str] = mapped_column(String(40))


class WindowRow(Row):
    """A window. `side`: window (front) or back_office; a number is free again once its window is closed."""

    __tablename__ = "windows"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), index=True)
    floor: Mapped[int | None]
    side: Mapped[str] = mapped_column(String(12))
    unit: Mapped[str] = mapped_column(String(100))
    closed: Mapped[date | None]  # its last day


class PostRow(Row):
    """A post at a window: one A at a time, and registered Bs in their order."""

    __tablename__ = "posts"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    window: Mapped[str] = mapped_column(ForeignKey("windows.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    closed: Mapped[date | None]


class SeatRow(Row):
    """Somebody at a post as A or as B, with its days, both inclusive. `rank`: 0 for A, Bs from 1 in their order."""

    __tablename__ = "seats"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    post: Mapped[str] = mapped_column(ForeignKey("posts.id"), index=True)
    person: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    kind: Mapped[str] = mapped_column(String(1))  # A, B
    rank: Mapped[int]
    since: Mapped[date]
    until: Mapped[date | None]


class RosterChangeRow(Row):
    """A change of the roster as it is filed: which unit, from which day, what was before and what is after."""

    __tablename__ = "roster_changes"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    unit: Mapped[str] = mapped_column(String(100), index=True)
    day: Mapped[date]
    at: Mapped[datetime]
    by: Mapped[str | None] = mapped_column(ID)
    person: Mapped[str | None] = mapped_column(ID, index=True)
    what: Mapped[str] = mapped_column(String(12))
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
