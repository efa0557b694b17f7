"""One person's page and what an administrator does there."""

from flask import render_template, request
from werkzeug.wrappers import Response

from config.errors import Refused
from web.auth import gate
from web.door import hub, reading, writing
from web.people.access import look_into
from web.people.room import ROLE_WORDS, back, bp
from web.refusals import status_of
from web.services import fingers, people, pins, stations
from web.services.errors import BadInput
from web.words import _


@bp.get("/<person>")
def one(person: str) -> str:
    """Who this is, where they sit, their fingers and PIN; never a template, a hash or a digit."""
    return _page(person)


@bp.post("/<person>/pin")
def set_pin(person: str) -> Response | tuple[str, int]:
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
def forget(person: str) -> Response:
    """Order every station to forget the person's fingers."""
    by = gate.require("admin").person
    with writing() as session:
        fingers.order_forget(session, people.get(session, person).id, hub().now(), by)
    return back("people.one", _("删除指令已下达，考勤站执行后会在这里逐一回报"), person=person)


def _page(person: str, refusal: Refused | None = None) -> str:
    session = reading()
    row = people.get(session, person)
    if row.id != gate.myself().person:
        look_into(row.unit)
    orders = fingers.orders_of(session, person)
    return render_template(
        "people/person.html",
        row=row,
        refusal=refusal,
        roles=people.roles_of(session, person).get(person, []),
        role_words=ROLE_WORDS,
        pin=pins.in_force(session, [person]).get(person),
        places=fingers.places_of(session, person),
        order=orders[0] if orders else None,
        answers=fingers.answers(session, orders[0]) if orders else [],
        stations={each.id: each for each in stations.everyone(session)},
    )
