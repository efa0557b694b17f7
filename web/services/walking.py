"""What officers do on a round: begin, join, leave, check, sign. Each is a fact of the hub's own lineage.

A decision is made under the recorder's lock, with every earlier fact in sight: two phones at one checkpoint give one
check and an addition, a draft that is sent again gives nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.checklist import Item, item
from config.policy import Policy
from config.words import say
from station.facts import Body, Fact
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
    Sent,
)
from station.round_form import LISTED, OFFLINE, UNREADABLE, Form, found_of, lack, short
from station.round_token import RoundToken
from station.rules.calendar import DayTable
from station.rules.hours import minute_of
from station.rules.patrol import Slot, slots
from web.ledger.patrol import CheckRow
from web.services import checkpoints, in_force, officers, rounds, sun_taps, tags
from web.services.errors import BadInput, NotAllowed, NotFound
from web.services.hub import Hub
from web.services.recording import Recorder
from web.services.rounds import CHECKLIST, OFFICER, Round, kind_of

LONGEST_TAG = 100
KINDS: dict[str, RoundKind] = {"unscheduled": "unscheduled", "key": "key", "extra": "extra"}
Proven = tuple[str, Known]


@dataclass(frozen=True, slots=True)
class Opening:
    """A round that is to begin. `kind`: a slot of the day as 0930, or a kind of the policy; `alone`: knowingly."""

    kind: str
    officers: tuple[Proven, ...]
    alone: bool = False
    checkpoints: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Filled(Form):
    """The form as sent by a phone. `tag`: what was tapped, empty for none."""

    tag: str = ""
    sent: Sent | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """What holds on a day of the hall."""

    date: date
    now: datetime  # in the hall's zone
    policy: Policy
    table: DayTable
    slots: tuple[Slot, ...]


def today(session: Session, hub: Hub) -> Day:
    """The running calendar day and its slots."""
    held = in_force.read(session, hub)
    return day_of(held, hub.now())


def day_of(held: in_force.InForce, at: datetime) -> Day:
    """The same, of what is in force already."""
    now = at.astimezone(held.zone)
    policy = held.on(now.date()).policy
    return Day(now.date(), now, policy, held.table, slots(policy, now.date(), held.table))


def open_round(recorder: Recorder, hub: Hub, given: Opening) -> str:
    """Begin a round, or come into the scheduled one that was begun already; its id.

    BadInput for the same officer twice, one officer without saying so, or a slot whose time it is not.
    """
    persons = [person for person, _ in given.officers]
    if len(set(persons)) < len(persons):
        raise BadInput(say("两名巡查人员不能是同一个人"), remedy=say("请另选一人，或勾选只有一人"))
    made = ""

    def decide(session: Session) -> list[Body]:
        nonlocal made
        day = today(session, hub)
        slot = next((each for each in day.slots if each.id.endswith(f"/{given.kind}")), None)
        kind = None if slot else kind_of(day.policy, given.kind)
        if slot is None and kind is None:
            raise NotFound(say("今天没有这个巡查"), remedy=say("请从巡查首页重新选择"))
        if slot:
            _refuse_out_of_time(day, slot)
        _refuse_roles(session, persons, kind.roles if kind else (OFFICER,), day.date)
        inspector = kind.kind if kind and kind.kind not in KINDS else ""
        if not inspector and len(persons) < day.policy.patrol.team and not given.alone:
            raise BadInput(
                say("巡查小组要有 {n} 人", n=day.policy.patrol.team), remedy=say("请选另一名巡查人员，或勾选只有一人")
            )
        made = slot.id if slot else str(uuid7())
        known = rounds.read(session, made)
        if known:
            return _joins(known, given.officers)
        first, *others = given.officers
        opened = RoundOpened(
            round=made, kind="scheduled" if slot else KINDS.get(given.kind, "inspection"), officer=first[0],
            by=first[1], inspector=inspector, checklist=kind.checklist if kind else CHECKLIST,
            checkpoints=given.checkpoints, note=short(given.note),
        )  # fmt: skip
        return [opened, *(RoundJoined(round=made, officer=person, by=by) for person, by in others)]

    recorder.record(decide)
    return made


def take_over(recorder: Recorder, told: RoundToken) -> None:
    """A round that a station began, for a phone that its code lets in: recorded here as well, facts are a union."""

    def decide(session: Session) -> list[Body]:
        known = rounds.read(session, told.round)
        if known:
            return _joins(known, told.officers)
        first, *others = told.officers
        opened = RoundOpened(
            round=told.round, kind=told.kind, officer=first[0], by=first[1], inspector=told.inspector,
            checklist=told.checklist, checkpoints=told.checkpoints,
        )  # fmt: skip
        return [opened, *(RoundJoined(round=told.round, officer=person, by=by) for person, by in others)]

    recorder.record(decide)


def join(recorder: Recorder, hub: Hub, round_id: str, officer: Proven) -> None:
    """Somebody comes into a round. BadInput once it is signed; NotAllowed without the role."""

    def decide(session: Session) -> list[Body]:
        one, day = need(session, round_id), today(session, hub)
        kind = kind_of(day.policy, one.inspector)
        _refuse_roles(session, [officer[0]], kind.roles if kind else (OFFICER,), day.date)
        return _joins(one, (officer,))

    recorder.record(decide)


def leave(recorder: Recorder, round_id: str, person: str, note: str) -> None:
    """Somebody goes before the round's end; the last one in it signs instead."""

    def decide(session: Session) -> list[Body]:
        one = need(session, round_id)
        if one.closed:
            raise _closed()
        if person not in one.walking:
            return []
        if len(one.walking) == 1:
            raise BadInput(say("小组里只剩这一人"), remedy=say("请签字结束巡查，或先让另一人加入"))
        return [RoundJoined(round=round_id, officer=person, way="left", note=short(note))]

    recorder.record(decide)


