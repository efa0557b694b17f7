"""The words of covers: how one stands, why a post is not covered, and the steps of a cover."""

from datetime import datetime
from typing import Literal, NamedTuple

from station.rules.coverage import Why
from web.services.cover_lists import Planned, State
from web.words import _

STATES: dict[State, tuple[str, str, str]] = {
    "proposed": ("amber", "late", "待确认"), "lapsed": ("grey", "late", "未确认，已过期"),
    "coming": ("blue", "note", "已安排"), "running": ("green", "swap", "顶岗中"), "ended": ("grey", "ok", "已结束"),
    "refused": ("red", "bad", "未同意"), "cancelled": ("grey", "bad", "已取消"),
}  # fmt: skip
NEEDS: dict[Why, tuple[str, str, str]] = {
    "nobody": ("red", "warn", "无人顶岗"), "unaccepted": ("amber", "late", "待确认"),
    "away": ("red", "warn", "顶岗人也请假"),
}  # fmt: skip


class Step(NamedTuple):
    """A step of a cover. `state`: done, open (to be done now), late (should have been done), later, off."""

    words: str
    state: Literal["done", "open", "late", "later", "off"]
    at: datetime | None = None
    note: str = ""


def steps_of(found: Planned, now: datetime) -> list[Step]:
    """A cover from its plan to the note with which the post was given back."""
    row, state, owed = found.row, found.state(now), found.owes(now)
    off = state in ("refused", "cancelled", "lapsed")
    begun, over = state in ("running", "ended"), state == "ended"
    decided: Literal["done", "open", "off"] = "open" if state == "proposed" else "off" if off else "done"
    return [
        Step(_("假条批准，系统提出顶岗人") if row.leave and not row.opened_by else _("提出顶岗"), "done", row.made),
        Step(_("窗口负责人确认"), decided, row.decided),
        Step(_("A岗交接"), _note(off, row.handover, "handover" in owed, begun), row.handover_at, row.handover),
        Step(_("开始顶岗"), "off" if off else "done" if begun else "later", row.start),
        Step(_("结束顶岗"), "off" if off else "done" if over else "later", row.end),
        Step(_("B岗交还"), _note(off, row.handback, "handback" in owed, over), row.handback_at, row.handback),
    ]


def _note(off: bool, text: str, owed: bool, due: bool) -> Literal["done", "open", "late", "later", "off"]:
    if text:
        return "done"
    if off:
        return "off"
    return "late" if owed else "open" if due else "later"
