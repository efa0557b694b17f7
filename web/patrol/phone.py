"""The phone's first pages: what is to be walked today, beginning a round, its team, its end by signatures."""

from flask import render_template, request, session
from werkzeug.wrappers import Response

from config.errors import Refused
from config.words import say
from station.round_facts import Known
from station.rules.patrol import round_state, unscheduled_missing
from web.auth import gate
from web.auth.scope import patrol_scope
from web.door import hub, reading, recorder, writing
from web.patrol.room import (
    KNOWN_WORDS,
    REASON_WORDS,
    STATE_WORDS,
    back,
    bp,
    look_into,
    own_pins,
    today,
    walker,
    zone,
)
from web.refusals import status_of
from web.services import checkpoints, draws, key_patrols, officers, passes, rounds, walking
from web.services.errors import BadInput, NotAllowed, NotSignedIn
from web.services.rounds import OFFICER, Round, kind_of
from web.services.scopes import PATROLS
from web.services.walking import Opening
from web.words import _

Page = str | Response | tuple[str, int]


@bp.get("")
def home() -> Page:
    """What the day has: rounds under way, its slots, other kinds of round; and for desks, what is set up.

    Whoever walks no rounds and sees only their own windows is shown the register.
    """
    if not gate.myself().roles & PATROLS and patrol_scope().unit:
        return back("patrol.register_page")
    return render_template("patrol/home.html", **_home())


@bp.get("/begin/<kind>")
def begin_page(kind: str) -> Page:
    """Who walks: the phone's owner by their PIN, another officer by theirs on the same phone."""
    return _begin(kind)


@bp.post("/begin/<kind>")
def begin(kind: str) -> Page:
    """Begin a round."""
    who, other = walker(), request.form.get("other", "")
    alone, named = "alone" in request.form, tuple(request.form.getlist("point"))
    try:
        if not alone and other == who.person:
            raise BadInput(say("两名巡查人员不能是同一个人"), remedy=say("请另选一人，或勾选只有一人"))
        proven = [_proven(who.person, request.form.get("pin", ""))]
        if other and not alone:
            proven.append(_proven(other, request.form.get("other_pin", "")))
        opening = Opening(kind, tuple(proven), alone, named, request.form.get("note", ""))
        made = walking.open_round(recorder(), hub(), opening)
    except (BadInput, NotAllowed, NotSignedIn) as refusal:
        return _begin(kind, refusal)
    return back("patrol.round_page", round_id=made)


@bp.get("/team/<path:round_id>")
def team(round_id: str) -> Page:
    """Who is in the round, who may come in, who goes."""
    return _team(round_id)


@bp.post("/join/<path:round_id>")
def join(round_id: str) -> Page:
    """Somebody comes into the round by their own PIN."""
    look_into(round_id)
    try:
        officer = _proven(request.form.get("officer", ""), request.form.get("pin", ""))
        walking.join(recorder(), hub(), round_id, officer)
    except (BadInput, NotAllowed, NotSignedIn) as refusal:
        return _team(round_id, refusal)
    return back("patrol.round_page", _("已加入巡查小组"), round_id=round_id)


@bp.post("/leave/<path:round_id>")
def leave(round_id: str) -> Page:
    """Somebody goes before the end."""
    who = look_into(round_id)
    person = request.form.get("officer", "")
    try:
        if who.person not in {each.person for each in walking.need(reading(), round_id).officers}:
            raise NotAllowed(say("您不在这次巡查的小组里"))
        walking.leave(recorder(), round_id, person, request.form.get("note", ""))
    except (BadInput, NotAllowed) as refusal:
        return _team(round_id, refusal)
    return back("patrol.team", _("已记录中途离开"), round_id=round_id)


@bp.get("/sign/<path:round_id>")
def sign_page(round_id: str) -> Page:
    """The round in the form's own order, and a line for each officer's PIN."""
    return _sign(round_id)


@bp.post("/sign/<path:round_id>")
def sign(round_id: str) -> Page:
    """Sign, one officer or both at once; whoever has signed stays signed when the other's PIN is wrong."""
    look_into(round_id)
    given = {key[4:]: pin for key, pin in request.form.items() if key.startswith("pin-") and pin.strip()}
    try:
        if not given:
            raise BadInput(say("没有输入 PIN"), remedy=say("请每名巡查人员各输自己的 PIN"))
        for person, pin in given.items():
            walking.sign(recorder(), round_id, _proven(person, pin))
    except (BadInput, NotAllowed, NotSignedIn) as refusal:
        return _sign(round_id, refusal)
    closed = walking.need(reading(), round_id).closed
    said = _("全部签字完成，巡查已结束") if closed else _("已签字，等待其他巡查人员签字")
    return back("patrol.round_page" if closed else "patrol.sign_page", said, round_id=round_id)


@bp.get("/enter/<code>")
def enter_page(code: str) -> Page:
    """What a kiosk's code would let this phone into; looking at it does not use it up."""
    told = passes.look_at(reading(), code, hub().now())
    names = officers.names_of(reading(), [person for person, _by in told.officers])
    return render_template("patrol/enter.html", code=code, names=[names.get(each, "—") for each, _by in told.officers])


@bp.post("/enter/<code>")
def enter(code: str) -> Page:
    """Use the code up and begin."""
    told = passes.look_at(reading(), code, hub().now())
    with writing() as ledger:
        made = passes.enter(ledger, told, hub().now())
    session[gate.PASS] = made
    walking.take_over(recorder(), told)
    return back("patrol.round_page", round_id=told.round)


