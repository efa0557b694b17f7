"""Rows of a sheet of staff: read one by one, each fault with its row, column and reason."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from config.words import say
from web.services.posts import FLOORS
from web.services.sheet import Cell, Fault, letters
from web.services.staff_template import COLUMNS

DEFAULT_POST = "窗口岗"
TOLD_EVERY = 100  # rows
SIDES = {
    "": "window", "前台": "window", "前": "window", "窗口前台": "window", "后台": "back_office", "后": "back_office",
    "窗口后台": "back_office",
}  # fmt: skip
ROLES = {
    "窗口人员": "staff", "工作人员": "staff", "窗口负责人": "window_head", "首席代表": "chief_rep",
    "考勤员": "attendance_clerk",
    "派驻单位领导": "unit_leader", "值班长": "duty_leader", "督查室": "supervision", "监督处": "supervision",
    "政务管理科": "supervision", "效能监察科": "supervision", "督查部门": "supervision", "巡查人员": "patrol_officer",
    "政务服务办领导": "office_leader", "中心分管领导": "centre_leader",
}  # fmt: skip
_ROLE = re.compile(r"([^()]+)(?:\((\S+?)(?:至|~|—|–)(\S*)\))?")
_DAY = re.compile(r"([12][0-9]{3})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
HEAD = "窗口负责人"  # of the window in their row
_FLOOR = re.compile(r"(-?[0-9]{1,2})(?:楼|层|F|f)?")
_PHONE = re.compile(r"[0-9+()-]{5,20}")
_LONGEST = {"姓名": 60, "工号": 40, "单位": 100, "窗口编号": 20, "岗位": 60}


@dataclass(frozen=True, slots=True)
class Held:
    """A role as the row says it, with its days."""

    role: str
    since: date | None = None
    until: date | None = None


@dataclass(slots=True)
class Entry:
    """One person of the sheet. `row` as Excel counts it; `kind` A, B, or empty for no post."""

    row: int
    name: str
    number: str
    unit: str
    window: str
    side: str
    post: str
    kind: str
    roles: tuple[Held, ...]
    since: date | None
    phone: str
    floor: int | None = None  # of the window


def entries_of(
    rows: Sequence[Sequence[Cell]], today: date, faults: list[Fault], progress: Callable[[int, int], None] | None = None
) -> list[Entry]:
    """Everybody in these rows, the first of which has the titles; what is wrong is added to `faults`."""
    places = _places(rows, faults)
    if not places:
        return []
    filled = [(number, row) for number, row in enumerate(rows[1:], start=2) if any(cell is not None for cell in row)]
    if not filled:
        faults.append(Fault(0, "", say("表格里没有人员")))
    found: list[Entry] = []
    for number, row in filled:
        if progress is not None and len(found) % TOLD_EVERY == 0:
            progress(len(found), len(filled))
        found.append(_entry(number, row, places, today, faults))
    return found


def named(fault: Fault, rows: Sequence[Sequence[Cell]]) -> Fault:
    """A fault of the form with the column's title instead of its letters, where there is one."""
    head = rows[0] if rows else []
    title = next((str(cell) for place, cell in enumerate(head) if cell and letters(place) == fault.column), None)
    return fault._replace(column=title or say("{letters} 列", letters=fault.column))


def _places(rows: Sequence[Sequence[Cell]], faults: list[Fault]) -> dict[str, int]:
    """Title → place of its column; empty, with the faults said, when the sheet is not a list of staff."""
    found: dict[str, int] = {}
    for place, cell in enumerate(rows[0] if rows else []):
        title = _title(cell)
        if title in found:
            faults.append(Fault(1, title, say("这一列出现了两次")))
        elif title:
            found[title] = place
    missing = [title for title in ("姓名", "单位") if title not in found]
    faults += [Fault(1, title, say("没有这一列，请用模板填写")) for title in missing]
    return {} if missing else found


def _title(cell: Cell) -> str:
    """A column's title as the template has it; empty for a column of the hall's own."""
    plain = unicodedata.normalize("NFKC", str(cell or "")).replace(" ", "").removesuffix("(可空)")
    known = {title.replace(" ", ""): title for title in COLUMNS} | {"岗位A/B": "A/B", "窗口号": "窗口编号"}
    return known.get(plain, "")


