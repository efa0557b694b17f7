"""The room of corrections, and who does what in it."""

from flask import Blueprint

from web.auth.gate import myself
from web.services.errors import NotAllowed
from web.services.scopes import OF_HALL, OF_UNIT
from web.words import _

bp = Blueprint("corrections", __name__, url_prefix="/corrections")
STATUSES = {
    "pending": ("amber", "late", "待审批"), "approved": ("green", "ok", "已批准"), "refused": ("red", "bad", "未批准"),
    "withdrawn": ("grey", "note", "已撤回"), "annulled": ("red", "warn", "已作废"),
}  # fmt: skip
ACTS = {"approve": "批准", "refuse": "不批准", "withdraw": "撤回", "annul": "作废"}
SOURCES = {"kiosk": "打卡屏", "desk": "代为登记", "paper": "纸质签到表"}


def at_desk() -> bool:
    """Whether this login may ask for others: of the own unit, or of the hall."""
    return bool(myself().roles & (OF_HALL | OF_UNIT))


def need_desk() -> None:
    """NotAllowed for everybody else."""
    if not at_desk():
        raise NotAllowed(_("您的账号没有这项权限"), remedy=_("请联系本单位考勤员"))
