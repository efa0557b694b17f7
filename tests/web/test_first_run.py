"""The first run: nobody gets into an empty hub but by the code on its console; each step may be left and taken up."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from config.settings import HubSettings
from station.clock import DrivenClock
from station.facts import Enrolled
from tests.web.browsing import add_account, sign_in, signed_in, text_of, token_of
from tests.web.halls import ANYBODY, MONDAY, HallUnderTest, StationUnderTest, add_station, counted
from tests.web.sheets import GOOD, staff
from tests.web.test_import import upload
from web.ledger.audit import AuditRow
from web.ledger.hall import HallRow
from web.services import audit, first_run, importing, in_force
from web.services.hub import open_hub

PASSWORD = "first-hall-2026"


@pytest.fixture
def empty_hall(template: Path, tmp_path: Path) -> Iterator[HallUnderTest]:
    """A hub that nobody has touched yet."""
    shutil.copytree(template, tmp_path / "hub")
    clock = DrivenClock(MONDAY, "synced")
    hub = open_hub(HubSettings(folder=tmp_path / "hub"), clock)
    yield HallUnderTest(hub, clock, {})
    hub.close()


def offered(hall: HallUnderTest) -> str | None:
    with hall.hub.ledger.writing() as session:
        return first_run.offer(session, hall.hub.now())


def given(hall: HallUnderTest, client: FlaskClient, **fields: str) -> TestResponse:
    """The first form, filled in well but for these."""
    form = {"name": "admin", "password": PASSWORD, "again": PASSWORD, **fields}
    return client.post("/setup", data=form | {"csrf_token": token_of(client.get("/setup"))})


def begun(hall: HallUnderTest) -> FlaskClient:
    """A browser of somebody who has just become the administrator."""
    client = hall.client()
    code = offered(hall)
    assert code is not None
    assert given(hall, client, code=code).headers["Location"] == "/setup/hall"
    return client


def post(client: FlaskClient, path: str, page: str = "/password", **fields: str) -> TestResponse:
    return client.post(path, data={"csrf_token": token_of(client.get(page)), **fields})


def acts(hall: HallUnderTest) -> list[str]:
    with hall.hub.ledger.reading() as session:
        assert audit.broken(session) is None
        return list(session.execute(select(AuditRow.act).order_by(AuditRow.row)).scalars())


def test_an_empty_hub_waits_for_the_code_on_its_console(empty_hall: HallUnderTest) -> None:
    client = empty_hall.client()
    assert client.get("/setup").status_code == 404, "no code was shown yet"
    first, second = offered(empty_hall), offered(empty_hall)
    assert first
    assert second
    assert first != second
    assert client.get("/").headers["Location"] == "/login"
    assert client.get("/login").headers["Location"] == "/setup"
    for code, words in (("", "设置码不对"), ("AAAAA-AAAAA", "设置码不对"), (first, "设置码不对")):
        refused = given(empty_hall, client, code=code)
        assert (refused.status_code, words in refused.get_data(as_text=True)) == (400, True), "an earlier one is gone"
    with empty_hall.hub.ledger.reading() as session:
        assert second not in str(session.execute(select(HallRow.first_run)).scalar_one()), "its hash alone is kept"
    made = given(empty_hall, client, code=second.lower().replace("-", " "))
    assert made.headers["Location"] == "/setup/hall"
    assert client.get("/setup/hall").status_code == 200
    stranger = empty_hall.client()
    assert stranger.get("/setup").status_code == 404
    assert stranger.get("/login").status_code == 200
    late = {"code": second, "name": "me", "password": PASSWORD, "again": PASSWORD}
    assert post(stranger, "/setup", "/login", **late).status_code == 404
    assert offered(empty_hall) is None
    assert acts(empty_hall) == [
        "setup.offer", "setup.offer", "person.add", "account.create", "setup.begin", "account.login"
    ]  # fmt: skip


# What is filled in, and what is said of it.
POOR = [
    ({"password": "short", "again": "short"}, "至少 8 个字符"),
    ({"password": "admin-2026", "again": "admin-2026"}, "太容易猜到"),
    ({"again": "first-hall-2027"}, "两次输入的密码不一样"),
    ({"name": "a b"}, "登录名须为"),
    ({"name": ""}, "登录名须为"),
]


def test_a_poor_first_account_is_refused_and_the_code_still_counts(empty_hall: HallUnderTest) -> None:
    client, code = empty_hall.client(), offered(empty_hall)
    assert code
    for fields, words in POOR:
        refused = given(empty_hall, client, code=code, **fields)
        assert (refused.status_code, words in refused.get_data(as_text=True)) == (400, True), fields
        assert PASSWORD not in refused.get_data(as_text=True)
    assert given(empty_hall, client, code=code).status_code == 302
    assert sign_in(empty_hall.client(), "admin", PASSWORD).headers["Location"] == "/"


def test_guessing_the_code_is_slowed_down(empty_hall: HallUnderTest) -> None:
    client = empty_hall.client()
    offered(empty_hall)
    token = token_of(client.get("/setup"))
    answers = [client.post("/setup", data={"code": "x", "csrf_token": token}).status_code for _ in range(31)]
    assert (answers[0], answers[-1]) == (400, 429)


def test_an_account_from_the_command_line_ends_the_code(empty_hall: HallUnderTest) -> None:
    offered(empty_hall)
    add_account(empty_hall, "li", "admin")
    assert empty_hall.client().get("/setup").status_code == 404
    client = signed_in(empty_hall, "admin")
    assert "初始设置" not in text_of(client.get("/")), "such a hall is set up by its usual pages"
    assert client.get("/setup").headers["Location"] == "/"
    assert client.get("/setup/hall").headers["Location"] == "/"
    for path in ("/setup/hall", "/setup/rules", "/setup/staff/skip"):
        assert post(client, path, name="别的", rules="taigu").status_code == 404


def test_each_step_can_be_left_and_taken_up_again(empty_hall: HallUnderTest) -> None:
    client = begun(empty_hall)
    assert "初始设置还有 5 步" in text_of(client.get("/"))
    assert post(client, "/setup/hall", name=" 万州区 政务服务中心 ").headers["Location"] == "/setup/rules"
    assert "万州区 政务服务中心" in text_of(client.get("/setup/rules")), "known without a restart"
    assert post(client, "/setup/rules", rules="wanzhou").headers["Location"] == "/people/import"
    with empty_hall.hub.ledger.reading() as session:
        held = in_force.read(session, empty_hall.hub)
    assert held.on(MONDAY.date()).policy.title == "万州区政务服务中心"
    later = sign_in(again := empty_hall.client(), "admin", PASSWORD)
    assert later.headers["Location"] == "/"
    assert "初始设置还有 3 步" in text_of(again.get("/"))
    assert again.get("/setup").headers["Location"] == "/people/import"
    assert "第 4 步，共 6 步" in text_of(again.get("/people/import"))
    assert post(again, "/setup/staff/skip").headers["Location"] == "/setup/station"
    assert post(again, "/setup/station/skip").headers["Location"] == "/setup/finger"
    assert "还没有人员" in text_of(again.get("/setup/finger"))
    assert again.get("/setup/done").headers["Location"] == "/setup/finger", "one is left"
    assert post(again, "/setup/finger/skip").headers["Location"] == "/setup/done"
    done = text_of(again.get("/setup/done"))
    assert "跳过的，随时可以补" in done
    assert "导入人员名单" in done
    assert "初始设置" not in text_of(again.get("/"))
    assert again.get("/setup/staff").status_code == 404
    assert "初始设置" not in text_of(again.get("/people/import"))
    with empty_hall.hub.ledger.reading() as session:
        kept = json.loads(session.execute(select(HallRow.setup)).scalar_one())
    assert kept == ["account", "hall", "rules", "staff", "station", "finger"]
    assert [act for act in acts(empty_hall) if act.startswith(("setup", "hall", "policy"))][2:] == [
        "hall.edit", "setup.step", "policy.add", "setup.step", "setup.skip", "setup.skip", "setup.skip",
    ]  # fmt: skip


def test_what_the_hall_has_already_is_not_asked_for(empty_hall: HallUnderTest, tmp_path: Path) -> None:
    client = begun(empty_hall)
    post(client, "/setup/hall", name="大厅")
    shown = upload(client, staff(GOOD))
    digest = re.findall(r'name="digest" value="(\w+)"', shown.get_data(as_text=True))[0]
    done = client.post("/people/import/confirm", data={"csrf_token": token_of(shown), "digest": digest})
    assert done.headers["Location"] == "/setup/station"
    assert post(client, "/setup/rules", rules="taigu").headers["Location"] == "/setup/station"
    assert post(client, "/setup/rules", rules="shanxi").headers["Location"] == "/setup/station", "chosen anew"
    assert post(client, "/setup/rules", rules="demo").status_code == 400
    assert post(client, "/setup/hall", name="", zone="Asia/Nowhere").status_code == 400
    assert "没有时区" in post(client, "/setup/hall", name="大厅", zone="Asia/Nowhere").get_data(as_text=True)


def bar(page: TestResponse) -> str:
    """The bar of steps."""
    return str(re.findall(r'<nav class="steps".*?</nav>', page.get_data(as_text=True), re.S)[0])


def test_the_first_finger_is_watched_until_the_station_says_so(empty_hall: HallUnderTest, tmp_path: Path) -> None:
    client = begun(empty_hall)
    with empty_hall.hub.ledger.writing() as session:
        plan = importing.plan(session, staff(GOOD), MONDAY.date())
        importing.carry_out(session, plan, MONDAY.date(), MONDAY, None)
    waiting = client.get("/setup/station/now").get_data(as_text=True)
    assert "confirm" not in waiting
    station = add_station(empty_hall, tmp_path / "station", confirmed=False)
    try:
        _watch(empty_hall, client, station)
    finally:
        station.reader.close()
        station.journal.close()


def _watch(hall: HallUnderTest, client: FlaskClient, station: StationUnderTest) -> None:
    assert "一楼东门 等待确认" in text_of(client.get("/setup/station/now"))
    confirmed = post(client, f"/stations/{station.id}/confirm", next="/setup/station")
    assert confirmed.headers["Location"] == "/setup/station"
    told = text_of(client.get("/setup/station"))
    assert "zaigang station run" in told
    assert told.index('port = "/dev/serial/by-id/…"') < told.index("zaigang station run"), "it does not start without"
    assert "人员" not in bar(client.get("/setup/station")), "there are people"
    assert post(client, "/setup/station/next").headers["Location"] == "/setup/finger"
    wrong = post(client, "/setup/finger", person="没有的人", station=station.id, finger="右手食指")
    assert (wrong.status_code, "没有找到在册的" in wrong.get_data(as_text=True)) == (400, True)
    asked = post(client, "/setup/finger", person="李雷 2001", station=station.id, finger="右手食指")
    assert asked.headers["Location"] == "/setup/finger"
    assert "等待在考勤站上录入" in text_of(client.get("/setup/finger"))
    for path in ("hall", "rules", "station", "station/now", "finger", "finger/now"):
        with counted(hall) as said:
            assert client.get(f"/setup/{path}").status_code == 200
        assert len(said) <= 12, (path, said)
    with hall.hub.ledger.reading() as session:
        person = session.execute(select(AuditRow.subject).where(AuditRow.act == "finger.enrol")).scalar_one()
    station.record(Enrolled(person=person, place=1, finger="右手食指"))
    station.send()
    assert "已录入" in text_of(client.get("/setup/finger/now"))
    assert post(client, "/setup/finger/next").headers["Location"] == "/setup/hall", "what was left out comes last"
    assert post(client, "/setup/hall/skip").headers["Location"] == "/setup/rules"
    assert post(client, "/setup/rules", rules="taigu").headers["Location"] == "/setup/done"
    assert "跳过的" not in text_of(client.get("/setup/done"))


def test_nobody_but_an_administrator_sets_up(empty_hall: HallUnderTest) -> None:
    begun(empty_hall)
    leader = signed_in(empty_hall, "duty_leader")
    assert "初始设置" not in text_of(leader.get("/"))
    assert leader.get("/setup").headers["Location"] == "/"
    for path in ("/setup/hall", "/setup/staff/skip", "/setup/finger"):
        assert post(leader, path).status_code == 403
    assert post(leader, f"/stations/{ANYBODY}/confirm", next="//evil.example").status_code == 403
