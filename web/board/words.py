"""The board's words: how a window looks, why somebody was not there, what a cover is."""

from collections.abc import Iterable
from typing import NamedTuple

from config.words import series
from web.services.board import Board, Empty, Look, Why
from web.services.covers import Covering
from web.words import _


class Sign(NamedTuple):
    """A word with its colour and its sign, never the colour alone."""

    words: str
    tone: str
    sign: str


LOOKS: dict[Look, Sign] = {
    "empty": Sign("空岗", "red", "bad"), "vacant": Sign("暂时无人", "amber", "late"),
    "away": Sign("暂离", "blue", "away"), "held": Sign("在岗", "green", "ok"),
    "unstaffed": Sign("未排人员", "amber", "warn"), "closed": Sign("非工作时间", "grey", "note"),
}  # fmt: skip
WHYS: dict[Why, str] = {
    "not_come": "未到", "overdue": "外出超时", "out": "外出", "left": "已离岗", "leave": "请假", "here": "在岗",
}  # fmt: skip
SESSIONS = {"morning": "上午", "afternoon": "下午"}
COVER_STATES = {
    "open": ("顶岗中", "blue", "swap"),
    "ended": ("已交还", "grey", "ok"),
    "refused": ("未认可", "red", "bad"),
}


def tiles(board: Board) -> list[tuple[Sign, int]]:
    """How many windows look how, what needs an act first; what no window is, is left out while others are."""
    counts = [(sign, board.count(look)) for look, sign in LOOKS.items()]
    return [(sign, count) for sign, count in counts if count]


def who_words(empty: Empty) -> str:
    """Who should have been there, and how they stood."""
    return _("；").join(_who(name, whys) for name, whys in empty.who) or "—"


def cover_words(cover: Covering, occasions: Iterable[tuple[str, str]]) -> str:
    """What kind of cover it is."""
    occasion = dict(occasions).get(cover.occasion, cover.occasion)
    return _("%(occasion)s，打卡屏上接岗", occasion=occasion) if cover.began == "kiosk" else occasion


def _who(name: str, whys: Iterable[Why]) -> str:
    said = series(_(WHYS[why]) for why in whys)
    return _("%(name)s（%(why)s）", name=name, why=said or _("不在册"))
