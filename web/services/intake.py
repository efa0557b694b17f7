"""Intake: a station's batch of facts into the ledger, once, in order, or not at all.

The same batch twice changes nothing and is answered the same. What the ledger holds is never overwritten: a batch that
says otherwise is a fork and goes to a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Table, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from config.words import say
from station import wire
from station.errors import BadFact
from station.facts import ClockFix, Fact, first_prev
from web.ledger.engine import insert_new, insert_rows
from web.ledger.facts import BOOT, BatchRow, FactRow
from web.ledger.stations import LineageRow
from web.services import alarms
from web.services.errors import BadBatch, Conflict
from web.services.ids import is_id
from web.services.projection import Read, clean, opened, project, timed
from web.services.reading import read_fact
from web.services.timing import offsets_of, put_right


@dataclass(frozen=True, slots=True)
class Terms:
    """What this hub takes: the zone that cuts its days, and whether it is a demonstration."""

    zone: ZoneInfo
    demo: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that holds together: facts of one lineage in order, each following from the one before."""

    signed: wire.Signed
    signature: str
    facts: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the hub holds a lineage without a gap, and the hash there."""

    lineage: str
    upto: int
    hash_at_upto: str


def read_batch(signed: wire.Signed, signature: str, body: bytes) -> Batch:
    """The batch in `body`, held against what was signed. BadBatch when the bytes or their order are broken.

    An empty body asks where the hub stands.
    """
    _hold(is_id(signed.lineage), "lineage")
    if not body:
        _hold(signed.first == 0 and signed.last == 0, "first, last")
        return Batch(signed, signature, ())
    try:
        facts = [read_fact(raw) for raw in wire.unpack(body)]
    except BadFact as error:
        raise _bad(str(error)) from error
    seqs = range(signed.first, signed.last + 1)
    _hold(signed.first > 0 and len(facts) == len(seqs), "first, last")
    _hold(all(fact.lineage == signed.lineage for fact in facts), "lineage")
    _hold(all(fact.seq == seq for fact, seq in zip(facts, seqs, strict=True)), "seq")
    _hold(all(after.prev == before.hash for before, after in pairwise(facts)), "prev")
    _hold(signed.first > 1 or facts[0].prev == first_prev(signed.lineage), "prev")
    return Batch(signed, signature, facts)


def take(session: Session, station: str, batch: Batch, terms: Terms, now: datetime) -> Standing:
    """Store what is new of a batch, with everything read out of it, and say where the hub then stands.

    A gap stores nothing and is answered like any other. Conflict when the batch contradicts what is held, or comes
    from a lineage that may not be taken (yet); then nothing of it is stored (see `note_conflict`).
    """
    if not terms.demo and any(_simulated(fact) for fact in batch.facts):
        raise _simulated_here(batch.signed.lineage)
    lineage = _lineage(session, station, batch, now)
    if lineage is None:
        return Standing(batch.signed.lineage, 0, first_prev(batch.signed.lineage))
    if batch.facts and batch.facts[0].seq > lineage.upto + 1:
        _note_gap(session, batch)
    fresh = _fresh(session, lineage, batch.facts)
    if fresh:
        _store(session, station, fresh, batch, terms, now)
        lineage = Standing(lineage.lineage, fresh[-1].seq, fresh[-1].hash)
    return lineage


def note_conflict(session: Session, station: str, lineage: str, conflict: Conflict, now: datetime) -> None:
    """Leave a trace of a refused batch: the alarm, and for a new lineage the row that an administrator can approve.

    One that an administrator refused was heard of already.
    """
    if conflict.kind == "refused":
        return
    if conflict.kind == "held":
        row = _new_lineage(station, lineage, "held", conflict.was, now)
        insert_new(session, _table(LineageRow), [row])
    alarms.raise_alarm(session, station, conflict.kind, conflict.subject, conflict.what, now)


def _lineage(session: Session, station: str, batch: Batch, now: datetime) -> Standing | None:
    """Where this lineage stands, its row locked; None when it is new and nothing can be taken of it yet."""
    given = batch.signed.lineage
    row = session.execute(
        select(LineageRow.station, LineageRow.state, LineageRow.upto, LineageRow.hash_at_upto, LineageRow.was)
        .where(LineageRow.id == given)
        .with_for_update()
    ).one_or_none()
    if row is None:
        if not batch.facts or batch.signed.first > 1:
            return None
        return _admit_lineage(session, station, batch.facts[0], now)
    if row.station != station:
        raise _foreign(given)
    if row.state == "refused":
        raise _not_wanted(given)
    if row.state != "accepted":
        raise _held(given, row.was)
    return Standing(given, row.upto, row.hash_at_upto)


def _note_gap(session: Session, batch: Batch) -> None:
    """Facts came from beyond what is held: the health page says so until those between have come."""
    table = _table(LineageRow)
    beyond = update(table).where(table.c.id == batch.signed.lineage).values(ahead=batch.signed.first)
    session.connection().execute(beyond)


def _admit_lineage(session: Session, station: str, first: Fact, now: datetime) -> Standing:
    """A lineage seen for the first time: a station's first one is taken, a further one waits for a person."""
    earlier = session.execute(select(LineageRow.id).where(LineageRow.station == station).limit(1)).scalar()
    if earlier is not None:
        was = first.body.get("was") if first.kind == "started" else None
        if not isinstance(was, str):
            raise _foreign(first.lineage)
        raise _held(first.lineage, clean(was, 36))
    session.execute(insert(LineageRow), [_new_lineage(station, first.lineage, "accepted", None, now)])
    return Standing(first.lineage, 0, first_prev(first.lineage))


