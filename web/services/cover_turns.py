"""Kiosk requests that act at once: a post taken over in an emergency, and one given back. Rows out of facts."""

from datetime import datetime
from typing import Any

from sqlalchemy import Table

from station import facts
from web.ledger.covers import CoverTurnRow

_TABLE = CoverTurnRow.__table__
assert isinstance(_TABLE, Table)
TABLE: Table = _TABLE
_ID_LENGTH = 36


def turn_of(body: facts.Request) -> dict[str, Any] | None:
    """The row's own columns; None for a request that waits for a decision, or whose fields name nobody."""
    given = body.fields
    begins = body.asks == "cover" and given.get("emergency") is True
    people = [_id(given.get(name)) for name in ("covered", "covering")]
    if not (begins or body.asks == "hand_back") or not all(people):
        return None
    return {
        "turn": "begin" if begins else "end",
        "person": body.person,
        "covered": people[0],
        "covering": people[1],
        "covers_from": _instant(given.get("from")),
        "covers_to": _instant(given.get("to")),
        "cover": _id(given.get("cover")),
        "note": str(given.get("note") or "")[:200],
    }


def _id(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= _ID_LENGTH else ""


def _instant(value: object) -> datetime | None:
    try:
        return facts.read_instant(value) if isinstance(value, str) else None
    except ValueError:
        return None
