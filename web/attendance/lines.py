"""What the attendance pages paint: verdicts as words and tones, days with their facts."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from station.rules.attendance import Judged, due_minute
from station.rules.explain import SESSIONS, VERDICTS
from station.rules.given import Record
from station.rules.grounds import Heard, grounds
from station.rules.hours import Law, moment
from station.rules.month import Totals, decimal_string
from station.rules.punches import Mark, standing
from web.services.months import stands_for
from web.services.records import Facts
from web.words import _

# Verdict → the colour and the sign beside its word.
TONES: Mapping[str, tuple[str, str]] = {
    "present": ("green", "ok"), "late": ("amber", "late"), "early": ("amber", "late"),
    "late_and_early": ("amber", "late"), "missing_in": ("amber", "warn"), "missing_out": ("amber", "warn"),
    "missing_both": ("amber", "warn"), "absent": ("red", "bad"), "outage": ("blue", "warn"), "leave": ("blue", "note"),
    "rest": ("grey", "note"), "pending": ("grey", "late"), "not_posted": ("grey", "note"),
}  # fmt: skip
DIRECTIONS = {"in": "（上班）", "out": "（下班）", None: ""}
WAYS = {"out": "外出", "back": "返回"}
SHOWN_ELSEWHERE = frozenset(
    ("pressed", "ready")
)  # the page has the sides above; being ready in time goes without saying


NOBODY: frozenset[str] = frozenset()


class Why(NamedTuple):
    """What a session's reasons are told from: everything known of the person, and the clauses of its hours."""

    record: Record
    hours: Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session judged. `key`: its name in the rules; `came`, `left`: HH:MM, empty for none.

    `hours_only`: the clauses are those of the hours; `corrected`: a side of it is a correction.
    """

    key: str
    name: str
    hours: str
    verdict: str
    words: str
    tone: str
    sign: str
    came: str
    left: str
    late: int
    early: int
    provisional: bool
    reasons: list[str]
    clauses: tuple[str, ...]
    hours_only: bool
    corrected: bool


@dataclass(frozen=True, slots=True)
class FactLine:
    """One recorded fact, and what became of it."""

    at: datetime
    what: str
    use: str


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day of a person. `sessions` is empty while the day is open; `told`: its corrections in words."""

    date: date
    worked: bool
    known: bool
    sessions: list[SessionLine]
    facts: list[FactLine]
    told: list[str]

    @property
    def quiet(self) -> bool:
        """A rest day on which nothing happened."""
        return not self.worked and not self.facts


def verdict_word(verdict: str, absent_word: str) -> str:
    """A verdict as people of this hall read it."""
    return _(absent_word if verdict == "absent" else VERDICTS[verdict])


def session_lines(
    judged: Judged, law: Law, why: Why | None = None, corrected: Container[str] = NOBODY
) -> list[SessionLine]:
    """The sessions of a judged day; without `why` only what a list shows. `corrected`: ids of corrections."""
    return [_session(judged, index, law, why, corrected) for index in range(len(judged.verdicts))]


