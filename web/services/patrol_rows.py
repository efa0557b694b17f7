"""What is read out of patrol facts: their rows, and whether the ledger's columns can hold them."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table

from station import facts
from station.facts import read_instant
from station.round_facts import Addition, Check, Finding, Found, RoundJoined, RoundOpened, RoundSigned, Sent, Tag
from web.ledger import patrol as rows

Row = dict[str, Any]
_SHA = re.compile(r"[0-9a-f]{64}")
_LONGEST = {"uid": 100, "was": 100, "item": rows.ITEM, "column": rows.ITEM, "draft": rows.DRAFT}
_ID = 36
_IDS = ("round", "checkpoint", "officer", "by", "inspector", "checklist", "id", "person", "about")
_INT, _BIGINT = 2**31 - 1, 2**62


def fits(body: facts.Body) -> bool:
    """Whether the columns can hold this body; nothing else of it is judged."""
    for part in _parts(body):
        for name in (*_IDS, *_LONGEST):
            if len(getattr(part, name, None) or "") > _LONGEST.get(name, _ID):
                return False
    if isinstance(body, RoundSigned):
        return 0 <= body.checks <= _INT and _SHA.fullmatch(body.digest) is not None
    pictures: Sequence[str] = getattr(body, "photos", ())
    sent: Sent | None = getattr(body, "sent", None)
    return all(map(_SHA.fullmatch, pictures)) and len(pictures) < 1000 and (sent is None or _tellable(sent))


def more_rows(body: facts.Body, keys: Row) -> Iterator[tuple[Table, Row]]:
    """The rows beside the fact's own: its findings and its pictures. `keys`: what every row of the fact has."""
    fact, place = keys["id"], {"round": getattr(body, "round", ""), "checkpoint": getattr(body, "checkpoint", "")}
    for found in findings_of(body):
        yield FINDINGS, keys | {"id": found.id, "fact": fact} | place | _found(found) | _seen(body)
    for number, sha256 in enumerate(getattr(body, "photos", ())):
        yield PICTURES, keys | {"id": f"{fact}/{number}", "fact": fact, "sha256": sha256} | place


def findings_of(body: facts.Body) -> Sequence[Found]:
    """The findings that a fact holds."""
    return (body.found,) if isinstance(body, Finding) else getattr(body, "findings", ())


def as_json(values: Iterable[str]) -> str:
    """A list as a column keeps it."""
    return json.dumps(list(values), ensure_ascii=False)


def _parts(body: facts.Body) -> Iterator[facts.Body]:
    yield body
    yield from findings_of(body)
    if sent := getattr(body, "sent", None):
        yield sent


def _tellable(sent: Sent) -> bool:
    return abs(sent.offset_ms) < _BIGINT and (sent.phone_at is None or _instant(sent.phone_at) is not None)


def _instant(text: str) -> datetime | None:
    try:
        at = read_instant(text)
    except ValueError:
        return None
    return at if 1900 < at.year < 2900 else None


def _opened(body: RoundOpened) -> Row:
    return _event("opened", body) | {
        "kind": body.kind, "inspector": body.inspector, "checklist": body.checklist,
        "checkpoints": as_json(body.checkpoints), "note": body.note,
    }  # fmt: skip


def _joined(body: RoundJoined) -> Row:
    return _event(body.way, body) | {"note": body.note}


def _signed(body: RoundSigned) -> Row:
    return _event("signed", body) | {"checks": body.checks, "digest": body.digest}


def _event(way: str, body: RoundOpened | RoundJoined | RoundSigned) -> Row:
    return {
        "round": body.round, "way": way, "officer": body.officer, "by": body.by, "kind": "", "inspector": "",
        "checklist": "", "checkpoints": "[]", "note": "", "checks": 0, "digest": "",
    }  # fmt: skip


def _check(body: Check | Addition) -> Row:
    sent = body.sent or Sent(draft="")
    return {
        "round": body.round, "checkpoint": body.checkpoint, "adds": isinstance(body, Addition), "how": body.how,
        "reason": body.reason, "tag": body.tag, "officers": as_json(body.officers), "by": body.by,
        "nothing_abnormal": isinstance(body, Check) and body.nothing_abnormal, "found": len(body.findings),
        "photos": as_json(body.photos),
        "no_photo": getattr(body, "no_photo", ""), "needs": as_json(body.needs), "note": body.note,
        "draft": sent.draft, "phone_at": _instant(sent.phone_at) if sent.phone_at else None,
        "offset_ms": sent.offset_ms, "offline": sent.offline,
    }  # fmt: skip


def _found(found: Found) -> Row:
    return {
        "item": found.item, "column": found.column, "clauses": as_json(found.clauses), "person": found.person,
        "note": found.note,
    }  # fmt: skip


def _seen(body: facts.Body) -> Row:
    return {
        "officers": as_json(getattr(body, "officers", ())), "by": getattr(body, "by", ""),
        "source": getattr(body, "source", "officer"), "about": getattr(body, "about", ""),
    }  # fmt: skip


def _tag(body: Tag) -> Row:
    return {name: getattr(body, name) for name in ("uid", "medium", "checkpoint", "change", "by", "was", "note")}


def _table(model: Any) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


FINDINGS, PICTURES = _table(rows.FindingRow), _table(rows.PictureRow)
SHAPES: Mapping[type[facts.Body], tuple[Table, Callable[[Any], Row]]] = {
    RoundOpened: (_table(rows.RoundRow), _opened),
    RoundJoined: (_table(rows.RoundRow), _joined),
    Check: (_table(rows.CheckRow), _check),
    Addition: (_table(rows.CheckRow), _check),
    RoundSigned: (_table(rows.RoundRow), _signed),
    Tag: (_table(rows.TagRow), _tag),
}
BODIES = frozenset((*SHAPES, Finding))
TABLES = (*dict.fromkeys(table for table, _ in SHAPES.values()), FINDINGS, PICTURES)
