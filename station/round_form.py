"""A checkpoint's form, wherever it was filled in: what it must hold, and the findings that it makes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from uuid6 import uuid7

from config.checklist import load_checklist
from config.words import say
from station.round_facts import Found

LONGEST_NOTE = 500
LISTED, OFFLINE, UNREADABLE = "listed", "offline", "unreadable"  # reasons of a check that no tag identified


@dataclass(frozen=True, slots=True)
class Form:
    """A checkpoint's form as filled in. `items`: checklist items found; `photos`: hashes of the pictures taken."""

    round: str
    checkpoint: str
    nothing_abnormal: bool = False
    items: tuple[str, ...] = ()
    person: str = ""
    note: str = ""
    need: str = ""
    reason: str = ""
    photos: tuple[str, ...] = ()
    no_photo: str = ""


def lack(form: Form, found: int, *, photo: bool, adds: bool) -> tuple[str, str] | None:
    """What a form lacks and what to do; None when it is whole.

    `found`: how many findings it states; `photo`: whether the policy wants a picture or a reason; `adds`: the
    checkpoint has its check already.
    """
    told = found or form.photos or form.note.strip() or form.need.strip()
    if adds and not (form.nothing_abnormal or told):
        return say("没有填要补充的内容"), say("请拍照、选问题或写备注")
    if found and form.nothing_abnormal:
        return say("选了问题，就不能同时填“无异常”"), say("请取消所选的问题，或按“保存”")
    if adds:
        return None
    if not found and not form.nothing_abnormal:
        return say("没有选“无异常”，也没有选发现的问题"), say("请选择其中之一")
    if photo and not form.photos and not form.no_photo.strip():
        return say("没有照片"), say("请拍一张，或写明不拍照的原因")
    return None


def found_of(item: str, clauses: Sequence[str], column: str, person: str, note: str) -> Found:
    """A finding of a checklist item; `person`: whom the form names, empty for nobody.

    An empty window is the window's, whoever the form names as the one who should be there: what it says of people is
    asked of them apart, by their presses (RULES 5).
    """
    about = None if item in _of_windows() else person or None
    return Found(id=str(uuid7()), item=item, clauses=tuple(clauses), column=column, person=about, note=short(note))


@cache
def _of_windows() -> frozenset[str]:
    return frozenset(one.id for one in load_checklist().items.values() if one.category == "empty_window")


def short(text: str) -> str:
    """A text as a fact may hold it."""
    return text.strip()[:LONGEST_NOTE].replace("\0", "")
