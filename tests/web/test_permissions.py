"""Every address, every role, every kind of object: who gets in is what permissions.txt says, and nobody else does."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from urllib.parse import parse_qsl, quote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from uuid6 import uuid7
from werkzeug.test import TestResponse

import config
from config.settings import HubSettings
from station.facts import first_prev
from station.round_facts import Check, Finding, Found
from tests.web.browsing import add_login, enter, signed_in
from tests.web.halls import ANYBODY, HallUnderTest, StationUnderTest, add_station, copy_hall
from tests.web.patrolling import jpeg
from tests.web.permissions import ACTORS, ENDED, Line, routes, table
from tests.web.robots import FEISHU
from tests.web.sheets import GOOD, staff
from tests.web.test_doors import ANONYMOUS
from web.door import recorder_of
from web.ledger.audit import AuditRow
from web.ledger.people import RoleRow
from web.ledger.stations import AlarmRow, LineageRow
from web.ledger.tokens import ApiTokenRow
from web.services import (
    alarms,
    audit,
    checkpoints,
    corrections,
    covering,
    duty_closing,
    duty_days,
    duty_log,
    duty_swaps,
    fingers,
    in_force,
    leaves,
    people,
    policies,
    posts,
    robots,
    tags,
    tokens,
    waiting_lists,
    walking,
)
from web.services.accounts import Proof, mark_of, sign_in
from web.services.covering import Opening as CoverOpening
from web.services.duty_log import Matter
from web.services.hub import begin
from web.services.leaves import Wanted
from web.services.people import NewPerson
from web.services.posts import Window
from web.services.walking import Filled, Opening

OWN, OTHER = "医疗保障局", "市场监督管理局"
YESTERDAY, TODAY = date(2026, 3, 1), date(2026, 3, 2)
LAW = (Path(config.__file__).parent / "halls" / "demo.toml").read_text(encoding="utf-8")
COLLEAGUE, STRANGER = "柳青禾", "秦岭松"
KEPT = ("/static/<path:filename>", "/patrol/worker.js", "/patrol/app.webmanifest")  # nothing in them is about anybody
# Acts that change what stood before: their lines say what that was.
CHANGES = {
    "calendar.edit", "calendar.confirm", "checkpoint.order", "checkpoint.close", "factor.rule", "person.edit",
    "person.leave", "person.stay", "robot.edit", "role.end", "seat.end", "station.rename", "window.edit",
}  # fmt: skip
HIDDEN = ("/logins/<login>/end",)  # what is another's is not there
TO_LOGIN = ("/logout", "/login/code")  # whoever is out, or showed no password yet, goes there
# What stands for a name in an address, by kind of object; "any" where its unit is of no account.
FIXED = {
    "which": "due", "filename": "hub.css", "clause": "taigu:attendance:5", "month": "2026-02", "kind": "unscheduled",
    "sha256": "0" * 64, "suffix": "xlsx", "code": "x", "day": "2026-03-02", "act": "paper",
    "number": "0", "page": "1", "step": "staff", "digest": "0", "what": "confirm", "done": "settle",
}  # fmt: skip


@dataclass
class Scene:
    """A hall with people of two units, and a browser for each role."""

    hall: HallUnderTest
    accounts: dict[str, str] = field(default_factory=dict)
    persons: dict[str, str] = field(default_factory=dict)
    objects: dict[str, dict[str, str]] = field(default_factory=dict)

    def browser(self, actor: str) -> FlaskClient:
        """A browser in which this actor has just signed in."""
        return enter(self.hall, self.accounts[actor]) if actor else self.hall.client()

    def address(self, line: Line, kind: str, actor: str, instead: Mapping[str, str] = MappingProxyType({})) -> str:
        """The address with its names filled in; `instead`: what stands for some of them."""

        def fill(found: re.Match[str]) -> str:
            name = found[1]
            if name in instead:
                return instead[name]
            if kind == "none" and name not in FIXED:
                return "没有的单位" if name == "unit" else ANYBODY
            return quote(FIXED.get(name) or self._object(name, kind, actor))

        return re.sub(r"[<{](?:\w+:)?(\w+)[>}]", fill, line.address)

    def _object(self, name: str, kind: str, actor: str) -> str:
        if kind == "self" and name == "person":
            return self.persons[actor]
        if name == "login":
            return self._login(self.accounts[actor] if kind == "self" else self.objects[kind]["login"])
        known = self.objects["any"] | self.objects["own"] | self.objects.get(kind, {})
        return known[name]

    def _login(self, account: str) -> str:
        """A further browser of this account, which nobody has ended yet."""
        with self.hall.hub.ledger.writing() as session:
            token = sign_in(session, Proof(account, fits=True), self.hall.hub.now())
        assert token is not None
        return mark_of(token)

    def kinds(self, line: Line, actor: str) -> list[str]:
        """The kinds of object with which an address is tried; whom it is closed to, only with the nearest ones."""
        found = [kind for kind in ("own", "other") if line.names & self.objects[kind].keys()]
        if line.names & {"person", "login"} and actor:
            found.append("self")
        known = FIXED.keys() | self.objects["own"].keys() | self.objects["any"].keys()
        found += [] if found or not line.names <= known else ["any"]
        found += ["none"] if line.names - FIXED.keys() else []
        near = [kind for kind in found if kind not in ("other", "none")]
        return found if line.reach(actor) else near or found


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """For all who only look whether they are let in."""
    with staged(tmp_path_factory.mktemp("scene")) as made:
        yield made


@contextmanager
def staged(folder: Path) -> Iterator[Scene]:
    """The hall on its Monday; every actor belongs to the own unit."""
    begin(HubSettings(folder=folder / "template"), "测试大厅").close()
    hall = copy_hall(folder / "template", folder / "hub")
    hall.app.config.update(WTF_CSRF_ENABLED=False)
    for limiter in hall.app.extensions["limiter"]:
        limiter.enabled = False  # every actor comes from one address
    made = Scene(hall)
    station = add_station(hall, folder / "station")
    waiting = add_station(hall, folder / "waiting", confirmed=False)
    _people(made)
    _actors(made)
    _round(made)
    _stations(made, station)
    made.objects["any"]["waiting"] = waiting.id
    _duty(made)
    yield made
    for one in (station, waiting):
        one.reader.close()
        one.journal.close()
    hall.hub.close()


def test_every_address_stands_in_the_table_once(scene: Scene) -> None:
    listed = [(line.method, line.rule) for line in table()]
    assert sorted(listed) == sorted(routes(scene.hall.app))
    assert {(line.method, line.rule) for line in table() if "anybody" in line.who} == ANONYMOUS


@pytest.mark.parametrize("actor", ACTORS)
def test_who_gets_in(scene: Scene, actor: str) -> None:
    wrong, browser = [], scene.browser(actor)
    for line in table():
        for kind in scene.kinds(line, actor):
            answer = browser.open(scene.address(line, kind, actor), method=line.method)
            if not fits(line, kind, actor, answer):
                wrong.append((line.method, line.address, kind, answer.status))
            if line.rule not in KEPT and answer.headers.get("Cache-Control") != "no-store":
                wrong.append((line.method, line.address, kind, "may be kept by the browser"))
            answer.close()
    assert not wrong, "\n".join(map(str, wrong))


def fits(line: Line, kind: str, actor: str, answer: TestResponse) -> bool:
    """Whether the answer is what the table says."""
    reach, outcome = line.reach(actor), outcome_of(answer)
    if not actor and not reach:
        return outcome == ("refused" if "token" in line.who else "login")
    if not actor and "token" in line.who:
        return outcome == "refused"
    if not reach or (kind == "other" and reach != "all") or (kind == "own" and reach == "self"):
        return outcome in ("refused", "missing" if kind == "none" or line.rule in HIDDEN else "refused")
    if line.rule in TO_LOGIN:
        return outcome == "login"
    if "anybody" in line.who:
        return outcome != "login"
    if kind == "none":
        return outcome in ("missing", "refused" if reach != "all" else "missing")
    shown = answer.get_data(as_text=True) if kind == "any" and answer.mimetype == "text/html" else ""
    leaks = (reach != "all" and STRANGER in shown) or (reach == "self" and COLLEAGUE in shown)
    unfilled = line.method != "GET" and outcome == "missing"  # what the form names
    return (outcome == "in" or unfilled) and not leaks


def outcome_of(answer: TestResponse) -> str:
    """What came of asking, in a word; a form that was not filled in counts as being in."""
    if answer.status_code == 302 and answer.headers["Location"].partition("?")[0] == "/login":
        return "login"
    return {401: "refused", 403: "refused", 404: "missing"}.get(
        answer.status_code, "in" if answer.status_code < 500 else "fault"
    )


def test_every_write_leaves_a_line_in_the_audit(tmp_path: Path) -> None:
    """By an administrator, in the order of the table; the chain of the lines holds afterwards."""
    with staged(tmp_path) as scene:
        silent = silent_writes(scene)
        with scene.hall.hub.ledger.reading() as session:
            assert audit.broken(session) is None
            lines = session.execute(select(AuditRow.act, AuditRow.detail).where(AuditRow.act.in_(CHANGES))).all()
        assert {act for act, _ in lines} == CHANGES
        assert [act for act, detail in lines if "[" not in detail] == []
    assert not silent, "\n".join(map(str, silent))


def silent_writes(scene: Scene) -> list[tuple[str, ...]]:
    """The writes that did not go well, or left no line."""
    values = _values(scene)
    silent: list[tuple[str, ...]] = []
    client = signed_in(scene.hall, "admin", "supervision")
    for line in (each for each in table() if each.form):
        before = _lines(scene)
        form = {fill(key, values): fill(value, values) for key, value in parse_qsl(line.form, keep_blank_values=True)}
        named = {key[1:-1]: form.pop(key) for key in list(form) if key.startswith("<")}
        answer = client.open(scene.address(line, "own", "admin", named), method=line.method, data=form)
        if answer.status_code >= 400 or _lines(scene) == before:
            silent.append((line.method, line.address, answer.status, _refusal(answer)))
    return silent


def fill(text: str, values: dict[str, str]) -> str:
    """The form's names filled in."""
    return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], text)


