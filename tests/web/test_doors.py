"""Who gets in, with what, for how long; and what no answer may lack."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from station import wire
from tests.web.browsing import PASSWORD, add_account, sign_in, signed_in, text_of, token_of
from tests.web.halls import ANYBODY, HallUnderTest, MakeStation
from tests.web.permissions import routes
from web.auth.gate import safe_next
from web.ledger.accounts import AccountRow, LoginRow
from web.ledger.audit import AuditRow
from web.services import accounts
from web.services.accounts import IDLE, LONGEST
from web.services.errors import BadInput
from web.services.passwords import check_password

# The only addresses that answer somebody without a login. A new one is a decision, made here.
ANONYMOUS = {
    ("GET", "/healthz"),
    ("GET", "/login"),
    ("GET", "/notices"),
    ("GET", "/notices/<month>"),
    ("POST", "/login"),
    ("GET", "/setup"),
    ("POST", "/setup"),
    ("POST", "/language"),
    ("GET", "/login/code"),
    ("POST", "/login/code"),
    ("GET", "/static/<path:filename>"),
    ("GET", "/ca"),
    ("GET", "/ca/hall.crt"),
    ("GET", "/patrol/enter/<code>"),
    ("POST", "/patrol/enter/<code>"),
    ("POST", "/api/v1/join"),
    ("POST", "/api/v1/stations/<station>/facts"),
    ("PUT", "/api/v1/stations/<station>/key"),
    ("GET", "/api/v1/stations/<station>/papers"),
    ("GET", "/api/v1/stations/<station>/photos/<sha256>"),
    ("PUT", "/api/v1/stations/<station>/photos/<sha256>"),
    ("GET", "/api/v1/stations/<station>/pins"),
    ("GET", "/api/v1/stations/<station>/sun"),
    ("GET", "/api/v1/stations/<station>/today"),
}


def test_a_stations_addresses_take_no_unsigned_word(hall: HallUnderTest) -> None:
    for verb, rule in sorted(ANONYMOUS):
        if rule.startswith("/api"):
            answer = hall.client().open(re.sub("<[^>]*>", ANYBODY, rule), method=verb)
            assert answer.status_code == 400, rule
            assert answer.get_json()["error"]


def test_every_answer_is_dressed(hall: HallUnderTest) -> None:
    client = signed_in(hall, "admin")
    for path in ("/", "/people", "/login", "/nowhere", "/healthz", "/static/hub.css", "/api/v1/stations/x/facts"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert "unsafe" not in policy, path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "same-origin", path


def test_pages_have_nothing_from_outside(hall: HallUnderTest) -> None:
    client = signed_in(hall, "admin")
    for path in ("/", "/people", "/stations", "/password", "/today/due"):
        page = client.get(path).get_data(as_text=True)
        links = re.findall(r'(?:href|src|action|hx-get|sse-connect)="([^"]*)"', page)
        assert links, path
        assert all(link.startswith(("/", "#")) and not link.startswith("//") for link in links), path


# New password, the same again ("": the old one), and what is said.
WORSE = [
    ("short", "short", "至少 8"),
    ("zhengwu-1", "zhengwu-2", "不一样"),
    ("", "", "一样"),
    ("12345678", "12345678", "容易猜"),
]


def test_a_one_time_password_opens_nothing_but_its_own_change(hall: HallUnderTest) -> None:
    client = hall.client()
    once = add_account(hall, "admin", "admin")
    assert sign_in(client, "Admin ", once).headers["Location"] == "/"
    for path in ("/", "/people", "/today/board", "/live"):
        assert client.get(path).headers["Location"] == "/password"
    token = token_of(client.get("/password"))
    for new, again, words in WORSE:
        new, again = new or once, again or once
        refused = client.post("/password", data={"old": once, "new": new, "again": again, "csrf_token": token})
        assert (refused.status_code, words in refused.get_data(as_text=True)) == (400, True), new
    done = client.post("/password", data={"old": once, "new": PASSWORD, "again": PASSWORD, "csrf_token": token})
    assert done.headers["Location"] == "/"
    assert "密码已修改" in text_of(client.get("/"))
    assert sign_in(hall.client(), "admin", once).status_code == 401


@pytest.mark.parametrize(
    ("name", "password"), [("admin", "wrong-one"), ("nobody", PASSWORD), ("", ""), ("admin\0", "x")]
)
def test_a_wrong_login_says_nothing_about_what_was_wrong(hall: HallUnderTest, name: str, password: str) -> None:
    add_account(hall, "admin", "admin")
    refused = sign_in(hall.client(), name, password)
    assert refused.status_code == 401
    assert "登录名或密码不对" in refused.get_data(as_text=True)


def test_guessing_at_one_account_is_slowed_down(hall: HallUnderTest) -> None:
    once = add_account(hall, "admin", "admin")
    hall.app.config["RATELIMIT_ENABLED"] = False
    for _ in range(accounts.FREE_FAILURES):
        assert "不对" in sign_in(hall.client(), "admin", "wrong-one").get_data(as_text=True)
    assert "30 秒后再试" in sign_in(hall.client(), "admin", once).get_data(as_text=True), (
        "the right one has to wait too"
    )
    hall.clock.move_to(hall.hub.now() + timedelta(seconds=31))
    assert "不对" in sign_in(hall.client(), "admin", "wrong-one").get_data(as_text=True)
    assert "60 秒后再试" in sign_in(hall.client(), "admin", once).get_data(as_text=True)
    hall.clock.move_to(hall.hub.now() + timedelta(seconds=61))
    assert sign_in(hall.client(), "admin", once).status_code == 302
    with hall.hub.ledger.reading() as session:
        row = session.execute(select(AccountRow)).scalar_one()
        assert (row.failures, row.wait_until) == (0, None)


def test_one_address_cannot_try_without_end(hall: HallUnderTest) -> None:
    client = hall.client()
    token = token_of(client.get("/login"))
    asked = {"name": "nobody", "password": "x", "csrf_token": token}
    statuses = [client.post("/login", data=asked).status_code for _ in range(31)]
    assert statuses == [401] * 30 + [429]
    assert "操作过于频繁" in client.post("/login", data=asked).get_data(as_text=True)


def test_a_form_without_its_token_is_refused_in_words(hall: HallUnderTest) -> None:
    client = signed_in(hall, "admin")
    hall.app.config["RATELIMIT_ENABLED"] = False
    forms = [(method, rule) for method, rule in routes(hall.app) if method != "GET" and not rule.startswith("/api/v1")]
    assert len(forms) > 60
    for method, rule in forms:
        address = re.sub("<[^>]*>", ANYBODY, re.sub("<int:[^>]*>", "0", rule))
        refused = client.open(address, method=method)
        assert refused.status_code == 400, rule
        assert "请求不完整或已过期" in refused.get_data(as_text=True), rule
    assert client.get("/").status_code == 200


def test_leaving_ends_the_login_at_the_hub(hall: HallUnderTest) -> None:
    client = signed_in(hall, "admin")
    stolen = client.get_cookie("zaigang")
    assert stolen is not None
    token = token_of(client.get("/"))
    assert client.post("/logout", data={"csrf_token": token}).headers["Location"] == "/login"
    thief = hall.client()
    thief.set_cookie("zaigang", stolen.value)
    assert thief.get("/").status_code == 302


@pytest.mark.parametrize(
    ("step", "steps"), [(IDLE + timedelta(seconds=1), 1), (IDLE / 2, round(LONGEST / (IDLE / 2)) + 1)]
)
def test_a_login_ends_by_idleness_and_by_age(hall: HallUnderTest, step: timedelta, steps: int) -> None:
    client = signed_in(hall, "admin")
    for _ in range(steps - 1):
        hall.clock.move_to(hall.hub.now() + step)
        assert client.get("/").status_code == 200, "use keeps it alive"
    hall.clock.move_to(hall.hub.now() + step)
    assert client.get("/").headers["Location"] == "/login"
    assert client.get("/people?q=a").headers["Location"] == "/login?next=/people?q%3Da"
    fragment = client.get("/today/board", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (401, "/login")


def test_a_new_password_puts_other_browsers_out(hall: HallUnderTest) -> None:
    first = signed_in(hall, "admin")
    second = hall.client()
    assert sign_in(second, "login1admin", PASSWORD).status_code == 302
    token = token_of(second.get("/password"))
    new = PASSWORD + "x"
    second.post("/password", data={"old": PASSWORD, "new": new, "again": new, "csrf_token": token})
    assert second.get("/").status_code == 200
    assert first.get("/").status_code == 302


def test_rescue_puts_everybody_out_and_is_noted(hall: HallUnderTest) -> None:
    client = signed_in(hall, "admin")
    with hall.hub.ledger.writing() as session:
        once = accounts.rescue(session, "login1admin", hall.hub.now())
    assert client.get("/").status_code == 302
    assert sign_in(client, "login1admin", once).status_code == 302
    assert client.get("/").headers["Location"] == "/password"
    with hall.hub.ledger.reading() as session:
        assert session.execute(select(func.count()).where(AuditRow.act == "account.rescue")).scalar_one() == 1


def test_the_cookie_and_the_rows_behind_it(hall: HallUnderTest) -> None:
    client = hall.client()
    add_account(hall, "admin", "admin")
    plain = client.get("/login").headers["Set-Cookie"]
    assert plain.startswith("zaigang=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(plain.split("; "))
    secure = hall.client().get("/login", base_url="https://hall.test").headers["Set-Cookie"]
    assert secure.startswith("__Host-zaigang=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(secure.split("; "))
    signed_in(hall, "staff")
    with hall.hub.ledger.reading() as session:
        row = session.execute(select(LoginRow)).scalars().first()
        account = session.execute(select(AccountRow)).scalars().first()
        assert row is not None
        assert account is not None
        assert re.fullmatch(r"[0-9a-f]{64}", row.token_hash)
        assert account.password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(
    "target",
    [
        "//evil.test",
        "https://evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "javascript:alert(1)",
        "evil",
        "",
        "/%0d\r\nx",
        "/\tx",
    ],
)
def test_a_login_leads_nowhere_else(hall: HallUnderTest, target: str) -> None:
    with hall.app.test_request_context():
        assert safe_next(target) == "/"
    client = hall.client()
    once = add_account(hall, "admin", "admin")
    token = token_of(client.get("/login"))
    answer = client.post(
        "/login", query_string={"next": target}, data={"name": "admin", "password": once, "csrf_token": token}
    )
    assert answer.headers["Location"] == "/"


def test_after_the_login_one_is_where_one_wanted_to_go(hall: HallUnderTest) -> None:
    client = hall.client()
    once = add_account(hall, "admin", "admin")
    wanted = client.get("/people?q=liu").headers["Location"]
    token = token_of(client.get(wanted))
    answer = client.post(wanted, data={"name": "admin", "password": once, "csrf_token": token})
    assert answer.headers["Location"] == "/people?q=liu"


def test_only_an_administrator_acts_on_stations(hall: HallUnderTest, make_station: MakeStation) -> None:
    station = make_station(confirmed=False)
    clerk = signed_in(hall, "attendance_clerk")
    assert "文字一致，确认接入" not in text_of(clerk.get("/stations"))
    token = token_of(clerk.get("/stations"))
    for path in ("code", f"{station.id}/confirm", f"{station.id}/revoke", f"lineages/{ANYBODY}/approve"):
        refused = clerk.post(f"/stations/{path}", data={"csrf_token": token})
        assert refused.status_code == 403, path
        assert "没有这项权限" in refused.get_data(as_text=True)
    admin = signed_in(hall, "admin")
    assert "文字一致，确认接入" in text_of(admin.get("/stations"))
    token = token_of(admin.get("/stations"))
    assert admin.post(f"/stations/{station.id}/confirm", data={"csrf_token": token}).status_code == 302
    assert station.answer(station.deliver([])).upto == 0
    assert admin.post(f"/stations/{ANYBODY}/confirm", data={"csrf_token": token}).status_code == 404
    shown = admin.post("/stations/code", data={"csrf_token": token}).get_data(as_text=True)
    assert re.search(r"[2-9A-Z]{5}-[2-9A-Z]{5}", shown)
    assert not re.search(r"[2-9A-Z]{5}-[2-9A-Z]{5}", text_of(admin.get("/stations")))


def test_a_fault_of_ours_shows_words_and_no_trace(hall: HallUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(hall, "admin")

    def fail() -> str:
        raise RuntimeError("secret detail")

    monkeypatch.setitem(hall.app.view_functions, "people.page", fail)
    monkeypatch.setitem(hall.app.view_functions, "stations_api.facts", lambda station: fail())
    for path, method in (("/people", "GET"), (f"/api/v1/stations/{ANYBODY}/facts", "POST")):
        answer = client.open(path, method=method)
        assert answer.status_code == 500
        assert "系统出了故障" in answer.get_data(as_text=True)
        assert "secret" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("password", ["1234567", "password", "11112222", "admin-admin", "zaigang123", "x" * 201])
def test_passwords_that_are_not_taken(password: str) -> None:
    with pytest.raises(BadInput):
        check_password(password, "admin")


def test_a_too_large_batch_is_refused_before_it_is_read(hall: HallUnderTest, make_station: MakeStation) -> None:
    station = make_station()
    refused = station.post(b"x" * (wire.MAX_BODY + 1), first=1, last=1, lineage=ANYBODY)
    assert refused.status_code == 413
    assert "太大" in refused.get_json()["error"]
