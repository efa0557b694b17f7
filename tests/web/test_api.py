"""What other systems read by token: who gets in, what they get, and that every answer is what the document says."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from pydantic import BaseModel
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.web.browsing import signed_in, text_of, token_of
from tests.web.halls import ANYBODY, HallUnderTest, StationUnderTest, counted
from web.api import shapes
from web.auth.gate import BY_TOKEN
from web.ledger.audit import AuditRow
from web.ledger.tokens import ApiTokenRow
from web.services import tokens

pytestmark = pytest.mark.both_databases

SHAPES: dict[str, type[BaseModel]] = {
    "people": shapes.People,
    "days/2026-03-02": shapes.Day,
    "days/2026-03-03": shapes.Day,
    "months/2026-03": shapes.Month,
    "presence": shapes.Now,
    "stations": shapes.Stations,
}


class Reader:
    """Another system with a token."""

    def __init__(self, hall: HallUnderTest, token: str) -> None:
        self.http, self.headers = hall.client(), {"Authorization": f"Bearer {token}"}

    def get(self, path: str) -> TestResponse:
        return self.http.get(f"/api/v1/{path}", headers=self.headers)

    def read(self, path: str) -> Any:
        answer = self.get(path)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()


def made(hall: HallUnderTest, days: int = 90) -> str:
    with hall.hub.ledger.writing() as session:
        return tokens.make(session, "数据平台", days, hall.hub.now(), ANYBODY)


@pytest.fixture
def reader(hall: HallUnderTest, station: StationUnderTest) -> Reader:
    """At 09:30 of the Tuesday after a Monday on which 刘明 was on time and 王芳 late."""
    for name, at in (("刘明", "08:50"), ("王芳", "09:05"), ("刘明", "12:01"), ("王芳", "12:02"), ("刘明", "13:20"),
                     ("王芳", "13:20"), ("刘明", "17:31"), ("王芳", "17:31"), ("刘明", "32:55")):  # fmt: skip
        station.press(name, at)
    hall.at("33:30")
    station.send()
    return Reader(hall, made(hall))


@pytest.mark.parametrize("path", SHAPES)
def test_every_answer_has_the_shape_that_the_document_promises(hall: HallUnderTest, reader: Reader, path: str) -> None:
    reader.get(path)
    with counted(hall) as said:
        answer = reader.get(path)
    assert SHAPES[path].model_validate_json(answer.get_data()), "closed to fields that are not named"
    assert len(said) <= 12, said
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_day_a_month_and_now(hall: HallUnderTest, reader: Reader) -> None:
    day = reader.read("days/2026-03-02")
    assert (day["closed"], day["worked"], len(day["items"])) == (True, True, 4)
    by_name = {each["person"]["name"]: each["sessions"] for each in day["items"]}
    late = by_name["王芳"][0]
    assert (late["verdict"], late["words"], late["late_minutes"]) == ("late", "迟到", 5)
    assert late["came"] == "2026-03-02T09:05:00+08:00"
    assert late["clauses"]
    assert [each["verdict"] for each in by_name["刘明"]] == ["present", "present"]
    running = reader.read("days/2026-03-03")
    assert (running["closed"], running["items"]) == (False, [])

    month = reader.read("months/2026-03")
    assert month["closed_days"] == ["2026-03-01", "2026-03-02"]
    totals = {each["person"]["name"]: each["totals"] for each in month["items"]}
    assert (totals["王芳"]["late"], totals["刘明"]["late"]) == (1, 0)
    assert (totals["刘明"]["absent_days"], totals["张伟"]["absent_days"]) == ("0.0", "1.0")

    now = reader.read("presence")
    assert now["at"].startswith("2026-03-03T09:30:00")
    words = {each["person"]["name"]: (each["presence"], each["missing_minutes"]) for each in now["items"]}
    assert (words["刘明"], words["王芳"]) == (("here", 0), ("not_come", 30))
    assert [each["name"] for each in reader.read("stations")["items"]] == ["一楼东门"]


def test_pages_follow_one_another_by_cursor(hall: HallUnderTest, reader: Reader) -> None:
    for path, most in (("people", 3), ("months/2026-03", 1), ("days/2026-03-02", 2), ("presence", 2)):
        found, cursor = [], ""
        for _ in range(9):
            page = reader.read(f"{path}?limit={most}{cursor}")
            assert len(page["items"]) <= most
            found += [each.get("person", each)["id"] for each in page["items"]]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
        assert found == sorted(hall.people.values()), path
    assert len(reader.read("people?unit=医疗保障局")["items"]) == 2
    assert [each["name"] for each in reader.read(f"people?person={hall.people['张伟']}")["items"]] == ["张伟"]


@pytest.mark.parametrize(
    "path",
    [
        "people?limit=0", "people?limit=9999", "people?limit=x", "people?cursor=x", "people?phone=1", "days/yesterday",
        "days/2026-02-30", "days/2026-03-04", "days/1999-01-01", "months/2026-13", "months/2026-04", "nothing",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_in_words(hall: HallUnderTest, reader: Reader, path: str) -> None:
    answer = reader.get(path)
    assert answer.status_code == (404 if path == "nothing" else 400), path
    assert re.search(r"[一-鿿].*。.*请", answer.get_json()["error"])
    assert set(answer.get_json()) == {"error"}


def test_no_field_leaves_that_is_not_named(hall: HallUnderTest, reader: Reader) -> None:
    said = "".join(reader.get(path).get_data(as_text=True) for path in SHAPES)
    for word in ("phone", "pin", "hash", "place", "key", "template"):
        assert f'"{word}' not in said, word
    assert set(reader.read("people")["items"][0]) == set(shapes.Posted.model_fields)


def test_only_a_token_that_is_good_opens_anything(hall: HallUnderTest, reader: Reader) -> None:
    asked = (None, "", "Bearer ", "Bearer zg_nonsense", "Basic dTpw", f"Basic {reader.headers['Authorization'][7:]}")
    for given in asked:
        answer = hall.client().get("/api/v1/people", headers={"Authorization": given} if given is not None else {})
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer"), given
        assert "没有令牌，或令牌不对" in answer.get_json()["error"]
    login = signed_in(hall, "admin").get("/api/v1/people")
    assert login.status_code == 401, "a login is for pages"
    with hall.hub.ledger.writing() as session:
        row = session.execute(select(ApiTokenRow)).scalar_one()
        assert row.hash not in reader.headers["Authorization"]
        hall.clock.move_to(row.until)
    assert "令牌已过期" in reader.get("people").get_json()["error"]
    hall.clock.move_to(hall.hub.now() - timedelta(days=1))
    assert reader.get("people").status_code == 200
    with hall.hub.ledger.writing() as session:
        tokens.revoke(session, session.execute(select(ApiTokenRow.id)).scalar_one(), hall.hub.now(), ANYBODY)
    revoked = reader.get("people")
    assert (revoked.status_code, "令牌已被撤销" in revoked.get_json()["error"]) == (401, True)


def test_guessing_is_slowed_down(hall: HallUnderTest) -> None:
    client, codes = hall.client(), []
    for number in range(125):
        codes.append(client.get("/api/v1/people", headers={"Authorization": f"Bearer zg_{number}"}).status_code)
    assert (codes[0], codes[-1]) == (401, 429)
    answer = client.get("/api/v1/stations")
    assert (answer.status_code, "请一分钟后再试" in answer.get_json()["error"]) == (429, True)


def test_an_administrator_makes_and_revokes_tokens_on_a_page(hall: HallUnderTest) -> None:
    assert signed_in(hall, "duty_leader").get("/api/tokens").status_code == 403
    admin = signed_in(hall, "admin")
    assert "还没有发过令牌" in text_of(admin.get("/api/tokens"))

    def post(path: str, **data: str) -> TestResponse:
        given = {"csrf_token": token_of(admin.get("/api/tokens")), **data}
        return admin.post(path, data=given, follow_redirects=True)

    assert post("/api/tokens", name=" ", days="90").status_code == 400
    assert post("/api/tokens", name="数据平台", days="9999").status_code == 400
    page = text_of(post("/api/tokens", name="数据平台", days="90"))
    found = re.search(r"zg_[\w-]{43}", page)
    assert found
    assert found[0] not in text_of(admin.get("/api/tokens"))
    reader = Reader(hall, found[0])
    reader.read("people")
    page = text_of(admin.get("/api/tokens"))
    assert "数据平台 宋平 2026-03-02 08:40 发放，2026-05-31 08:40 到期 · 最近使用 2026-03-02 08:40 有效，只读" in page
    with hall.hub.ledger.reading() as session:
        key = session.execute(select(ApiTokenRow.id)).scalar_one()
    assert "令牌已撤销" in text_of(post(f"/api/tokens/{key}/revoke"))
    assert post(f"/api/tokens/{key}/revoke").status_code == 404
    assert reader.get("people").status_code == 401
    with hall.hub.ledger.reading() as session:
        lines = session.execute(select(AuditRow).where(AuditRow.act.startswith("token."))).scalars().all()
        assert [(line.act, line.subject, json.loads(line.detail)["name"]) for line in lines] == [
            ("token.make", key, "数据平台"),
            ("token.revoke", key, "数据平台"),
        ]


def test_the_document_names_every_route_and_the_page_shows_it(hall: HallUnderTest) -> None:
    admin = signed_in(hall, "staff")
    document = admin.get("/api/v1/openapi.json").get_json()
    assert document == Reader(hall, made(hall)).read("openapi.json")
    assert hall.client().get("/api/v1/openapi.json").status_code == 401
    addresses = {rule.rule for rule in hall.app.url_map.iter_rules() if rule.endpoint in BY_TOKEN}
    described = {path.replace("{", "<").replace("}", ">") for path in document["paths"]}
    assert addresses - described == {"/api/v1/openapi.json"}
    assert {rule.endpoint for rule in hall.app.url_map.iter_rules() if rule.endpoint.startswith("api.")} == BY_TOKEN
    page = admin.get("/api/docs")
    for path in document["paths"]:
        assert f"GET {path}" in text_of(page)
    for name in ("items[].sessions[].late_minutes", "items[].totals.absent_days", "cursor", "missing_minutes"):
        assert name in text_of(page), name
    assert list(outside(admin, page)) == []


def outside(client: FlaskClient, page: TestResponse) -> Iterator[str]:
    """Whatever the page would load from another host, or carries of script or style in itself."""
    text = page.get_data(as_text=True)
    for found in re.finditer(r'(?:src|href|action)="([^"]*)"', text):
        if not found[1].startswith(("/", "#")):
            yield found[1]
    yield from re.findall(r"<script(?![^>]*src=)|<style|style=\"|\son\w+=\"", text)