def _people(scene: Scene) -> None:
    """Somebody of each unit with a window, a post and a role."""
    hub = scene.hall.hub
    now = hub.now()
    with hub.ledger.writing() as session:
        for kind, unit, name, number in (("own", OWN, COLLEAGUE, "501"), ("other", OTHER, STRANGER, "502")):
            person = people.add(session, [NewPerson(name, f"9{number}", unit, number)], now)[0]
            window = posts.open_window(session, Window(number, unit), TODAY, now, None)
            post = posts.add_post(session, window, "综合", now, None)
            seat = posts.sit(session, post, person, "A", YESTERDAY, now, None)
            role = session.execute(select(RoleRow.id).where(RoleRow.person == person)).scalar_one()
            backup = scene.hall.people["刘明" if kind == "own" else "张伟"]
            posts.sit(session, post, backup, "B", YESTERDAY, now, None)
            scene.objects[kind] = {
                "person": person, "window": window, "post": post, "seat": seat, "role": role, "unit": unit,
                "leave": _leave(session, scene, person), "cover": _cover(session, scene, post, backup),
                "correction": _correction(session, scene, person),
                "login": add_login(session, person, f"in{number}", now),
            }  # fmt: skip
        by = scene.hall.people["刘明"]
        spare = posts.add_post(session, scene.objects["own"]["window"], "备岗", now, None)
        posts.sit(session, spare, scene.hall.people["王芳"], "B", YESTERDAY, now, None)  # 刘明 covers already
        scene.objects["own"]["spare_post"] = spare
        scene.objects["any"] = {"checkpoint": checkpoints.add_area(session, "等候区", 1, TODAY, now, by)}


