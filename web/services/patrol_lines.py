"""What rounds found, a line a fact, in the words of the record form (wanzhou:patrol:form). Read only.

A line is a check, what was added to one, or a finding seen outside a check. The record of a day and the register show
the same lines, so that they cannot differ.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.checklist import load_checklist, word
from config.words import either, say
from web.ledger.patrol import CheckpointRow, CheckRow, FindingRow, PictureRow
from web.ledger.posts import WindowRow
from web.services import officers, picture_uses, rounds
from web.services.picture_uses import Use
from web.services.rounds import Round, read_list
from web.services.scopes import PatrolScope

COLUMNS = ("on_post", "dress", "badge", "counter", "conduct", "other")
REASONS = {
    "offline": "断网，从列表选择", "listed": "没有扫标签，从列表选择", "unreadable": "标签读不出或不认识",
    "damaged": "标签损坏", "no_tag": "没有标签",
}  # fmt: skip


class Place(NamedTuple):
    """A checkpoint, with its window's number and unit; both are empty for a public area."""

    row: CheckpointRow
    window: str
    unit: str

    def stands_on(self, day: date) -> bool:
        """Whether it was to be visited on a day."""
        return self.row.since <= day and (self.row.closed is None or self.row.closed >= day)


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture of a line. `same`: every use of the very same bytes, this one among them, the oldest first."""

    use: Use
    same: tuple[Use, ...]

    @property
    def again(self) -> tuple[Use, ...]:
        """The other uses."""
        return tuple(each for each in self.same if each != self.use)


@dataclass(frozen=True, slots=True)
class Line:
    """One fact of a round. `at`: the hall's time; `doubted`: the phone's time could not be; `late`: signed before."""

    fact: str
    at: datetime
    doubted: bool
    late: bool
    round: Round | None
    place: Place | None
    check: CheckRow | None
    findings: tuple[FindingRow, ...]
    persons: tuple[str, ...]
    officers: tuple[str, ...]
    shots: tuple[Shot, ...] = ()

    @property
    def day(self) -> date:
        """The day in whose record it stands: its round's."""
        if self.round is None:
            return self.at.date()
        opened = self.round.opened.astimezone(self.at.tzinfo).date()
        return date.fromisoformat(self.round.id[:10]) if self.round.slot else opened

    @property
    def adds(self) -> bool:
        """Whether it adds to a check that stood already."""
        return self.check is not None and self.check.adds

    @property
    def fine(self) -> bool:
        """Whether nothing abnormal was found."""
        return self.check is not None and self.check.nothing_abnormal and not self.findings

    @property
    def pictures(self) -> int:
        """How many pictures its check names."""
        return len(read_list(self.check.photos)) if self.check else 0

    @property
    def needs(self) -> tuple[str, ...]:
        """Difficulties that were told; no faults (wanzhou:patrol:5)."""
        return tuple(read_list(self.check.needs)) if self.check else ()

    def column(self, key: str) -> tuple[str, ...]:
        """What was found under a column of the form."""
        return tuple(finding_words(row) for row in self.findings if row.column == key)

    def problems(self) -> tuple[str, ...]:
        """All that was found, each with its column."""
        keys = load_checklist().words["columns"]
        return tuple(
            say(
                "{name}：{what}",
                name=word("columns", row.column) if row.column in keys else row.column,
                what=finding_words(row),
            )
            for row in self.findings
        )

    def remarks(self) -> tuple[str, ...]:
        """What the form's last column says."""
        check = self.check
        if check is None:
            return (say("检查以外发现"),)
        said = [say("补充")] if check.adds else []
        said += [check.note] if check.note and not self.findings else []
        said += [say("困难和需求：{words}", words=need) for need in self.needs]
        if not check.adds and not self.pictures:
            said.append(say("没有照片：{why}", why=check.no_photo or "—"))
        if not check.adds and check.how == "manual":
            said.append(say(REASONS.get(check.reason, check.reason)))
        said += [say("手机时间不可信，按送达时间计")] if self.doubted else []
        return tuple(said)


