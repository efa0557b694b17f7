"""The round's one document: the list of checkpoints and, in it, everything that their forms need."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import request

from config.checklist import Item, Place, listed, load_checklist, word
from config.words import either
from station.rules.patrol import rectify_by
from web.door import hub, reading
from web.ledger.patrol import CheckpointRow
from web.patrol.room import bp, floor_words, held, today, zone
from web.services import at_windows, checkpoints, rounds
from web.services.at_windows import Here
from web.services.rounds import Round, Standing, Visit
from web.services.walking import Day


@dataclass(frozen=True, slots=True)
class Spot:
    """A checkpoint in the list: what was found there, who should be there."""

    point: CheckpointRow
    visit: Visit | None
    here: Sequence[Here]

    @property
    def preset(self) -> str:
        """Whom a finding there most likely concerns: the only one who is there, else the only one who should be."""
        there = [one.person for one in self.here if one.there]
        alone = there if len(there) == 1 else [one.person for one in self.here]
        return alone[0] if len(alone) == 1 else ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the record form with its items."""

    key: str
    name: str
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class Floor:
    """The whole document."""

    round: Round
    standing: Standing
    name: str
    floors: Sequence[tuple[str, Sequence[Spot]]]
    names: dict[str, str]
    day: Day
    due: date

    @property
    def spots(self) -> list[Spot]:
        """Every checkpoint in walking order."""
        return [spot for _, spots in self.floors for spot in spots]

    def spot(self, checkpoint: str) -> Spot | None:
        """One of them."""
        return next((spot for spot in self.spots if spot.point.id == checkpoint), None)

    def columns_at(self, place: Place | None) -> list[Column]:
        """The form's columns at a place, or of all places."""
        return columns_of(self.round.checklist, place)

    def after(self, checkpoint: str) -> Spot | None:
        """The next one in walking order that nobody visited, from the beginning again at the end."""
        spots = self.spots
        at = next((number for number, spot in enumerate(spots) if spot.point.id == checkpoint), -1)
        return next((spot for spot in (*spots[at + 1 :], *spots[: at + 1]) if spot.visit is None), None)


def floor_of(one: Round) -> Floor:
    """The document of a round: five questions beside the round's own, however large the hall."""
    session, day = reading(), today()
    numbered = checkpoints.with_numbers(session, day.date)
    points = [row for row, _ in numbered]
    standing = rounds.stand(one, points, day.policy, day.table, hub().now(), zone())
    hall, staff = at_windows.staff_of(
        session, hub(), held(), {row.window: number for row, number in numbered if row.window and number}
    )
    spots = [Spot(row, one.visits.get(row.id), staff.get(row.window or "", ())) for row in standing.points]
    names = {each.person.id: each.person.name for each in hall.people}
    due = rectify_by(day.policy, day.date, day.table)
    name = rounds.kind_words(day.policy, one, day.table)
    return Floor(one, standing, name, _by_floor(spots), names, day, due)


def columns_of(checklist: str, place: Place | None = None) -> list[Column]:
    """The form's columns with the items of a list, of one place or of all. A need is no fault and has its own field."""
    known = load_checklist().lists
    items = listed(checklist if checklist in known else rounds.CHECKLIST)
    items = tuple(one for one in items if one.category != "need" and (place is None or place in one.where))
    keys = load_checklist().words["columns"]
    found = [Column(key, word("columns", key), [one for one in items if one.column == key]) for key in keys]
    return [column for column in found if column.items]


@bp.app_template_global()
def item_words(key: str) -> str:
    """What a checklist item says; one that the list no longer has keeps its number."""
    found = load_checklist().items.get(key)
    return either(found) if found else key


@bp.app_template_global()
def item_column(key: str) -> str:
    """A column's name."""
    known = load_checklist().words["columns"]
    return word("columns", key) if key in known else key


@bp.app_template_global()
def item_place(key: str) -> str:
    """Where a checkpoint is: 窗口前台, 窗口后台, 公共服务区."""
    known = load_checklist().words["places"]
    return word("places", key) if key in known else key


@bp.app_template_global()
def given_form() -> dict[str, object]:
    """What was filled in, for a form that is shown once more."""
    names = ("no_photo", "no_photo_words", "person", "note", "need", "reason")
    return {"chosen": request.form.getlist("item")} | {name: request.form.get(name, "") for name in names}


def _by_floor(spots: Sequence[Spot]) -> list[tuple[str, list[Spot]]]:
    found: dict[int | None, list[Spot]] = {}
    for spot in spots:
        found.setdefault(spot.point.floor, []).append(spot)
    return [(floor_words(floor), given) for floor, given in found.items()]
