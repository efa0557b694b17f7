"""Accounts belong to people: what a role gives ends with it, and who leaves is out everywhere."""

import re
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.web.browsing import PASSWORD, add_login, enter, sign_in, signed_in, text_of, token_of
from tests.web.halls import ANYBODY, HallUnderTest
from web.ledger.accounts import AccountRow, LoginRow
from web.ledger.audit import AuditRow
from web.ledger.people import RoleRow
from web.services import accounts, leaving, people, roles
from web.services.passwords import check_password, common
from web.services.people import NewPerson

MONDAY = date(2026, 3, 2)
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36 MicroMessenger/8.0"


def post(client: FlaskClient, path: str, page: str, **form: str) -> TestResponse:
    return client.post(path, data={**form, "csrf_token": token_of(client.get(page))})


def account_of(hall: HallUnderTest, name: str) -> AccountRow:
    with hall.hub.ledger.reading() as session:
        return session.execute(select(AccountRow).where(AccountRow.name == name)).scalar_one()


def test_an_account_from_its_opening_to_its_end(hall: HallUnderTest) -> None:
    admin = signed_in(hall, "admin")
    opened = text_of(post(admin, "/accounts", "/accounts", person="刘明 1001", name="LiuMing"))
    once = re.search(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", opened)
    assert once
    assert once[0] not in admin.get("/accounts").get_data(as_text=True)
    browser = hall.client()
    assert sign_in(browser, "liuming", once[0]).headers["Location"] == "/"
    key = account_of(hall, "liuming").id
    renewed = text_of(post(admin, f"/accounts/{key}/password", "/accounts"))
    assert browser.get("/password").headers["Location"].startswith("/login"), "out with the old password"
    assert sign_in(hall.client(), "liuming", once[0]).status_code == 401
    again = re.search(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", renewed)
    assert again
    assert sign_in(browser, "liuming", again[0]).status_code == 302
    assert post(admin, f"/accounts/{key}/close", "/accounts").status_code == 302
    assert browser.get("/password").headers["Location"].startswith("/login")
    assert sign_in(hall.client(), "liuming", again[0]).status_code == 401
    assert "一次性密码" in text_of(post(admin, f"/accounts/{key}/open", "/accounts"))
    assert account_of(hall, "liuming").closed is None


REFUSED = [
    ({"person": "刘明", "name": "login1admin"}, "登录名 login1admin 已被使用"),
    ({"person": "没有这个人", "name": "x1"}, "没有找到在册的"),
    ({"person": "刘明", "name": "a b"}, "不含空格"),
    ({"person": "刘明", "name": "x"}, "2 到 40 个字符"),
    ({"person": "无角色", "name": "none"}, "没有现任角色"),
]


@pytest.mark.parametrize(("form", "words"), REFUSED)
def test_accounts_that_are_not_opened(hall: HallUnderTest, form: dict[str, str], words: str) -> None:
    with hall.hub.ledger.writing() as session:
        people.add(session, [NewPerson("无角色", roles=())], hall.hub.now())
    refused = post(signed_in(hall, "admin"), "/accounts", "/accounts", **form)
    assert refused.status_code == 400
    assert words in refused.get_data(as_text=True)


def test_nobody_shuts_themselves_or_the_last_administrator_out(hall: HallUnderTest) -> None:
    admin = signed_in(hall, "admin")
    own = account_of(hall, "login1admin").id
    for act in ("close", "password"):
        assert post(admin, f"/accounts/{own}/{act}", "/accounts").status_code == 400
    assert post(admin, f"/accounts/{ANYBODY}/close", "/accounts").status_code == 404


def test_a_role_that_ended_yesterday_gives_nothing_today(hall: HallUnderTest) -> None:
    admin = signed_in(hall, "admin", "staff")
    assert admin.get("/accounts").status_code == 200
    with hall.hub.ledger.writing() as session:
        for row in session.execute(select(RoleRow).where(RoleRow.role == "admin")).scalars():
            row.until = MONDAY
    hall.at("23:59")
    assert timedelta(0) < accounts.IDLE
    browser = enter(hall, account_of(hall, "login2admin-staff").id)
    assert browser.get("/accounts").status_code == 200, "its last day counts whole"
    hall.clock.move_to(hall.hub.now() + timedelta(minutes=2))
    assert browser.get("/accounts").status_code == 403
    assert browser.get("/").status_code == 200


def test_who_holds_no_role_today_is_told_so(hall: HallUnderTest) -> None:
    signed_in(hall, "unit_leader")
    with hall.hub.ledger.writing() as session:
        for row in session.execute(select(RoleRow).where(RoleRow.role == "unit_leader")).scalars():
            row.since = MONDAY + timedelta(days=1)
    refused = sign_in(hall.client(), "login1unit_leader", PASSWORD)
    assert refused.status_code == 401
    assert "今天没有担任任何角色" in refused.get_data(as_text=True)


def test_who_leaves_is_out_when_the_day_is_over(hall: HallUnderTest) -> None:
    now, by = hall.hub.now(), hall.people["王芳"]
    with hall.hub.ledger.writing() as session:
        account = add_login(session, hall.people["刘明"], "liuming", now)
        leaving.leave(session, hall.people["刘明"], MONDAY + timedelta(days=1), MONDAY, now, by)
    hall.at("23:00")
    browser = enter(hall, account)
    assert browser.get("/").status_code == 200, "the last day is tomorrow"
    hall.clock.move_to(hall.hub.now() + timedelta(minutes=90))
    assert browser.get("/").status_code == 200
    late = enter(hall, account)
    hall.clock.move_to(hall.hub.now() + timedelta(hours=23, minutes=50))
    assert late.get("/").headers["Location"].startswith("/login")
    assert sign_in(hall.client(), "liuming", PASSWORD).status_code == 401


def test_the_present_password_is_not_guessed_by_who_is_signed_in(hall: HallUnderTest) -> None:
    """A browser that was left open: wrong ones are counted and held back, and the audit says that it happened."""
    client, new = signed_in(hall, "admin"), PASSWORD + "x"
    for _ in range(4):
        assert post(client, "/password", "/password", old="wrong-one", new=new, again=new).status_code == 400
    with hall.hub.ledger.reading() as session:
        assert session.execute(select(AuditRow).where(AuditRow.act == "account.locked")).first() is None
    form = {"old": "wrong-one", "new": new, "again": new, "csrf_token": token_of(client.get("/password"))}
    assert client.post("/password", data=form, environ_base={"REMOTE_ADDR": "10.0.0.7"}).status_code == 400
    held = post(client, "/password", "/password", old=PASSWORD, new=new, again=new)
    assert (held.status_code, "30 秒后再试" in held.get_data(as_text=True)) == (401, True)
    with hall.hub.ledger.reading() as session:
        line = session.execute(select(AuditRow).where(AuditRow.act == "account.locked")).scalar_one()
        assert (line.by, line.origin, "login1admin" in line.detail) == (None, "10.0.0.7", True)
    hall.clock.move_to(hall.hub.now() + timedelta(seconds=31))
    assert post(client, "/password", "/password", old=PASSWORD, new=new, again=new).status_code == 302
    assert account_of(hall, "login1admin").failures == 0


@pytest.mark.parametrize("path", ["/password", "/second-factor/begin", "/second-factor/codes", "/second-factor/end"])
def test_an_address_tries_so_often_a_minute(hall: HallUnderTest, path: str) -> None:
    """The limit of the login counts every place where a password or a code is shown, together."""
    client = signed_in(hall, "admin")
    token = token_of(client.get("/password"))
    for _ in range(30):
        sign_in(hall.client(), "nobody", "wrong-one")
    assert client.post(path, data={"csrf_token": token}).status_code == 429


def test_logins_are_seen_and_ended(hall: HallUnderTest) -> None:
    mine, other = signed_in(hall, "supervision"), signed_in(hall, "admin")
    phone = hall.client()
    token = token_of(phone.get("/login"))
    form = {"name": "login1supervision", "password": PASSWORD, "csrf_token": token}
    assert phone.post("/login", data=form, headers={"User-Agent": PHONE}).status_code == 302
    shown = text_of(mine.get("/logins"))
    assert "微信，安卓 127.0.0.1 · 登录 2026-03-02 08:40" in shown
    assert shown.count("就是这个浏览器") == 1
    with hall.hub.ledger.reading() as session:
        marks = dict(session.execute(select(LoginRow.agent, LoginRow.token_hash)).all())
        admins = session.execute(
            select(LoginRow.token_hash).where(LoginRow.account == account_of(hall, "login1admin").id)
        ).scalar_one()
    assert post(mine, f"/logins/{admins}/end", "/logins").status_code == 404, "not another's"
    assert mine.get("/logins?whose=all").status_code == 403
    assert post(mine, f"/logins/{marks[PHONE]}/end", "/logins").status_code == 302
    assert phone.get("/").headers["Location"].startswith("/login")
    assert "宋平（login1supervision）" in text_of(other.get("/logins?whose=all"))
    assert post(other, "/logins/end-all", "/logins", whose="all").headers["Location"] == "/logins?whose=all"
    assert mine.get("/").headers["Location"].startswith("/login")
    assert other.get("/").status_code == 200


def test_the_others_of_mine_end_at_once(hall: HallUnderTest) -> None:
    mine, stranger = signed_in(hall, "supervision"), signed_in(hall, "admin")
    second = enter(hall, account_of(hall, "login1supervision").id)
    assert post(mine, "/logins/end", "/logins").status_code == 302
    statuses = [client.get("/").status_code for client in (mine, second, stranger)]
    assert statuses == [200, 302, 200]


def test_three_thousand_common_passwords_are_known() -> None:
    assert len(common()) == 3000
    assert all(len(each) >= 8 and each == each.lower() for each in common())
    for each in ("password", "zhengwu123", "trustno1", "woaini1314"):
        with pytest.raises(Exception, match="太容易猜到"):
            check_password(each.upper(), "somebody")
    check_password("daiban-2026-xyz", "somebody")


def test_a_granted_role_opens_and_a_withdrawn_one_closes(hall: HallUnderTest) -> None:
    by = hall.people["王芳"]
    with hall.hub.ledger.writing() as session:
        account = add_login(session, hall.people["刘明"], "liuming", hall.hub.now())
    browser = enter(hall, account)
    assert browser.get("/audit").status_code == 403
    with hall.hub.ledger.writing() as session:
        role = roles.grant(session, hall.people["刘明"], "supervision", MONDAY, None, hall.hub.now(), by)
    assert browser.get("/audit").status_code == 200
    with hall.hub.ledger.writing() as session:
        roles.withdraw(session, role, MONDAY - timedelta(days=1), hall.hub.now(), by)
    assert browser.get("/audit").status_code == 403
