"""The sections of a policy about what follows: consequences, assessment, reporting."""

from typing import Literal

from pydantic import Field

from config.policy_parts import Clauses, Count, Exact, Positive, Role, Row, Section

Verdict = Literal[
    "present", "late", "early", "late_and_early", "missing_in", "missing_out", "missing_both", "absent", "outage",
    "leave", "rest", "pending", "not_posted",
]  # fmt: skip


class Accumulation(Row):
    """From `threshold` late and early in a calendar month on, `days` of absence; again at every `every` more."""

    threshold: Positive
    days: Exact
    every: Positive | None = None


class Ladder(Row):
    """What is proposed at the first, second, third … time a breach is found within `months`."""

    key: str
    name: str
    breaches: tuple[str, ...]
    steps: tuple[str, ...] = Field(min_length=1)
    months: Positive
    months_source: Clauses


class Measure(Row):
    """A measure that may be chosen or referred to, without an order."""

    key: str
    name: str


class Consequences(Section):
    """Proposals only: a person with the role decides each."""

    left_post_is_absent: bool
    accumulation: Accumulation | None = None
    ladders: tuple[Ladder, ...] = ()
    measures: tuple[Measure, ...] = ()
    decided_by: Role


class Item(Row):
    """Points for each unit of a measure; `free` units cost nothing."""

    key: str
    name: str
    points: Exact
    per: Literal["time", "day", "person_day", "person_time"]
    free: Exact | None = None
    by_hand: bool = False


class Assessment(Section):
    """Scores of windows, from `full` points of the part downwards."""

    period: Literal["month", "quarter"]
    full: Positive
    floor: int
    items: tuple[Item, ...]
    not_counted: tuple[str, ...] = ()
    pass_mark: Count | None = None
    last_places: Count | None = None
    last_in_a_row: Count | None = None
    failures_a_year: Count | None = None
    exempt_a_window: Count = 0


class Reporting(Section):
    """Sheets, when they are due, and what is made public."""

    due_working_days: Positive
    signatures: tuple[Role, ...]
    public_notice: bool
    names: Literal["full", "masked"]
    leave_kind_shown: bool
    monthly_notice: bool
    quarterly_summary: bool
    reopened_by: Role
    marks: dict[str, str]
