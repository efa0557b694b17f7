"""Halls of any size: people by a staff list, their presses as chained, signed facts through intake itself."""

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from operator import itemgetter
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select
from uuid6 import uuid7

from station import wire
from station.clock import Reading
from station.facts import Body, Device, Enrolled, Exit, Fact, Punch, Request, SignIn, Started, compose, first_prev
from station.round_facts import Check, Found, RoundOpened, Tag
from station.rules.calendar import state_council
from tests.web.halls import HallUnderTest, StationUnderTest, add_station, copy_hall
from tests.web.robots import FEISHU
from tests.web.sheets import staff
from web.door import recorder_of
from web.ledger.covers import CoverRow
from web.ledger.findings import AskedFindingRow, FindingStepRow
from web.ledger.people import PersonRow
from web.ledger.posts import PostRow, WindowRow
from web.services import (
    attendance,
    audit,
    checkpoints,
    corrections,
    drawing,
    importing,
    in_force,
    intake,
    leaves,
    members,
    months,
    policies,
    robots,
    signing,
    walking,
)
from web.services.corrections import Wanted as Wished
from web.services.intake import Terms
from web.services.leaves import Wanted
from web.services.signing import Signer

ZONE = ZoneInfo("Asia/Shanghai")
USUAL = (-10, 182, 262, 511)  # minutes after 09:00 at which a day's four presses are usual
Seen = tuple[datetime, Body]


@dataclass
class Crowd:
    """A hall full of people. `names`: what stands in an address for each kind of thing."""

    hall: HallUnderTest
    station: StationUnderTest
    people: list[str]
    names: dict[str, str] = field(default_factory=dict)
    head: tuple[int, str] = (0, "")

    def close(self) -> None:
        """Close what stands open."""
        self.station.reader.close()
        self.station.journal.close()
        self.hall.hub.close()


