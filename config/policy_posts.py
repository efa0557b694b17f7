"""The sections of a policy about the hall's posts: duty, substitution, patrol, complaints."""

from typing import Literal

from pydantic import Field

from config.policy_parts import Count, Exact, Positive, Role, Row, Section, TimeOfDay

Occasion = Literal["errand", "leave", "one_person", "all_away", "emergency"]
Coverer = Literal["registered_b", "unit_sent", "head_assigned", "centre_consented"]


class Task(Row):
    """A duty with its name as people read it."""

    key: str
    name: str


class Duty(Section):
    """Who leads the day and what the day's log holds; assemblies and roll-calls."""

    leaders_a_day: Positive
    rotation: bool
    delegate: bool
    log: tuple[str, ...]
    tasks: tuple[Task, ...]
    assembly_absent_days: Exact | None = None


class Cover(Row):
    """Who may cover on this occasion."""

    occasion: Occasion
    who: tuple[Coverer, ...] = Field(min_length=1)


class Substitution(Section):
    """Covering, presence and empty windows. Minutes unless the key says otherwise."""

    cover_on_leave: bool
    covers: tuple[Cover, ...] = Field(min_length=1)
    one_person_days: Exact | None = None
    empty_minutes: Positive
    away_minutes: Positive
    leaving_minutes: Positive
    break_excuses_window: bool


class Round(Row):
    """A scheduled round; `at`: minutes since midnight."""

    at: TimeOfDay
    name: str


class OtherRound(Row):
    """A kind of round beside the scheduled ones, and whose it is."""

    kind: Literal["unscheduled", "key", "extra", "duty_leader", "supervision", "video", "undisclosed"]
    name: str
    roles: tuple[Role, ...]
    checklist: str


class Patrol(Section):
    """Rounds, their bounds in minutes after their time, how findings go on, and how many days the hub keeps photos
    (None: for ever)."""

    rounds: tuple[Round, ...]
    kinds: tuple[OtherRound, ...]
    unscheduled_a_day: Count
    team: Positive
    floors: tuple[int, ...]
    public_areas: bool
    early_minutes: Count
    on_time_minutes: Positive
    last_minutes: Positive
    photo: bool
    columns: tuple[str, ...]
    rectify_working_days: Positive
    key_findings: Positive
    key_complaints: Positive
    key_days: Positive
    photo_days: Positive | None = None
    refusal_to: Role
    serious_to: Literal["accountability"]
    confirmed_by: Role


class Due(Row):
    """An answer is due this many working days after the complaint (0: on the spot)."""

    kind: Literal["spot", "simple", "complex", "phone"]
    working_days: Count


class Ground(Row):
    """A cause for complaint that is in scope, or a ground to refuse one."""

    key: str
    name: str


class Complaints(Section):
    """How complaints come in, are looked into, answered and filed."""

    receiver: str
    receiver_role: Role
    channels: tuple[Literal["site", "phone", "letter", "online", "box"], ...]
    box_from: TimeOfDay | None = None
    box_to: TimeOfDay | None = None
    fields: tuple[str, ...]
    scope: tuple[Ground, ...]
    refusals: tuple[Ground, ...]
    withdrawals: tuple[Ground, ...] = ()
    investigators: Positive
    due: tuple[Due, ...]
    delay_explained: bool
    archive_day: Positive | None = None
    identity_kept: bool
    watch_list: bool
