"""The second factor: a telephone's code counts once, recovery codes once each, and the console helps who lost both."""

import re
from datetime import timedelta

import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.web.browsing import PASSWORD, sign_in, signed_in, text_of, token_of
from tests.web.halls import HallUnderTest
from web.ledger.accounts import AccountRow, RecoveryCodeRow
from web.ledger.audit import AuditRow
from web.services import audit, second_factor

NAME = "login1admin"


def post(client: FlaskClient, path: str, page: str = "", **form: str) -> TestResponse:
    return client.post(path, data={**form, "csrf_token": token_of(client.get(page or path))})


def moment(hall: HallUnderTest, secret: str, steps: int = 0) -> str:
    """The telephone's code at the hub's present time, or so many steps later."""
    return pyotp.TOTP(secret).at(int(hall.hub.now().timestamp()) + 30 * steps)


def later(hall: HallUnderTest, seconds: int = 31) -> None:
    hall.clock.move_to(hall.hub.now() + timedelta(seconds=seconds))


@pytest.fixture
def telephone(hall: HallUnderTest) -> tuple[FlaskClient, str, list[str]]:
    """An administrator who has just begun: browser, secret, recovery codes."""
    client = signed_in(hall, "admin")
    post(client, "/second-factor")
    page = client.get("/second-factor").get_data(as_text=True)
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    assert found
    assert "<svg" in page
    secret = found[1].replace(" ", "")
    assert post(client, "/second-factor/begin", "/second-factor", code="000000").status_code == 400
    begun = post(client, "/second-factor/begin", "/second-factor", code=moment(hall, secret))
    codes = re.findall(r"<li>([a-z2-9]{5}-[a-z2-9]{5})</li>", begun.get_data(as_text=True))
    assert len(codes) == second_factor.CODES
    later(hall)
    return client, secret, codes


def half_in(hall: HallUnderTest) -> FlaskClient:
    """A browser that showed the password and nothing else."""
    client = hall.client()
    answer = sign_in(client, NAME, PASSWORD)
    assert answer.headers["Location"] == "/login/code"
    assert client.get("/").headers["Location"] == "/login"
    return client


def test_a_password_alone_opens_nothing(hall: HallUnderTest, telephone: tuple[FlaskClient, str, list[str]]) -> None:
    _client, secret, _codes = telephone
    browser = half_in(hall)
    assert "验证码不对" in post(browser, "/login/code", code="12345").get_data(as_text=True)
    assert post(browser, "/login/code", code=moment(hall, secret)).headers["Location"] == "/"
    assert browser.get("/").status_code == 200


def test_a_code_counts_once(hall: HallUnderTest, telephone: tuple[FlaskClient, str, list[str]]) -> None:
    _client, secret, _codes = telephone
    code = moment(hall, secret)
    assert post(half_in(hall), "/login/code", code=code).status_code == 302
    thief = half_in(hall)
    assert post(thief, "/login/code", code=code).status_code == 401, "the same one again"
    assert post(thief, "/login/code", code=moment(hall, secret, -1)).status_code == 401, "an older one"
    later(hall)
    assert post(thief, "/login/code", code=moment(hall, secret)).status_code == 302


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 401), (1, 302), (2, 401)])
def test_a_telephone_may_be_a_step_off(
    hall: HallUnderTest, telephone: tuple[FlaskClient, str, list[str]], steps: int, status: int
) -> None:
    """The step before was the one that began it, so it is spent."""
    _client, secret, _codes = telephone
    assert post(half_in(hall), "/login/code", code=moment(hall, secret, steps)).status_code == status


def test_a_recovery_code_counts_once_however_it_is_written(
    hall: HallUnderTest, telephone: tuple[FlaskClient, str, list[str]]
) -> None:
    _client, _secret, codes = telephone
    for code, status in ((codes[0].upper().replace("-", " "), 302), (codes[0], 401), (codes[1], 302)):
        assert post(half_in(hall), "/login/code", code=code).status_code == status, code


def test_wrong_codes_are_slowed_down(hall: HallUnderTest, telephone: tuple[FlaskClient, str, list[str]]) -> None:
    _client, secret, _codes = telephone
    browser = half_in(hall)
    for _ in range(4):  # the fifth was at the beginning, by who was signed in
        assert "验证码不对" in post(browser, "/login/code", code="000000").get_data(as_text=True)
    assert "30 秒后再试" in post(browser, "/login/code", code=moment(hall, secret)).get_data(as_text=True)


