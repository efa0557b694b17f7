"""The demonstration hall set up as an office would, by the services: people, windows, posts, heads, logins, PINs."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast as as_type

from sqlalchemy.orm import Session

from web.demo import duty
from web.demo.cast import ZONE, Actor, floor_of
from web.demo.patrol import SLOTS, areas
from web.services import accounts, checkpoints, in_force, officers, people, pins, posts, roles, setup, tags
from web.services.errors import BadInput
from web.services.hub import Hub
from web.services.people import Group, NewPerson
from web.services.posts import Window
from web.services.recording import Recorder

POST = "综合受理岗"
# Login and the role of the first actor who has it; the administrator is nobody of the hall.
LOGINS = {"admin": "admin", "zhiban": "duty_leader", "ducha": "supervision", "kaoqin": "attendance_clerk"}
WITH_PIN = ("duty_leader", "patrol_officer")
PINS = 3
PLANNED_DAYS = 14


@dataclass(frozen=True, slots=True)
class Handed:
    """What is told once: login → one-time password, name → PIN."""

    passwords: dict[str, str]
    pins: dict[str, str]


def found(hub: Hub, actors: Sequence[Actor], since: date) -> Handed:
    """Everything that the office enters before the first day, `since`."""
    handed = Handed({}, {})
    by_pin = [actor for actor in actors if set(actor.roles) & set(WITH_PIN)][:PINS]
    chosen = {actor.number: _pin(actor) for actor in by_pin}
    made = {number: pins.hashed(digits, digits) for number, digits in chosen.items()}
    with hub.ledger.writing() as session:
        now = hub.now()
        handed.passwords["admin"] = setup.first_admin(session, "admin", now)
        office = accounts.listed(session)[0][0].person
        ids = people.add(session, [_person(actor, since) for actor in actors], now, office)
        of = dict(zip((actor.number for actor in actors), ids, strict=True))
        _windows(session, hub, actors, of, since, office)
        _checkpoints(session, hub, actors, of, since, office)
        for login, role in list(LOGINS.items())[1:]:
            actor = holder(actors, role)
            handed.passwords[login] = accounts.create(session, of[actor.number], login, now, office)
        duty.keep(session, hub, [of[each.number] for each in actors if "duty_leader" in each.roles], since, office)
        for actor in by_pin:
            pins.set_pin(session, of[actor.number], made[actor.number], now, office)
            handed.pins[actor.name] = chosen[actor.number]
    _label(hub, of[holder(actors, "patrol_officer").number])
    return handed


def _checkpoints(
    session: Session, hub: Hub, actors: Sequence[Actor], of: dict[str, str], since: date, office: str
) -> None:
    """Every window and the public areas, and who is preset for the rounds of the next days."""
    now, policy = hub.now(), in_force.read(session, hub).on(since).policy
    checkpoints.generate(session, policy, since, now, office)
    floors = sorted({floor_of(actor.window) for actor in actors if actor.window})
    for name, floor in areas(floors):
        checkpoints.add_area(session, name, floor, since, now, office)
    walkers = [of[actor.number] for actor in actors if "patrol_officer" in actor.roles]
    for ahead in range(PLANNED_DAYS):
        day = now.astimezone(ZONE).date() + timedelta(days=ahead)
        for turn, (slot, _) in enumerate(SLOTS):
            pair = [walkers[(ahead + turn + step) % len(walkers)] for step in range(2)]
            officers.plan(session, day, slot, pair, now, office)


def _label(hub: Hub, by: str) -> None:
    """A printed code at every checkpoint, for phones."""
    recorder = Recorder(hub)
    with hub.ledger.reading() as session:
        points = [row.id for row in checkpoints.everyone(session)]
    tags.label_all(recorder, hub, points, by)
    recorder.close()


def holder(actors: Sequence[Actor], role: str) -> Actor:
    """The first who has a role."""
    return next(actor for actor in actors if role in actor.roles)


def _person(actor: Actor, since: date) -> NewPerson:
    held = tuple(role for role in actor.roles if role != "window_head")
    return NewPerson(
        name=actor.name, number=actor.number, unit=actor.unit, window=actor.window, roles=held, posted_from=since,
        group=as_type("Group", actor.group),
    )  # fmt: skip


def _windows(session: Session, hub: Hub, actors: Sequence[Actor], of: dict[str, str], since: date, office: str) -> None:
    """Windows with a post each; A, then Bs, those first who are A nowhere; heads of both windows of their unit."""
    now, at = hub.now(), {}
    for actor in (each for each in actors if each.window):
        window = Window(actor.window, actor.unit, "window", floor_of(actor.window))
        key = posts.open_window(session, window, since, now, office)
        at[actor.window] = key, posts.add_post(session, key, POST, now, office)
        posts.sit(session, at[actor.window][1], of[actor.number], "A", since, now, office)
    for actor in sorted(actors, key=lambda each: bool(each.window)):
        for number in actor.covers:
            posts.sit(session, at[number][1], of[actor.number], "B", since, now, office)
        if "window_head" in actor.roles:
            for number in (actor.window, *actor.covers):
                roles.grant(session, of[actor.number], "window_head", since, None, now, office, at[number][0])


def _pin(actor: Actor) -> str:
    """Six digits that the hub takes."""
    while True:
        digits = f"{secrets.randbelow(10**6):06}"
        try:
            pins.check(digits, digits, (actor.number,))
        except BadInput:
            continue
        return digits