def check(recorder: Recorder, hub: Hub, by: str, given: Filled) -> Fact | None:
    """Keep a checkpoint's form: a check, or what it adds to one; None for a draft that is here already.

    After the signatures only additions are made. BadInput says what the form lacks.
    """

    def decide(session: Session) -> list[Body]:
        draft = given.sent.draft if given.sent else ""
        if draft and session.execute(select(CheckRow.id).where(CheckRow.draft == draft)).first():
            return []
        one = need(session, given.round)
        if by not in {officer.person for officer in one.officers}:
            raise NotAllowed(say("您不在这次巡查的小组里"), remedy=say("请先在“巡查小组”里加入"))
        point = checkpoints.need(session, given.checkpoint)
        found = [_found(each, given) for each in map(_item, given.items)]
        adds = one.closed or point.id in one.visits
        _refuse_unfilled(today(session, hub).policy, given, found, adds)
        how, reason, tag = _identified(session, hub, one.id, point.id, given)
        common = {
            "round": one.id, "checkpoint": point.id, "how": how, "reason": reason, "tag": tag, "by": by,
            "officers": one.walking, "photos": given.photos, "findings": tuple(found),
            "needs": (short(given.need),) if given.need.strip() else (), "note": short(given.note),
            "sent": given.sent,
        }  # fmt: skip
        if adds:
            return [Addition.model_validate(common)]
        more = {"nothing_abnormal": not found, "no_photo": short(given.no_photo)}
        return [Check.model_validate(common | more)]

    made = recorder.record(decide)
    return made[0] if made else None


def sign(recorder: Recorder, round_id: str, officer: Proven) -> None:
    """An officer's signature under the round as the ledger holds it. Twice changes nothing."""
    person, by = officer

    def decide(session: Session) -> list[Body]:
        one = need(session, round_id)
        if not one.visits:
            raise BadInput(say("还没有检查任何巡查点，不能签字"), remedy=say("请先检查"))
        signed = {each.person for each in one.officers if each.signed}
        if person in signed:
            return []
        if person not in one.walking:
            raise BadInput(say("只有巡查小组的人能签字"), remedy=say("请由小组成员签字"))
        digest = rounds.digest(session, round_id)
        return [RoundSigned(round=round_id, officer=person, by=by, checks=len(one.visits), digest=digest)]

    recorder.record(decide)


