"""The patrol checklist: what an officer can see on the floor, each item with the clauses that ask for it.

Severity is our own scale, for no clause ranks what officers find: `reminder` is put right on the spot and only noted;
`minor` goes to the window's head to be rectified in the policy's time; `serious` is told to the duty leader and
supervision at once as well. It orders work and never scores or punishes anyone.
"""

import difflib
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, TypeVar, get_args

from config.clauses import load_clauses
from config.errors import BadFile, Refused
from config.words import Language, say, tongue

FILE: Final = Path(__file__).parent / "checklist.toml"

Group = Literal["hygiene", "on_post", "conduct", "other"]
Column = Literal["on_post", "dress", "badge", "counter", "conduct", "other"]
Severity = Literal["reminder", "minor", "serious"]
Place = Literal["window_front", "window_back", "public_area"]
Moment = Literal["opening", "service", "closing"]
Category = Literal["left_post", "empty_window", "wandering", "need"]
Kind = Literal["groups", "columns", "severities", "places", "moments", "categories", "lists"]

_NEEDED: Final = frozenset({"group", "column", "zh", "en", "clauses", "severity", "where"})
_OPTIONAL: Final = frozenset({"moment", "category", "on"})
_TERMS: Final[Mapping[str, Kind]] = {
    "group": "groups",
    "column": "columns",
    "severity": "severities",
    "where": "places",
    "moment": "moments",
    "category": "categories",
}
_FILTERS: Final[tuple[Kind, ...]] = ("groups", "places", "moments")
_Known = TypeVar("_Known")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look for.

    `group` and the record form's `column` it is entered under (wanzhou:patrol:5, wanzhou:patrol:form); `zh` and `en`
    state the fault; `where` it can be seen and at which `moment` of the day; `category` where the rules treat the
    finding by name (`left_post` acts on attendance once confirmed; `need` is no fault); `on`: offered unless a hall
    says otherwise.
    """

    id: str
    group: Group
    column: Column
    zh: str
    en: str
    clauses: tuple[str, ...]
    severity: Severity
    where: frozenset[Place]
    moment: Moment = "service"
    category: Category | None = None
    on: bool = True


@dataclass(frozen=True, slots=True)
class Checklist:
    """All items by id in printed order, the inspectors' lists (ids by list name), and the words of every term."""

    items: Mapping[str, Item]
    lists: Mapping[str, tuple[str, ...]]
    words: Mapping[Kind, Mapping[str, Mapping[str, Any]]]


@cache
def load_checklist(path: Path = FILE) -> Checklist:
    """The checklist in `path`. Raises `BadFile` naming every fault with its key."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadFile(str(path), [str(error)]) from error
    words = {kind: raw.get(kind, {}) for kind in get_args(Kind)}
    entries, rules = raw.get("items", {}), words["lists"]
    faults = [f"items.{id_}：{fault}" for id_, entry in entries.items() for fault in _item_faults(entry, words)]
    faults += [f"lists.{name}：{fault}" for name, rule in rules.items() for fault in _list_faults(rule, entries, words)]
    if faults:
        raise BadFile(str(path), faults)
    items = {id_: _item(id_, entry) for id_, entry in entries.items()}
    lists = {name: _members(rule, items) for name, rule in rules.items()}
    return Checklist(MappingProxyType(items), MappingProxyType(lists), MappingProxyType(words))


def item(id_: str) -> Item:
    """The item `id_`. Raises `Refused`, with the nearest spelling, for an id that the checklist lacks."""
    return _found(id_, load_checklist().items)


def listed(name: str) -> tuple[Item, ...]:
    """The items of the list `name` that are on, in printed order. Raises `Refused` for a list that is not there."""
    checklist = load_checklist()
    return tuple(one for id_ in _found(name, checklist.lists) if (one := checklist.items[id_]).on)


def word(kind: Kind, term: str, language: Language | None = None) -> str:
    """What people read for a term, in their language or a chosen one: word("columns", "counter") is 柜台面整洁.

    Raises `Refused` for an unknown term.
    """
    return str(_found(term, load_checklist().words[kind])[language or tongue()])


def _found(name: str, known: Mapping[str, _Known]) -> _Known:
    if name in known:
        return known[name]
    raise Refused(say("检查清单里没有 {name}", name=name) + _near(name, known))


def _near(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), 1, 0.6)
    return say("，是不是 {word}", word=close[0]) if close else ""


def _item(id_: str, entry: Mapping[str, Any]) -> Item:
    values = dict(entry)
    return Item(id=id_, clauses=tuple(values.pop("clauses")), where=frozenset(values.pop("where")), **values)


def _members(rule: Mapping[str, Any], items: Mapping[str, Item]) -> tuple[str, ...]:
    if "items" in rule:
        return tuple(rule["items"])
    return tuple(
        id_
        for id_, one in items.items()
        if one.group in rule.get("groups", (one.group,))
        and one.moment in rule.get("moments", (one.moment,))
        and one.where & set(rule.get("places", one.where))
    )


def _item_faults(entry: Mapping[str, Any], words: Mapping[Kind, Mapping[str, Any]]) -> Iterator[str]:
    for key in sorted(_NEEDED - set(entry)):
        yield say("缺少 {key}", key=key)
    for key in sorted(set(entry) - _NEEDED - _OPTIONAL):
        yield say("没有 {key} 这一项", key=key) + _near(key, _NEEDED | _OPTIONAL)
    for key in sorted(set(entry) & set(_TERMS)):
        yield from _unknown(entry[key] if key == "where" else [entry[key]], words[_TERMS[key]])
    yield from _unknown(entry.get("clauses", ()), load_clauses())


def _list_faults(
    rule: Mapping[str, Any], items: Mapping[str, Any], words: Mapping[Kind, Mapping[str, Any]]
) -> Iterator[str]:
    for key in sorted(set(rule) - {"zh", "en", "clauses", "items", *_FILTERS}):
        yield say("没有 {key} 这一项", key=key)
    for kind in _FILTERS:
        yield from _unknown(rule.get(kind, ()), words[kind])
    yield from _unknown(rule.get("items", ()), items)
    yield from _unknown(rule.get("clauses", ()), load_clauses())


def _unknown(names: Iterable[str], known: Collection[str]) -> Iterator[str]:
    for name in names:
        if name not in known:
            yield say("不认识 {value}", value=name) + _near(name, known)
