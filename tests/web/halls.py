"""Halls and stations for the hub's tests: a real ledger, real journals, real signatures, a clock that is driven."""

import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import event
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from config.settings import HubSettings
from station import facts, wire
from station.clock import DrivenClock
from station.journal import Journal, Reader
from station.keys import Key, load_or_make, verified
from web.app import make_app
from web.services import people, stations
from web.services.hub import Hub, open_hub
from web.services.people import NewPerson

MONDAY = datetime(2026, 3, 2, 0, 40, tzinfo=UTC)  # 08:40 in the hall
ANYBODY = "01950000-0000-7000-8000-000000000001"


class Compiled(BytecodeCache):
    """Templates compiled once for all halls of this process: each hall has an application of its own."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """What was compiled before."""
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it for the next."""
        self._code[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()
Builder = Callable[..., tuple[str, str]]
BUILDERS: dict[tuple[object, ...], Builder] = {}
_compile_builder = Rule._compile_builder


def built_once(rule: Rule, append_unknown: bool = True) -> Builder:
    """What builds the addresses of a rule, compiled once for all halls of this process.

    It asks the rule itself for its converters; all else that goes into it is in the key.
    """
    key = rule.rule, tuple(rule._trace), tuple((rule.defaults or {}).items()), append_unknown
    if key not in BUILDERS:
        BUILDERS[key] = _compile_builder(rule, append_unknown)
    return BUILDERS[key]


Rule._compile_builder = built_once  # type: ignore[assignment]


@dataclass
class HallUnderTest:
    """A hub with its clock, its application, and people by name."""

    hub: Hub
    clock: DrivenClock
    people: dict[str, str]

    def __post_init__(self) -> None:
        self.app = make_app(self.hub)
        self.app.testing = True
        self.app.jinja_env.bytecode_cache = COMPILED

    def client(self) -> FlaskClient:
        """A browser, or a station's HTTP."""
        return self.app.test_client()

    def hub_zone(self) -> ZoneInfo:
        """The zone that cuts its days."""
        return ZoneInfo(self.hub.hall.zone)

    def at(self, text: str) -> datetime:
        """Put the hub's clock at this time of the hall's Monday ("09:05"); answers the instant."""
        hour, minute = map(int, text.split(":"))
        instant = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=hour - 8, minutes=minute)
        self.clock.move_to(instant)
        return instant


@dataclass
class StationUnderTest:
    """A station with its own journal and key, speaking to a hall's application."""

    hall: HallUnderTest
    id: str
    key: Key
    journal: Journal
    clock: DrivenClock

    def __post_init__(self) -> None:
        self.reader = Reader(self.journal.path)
        self.http = self.hall.client()

    def record(self, *bodies: facts.Body) -> list[facts.Fact]:
        """Facts into the journal, one second apart."""
        made = []
        for body in bodies:
            self.clock.move_to(self.clock.read().at + timedelta(seconds=1))
            made.append(self.journal.append(body))
        return made

    def press(self, name: str, text: str, **more: Any) -> facts.Fact:
        """A punch of somebody at this time of the hall's Monday."""
        hour, minute = map(int, text.split(":"))
        self.clock.move_to(datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=hour - 8, minutes=minute))
        return self.journal.append(facts.Punch(person=self.hall.people[name], place=1, score=120, **more))

    def signed(self, method: str, part: str, body: bytes, **fields: Any) -> tuple[str, dict[str, str]]:
        """Path and headers of a signed request."""
        path = f"/api/v1/stations/{self.id}/{part}"
        signed = wire.Signed(method, path, self.id, hashlib.sha256(body).hexdigest(), **fields)
        return path, signed.headers(self.key.sign(signed.message()))

    def deliver(self, raws: Sequence[bytes], first: int | None = None, lineage: str | None = None) -> TestResponse:
        """These facts as one batch; none: the question where the hub stands."""
        body = wire.pack(raws) if raws else b""
        start = first if first is not None else facts.parse(raws[0]).seq if raws else 0
        last = start + len(raws) - 1 if raws else 0
        return self.post(body, first=start, last=last, lineage=lineage or self.journal.lineage)

    def post(self, body: bytes, **fields: Any) -> TestResponse:
        """Any body, signed with these fields."""
        path, headers = self.signed("POST", "facts", body, **fields)
        return self.http.post(path, data=body, headers=headers)

    def send(self, after: int = 0, limit: int = wire.BATCH) -> wire.Answer:
        """What follows `after` in the journal; answers what the hub said, its signature checked."""
        return self.answer(self.deliver(self.reader.raw_after(after, limit)))

    def answer(self, response: TestResponse) -> wire.Answer:
        """The hub's answer in a response that must have gone well."""
        assert response.status_code == 200, response.get_data(as_text=True)
        content = response.get_data()
        assert verified(self.hall.hub.key.public, response.headers[wire.SIGNATURE], wire.answer_message(content))
        return wire.read_answer(content)


def copy_hall(
    template: Path, folder: Path, demo: bool = False, database: str = "", policy: str = "wanzhou"
) -> HallUnderTest:
    """A hall of its own made from a template folder that holds keys and an empty ledger."""
    shutil.copytree(template, folder)
    clock = DrivenClock(MONDAY, "simulated" if demo else "synced")
    settings = HubSettings(folder=folder, demo=demo, policy=policy, database=database)
    hub = open_hub(settings, clock)
    staff = [
        NewPerson("刘明", "1001", "医疗保障局", "101"),
        NewPerson("王芳", "1002", "医疗保障局", "102"),
        NewPerson("张伟", "1003", "市场监督管理局", "103"),
        NewPerson("阿依古丽·买买提", "1004", "人力资源和社会保障局", "104"),
    ]
    with hub.ledger.writing() as session:
        ids = people.add(session, staff, MONDAY)
    return HallUnderTest(hub, clock, {one.name: key for one, key in zip(staff, ids, strict=True)})


def add_station(
    hall: HallUnderTest, folder: Path, *, confirmed: bool = True, start: datetime = MONDAY, trust: str = "synced"
) -> StationUnderTest:
    """A station that joined by a code over HTTP and, unless told otherwise, was confirmed."""
    key = load_or_make(folder / "station.key")
    with hall.hub.ledger.writing() as session:
        code = stations.make_code(session, hall.hub.now())
    asked = {"code": code, "public_key": key.public, "name": "一楼东门"}
    answer = hall.client().post("/api/v1/join", json=asked)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    station = str(answer.get_json()["station"])
    if confirmed:
        with hall.hub.ledger.writing() as session:
            stations.confirm(session, station, None, hall.hub.now())
    clock = DrivenClock(start, trust)  # type: ignore[arg-type]
    return StationUnderTest(hall, station, key, Journal(folder, clock), clock)


@contextmanager
def counted(hall: HallUnderTest) -> Iterator[list[str]]:
    """Every statement that leaves for the database meanwhile, but for the begin of a transaction."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith("BEGIN"):
            said.append(statement)

    event.listen(hall.hub.ledger.engine, "before_cursor_execute", note)
    yield said
    event.remove(hall.hub.ledger.engine, "before_cursor_execute", note)


MakeStation = Callable[..., StationUnderTest]
