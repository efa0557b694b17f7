"""Walking a lineage's facts: does every one follow from the one before, and is the end where the hub saw it?

Takes rows from any iterator, so that a station's journal and a hub's ledger are walked by the same code.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from config.words import say
from station.errors import BadFact
from station.facts import ClockFix, Fact, ReRecorded, Started, first_prev, parse, read_body

SHOWN_NOTES = 5  # clock notes beyond these are only counted


@dataclass(frozen=True, slots=True)
class Row:
    """A stored fact: its place, its bytes, and where the store keeps them, its kind and hash (hex)."""

    seq: int
    raw: bytes
    kind: str | None = None
    hash: str | None = None


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where a chain does not hold."""

    seq: int
    what: str
    expected: str = ""
    found: str = ""


@dataclass(slots=True)
class Walk:
    """What a walk came to: how many facts hold, the last hash, the first break, and what deserves a word."""

    lineage: str
    facts: int = 0
    head: str = ""
    broken: Break | None = None
    demo: bool = False
    was: str = ""
    clock_back: int = 0
    unreadable: int = 0
    notes: list[str] = field(default_factory=list)
    unsynced: set[str] = field(default_factory=set)


def bytes_of(value: object) -> bytes:
    """A stored value as bytes, whatever damage made of its type."""
    return value.encode() if isinstance(value, str) else bytes(value) if isinstance(value, bytes) else b""


def acked_of(text: str | None) -> tuple[int, str] | None:
    """The seq up to which the hub holds a lineage, and the hash there, as remembered; None when that cannot be read."""
    try:
        said = json.loads(text or "")
        return int(said["upto"]), str(said["hash"])
    except (ValueError, TypeError, KeyError):
        return None


def walk(rows: Iterable[Row], lineage: str, acked: tuple[int, str] | None = None) -> Walk:
    """Walk `rows` of `lineage` up to the first break. `acked`: the seq that the hub holds and the hash there."""
    found = Walk(lineage, head=first_prev(lineage))
    before: Fact | None = None
    for row in rows:
        fact, found.broken = _read(row, found)
        if fact is None or found.broken is not None:
            return found
        if acked and acked[0] == fact.seq and acked[1] != fact.hash:
            found.broken = Break(fact.seq, say("与中枢确认过的不是同一条"), acked[1], fact.hash)
            return found
        _note(found, fact, before)
        found.facts, found.head, before = found.facts + 1, fact.hash, fact
    if acked and acked[0] > found.facts:
        what = say("末尾缺少记录：中枢确认到第 {upto} 条，这里只到第 {last} 条", upto=acked[0], last=found.facts)
        found.broken = Break(found.facts + 1, what, acked[1], say("无"))
    return found


def _read(row: Row, found: Walk) -> tuple[Fact | None, Break | None]:
    """The fact of a row, or why it does not follow from what was walked so far."""
    expected = found.facts + 1
    if row.seq != expected:
        return None, Break(expected, say("序号不连续"), str(expected), str(row.seq))
    digest = hashlib.sha256(row.raw).hexdigest()
    if row.hash is not None and row.hash != digest:
        return None, Break(row.seq, say("内容与保存时的摘要不符"), row.hash, digest)
    try:
        fact = parse(row.raw)
    except BadFact as error:
        return None, Break(row.seq, say("无法读取"), say("一条完整的记录"), str(error))
    claims = (
        (say("属于另一个账本"), found.lineage, fact.lineage),
        (say("内容里的序号不符"), str(expected), str(fact.seq)),
        (say("与前一条接不上"), found.head, fact.prev),
        (say("索引里的类别不符"), fact.kind, fact.kind if row.kind is None else row.kind),
    )
    for what, should, does in claims:
        if should != does:
            return None, Break(row.seq, what, should, does)
    return fact, _broken_inside(fact)


def _broken_inside(fact: Fact) -> Break | None:
    """A fact that was recorded again must be the one that it says it is."""
    body = read_body(fact)
    if not isinstance(body, ReRecorded):
        return None
    digest = hashlib.sha256(body.fact.encode(errors="surrogatepass")).hexdigest()
    if body.was.get("hash") == digest:
        return None
    return Break(fact.seq, say("重新登记的内容与原记录不符"), str(body.was.get("hash")), digest)


def _note(found: Walk, fact: Fact, before: Fact | None) -> None:
    body = read_body(fact)
    if fact.clock == "simulated" or (isinstance(body, Started) and body.demo):
        found.demo = True
    if isinstance(body, Started) and body.was is not None and fact.seq == 1:
        found.was = body.was
    if body is None:
        found.unreadable += 1
    if fact.clock == "unsynced":
        found.unsynced.add(fact.boot)
    if isinstance(body, ClockFix):
        found.unsynced.discard(body.boot)
    if before is not None and fact.at < before.at:
        found.clock_back += 1
        if found.clock_back <= SHOWN_NOTES:
            found.notes.append(
                say(
                    "第 {seq} 条的时钟比前一条早 {n} 秒（按序号为准）",
                    seq=fact.seq, n=round((before.at - fact.at).total_seconds(), 1),
                )
            )  # fmt: skip
