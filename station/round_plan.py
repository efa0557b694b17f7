"""A day's patrol as the papers and the clock give it: slots, kinds, checkpoints, who may walk, how a round stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from config.policy import Policy
from config.policy_posts import OtherRound
from station.duty_day import policy_at, table_of
from station.papers import Checkpoint, Column, Item, Papers, Person, in_force, posted_on
from station.round_book import Walk
from station.rules.calendar import DayTable
from station.rules.hours import minute_of
from station.rules.patrol import Check, RoundState, Slot, rectify_by, round_state, slots

OFFICER = "patrol_officer"
CHECKLIST = "patrol"


@dataclass(frozen=True, slots=True)
class Plan:
    """What holds at `now` (in the hall's zone)."""

    now: datetime
    policy: Policy
    table: DayTable
    slots: tuple[Slot, ...]
    papers: Papers | None

    @property
    def zone(self) -> ZoneInfo:
        """The hall's zone."""
        return ZoneInfo(self.policy.zone)

    def slot(self, round_id: str) -> Slot | None:
        """The slot of a scheduled round of its own day; None for any other round."""
        if "/" not in round_id:
            return None
        day = date.fromisoformat(round_id[:10])
        planned = self.slots if day == self.now.date() else slots(self.policy, day, self.table)
        return next((slot for slot in planned if slot.id == round_id), None)

    def kind(self, kind: str) -> OtherRound | None:
        """The policy's row for a kind of round that has no slot."""
        return next((each for each in self.policy.patrol.kinds if each.kind == kind), None)

    def name(self, walk: Walk) -> str:
        """What a round is called: 上午定时巡查, 不定时巡查, 值班长检查, …"""
        slot, kind = self.slot(walk.id), self.kind(walk.inspector or walk.kind)
        return slot.name if slot else kind.name if kind else walk.kind

    def may_begin(self, slot: Slot) -> bool:
        """Whether this is the time of a slot; before and after it a round is an unscheduled one."""
        rules, minute = self.policy.patrol, minute_of(self.now)
        return slot.minute - rules.early_minutes <= minute < slot.minute + rules.last_minutes

    def points(self, walk: Walk | None = None) -> list[Checkpoint]:
        """Every checkpoint in walking order; of a key round, those that it is about."""
        known = self.papers.checkpoints if self.papers else []
        return [point for point in known if walk is None or not walk.named or point.id in walk.named]

    def point(self, checkpoint: str) -> Checkpoint | None:
        """One of them."""
        return next((point for point in self.points() if point.id == checkpoint), None)

    def state(self, walk: Walk | None, slot: Slot) -> RoundState:
        """How a scheduled round stands; without a walk, one that nobody began."""
        visits = walk.visits if walk else {}
        checks = [Check(point, visit.at.astimezone(self.now.tzinfo)) for point, visit in visits.items()]
        officers = walk.walking[: walk.short] if walk else ()
        return round_state(self.policy, slot, checks, [each.id for each in self.points(walk)], officers, self.now)

    def is_short(self, walk: Walk) -> bool:
        """Whether fewer officers than the policy asks for were at it."""
        return not walk.inspector and walk.short < self.policy.patrol.team

    def roles(self, kind: str) -> Sequence[str]:
        """Who may walk a kind of round, or a slot."""
        found = self.kind(kind)
        return found.roles if found else (OFFICER,)

    def may(self, person: Person, roles: Iterable[str]) -> bool:
        """Whether somebody has one of these roles today and is posted here."""
        return posted_on(person, self.now) and any(in_force(role, person, self.now.date()) for role in roles)

    def columns(self, checklist: str, place: str) -> list[tuple[Column, list[Item]]]:
        """The record form's columns with what may be found at a place, of a round's list."""
        if self.papers is None:
            return []
        listed = {name for one in self.papers.items for name in one.lists}
        wanted = checklist if checklist in listed else CHECKLIST
        items = [one for one in self.papers.items if wanted in one.lists and (not place or place in one.where)]
        found = [(column, [one for one in items if one.column == column.key]) for column in self.papers.columns]
        return [(column, given) for column, given in found if given]

    def item(self, id_: str) -> Item | None:
        """A checklist item; None for one that the papers lack."""
        return next((one for one in (self.papers.items if self.papers else ()) if one.id == id_), None)

    def due(self) -> date:
        """The last day on which what is found now may be put right in time."""
        return rectify_by(self.policy, self.now.date(), self.table)


def plan_of(held: Papers | None, now: datetime) -> Plan:
    """The patrol's plan at `now` (in the hall's zone)."""
    policy = policy_at(held, now)
    table = table_of(held)
    return Plan(now, policy, table, slots(policy, now.date(), table), held)
