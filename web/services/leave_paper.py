"""The application for a leave on paper: who, when, why, the places where each step of its chain signs, and the seal."""

from config.clauses import citations
from config.policy_words import word
from config.words import say
from station.rules import leave as law
from station.rules.month import decimal_string
from web.services.in_force import InForce
from web.services.leaves import Case
from web.services.patrol_paper import Head, Paper, Section

ROOM, SEAL = "\n", "\n" * 10  # for a pen, and for a seal of four centimetres


def application(hall: str, held: InForce, case: Case) -> Paper:
    """The form as it is printed, signed and sealed."""
    row, zone = case.row, held.zone
    start, end = row.start.astimezone(zone), row.ends.astimezone(zone)
    when = say("{start} 至 {end}，共 {n} 天", start=f"{start:%Y-%m-%d %H:%M}", end=f"{end:%Y-%m-%d %H:%M}",
               n=decimal_string(case.days))  # fmt: skip
    rows = [
        (say("姓名"), case.person.name), (say("单位"), case.person.unit), (say("窗口"), case.person.window or "—"),
        (say("类别"), say(word(row.kind))), (say("时间"), when), (say("事由"), row.reason),
    ]  # fmt: skip
    for step in case.route.steps:
        who = say("／").join(say(word(role)) for role in step.roles)
        room = say("意见：　　　　　　　　签字：　　　　　　　　日期：")
        noted = say("备案：　　　　　　　　签字：　　　　　　　　日期：")
        rows.append((who, ROOM + (room if step.act != "record" else noted) + ROOM))
    if any(name == "sealed_slip" for name, _ in law.papers(case.policy, row.kind)):
        rows.append((say("派驻单位盖章"), SEAL))
    foot = (
        say("审批依据：{clauses}", clauses=citations(case.route.clauses)),
        say("申请人签字：＿＿＿＿＿＿＿＿　　　　日期：＿＿＿＿＿＿"),
    )
    number = say("假条编号 {id}", id=row.id[:13])
    return Paper(say("请假申请单"), hall, number, (Head(say("项目"), 22), Head(say("内容"), 90)),
                 (Section("", tuple(rows)),), foot)  # fmt: skip
