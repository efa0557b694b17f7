"""The gaps of stations, read out of what they recorded: readers that went and came, and starts after silence."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from station.rules.outage import Gap, Turn, gaps
from web.ledger.facts import FactRow, StationEventRow
from web.ledger.outages import OutageRow
from web.ledger.stations import StationRow
from web.services.stations import READER

REACH = timedelta(days=4)  # so far back the beginning of a gap is looked for (assumed)


def undecided(session: Session, since: datetime, until: datetime) -> list[Gap]:
    """The gaps that touch a stretch and that nobody decided, by their beginning; those that go on too. One statement.

    Turns whose time is not known begin and end nothing.
    """
    read = list(_turns(session, since - REACH, until))
    known = {turn.id for turn, is_known in read if is_known}
    found = [
        gap for _station, turns in groupby((turn for turn, _is_known in read), key=attrgetter("station"))
        for gap in gaps(turns)
    ]  # fmt: skip
    touching = (gap for gap in found if gap.start < until and (gap.end is None or gap.end > since))
    return sorted((gap for gap in touching if gap.id not in known), key=_start)


def _turns(session: Session, since: datetime, until: datetime) -> Iterator[tuple[Turn, bool]]:
    """The turns of stations in order, and whether the gap that each may stand for was decided."""
    row = StationEventRow
    before = and_(FactRow.lineage == row.lineage, FactRow.seq == row.seq - 1)
    readers = and_(row.kind == "device", row.body.contains(READER))
    query = (
        select(row.id, row.station, row.at, row.kind, row.body, FactRow.at.label("before"), OutageRow.id.label("known"))
        .join(StationRow, StationRow.id == row.station)
        .outerjoin(FactRow, before)
        .outerjoin(OutageRow, OutageRow.id == row.id)
        .where(row.at >= since, row.at < until, row.clock != "unsynced", or_(row.kind == "started", readers))
        .where(StationRow.state != "revoked")
        .order_by(row.station, row.at, row.seq)
    )
    for each in session.execute(query):
        started = each.kind == "started"
        state = "started" if started else str(json.loads(each.body)["state"])
        yield Turn(each.id, each.station, each.at, state, each.before if started else None), each.known is not None


def _start(gap: Gap) -> tuple[datetime, str]:
    return gap.start, gap.id
