"""Facts as they came, and what is read out of them. `hub rebuild` makes every table here but the first two anew."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from web.ledger.rows import HASH, ID, ROW_NUMBER, Row

KIND = 40  # characters kept of a kind's name, and of a boot's; the bytes have them whole
BOOT = 64


class FactRow(Row):
    """A fact's exact bytes. `at` is when it truly happened: the stated time put right by its boot's clock_fix.

    Of a re-recorded fact, `at`, `boot` and `clock` are those of the fact inside.
    """

    __tablename__ = "facts"

    row: Mapped[int] = mapped_column(ROW_NUMBER, primary_key=True)
    lineage: Mapped[str] = mapped_column(ForeignKey("lineages.id"))
    seq: Mapped[int] = mapped_column(BigInteger)
    id: Mapped[str] = mapped_column(ID, unique=True)
    kind: Mapped[str] = mapped_column(String(KIND))
    at: Mapped[datetime]
    boot: Mapped[str] = mapped_column(String(BOOT))
    clock: Mapped[str] = mapped_column(String(10))
    hash: Mapped[str] = mapped_column(HASH)
    raw: Mapped[bytes] = mapped_column(LargeBinary)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[UniqueConstraint | Index, ...]:
        """A place in a lineage is taken once; facts of unsynced boots can be found when their time becomes known."""
        unsynced = cls.clock == "unsynced"
        return (
            UniqueConstraint("lineage", "seq"),
            Index("ix_facts_unsynced", "boot", sqlite_where=unsynced, postgresql_where=unsynced),
        )


class BatchRow(Row):
    """The signature under which facts arrived: evidence that the station, and nobody else, sent them."""

    __tablename__ = "batches"

    row: Mapped[int] = mapped_column(ROW_NUMBER, primary_key=True)
    lineage: Mapped[str] = mapped_column(ForeignKey("lineages.id"), index=True)
    first: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)
    nonce: Mapped[str] = mapped_column(String(100))
    body_sha256: Mapped[str] = mapped_column(HASH)
    signature: Mapped[str] = mapped_column(String(128))
    received: Mapped[datetime]


class FromFact:
    """What every row read out of a fact has. `id` is the id of the fact itself, inside if it was re-recorded, so a
    fact that came twice has one row; (lineage, seq) is where its bytes stand. `clock` is `unsynced` only while the
    true time is not known."""

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    lineage: Mapped[str] = mapped_column(ID)
    seq: Mapped[int] = mapped_column(BigInteger)
    station: Mapped[str] = mapped_column(ID)
    at: Mapped[datetime]
    clock: Mapped[str] = mapped_column(String(10))


class PunchRow(FromFact, Row):
    """A finger matched. One index in the order of time: a day's and a month's punches are read together, and a batch
    adds at its end instead of at a place for every person."""

    __tablename__ = "punches"
    __table_args__ = (Index(None, "at", "person"), Index(None, "person", "at"))

    person: Mapped[str] = mapped_column(ID)
    place: Mapped[int]
    score: Mapped[int]
    direction: Mapped[str | None] = mapped_column(String(3))


class SignInRow(FromFact, Row):
    """A signing-in while the reader was out of order, or of a person without a finger."""

    __tablename__ = "sign_ins"
    __table_args__ = (Index(None, "at", "person"),)

    person: Mapped[str] = mapped_column(ID)
    by: Mapped[str] = mapped_column(String(10))
    witness: Mapped[str | None] = mapped_column(ID)
    direction: Mapped[str | None] = mapped_column(String(3))


class ExitRow(FromFact, Row):
    """A registered going out or coming back."""

    __tablename__ = "exits"
    __table_args__ = (Index(None, "at", "person"),)

    person: Mapped[str] = mapped_column(ID)
    way: Mapped[str] = mapped_column(String(4))
    reason: Mapped[str] = mapped_column(Text)


class RequestRow(FromFact, Row):
    """Something asked for at a kiosk; `fields` is JSON."""

    __tablename__ = "requests"
    __table_args__ = (Index(None, "person", "at"), Index(None, "at"))

    person: Mapped[str] = mapped_column(ID)
    asks: Mapped[str] = mapped_column(String(20))
    fields: Mapped[str] = mapped_column(Text)


class ConsentRow(FromFact, Row):
    """A person's word before a fingerprint is taken."""

    __tablename__ = "consents"
    __table_args__ = (Index(None, "person", "at"),)

    person: Mapped[str] = mapped_column(ID)
    text_version: Mapped[str] = mapped_column(Text)
    given: Mapped[bool]


class FingerRow(FromFact, Row):
    """A change of what a place in a station's module means; the newest one of a place holds."""

    __tablename__ = "fingers"
    __table_args__ = (Index(None, "station", "place"), Index(None, "person"))

    person: Mapped[str] = mapped_column(ID)
    place: Mapped[int]
    change: Mapped[str] = mapped_column(String(10))  # enrolled, forgotten
    finger: Mapped[str] = mapped_column(Text)
    module: Mapped[str] = mapped_column(Text)


class StationEventRow(FromFact, Row):
    """What happened to a station: begun, ended, device, clock, a finger unknown, something refused. `body` is JSON."""

    __tablename__ = "station_events"
    __table_args__ = (Index(None, "station", "kind", "at"),)

    kind: Mapped[str] = mapped_column(String(20))
    body: Mapped[str] = mapped_column(Text)


class ClockFixRow(FromFact, Row):
    """A boot's true time: add `offset_us` to what its unsynced facts state. Of several for a boot the last holds."""

    __tablename__ = "clock_fixes"
    __table_args__ = (Index(None, "boot"),)

    boot: Mapped[str] = mapped_column(String(BOOT))
    offset_us: Mapped[int] = mapped_column(BigInteger)


class UnreadableRow(FromFact, Row):
    """A fact whose kind or body this version does not understand; its bytes are safe, its meaning waits."""

    __tablename__ = "unreadable"

    kind: Mapped[str] = mapped_column(String(KIND))
    v: Mapped[int] = mapped_column(BigInteger)


class StaleRow(Row):
    """A person's day to be judged anew because something about it changed."""

    __tablename__ = "stale"

    person: Mapped[str] = mapped_column(ID, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