def _leave(session: Session, scene: Scene, person: str) -> str:
    hub = scene.hall.hub
    held = in_force.read(session, hub)
    start, end = (datetime(2026, 3, 4, hour, tzinfo=held.zone) for hour in (9, 12))
    return leaves.file(session, held, Wanted(person, "personal", start, end, "家中有事"), person, hub.now()).id


def _correction(session: Session, scene: Scene, person: str) -> str:
    hub = scene.hall.hub
    wanted = corrections.Wanted(person, date(2026, 2, 27), "morning", "in", None, "忘记打卡")
    return corrections.file(session, in_force.read(session, hub), wanted, person, hub.now()).id


def _cover(session: Session, scene: Scene, post: str, backup: str) -> str:
    hub = scene.hall.hub
    opening = CoverOpening(post, backup, "errand", "", hub.now(), TODAY)
    return covering.open_cover(session, in_force.read(session, hub), opening, hub.now(), backup)


def _stations(scene: Scene, station: StationUnderTest) -> None:
    """What stations bring before an administrator: a journal that waits, an alarm, an order; and a token."""
    now, lineage, by = scene.hall.hub.now(), str(uuid7()), scene.hall.people["王芳"]
    with scene.hall.hub.ledger.writing() as session:
        session.add(LineageRow(id=lineage, station=station.id, state="held", was=station.journal.lineage,
                               first_seen=now, upto=0, hash_at_upto=first_prev(lineage)))  # fmt: skip
        alarms.raise_alarm(session, station.id, "unreadable", "x", "读不出", now)
        order = fingers.order_enrol(session, by, station.id, "右手食指", now, by)
        tokens.make(session, "督查平台", 30, now, by)
        robot = robots.add(session, scene.hall.hub.seal, "值班群", FEISHU, "", ["waits"], "http://hall", now, by)
        scene.objects["any"] |= {
            "station": station.id, "lineage": lineage, "order": order, "robot": robot,
            "alarm": session.execute(select(AlarmRow.id)).scalar_one(),
            "token_id": session.execute(select(ApiTokenRow.id)).scalar_one(),
        }  # fmt: skip


