"""Pages of a round at the station: which there are, who walks, its list, its team, its signatures, a phone's way in."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import redirect, request, url_for

from config.errors import Refused
from config.words import say, series
from station.display import Shown, Tone
from station.errands import Errand
from station.going_out import By
from station.papers import Checkpoint
from station.round_book import Visit, Walk
from station.round_plan import Plan
from station.rounds_here import RoundsHere
from station.rules.hours import moment
from station.rules.patrol import Slot, State
from web.kiosk.counter import begin
from web.kiosk.desk import Answer, Desk
from web.qr import qr_of

STATE_WORDS: dict[State, tuple[Tone | str, str]] = {
    "not_yet": ("", "未到时间"), "open": ("blue", "可以开始"), "alert": ("amber", "尚未开始"),
    "missed": ("red", "逾时未巡"), "under_way": ("blue", "巡查中"), "incomplete": ("red", "未巡完"),
    "done": ("green", "已巡完"),
}  # fmt: skip
FLOORS = "零一二三四五六七八九十"
LEAVE_REASONS = ("紧急公务", "身体不适", "其他")
LONGEST_CODE = 1500  # characters of an address that a phone still reads off this screen (assumed)


@dataclass(frozen=True, slots=True)
class Row:
    """A round on the first page. `walk` is None where nobody began it; `kind`: what begins it, empty when it cannot."""

    name: str
    at: str
    tone: Tone | str
    words: str
    walk: Walk | None
    total: int
    kind: str = ""
    here: bool = True
    awaited: tuple[str, ...] = ()


def add_patrol(desk: Desk, here: RoundsHere) -> None:
    """Register them."""
    _add_home(desk, here)
    _add_beginning(desk, here)
    _add_round(desk, here)
    _add_team(desk, here)
    _add_signing(desk, here)
    _add_phone(desk, here)


def _add_home(desk: Desk, here: RoundsHere) -> None:
    patrolling = here.patrolling

    @desk.page("patrol", sends=True)
    def patrol() -> Answer:
        if request.method == "POST":
            given = request.form.get("kind", "")
            if given == "key" and "point" not in request.form:
                return redirect(url_for("patrol_key"), 303)
            patrolling.gather(given, request.form.getlist("point"))
            return redirect(url_for("patrol_next"), 303)
        plan = patrolling.plan()
        return desk.show(
            "patrol", say("巡查"), rows=list(_rows(desk, here, plan)), kinds=plan.policy.patrol.kinds,
            waiting=here.taps.waiting(), points=plan.points(), advised=here.advice().get("at", ""),
            keys=patrolling.awaited_keys(), zone=plan.zone,
        )  # fmt: skip

    @desk.page("patrol/key")
    def patrol_key() -> Answer:
        floors = by_floor(patrolling.plan().points())
        return desk.show("patrol_key", say("重点巡查：查哪几处？"), floors=floors, back=url_for("patrol"))


def _rows(desk: Desk, here: RoundsHere, plan: Plan) -> Iterator[Row]:
    """Today's slots, then other rounds that are not closed, this station's and phones'."""
    own, elsewhere = here.patrolling.rounds(), here.patrolling.elsewhere()
    for slot in plan.slots:
        yield _slot_row(desk, plan, slot, own.get(slot.id), elsewhere.get(slot.id))
    slots = {slot.id for slot in plan.slots}
    today = plan.now.date()
    for walk in reversed((*elsewhere.values(), *own.values())):
        day = walk.opened.astimezone(plan.zone).date()
        if walk.id not in slots and (day == today or not walk.closed):
            yield _walk_row(desk, plan, walk, here=walk.id in own)


def _slot_row(desk: Desk, plan: Plan, slot: Slot, own: Walk | None, other: Walk | None) -> Row:
    walk = own or other
    state = plan.state(walk, slot)
    tone, words = STATE_WORDS[state.state]
    at, total = f"{moment(slot.minute, plan.zone):%H:%M}", len(plan.points(walk))
    if walk and walk.closed:
        words = say("{words}，已签字", words=say(words))
    may = plan.may_begin(slot) and not (walk and walk.closed)
    kind = slot.id.partition("/")[2] if may and own is None else ""
    awaited = _awaited(desk, walk) if walk else ()
    return Row(say(slot.name), at, tone, say(words), walk, total, kind, own is not None, awaited)


