"""Windows proposed for a key patrol by what was found there (wanzhou:patrol:6), and the rounds that were agreed on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.words import say
from station.rules.patrol import Seen, key_windows
from web.ledger.findings import FindingStepRow, KeyDecisionRow
from web.ledger.patrol import CheckpointRow, FindingRow, RoundRow
from web.ledger.posts import WindowRow
from web.services import audit, posts
from web.services.errors import BadInput
from web.services.finding_steps import LONGEST_NOTE
from web.services.in_force import InForce
from web.services.rounds import read_list

PLANNED_FOR = timedelta(days=30)  # an agreed patrol that nobody walked by then is given up


@dataclass(frozen=True, slots=True)
class Proposal:
    """A window whose findings of the last days call for a key patrol."""

    window: str
    number: str
    unit: str
    found: int


@dataclass(frozen=True, slots=True)
class Planned:
    """A key patrol that was agreed on and not walked yet. `checkpoints`: the window's, to begin it with."""

    window: str
    number: str
    checkpoints: tuple[str, ...]
    agreed: datetime
    reason: str


def proposals(session: Session, held: InForce, now: datetime) -> list[Proposal]:
    """Windows to be patrolled, by their numbers. Findings that were refused, and those before the last decision on the
    window, count for nothing. Two statements."""
    today = now.astimezone(held.zone).date()
    policy = held.on(today).policy
    since = now - timedelta(days=policy.patrol.key_days + 1)
    days: dict[str, list[date]] = {}
    about: dict[str, Any] = {}
    for row in session.execute(_found(since)):
        if row.decided is None or row.at > row.decided:
            days.setdefault(row.window, []).append(row.at.astimezone(held.zone).date())
            about[row.window] = row
    seen = [Seen(window, tuple(found), ()) for window, found in days.items()]
    chosen = key_windows(policy, seen, today)
    found = [Proposal(each, about[each].number, about[each].unit, len(days[each])) for each in chosen]
    return sorted(found, key=lambda each: (len(each.number), each.number))


def decide(session: Session, held: InForce, window: str, accepted: bool, reason: str, by: str, now: datetime) -> None:
    """Agree on a proposed patrol, or not, with a reason. BadInput for what is not proposed (any more)."""
    posts.need_window(session, window)
    if window not in {each.window for each in proposals(session, held, now)}:
        raise BadInput(say("这个窗口没有待定的重点巡查建议"), remedy=say("请刷新后查看"))
    if len(reason.strip()) > LONGEST_NOTE or (not accepted and not reason.strip()):
        raise BadInput(say("不采纳要写理由"), remedy=say("请写在 {n} 个字以内", n=LONGEST_NOTE))
    session.add(KeyDecisionRow(id=str(uuid7()), window=window, at=now, by=by, accepted=accepted, reason=reason.strip()))
    session.flush()
    act = "key_patrol.accept" if accepted else "key_patrol.dismiss"
    audit.note(session, now, by, act, window, {"window": window, "reason": reason.strip()})


def planned(session: Session, now: datetime) -> list[Planned]:
    """Key patrols that were agreed on and that no key round visited since. Two statements."""
    query = (
        select(KeyDecisionRow, WindowRow.number, CheckpointRow.id.label("checkpoint"))
        .join(WindowRow, WindowRow.id == KeyDecisionRow.window)
        .outerjoin(CheckpointRow, (CheckpointRow.window == WindowRow.id) & CheckpointRow.closed.is_(None))
        .where(KeyDecisionRow.accepted, KeyDecisionRow.at > now - PLANNED_FOR)
        .order_by(KeyDecisionRow.at, CheckpointRow.rank)
    )
    found: dict[str, Planned] = {}
    for row, number, checkpoint in session.execute(query):
        before = found[row.window].checkpoints if row.window in found and found[row.window].agreed == row.at else ()
        points = (*before, checkpoint) if checkpoint else before
        found[row.window] = Planned(row.window, number, points, row.at, row.reason)
    if not found:
        return []
    walked = select(RoundRow.at, RoundRow.checkpoints).where(
        RoundRow.kind == "key", RoundRow.at > min(each.agreed for each in found.values())
    )
    rounds = [(at, set(read_list(points))) for at, points in session.execute(walked)]
    return [each for each in found.values() if not _walked(each, rounds)]


def _walked(plan: Planned, rounds: Iterable[tuple[datetime, set[str]]]) -> bool:
    return any(at > plan.agreed and (not named or named & set(plan.checkpoints)) for at, named in rounds)


def _found(since: datetime) -> Any:
    """Findings at windows that supervision did not refuse, each with the last decision on its window."""
    window = func.coalesce(CheckpointRow.window, FindingRow.about)
    decided = select(func.max(KeyDecisionRow.at)).where(KeyDecisionRow.window == WindowRow.id).scalar_subquery()
    steps = select(func.max(FindingStepRow.id)).where(FindingStepRow.finding == FindingRow.id)
    refused = steps.where(FindingStepRow.step == "refuse").scalar_subquery()
    withdrawn = steps.where(FindingStepRow.step == "withdraw").scalar_subquery()
    return (
        select(WindowRow.id.label("window"), WindowRow.number, WindowRow.unit, FindingRow.at, decided.label("decided"))
        .outerjoin(CheckpointRow, CheckpointRow.id == FindingRow.checkpoint)
        .join(WindowRow, WindowRow.id == window)
        .where(FindingRow.at >= since, refused.is_(None) | (withdrawn > refused))
    )