def _actors(scene: Scene) -> None:
    """Everybody of the own unit, each with one role, but for whom every role has ended; and an account to act on."""
    hub = scene.hall.hub
    now = hub.now()
    with hub.ledger.writing() as session:
        for actor in ACTORS[:-1]:
            role = "admin" if actor == ENDED else actor
            who = people.add(session, [NewPerson(f"员{actor}", unit=OWN, roles=(role, "staff"))], now)[0]
            scene.persons[actor] = who
            scene.accounts[actor] = add_login(session, who, actor, now)
        ended = RoleRow.person == scene.persons[ENDED], RoleRow.role == "admin"
        session.execute(update(RoleRow).where(*ended).values(until=YESTERDAY))
        scene.objects["any"]["account"] = add_login(session, scene.hall.people["刘明"], "liuming", now)


def _round(scene: Scene) -> None:
    """A tag at the checkpoint, a round that is being walked, a need told there, and a finding at each window."""
    recorder, officer = recorder_of(scene.hall.app), scene.persons["patrol_officer"]
    tags.place(recorder, "tag-1", "qr", scene.objects["any"]["checkpoint"], officer)
    points = (scene.objects["any"]["checkpoint"],)
    opening = Opening("unscheduled", ((officer, "own_pin"),), alone=True, checkpoints=points)
    begun = walking.open_round(recorder, scene.hall.hub, opening)
    looked = Check(round=begun, checkpoint=points[0], how="manual", officers=(officer,), by=officer,
                   nothing_abnormal=True, needs=("缺纸",))  # fmt: skip
    told = recorder.record(lambda _: [looked, *(_seen(scene, kind) for kind in ("own", "other"))])
    scene.objects["any"] |= {"token": "tag-1", "round_id": begun, "need": f"{told[0].id}-0"}
    for kind, point in _points_at_windows(scene).items():
        photo = scene.hall.hub.photos.keep(jpeg())
        seen = Filled(begun, point, nothing_abnormal=True, photos=(photo,))
        made = walking.check(recorder, scene.hall.hub, officer, seen)
        assert made is not None
        scene.objects[kind]["fact"] = made.id


def _points_at_windows(scene: Scene) -> dict[str, str]:
    """A checkpoint at each unit's window; one window is left, for which none was made yet."""
    hub = scene.hall.hub
    with hub.ledger.writing() as session:
        held, now = in_force.read(session, hub), hub.now()
        checkpoints.generate(session, held.on(TODAY).policy, TODAY, now, scene.persons["admin"])
        posts.open_window(session, Window("503", OWN), TODAY, now, None)
        at = {row.window: row.id for row in checkpoints.standing(session, TODAY)}
    return {kind: at[scene.objects[kind]["window"]] for kind in ("own", "other")}


def _duty(scene: Scene) -> None:
    """A matter in the log, a day handed over, and a swap that waits."""
    hub, ids = scene.hall.hub, scene.persons
    leader, other = ids["duty_leader"], ids["supervision"]
    with hub.ledger.writing() as session:
        held, now = in_force.read(session, hub), hub.now()
        deputy = people.add(session, [NewPerson("员代班", unit=OWN, roles=("duty_leader",))], now)[0]
        for number, person in enumerate((leader, deputy)):
            duty_days.put(session, TODAY + timedelta(days=number), person, "plan", "", now, other)
        entry = duty_log.register(session, held, TODAY, Matter(now, "order", "情况", urgent=True), now, leader)
        handed = duty_closing.hand_over(session, held, YESTERDAY, "无", now, other)
        swap = duty_swaps.ask(session, held, TODAY, None, deputy, "家里有事", now, leader)
    any_of = {"entry": entry, "handover": handed, "swap": swap, "leader": leader, "deputy": deputy}
    scene.objects["any"] |= any_of


def _seen(scene: Scene, kind: str) -> Finding:
    """Somebody without a badge."""
    known = scene.objects[kind]
    known["finding"] = str(uuid7())
    found = Found(id=known["finding"], item="conduct-12", clauses=(), column="badge", person=known["person"])
    return Finding(found=found, by=scene.persons["patrol_officer"], about=known["window"])


def _lines(scene: Scene) -> int:
    with scene.hall.hub.ledger.reading() as session:
        return session.execute(select(func.count()).select_from(AuditRow)).scalar_one()


def _refusal(answer: TestResponse) -> str:
    found = re.search(r'class="refused"[^>]*>(.*?)</p>', answer.get_data(as_text=True), re.S)
    return re.sub(r"<[^>]+>|\s+", " ", found[1]).strip() if found else ""


def _values(scene: Scene) -> dict[str, str]:
    """What the forms of the table name."""
    hub = scene.hall.hub
    content = staff(GOOD)
    draft = policies.draft(policies.of_text(LAW, "上传的制度.toml"), "2026-04-01", TODAY, forced=False, reason="")
    return {
        "law": LAW, "mark": draft.mark, "digest": waiting_lists.put(hub.settings.folder, content, hub.now()),
        "name": "刘明", "named": "王芳", "colleague": scene.persons["patrol_officer"],
        **scene.objects["any"], **scene.objects["own"],
    }  # fmt: skip
