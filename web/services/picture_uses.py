"""Where photos are used: named by a fact of the patrol, or by a step that shows what was put right.

Steps are no facts, so their photos have no rows in `pictures`, which a rebuild makes anew; whoever asks where a photo
is used, how long it is needed, or which must be there, asks here and hears of both.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, CompoundSelect, Select, Subquery, false, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from web.ledger.findings import AskedFindingRow, FindingStepRow
from web.ledger.leaves import LeaveSlipRow
from web.ledger.patrol import FindingRow, PhotoLetGoRow, PictureRow
from web.ledger.stations import StationRow
from web.services.recording import OWN


class Mended(NamedTuple):
    """What a step's picture shows put right: the finding, the fact in which it was seen, and whose step it is."""

    finding: str
    seen: str
    by: str


class Use(NamedTuple):
    """One use of a picture: the fact that names it, its number in that, and when and where that was.

    `mended`: of one that a step names; `fact` is that step then, and the place the finding's.
    """

    fact: str
    number: int
    sha256: str
    at: datetime
    round: str
    checkpoint: str
    mended: Mended | None = None

    @property
    def id(self) -> str:
        """What tells this use from any other."""
        return f"{self.fact}/{self.number}"


def one(session: Session, fact: str, number: int) -> Use | None:
    """The picture of this number in a fact or step; None for none. One statement."""
    step = FindingStepRow.id == fact if number == 0 else false()
    found = session.execute(_uses(PictureRow.id == f"{fact}/{number}", step)).first()
    return _use(found) if found else None


def of(session: Session, digests: Select[str] | Sequence[str]) -> dict[str, tuple[Use, ...]]:
    """Every use of these photos, by their SHA-256, the oldest first. One statement."""
    query = _uses(PictureRow.sha256.in_(digests), FindingStepRow.photo.in_(digests))
    found: dict[str, tuple[Use, ...]] = {}
    for use in sorted(map(_use, session.execute(query)), key=lambda each: (each.at, each.id)):
        found[use.sha256] = (*found.get(use.sha256, ()), use)
    return found


def times() -> Subquery:
    """Every use of every photo: `sha256`, `at`. For queries that reckon with all of them."""
    steps = select(FindingStepRow.photo, FindingStepRow.at).where(FindingStepRow.photo != "")
    slips = select(LeaveSlipRow.sha256, LeaveSlipRow.at)
    return union_all(select(PictureRow.sha256, PictureRow.at), steps, slips).subquery("used")


def gone() -> Select[str]:
    """The photos that were let go and not used again since: whoever uses one again brings its bytes along."""
    used = times()
    let_go = aliased(PhotoLetGoRow)
    back = select(let_go.sha256).join(used, used.c.sha256 == let_go.sha256).where(used.c.at >= let_go.at)
    return select(PhotoLetGoRow.sha256).where(PhotoLetGoRow.sha256.not_in(back))


def own(session: Session) -> set[str]:
    """The photos that must be here: those that the hub's own facts, steps or leaves name and that were not let go. They
    were here before what names them; stations' may be on their way."""
    facts = select(PictureRow.sha256).join(StationRow, StationRow.id == PictureRow.station)
    steps = select(FindingStepRow.photo).where(FindingStepRow.photo != "", FindingStepRow.photo.not_in(gone()))
    named = facts.where(StationRow.state == OWN, PictureRow.sha256.not_in(gone()))
    slips = select(LeaveSlipRow.sha256).where(LeaveSlipRow.sha256.not_in(gone()))
    return set(session.execute(union_all(named, steps, slips)).scalars())


def _uses(fact: ColumnElement[bool], step: ColumnElement[bool]) -> CompoundSelect[Any]:
    """What facts name and what steps name; a step has one photo, a fact's stand under its id with their numbers."""
    none = literal("")
    by_fact = select(
        PictureRow.id, PictureRow.sha256, PictureRow.at, PictureRow.round, PictureRow.checkpoint,
        none.label("finding"), none.label("seen"), none.label("by"),
    )  # fmt: skip
    finding = func.coalesce(AskedFindingRow.of, FindingStepRow.finding)
    places = (func.coalesce(each, "") for each in (FindingRow.round, FindingRow.checkpoint))
    by_step = (
        select(
            FindingStepRow.id, FindingStepRow.photo, FindingStepRow.at, *places, FindingStepRow.finding,
            func.coalesce(FindingRow.fact, ""), FindingStepRow.by,
        )
        .outerjoin(AskedFindingRow, AskedFindingRow.id == FindingStepRow.finding)
        .outerjoin(FindingRow, FindingRow.id == finding)
        .where(FindingStepRow.photo != "")
    )  # fmt: skip
    return union_all(by_fact.where(fact), by_step.where(step))


def _use(row: Any) -> Use:
    fact, _, number = row.id.partition("/")
    mended = Mended(row.finding, row.seen, row.by) if row.finding else None
    return Use(fact, int(number or 0), row.sha256, row.at, row.round, row.checkpoint, mended)
