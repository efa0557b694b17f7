"""Policy versions: drawn up from a form or a hall's file, checked whole, and added; nothing of a faulty one is kept."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.errors import BadFile
from config.policy import Policy, Raw, from_data, from_text
from config.words import say
from web.ledger.people import PersonRow
from web.ledger.policies import PolicyRow
from web.services import audit, calendars, in_force
from web.services.errors import BadInput, NotFound
from web.services.hub import Hub
from web.services.in_force import UNWRITTEN, InForce, Version, digest_of

LONGEST_REASON = 200
LATEST_YEAR = 2100


@dataclass(frozen=True, slots=True)
class Draft:
    """A version that is not added yet. `reason`: why it begins on another day than the first of a coming month."""

    since: date
    policy: Policy
    data: Raw
    reason: str = ""

    @property
    def mark(self) -> str:
        """What tells this draft from any other: a trial holds for exactly one."""
        return digest_of(f"{self.since}{in_force.text_of(self.data)}")

    def version(self) -> Version:
        """The draft as if it were in force."""
        return Version(UNWRITTEN, self.since, self.policy, self.data)


@dataclass(frozen=True, slots=True)
class Listed:
    """A version in the list: its row and who made it (empty: the hall began with it)."""

    row: int
    since: date
    title: str
    made: datetime | None
    maker: str
    reason: str


def begin(session: Session, hub: Hub, now: datetime) -> None:
    """Write down what the hall began with, where the ledger has no version of its own yet."""
    if session.execute(select(PolicyRow.row).limit(1)).first() is None:
        first = in_force.unwritten(hub.settings.policy)
        _add(session, Draft(first.since, first.policy, first.data), None, now)
    calendars.begin(session, now)


def begin_with(session: Session, hub: Hub, name: str, now: datetime, by: str) -> None:
    """The hall or pack of that name holds from the beginning on, in place of what did."""
    chosen = in_force.unwritten(name)
    held = in_force.read(session, hub).versions[0]
    if held.row == UNWRITTEN or held.data != chosen.data:
        _add(session, Draft(chosen.since, chosen.policy, chosen.data), by, now)
    calendars.begin(session, now)


def of_text(text: str, name: str) -> Raw:
    """The policy that a hall's file composes, as plain data without floats. BadFile names every fault."""
    if not text.strip():
        raise BadInput(say("没有收到制度文件"), remedy=say("请上传文件或把内容粘贴到框里"))
    plain: Raw = _plain(from_text(text, name))
    return plain


def draft(data: Raw, since: str, today: date, *, forced: bool, reason: str) -> Draft:
    """A version from plain data and a day as written. BadFile names every fault of both; nothing is half-taken."""
    faults = []
    begins, fault = _begin(since, today, forced, reason.strip())
    faults += [fault] if fault else []
    policy = None
    try:
        policy = from_data(data, say("制度"))
    except BadFile as error:
        faults += error.faults
    if policy is None or begins is None or faults:
        raise BadFile(say("制度"), faults)
    return Draft(begins, policy, data, reason.strip() if forced else "")


def save(session: Session, hub: Hub, made: Draft, by: str, now: datetime) -> int:
    """Add the version; answers its row. BadInput when it changes nothing."""
    begin(session, hub, now)
    held = in_force.read(session, hub)
    if in_force.text_of(held.on(made.since).data) == in_force.text_of(made.data):
        raise BadInput(say("与 {day} 起已定的制度完全一样", day=made.since), remedy=say("没有需要保存的改动"))
    return _add(session, made, by, now)


def listed(session: Session, held: InForce) -> list[Listed]:
    """Every version, the one that begins last first."""
    query = (
        select(PolicyRow.row, PolicyRow.since, PolicyRow.title, PolicyRow.made, PersonRow.name, PolicyRow.reason)
        .outerjoin(PersonRow, PersonRow.id == PolicyRow.by)
        .order_by(PolicyRow.since.desc(), PolicyRow.row.desc())
    )
    rows = [
        Listed(row, since, title, made, name or "", reason)
        for row, since, title, made, name, reason in session.execute(query)
    ]
    first = held.versions[0]
    return rows or [Listed(first.row, first.since, first.policy.title, None, "", "")]


def version_of(session: Session, held: InForce, row: int) -> Version:
    """The version of that row, also one that another of the same day replaced. NotFound when there is none."""
    found = next((each for each in held.versions if each.row == row), None)
    if found is not None:
        return found
    kept = session.execute(select(PolicyRow.since, PolicyRow.digest).where(PolicyRow.row == row)).one_or_none()
    if kept is None:
        raise NotFound(say("没有这一版制度"), remedy=say("请从现行制度的版本列表重新选择"))
    return in_force.version_at(session, row, kept.since, kept.digest)


def _add(session: Session, made: Draft, by: str | None, now: datetime) -> int:
    text = in_force.text_of(made.data)
    before = session.execute(select(PolicyRow.digest).order_by(PolicyRow.row.desc()).limit(1)).scalar()
    title = made.policy.title[:100]
    row = PolicyRow(
        since=made.since, title=title, data=text, digest=digest_of(text), reason=made.reason, made=now, by=by
    )
    session.add(row)
    session.flush()
    detail = {"since": made.since.isoformat(), "digest": [before or "", row.digest], "reason": made.reason}
    audit.note(session, now, by, "policy.add", str(row.row), detail)
    return row.row


def _begin(text: str, today: date, forced: bool, reason: str) -> tuple[date | None, str]:
    """The day as written, or the fault in it."""
    try:
        begins = date.fromisoformat(text.strip())
    except ValueError:
        return None, say("生效日要写成 2026-12-01 这样的日期，不能是 {value}", value=text.strip() or say("空"))
    if not begins > in_force.SINCE or begins.year > LATEST_YEAR:
        return None, say("生效日 {day} 不合理", day=begins)
    usual = begins.day == 1 and begins > today
    if not usual and not (forced and reason):
        return None, say("生效日应是今天以后某月的 1 日；确要从 {day} 起，请勾选并写明理由", day=begins)
    if len(reason) > LONGEST_REASON:
        return None, say("理由不超过 {most} 个字", most=LONGEST_REASON)
    return begins, ""


def _plain(value: Any) -> Any:
    """The same without floats: a day's fraction stands as its decimal text."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return str(Decimal(str(value))) if isinstance(value, float) else value