def fact_lines(facts: Facts | None, judged: Judged | None, law: Law, opens: int, closes: int) -> list[FactLine]:
    """A person's facts between two epoch minutes, in order, with what each was used for."""
    if facts is None:
        return []
    marks = standing(facts.punches, law.duplicate_seconds)
    kept, used = {mark.punch.id for mark in marks}, dict(_used(judged)) if judged else {}
    lines = [
        FactLine(
            punch.at.astimezone(law.zone),
            _kind(facts, punch.id) + DIRECTIONS[punch.direction],
            used.get(punch.id, "") if punch.id in kept else _("一分钟内重复，不采用"),
        )
        for punch in facts.punches
    ]
    lines += [FactLine(gone.at.astimezone(law.zone), _(WAYS[gone.way]), "") for gone in facts.gone]
    return sorted((line for line in lines if opens <= line.at.timestamp() // 60 < closes), key=lambda line: line.at)


def total_tiles(totals: Totals, absent_word: str) -> list[tuple[str, str, str]]:
    """The month's totals: words, value, tone when it is not nothing."""
    tiles = [
        (_("迟到"), _("%(n)s 次", n=totals.late), "amber" if totals.late else ""),
        (_("早退"), _("%(n)s 次", n=totals.early), "amber" if totals.early else ""),
        (_("缺卡"), _("%(n)s 次", n=totals.missing), "amber" if totals.missing else ""),
        (_(absent_word), _("%(n)s 天", n=shown_days(totals.absent_days)), "red" if totals.absent_days else ""),
        (_("累计折算"), _("%(n)s 天", n=shown_days(totals.accumulated_absent_days)),
         "red" if totals.accumulated_absent_days else ""),
        (_("未提前到岗"), _("%(n)s 次", n=totals.unready), ""),
    ]  # fmt: skip
    if totals.provisional_absent_days:
        tiles.append((_("待定"), _("%(n)s 天", n=shown_days(totals.provisional_absent_days)), "amber"))
    if totals.rest_day_sessions:
        tiles.append((_("休息日出勤"), _("%(n)s 个时段", n=totals.rest_day_sessions), ""))
    return tiles


def shown_days(days: Fraction) -> str:
    """Days for people: 0, 0.5, 1, 1.5."""
    return decimal_string(days).removesuffix(".0")


def times(mark: Mark | None, zone: ZoneInfo) -> str:
    """When a side was pressed, to the minute."""
    return f"{mark.punch.at.astimezone(zone):%H:%M}" if mark else ""


def _kind(facts: Facts, press: str) -> str:
    if press in facts.corrected:
        return _("更正")
    return _("签到") if press in facts.signed else _("打卡")


def _session(judged: Judged, index: int, law: Law, why: Why | None, corrected: Container[str]) -> SessionLine:
    span, verdict = judged.day.spans[index], judged.verdicts[index]
    tone, sign = TONES[verdict.verdict]
    return SessionLine(
        span.name, _(SESSIONS.get(span.name, span.name)),
        f"{_clock(span.start, law.zone)}–{_clock(span.end, law.zone)}",
        verdict.verdict, verdict_word(verdict.verdict, law.absent_word), tone, sign,
        times(verdict.came, law.zone), times(verdict.left, law.zone), verdict.late, verdict.early,
        verdict.provisional, _reasons(judged, index, law, why.record) if why else [],
        verdict.clauses or (why.hours[index] if why else ()), not verdict.clauses,
        stands_for(judged, index, corrected),
    )  # fmt: skip


def _reasons(judged: Judged, index: int, law: Law, record: Record) -> list[str]:
    """Why a session of a closed day was judged as it was, in the reader's language."""
    span, due_at = judged.day.spans[index], due_minute(judged.day, index, law)
    heard = Heard(span, judged.verdicts[index], law, record, judged.day.known, due_at, due=True, ids=False)
    return [ground.words.read(_) for ground in grounds(heard) if ground.kind not in SHOWN_ELSEWHERE]


def _clock(minute: int, zone: ZoneInfo) -> str:
    return f"{moment(minute, zone):%H:%M}"


def _used(judged: Judged) -> Iterator[tuple[str, str]]:
    """Fact id → what it serves as."""
    yield from _loose(judged.unassigned)
    for verdict in judged.verdicts:
        session = _(SESSIONS.get(verdict.session, verdict.session))
        if verdict.left is not None:
            yield verdict.left.punch.id, _("%(session)s下班", session=session)
        if verdict.came is not None:
            both = verdict.left is not None and verdict.left.punch.id == verdict.came.punch.id
            words = _("%(session)s上下班", session=session) if both else _("%(session)s上班", session=session)
            yield verdict.came.punch.id, words


def _loose(marks: Iterable[Mark]) -> Iterator[tuple[str, str]]:
    for mark in marks:
        yield mark.punch.id, _("不属于任何时段")
