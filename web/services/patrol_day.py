"""The patrol's board of a day: every floor under every round, in one word each. Read only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy.orm import Session

from config.words import say
from station.rules.patrol import RoundState, round_state, slots, unscheduled_missing
from web.ledger.patrol import CheckpointRow
from web.services import checkpoints, rounds
from web.services.in_force import InForce
from web.services.rounds import Round, Standing

Word = Literal["not_yet", "waiting", "alert", "missed", "under_way", "unvisited", "found", "done", "none"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A floor in a round: how far it is, and what was found there. `word`: what it comes to."""

    word: Word
    visited: int
    of: int
    found: int


@dataclass(frozen=True, slots=True)
class Column:
    """A round of the board: a slot of the plan, walked or not, or another round of the day (then there is a round)."""

    name: str
    at: datetime
    round: Round | None
    state: RoundState | None
    short_handed: bool
    cells: tuple[Cell, ...]
    whole: Cell


@dataclass(frozen=True, slots=True)
class PatrolDay:
    """The board. `lacking`: how many unscheduled rounds the day still lacks; `clauses`: what asks for them."""

    date: date
    at: datetime
    floors: tuple[int | None, ...]
    columns: tuple[Column, ...]
    lacking: int
    clauses: tuple[str, ...]

    @property
    def running(self) -> bool:
        """Whether the day is not over yet."""
        return self.at.date() <= self.date


def patrol_day(session: Session, held: InForce, day: date, now: datetime) -> PatrolDay:
    """The board of a day; three questions."""
    policy, at = held.on(day).policy, now.astimezone(held.zone)
    points = checkpoints.standing(session, day)
    walked = {one.id: one for one in rounds.of_day(session, day, held.zone)}
    floors = tuple(dict.fromkeys(point.floor for point in points))
    planned = slots(policy, day, held.table)
    columns = []
    for slot in planned:
        one = walked.pop(slot.id, None)
        standing = rounds.stand(one, points, policy, held.table, now, held.zone) if one else None
        state = standing.state if standing else round_state(policy, slot, (), [row.id for row in points], (), at)
        columns.append(_column(say(slot.name), rounds.slot_time(slot, held.zone), standing, state, points, floors))
    for one in walked.values():
        standing = rounds.stand(one, points, policy, held.table, now, held.zone)
        name = rounds.kind_words(policy, one, held.table)
        columns.append(_column(name, one.opened.astimezone(held.zone), standing, None, points, floors))
    done = sum(one.kind == "unscheduled" and bool(one.visits) for one in walked.values())
    lacking = unscheduled_missing(policy, done) if planned and points else 0
    columns.sort(key=lambda column: column.at)
    return PatrolDay(day, at, floors, tuple(columns), lacking, policy.patrol.clauses("unscheduled_a_day"))


def cell_of(state: RoundState | None, points: Sequence[CheckpointRow], one: Round | None) -> Cell:
    """The points of one floor in a round. `state`: of a round with a slot; without one nothing is due or late."""
    visits = [one.visits[point.id] for point in points if point.id in one.visits] if one else []
    found = sum(visit.found for visit in visits)
    if state is None and one is not None and one.closed:
        word: Word = "none" if not visits else "found" if found else "done"
    else:
        word = _word(state, len(visits), len(points), found)
    return Cell(word, len(visits), len(points), found)


def _word(state: RoundState | None, visited: int, of: int, found: int) -> Word:
    if not of:
        return "none"
    if visited == of:
        return "found" if found else "done"
    if state is None or state.state == "under_way":
        return "under_way" if visited else "waiting"
    if state.state in ("incomplete", "missed", "done"):
        return "unvisited" if visited else "missed"
    if visited:
        return "under_way"
    return "not_yet" if state.state == "not_yet" else "alert" if state.state == "alert" else "waiting"


def _column(
    name: str, at: datetime, standing: Standing | None, state: RoundState | None, points: Sequence[CheckpointRow],
    floors: Sequence[int | None],
) -> Column:  # fmt: skip
    one = standing.round if standing else None
    wanted = standing.points if standing else points
    cells = tuple(cell_of(state, [point for point in wanted if point.floor == floor], one) for floor in floors)
    return Column(name, at, one, state, bool(standing and standing.short_handed), cells, cell_of(state, wanted, one))