def render_round(one: Round, refusal: Refused | None = None) -> str:
    """A round in the form's own order: what was found where, what was not visited, who signed."""
    return render_template("patrol/signed.html", refusal=refusal, **summary_of(one))


def summary_of(one: Round) -> dict[str, object]:
    """What the sheet of a round shows, from its facts."""
    ledger, day = reading(), today()
    points = checkpoints.standing(ledger, one.opened.astimezone(zone()).date())
    standing = rounds.stand(one, points, day.policy, day.table, hub().now(), zone())
    persons = [each.person for each in one.officers]
    found = rounds.findings(ledger, one.id)
    named = [row.person for rows in found.values() for row in rows if row.person]
    return {
        "round": one, "standing": standing, "name": rounds.kind_words(day.policy, one, day.table), "found": found,
        "points": {row.id: row for row in checkpoints.everyone(ledger)}, "zone": zone(), "reasons": REASON_WORDS,
        "names": officers.names_of(ledger, [*persons, *named]), "known": KNOWN_WORDS, "states": STATE_WORDS,
        "day": day,
    }  # fmt: skip


def _home() -> dict[str, object]:
    who, day = walker(), today()
    ledger = reading()
    points = checkpoints.standing(ledger, day.date)
    walked = {one.id: one for one in rounds.of_day(ledger, day.date, zone())}
    standings = {
        key: rounds.stand(one, points, day.policy, day.table, hub().now(), zone()) for key, one in walked.items()
    }
    planned = officers.planned(ledger, day.date, day.date)
    wanted = [point.id for point in points]
    rows = []
    for slot in day.slots:
        standing = standings.get(slot.id)
        state = standing.state if standing else round_state(day.policy, slot, (), wanted, (), day.now)
        rows.append((slot, standing, state, planned.get((day.date, slot.id.partition("/")[2]), ())))
    walked_freely = sum(one.kind == "unscheduled" and bool(one.visits) for one in walked.values())
    others = [standing for standing in standings.values() if standing.state is None]
    persons = [each.person for one in walked.values() for each in one.officers]
    draw = draws.of_day(ledger, hub(), day.date, list(walked.values()), day.policy)
    return {
        "draw": draw, "keys": key_patrols.planned(ledger, hub().now()),
        "who": who, "day": day, "rows": rows, "others": others, "points": points,
        "names": officers.names_of(ledger, [*persons, *(each for *_, given in rows for each in given)]),
        "lacking": unscheduled_missing(day.policy, walked_freely) if day.slots else 0,
        "kinds": [kind for kind in day.policy.patrol.kinds if who.roles & set(kind.roles)],
        "is_officer": OFFICER in who.roles, "states": STATE_WORDS, "zone": zone(),
        "kind_words": lambda one: rounds.kind_words(day.policy, one, day.table),
        "open_now": lambda slot: walking.open_now(day, slot), "slot_time": lambda slot: rounds.slot_time(slot, zone()),
    }  # fmt: skip


def _begin(kind: str, refusal: Refused | None = None) -> Page:
    who, day = walker(), today()
    slot = next((each for each in day.slots if each.id.endswith(f"/{kind}")), None)
    row = None if slot else kind_of(day.policy, kind)
    if slot is None and row is None:
        raise BadInput(say("今天没有这个巡查"), remedy=say("请从巡查首页重新选择"))
    ledger = reading()
    roles = row.roles if row else (OFFICER,)
    team = [one for one in officers.with_role(ledger, roles, day.date) if one.id != who.person]
    planned = officers.planned(ledger, day.date, day.date).get((day.date, kind), [])
    preset = next((each for each in planned if each != who.person), "")
    named = slot or row
    page = render_template(
        "patrol/begin.html", refusal=refusal, who=who, kind=kind, name=_(named.name) if named else "",
        team=team, chosen=request.form.get("other", preset), alone="alone" in request.form, key=kind == "key",
        single=bool(row and row.kind not in walking.KINDS), points=checkpoints.standing(ledger, day.date),
        may=bool(who.roles & set(roles)), due=_begun(slot.id) if slot else None, day=day,
    )  # fmt: skip
    return (page, status_of(refusal)) if refusal else page


def _begun(round_id: str) -> Round | None:
    return rounds.read(reading(), round_id)


def _team(round_id: str, refusal: Refused | None = None) -> Page:
    who, ledger = look_into(round_id), reading()
    one, day = walking.need(ledger, round_id), today()
    kind = kind_of(day.policy, one.inspector)
    may = officers.with_role(ledger, kind.roles if kind else (OFFICER,), day.date)
    page = render_template(
        "patrol/team.html", refusal=refusal, round=one, who=who, known=KNOWN_WORDS, zone=zone(),
        names=officers.names_of(ledger, [each.person for each in one.officers]),
        others=[row for row in may if row.id not in one.walking],
    )  # fmt: skip
    return (page, status_of(refusal)) if refusal else page


def _sign(round_id: str, refusal: Refused | None = None) -> Page:
    look_into(round_id)
    one = walking.need(reading(), round_id)
    if one.closed:
        return back("patrol.round_page", round_id=round_id)
    page = render_template("patrol/sign.html", refusal=refusal, **summary_of(one))
    return (page, status_of(refusal)) if refusal else page


def _proven(person: str, pin: str) -> tuple[str, Known]:
    """The person, proven by their own PIN. BadInput, NotSignedIn as `OwnPins` says."""
    if not person:
        raise BadInput(say("没有选人"), remedy=say("请选择巡查人员"))
    row = officers.need(reading(), person)
    own_pins().prove(officers.hash_of(reading(), person), person, row.name, pin.strip())
    return person, "own_pin"
