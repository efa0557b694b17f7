"""Difficulties that staff or the public told officers of (wanzhou:patrol:5.4): no faults; answered, then settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.words import say
from web.ledger.findings import NeedStepRow
from web.ledger.patrol import CheckpointRow, CheckRow
from web.ledger.posts import WindowRow
from web.services import audit
from web.services.errors import BadInput, NotFound
from web.services.finding_steps import LONGEST_NOTE
from web.services.rounds import read_list
from web.services.scopes import Scope

STEPS = ("answer", "settle")
MOST = 1000  # checks with needs that are looked through, the newest
State = Literal["open", "answered", "settled"]


@dataclass(frozen=True, slots=True)
class Need:
    """A need as it was told, and what was done about it. `id`: its check's, and which of the check's it is."""

    id: str
    at: datetime
    words: str
    place: str
    number: str
    unit: str
    by: str
    steps: Sequence[NeedStepRow]

    @property
    def state(self) -> State:
        """How it stands."""
        taken = {row.step for row in self.steps}
        return "settled" if "settle" in taken else "answered" if "answer" in taken else "open"


def listed(session: Session, scope: Scope) -> list[Need]:
    """Needs at the windows within the scope, the unsettled ones first, then the newest. Two statements."""
    query = (
        select(CheckRow.id, CheckRow.at, CheckRow.needs, CheckRow.by, CheckpointRow.name, WindowRow.number,
               WindowRow.unit)
        .outerjoin(CheckpointRow, CheckpointRow.id == CheckRow.checkpoint)
        .outerjoin(WindowRow, WindowRow.id == CheckpointRow.window)
        .where(CheckRow.needs != "[]")
        .order_by(CheckRow.at.desc())
        .limit(MOST)
    )  # fmt: skip
    rows = [row for row in session.execute(query) if scope.holds_unit(row.unit or "")]
    told = [(f"{row.id}-{number}", words, row) for row in rows for number, words in enumerate(read_list(row.needs))]
    steps: dict[str, list[NeedStepRow]] = {}
    taken = select(NeedStepRow).where(NeedStepRow.need.in_([key for key, *_ in told])).order_by(NeedStepRow.at)
    for step in session.execute(taken).scalars():
        steps.setdefault(step.need, []).append(step)
    found = [
        Need(key, row.at, words, row.name or "", row.number or "", row.unit or "", row.by, tuple(steps.get(key, ())))
        for key, words, row in told
    ]
    return sorted(found, key=lambda need: need.state == "settled")


def take(session: Session, need: str, step: str, note: str, by: str, now: datetime) -> None:
    """Answer a need or settle it. NotFound for none; BadInput without a note, or once it is settled."""
    check, _, number = need.rpartition("-")
    row = session.get(CheckRow, check)
    told = read_list(row.needs) if row is not None else []
    if step not in STEPS or not number.isdecimal() or int(number) >= len(told):
        raise NotFound(say("没有这条困难和需求"), remedy=say("请从列表进入"))
    if not 0 < len(note.strip()) <= LONGEST_NOTE:
        raise BadInput(say("没有写办理情况，或写得太长"), remedy=say("请写在 {n} 个字以内", n=LONGEST_NOTE))
    settled = select(NeedStepRow.id).where(NeedStepRow.need == need, NeedStepRow.step == "settle").limit(1)
    if session.execute(settled).first():
        raise BadInput(say("这条已经办结"), remedy=say("请刷新后查看"))
    session.add(NeedStepRow(id=str(uuid7()), need=need, at=now, by=by, step=step, note=note.strip()))
    session.flush()
    audit.note(session, now, by, f"need.{step}", need, {"note": note.strip()})
