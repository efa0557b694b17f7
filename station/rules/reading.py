"""Values read from a JSON case: every fault with its path inside the file and its reason."""

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NamedTuple

from config.errors import BadFile
from config.policy_faults import nearest
from config.words import say

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d(:?\d\d)?)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
YEARS = (1900, 2199)


class Faults(list[str]):
    """What is wrong with a case, in the order found."""

    def add(self, place: str, reason: str) -> None:
        """Note `reason` at `place`, the path inside the file."""
        self.append(say("{place} {reason}", place=place, reason=reason))


class Wrong(Exception):
    """A value that cannot be used; the text says why."""


Reader = Callable[[Any], Any]


def parse_json(text: str, name: str) -> dict[str, Any]:
    """The one JSON object in `text`; BadFile when it is none or says a key twice. `name`: what the file is called."""
    try:
        raw = json.loads(text, object_pairs_hook=_no_key_twice)
    except Wrong as error:
        raise BadFile(name, [str(error)]) from error
    except json.JSONDecodeError as error:
        reason = say("第 {line} 行第 {column} 列起不是合格的 JSON", line=error.lineno, column=error.colno)
        raise BadFile(name, [reason]) from error
    except (RecursionError, ValueError) as error:
        raise BadFile(name, [say("不是合格的 JSON")]) from error
    if not isinstance(raw, dict):
        raise BadFile(name, [say("最外层要写成一个对象，用花括号括起来")])
    return raw


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise Wrong(say("{key} 写了两次", key=shown(key)))
        made[key] = value
    return made


def shown(value: object) -> str:
    """A value as a fault quotes it: one short line, as the file writes it."""
    try:
        text = repr(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    except RecursionError:
        text = "[[["
    short = text if len(text) <= 60 else text[:57] + "…"
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], short)


def check_keys(row: dict[str, Any], known: set[str], place: str, faults: Faults) -> None:
    """A fault for each key that is not known, with the nearest spelling."""
    for key in row:
        if key not in known:
            where = f"{place}.{_name(key)}".removeprefix(".")
            faults.add(where, say("没有这一项") + nearest(key, sorted(known)))


def _name(key: str) -> str:
    return key if key.isidentifier() else shown(key)


def read(row: dict[str, Any], key: str, reader: Reader, place: str, faults: Faults, instead: Any = None) -> Any:
    """The value of `key`, or `instead` when it is missing or no good (then with a fault)."""
    if key not in row:
        return instead
    try:
        return reader(row[key])
    except Wrong as error:
        faults.add(f"{place}.{key}".removeprefix("."), str(error))
        return instead


def text_of(value: Any) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        raise Wrong(say("要写成文字，不能是 {value}", value=shown(value)))
    if _CONTROL.search(value):
        raise Wrong(say("含有不能显示的字符"))
    return value


def label_of(value: Any) -> str:
    """A text or number that is only shown; may be empty."""
    return "" if value is None or value == "" else text_of(str(value) if type(value) is int else value)


def truth_of(value: Any) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise Wrong(say("要写 true 或 false，不能是 {value}", value=shown(value)))
    return value


def date_of(value: Any) -> date:
    """A date YYYY-MM-DD."""
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise Wrong(say("要写成 2026-03-02 这样的日期，不能是 {value}", value=shown(value)))


def instant_of(value: Any) -> datetime:
    """An instant, ISO 8601 with its offset."""
    try:
        if isinstance(value, str) and _INSTANT.fullmatch(value):
            at = datetime.fromisoformat(value)
            in_reach(at)
            return at
    except ValueError:
        pass
    raise Wrong(say("要写成 2026-03-02T08:50:00+08:00 这样带时区的时刻，不能是 {value}", value=shown(value)))


def in_reach(day: date) -> None:
    """Wrong when the year of a date or an instant is none that can be reckoned with."""
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise Wrong(say("年份要在 {first} 到 {last} 之间，不能是 {year}", first=YEARS[0], last=YEARS[1], year=day.year))


def near_date_of(value: Any) -> date:
    """A date in a year that can be reckoned with."""
    day = date_of(value)
    in_reach(day)
    return day


def or_none(reader: Reader) -> Reader:
    """A reader that lets null pass."""
    return lambda value: None if value is None else reader(value)


def one_of(*known: str) -> Reader:
    """A reader of one of these words."""

    def word_of(value: Any) -> str:
        if not isinstance(value, str) or value not in known:
            raise Wrong(say("不认识 {value}", value=shown(value)) + nearest(str(value), known))
        return value

    return word_of


class Table(NamedTuple):
    """The shape of one list of the case: readers by key, which keys may be left out."""

    readers: dict[str, Reader]
    optional: frozenset[str] = frozenset()


def date_or_instant(value: Any) -> date | datetime:
    """A date, or an instant with its offset."""
    return date_of(value) if isinstance(value, str) and len(value) <= 10 else instant_of(value)


def rows_of(raw: dict[str, Any], table: str, shape: Table, faults: Faults) -> list[dict[str, Any]]:
    """The rows of a table whose every value is good; the others leave faults. `#`: the row's place."""
    listed = raw.get(table, [])
    if not isinstance(listed, list):
        faults.add(table, say("这里要写成一个列表"))
        return []
    good: list[dict[str, Any]] = []
    for index, row in enumerate(listed):
        before = len(faults)
        made = _row(row, f"{table}[{index}]", shape, faults)
        if len(faults) == before:
            good.append(made)
    return good


def _row(row: Any, place: str, shape: Table, faults: Faults) -> dict[str, Any]:
    if not isinstance(row, dict):
        faults.add(place, say("这里要写成一个对象"))
        return {}
    check_keys(row, set(shape.readers), place, faults)
    for key in shape.readers:
        if key not in shape.optional and key not in row:
            faults.add(f"{place}.{key}", say("缺少这一项"))
    return {key: read(row, key, reader, place, faults) for key, reader in shape.readers.items()} | {"#": place}