def _entry(number: int, row: Sequence[Cell], places: dict[str, int], today: date, faults: list[Fault]) -> Entry:
    """One row, read as far as it can be."""

    def wrong(column: str, reason: str) -> None:
        faults.append(Fault(number, column, reason))

    given = {title: row[place] if place < len(row) else None for title, place in places.items()}
    text = {title: _plain(given.get(title)) for title in COLUMNS}
    for title in ("姓名", "单位"):
        if not text[title]:
            wrong(title, say("不能为空"))
    for title, most in _LONGEST.items():
        if len(text[title]) > most:
            wrong(title, say("超过 {n} 个字", n=most))
    if text["前/后台"] not in SIDES:
        wrong("前/后台", say("“{text}”不是前台或后台", text=text["前/后台"][:20]))
    kind = text["A/B"].upper().removesuffix("岗")
    if kind not in ("", "A", "B"):
        wrong("A/B", say("“{text}”不是 A 或 B", text=text["A/B"][:20]))
    if not text["窗口编号"] and (reason := _why_a_window(kind, text["角色"])):
        wrong("窗口编号", reason)
    if text["手机"] and not _PHONE.fullmatch(text["手机"]):
        wrong("手机", say("“{text}”不是电话号码", text=text["手机"][:20]))
    return Entry(
        number, text["姓名"], text["工号"], text["单位"], text["窗口编号"], SIDES.get(text["前/后台"], "window"),
        text["岗位"] or say(DEFAULT_POST), kind if text["窗口编号"] and kind in ("A", "B") else "",
        _roles(text["角色"], today, lambda reason: wrong("角色", reason)),
        _since(given.get("入驻日期"), today, lambda reason: wrong("入驻日期", reason)), text["手机"],
        _floor(text["楼层"], bool(text["窗口编号"]), lambda reason: wrong("楼层", reason)),
    )  # fmt: skip


def _floor(text: str, at_window: bool, wrong: Callable[[str], None]) -> int | None:
    """A floor as people write it: 2, -1, 2楼, 2层, 2F."""
    found = _FLOOR.fullmatch(text)
    if text and (found is None or int(found[1]) not in FLOORS):
        wrong(say("“{text}”不是楼层，请填 -3 到 99 之间的数字", text=text[:20]))
    elif text and not at_window:
        wrong(say("填了楼层就要填窗口编号"))
    return int(found[1]) if found else None


def _why_a_window(kind: str, roles: str) -> str:
    """Why the row must name a window; empty when it need not."""
    if kind:
        return say("填了 A/B 就要填窗口编号")
    return say("窗口负责人要填是哪个窗口的") if HEAD in roles else ""


def _plain(cell: Cell) -> str:
    """Text in half-width, without control characters or spaces around it; a full-width name mark stays."""
    if isinstance(cell, date):
        return cell.isoformat()
    kept = "".join(letter if letter.isprintable() else " " for letter in unicodedata.normalize("NFKC", cell or ""))
    return re.sub(r"\s+", " ", kept).strip()


def _since(cell: Cell, today: date, wrong: Callable[[str], None]) -> date | None:
    if cell is None:
        return None
    day = cell if isinstance(cell, date) else read_day(cell)
    if day is None:
        wrong(say("“{text}”不是日期，请写成 2026-03-01", text=str(cell)[:20]))
    elif not date(1990, 1, 1) <= day <= today.replace(year=today.year + 1, day=min(today.day, 28)):
        wrong(say("日期 {day} 不合情理", day=day.isoformat()))
    return day


def read_day(text: str) -> date | None:
    """A day as people write it: 2026-03-01, 2026/3/1, 2026年3月1日, 20260301; None for anything else."""
    text = unicodedata.normalize("NFKC", text).strip()
    found = _DAY.fullmatch(text)
    parts = found.groups() if found else (text[:4], text[4:6], text[6:]) if re.fullmatch(r"[12][0-9]{7}", text) else ()
    try:
        return date(*map(int, parts)) if parts else None
    except ValueError:
        return None


def _roles(text: str, today: date, wrong: Callable[[str], None]) -> tuple[Held, ...]:
    held = [_role(part, today, wrong) for part in re.split(r"[、,;/ ]+", text) if part]
    kept = tuple(each for each in held if each is not None)
    if len({each.role for each in kept}) < len(kept):
        wrong(say("同一个角色写了两次"))
    return kept or (Held("staff"),)


def _role(text: str, today: date, wrong: Callable[[str], None]) -> Held | None:
    found = _ROLE.fullmatch(text)
    role = ROLES.get(found[1]) if found else None
    if found is None or role is None:
        wrong(say("没有角色“{text}”", text=text[:20]))
        return None
    days = [read_day(part) if part else None for part in (found[2], found[3])]
    if any(part and day is None for part, day in zip((found[2], found[3]), days, strict=True)):
        wrong(say("“{text}”的日期看不懂，请写成 2026-03-01至2026-03-31", text=text[:40]))
    elif days[1] is not None and (days[1] < today or (days[0] is not None and days[1] < days[0])):
        wrong(say("角色“{role}”已在 {day} 结束", role=found[1], day=days[1].isoformat()))
    return Held(role, days[0], days[1])
