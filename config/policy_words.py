"""A policy in words: every key under the name that people use, with its value and the clauses beside it."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from pydantic import BaseModel

from config.clauses import cite
from config.policy import SECTIONS, Policy
from config.policy_attendance import Step
from config.words import say, series

SECTION_WORDS = {
    "attendance": "考勤",
    "leave": "请假",
    "duty": "值班",
    "patrol": "巡查",
    "substitution": "顶岗补位",
    "complaints": "投诉",
    "consequences": "处理",
    "assessment": "考核",
    "reporting": "报表与公示",
}
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
KEY_WORDS = {
    "sessions": "上班时间", "breaks": "工间休息", "groups": "其他人员的作息", "ready": "提前到岗（分钟）",
    "weekdays": "一周的工作日", "punches": "打卡次数", "day_start": "一天从几点算起",
    "duplicate_seconds": "重复打卡（秒）", "repeat_minutes": "重复到岗或离开（分钟）",
    "split_minutes": "中午两次打卡的间隔（分钟）", "settle_minutes": "下班后多久判定（分钟）",
    "outage_minutes": "设备故障保卡范围（分钟）", "exit_minutes": "登记外出免责（分钟）",
    "warning_minutes": "提前离岗提醒（分钟）", "absent_word": "无故未到称为", "verdicts": "判定依据",
    "chains": "批准人", "papers": "请假材料", "grounds": "准假依据", "next_up": "上一级",
    "unit_rules_first": "单位备案的办法优先（仅记录，尚不据此判定）", "after_the_fact": "可以事后补办",
    "permission_sessions": "推迟到岗、提前离岗最多（时段）", "revoked_by": "撤销假条",
    "leaders_a_day": "每天值班长（人）", "rotation": "轮流值班", "delegate": "离开时安排代班", "log": "值班记录",
    "tasks": "职责", "assembly_absent_days": "无故缺席集体活动折算缺勤（天）",
    "cover_on_leave": "请假必须有人顶岗", "covers": "谁可以顶岗",
    "one_person_days": "单人窗口另派人的离岗时间（天）",
    "empty_minutes": "空岗起算（分钟）", "away_minutes": "暂离最长（分钟）",
    "leaving_minutes": "下班前可打下班卡（分钟）",
    "break_excuses_window": "工间休息窗口可以没人",
    "rounds": "定时巡查", "kinds": "其他巡查", "unscheduled_a_day": "每天不定时巡查至少（次）",
    "team": "巡查小组（人）",
    "floors": "巡查楼层", "public_areas": "巡查公共区", "early_minutes": "可提前开始（分钟）",
    "on_time_minutes": "按时开始的宽限（分钟）", "last_minutes": "最迟（分钟）", "photo": "每处拍照",
    "columns": "记录表各栏",
    "rectify_working_days": "整改期限（工作日）", "key_findings": "重点巡查：问题数",
    "key_complaints": "重点巡查：投诉数",
    "key_days": "重点巡查：统计天数", "photo_days": "照片保存（天）",
    "refusal_to": "拒不改正报告给", "serious_to": "造成不良影响的",
    "confirmed_by": "核实人",
    "receiver": "受理部门", "receiver_role": "受理角色", "channels": "投诉渠道", "box_from": "开箱时间从",
    "box_to": "开箱时间到", "fields": "登记表各栏", "scope": "受理范围", "refusals": "不予受理的情形",
    "withdrawals": "撤回", "investigators": "调查人数至少（人）", "due": "办结期限", "delay_explained": "延期要说明",
    "archive_day": "次月归档日", "identity_kept": "为投诉人保密", "watch_list": "查实的列为重点监督",
    "left_post_is_absent": "确认脱岗按旷工", "accumulation": "迟到早退累计折算旷工", "ladders": "逐次处理",
    "measures": "可选的处理", "decided_by": "由谁决定",
    "period": "考核周期", "full": "满分", "floor": "最低分", "items": "扣分项", "not_counted": "不计入人均请假的",
    "pass_mark": "合格分", "last_places": "末几名", "last_in_a_row": "连续几次", "failures_a_year": "一年内不合格次数",
    "exempt_a_window": "每窗口可留守（人）",
    "due_working_days": "次月几个工作日内报送", "signatures": "签字", "public_notice": "公示出勤",
    "names": "公示姓名", "leave_kind_shown": "公示请假种类", "monthly_notice": "按月通报",
    "quarterly_summary": "按季汇总",
    "reopened_by": "重新打开月表", "marks": "考勤符号",
}  # fmt: skip
VALUE_WORDS = {
    "staff": "窗口人员", "window_head": "窗口负责人", "chief_rep": "首席代表", "attendance_clerk": "考勤员",
    "unit_leader": "派驻单位领导", "duty_leader": "值班长", "supervision": "督查部门", "patrol_officer": "巡查人员",
    "office_leader": "政务服务办领导", "centre_leader": "中心分管领导", "admin": "系统管理员",
    "morning": "上午", "afternoon": "下午", "window": "窗口", "back_office": "后台", "other": "其他人员",
    "per_session": "每个时段上下班各一次", "per_day": "一天上下班各一次",
    "personal": "事假", "sick": "病假", "business": "因公外出", "training": "学习培训", "annual": "公休",
    "statutory": "婚产丧工伤", "field_visit": "现场踏勘", "unit_errand": "回单位查阅资料",
    "late_arrival": "因公推迟到岗", "early_departure": "因公提前离岗",
    "sealed_slip": "盖章请假条", "application_form": "请假申请单",
    "registered_b": "备案的B岗", "unit_sent": "单位另派的人", "head_assigned": "窗口负责人指定的人",
    "centre_consented": "经中心同意的人", "errand": "临时有事", "one_person": "单人窗口", "all_away": "A岗B岗都不在",
    "emergency": "紧急情况", "site": "现场", "phone": "电话", "letter": "来信", "online": "网上", "box": "意见箱",
    "spot": "当场", "simple": "一般", "complex": "复杂", "month": "每月", "quarter": "每季", "full": "全名",
    "masked": "隐去部分", "accountability": "责任追究", "time": "每次", "day": "每天", "person_day": "每人每天",
    "person_time": "每人次", "late": "迟到", "early": "早退", "missing": "缺卡", "absent": "未到岗",
    "outage": "设备故障", "leave": "请假",
    "acceptance_check": "验收", "superiors_training": "上级培训",
    "patrol": "巡查", "duty": "值班", "video": "监控抽查", "undisclosed": "暗访",
    "first_inquiry": "违反首问负责", "shirking": "推诿", "not_told_at_once": "没有一次说清",
    "broken_promise": "违背承诺", "rules_without_harm": "违规但没有造成后果", "left_post": "脱岗",
    "present": "出勤", "late_and_early": "迟到并早退", "not_there": "缺勤", "rest": "休息", "provisional": "待定",
    "not_posted": "未入驻", "corrected": "更正",
}  # fmt: skip
TIMES = frozenset(("start", "end", "at", "day_start", "box_from", "box_to"))
ONLY_CLAUSES = frozenset(("verdicts", "grounds"))
NAMES = ("name", "key", "occasion", "kind", "at")


class Line(NamedTuple):
    """One thing that a policy says: section, key and row, the value in words, its clauses."""

    section: str
    key: str
    row: str
    value: str
    clauses: tuple[str, ...]


def lines(policy: Policy) -> Iterator[Line]:
    """Everything that a policy says, section by section."""
    for section in SECTIONS:
        table = policy.section(section)
        for key in type(table).model_fields:
            if key != "sources":
                yield from _lines(section, key, getattr(table, key), table.clauses(key))


def followed(policy: Policy) -> Iterator[Line]:
    """The same, but of what names only clauses one line for each verdict, so that each can be followed."""
    rests = policy.attendance.verdicts
    for line in lines(policy):
        if line.key != "verdicts":
            yield line
            continue
        for name in type(rests).model_fields:
            yield line._replace(row=word(name), value="", clauses=getattr(rests, name))


def _lines(section: str, key: str, value: Any, clauses: tuple[str, ...]) -> Iterator[Line]:
    if isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        for index, row in enumerate(value):
            yield Line(section, key, _row_name(row, index), _table(row), getattr(row, "source", clauses))
    elif isinstance(value, BaseModel):
        yield Line(section, key, "", _table(value), getattr(value, "source", clauses))
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield Line(section, key, word(name), _words(key, inner), clauses)
    elif value is not None and value != ():
        yield Line(section, key, "", _words(key, value), clauses)


def _row_name(row: BaseModel, index: int) -> str:
    for field in NAMES:
        if field in type(row).model_fields:
            return _words(field, getattr(row, field))
    return str(index + 1)


def _table(row: BaseModel) -> str:
    said = []
    for field in type(row).model_fields:
        value = getattr(row, field)
        if field not in ("source", "months_source", *NAMES) and value not in (None, (), False):
            said.append(say(FIELD_WORDS.get(field, "{value}"), value=_words(field, value)))
    return say("，").join(said)


FIELD_WORDS = {
    "start": "从 {value}", "end": "到 {value}", "groups": "限{value}", "at_least": "至少 {value} 天",
    "over": "超过 {value} 天", "under": "少于 {value} 天", "up_to": "不超过 {value} 天", "steps": "依次{value}",
    "roles": "由{value}", "checklist": "检查表 {value}", "working_days": "{value} 个工作日内",
    "threshold": "累计 {value} 次", "days": "折算 {value} 天", "every": "每满 {value} 次再计",
    "breaches": "指{value}", "months": "{value} 个月内", "points": "{value} 分", "free": "前 {value} 不扣",
    "by_hand": "人工登记", "sessions": "上班 {value}", "breaks": "休息 {value}",
}  # fmt: skip


def word(name: str) -> str:
    """The people's word for a key or value; itself when it has none."""
    return say(VALUE_WORDS.get(name, name)) if name else ""


