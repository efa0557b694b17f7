"""整改通知单: the order to put a finding right, to be handed over and signed."""

from collections.abc import Mapping
from typing import Any

from config.checklist import load_checklist
from config.clauses import cite
from config.words import either, say, series
from station.facts import Json
from web.print.pdf import pdf
from web.services.findings import Case
from web.services.in_force import InForce

BLANK = "　" * 12


def told(case: Case, held: InForce, hall: str, names: Mapping[str, str]) -> Json:
    """What stands on it, for the page and the paper alike. `names`: of everybody whom the finding names."""
    found, stands = case.found, case.stands
    item = load_checklist().items.get(found.item)
    whose = [stands.assigned] if stands.assigned else sorted(case.parties.answerable)
    due = f"{stands.due:%Y-%m-%d}" if stands.due else say("已整改")
    rows = [
        (say("巡查时间"), f"{found.at.astimezone(held.zone):%Y-%m-%d %H:%M}"),
        (say("区域"), found.place or "—"),
        (say("单位"), found.unit or "—"),
        (say("窗口人员"), names.get(case.parties.about, "—")),
        (say("发现的问题"), either(item) if item else found.item),
        (say("备注"), found.note or "—"),
        (say("依据"), say("；").join(cite(each) for each in found.clauses)),
        (say("整改责任人"), series(names.get(each, "—") for each in whose) or "—"),
        (say("整改期限"), due),
        (say("巡查人员"), series(names.get(each, "—") for each in sorted(found.officers)) or "—"),
    ]
    return {
        "hall": hall, "title": say("整改通知单"), "number": say("编号 {id}", id=found.id[:13]),
        "rows": [list(row) for row in rows],
        "asks": say("请按期整改，并将整改情况报巡查组复查。"),
        "blanks": [say("整改情况："), say("复查意见：")],
        "signs": [say("整改责任人签字：") + BLANK, say("复查人员签字：") + BLANK, say("日期：") + BLANK],
    }  # fmt: skip


def paper(order: Any) -> bytes:
    """The PDF. NoFont when its words could not be printed."""
    return pdf("order", order)