def _walk_row(desk: Desk, plan: Plan, walk: Walk, *, here: bool) -> Row:
    at, total = f"{walk.opened.astimezone(plan.zone):%H:%M}", len(plan.points(walk))
    tone, words = ("green", "已签字") if walk.closed else STATE_WORDS["under_way"]
    return Row(plan.name(walk), at, tone, say(words), walk, total, here=here, awaited=_awaited(desk, walk))


def _awaited(desk: Desk, walk: Walk) -> tuple[str, ...]:
    """The names of whose signature is missing, once anything was looked at."""
    if not walk.visits:
        return ()
    return tuple(name_of(desk, one.person) for one in walk.members if not one.left and not one.signed)


def _add_beginning(desk: Desk, here: RoundsHere) -> None:
    patrolling = here.patrolling

    @desk.page("patrol/next")
    def patrol_next() -> Answer:
        """Who is still to be identified is asked; the round that began is gone into."""
        given = patrolling.gathering
        if given is None:
            return redirect(_into(here, patrolling.begun), 303)
        first = not given.officers
        title = (
            given.title if first else say("{title}：第 {n} 名巡查人员", title=given.title, n=len(given.officers) + 1)
        )
        aside = None if first else (say("只有一人，开始巡查"), url_for("patrol_alone"))
        return begin(desk, Errand(title, patrolling.identify, "team", _identified(desk, here), aside=aside))

    @desk.page("patrol/alone", sends=True)
    def patrol_alone() -> Answer:
        given = patrolling.gathering
        if given is None or not given.officers:
            return redirect(url_for("patrol"), 303)
        if request.method == "GET":
            return desk.show(
                "patrol_alone", given.title, name=name_of(desk, given.officers[0][0]), team=given.team,
                back=url_for("patrol_next"),
            )  # fmt: skip
        patrolling.begin()
        return redirect(_into(here, patrolling.begun), 303)


def _identified(desk: Desk, here: RoundsHere) -> tuple[tuple[str, str], ...]:
    given = here.patrolling.gathering
    known = [name_of(desk, person) for person, _ in given.officers] if given else []
    return ((say("已确认"), series(known)),) if known else ()


def _into(here: RoundsHere, round_id: str) -> str:
    """The page of a round; of the checkpoint, where a tag was tapped to begin it there."""
    waiting = here.taps.waiting()
    if waiting and round_id:
        return url_for("patrol_point", checkpoint=waiting.checkpoint, round_id=round_id)
    return url_for("patrol_round", round_id=round_id) if round_id else url_for("patrol")


def _add_round(desk: Desk, here: RoundsHere) -> None:
    patrolling = here.patrolling

    @desk.page("patrol/round/<path:round_id>")
    def patrol_round(round_id: str) -> Answer:
        walk, plan = patrolling.need(round_id), patrolling.plan()
        points = plan.points(walk)
        return desk.show(
            "patrol_round", plan.name(walk), walk=walk, back=url_for("patrol"), short=plan.is_short(walk),
            floors=by_floor(points), total=len(points), done=sum(point.id in walk.visits for point in points),
            team=patrolling.team(walk), mark=mark_of, said=_said(request.args.get("said", ""), plan), enter=here.enter,
        )  # fmt: skip


def _said(checkpoint: str, plan: Plan) -> str:
    point = plan.point(checkpoint)
    return say("已保存：{name}", name=point.name) if point else ""


def _add_team(desk: Desk, here: RoundsHere) -> None:
    patrolling = here.patrolling

    @desk.page("patrol/team/<path:round_id>", sends=True)
    def patrol_team(round_id: str) -> Answer:
        walk = patrolling.need(round_id)
        if request.method == "GET":
            return desk.show(
                "patrol_team", say("巡查小组"), walk=walk, names={one: name_of(desk, one) for one in walk.walking},
                reasons=[say(each) for each in LEAVE_REASONS], back=url_for("patrol_round", round_id=round_id),
            )  # fmt: skip
        if request.form.get("turn") == "leave":
            patrolling.leave(round_id, request.form.get("officer", ""), request.form.get("note", ""))
            return redirect(url_for("patrol_team", round_id=round_id), 303)

        def do(person: str, by: By) -> Shown:
            shown = patrolling.join(round_id, person, by)
            patrolling.begun = round_id
            return shown

        return begin(desk, Errand(say("加入巡查小组"), do, "team"))


