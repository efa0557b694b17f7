"""What every section of a policy is made of: times, exact numbers, rows, and the clause beside each number."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from config.words import say

ASSUMED = "assumed"
_CLAUSE = re.compile(r"[a-z_]+:[a-z_]+:[a-z0-9_.#]+")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")

GroupName = Literal["window", "back_office", "other"]
LeaveKind = Literal[
    "personal", "sick", "business", "training", "annual", "statutory", "field_visit", "unit_errand",
    "late_arrival", "early_departure",
]  # fmt: skip
Role = Literal[
    "staff", "window_head", "chief_rep", "attendance_clerk", "unit_leader", "duty_leader", "supervision",
    "patrol_officer", "office_leader", "centre_leader", "admin",
]  # fmt: skip


def minute_of_day(value: object) -> int:
    """Minutes since midnight of "HH:MM"; ValueError with the reason in words otherwise."""
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(say('时刻要写成 "09:00" 这样，不能是 {value}', value=value))
    return int(match[1]) * 60 + int(match[2])


def clause_of(value: object) -> str:
    """The clause id `document:system:article`, or "assumed" for what no clause supports."""
    if isinstance(value, str) and (value == ASSUMED or _CLAUSE.fullmatch(value)):
        return value
    raise ValueError(say("出处要写成 文件:制度:条 或 assumed，不能是 {value}", value=value))


def _clauses_of(value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, list | tuple) else [value]
    if not listed:
        raise ValueError(say("出处不能为空，没有依据的写 assumed"))
    return tuple(clause_of(item) for item in listed)


def _exact(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError(say("要写一个数，不能是 {value}", value=value))
    try:
        return Decimal(str(value))
    except ArithmeticError as error:
        raise ValueError(say("要写一个数，不能是 {value}", value=value)) from error


TimeOfDay = Annotated[int, BeforeValidator(minute_of_day)]
Clauses = Annotated[tuple[str, ...], BeforeValidator(_clauses_of)]
Exact = Annotated[Decimal, BeforeValidator(_exact)]
Count = Annotated[int, Field(ge=0, strict=True)]
Positive = Annotated[int, Field(gt=0, strict=True)]


class Frozen(BaseModel):
    """A value of the policy: cannot change, knows every key it may have."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Row(Frozen):
    """One row of a table of rules; its numbers follow from `source`."""

    source: Clauses


class Section(Frozen):
    """One section of a policy. `sources` says for each key where its value comes from."""

    sources: dict[str, Clauses] = Field(default_factory=dict)

    def clauses(self, key: str) -> tuple[str, ...]:
        """The clauses that the value of `key` follows from; ("assumed",) where none is named."""
        return self.sources.get(key, (ASSUMED,))


def numbers(section: type[Section], raw: dict[str, Any]) -> Iterator[str]:
    """Keys of `raw` whose value is a number or a time and that therefore need a source."""
    for key in raw:
        field = section.model_fields.get(key)
        if field is not None and key != "sources" and _is_number(raw[key]):
            yield key


def _is_number(value: object) -> bool:
    if isinstance(value, dict):
        return "source" not in value and any(_is_number(inner) for inner in value.values())
    if isinstance(value, list):
        return any(_is_number(inner) for inner in value if not isinstance(inner, dict))
    if isinstance(value, bool):
        return False
    return isinstance(value, int | float) or (isinstance(value, str) and bool(_TIME.fullmatch(value)))