@pytest.mark.parametrize("path", ["/second-factor/begin", "/second-factor/codes", "/second-factor/end"])
def test_who_is_signed_in_cannot_guess_either(
    hall: HallUnderTest, telephone: tuple[FlaskClient, str, list[str]], path: str
) -> None:
    """Each wrong code counts like one at the login, and the wait holds at both."""
    client, secret, _codes = telephone
    with hall.hub.ledger.writing() as session:
        row = session.execute(select(AccountRow).where(AccountRow.name == NAME)).scalar_one()
        row.failures = 0
        if path == "/second-factor/begin":
            row.factor_since = None
    for _ in range(5):
        assert post(client, path, "/second-factor", code="000000").status_code == 400
    held = post(client, path, "/second-factor", code=moment(hall, secret))
    assert (held.status_code, "30 秒后再试" in held.get_data(as_text=True)) == (401, True)
    assert "30 秒后再试" in sign_in(hall.client(), NAME, PASSWORD).get_data(as_text=True)
    later(hall)
    assert post(client, path, "/second-factor", code=moment(hall, secret)).status_code in (200, 302)


def test_who_showed_the_password_does_not_wait_for_ever(
    hall: HallUnderTest, telephone: tuple[FlaskClient, str, list[str]]
) -> None:
    client, secret, _codes = telephone
    slow, stale = half_in(hall), half_in(hall)
    new = PASSWORD + "x"
    assert post(client, "/password", old=PASSWORD, new=new, again=new).status_code == 302
    asked = post(stale, "/login/code", code=moment(hall, secret))
    assert "登录已过期" in asked.get_data(as_text=True), "the password was changed meanwhile"
    later(hall, 301)
    assert slow.get("/login/code").headers["Location"] == "/login"


def test_new_codes_and_the_end_of_it(hall: HallUnderTest, telephone: tuple[FlaskClient, str, list[str]]) -> None:
    client, secret, codes = telephone
    renewed = post(client, "/second-factor/codes", "/second-factor", code=moment(hall, secret))
    assert len(re.findall(r"<li>[a-z2-9]{5}-[a-z2-9]{5}</li>", renewed.get_data(as_text=True))) == second_factor.CODES
    assert post(half_in(hall), "/login/code", code=codes[0]).status_code == 401, "the earlier ones are void"
    later(hall)
    assert post(client, "/second-factor/end", "/second-factor", code=moment(hall, secret)).status_code == 302
    assert sign_in(hall.client(), NAME, PASSWORD).headers["Location"] == "/"


def test_what_is_kept_opens_nothing(hall: HallUnderTest, telephone: tuple[FlaskClient, str, list[str]]) -> None:
    _client, secret, codes = telephone
    with hall.hub.ledger.reading() as session:
        row = session.execute(select(AccountRow).where(AccountRow.name == NAME)).scalar_one()
        kept = f"{row.factor} {session.execute(select(RecoveryCodeRow.hash)).scalars().all()}"
    assert secret not in kept
    assert secret.encode().hex() not in kept
    assert not any(code.replace("-", "") in kept for code in codes)


def test_the_console_helps_who_lost_both(hall: HallUnderTest, telephone: tuple[FlaskClient, str, list[str]]) -> None:
    with hall.hub.ledger.writing() as session:
        second_factor.rescue(session, NAME, hall.hub.now())
    assert sign_in(hall.client(), NAME, PASSWORD).headers["Location"] == "/"
    with hall.hub.ledger.reading() as session:
        line = session.execute(select(AuditRow).order_by(AuditRow.row.desc()).where(AuditRow.act == "factor.rescue"))
        assert line.scalar_one().by is None
        assert audit.broken(session) is None


def test_a_hall_may_ask_its_administrators_for_it(hall: HallUnderTest) -> None:
    client, clerk = signed_in(hall, "admin"), signed_in(hall, "supervision")
    assert "建议系统管理员都启用" in text_of(client.get("/second-factor"))
    assert post(client, "/accounts/rule", "/accounts", required="yes").headers["Location"] == "/accounts"
    for path in ("/", "/people", "/accounts"):
        assert client.get(path).headers["Location"] == "/second-factor"
    assert clerk.get("/").status_code == 200, "others as they like"
    post(client, "/second-factor")
    shown = re.search(r'class="secret">([A-Z2-7 ]+)<', client.get("/second-factor").get_data(as_text=True))
    assert shown
    code = moment(hall, shown[1].replace(" ", ""))
    assert post(client, "/second-factor/begin", "/second-factor", code=code).status_code == 200
    assert client.get("/").status_code == 200
