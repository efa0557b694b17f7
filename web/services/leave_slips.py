"""Photos of the sealed slip or the application form that a leave comes with (taigu:attendance:2, wanzhou:attendance:4).

The bytes as handed in are the evidence; what is shown is made of them without anything else they carried. Only who
decides the leave and supervision look, and the audit has a line for each look.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.words import say
from station.photos import SCANS
from web.ledger.leaves import LeaveRow, LeaveSlipRow
from web.ledger.patrol import PhotoLetGoRow
from web.pictures import making
from web.pictures.making import NotAPicture
from web.services import audit, leaves, pictures
from web.services.errors import BadInput, NotAllowed, NotFound
from web.services.hub import Hub
from web.services.leaves import Case

MOST = 3  # pages at once
PAGES = 9  # of one leave


def keep(hub: Hub, contents: Iterable[bytes]) -> tuple[str, ...]:
    """Check the pages, keep them durably, and answer their digests. BadInput or NoRoom keeps none."""
    return pictures.keep(hub, contents, SCANS, MOST, say("请先登记，再到假条页补传其余几页"))


def hand_in(session: Session, row: LeaveRow, digests: Sequence[str], by: str, now: datetime) -> None:
    """These pages belong to the leave; the paper counts as handed in. BadInput for none, and for too many."""
    there = session.execute(select(func.count(LeaveSlipRow.id)).where(LeaveSlipRow.leave == row.id)).scalar_one()
    if not digests:
        raise BadInput(say("没有选照片"), remedy=say("请拍照或选文件"))
    if there + len(digests) > PAGES:
        raise BadInput(say("一张假条最多 {n} 页照片", n=PAGES), remedy=say("请只传盖章的页"))
    session.add_all(
        LeaveSlipRow(id=str(uuid7()), leave=row.id, page=page, sha256=digest, at=now, by=by)
        for page, digest in enumerate(digests, start=there + 1)
    )
    session.flush()
    leaves.papers_came(session, row, by, now, say("照片 {n} 页", n=len(digests)))


def of(session: Session, leave: str) -> Sequence[LeaveSlipRow]:
    """The pages of a leave, in their order. One statement."""
    query = select(LeaveSlipRow).where(LeaveSlipRow.leave == leave)
    return session.execute(query.order_by(LeaveSlipRow.page)).scalars().all()


def look(session: Session, hub: Hub, case: Case, page: int, by: str) -> bytes:
    """A page as a JPEG to be shown, with a line in the audit. NotAllowed, NotFound; BadInput when it is gone."""
    if not case.may_look(by):
        raise NotAllowed(say("假条照片只给审批人和督查部门看"), remedy=say("请联系审批人"))
    row = next((each for each in of(session, case.row.id) if each.page == page), None)
    if row is None:
        raise NotFound(say("没有这页照片"), remedy=say("请从假条页面重新打开"))
    content = hub.photos.read(row.sha256)
    if content is None:
        gone = session.get(PhotoLetGoRow, row.sha256)
        words = say("照片已到期删除") if gone else say("照片不在中枢")
        raise BadInput(words, remedy=say("办理经过仍在假条页") if gone else say("请管理员运行 zaigang hub verify"))
    try:
        shown = making.bare(content)
    except NotAPicture as error:
        raise BadInput(say("照片已损坏，不能显示"), remedy=say("请管理员运行 zaigang hub verify")) from error
    detail = {"person": case.row.person, "page": page, "sha256": row.sha256}
    audit.note(session, hub.now(), by, "leave.look", case.row.id, detail)
    return shown
