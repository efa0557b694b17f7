"""The attendance rules a second time: one day, minute by minute in plain sets, without a thought for speed.

Written from the rules' words and not from the program, so that a slip in either shows as a difference.
Times are minutes since the day's midnight, presses seconds.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

Minutes = frozenset[int]


class Hours(NamedTuple):
    """A pack's day: its two sessions, breaks, readiness minutes, whether a confirmed left post is an absence."""

    sessions: tuple[tuple[int, int], tuple[int, int]]
    breaks: tuple[tuple[int, int], ...]
    ready: int | None
    left_post: bool


class Press(NamedTuple):
    """A press: second of the day, direction, whether its clock was right."""

    second: int
    way: str | None
    synced: bool

    @property
    def minute(self) -> int:
        """The minute in which it lies."""
        return self.second // 60


class Spell(NamedTuple):
    """A stretch in minutes with its id; `end` None: still open. `kind`, `status` for absences."""

    id: str
    start: int
    end: int | None
    kind: str = ""
    status: str = ""

    def covers(self, minute: int) -> bool:
        """Whether this minute lies in it."""
        return self.start <= minute and (self.end is None or minute < self.end)


class World(NamedTuple):
    """Everything about one person and one day."""

    hours: Hours
    presses: tuple[Press, ...]
    absences: tuple[Spell, ...]
    findings: tuple[tuple[str, int], ...]
    exits: tuple[Spell, ...]
    outages: tuple[Spell, ...]
    posted: Spell
    as_of: int
    window_staff: bool
    worked: bool
    known: bool


class Found(NamedTuple):
    """What a session comes to."""

    verdict: str
    came: int | None = None
    left: int | None = None
    late: int = 0
    early: int = 0
    ready: bool | None = None
    kind: str | None = None
    provisional: bool = False
    evidence: tuple[str, ...] = ()


class Session:
    """One session of a world, with its minutes."""

    def __init__(self, world: World, index: int) -> None:
        self.world, self.first = world, index == 0
        self.start, self.end = world.hours.sessions[index]
        self.minutes = frozenset(range(self.start, self.end))
        self.posted = frozenset(filter(world.posted.covers, self.minutes))
        self.touching = [each for each in world.absences if any(map(each.covers, self.minutes))] if world.worked else []
        self.approved = [each for each in self.touching if each.status == "approved"]
        covered = {minute for each in self.approved for minute in self.minutes if each.covers(minute)}
        self.excused: Minutes = (self.minutes - self.posted) | covered
        self.owed = sorted(self.minutes - self.excused)
        whole = not self.owed or not world.worked
        self.middle = (self.start + self.end) / 2 if whole else (self.owed[0] + self.owed[-1] + 1) / 2
        self.claims = bool(self.posted) and (bool(self.owed) or not world.worked)
        self.due = world.hours.sessions[1][0] if self.first else self.end + 240


def standing(presses: Iterable[Press], as_of: int) -> list[Press]:
    """Presses that were read and repeat none."""
    kept: list[Press] = []
    for press in sorted(presses, key=lambda press: press.second):
        soon = bool(kept) and press.second - kept[-1].second < 60
        turned = bool(kept) and None not in (press.way, kept[-1].way) and press.way != kept[-1].way
        if press.second <= as_of and not (soon and not turned):
            kept.append(press)
    return kept


def in_and_out(session: Session, presses: Iterable[Press]) -> tuple[Press | None, Press | None]:
    """The in and the out that these presses show."""
    mine = sorted(presses, key=lambda press: press.second)
    came = next((each for each in mine if each.minute < session.end and each.way != "out"), None)
    outs = [each for each in mine if each.minute > session.start and each.way != "in"]
    if came is not None:
        early = [each for each in outs if each.way is None and each.minute < session.middle]
        outs = [each for each in outs if not (each in early and (each is came or each.minute - came.minute < 10))]
        outs = [each for each in outs if each is came or each.minute > came.minute]
    outs = [each for each in outs if not any(back.way == "in" and back.minute > each.minute for back in mine)]
    left = outs[-1] if outs else None
    repeats = came and left and came.way is None and came.minute >= session.middle and left.minute - came.minute < 10
    return (None if repeats else came), left


def shared_out(world: World, both: Sequence[Session]) -> tuple[list[list[Press]], list[Press]]:
    """The presses of each session, and those of none."""
    own: list[list[Press]] = [[], []]
    loose: list[Press] = []
    noon = (both[0].end, both[1].start)
    for press in standing(world.presses, world.as_of):
        if noon[0] <= press.minute <= noon[1]:
            {"out": own[0], "in": own[1]}.get(press.way or "", loose).append(press)
        else:
            own[press.minute > noon[1]].append(press)
    if not any(each.claims for each in both):
        return own, loose
    cut = split(both, own, loose) if both[0].claims and both[1].claims else len(loose) * both[0].claims
    return [own[0] + loose[:cut], loose[cut:] + own[1]], []