def _words(field: str, value: Any) -> str:
    if field in TIMES and isinstance(value, int):
        return f"{value // 60:02}:{value % 60:02}"
    if field == "weekdays" and isinstance(value, int):
        return say(WEEKDAYS[value - 1])
    if isinstance(value, bool):
        return say("是") if value else say("否")
    if isinstance(value, Step):
        return _step(value)
    if isinstance(value, BaseModel):
        return _table(value)
    if isinstance(value, tuple):
        return series(_words(field, each) for each in value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return word(value) if isinstance(value, str) else str(value)


def _step(step: Step) -> str:
    roles = say("或").join(map(word, step.roles))
    if step.act == "record":
        return say("报{roles}备案", roles=roles)
    return say("{roles}（如有）", roles=roles) if step.if_any else roles


def changes(before: Policy, after: Policy) -> Iterator[str]:
    """What is different for people under `after`, in words; another clause for the same rule is no difference."""
    old = {(line.section, line.key, line.row): line for line in lines(before) if line.key not in ONLY_CLAUSES}
    new = {(line.section, line.key, line.row): line for line in lines(after) if line.key not in ONLY_CLAUSES}
    order = list(SECTIONS)
    for place in sorted(dict.fromkeys((*old, *new)), key=lambda place: order.index(place[0])):
        was, now = old.get(place), new.get(place)
        if was is None or now is None or was.value != now.value:
            yield _change(place, was, now)


def _change(place: tuple[str, str, str], was: Line | None, now: Line | None) -> str:
    name = named(*place)
    if now is None:
        return (
            say("{name}：不再有（原为 {was}）", name=name, was=was.value)
            if was and was.value
            else say("{name}：不再有", name=name)
        )
    if was is None:
        return say("{name}：新增 {now}（{clauses}）", name=name, now=now.value, clauses=_cited(now))
    return say("{name}：{was} 改为 {now}（{clauses}）", name=name, was=was.value, now=now.value, clauses=_cited(now))


def named(section: str, key: str, row: str) -> str:
    """The place of a line in words: section, key, row."""
    place = [say(SECTION_WORDS[section]), say(KEY_WORDS.get(key, key)), row]
    return " ".join(part for part in place if part)


def _cited(line: Line) -> str:
    return series(map(cite, line.clauses))


def shown(policy: Policy) -> Iterator[str]:
    """A policy line by line, under the sections with the document each comes from; clauses by the ids a file needs."""
    yield say("{title}（{name}），时区 {zone}", title=policy.title, name=policy.name, zone=policy.zone)
    section = ""
    for line in lines(policy):
        if line.section != section:
            section = line.section
            origin = policy.origins[section]
            lent = say("，本制度没有这一部分，借自默认大厅") if origin.assumed else ""
            yield ""
            yield say(
                "{section}（取自 {pack}{lent}）", section=say(SECTION_WORDS[section]), pack=origin.pack, lent=lent
            )
        name = " ".join(part for part in (say(KEY_WORDS.get(line.key, line.key)), line.row) if part)
        ids = series(say("未见条款，暂定") if each == "assumed" else each for each in line.clauses)
        yield say("  {name}：{value}  〔{clauses}〕", name=name, value=line.value, clauses=ids)