def _add_signing(desk: Desk, here: RoundsHere) -> None:
    patrolling = here.patrolling

    @desk.page("patrol/sign/<path:round_id>", sends=True)
    def patrol_sign(round_id: str) -> Answer:
        plan = patrolling.plan()
        walk = patrolling.rounds().get(round_id) or patrolling.elsewhere().get(round_id)
        if walk is None:
            raise Refused(say("本站没有这次巡查"), remedy=say("请从“巡查”重新进入"))
        if request.method == "POST":

            def do(person: str, by: By) -> Shown:
                patrolling.begun = round_id
                return patrolling.sign(round_id, person, by)

            return begin(desk, Errand(say("巡查签字：{name}", name=plan.name(walk)), do, "signed"))
        points = plan.points(walk)
        return desk.show(
            "patrol_sign", say("汇总与签字"), walk=walk, points={point.id: point for point in points}, zone=plan.zone,
            missing=[point for point in points if point.id not in walk.visits], name=plan.name(walk),
            short=plan.is_short(walk), names={one.person: name_of(desk, one.person) for one in walk.members},
            here=round_id in patrolling.rounds(),
            back=url_for("patrol_round", round_id=round_id) if round_id in patrolling.rounds() else url_for("patrol"),
        )  # fmt: skip

    @desk.page("patrol/signed")
    def patrol_signed() -> Answer:
        """Back to the signatures of the round that was just signed."""
        return redirect(url_for("patrol_sign", round_id=patrolling.begun) if patrolling.begun else url_for("patrol"))


def _add_phone(desk: Desk, here: RoundsHere) -> None:
    @desk.page("patrol/phone/<path:round_id>")
    def patrol_phone(round_id: str) -> Answer:
        walk = here.patrolling.need(round_id)
        if here.enter is None:
            raise Refused(say("本站尚未接入中枢，不能用手机巡查"), remedy=say("请在本站巡查，或先接入中枢"))
        if walk.closed:
            raise Refused(say("这次巡查已签字结束"), remedy=say("只能在本站补充"))
        address = here.enter(walk)
        if len(address) > LONGEST_CODE:
            raise Refused(say("重点巡查的点太多，二维码放不下"), remedy=say("请在手机上用账号登录巡查"))
        return desk.show(
            "patrol_phone", say("用手机巡查"), code=qr_of(address, fills=True), team=here.patrolling.team(walk),
            back=url_for("patrol_round", round_id=round_id),
        )  # fmt: skip


def name_of(desk: Desk, person: str) -> str:
    """A person's name as the papers have it."""
    found = desk.acts.punching.person(person)
    return found.name if found else "—"


def by_floor(points: list[Checkpoint]) -> list[tuple[str, list[Checkpoint]]]:
    """Checkpoints by floor, in walking order."""
    found: dict[int | None, list[Checkpoint]] = {}
    for point in points:
        found.setdefault(point.floor, []).append(point)
    return [(floor_words(floor), given) for floor, given in found.items()]


def floor_words(floor: int | None) -> str:
    """A floor as it is said: 一楼, 地下一楼, 其他."""
    if floor is None:
        return say("其他")
    number = FLOORS[abs(floor)] if abs(floor) < len(FLOORS) else str(abs(floor))
    return say("地下{n}楼", n=number) if floor < 0 else say("{n}楼", n=number)


def mark_of(visit: Visit | None) -> tuple[Tone | str, str]:
    """What a checkpoint's line says: to be done, well, or how many findings."""
    if visit is None:
        return "", say("待巡查")
    return ("amber", say("{n} 个问题", n=visit.found)) if visit.found else ("green", say("无异常"))
