"""Faults of a policy file: each with its key and its reason, the nearest spelling where a word is unknown."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from itertools import pairwise
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from config.policy_parts import Section, minute_of_day, numbers
from config.words import say

Place = tuple[str | int, ...]
Fault = tuple[Place, str]


def nearest(word: str, known: Sequence[str]) -> str:
    """ ", perhaps you mean …" or nothing, ready to be put behind a fault."""
    close = get_close_matches(word, known, 1, 0.6)
    return say("，是不是 {word}", word=close[0]) if close else ""


def spelled(place: Place) -> str:
    """A key's path as people write it: attendance.sessions[1].end."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def field_faults(error: ValidationError, model: type[BaseModel]) -> Iterator[Fault]:
    """Every fault that the model found, in words."""
    listed = error.errors(include_url=False)
    places = [tuple(part for part in fault["loc"] if part != "[key]") for fault in listed]
    for fault, place in zip(listed, places, strict=True):
        # A table that counts as too short only because its rows are faulty is no fault of its own.
        if not any(len(other) > len(place) and other[: len(place)] == place for other in places):
            yield place, _reason(dict(fault), place, model)


def cross_faults(section: str, model: type[Section], raw: dict[str, Any]) -> Iterator[Fault]:
    """Faults between keys of one section, found even when some of its values are no good."""
    yield from _unsourced(section, model, raw)
    tables: list[tuple[Place, dict[str, Any]]] = [((section,), raw)]
    groups = raw.get("groups")
    if isinstance(groups, dict):
        tables += [((section, "groups", name), table) for name, table in groups.items() if isinstance(table, dict)]
    for place, table in tables:
        for key in ("sessions", "breaks"):
            yield from _stretches((*place, key), table.get(key))
        yield from _breaks_inside((*place, "breaks"), table)
        yield from _sessions_of_a_day((*place, "sessions"), table.get("sessions"), raw.get("day_start"))
    yield from _backwards((section,), raw)


def _unsourced(section: str, model: type[Section], raw: dict[str, Any]) -> Iterator[Fault]:
    sources = raw.get("sources")
    sources = sources if isinstance(sources, dict) else {}
    for key in numbers(model, raw):
        if key not in sources:
            yield (section, key), say("没有写出处，请在 {table} 里写明条款或 assumed", table=f"[{section}.sources]")
    for key in sources:
        if key not in raw:
            yield (section, "sources", key), say("这里没有这一项") + nearest(key, list(raw))


def _stretches(place: Place, rows: object) -> Iterator[Fault]:
    spans = [(index, _span(row)) for index, row in enumerate(rows)] if isinstance(rows, list) else []
    known = [(index, span) for index, span in spans if span is not None]
    for index, (start, end) in known:
        if end <= start:
            yield (*place, index, "end"), say("结束不能早于或等于开始")
    for (_, before), (index, after) in pairwise(known):
        if after[0] < before[0]:
            yield (*place, index, "start"), say("要按时间先后排列")
        elif after[0] < before[1]:
            yield (*place, index, "start"), say("与前一段时间重叠")


def _sessions_of_a_day(place: Place, rows: object, day_start: object) -> Iterator[Fault]:
    listed = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    names: set[object] = set()
    for index, row in enumerate(listed):
        name, span = row.get("name"), _span(row)
        if name in names:
            yield (*place, index, "name"), say("名称重复")
        names.add(name)
        if span and isinstance(day_start, str) and f"{span[0] // 60:02}:{span[0] % 60:02}" < day_start:
            yield (*place, index, "start"), say("早于一天的起点 {start}", start=day_start)


def _breaks_inside(place: Place, table: dict[str, Any]) -> Iterator[Fault]:
    rows, sessions = table.get("breaks"), table.get("sessions")
    if not isinstance(rows, list) or not isinstance(sessions, list):
        return
    spans = [span for span in map(_span, sessions) if span is not None]
    for index, row in enumerate(rows):
        pause = _span(row)
        if pause and not any(start <= pause[0] and pause[1] <= end for start, end in spans):
            yield (*place, index), say("工间休息不在任何一段上班时间之内")


def _backwards(place: Place, raw: dict[str, Any]) -> Iterator[Fault]:
    rounds = raw.get("rounds")
    times = [row.get("at") for row in rounds if isinstance(row, dict)] if isinstance(rounds, list) else []
    for index, (before, after) in enumerate(pairwise(times)):
        if isinstance(before, str) and isinstance(after, str) and after <= before:
            yield (*place, "rounds", index + 1, "at"), say("要按时间先后排列")
    if isinstance(raw.get("box_from"), str) and isinstance(raw.get("box_to"), str) and raw["box_to"] <= raw["box_from"]:
        yield (*place, "box_to"), say("结束不能早于或等于开始")


def _span(row: object) -> tuple[int, int] | None:
    if not isinstance(row, dict):
        return None
    try:
        return minute_of_day(row.get("start")), minute_of_day(row.get("end"))
    except ValueError:
        return None


def _reason(fault: dict[str, Any], place: Place, model: type[BaseModel]) -> str:
    kind, value = fault["type"], fault.get("input")
    if kind == "extra_forbidden":
        return say("没有这一项") + nearest(str(place[-1]), _keys_at(model, place[:-1]))
    if kind == "missing":
        return say("缺少这一项")
    if kind == "literal_error":
        known = _words_of(str(fault["ctx"]["expected"]))
        return say("不认识 {value}", value=value) + nearest(str(value), known)
    if kind == "value_error":
        return str(fault["ctx"]["error"])
    return say("这里不能写 {value}", value=value)


def _words_of(expected: str) -> list[str]:
    return expected.replace(" or ", ", ").replace("'", "").split(", ")


def _keys_at(model: type[BaseModel], place: Place) -> list[str]:
    here: Any = model
    for part in place:
        if isinstance(part, str) and _is_model(here) and part in here.model_fields:
            here = here.model_fields[part].annotation
        here = _inner(here)
    return list(here.model_fields) if _is_model(here) else []


def _is_model(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _inner(kind: Any) -> Any:
    """The model that a tuple, mapping or optional of it holds; the kind itself otherwise."""
    while get_origin(kind) is not None:
        models = [part for part in get_args(kind) if _is_model(part) or get_origin(part) is not None]
        if not models:
            return kind
        kind = models[-1] if get_origin(kind) is dict else models[0]
    return kind