def need(session: Session, round_id: str) -> Round:
    """The round of this id; NotFound when nobody began it."""
    one = rounds.read(session, round_id) if len(round_id) <= 36 else None
    if one is None:
        raise NotFound(say("没有这次巡查"), remedy=say("请从巡查首页重新进入"))
    return one


def open_now(day: Day, slot: Slot) -> bool:
    """Whether a slot may be begun at this moment."""
    minute, rules = minute_of(day.now), day.policy.patrol
    return slot.minute - rules.early_minutes <= minute < slot.minute + rules.last_minutes


def _refuse_out_of_time(day: Day, slot: Slot) -> None:
    if open_now(day, slot):
        return
    at, rules = rounds.slot_time(slot, day.now.tzinfo), day.policy.patrol  # type: ignore[arg-type]
    if minute_of(day.now) < slot.minute:
        words = say("{name}在 {at} 前 {n} 分钟起才能开始", name=say(slot.name), at=f"{at:%H:%M}", n=rules.early_minutes)
    else:
        words = say("{name}的时间（{at}）已过 {n} 分钟", name=say(slot.name), at=f"{at:%H:%M}", n=rules.last_minutes)
    raise BadInput(words, remedy=say("现在可以开始不定时巡查"))


def _refuse_roles(session: Session, persons: Sequence[str], roles: Sequence[str], day: date) -> None:
    known = {row.id for row in officers.with_role(session, roles, day)}
    if not persons or not set(persons) <= known:
        raise NotAllowed(say("所选的人今天不能做这种巡查"), remedy=say("请由管理员在人员页面给予角色"))


def _joins(one: Round, given: Sequence[Proven]) -> list[Body]:
    """The joinings of those who are not in the round already."""
    new = [(person, by) for person, by in given if person not in one.walking]
    if new and one.closed:
        raise _closed()
    return [RoundJoined(round=one.id, officer=person, by=by) for person, by in new]


def _closed() -> BadInput:
    return BadInput(say("这次巡查已签字结束"), remedy=say("只能补充，不能修改"))


def _item(id_: str) -> Item:
    found = item(id_)
    if found.category == "need":
        raise BadInput(say("困难和需求请填在“困难和需求”一栏"))
    return found


def _found(of: Item, given: Filled) -> Found:
    return found_of(of.id, of.clauses, of.column, given.person, given.note)


def _refuse_unfilled(policy: Policy, given: Filled, found: Sequence[Found], adds: bool) -> None:
    lacking = lack(given, len(found), photo=policy.patrol.photo, adds=adds)
    if lacking:
        raise BadInput(lacking[0], remedy=lacking[1])


def _identified(session: Session, hub: Hub, round_id: str, checkpoint: str, given: Filled) -> tuple[How, str, str]:
    """How the checkpoint was identified, why by hand, and the tag: by a tag that means this checkpoint, else by hand.

    A dynamic tag counts by the ticket of a tap that was proven in this round, never by its number.
    """
    if given.tag:
        ticket = sun_taps.read_ticket(hub, given.tag)
        uid = ticket.uid if ticket else given.tag
        try:
            row = tags.resolve(session, hub, uid)
        except tags.UnknownTag:
            return "manual", UNREADABLE, given.tag[:LONGEST_TAG]
        proven = row.medium != "sun" or (ticket is not None and ticket.round == round_id)
        if row.checkpoint == checkpoint and proven:
            return ("nfc" if row.medium == "sun" else row.medium), "", uid  # type: ignore[return-value]
        return "manual", UNREADABLE, uid
    offline = given.sent is not None and given.sent.offline
    reason = short(given.reason)
    if offline and reason in ("", LISTED):
        return "manual", OFFLINE, ""  # the form's own choice, made before anybody knew
    return "manual", reason or LISTED, ""
