"""What officers do on a round at the station: begin, join, leave, check, sign. Each is a fact before anything is shown.

The officers are known by finger, or by their name and own PIN (assumed), before anything of theirs is recorded.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from uuid6 import uuid7

from config.errors import Refused
from config.words import say, series
from station.body import Body
from station.display import Shown, Tone
from station.facts import Fact
from station.hub_rounds import Advice, SaidKey, drawn_of, heard_of, key_of, together
from station.journal import Journal
from station.papers import Papers
from station.round_book import RoundBook, Walk
from station.round_facts import (
    Addition,
    Check,
    Found,
    How,
    Known,
    RoundJoined,
    RoundKind,
    RoundOpened,
    RoundSigned,
)
from station.round_form import LISTED, Form, found_of, lack, short
from station.round_plan import CHECKLIST, Plan, plan_of
from station.tapping import Tapped

Proven = tuple[str, Known]
KINDS: dict[str, RoundKind] = {
    "unscheduled": "unscheduled",
    "key": "key",
    "extra": "extra",
}  # the policy's others: inspections


@dataclass
class Gathering:
    """A round that is about to begin. `kind`: a slot of today as 0930, or a kind of the policy; `team`: how many."""

    round: str
    kind: str
    title: str
    team: int
    checkpoints: tuple[str, ...] = ()
    officers: list[Proven] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Filled(Form):
    """The form as filled in at the station. `tapped`: the tag by which one stands there."""

    tapped: Tapped | None = None


class Patrolling:
    """The station's rounds, and the one that is about to begin. Safe for several threads."""

    def __init__(
        self, journal: Journal, book: RoundBook, papers: Callable[[], Papers | None], now: Callable[[], datetime],
        advice: Callable[[], Advice],
    ) -> None:  # fmt: skip
        self._journal, self._book, self._papers, self._now, self._advice = journal, book, papers, now, advice
        self._lock = threading.RLock()
        self.gathering: Gathering | None = None
        self.begun = ""  # the round that was begun or come into last

    def plan(self) -> Plan:
        """The day's plan."""
        return plan_of(self._papers(), self._now())

    def rounds(self) -> Mapping[str, Walk]:
        """Every round of the last days that this station has part in, with what others did in it as the hub says."""
        heard = heard_of(self._advice())
        own = self._book.walks()
        return {key: together(walk, heard[key].walk) if key in heard else walk for key, walk in own.items()}

    def elsewhere(self) -> Mapping[str, Walk]:
        """Today's rounds that only the hub knows: phones'."""
        own = self._book.walks()
        return {key: one.walk for key, one in heard_of(self._advice()).items() if key not in own}

    def drawn(self) -> list[datetime]:
        """The times of rounds drawn at random that have come, as the hub said."""
        return drawn_of(self._advice())

    def awaited_keys(self) -> list[SaidKey]:
        """Key patrols that were agreed on at the hub and that nobody walked since, as far as both know."""
        walked = [walk for walk in self.rounds().values() if walk.kind == "key"]
        return [
            key for key in key_of(self._advice())
            if not any(walk.opened > key.agreed and (not walk.named or set(walk.named) & set(key.checkpoints))
                       for walk in walked)
        ]  # fmt: skip

    def need(self, round_id: str) -> Walk:
        """A round of this station; Refused for any other."""
        walk = self.rounds().get(round_id)
        if walk is None:
            raise Refused(say("本站没有这次巡查"), remedy=say("请从“巡查”重新进入"))
        return walk

    def under_way(self) -> str:
        """The round to which a tap belongs: the one begun last that is not signed; empty for none."""
        open_ = [walk for walk in self.rounds().values() if walk.walking and not walk.closed]
        today = [walk for walk in open_ if walk.opened.astimezone(self._now().tzinfo).date() == self._now().date()]
        return max(today, key=lambda walk: walk.opened).id if today else ""

    def gather(self, kind: str, checkpoints: Sequence[str] = ()) -> Gathering:
        """Wait for the officers of a round. Refused for a slot whose time it is not, or a kind that there is not."""
        plan = self.plan()
        slot = next((each for each in plan.slots if each.id.endswith(f"/{kind}")), None)
        row = None if slot else plan.kind(kind)
        if slot is None and row is None:
            raise Refused(say("今天没有这个巡查"), remedy=say("请从“巡查”重新选择"))
        if slot and not plan.may_begin(slot):
            raise Refused(say("现在不是{name}的时间", name=slot.name), remedy=say("现在可以开始不定时巡查"))
        if not plan.points():
            raise Refused(say("还没有设巡查点"), remedy=say("请管理员先在中枢设巡查点"))
        name = slot.name if slot else row.name if row else ""
        single = row is not None and row.kind not in KINDS
        made = slot.id if slot else str(uuid7())
        self.gathering = Gathering(made, kind, name, 1 if single else plan.policy.patrol.team, tuple(checkpoints))
        return self.gathering

    def identify(self, person: str, by: Known) -> Shown:
        """An officer said who they are; with the last one of the team the round begins. Refused: nothing changes."""
        with self._lock:
            given = self.gathering
            if given is None:
                raise Refused(say("没有要开始的巡查"), remedy=say("请从“巡查”重新开始"))
            name = self._refuse_stranger(person, given.kind)
            if person in [one for one, _ in given.officers]:
                raise Refused(
                    say("{name}已经确认过", name=name), remedy=say("两名巡查人员不能是同一个人，请另一名按手指")
                )
            given.officers.append((person, by))
            if len(given.officers) < given.team:
                return self._shown("blue", name, say("已确认，请另一名巡查人员按手指"), 0)
            return self.begin()

    def begin(self) -> Shown:
        """Begin the round with whom there is, fewer than a team too: it is marked short-handed."""
        with self._lock:
            given = self.gathering
            if given is None or not given.officers:
                raise Refused(say("没有要开始的巡查"), remedy=say("请从“巡查”重新开始"))
            facts = [self._record(body) for body in self._beginning(given)]
            self.gathering = None
            names = series(self._name(person) for person, _ in given.officers)
            seq = facts[-1].seq if facts else 0
            return self._shown("green", given.title, say("巡查开始"), seq, names)

    def join(self, round_id: str, person: str, by: Known) -> Shown:
        """Somebody comes into a round. Refused without the role, and once it is signed."""
        with self._lock:
            walk = self._open(round_id)
            name = self._refuse_stranger(person, walk.inspector or walk.kind)
            if person in walk.walking:
                raise Refused(say("{name}已在巡查小组里", name=name))
            fact = self._record(RoundJoined(round=round_id, officer=person, by=by))
            return self._shown("green", name, say("已加入巡查小组"), fact.seq)

    def leave(self, round_id: str, person: str, note: str) -> Fact:
        """Somebody goes before the round's end; the last one in it signs instead."""
        with self._lock:
            walk = self._open(round_id)
            if person not in walk.walking:
                raise Refused(say("这个人不在巡查小组里"), remedy=say("请重新选择"))
            if len(walk.walking) == 1:
                raise Refused(say("小组里只剩这一人"), remedy=say("请签字结束巡查，或先让另一人加入"))
            return self._record(RoundJoined(round=round_id, officer=person, way="left", note=short(note)))

    def check(self, given: Filled) -> Fact:
        """Keep a checkpoint's form: a check, or what it adds to one. Refused says what the form lacks."""
        with self._lock:
            walk, plan = self.need(given.round), self.plan()
            point = plan.point(given.checkpoint)
            if point is None:
                raise Refused(say("没有这个巡查点"), remedy=say("请从列表重新选择"))
            found = [self._found(plan, item, given) for item in given.items]
            adds = walk.closed or point.id in walk.visits
            lacking = lack(given, len(found), photo=plan.policy.patrol.photo, adds=adds)
            if lacking:
                raise Refused(lacking[0], saved=say("填的内容都在"), remedy=lacking[1])
            return self._record(_body(walk, given, found, adds=adds))

    def sign(self, round_id: str, person: str, by: Known) -> Shown:
        """An officer's signature under a round as this station, or the hub, has it."""
        with self._lock:
            own, heard = self._book.walks().get(round_id), heard_of(self._advice()).get(round_id)
            walk = self.rounds().get(round_id) or (heard.walk if heard else None)
            if walk is None or not walk.visits:
                raise Refused(say("还没有检查任何巡查点，不能签字"), remedy=say("请先检查"))
            name = self._name(person)
            if person not in walk.walking:
                raise Refused(say("{name}不在巡查小组里", name=name), remedy=say("只能由小组的人签字"))
            if any(one.signed for one in walk.members if one.person == person):
                raise Refused(say("{name}已经签过字", name=name), remedy=say("请其他巡查人员签字"))
            digest = own.digest() if own and own.hashes else heard.digest if heard else ""
            signed = RoundSigned(round=round_id, officer=person, by=by, checks=len(walk.visits), digest=digest)
            return self._shown("green", name, say("已签字"), self._record(signed).seq)

    def team(self, walk: Walk) -> list[str]:
        """The names of who is in a round."""
        return [self._name(person) for person in walk.walking]

    def _beginning(self, given: Gathering) -> list[Body]:
        """What is recorded: the opening and the joinings, or of a round that is there already, joinings alone."""
        made = self.begun = given.round
        walk = self._book.walks().get(made)
        if walk:
            if walk.closed:
                raise Refused(say("这次巡查已签字结束"), remedy=say("只能补充，不能修改"))
            return [
                RoundJoined(round=made, officer=who, by=by) for who, by in given.officers if who not in walk.walking
            ]
        kind = self.plan().kind(given.kind)
        inspects = kind is not None and kind.kind not in KINDS
        opens: RoundKind = "scheduled" if kind is None else KINDS.get(given.kind, "inspection")
        first, *others = given.officers
        opened = RoundOpened(
            round=made, kind=opens, officer=first[0], by=first[1], inspector=given.kind if inspects else "",
            checklist=kind.checklist if kind else CHECKLIST, checkpoints=given.checkpoints,
        )  # fmt: skip
        return [opened, *(RoundJoined(round=made, officer=who, by=by) for who, by in others)]

    def _open(self, round_id: str) -> Walk:
        walk = self.need(round_id)
        if walk.closed:
            raise Refused(say("这次巡查已签字结束"), remedy=say("只能补充，不能修改"))
        return walk

    def _refuse_stranger(self, person: str, kind: str) -> str:
        """The name of somebody who may walk this kind of round; Refused for anybody else."""
        plan, held = self.plan(), self._papers()
        found = held.person(person) if held else None
        if found is None or not plan.may(found, plan.roles(kind)):
            raise Refused(say("{name}今天不能做这种巡查", name=self._name(person)), remedy=say("请由巡查人员按手指"))
        return found.name

    def _found(self, plan: Plan, item: str, given: Filled) -> Found:
        known = plan.item(item)
        if known is None:
            raise Refused(say("检查清单里没有这一项"), saved=say("填的内容都在"), remedy=say("请重新选择"))
        return found_of(known.id, known.clauses, known.column, given.person, given.note)

    def _record(self, body: Body) -> Fact:
        fact = self._journal.append(body)
        self._book.learn(fact)
        return fact

    def _name(self, person: str) -> str:
        held = self._papers()
        found = held.person(person) if held else None
        return found.name if found else "—"

    def _shown(self, tone: Tone, name: str, verdict: str, seq: int, note: str = "") -> Shown:
        return Shown(tone, name, verdict, note, f"{self._now():%H:%M:%S}", seq, kind="patrol")


def _body(walk: Walk, given: Filled, found: Sequence[Found], *, adds: bool) -> Check | Addition:
    """The fact of a form. The first of the team answers for the screen, which no single hand holds (assumed)."""
    tapped = given.tapped
    how: How = tapped.how if tapped else "manual"
    common = {
        "round": walk.id, "checkpoint": given.checkpoint, "how": how, "tag": tapped.uid if tapped else "",
        "reason": "" if tapped else short(given.reason) or LISTED, "officers": walk.walking,
        "by": walk.members[0].person if not walk.walking else walk.walking[0], "photos": given.photos,
        "findings": tuple(found), "needs": (short(given.need),) if given.need.strip() else (),
        "note": short(given.note),
    }  # fmt: skip
    if adds:
        return Addition.model_validate(common)
    more = {"nothing_abnormal": not found, "no_photo": "" if given.photos else short(given.no_photo)}
    return Check.model_validate(common | more)