def gather(template: Path, folder: Path, database: str, size: int, days: Sequence[date], until: datetime) -> Crowd:
    """A hall of `size` people who were there on `days`; its clock stands at `until`, and nothing is later."""
    hall = copy_hall(template, folder / "hub", database=database)
    hall.clock.move_to(until)
    with hall.hub.ledger.writing() as session:
        policies.begin(session, hall.hub, until)
        plan = importing.plan(session, listed(size), days[0])
        importing.carry_out(session, plan, days[0], until, None)
        for number in range(size // 4):
            audit.note(session, until, None, "crowd", str(number), {"words": "一些说明" * 5})
        unit = session.execute(select(PersonRow.unit).where(PersonRow.number.like("G%")).limit(1)).scalar_one()
        numbered = select(PersonRow.id).where(PersonRow.number.like("G%")).order_by(PersonRow.number)
        people = list(session.execute(numbered).scalars())
        window = session.execute(select(WindowRow.id).order_by(WindowRow.number)).scalars().first()
        post = session.execute(select(PostRow.id).where(PostRow.window == window)).scalars().first()
        robots.add(session, hall.hub.seal, "值班长群", FEISHU, "", ["waits"], "http://hall", until, people[0])
    crowd = Crowd(hall, add_station(hall, folder / "station", start=until), people)
    crowd.names = {"person": people[0], "window": str(window), "post": str(post), "station": crowd.station.id,
                   "unit": unit}  # fmt: skip
    crowd.names["leave"] = asked_for_leave(crowd, days[-1], until)
    crowd.names["correction"] = asked_to_correct(crowd, days[0], until)
    with hall.hub.ledger.reading() as session:
        crowd.names["cover"] = session.execute(select(CoverRow.id).limit(1)).scalar_one()
    crowd.names["closed"] = closed_month(crowd, (days[0].replace(day=1) - timedelta(days=1)).replace(day=1), until)
    deliver(crowd, days, until)
    patrolled(crowd, days[-1], until)
    return crowd


def asked_for_leave(crowd: Crowd, day: date, now: datetime) -> str:
    """An afternoon's leave for a tenth of the people, every other one decided; the id of an approved one of an A."""
    hub, filed = crowd.hall.hub, []
    start, end = (datetime.combine(day, time(hour, minute), ZONE) for hour, minute in ((13, 30), (17, 30)))
    with hub.ledger.writing() as session:
        held = in_force.read(session, hub)
        for number, person in enumerate(crowd.people[::10]):
            row = leaves.file(session, held, Wanted(person, "sick", start, end, "就医"), person, now)
            if number % 2:
                leaves.settle(session, held, row, "approved", now, person)
            filed.append(row.id)
        return filed[3]  # of the thirty-first, an A


def asked_to_correct(crowd: Crowd, day: date, now: datetime) -> str:
    """A correction of the first day for a tenth of the people, every other one approved; the id of one."""
    hub = crowd.hall.hub
    with hub.ledger.writing() as session:
        held = in_force.read(session, hub)
        for number, person in enumerate(crowd.people[::10]):
            row = corrections.file(
                session, held, Wished(person, day, "afternoon", "out", None, "忘记打卡"), person, now
            )
            if number % 2:
                row.at, row.status = datetime.combine(day, time(17, 30), ZONE), "approved"
        return row.id


def closed_month(crowd: Crowd, first: date, now: datetime) -> str:
    """The month, before anybody pressed, signed by two for every unit."""
    hub, last = crowd.hall.hub, in_force.last_of(first)
    with hub.ledger.writing() as session:
        held = in_force.read(session, hub)
        for unit in members.units_of(members.read(session), first, last):
            staff_then = drawing.staff_of(session, unit, first)
            book = attendance.look(session, held, [one.person for one in staff_then], first, last, now)
            sheet = drawing.drawn(session, hub, unit, first, staff_then, attendance.unkept(session, book, now)).fresh
            order = held.of_month(first.year, first.month).policy.reporting.signatures
            for person, role in zip(crowd.people, order, strict=False):
                signing.sign(session, held, first, sheet, (), role, Signer(person, frozenset((role,)), unit), now)
    return months.month_text(first)


def patrolled(crowd: Crowd, day: date, now: datetime) -> None:
    """Checkpoints for all windows, a round of the day's morning at every second one, and a tag."""
    hub, recorder, officer = crowd.hall.hub, recorder_of(crowd.hall.app), crowd.people[0]
    with hub.ledger.writing() as session:
        checkpoints.generate(session, walking.today(session, hub).policy, day, now, officer)
        points = [row.id for row in checkpoints.standing(session, day)]
    slot = f"{day.isoformat()}/0930"
    found = Found(id=str(uuid7()), item="conduct-12", clauses=("wanzhou:patrol:5.3",), column="badge")
    common = {"round": slot, "how": "qr", "officers": (officer,), "by": officer, "photos": ("ab" * 32, "cd" * 32)}
    checks = [
        Check.model_validate(
            common | {"checkpoint": point, "nothing_abnormal": number > 0, "findings": (found,)[number:]}
        )
        for number, point in enumerate(points[::2])
    ]
    tag = Tag(uid="crowd-tag", medium="qr", checkpoint=points[0], by=officer)
    opened = RoundOpened(round=slot, kind="scheduled", officer=officer, by="own_pin")
    made = recorder.record(lambda _: [opened, *checks, tag])
    recorder.close()
    crowd.names |= {"round": slot, "checkpoint": points[0], "tag": tag.uid, "fact": made[1].id}
    with hub.ledger.writing() as session:
        asked = AskedFindingRow(id=str(uuid7()), of=found.id, person=crowd.people[1], item="post-02", opened=now)
        step = FindingStepRow(
            id=str(uuid7()), finding=found.id, at=now, by=officer, step="rectify", role="window_head", person=None,
            note="", photo="ef" * 32,
        )  # fmt: skip
        session.add_all((asked, step))
        crowd.names |= {"finding": found.id, "asked": asked.id, "mended": step.id}


def listed(size: int) -> bytes:
    """A list of so many people: thirty a unit, three a window, of whom one is A and two are registered Bs."""
    rest = "", "2025-01-06", ""  # roles, since, telephone
    rows = (
        (f"员工{n}", f"G{n:05}", f"单位{n // 30}", str(1000 + n // 3), "前台", "", "ABB"[n % 3]) for n in range(size)
    )
    return staff([[*row, *rest] for row in rows])


def deliver(crowd: Crowd, days: Sequence[date], until: datetime) -> None:
    """What the people did on these days, after what was delivered before."""
    hub, lineage = crowd.hall.hub, crowd.station.journal.lineage
    chained = _chained(lineage, crowd.head, _life(crowd.people, days, until, first=not crowd.head[0]))
    while facts := list(islice(chained, wire.BATCH)):
        body = wire.pack([fact.raw for fact in facts])
        signed = wire.Signed(
            "POST", "/crowd", crowd.station.id, hashlib.sha256(body).hexdigest(), lineage=lineage, first=facts[0].seq,
            last=facts[-1].seq,
        )  # fmt: skip
        batch = intake.read_batch(signed, crowd.station.key.sign(signed.message()), body)
        with hub.ledger.writing() as session:
            intake.take(session, crowd.station.id, batch, Terms(ZONE), until)
        crowd.head = facts[-1].seq, facts[-1].hash


def workdays(first: date, count: int) -> list[date]:
    """So many working days from `first` on."""
    table, day = state_council(), first
    found: list[date] = []
    while len(found) < count:
        if table.is_workday(day):
            found.append(day)
        day += timedelta(days=1)
    return found


def _chained(lineage: str, head: tuple[int, str], life: Iterator[Seen]) -> Iterator[Fact]:
    prev, boot = head[1] or first_prev(lineage), str(uuid7())
    for seq, (at, body) in enumerate(life, head[0] + 1):
        fact = compose(lineage, seq, prev, str(uuid7()), Reading(at, boot, seq * 1000, "synced"), body)
        prev = fact.hash
        yield fact


def _life(people: Sequence[str], days: Sequence[date], until: datetime, *, first: bool) -> Iterator[Seen]:
    """Everything that the station saw, in the order of time: presses of everybody, and of some what else there is."""
    chance = random.Random(days[0].toordinal())
    for day in days:
        nine = datetime.combine(day, time(9), ZONE).astimezone(UTC)
        seen: list[Seen] = [(nine - timedelta(hours=1), Started(version="0.1"))]
        seen.append((nine - timedelta(minutes=59), Device(device="reader", state="ready")))
        if first and day == days[0]:
            seen += [(nine - timedelta(minutes=58), Enrolled(person=who, place=n)) for n, who in enumerate(people)]
        for number, person in enumerate(people):
            seen += _day_of(person, number, nine, chance)
        yield from (each for each in sorted(seen, key=itemgetter(0)) if each[0] <= until)


def _day_of(person: str, number: int, nine: datetime, chance: random.Random) -> Iterator[Seen]:
    for usual in USUAL:
        at = nine + timedelta(minutes=usual + chance.randint(-8, 12), seconds=chance.randint(0, 59))
        press = Punch(person=person, place=number, score=120)
        yield at, SignIn(person=person, by="own_pin") if chance.random() < 0.01 else press
    if number % 4 == 0:
        yield nine + timedelta(minutes=60, seconds=number % 60), Exit(person=person, way="out", reason="去档案室")
        yield nine + timedelta(minutes=75, seconds=number % 60), Exit(person=person, way="back", reason="")
    if number % 20 == 0:
        fields = {"kind": "personal", "reason": "家中有事", "from": "2026-03-05T01:00:00.000000Z"}
        yield nine + timedelta(minutes=80), Request(person=person, asks="leave", fields=fields)
