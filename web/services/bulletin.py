"""The patrol's bulletin of a month (wanzhou:attendance:1; the month `assumed`): rounds, findings by window, needs.

It names windows and units, never persons. Read only.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.words import say, series
from station.rules.calendar import dates
from station.rules.patrol import round_state, slots, unscheduled_missing
from web.ledger.patrol import CheckRow, FindingRow
from web.services import findings, patrol_lines, rounds
from web.services.in_force import InForce, last_of
from web.services.patrol_lines import COLUMNS, Around, Place, column_words
from web.services.patrol_paper import Head, Paper, Section
from web.services.rounds import Round, read_list
from web.services.scopes import EVERYBODY, PatrolScope

CLAUSES = ("wanzhou:attendance:1", "wanzhou:patrol:6", "wanzhou:patrol:7", "assumed")
UNMENDED = ("open", "overdue", "rectified")  # the last: waits for an officer to see
OUTCOMES = ("on_time", "late", "incomplete", "missed", "short_handed")


class Need(NamedTuple):
    """A difficulty that was told: when, where, what."""

    at: datetime
    place: Place | None
    words: str


@dataclass(slots=True)
class Tally:
    """A kind of round in the month. `due`: how many there were to be, 0 for a kind without a time; `came`: walked."""

    name: str
    due: int = 0
    came: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class WindowLine:
    """A window (or a public area) in the month: findings under each column of the form, how many of those that were to
    be put right are and are not (`mended`, `unmended`), and needs."""

    unit: str
    name: str
    columns: Counter[str] = field(default_factory=Counter)
    needs: int = 0
    mended: int = 0
    unmended: int = 0

    @property
    def found(self) -> int:
        """All its findings."""
        return self.columns.total()


@dataclass(frozen=True, slots=True)
class Bulletin:
    """The month. `upto`: its last day, or the running one; `lacking`: days without an unscheduled round."""

    first: date
    upto: date
    tallies: tuple[Tally, ...]
    lacking: tuple[date, ...]
    windows: tuple[WindowLine, ...]
    needs: tuple[Need, ...]

    def total(self) -> Counter[str]:
        """Findings of the whole, by column."""
        return sum((line.columns for line in self.windows), Counter())


def bulletin(session: Session, held: InForce, first: date, now: datetime, scope: PatrolScope) -> Bulletin:
    """The month that begins with `first`, up to now; the windows within the scope.

    Four questions, and those that following findings up takes.
    """
    upto = min(last_of(first), now.astimezone(held.zone).date())
    walked = rounds.of_days(session, first, upto, held.zone)
    places = patrol_lines.places(session)
    found = _findings(session, held, first, upto)
    around = Around(held.zone, places, {}, scope)
    tallies, lacking = _rounds(held, first, upto, now, walked, places)
    checks = [row for ones in walked.values() for one in ones for visit in one.visits.values() for row in visit.rows]
    needs = [need for need in _needs(held, checks, places) if scope.holds((), need.place.unit if need.place else None)]
    asked = findings.Wanted(first, upto)
    stands = {case.found.id: case.stands.mending for case in findings.listed(session, held, EVERYBODY, asked, now)}
    return Bulletin(first, upto, tallies, lacking, _windows(around, found, needs, stands), tuple(needs))


def paper(hall: str, month: Bulletin) -> Paper:
    """The bulletin as it is printed, signed and handed to the units."""
    rows = tuple(_cells(line) for line in month.windows)
    foot = (
        *(tally_words(each) for each in month.tallies), lacking_words(month),
        *(need_words(need) for need in month.needs),
        say("印发单位（盖章）：＿＿＿＿＿＿＿＿　　　　日期：＿＿＿＿＿＿＿＿"),
    )  # fmt: skip
    days = say("{first} 至 {last}", first=month.first.isoformat(), last=month.upto.isoformat())
    return Paper(say("巡查通报"), hall, days, _heads(), (Section("", rows),), tuple(words for words in foot if words))


def tally_words(each: Tally) -> str:
    """A kind of round in a sentence."""
    if not each.due:
        return say("{name}：{n} 次", name=each.name, n=each.came)
    told = each.outcomes
    return say(
        "{name}：应巡 {due} 次，按时 {on_time} 次，开始晚了 {late} 次，未巡完 {incomplete} 次，"
        "逾时未巡 {missed} 次，人手不足 {short} 次",
        name=each.name, due=each.due, on_time=told["on_time"], late=told["late"], incomplete=told["incomplete"],
        missed=told["missed"], short=told["short_handed"],
    )  # fmt: skip


def lacking_words(month: Bulletin) -> str:
    """The days that lack an unscheduled round; empty for none."""
    days = series(say("{month}月{day}日", month=day.month, day=day.day) for day in month.lacking)
    return say("缺不定时巡查 {n} 天：{days}", n=len(month.lacking), days=days) if days else ""


def need_words(need: Need) -> str:
    """A need in a sentence."""
    where = need.place.row.name if need.place else "—"
    return say("困难和需求：{at} {where} {words}", at=f"{need.at:%m-%d %H:%M}", where=where, words=need.words)


def _findings(session: Session, held: InForce, first: date, upto: date) -> Sequence[FindingRow]:
    start, end = (datetime.combine(day, time(), held.zone).astimezone(UTC) for day in (first, upto + timedelta(days=1)))
    return session.execute(select(FindingRow).where(FindingRow.at >= start, FindingRow.at < end)).scalars().all()


def _rounds(
    held: InForce, first: date, upto: date, now: datetime, walked: Mapping[date, Sequence[Round]],
    places: Mapping[str, Place],
) -> tuple[tuple[Tally, ...], tuple[date, ...]]:  # fmt: skip
    """What became of the plan and what was walked beside it; and the days that lack an unscheduled round."""
    tallies: dict[str, Tally] = {}
    lacking = []
    for day in dates(first, upto):
        ones = {one.id: one for one in walked.get(day, ())}
        policy, points = held.on(day).policy, [place.row for place in places.values() if place.stands_on(day)]
        planned = slots(policy, day, held.table) if points else ()
        for slot in planned:
            one = ones.pop(slot.id, None)
            standing = rounds.stand(one, points, policy, held.table, now, held.zone) if one else None
            at, wanted = now.astimezone(held.zone), [point.id for point in points]
            state = standing.state if standing else round_state(policy, slot, (), wanted, (), at)
            assert state is not None
            if state.state in ("done", "incomplete", "missed"):
                tally = tallies.setdefault(slot.name, Tally(say(slot.name)))
                tally.due += 1
                tally.came += state.begun is not None
                tally.outcomes[state.begun or "missed" if state.state == "done" else state.state] += 1
                tally.outcomes["short_handed"] += bool(standing and standing.short_handed)
        for one in ones.values():
            name = rounds.kind_words(policy, one, held.table)
            tallies.setdefault(name, Tally(name)).came += 1
        done = sum(one.kind == "unscheduled" and bool(one.visits) for one in ones.values())
        if planned and day < now.astimezone(held.zone).date() and unscheduled_missing(policy, done):
            lacking.append(day)
    return tuple(tallies.values()), tuple(lacking)


def _needs(held: InForce, checks: Iterable[CheckRow], places: Mapping[str, Place]) -> list[Need]:
    found = [
        Need(row.at.astimezone(held.zone), places.get(row.checkpoint), words)
        for row in checks for words in read_list(row.needs)
    ]  # fmt: skip
    return sorted(found, key=lambda need: need.at)


def _windows(
    around: Around, found: Iterable[FindingRow], needs: Iterable[Need], stands: Mapping[str, str]
) -> tuple[WindowLine, ...]:
    lines: dict[str, WindowLine] = {}

    def line_of(place: Place | None) -> WindowLine | None:
        unit = place.unit if place else ""
        if not around.scope.holds((), unit):
            return None
        name = place.row.name if place else say("检查以外")
        return lines.setdefault(place.row.id if place else "", WindowLine(unit, name))

    for row in found:
        if line := line_of(around.place_of(row)):
            line.columns[row.column] += 1
            line.mended += stands.get(row.id) == "closed"
            line.unmended += stands.get(row.id) in UNMENDED
    for need in needs:
        if line := line_of(need.place):
            line.needs += 1
    return tuple(sorted(lines.values(), key=lambda line: (line.unit, line.name)))


def _heads() -> tuple[Head, ...]:
    columns = tuple((column_words(key), 9.0) for key in COLUMNS)
    return (
        Head(say("单位"), 22), Head(say("巡查点"), 16), Head(say("巡查中发现的问题"), 0, columns),
        Head(say("合计"), 7), Head(say("已整改"), 8), Head(say("未整改"), 8), Head(say("困难和需求"), 9),
    )  # fmt: skip


def _cells(line: WindowLine) -> tuple[str, ...]:
    counts = (line.columns[key] or "" for key in COLUMNS)
    ends = (line.found, line.mended or "", line.unmended or "", line.needs or "")
    return line.unit or say("公共服务区"), line.name, *map(str, (*counts, *ends))
