"""The hub as a recorder: what phones send becomes facts of a lineage of the hub's own.

They are kept by the same journal as a station's, durable before the phone is answered, and come into the ledger by the
same intake, under the hub's signature; so `verify` and `rebuild` treat them like everybody's. What the ledger did not
take yet (it was busy, the power went) is taken before anything new is recorded.
"""

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.words import say
from station import wire
from station.clock import Clock, Reading
from station.facts import Body, Fact, Started
from station.journal import Journal, Reader
from station.tries import Tries
from web.ledger.facts import FactRow
from web.ledger.stations import LineageRow, StationRow
from web.services import alarms, asking_findings, intake, lineages
from web.services.errors import Conflict
from web.services.hub import Hub

FOLDER = "own"  # inside the hub's folder
OWN = "own"  # the state of the hub's own row among the stations
Decide = Callable[[Session], Sequence[Body]]


class HubClock:
    """The hub's clock for its own facts: by definition the hall's time, to which stations are held."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def read(self) -> Reading:
        """Now; nobody else could vouch for it, so it counts as known."""
        reading = self._clock.read()
        return replace(reading, trust="synced") if reading.trust == "unsynced" else reading

    def hub_said(self, hub_time: datetime, round_trip: timedelta) -> timedelta:
        """The hub does not ask itself."""
        return self._clock.hub_said(hub_time, round_trip)

    def resume(self, last: Reading) -> None:
        """Go on from the journal's newest reading."""
        self._clock.resume(last)

    def ahead(self) -> timedelta | None:
        """As the clock beneath says."""
        return self._clock.ahead()


class Recorder:
    """The one writer of the hub's own facts. Safe for several threads; opened with the first fact."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._lock = threading.RLock()
        self._journal: Journal | None = None
        self._station = ""
        self._taken: tuple[str, int] | None = None  # lineage and seq up to which the ledger is known to hold it

    def record(self, decide: Decide) -> list[Fact]:
        """Record what `decide` answers after a look at the ledger, in which all earlier facts of the hub then stand.

        One at a time, so that of two phones at one checkpoint the second sees the first. The facts are durable when
        this returns. NotDurable: nothing was recorded. LedgerBusy: they are kept and will be taken with the next.
        """
        with self._lock:
            journal = self._open()
            self.catch_up()
            with self._hub.ledger.reading() as session:
                bodies = list(decide(session))
            made = [journal.append(body) for body in bodies]
            if made:
                self.catch_up()
            return made

    def catch_up(self) -> None:
        """Bring into the ledger whatever of the journal it does not hold yet."""
        with self._lock:
            journal = self._open()
            for _ in range(3):  # a lineage that is new to the ledger, or another one after a fork, is tried again
                try:
                    self._take(journal)
                    break
                except Conflict as conflict:
                    self._settle(journal, conflict)
            else:
                self._take(journal)

    def tries(self, what: str) -> Tries:
        """Wrong tries at a kind of secret, counted across restarts by the hub's own facts."""
        with self._lock:
            journal = self._open()
            reader = Reader(journal.path)
            return Tries(journal, reader, self._clock, what)

    def close(self) -> None:
        """Give the journal back."""
        with self._lock:
            if self._journal is not None:
                self._journal.close()
            self._journal, self._taken = None, None

    def _open(self) -> Journal:
        if self._journal is None:
            self._clock = HubClock(self._hub.clock)
            self._journal = Journal(folder_of(self._hub), self._clock)
            self._station = self._own_station()
            if self._journal.head.seq == 0:
                self._journal.append(Started(version=version("zaigang"), demo=self._hub.settings.demo))
        return self._journal

    def _own_station(self) -> str:
        """The row under which the hub's own lineage stands; it is no station that anybody could confirm or revoke."""
        public = self._hub.key.public
        with self._hub.ledger.reading() as session:
            known = session.execute(select(StationRow.id).where(StationRow.public_key == public)).scalar()
        if known is not None:
            return known
        with self._hub.ledger.writing() as session:
            made = str(uuid7())
            row = StationRow(id=made, name=say("中枢"), public_key=public, state=OWN, joined=self._hub.now())
            session.add(row)
        return made

    def _take(self, journal: Journal) -> None:
        if self._taken == (journal.lineage, journal.head.seq):
            return
        reader = Reader(journal.path)
        try:
            upto = self._held(journal, reader)
            while upto < journal.head.seq:
                upto = self._deliver(journal.lineage, reader.raw_after(upto, wire.BATCH), upto)
        finally:
            reader.close()
        self._taken = (journal.lineage, upto)

    def _held(self, journal: Journal, reader: Reader) -> int:
        """Up to where the ledger holds the journal's lineage. Conflict when it holds another history of it."""
        with self._hub.ledger.reading() as session:
            row = session.get(LineageRow, journal.lineage)
            if row is None or row.upto == 0:
                return 0
            if row.upto <= journal.head.seq and reader.hash_at(row.upto) == row.hash_at_upto:
                return row.upto
        raise Conflict(say("中枢自己的账本与数据库不一致"), kind="fork", subject=journal.lineage)

    def _deliver(self, lineage: str, raws: Sequence[bytes], upto: int) -> int:
        hub, body = self._hub, wire.pack(raws)
        path, digest = f"/api/v1/stations/{self._station}/facts", hashlib.sha256(body).hexdigest()
        signed = wire.Signed("POST", path, self._station, digest, lineage, upto + 1, upto + len(raws))
        batch = intake.read_batch(signed, hub.key.sign(signed.message()), body)
        terms = intake.Terms(ZoneInfo(hub.hall.zone), hub.settings.demo)
        with hub.ledger.writing() as session:
            standing = intake.take(session, self._station, batch, terms, hub.now())
            asking_findings.after(session, hub, batch.facts)
            return standing.upto

    def _settle(self, journal: Journal, conflict: Conflict) -> None:
        """Nobody has to approve what the hub did to its own file (officers are on their way): an alarm tells of it."""
        now = self._hub.now()
        if conflict.kind == "fork":
            journal.fork(self._common(journal))
        elif conflict.kind != "held":
            raise conflict
        with self._hub.ledger.writing() as session:
            intake.note_conflict(session, self._station, conflict.subject, conflict, now)
            if conflict.kind == "held":
                lineages.approve(session, conflict.subject, None, now)
            words = say("中枢自己的账本换过一次，原文件保留，没有丢失记录")
            alarms.raise_alarm(session, self._station, "own_journal", journal.lineage, words, now)

    def _common(self, journal: Journal) -> int:
        """The last seq at which the journal and the ledger still agree; what agrees there agrees before it."""
        reader = Reader(journal.path)
        try:
            with self._hub.ledger.reading() as session:
                held = select(FactRow.hash).where(FactRow.lineage == journal.lineage)
                low, high = 0, journal.head.seq
                while low < high:
                    middle = (low + high + 1) // 2
                    theirs = session.execute(held.where(FactRow.seq == middle)).scalar()
                    low, high = (middle, high) if theirs == reader.hash_at(middle) else (low, middle - 1)
        finally:
            reader.close()
        return low


def folder_of(hub: Hub) -> Path:
    """Where the hub's own journal lies."""
    return hub.settings.folder / FOLDER
