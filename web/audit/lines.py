"""Lines of the audit in words: who, what, about whom, and what stood before and after."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from config.words import series
from web.audit.values import value_words
from web.ledger.audit import AuditRow
from web.services import accounts, people
from web.services.ids import is_id
from web.words import _

THINGS = {
    "account": "账号", "alarm": "告警", "calendar": "节假日表", "checkpoint": "巡查点", "cover": "顶岗",
    "factor": "动态验证码", "finger": "指纹", "leave": "请假", "lineage": "账本", "login": "登录", "patrol": "巡查",
    "people": "名单", "person": "人员", "pin": "PIN", "policy": "制度", "post": "岗位", "role": "角色",
    "seat": "岗位安排", "setup": "初始设置", "sheet": "月表", "station": "考勤站", "token": "接口令牌",
    "unit": "单位", "window": "窗口", "outage": "停机", "hall": "大厅", "round": "巡查", "request": "申请",
    "correction": "更正", "draw": "随机巡查", "tag": "标签", "photo": "照片", "duty": "值班",
    "finding": "巡查问题", "need": "困难和需求", "key_patrol": "重点巡查建议",
    "robot": "群机器人",
}  # fmt: skip
DONE = {
    "add": "新增", "approve": "批准", "begin": "启用", "cancel": "取消", "clear": "处理", "close": "停用",
    "code": "生成接入码", "codes": "更换恢复码", "confirm": "确认", "create": "新增", "decide": "认定",
    "edit": "修改", "end": "结束", "end_all": "全部退出", "enrol": "下令录入", "enter": "手机进入", "file": "登记",
    "forget": "下令删除", "grant": "登记", "import": "导入", "join": "接入", "keep": "保留", "key": "更换密钥",
    "key_ask": "要求换密钥", "leave": "调离", "locked": "连续输错，暂停登录",
    "login": "登录", "logout": "退出", "make": "发放", "open": "登记",
    "order": "调整顺序", "password": "修改密码", "prepare": "准备启用",
    "plan": "安排", "prefer": "调整先后", "refuse": "不批准",
    "rejoin": "重新接入", "rename": "改名", "reopen": "重新打开", "rescue": "重设", "revoke": "撤销",
    "rule": "改变要求", "seal": "更换封装密钥", "set": "设置", "sign": "签字", "stay": "撤销调离",
    "unreadable": "读不出", "withdraw": "撤回", "return": "销假", "extend": "延长", "cut": "提前结束",
    "unexcused": "认定超假无正当理由", "slip": "补传假条照片", "look": "查看假条照片",
    "paper": "收到书面材料", "step": "一步", "done": "完成", "skip": "跳过", "name": "改名", "reject": "不批准",
    "commit": "抽定并封存", "keys": "显示密钥", "transfer": "调动",
    "drop": "停用", "offer": "给出设置码", "hand_in": "收到书面材料", "move": "改期", "settle": "处理",
    "ask": "申请换班", "check": "下班检查", "hand_over": "交班", "register": "登记",
    "seen": "签收", "stand_in": "临时代班", "back": "代班结束", "swap": "换班",
    "change": "修改", "propose": "提出", "request": "办理申请",
    "annul": "作废", "let_go": "到期删除", "original": "查看原图", "sweep": "清理无主文件",
    "answer": "说明情况", "assign": "指定整改人", "rectify": "报告已整改", "verify": "复查到位", "report": "上报",
    "hear": "处理意见", "refer": "移送责任追究", "accept": "采纳", "dismiss": "不采纳",
    "remove": "删除", "test": "测试",
}  # fmt: skip
FIELDS = {
    "accepted": "认可", "address": "地址", "after": "之后", "agent": "浏览器", "allowed": "允许", "at": "在",
    "before": "之前", "by": "由", "closed": "锁定", "code": "编号",
    "confirmed": "确认日期", "day": "日期", "days": "天数", "digest": "摘要", "do": "指令",
    "end": "到", "ends": "角色原定的最后一天",
    "ended": "退出数", "finger": "手指", "floor": "楼层", "group": "前/后台", "handback": "交还说明",
    "handover": "交接说明", "hash": "摘要", "is": "现为", "key": "公钥", "kind": "类别", "last": "最后一天",
    "location": "位置", "month": "月份", "name": "名称", "number": "编号", "occasion": "事由", "officers": "巡查人员",
    "order": "指令", "people": "人数", "person": "人员", "phone": "电话", "pinyin": "读音", "place": "位置",
    "post": "岗位", "posted_from": "入驻日期", "reason": "理由", "required": "必须使用", "role": "角色",
    "count": "数量", "round": "巡查",
    "roles": "角色", "scope": "范围", "seal_key": "封装公钥", "seat": "岗位安排", "sha256": "摘要",
    "signed": "签字", "since": "开始",
    "slot": "时段", "standing": "身份", "start": "从", "station": "考勤站", "unit": "单位", "units": "单位数",
    "until": "到", "was": "原为", "where": "何处", "why": "原因", "window": "窗口", "year": "年份",
    "among": "抽取范围", "times": "次数", "zone": "时区", "from": "从", "to": "到", "text": "内容", "note": "说明",
    "told": "已告知", "task": "事项", "urgent": "重大情况", "damage": "设施损坏", "faults": "发现的问题",
    "sheets": "已锁定的月表", "paper": "书面材料", "page": "第几页",
    "other": "对方", "other_day": "对方的值班日", "photo": "照片摘要",
    "covered": "被顶岗人", "leave": "假条", "status": "状态", "added": "登记时间",
    "posted_to": "离开日期", "enabled": "启用", "failures": "输错次数", "sent": "已送达", "topics": "消息",
}  # fmt: skip
LISTS = ("roles", "officers", "order", "sheets", "topics")  # two of these are no change
LONG = 40  # letters of a key or a digest that say enough


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that the line says. `before` None: it tells no change."""

    label: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as people read it. `who` empty: the command line."""

    row: AuditRow
    who: str
    act: str
    subject: str
    fields: list[Field]


def act_words(act: str) -> str:
    """An act in words; a whole kind of acts by its first part."""
    thing, _dot, done = act.partition(".")
    words = _(THINGS.get(thing, thing))
    if not done:
        return _("%(thing)s（全部）", thing=words)
    return _("%(thing)s：%(done)s", thing=words, done=_(DONE.get(done, done)))


def kinds(acts: Iterable[str]) -> list[str]:
    """The acts that can be asked for, each kind as a whole before its own."""
    found: dict[str, None] = {}
    for act in acts:
        found |= dict.fromkeys((act.partition(".")[0], act))
    return list(found)


def shown_lines(session: Session, rows: Sequence[AuditRow]) -> list[Shown]:
    """Lines in words. Two statements for all names."""
    read = [(row, json.loads(row.detail)) for row in rows]
    named = {row.by for row in rows if row.by} | {row.subject for row in rows if is_id(row.subject)}
    for _row, detail in read:
        named |= set(_ids(list(detail.values())))
    names = people.names_of(session, named) | accounts.names_of(session, named)
    return [_shown(row, detail, names) for row, detail in read]


def _ids(value: Any) -> Iterator[str]:
    """Ids in a line, also of what stood before and after."""
    if isinstance(value, list):
        for each in value:
            yield from _ids(each)
    elif isinstance(value, str) and is_id(value):
        yield value


def _shown(row: AuditRow, detail: dict[str, Any], names: dict[str, str]) -> Shown:
    subject = names.get(row.subject, "" if is_id(row.subject) else row.subject)
    fields = [_field(key, value, names) for key, value in detail.items()]
    return Shown(row, names.get(row.by or "", ""), act_words(row.act), _short(subject), fields)


def _field(key: str, value: Any, names: dict[str, str]) -> Field:
    label = _label(key)
    if _is_change(key, value):
        return Field(label, _text(key, value[0], names), _text(key, value[1], names))
    return Field(label, None, _text(key, value, names))


def _label(key: str) -> str:
    return _(FIELDS.get(key, key))


def _is_change(key: str, value: Any) -> bool:
    """Whether the value is what stood before and what stands after: two plain ones, or two lists."""
    if not isinstance(value, list) or len(value) != 2:
        return False
    nested = [isinstance(each, list | dict) for each in value]
    return all(nested) or (key not in LISTS and not any(nested))


def _text(key: str, value: Any, names: dict[str, str]) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list):
        return series(_text(key, each, names) for each in value)
    if isinstance(value, dict):
        return _("，").join(
            f"{_short(_(FIELDS.get(str(within), str(within))))} {_pair(within, each, names)}"
            for within, each in value.items()
        )
    text = "" if value is None else str(value)
    return names.get(text) or _short(value_words(key, text))


def _pair(key: str, value: Any, names: dict[str, str]) -> str:
    """A value within another: a change by its arrow."""
    if not _is_change(key, value):
        return _text(key, value, names)
    return " → ".join(_text(key, each, names) or _("（空）") for each in value)


def _short(text: str) -> str:
    """Keys and digests by their beginning; whatever people write stays whole."""
    dense = len(text) > LONG and " " not in text and text.isascii()
    return f"{text[:12]}…" if dense or is_id(text) else text
