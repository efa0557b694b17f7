"""What stands in the audit as a key, in words, by the field that it stands in; whatever people wrote stays as it is."""

from functools import cache

from config.checklist import load_checklist
from config.checklist import word as term
from config.policy import load_policy, packs
from config.policy_words import word
from config.words import either, series
from web.robot_line.line import WORDS as ROBOTS
from web.words import _

DAYS = {"off": "休", "on": "班", "week": "常"}  # kinds of day, as the day table's lines say them
SIDES = {"in": "上班", "out": "下班"}
WORDS = {
    "at": {"desk": "办公室", "kiosk": "打卡屏"},
    "do": {"enrol": "下令录入", "forget": "下令删除"},
    "floor": {"": "全厅"},
    "kind": {
        "fork": "账本分叉", "held": "暂不接收", "refused": "拒收", "foreign": "别处的记录", "simulated": "模拟时钟",
        "unreadable": "读不出", "own_journal": "中枢自己的账本", **ROBOTS,
    },
    "scope": {"read": "只读"},
    "status": {
        "pending": "待审批", "approved": "已批准", "refused": "未批准", "cancelled": "已撤回", "withdrawn": "已撤回",
        "revoked": "已撤销", "annulled": "已作废", "ongoing": "仍在故障", "open": "待核实", "confirmed": "已核实",
    },
    "task": {"damage": "设施损坏"},
    "topics": {"waits": "待办", "rounds": "漏巡", "month": "月表", "urgent": "重大情况"},
    "why": {"asked": "申请", "left": "已调离"},
}  # fmt: skip


def value_words(field: str, text: str) -> str:
    """One value in words: by its field, else by the policies' own words for keys; else as it stands."""
    if text in (known := WORDS.get(field, {})):
        return _(known[text])
    if field == "task":
        return _(_duties().get(text, text)) if text else ""
    if field == "faults":
        return series(map(_fault, text.split()))
    if field == "place" and text in load_checklist().words["places"]:
        return term("places", text)
    if field == "slot":
        return " ".join(_(SIDES[part]) if part in SIDES else word(part) for part in text.split())
    return _(DAYS[text]) if text in DAYS else word(text)


def _fault(key: str) -> str:
    item = load_checklist().items.get(key)
    return either(item) if item else _(_duties().get(key, key))


@cache
def _duties() -> dict[str, str]:
    """A duty leader's tasks, as the policies that come with the product name them."""
    return {task.key: task.name for name in packs() for task in load_policy(name).duty.tasks}