def split(both: Sequence[Session], own: Sequence[list[Press]], loose: list[Press]) -> int:
    """How many loose presses serve the morning."""
    usual = sum(each.minute < (both[0].end + both[1].start) / 2 for each in loose)
    allowed = {0, usual, len(loose)}
    allowed |= {cut for cut in range(1, len(loose)) if loose[cut].minute - loose[cut - 1].minute >= 10}
    missing = {
        cut: (*in_and_out(both[0], own[0] + loose[:cut]), *in_and_out(both[1], loose[cut:] + own[1])).count(None)
        for cut in allowed
    }
    best = [cut for cut in allowed if missing[cut] == min(missing.values())]
    return usual if usual in best else min(best, key=lambda cut: (abs(cut - usual), -cut))


def reckon(world: World) -> tuple[list[Found], list[int]]:
    """Both sessions of the day, and the seconds of presses that belong to none."""
    both = [Session(world, 0), Session(world, 1)]
    own, nobodys = shared_out(world, both)
    found = []
    for session, presses in zip(both, own, strict=True):
        if not session.posted:
            nobodys = nobodys + presses
            found.append(Found("not_posted"))
        else:
            found.append(verdict(session, *in_and_out(session, presses)))
    return found, sorted(press.second for press in nobodys)


def verdict(session: Session, came: Press | None, left: Press | None) -> Found:
    """The first rule that applies."""
    world = session.world
    sides: dict[str, Any] = {"came": came and came.second, "left": left and left.second}
    if not world.worked:
        return Found("rest", **sides)
    leave = tuple(each.id for each in session.approved)
    if not session.owed:
        return Found("leave", **sides, kind=kind(session), evidence=leave)
    undecided = any(each.status == "pending" for each in session.touching)
    unsure = any(press is not None and not press.synced for press in (came, left))
    sides |= {"provisional": undecided or unsure or not world.known}
    late = count(session, session.start, came.minute) if came and came.synced else 0
    early = count(session, left.minute, session.end) if left and left.synced else 0
    acting = left_post(session, came, left)
    if acting:
        return Found("absent", **sides, evidence=leave + acting)
    sides |= {"ready": ready(session, came)}
    if world.as_of < session.due * 60 and (came is None or left is None or left.minute < session.end):
        return Found("pending", **sides, late=late, evidence=leave)
    kept_in, kept_out = (() if came else kept_ins(session)), (() if left else kept_outs(session))
    evidence = (*leave, *dict.fromkeys(kept_in + kept_out))
    if came is None and left is None:
        if kept_in and kept_out:
            return Found("outage", **sides, evidence=evidence)
        if not kept_in and not kept_out:
            return Found(nobody(session), **sides, evidence=leave)
    if came is None and not kept_in:
        return Found("missing_in", **sides, early=early, evidence=evidence)
    if left is None and not kept_out:
        return Found("missing_out", **sides, late=late, evidence=evidence)
    names = {(False, False): "present", (True, False): "late", (False, True): "early", (True, True): "late_and_early"}
    return Found(names[late > 0, early > 0], **sides, late=late, early=early, evidence=evidence)


def count(session: Session, start: int, end: int) -> int:
    """Minutes of the session from `start` up to `end` that are not excused."""
    return len([minute for minute in session.owed if start <= minute < end])


def kind(session: Session) -> str:
    """The kind that covers most minutes, of equals the one that covers the earliest."""
    covered: dict[str, set[int]] = {}
    for each in session.approved:
        covered.setdefault(each.kind, set()).update(filter(each.covers, session.minutes))
    return min(covered, key=lambda name: (-len(covered[name]), min(covered[name])))


def ready(session: Session, came: Press | None) -> bool | None:
    """Whether the person was there early enough, where that is asked for."""
    world = session.world
    if came is None or not came.synced or not world.window_staff or world.hours.ready is None:
        return None
    return None if session.start in session.excused else came.minute <= session.start - world.hours.ready


def left_post(session: Session, came: Press | None, left: Press | None) -> tuple[str, ...]:
    """Confirmed findings that make the session an absence."""
    world = session.world
    if came is None or not world.hours.left_post or not world.known:
        return ()
    here = {minute for minute in session.owed if came.minute <= minute and (left is None or minute < left.minute)}
    here -= {minute for start, end in world.hours.breaks for minute in range(start, end)}
    here -= {minute for out in world.exits for minute in range(out.start, out.start + 30) if out.covers(minute)}
    return tuple(name for name, second in world.findings if second <= world.as_of and second // 60 in here)


def kept_ins(session: Session) -> tuple[str, ...]:
    """Outages and exits that make a missing in good."""
    world = session.world
    since = session.start if session.first else world.hours.sessions[0][1]
    station = [out.id for out in world.outages if any(map(out.covers, range(session.start - 60, session.start)))]
    away = [
        out.id
        for out in world.exits
        if out.end is not None and out.start < session.start and since <= out.end < session.end
    ]
    return (*station, *away)


def kept_outs(session: Session) -> tuple[str, ...]:
    """Outages and exits that make a missing out good."""
    world = session.world
    station = [out.id for out in world.outages if any(map(out.covers, range(session.end, session.end + 60)))]
    away = [out.id for out in world.exits if session.start < out.start <= session.end and out.covers(session.end)]
    return (*station, *away)


def nobody(session: Session) -> str:
    """Neither in nor out, and nothing that keeps them."""
    if not session.world.known:
        return "pending"
    return (
        "missing_both"
        if any(each.covers(minute) for each in session.approved for minute in session.posted)
        else "absent"
    )
