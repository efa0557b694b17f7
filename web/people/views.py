"""The list of people."""

from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request

from web.door import hub, reading
from web.ledger.people import PersonRow
from web.services import people
from web.services.today import posting_of
from web.words import _

bp = Blueprint("people", __name__, url_prefix="/people")

ROLE_WORDS = {
    "staff": "窗口人员", "window_head": "窗口负责人", "chief_rep": "首席代表", "attendance_clerk": "考勤员",
    "unit_leader": "派驻单位领导", "duty_leader": "值班长", "supervision": "督查室", "patrol_officer": "巡查人员",
    "office_leader": "政务服务办领导", "centre_leader": "中心分管领导", "admin": "系统管理员",
}  # fmt: skip


@bp.get("")
def page() -> str:
    """Everybody, or those who fit what is searched for."""
    text = request.args.get("q", "")[:60]
    session = reading()
    return render_template(
        "people/page.html",
        text=text,
        found=people.search(session, text),
        roles=people.roles_of(session),
        fingers=people.fingers(session),
        role_words=ROLE_WORDS,
        posting=_posting,
    )


def _posting(row: PersonRow) -> str:
    """Whether the person is posted now, in a word."""
    now = hub().now()
    posting = posting_of(row, ZoneInfo(hub().hall.zone))
    if posting.start is not None and now < posting.start:
        return _("未入驻")
    if posting.end is not None and now >= posting.end:
        return _("已调离") if row.added < posting.end else _("不参加考勤")
    return _("在册")
