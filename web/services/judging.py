"""What supervision confirmed of people, as the rules of attendance read it: one statement."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.checklist import load_checklist
from station.rules.following import JUDGING
from station.rules.given import Finding
from web.ledger.findings import AskedFindingRow, FindingStepRow
from web.ledger.patrol import CheckRow, FindingRow, RoundRow
from web.services.rounds import counted

ARRIVES = timedelta(days=3)  # so much later than it was filled in a check may come from a phone without network

# When a round was begun: what an offline check claims counts from then on.
OPENED = (
    select(func.min(RoundRow.at)).where(RoundRow.round == FindingRow.round, RoundRow.way == "opened").scalar_subquery()
)
TIMES = (FindingRow.at, OPENED.label("opened"), CheckRow.offline, CheckRow.phone_at, CheckRow.offset_ms)


def confirmed_findings(session: Session, since: datetime, until: datetime) -> Iterable[tuple[str | None, Finding]]:
    """Confirmed findings of [since, until) with the person they concern. A confirmation taken back confirms nothing."""
    last: dict[str, Any] = {row.finding: row for row in session.execute(_query(since, until))}
    for row in last.values():
        person, at = row.named or row.person, seen_at(row)
        if row.step == "confirm" and person and since <= at < until:
            yield person, Finding(row.finding, at, category_of(row.item), confirmed=True)


def category_of(item: str) -> str:
    """What the rules call a finding of this checklist item; empty where they have no name for it."""
    known = load_checklist().items.get(item)
    return (known.category or "") if known else ""


def seen_at(row: Any) -> datetime:
    """When a finding counts as seen: as its check does. `row` has the columns TIMES."""
    if not row.offline or row.opened is None:
        at: datetime = row.at
        return at
    return counted(row, row.opened).at


def _query(since: datetime, until: datetime) -> Any:
    """Judging steps in the order of time with what they judge, be it the officers' finding or the product's own."""
    found = func.coalesce(AskedFindingRow.of, FindingStepRow.finding)
    return (
        select(
            FindingStepRow.finding, FindingStepRow.step, FindingStepRow.person.label("named"),
            func.coalesce(AskedFindingRow.person, FindingRow.person).label("person"),
            func.coalesce(AskedFindingRow.item, FindingRow.item).label("item"), *TIMES,
        )
        .outerjoin(AskedFindingRow, AskedFindingRow.id == FindingStepRow.finding)
        .join(FindingRow, FindingRow.id == found)
        .outerjoin(CheckRow, CheckRow.id == FindingRow.fact)
        .where(FindingStepRow.step.in_(JUDGING), FindingStepRow.at >= since)
        .where(FindingRow.at >= since, FindingRow.at < until + ARRIVES)
        .order_by(FindingStepRow.at, FindingStepRow.id)
    )  # fmt: skip
