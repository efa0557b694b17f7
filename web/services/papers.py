"""Papers: what a station is given to work from. Equal content has equal bytes, so an ETag says whether they changed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config.checklist import load_checklist, word
from station.facts import canonical
from station.papers import (
    Absence,
    Calendar,
    Checkpoint,
    Column,
    Command,
    DutyDay,
    Item,
    OpenCover,
    Papers,
    Person,
    Planned,
    PolicyVersion,
    Post,
    Question,
    Role,
    Tag,
    etag_of,
)
from station.papers import Hall as HallPart
from station.wire import papers_message
from web.ledger.people import PersonRow, RoleRow
from web.ledger.stations import StationRow
from web.services import (
    checkpoints,
    covers,
    duty_days,
    findings,
    fingers,
    in_force,
    leave_lists,
    officers,
    people,
    posts,
    tags,
)
from web.services.duty_days import DutyDay as RosterDay
from web.services.hub import Hub
from web.services.in_force import InForce

DUTY = timedelta(days=31)
PAST = timedelta(days=62)  # so far back a station may have to judge
AHEAD = timedelta(days=31)  # so far ahead officers are preset, and absences and covers told
MOST_ASKED = 300  # questions to people; papers are small, and whose are older still have their unit's clerk


@dataclass(frozen=True, slots=True)
class Issue:
    """Papers ready to be handed out."""

    content: bytes
    etag: str
    signature: str


def build(session: Session, hub: Hub, station: str) -> Issue:
    """The present papers, signed."""
    content = canonical(draw_up(session, hub, station).model_dump(mode="json"))
    return Issue(content, etag_of(content), hub.key.sign(papers_message(content)))


def draw_up(session: Session, hub: Hub, station: str) -> Papers:
    """What the papers of this station say."""
    hall = hub.hall
    held = in_force.read(session, hub)
    today = hub.now().astimezone(held.zone).date()
    roles = people.roles_of(session)
    led = duty_days.between(session, today - DUTY, today + DUTY)
    more = _standing_in(led)
    columns, items = what_to_look_for()
    key_asked = session.execute(select(StationRow.key_asked).where(StationRow.id == station)).scalar()
    return Papers(
        hall=HallPart(id=hall.id, name=hall.name, zone=hall.zone, hub_key=hub.key.public, seal_key=hub.seal.public),
        policies=_policies(held, today),
        calendar=_calendar(held, today.year),
        people=[_person(row, roles.get(row.id, []) + more.get(row.id, [])) for row in people.everybody(session)],
        absences=_absences(session, hub.now()),
        posts=_posts(session, today),
        covers=_covers(session, held, hub.now()),
        duty=[DutyDay(day=day, person=duty.leader) for day, duty in sorted(led.items()) if duty.leader],
        commands=[
            Command.model_validate({"id": order.id, "do": order.do, "person": order.person, "finger": order.finger})
            for order in fingers.orders_for(session, station)
        ],
        new_key=key_asked or "",
        checkpoints=_checkpoints(session, today),
        tags=_tags(session),
        planned=_planned(session, today),
        columns=columns,
        items=items,
        questions=_questions(session, held, hub.now()),
        demo=hub.settings.demo,
    )


def _absences(session: Session, now: datetime) -> list[Absence]:
    """Approved absences from yesterday to a month ahead, for the screen's word."""
    return [
        Absence(id=row.id, person=row.person, kind=row.kind, start=row.start, end=row.ends)
        for row in leave_lists.approved_between(session, now - timedelta(days=1), now + AHEAD)
    ]


def _standing_in(led: dict[date, RosterDay]) -> dict[str, list[RoleRow]]:
    """The duty leader's role for whoever was left a part of a day, on that day."""
    found: dict[str, list[RoleRow]] = {}
    for day, duty in sorted(led.items()):
        for person in sorted({row.person for row in duty.stretches if row.person}):
            role = RoleRow(person=person, role=duty_days.ROLE, since=day, until=day)
            found.setdefault(person, []).append(role)
    return found


def _posts(session: Session, today: date) -> list[Post]:
    """Posts with an A today, and their registered Bs: who may take over at once."""
    seats: dict[str, tuple[str, list[tuple[str, str]]]] = {}
    for post, _window, number, kind, person in posts.sitting(session, today):
        seats.setdefault(post, (number, []))[1].append((kind, person))
    found = []
    for number, sitting in seats.values():
        backups = [person for kind, person in sitting if kind == "B"]
        found += [Post(window=number, a=person, backups=backups) for kind, person in sitting if kind == "A"]
    return found


