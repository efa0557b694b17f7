"""The form of a policy: the numbers that halls change, as text fields, and the policy that a filled form composes."""

import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from config.policy import SECTIONS, Raw, as_data, overridden
from config.policy_parts import ASSUMED
from config.words import series
from web.words import _

SESSIONS = {"morning": "上午", "afternoon": "下午"}
BREAK = re.compile(r"\s*[-–—~～至]\s*")
BETWEEN = re.compile(r"[、,，;；\s]+(?![-–—~～至])")
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `clauses`: what the present value follows from; `choices` (value, words) for a select."""

    name: str
    label: str
    value: str
    clauses: tuple[str, ...]
    unit: str = ""
    time: bool = False
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Fields under one heading."""

    title: str
    fields: list[Field]


def groups(data: Raw) -> list[Group]:
    """The form for a policy's data."""
    attendance, consequences = data["attendance"], data["consequences"]
    accumulation = consequences.get("accumulation") or {}
    source = _list(accumulation.get("source", ASSUMED))
    return [
        Group(_("作息时间"), [*_hours(attendance), _breaks(attendance), *_ready(attendance)]),
        Group(_("迟到早退与旷工"), [
            Field("threshold", _("一个月迟到早退累计满"), _text(accumulation.get("threshold")), source, _("次")),
            Field("days", _("折算"), _text(accumulation.get("days")), source, _("天")),
            Field("every", _("此后每满"), _text(accumulation.get("every")), source, _("次再折算一回")),
            Field("left_post", _("核实脱岗的半天按旷工"), YES if consequences.get("left_post_is_absent") else NO,
                  _of(consequences, "left_post_is_absent"), choices=((YES, _("是")), (NO, _("否")))),
        ]),
        Group(_("巡查与报送"), [
            *_rounds(data["patrol"]),
            Field("rectify", _("整改期限"), _text(data["patrol"].get("rectify_working_days")),
                  _of(data["patrol"], "rectify_working_days"), _("个工作日")),
            Field("due", _("次月报送期限"), _text(data["reporting"].get("due_working_days")),
                  _of(data["reporting"], "due_working_days"), _("个工作日")),
        ]),
    ]  # fmt: skip


def filled(data: Raw, form: Mapping[str, str]) -> list[Group]:
    """The form as somebody filled it in."""
    return [
        Group(group.title, [_refilled(each, form.get(each.name, each.value)) for each in group.fields])
        for group in groups(data)
    ]


def composed(data: Raw, form: Mapping[str, str]) -> Raw:
    """The policy that a filled form makes of the present one.

    Sections are taken anew from the packs chosen; then every field that was changed is the hall's own word and counts
    as assumed. Refused for a pack that does not exist; what is wrong with a value the policy itself will say.
    """
    before = {field.name: field.value for group in groups(data) for field in group.fields}
    changed = {name: form[name].strip() for name in before if name in form and form[name].strip() != before[name]}
    made = deepcopy(data)
    for section in SECTIONS:
        pack = form.get(f"from.{section}", "")
        if pack:
            given = as_data(pack)
            made[section], made["origins"][section] = given[section], dict(given["origins"][section])
    for section, apply in APPLIED.items():
        override = apply(made[section], changed)
        if override:
            made[section] = overridden(made[section], override)
            origin = made["origins"][section]
            origin["overridden"] = sorted({*origin.get("overridden", ()), *override})
    return made


def _attendance(now: Raw, changed: Mapping[str, str]) -> Raw:
    override: Raw = {}
    rows = deepcopy(now["sessions"])
    for index, row in enumerate(rows):
        for end in ("start", "end"):
            if f"hours.{index}.{end}" in changed:
                row |= {end: changed[f"hours.{index}.{end}"], "source": ASSUMED}
                override["sessions"] = rows
    if "breaks" in changed:
        override["breaks"] = [_break(text) for text in BETWEEN.split(changed["breaks"]) if text]
    if "ready" in changed:
        others = {group: value for group, value in now.get("ready", {}).items() if group != "window"}
        override["ready"] = others | ({"window": _number(changed["ready"])} if changed["ready"] else {"window": 0})
    return override


def _consequences(now: Raw, changed: Mapping[str, str]) -> Raw:
    override: Raw = {}
    if changed.keys() & {"threshold", "days", "every"}:
        row = dict(now.get("accumulation") or {})
        for name in ("threshold", "days", "every"):
            if name in changed:
                row[name] = (changed[name] if name == "days" else _number(changed[name])) if changed[name] else None
        row = {name: value for name, value in row.items() if value is not None or name == "every"}
        empty = not row.keys() & {"threshold", "days"}
        override["accumulation"] = None if empty else row | {"source": ASSUMED}
    if "left_post" in changed:
        override["left_post_is_absent"] = changed["left_post"] == YES
    return override


def _patrol(now: Raw, changed: Mapping[str, str]) -> Raw:
    override: Raw = {}
    rows = deepcopy(now["rounds"])
    for index, row in enumerate(rows):
        if f"round.{index}" in changed:
            row |= {"at": changed[f"round.{index}"], "source": ASSUMED}
            override["rounds"] = rows
    if "rectify" in changed:
        override["rectify_working_days"] = _number(changed["rectify"])
    return override


def _reporting(_now: Raw, changed: Mapping[str, str]) -> Raw:
    return {"due_working_days": _number(changed["due"])} if "due" in changed else {}


APPLIED: Mapping[str, Callable[[Raw, Mapping[str, str]], Raw]] = {
    "attendance": _attendance, "consequences": _consequences, "patrol": _patrol, "reporting": _reporting,
}  # fmt: skip


def _hours(attendance: Raw) -> Iterator[Field]:
    for index, row in enumerate(attendance["sessions"]):
        name = _(SESSIONS.get(row["name"], row["name"]))
        for end, words in (("start", _("%(session)s上班", session=name)), ("end", _("%(session)s下班", session=name))):
            yield Field(f"hours.{index}.{end}", words, str(row[end]), _list(row["source"]), time=True)


def _breaks(attendance: Raw) -> Field:
    rows = attendance.get("breaks", [])
    text = series(f"{row['start']}-{row['end']}" for row in rows)
    sources = tuple(dict.fromkeys(each for row in rows for each in _list(row["source"])))
    return Field("breaks", _("工间休息（没有就留空）"), text, sources or (ASSUMED,))


def _ready(attendance: Raw) -> Iterator[Field]:
    value = attendance.get("ready", {}).get("window")
    yield Field("ready", _("窗口人员提前到岗（0 为不要求）"), _text(value or 0), _of(attendance, "ready"), _("分钟"))


def _rounds(patrol: Raw) -> Iterator[Field]:
    for index, row in enumerate(patrol.get("rounds", [])):
        yield Field(f"round.{index}", _(row["name"]), str(row["at"]), _list(row["source"]), time=True)


def _refilled(field: Field, value: str) -> Field:
    return Field(field.name, field.label, value, field.clauses, field.unit, field.time, field.choices)


def _break(text: str) -> Raw:
    start, end = (*BREAK.split(text, maxsplit=1), "")[:2]
    return {"start": start, "end": end, "source": ASSUMED}


def _number(text: str) -> int | str:
    """The number, or the text as it stands, so that the policy can say what is wrong with it."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else text


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _list(source: Any) -> tuple[str, ...]:
    return (source,) if isinstance(source, str) else tuple(source)


def _of(section: Raw, key: str) -> tuple[str, ...]:
    return _list(section.get("sources", {}).get(key, ASSUMED))
