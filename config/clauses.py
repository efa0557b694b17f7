"""The clause catalogue: what the halls' documents demand, in our own words, and how the product serves each demand.

One file a document in `config/clauses/`. A clause id is `document:system:path`: 第N条 or 一、 is N, then （一） is .1,
then 1. or （1） is .1; an unnumbered opening is 0, an ending `end`; a number printed twice gets `b` the second time;
an enumerated sentence without a number is #n; forms are `form`, annexes `annex.1`. An article and its parts are both
clauses, and a prefix names its section. What no clause supports is "assumed", which is not a clause.
"""

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

from config.errors import BadFile, Refused
from config.words import Language, say, series, tongue

CATALOGUE: Final = Path(__file__).parent / "clauses"
REASONS: Final = "reasons.toml"
ASSUMED: Final = "assumed"
ID: Final = re.compile(
    r"(?P<document>[a-z][a-z_]*):(?P<system>[a-z][a-z_]*):"
    r"(?P<path>(?:\d+b?|form|end|annex|window|aggravated)(?:\.(?:\d+|[a-z]))*(?:#\d+)?)"
)

Served = Literal["verdict", "alert", "deadline", "proposal", "checklist", "report", "register", "outside"]

_ASSUMED_WORDS: Final[Mapping[Language, str]] = {"zh": "推定（无条文）", "en": "assumed (no clause)"}
_KEYS: Final = frozenset({"article", "zh", "en", "served", "reason", "damaged"})
_NEEDED: Final = frozenset({"article", "zh", "en", "served"})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a clause is served outside the product."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Clause:
    """One article, or part of one.

    `document` and `system` are their Chinese titles; `article` is the place as printed; `zh` and `en` paraphrase.
    `served` says how the product serves it: `verdict` it decides attendance, presence or who may stand in; `alert` a
    warning when it is not kept; `deadline` a time counted down; `proposal` a consequence or score put before a person;
    `checklist` an item that officers look for; `report` a sheet, notice or form; `register` a record kept; `outside`
    not by this product, for the `reason` given. `damaged`: characters or lines of the source are lost or misplaced.
    """

    id: str
    document: str
    system: str
    article: str
    zh: str
    en: str
    served: Served
    reason: Reason | None = None
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class System:
    """One system (制度) of a document: its short name in both languages and its printed title."""

    id: str
    zh: str
    en: str
    title: str


@dataclass(frozen=True, slots=True)
class Document:
    """One document: title and short name in both languages, what its text lacks (note), systems and clauses by id."""

    id: str
    zh: str
    en: str
    short_zh: str
    short_en: str
    note_zh: str
    note_en: str
    systems: Mapping[str, System]
    clauses: Mapping[str, Clause]


@cache
def load_documents(folder: Path = CATALOGUE) -> Mapping[str, Document]:
    """Every document of `folder` by its id, the file's name. Raises `BadFile` naming every fault of a file."""
    reasons = {code: Reason(code, **words) for code, words in _read(folder / REASONS).items()}
    files = sorted(path for path in folder.glob("*.toml") if path.name != REASONS)
    return MappingProxyType({path.stem: _document(path, reasons) for path in files})


@cache
def load_clauses(folder: Path = CATALOGUE) -> Mapping[str, Clause]:
    """All clauses of all documents by id, in the documents' order."""
    documents = load_documents(folder).values()
    return MappingProxyType({id_: found for document in documents for id_, found in document.clauses.items()})


def clause(id_: str) -> Clause:
    """The clause named `id_`. Raises `Refused`, with the nearest spelling, for an id that the catalogue lacks."""
    known = load_clauses()
    if id_ in known:
        return known[id_]
    close = difflib.get_close_matches(id_, known, 1, 0.6)
    near = say("，是不是 {word}", word=close[0]) if close else ""
    raise Refused(
        say("没有条款 {id}", id=id_) + near,
        remedy="" if close else say("条款写作 文件:制度:条，例如 {id}", id="wanzhou:attendance:5"),
    )


def cite(id_: str, language: Language | None = None) -> str:
    """The citation that people read: 万州 考勤 第五条, or the word for what no clause supports.

    In English the path stands for the printed article: Wanzhou attendance art. 5. No language: the reader's. Raises
    `Refused` for an unknown id.
    """
    language = language or tongue()
    if id_ == ASSUMED:
        return _ASSUMED_WORDS[language]
    found = clause(id_)
    document_id, system_id, path = id_.split(":")
    document = load_documents()[document_id]
    system = document.systems[system_id]
    if language == "zh":
        return f"{document.short_zh} {system.zh} {found.article}"
    return f"{document.short_en} {system.en} {'art. ' if path[0].isdigit() else ''}{path}"


def citations(ids: Iterable[str]) -> str:
    """Citations one after another, as the reader parts the items of a list; a short word for what no clause supports.

    Raises `Refused` for an unknown id.
    """
    return series(say("推定") if id_ == ASSUMED else cite(id_) for id_ in ids)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadFile(str(path), [str(error)]) from error


def _document(path: Path, reasons: Mapping[str, Reason]) -> Document:
    raw = _read(path)
    head, systems = raw.pop("document", {}), raw.pop("systems", {})
    faults = [*_head_faults(head, systems)]
    for id_, entry in raw.items():
        faults += (f"{id_}：{fault}" for fault in _faults(id_, entry, path.stem, systems, reasons))
    if faults:
        raise BadFile(str(path), faults)
    clauses = {
        id_: _clause(id_, entry, head["zh"], systems[id_.split(":")[1]]["title"], reasons) for id_, entry in raw.items()
    }
    return Document(
        id=path.stem,
        systems=MappingProxyType({name: System(name, **words) for name, words in systems.items()}),
        clauses=MappingProxyType(clauses),
        **({"note_zh": "", "note_en": ""} | head),
    )


def _clause(id_: str, entry: Mapping[str, Any], document: str, system: str, reasons: Mapping[str, Reason]) -> Clause:
    words = dict(entry)
    reason = reasons.get(words.pop("reason", ""))
    return Clause(id=id_, document=document, system=system, reason=reason, **words)


def _head_faults(head: Mapping[str, Any], systems: Mapping[str, Any]) -> Iterator[str]:
    needed = {"zh", "en", "short_zh", "short_en"}
    if not needed <= set(head) <= needed | {"note_zh", "note_en"}:
        yield say("{table} 的各项应为 {keys}", table="[document]", keys=", ".join(sorted(needed)))
    for name, words in systems.items():
        if set(words) != {"zh", "en", "title"}:
            yield say("{table} 的各项应为 {keys}", table=f"[systems.{name}]", keys="en, title, zh")


def _faults(
    id_: str, entry: object, document: str, systems: Mapping[str, Any], reasons: Mapping[str, Reason]
) -> Iterator[str]:
    parts = ID.fullmatch(id_)
    if parts is None or parts["document"] != document or parts["system"] not in systems:
        yield say("条款号应写作 {document}:制度:条，制度须列在 [systems] 里", document=document)
    if not isinstance(entry, dict) or not set(entry) >= _NEEDED:
        yield say("缺少 {keys}", keys=", ".join(sorted(_NEEDED - set(entry if isinstance(entry, dict) else ()))))
        return
    for key in sorted(set(entry) - _KEYS):
        yield say("没有 {key} 这一项", key=key)
    if entry["served"] not in get_args(Served):
        yield say("不认识 {value}", value=entry["served"])
    if (entry["served"] == "outside") != (entry.get("reason") in reasons):
        yield say("outside 须写明理由 reason，其他不写")