def _covers(session: Session, held: InForce, now: datetime) -> list[OpenCover]:
    """Covers that are open or planned, so that they can be given back at any station, also without the hub."""
    opens, _closes = covers.bounds(held, covers.day_of(held, now))
    return [
        OpenCover(id=each.id, covered=each.covered or "", covering=each.person, start=each.start, end=each.end)
        for each in covers.between(session, held, opens, now + AHEAD)
        if each.state(now) == "open" and not each.proposed
    ]


def known_to_have(session: Session, station: str) -> str | None:
    """The ETag of the papers that the station fetched last."""
    return session.execute(select(StationRow.papers_etag).where(StationRow.id == station)).scalar()


def fetched(session: Session, station: str, etag: str, now: datetime) -> None:
    """Remember which papers the station has, and since when."""
    session.execute(update(StationRow).where(StationRow.id == station).values(papers_etag=etag, papers_at=now))


def _person(row: PersonRow, roles: list[RoleRow]) -> Person:
    return Person.model_validate(
        {
            "id": row.id, "name": row.name, "number": row.number, "spoken": row.pinyin, "unit": row.unit,
            "window": row.window, "group": row.group, "posted_from": row.posted_from, "posted_to": row.posted_to,
            "roles": [Role(role=held.role, since=held.since, until=held.until) for held in roles],
        }
    )  # fmt: skip


def _checkpoints(session: Session, today: date) -> list[Checkpoint]:
    """Where rounds of today go, in walking order."""
    return [
        Checkpoint(id=row.id, name=row.name, place=row.place, floor=row.floor, window=number or "")
        for row, number in checkpoints.with_numbers(session, today)
    ]


def _planned(session: Session, today: date) -> list[Planned]:
    """Who is preset for the rounds of the next days."""
    found = officers.planned(session, today, today + AHEAD)
    return [Planned(day=day, slot=slot, officers=given) for (day, slot), given in sorted(found.items())]


def what_to_look_for() -> tuple[list[Column], list[Item]]:
    """The record form's columns, and the checklist's items that are on, without the needs, which are no faults."""
    known = load_checklist()
    items = [
        Item(
            id=one.id, column=one.column, words=one.zh, where=sorted(one.where), clauses=list(one.clauses),
            lists=[name for name, ids in known.lists.items() if one.id in ids],
        )
        for one in known.items.values() if one.on and one.category != "need"
    ]  # fmt: skip
    return [Column(key=key, words=word("columns", key, "zh")) for key in known.words["columns"]], items


def _questions(session: Session, held: InForce, now: datetime) -> list[Question]:
    """What people may answer at the kiosks, the oldest first; the newest where there are too many."""
    asked = findings.open_questions(session, held, now - PAST, now)
    newest_last = sorted(asked, key=lambda each: (each.found.at, each.found.id))
    known = load_checklist().items
    return [
        Question(
            id=found.id, person=found.person, at=found.at, clauses=list(found.clauses), answered=bool(case.answers),
            place=found.place or (f"{found.number} 号窗口" if found.number else ""),
            words=known[found.item].zh if found.item in known else found.item,
        )
        for case in newest_last[-MOST_ASKED:] for found in (case.found,)
    ]  # fmt: skip


def _tags(session: Session) -> list[Tag]:
    """What every tag means now."""
    rows = sorted((row for rows in tags.standing(session).values() for row in rows), key=lambda row: row.uid)
    return [Tag.model_validate({"uid": row.uid, "medium": row.medium, "checkpoint": row.checkpoint}) for row in rows]


def _policies(held: InForce, today: date) -> list[PolicyVersion]:
    """The versions of the last days, of today, and those to come."""
    first = held.on(today - PAST).since
    return [PolicyVersion(since=each.since, policy=each.data) for each in held.versions if each.since >= first]


def _calendar(held: InForce, year: int) -> Calendar:
    """Days that differ in the year before, this one and the next."""
    table = held.table
    near = range(year - 1, year + 2)
    return Calendar(
        years=sorted(table.known & set(near)),
        holidays=sorted(day for day in table.holidays if day.year in near),
        workdays=sorted(day for day in table.workdays if day.year in near),
    )