def _fresh(session: Session, held: Standing, facts: Sequence[Fact]) -> Sequence[Fact]:
    """The facts that the hub does not hold yet; none after a gap. Conflict when one differs from what is held."""
    if not facts or facts[0].seq > held.upto + 1:
        return ()
    known = [fact for fact in facts if fact.seq <= held.upto]
    if known:
        hashes = session.execute(
            select(FactRow.hash)
            .where(FactRow.lineage == held.lineage, FactRow.seq.between(known[0].seq, known[-1].seq))
            .order_by(FactRow.seq)
        ).scalars()
        if list(hashes) != [fact.hash for fact in known]:
            raise _fork(held.lineage)
    fresh = facts[len(known) :]
    if fresh and fresh[0].prev != held.hash_at_upto:
        raise _fork(held.lineage)
    return fresh


def _store(session: Session, station: str, fresh: Sequence[Fact], batch: Batch, terms: Terms, now: datetime) -> None:
    """The bytes, the signature they came under, what is read out of them, and how far the lineage now goes."""
    lineage, last = batch.signed.lineage, fresh[-1]
    read, fixed = _read(session, station, fresh)
    try:
        insert_rows(session, _table(FactRow), [one.fact_row() for one in read])
    except IntegrityError as error:
        raise _fork(lineage) from error
    insert_rows(session, _table(BatchRow), [_batch_row(batch, now)])
    table = _table(LineageRow)
    advance = update(table).where(table.c.id == lineage).values(upto=last.seq, hash_at_upto=last.hash)
    session.connection().execute(advance)
    project(read, {lineage: station}, terms.zone).write(session)
    for one in read:
        if one.body is None:
            words = say(
                "有一条记录本程序读不懂（{kind}，第 {seq} 条），已原样保存", kind=one.inner.kind, seq=one.envelope.seq
            )
            alarms.raise_alarm(session, station, "unreadable", clean(one.inner.kind, 40), clean(words, 200), now)
    put_right(session, station, fixed, terms.zone)


def _read(session: Session, station: str, fresh: Sequence[Fact]) -> tuple[list[Read], set[str]]:
    """The facts as read, with the offsets known so far; and the boots that a clock_fix among them puts right."""
    spoken = [(fact, *opened(fact)) for fact in fresh]
    unsynced = {clean(inner.boot, BOOT) for _, inner, _ in spoken if inner.clock == "unsynced"}
    fixed = {clean(body.boot, BOOT) for _, _, body in spoken if isinstance(body, ClockFix)}
    offsets = offsets_of(session, station, unsynced)
    return [timed(fact, inner, body, offsets) for fact, inner, body in spoken], fixed


def _new_lineage(station: str, lineage: str, state: str, was: str | None, now: datetime) -> Mapping[str, Any]:
    return {
        "id": lineage, "station": station, "state": state, "was": was, "first_seen": now, "upto": 0,
        "hash_at_upto": first_prev(lineage),
    }  # fmt: skip


def _batch_row(batch: Batch, now: datetime) -> Mapping[str, Any]:
    signed = batch.signed
    return {
        "lineage": signed.lineage, "first": signed.first, "last": signed.last, "nonce": clean(signed.nonce, 100),
        "body_sha256": signed.body_sha256, "signature": batch.signature, "received": now,
    }  # fmt: skip


def _simulated(fact: Fact) -> bool:
    return fact.clock == "simulated" or (fact.kind == "started" and fact.body.get("demo") is True)


def _table(model: type[FactRow] | type[BatchRow] | type[LineageRow]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


def _hold(holds: bool, part: str) -> None:
    if not holds:
        raise _bad(part)


def _bad(part: str) -> BadBatch:
    return BadBatch(say("上传的记录不完整或被改动过（{part}）", part=part), remedy=say("请核验考勤站的账本"))


def _fork(lineage: str) -> Conflict:
    return Conflict(
        say("账本 {lineage} 与中枢已有的记录不一致", lineage=lineage),
        kind="fork",
        subject=lineage,
        saved=say("中枢原有的记录一条未动"),
        remedy=say("请管理员查明是否有两台考勤站使用同一份账本"),
    )


def _held(lineage: str, was: str | None) -> Conflict:
    return Conflict(
        say("考勤站换了新账本 {lineage}，等待管理员批准", lineage=lineage),
        kind="held",
        subject=lineage,
        was=was,
        saved=say("记录仍在考勤站上"),
        remedy=say("请在中枢的考勤站页面批准"),
    )


def _not_wanted(lineage: str) -> Conflict:
    return Conflict(
        say("管理员没有批准新账本 {lineage}", lineage=lineage),
        kind="refused",
        subject=lineage,
        saved=say("记录仍在考勤站上"),
        remedy=say("请管理员查明后在中枢的考勤站页面改为批准，或停用这台考勤站"),
    )


def _foreign(lineage: str) -> Conflict:
    return Conflict(
        say("账本 {lineage} 不属于这个考勤站，或没有说明接在哪个账本之后", lineage=lineage),
        kind="foreign",
        subject=lineage,
        saved=say("记录仍在考勤站上"),
        remedy=say("请管理员核对这台考勤站"),
    )


def _simulated_here(lineage: str) -> Conflict:
    return Conflict(
        say("账本 {lineage} 是演示数据，正式中枢不接收", lineage=lineage),
        kind="simulated",
        subject=lineage,
        saved=say("没有保存任何演示记录"),
        remedy=say("请把演示考勤站接到演示中枢"),
    )
