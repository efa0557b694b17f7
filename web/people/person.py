"""One person's page and what an administrator does there."""

from collections.abc import Callable

from flask import render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from config.errors import Refused
from station.places import FINGERS
from web.auth import gate
from web.auth.scope import look_into
from web.door import hub, reading, writing
from web.people.forms import day_of, day_or_open, person_of
from web.people.posting import posting_word
from web.people.room import GROUP_WORDS, ROLE_WORDS, WHAT_WORDS, back, bp, today
from web.refusals import status_of
from web.services import fingers, leaving, moving, people, pins, posts, roles, roster, stations
from web.services.errors import BadInput
from web.words import _

Answer = Response | tuple[str, int]


@bp.get("/<person>")
def one(person: str) -> str:
    """Who this is, where they sit, their fingers and PIN; never a template, a hash or a digit."""
    return _page(person)


@bp.get("/new")
def new() -> str:
    """The form for somebody new."""
    gate.require("admin")
    return _new_page()


@bp.post("/new")
def add() -> Answer:
    """Add somebody."""
    by = gate.require("admin").person
    try:
        given = person_of(request.form, "", None, ("staff",))
        if not given.unit:
            raise BadInput(_("没有填单位"), remedy=_("请选择或填写单位"))
        with writing() as session:
            posts.need_unit(session, given.unit, hub().now(), by)
            person = people.add(session, [given], hub().now(), by)[0]
            day = given.posted_from or today()
            change = roster.Change(given.unit, people.day_of(day), "join", "", given.window, person)
            roster.file(session, [change], hub().now(), by)
    except BadInput as refusal:
        return _new_page(refusal), status_of(refusal)
    return back("people.one", _("已登记"), person=person)


@bp.post("/<person>")
def edit(person: str) -> Answer:
    """Other data for somebody."""

    def change(session: Session, by: str) -> None:
        row = people.get(session, person)
        given = person_of(request.form, row.window, people.day_or_none(row.posted_to))
        if given.unit and given.unit != row.unit:
            posts.need_unit(session, given.unit, hub().now(), by)
            moving.need_correctable(session, row, given.unit)
        people.edit(session, person, given, hub().now(), by)

    return _do(person, change, _("已保存"))


@bp.post("/<person>/leave")
def leave(person: str) -> Answer:
    """The person's last day."""

    def change(session: Session, by: str) -> None:
        leaving.leave(session, person, day_of(request.form.get("last", "")), today(), hub().now(), by)

    return _do(person, change, _("已办理调离，历史记录保留；删除指纹的指令已下达各考勤站"))


@bp.post("/<person>/move")
def move(person: str) -> Answer:
    """Another unit from a day on."""

    def change(session: Session, by: str) -> None:
        unit, window = request.form.get("unit", ""), request.form.get("window", "")
        moving.move(session, person, unit, window, day_of(request.form.get("since", "")), today(), hub().now(), by)

    return _do(person, change, _("已登记调动，岗位和原单位的角色到前一天为止；请按新单位安排岗位和角色"))


@bp.post("/<person>/stay")
def stay(person: str) -> Answer:
    """Take a leaving back."""
    return _do(person, lambda session, by: leaving.stay(session, person, hub().now(), by), _("已撤销调离"))


@bp.post("/<person>/roles")
def grant(person: str) -> Answer:
    """Give a role from a day on."""

    def change(session: Session, by: str) -> None:
        since, until = day_of(request.form.get("since", ""), today()), day_or_open(request.form.get("until", ""))
        role, scope = request.form.get("role", ""), request.form.get("scope", "")
        kept = scope if role == "window_head" else ""
        roles.grant(session, person, role, since, until, hub().now(), by, kept)

    return _do(person, change, _("角色已登记"))


@bp.post("/<person>/roles/<role>/end")
def end_role(person: str, role: str) -> Answer:
    """The last day of a role."""

    def change(session: Session, by: str) -> None:
        roles.withdraw(session, role, day_of(request.form.get("last", ""), today()), hub().now(), by)

    return _do(person, change, _("角色已结束"))


@bp.post("/<person>/pin")
def set_pin(person: str) -> Answer:
    """Take a PIN that the person typed twice at the administrator's screen."""
    by = gate.require("admin").person
    row = people.get(reading(), person)
    known = (row.number, row.phone or "")
    try:
        made = pins.hashed(request.form.get("pin", ""), request.form.get("again", ""), known)
    except BadInput as refusal:
        return _page(person, refusal), status_of(refusal)
    with writing() as session:
        pins.set_pin(session, person, made, hub().now(), by)
    return back("people.one", _("PIN 已设置，考勤站下次联系时生效"), person=person)


@bp.post("/<person>/fingers")
def forget(person: str) -> Answer:
    """Order every station to forget the person's fingers."""

    def change(session: Session, by: str) -> None:
        fingers.order_forget(session, people.get(session, person).id, hub().now(), by)

    return _do(person, change, _("删除指令已下达，考勤站执行后会在这里逐一回报"))


@bp.post("/<person>/fingers/enrol")
def enrol(person: str) -> Answer:
    """Ask for a finger of the person to be enrolled at a station."""

    def change(session: Session, by: str) -> None:
        station, finger = request.form.get("station", ""), request.form.get("finger", "")
        fingers.order_enrol(session, people.get(session, person).id, station, finger, hub().now(), by)

    return _do(person, change, _("录入指令已下达，请本人到考勤站，在“管理”里录入"))


def _do(person: str, change: Callable[[Session, str], None], said: str) -> Answer:
    """An administrator's act on somebody, and back to their page; a refusal is said there."""
    by = gate.require("admin").person
    try:
        with writing() as session:
            change(session, by)
    except BadInput as refusal:
        return _page(person, refusal), status_of(refusal)
    return back("people.one", said, person=person)


def _page(person: str, refusal: Refused | None = None) -> str:
    session = reading()
    row = people.get(session, person)
    look_into(row)
    found = fingers.fingers_of(session, person)
    held, seats = people.roles_of(session, [person]).get(person, []), posts.seats_of(session, person)
    present = [one.seat for one in seats if one.seat.since <= today() <= (one.seat.until or today())]
    return render_template(
        "people/person.html",
        row=row,
        refusal=refusal,
        posting=posting_word(row),
        roles=held,
        in_force={each.id for each in roles.in_force(held, today())},
        role_words=ROLE_WORDS,
        group_words=GROUP_WORDS,
        what_words=WHAT_WORDS,
        pin=pins.in_force(session, [person]).get(person),
        places=found.places,
        order=found.forget,
        asked=found.asked,
        finger_names=FINGERS,
        answers=found.answers,
        stations={each.id: each for each in stations.everyone(session)},
        seats=seats,
        window_by_seat=any(seat.kind == "A" for seat in present),
        windows=posts.windows(session) if "admin" in gate.myself().roles else [],
        changes=roster.filed_of(session, person),
        today=today(),
    )


def _new_page(refusal: Refused | None = None) -> str:
    return render_template(
        "people/new.html", refusal=refusal, given=request.form, units=posts.units(reading()), group_words=GROUP_WORDS
    )
