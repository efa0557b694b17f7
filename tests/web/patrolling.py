"""A hall that can be patrolled: windows with people, an area, officers with PINs; and their phones."""

import io
import re
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from station.clock import DrivenClock
from station.pins import HASHER
from tests.web.browsing import token_of
from tests.web.halls import MONDAY, HallUnderTest
from web.door import recorder_of
from web.ledger.accounts import AccountRow
from web.services import accounts, checkpoints, people, pins, posts, rounds, tags, walking
from web.services.hub import open_hub
from web.services.people import NewPerson
from web.services.posts import Window
from web.services.rounds import Round

DAY = date(2026, 3, 2)
MORNING = "2026-03-02/0930"
PIN = {"陈静": "820617", "周凯": "735194", "孙莉": "640283"}
HASHES = {name: HASHER.hash(pin) for name, pin in PIN.items()}


def jpeg(colour: tuple[int, int, int] = (90, 120, 150), size: tuple[int, int] = (64, 48)) -> bytes:
    """A real picture."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


@dataclass
class Patrol:
    """The hall with its officers; times are of its Monday."""

    hall: HallUnderTest
    officers: dict[str, str]
    points: dict[str, str]

    def phone(self, name: str) -> FlaskClient:
        """A browser in which this officer is signed in."""
        hall, now = self.hall, self.hall.hub.now()
        client = hall.client()
        with hall.hub.ledger.writing() as session:
            row = session.execute(select(AccountRow).where(AccountRow.person == self.officers[name])).scalar()
            if row is None:
                accounts.create(session, self.officers[name], f"o{len(self.officers[name])}{PIN[name]}", now)
                query = select(AccountRow).where(AccountRow.person == self.officers[name])
                row = session.execute(query).scalar_one()
                row.must_change = False
            token = accounts.sign_in(session, accounts.Proof(row.id, fits=True), now)
        with client.session_transaction(base_url="http://localhost") as cookie:
            cookie["_user_id"] = token
        return client

    def begin(self, phone: FlaskClient, kind: str = "0930", first: str = "陈静", other: str = "周凯") -> TestResponse:
        """Fill in the form that begins a round; without `other` alone."""
        given = {"pin": PIN[first], "other": self.officers.get(other, ""), "other_pin": PIN.get(other, "")}
        return post(phone, f"/patrol/begin/{kind}", **given, **({} if other else {"alone": "1"}))

    def check(self, phone: FlaskClient, point: str, **more: Any) -> TestResponse:
        """Send a checkpoint's form; without anything said nothing was abnormal and a picture was taken."""
        round_id, script = more.pop("round", MORNING), more.pop("script", True)
        token = phone.get("/patrol/now", headers={"Accept": "application/json"}).get_json()["csrf"]
        given: dict[str, Any] = {"csrf_token": token, "round": round_id, "checkpoint": self.points[point]}
        given |= more if more.keys() & {"item", "nothing", "note"} else {"nothing": "1", **more}
        photos = given.pop("photos", [jpeg()])
        given["photos"] = [(io.BytesIO(each), "1.jpg") for each in photos]
        headers = {"Accept": "application/json"} if script else {}
        return phone.post("/patrol/checks", data=given, headers=headers, content_type="multipart/form-data")

    def sign(self, phone: FlaskClient, *names: str, round_id: str = MORNING, **wrong: str) -> TestResponse:
        """Sign with everybody's PIN, or with a wrong one."""
        given = {f"pin-{self.officers[name]}": wrong.get(name, PIN[name]) for name in names}
        return post(phone, f"/patrol/sign/{round_id}", **given)

    def round(self, round_id: str = MORNING) -> Round:
        """The round as its facts make it."""
        with self.hall.hub.ledger.reading() as session:
            return walking.need(session, round_id)

    def state(self, round_id: str = MORNING) -> rounds.Standing:
        """The round beside its plan, now."""
        with self.hall.hub.ledger.reading() as session:
            day, one = walking.today(session, self.hall.hub), walking.need(session, round_id)
            points = checkpoints.standing(session, DAY)
            return rounds.stand(one, points, day.policy, day.table, self.hall.hub.now(), self.hall.hub_zone())

    def token(self, point: str) -> str:
        """The QR token of a checkpoint."""
        with self.hall.hub.ledger.reading() as session:
            return tags.standing(session)[self.points[point]][0].uid


def post(client: FlaskClient, path: str, **given: Any) -> TestResponse:
    """Send a form with its token against forgery."""
    return client.post(path, data={"csrf_token": token_of(client.get(path)), **given})


def words_of(answer: TestResponse) -> str:
    """What a page says, whatever its status."""
    return re.sub(r"\s+", " ", re.sub(r"<(script|style|svg|template)\b.*?</\1>|<[^>]+>", " ", answer.text, flags=re.S))


def patrol_of(hall: HallUnderTest, windows: int = 3) -> Patrol:
    """The hall made ready: so many windows on the first floor, one area on the second, three officers."""
    hub, now = hall.hub, hall.hub.now()
    with hub.ledger.writing() as session:
        new = [NewPerson(name, group="other", roles=("patrol_officer",)) for name in PIN]
        ids = dict(zip(PIN, people.add(session, new, now), strict=True))
        for name, person in ids.items():
            pins.set_pin(session, person, HASHES[name], now, person)
        staff = list(hall.people.values())
        for number in range(windows):
            window = posts.open_window(session, Window(str(101 + number), "医疗保障局", "window", 1), DAY, now, None)
            if number < 2:
                posts.sit(
                    session, posts.add_post(session, window, "综合", now, None), staff[number], "A", DAY, now, None
                )
        admin = ids["陈静"]
        checkpoints.generate(session, walking.today(session, hub).policy, DAY, now, admin)
        checkpoints.add_area(session, "自助服务区", 2, DAY, now, admin)
        points = {row.name: row.id for row in checkpoints.standing(session, DAY)}
    made = Patrol(hall, ids, points)
    tags.label_all(recorder_of(hall.app), hub, list(points.values()), admin)
    return made


def copied(of: Patrol, folder: Path) -> Patrol:
    """The same hall once more, in a folder of its own, by a clock of its own."""
    shutil.copytree(of.hall.hub.settings.folder, folder)
    clock = DrivenClock(MONDAY, "synced")
    settings = of.hall.hub.settings.model_copy(update={"folder": folder})
    return Patrol(HallUnderTest(open_hub(settings, clock), clock, of.hall.people), of.officers, of.points)