@dataclass(frozen=True, slots=True)
class Around:
    """What lines are made with: the hall's zone, every place that ever was, the rounds concerned, and who looks."""

    zone: ZoneInfo
    places: Mapping[str, Place]
    rounds: Mapping[str, Round]
    scope: PatrolScope

    def place_of(self, row: FindingRow) -> Place | None:
        """Where a finding outside a check was seen: at a checkpoint, or at a window that has one."""
        at_window = (place for place in self.places.values() if row.about and place.row.window == row.about)
        return self.places.get(row.checkpoint) or next(at_window, None)


def places(session: Session) -> dict[str, Place]:
    """Every checkpoint that ever was, by id, in walking order; one question."""
    query = select(CheckpointRow, WindowRow.number, WindowRow.unit).outerjoin(
        WindowRow, WindowRow.id == CheckpointRow.window
    )
    return {
        row.id: Place(row, number or "", unit or "")
        for row, number, unit in session.execute(query.order_by(CheckpointRow.rank, CheckpointRow.id))
    }


def lines_of(
    session: Session, around: Around, checks: Iterable[CheckRow], found: Iterable[FindingRow], *, pictures: bool = False
) -> list[Line]:
    """The lines of these facts that are within the scope, in the order of time. `pictures`: with their other uses."""
    by_fact: dict[str, list[FindingRow]] = {}
    for row in sorted(found, key=lambda each: (each.at, each.id)):
        by_fact.setdefault(row.fact, []).append(row)
    made = [_of_check(around, row, by_fact.pop(row.id, [])) for row in checks]
    made += [_of_finding(around, rows) for rows in by_fact.values()]
    seen = [line for line in made if _within(around.scope, line)]
    named = {*(each for line in seen for each in (*line.persons, *line.officers))}
    names = officers.names_of(session, sorted(named))
    shots = _shots(session, {line.fact for line in seen if line.pictures or not line.check}) if pictures else {}
    told = [_named(line, names, shots.get(line.fact, ())) for line in seen]
    return sorted(told, key=lambda line: (line.at, line.fact))


def finding_words(row: FindingRow) -> str:
    """A finding as the form says it; an item that the checklist no longer has keeps its number."""
    item = load_checklist().items.get(row.item)
    words = row.item if item is None else either(item)
    return say("{name}（{more}）", name=words, more=row.note) if row.note else words


def column_words(key: str) -> str:
    """A column's heading."""
    return word("columns", key)


def _of_check(around: Around, row: CheckRow, found: Sequence[FindingRow]) -> Line:
    one = around.rounds.get(row.round)
    at, doubted = rounds.counted(row, one.opened) if one else (row.at, False)
    signed = one.signed if one else None
    return Line(
        row.id, at.astimezone(around.zone), doubted, signed is not None and row.at > signed, one,
        around.places.get(row.checkpoint), row, tuple(found), _persons(found), tuple(read_list(row.officers)),
    )  # fmt: skip


def _of_finding(around: Around, found: Sequence[FindingRow]) -> Line:
    first = found[0]
    one = around.rounds.get(first.round)
    late = one is not None and one.signed is not None and first.at > one.signed
    walked = tuple(read_list(first.officers)) or ((first.by,) if first.by else ())
    at = first.at.astimezone(around.zone)
    place, persons = around.place_of(first), _persons(found)
    return Line(first.fact, at, False, late, one, place, None, tuple(found), persons, walked)


def _persons(found: Iterable[FindingRow]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.person for row in found if row.person))


def _within(scope: PatrolScope, line: Line) -> bool:
    walked = {officer.person for officer in line.round.officers} if line.round else set()
    return scope.holds({*walked, *line.officers}, line.place.unit if line.place else None)


def _named(line: Line, names: Mapping[str, str], shots: Sequence[Shot]) -> Line:
    told = [tuple(names.get(each, "—") for each in given) for given in (line.persons, line.officers)]
    return replace(line, persons=told[0], officers=told[1], shots=tuple(shots))


def _shots(session: Session, facts: set[str]) -> dict[str, list[Shot]]:
    if not facts:
        return {}
    uses = picture_uses.of(session, select(PictureRow.sha256).where(PictureRow.fact.in_(facts)))
    found: dict[str, list[Shot]] = {}
    for same in uses.values():
        for use in same:
            if use.fact in facts:
                found.setdefault(use.fact, []).append(Shot(use, same))
    return {fact: sorted(shots, key=lambda shot: shot.use.number) for fact, shots in found.items()}
