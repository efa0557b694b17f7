"""What every row stands on: metadata, names of constraints, and the types of columns."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import TIMESTAMP, BigInteger, Dialect, Integer, MetaData, String
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, TypeEngine

# Every constraint has a name, so that a later migration can find it again in either database.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
_Read = TypeVar("_Read")
_Reads = Callable[[Any], _Read | None]
ID = String(36)
HASH = String(64)
ROW_NUMBER = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only in an INTEGER


@lru_cache(maxsize=4096)
def text_of(value: datetime | None) -> str | None:
    """An instant as SQLite keeps it; ValueError for a time without zone."""
    if value is None:
        return None
    if value.tzinfo is not UTC:
        if value.tzinfo is None:
            raise ValueError(f"naive time {value!r}")
        value = value.astimezone(UTC)
    return value.isoformat(timespec="microseconds")[:26] + "Z"


def _instant(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)  # the Z at its end is UTC


def _stamp(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _day_or_instant(value: str | None) -> date | datetime | None:
    if value is None:
        return None
    return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)


class Instant(TypeDecorator[datetime]):
    """An instant, always UTC. SQLite keeps it as text with six decimals and Z, which sorts as time does."""

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime] | TypeEngine[str]:
        """A real timestamp where the database has one."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        """To the database; a time without zone is a mistake of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive time {value!r}")
        return value.astimezone(UTC) if dialect.name == "postgresql" else text_of(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> _Reads[datetime]:
        """From the database, in UTC; without SQLAlchemy's own step before, for a page reads thousands."""
        return _stamp if dialect.name == "postgresql" else _instant


class Day(TypeDecorator[date]):
    """A calendar day as text, the same in both databases."""

    impl = String(10)
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        """ISO text."""
        return None if value is None else value.isoformat()

    def result_processor(self, dialect: Dialect, coltype: object) -> _Reads[date]:
        """The day, as an instant is read."""
        return _day


class DayOrInstant(TypeDecorator[date]):
    """The end of a posting: a whole day, or an instant (a `datetime` with its zone)."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        """ISO text; a time of day makes it an instant."""
        if isinstance(value, datetime) and value.tzinfo is None:
            raise ValueError(f"naive time {value!r}")
        return None if value is None else value.isoformat()

    def result_processor(self, dialect: Dialect, coltype: object) -> _Reads[date]:
        """The day or the instant, as an instant is read."""
        return _day_or_instant


class Row(DeclarativeBase):
    """The parent of all rows."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: Instant, date: Day}  # noqa: RUF012  # SQLAlchemy's own form
