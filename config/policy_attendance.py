"""The sections of a policy about being there: attendance and leave."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from config.policy_parts import (
    Clauses,
    Count,
    Exact,
    Frozen,
    GroupName,
    LeaveKind,
    Positive,
    Role,
    Row,
    Section,
    TimeOfDay,
)  # fmt: skip
from config.words import say


class Session(Row):
    """A stretch of duty. `start`, `end`: minutes since midnight in the hall's zone, end not included."""

    name: str
    start: TimeOfDay
    end: TimeOfDay


class Break(Row):
    """A pause of the staff inside a session; minutes since midnight."""

    start: TimeOfDay
    end: TimeOfDay


class Hours(Frozen):
    """The hours of a staff group that keeps others than the window's."""

    sessions: tuple[Session, ...] = Field(min_length=1)
    breaks: tuple[Break, ...] = ()


class VerdictClauses(Frozen):
    """Which clauses a verdict follows from in this hall."""

    late: Clauses
    early: Clauses
    missing: Clauses
    absent: Clauses
    outage: Clauses


class Attendance(Section):
    """Hours, readiness, and how punches are read. Minutes unless the key says otherwise."""

    sessions: tuple[Session, ...] = Field(min_length=1)
    breaks: tuple[Break, ...] = ()
    groups: dict[GroupName, Hours] = Field(default_factory=dict)
    ready: dict[GroupName, Count] = Field(default_factory=dict)
    weekdays: tuple[Annotated[int, Field(ge=1, le=7, strict=True)], ...]
    punches: Literal["per_session", "per_day"]
    day_start: TimeOfDay
    duplicate_seconds: Positive
    repeat_minutes: Positive
    split_minutes: Positive
    settle_minutes: Positive
    outage_minutes: Positive
    exit_minutes: Positive
    warning_minutes: Positive
    absent_word: Literal["旷工", "缺勤"]
    verdicts: VerdictClauses


class Step(Frozen):
    """One step of a chain: who decides, or who is only told."""

    act: Literal["decide", "record"] = "decide"
    roles: tuple[Role, ...] = Field(min_length=1)
    if_any: bool = False


def _step(value: object) -> object:
    """`a|b` either decides; `[a]` only where the window has one; `record a` is told and does not block."""
    if not isinstance(value, str):
        raise ValueError(say("步骤要写成文字，不能是 {value}", value=value))
    told, text = value.startswith("record "), value.removeprefix("record ").strip()
    optional = text.startswith("[") and text.endswith("]")
    roles = (text[1:-1] if optional else text).split("|")
    return {"act": "record" if told else "decide", "roles": roles, "if_any": optional}


class Chain(Row):
    """Who decides a leave of these kinds and this length (days). The first chain that matches counts."""

    kinds: tuple[LeaveKind, ...] = ()
    groups: tuple[GroupName, ...] = ()
    at_least: Exact | None = None
    over: Exact | None = None
    under: Exact | None = None
    up_to: Exact | None = None
    steps: tuple[Annotated[Step, BeforeValidator(_step)], ...] = Field(min_length=1)


class Paper(Row):
    """A paper that a leave of these kinds needs."""

    name: Literal["sealed_slip", "application_form"]
    kinds: tuple[LeaveKind, ...] = ()


class Grounds(Row):
    """The clauses that a `leave` verdict of these kinds follows from (no kinds: any other)."""

    kinds: tuple[LeaveKind, ...] = ()


class Leave(Section):
    """How leave is asked for, decided and ended."""

    chains: tuple[Chain, ...] = Field(min_length=1)
    papers: tuple[Paper, ...] = ()
    grounds: tuple[Grounds, ...] = Field(min_length=1)
    next_up: dict[Role, tuple[Role, ...]]
    unit_rules_first: bool = False
    after_the_fact: bool
    permission_sessions: Positive
    revoked_by: Role
