"""Stations, the codes by which they join, the lineages of their journals, and what went wrong with them."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from web.ledger.rows import HASH, ID, Row


class StationRow(Row):
    """A station: waiting until its words are compared, then confirmed, at the end revoked. Times are the hub's."""

    __tablename__ = "stations"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    public_key: Mapped[str] = mapped_column(HASH, unique=True)
    seal_key: Mapped[str | None] = mapped_column(HASH)  # hex; None: a station too old to open what is sealed
    state: Mapped[str] = mapped_column(String(10))  # waiting, confirmed, revoked
    joined: Mapped[datetime]
    confirmed: Mapped[datetime | None]
    revoked: Mapped[datetime | None]
    last_contact: Mapped[datetime | None]
    drift_ms: Mapped[int | None]  # how far its clock is ahead of the hub's, as it says itself
    backlog: Mapped[int | None]  # facts it still has to send, as it says itself
    papers_etag: Mapped[str | None] = mapped_column(HASH)
    papers_at: Mapped[datetime | None]
    location: Mapped[str] = mapped_column(String(100), server_default=text("''"))
    version: Mapped[str | None] = mapped_column(String(40))  # of its program; this and the rest as it says itself
    disk_percent: Mapped[int | None]
    papers_checked: Mapped[datetime | None]  # when it last heard that its papers are the present ones
    pins_checked: Mapped[datetime | None]
    key_asked: Mapped[str | None] = mapped_column(ID)  # a request that it make a new key, until it has


class OldKeyRow(Row):
    """A key that was a station's until then: what it signed before stays provable, and nobody takes it again."""

    __tablename__ = "old_keys"

    public_key: Mapped[str] = mapped_column(HASH, primary_key=True)
    station: Mapped[str] = mapped_column(ForeignKey("stations.id"), index=True)
    until: Mapped[datetime]


class JoinCodeRow(Row):
    """A code for joining, kept as its hash; good once, until its time. `station`: which one is to join anew."""

    __tablename__ = "join_codes"

    hash: Mapped[str] = mapped_column(HASH, primary_key=True)
    until: Mapped[datetime]
    used: Mapped[datetime | None]
    station: Mapped[str | None] = mapped_column(ForeignKey("stations.id"))


class LineageRow(Row):
    """One journal file's life: whose it is, whether it is accepted, and how far it is held without a gap."""

    __tablename__ = "lineages"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    station: Mapped[str] = mapped_column(ForeignKey("stations.id"), index=True)
    state: Mapped[str] = mapped_column(String(10))  # accepted, held, refused
    was: Mapped[str | None] = mapped_column(ID)
    first_seen: Mapped[datetime]
    upto: Mapped[int] = mapped_column(BigInteger)
    hash_at_upto: Mapped[str] = mapped_column(HASH)
    ahead: Mapped[int | None] = mapped_column(BigInteger)  # before this seq something was missing when it came

    @property
    def missing(self) -> int:
        """How many facts are known to exist and did not come yet."""
        return max(0, (self.ahead or 0) - 1 - self.upto)


class AlarmRow(Row):
    """Something that needs a person: said once a subject, counted when it comes again."""

    __tablename__ = "alarms"
    __table_args__ = (UniqueConstraint("station", "kind", "subject"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    station: Mapped[str] = mapped_column(ForeignKey("stations.id"))
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(100))
    words: Mapped[str] = mapped_column(Text)
    first: Mapped[datetime]
    last: Mapped[datetime]
    times: Mapped[int]
    cleared: Mapped[datetime | None]
