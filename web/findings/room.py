"""What every page of 待整改 stands on: its address, and the words for what is derived."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, g

from config.checklist import load_checklist
from web.door import hub, reading
from web.services import in_force
from web.services.in_force import InForce
from web.words import _

bp = Blueprint("findings", __name__, url_prefix="/findings")

JUDGED = {
    "plain": None, "open": ("amber", "late", "待核实"), "confirmed": ("red", "bad", "已核实"),
    "refused": ("grey", "note", "不成立"),
}  # fmt: skip
MENDING = {
    "noted": ("grey", "note", "已当场提醒"), "open": ("amber", "warn", "待整改"),
    "overdue": ("red", "bad", "逾期未整改"), "rectified": ("blue", "late", "待复查"),
    "closed": ("green", "ok", "整改到位"), "dropped": None,
}  # fmt: skip
WAITS = {
    "confirm": "请核实", "rectify": "请整改", "verify": "请复查", "hear": "请处理", "answer": "请说明",
}  # fmt: skip
STEP_WORDS = {
    "answer": "说明情况", "confirm": "认定属实", "refuse": "认定不成立", "withdraw": "撤回认定", "assign": "指定整改人",
    "rectify": "报告已整改", "verify": "复查到位", "reopen": "退回重新整改", "report": "上报分管领导",
    "hear": "处理意见", "refer": "移送责任追究",
}  # fmt: skip


def held() -> InForce:
    """What is in force, read once a request."""
    if "findings_held" not in g:
        g.findings_held = in_force.read(reading(), hub())
    found: InForce = g.findings_held
    return found


def zone() -> ZoneInfo:
    """The hall's zone."""
    return ZoneInfo(hub().hall.zone)


@bp.app_template_filter("when")
def when(at: datetime) -> str:
    """A day and a minute of the hall."""
    return f"{at.astimezone(zone()):%Y-%m-%d %H:%M}"


def columns() -> dict[str, str]:
    """The record form's columns with their names."""
    return {key: str(words["zh"]) for key, words in load_checklist().words["columns"].items()}


def kind_words(reason: str) -> str:
    """What a finding's source is called."""
    return {"attendance": _("打卡与巡查不一致"), "inspector": _("检查发现")}.get(reason, _("巡查发现"))
