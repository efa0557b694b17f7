"""A browser without scripts: forms with their tokens, and what a page says."""

import re
from datetime import date
from html import unescape

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.web.halls import HallUnderTest
from web.ledger.accounts import AccountRow
from web.services import accounts, people
from web.services.people import NewPerson

PASSWORD = "zhengwu-2026"


def add_account(hall: HallUnderTest, name: str, *roles: str, unit: str = "") -> str:
    """An account for a new person with these roles, who is not due at the hall; its one-time password."""
    now = hall.hub.now()
    outsider = NewPerson("宋平", group="other", unit=unit, roles=roles, posted_to=date(2026, 1, 1))
    with hall.hub.ledger.writing() as session:
        person = people.add(session, [outsider], now)[0]
        return accounts.create(session, person, name, now)


def token_of(answer: TestResponse) -> str:
    """The token against forgery in a page's form."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', answer.get_data(as_text=True))
    assert found, answer.get_data(as_text=True)
    return found[1]


def sign_in(client: FlaskClient, name: str, password: str, where: str = "/login") -> TestResponse:
    """Fill in the login form."""
    token = token_of(client.get(where))
    return client.post(where, data={"name": name, "password": password, "csrf_token": token})


def signed_in(hall: HallUnderTest, *roles: str, unit: str = "") -> FlaskClient:
    """A browser whose owner has these roles and the password PASSWORD, past the forms (see test_doors for those)."""
    client, name, now = hall.client(), f"login{len(roles)}{'-'.join(roles)}{unit}", hall.hub.now()
    add_account(hall, name, *roles, unit=unit)
    with hall.hub.ledger.writing() as session:
        row = session.execute(select(AccountRow).where(AccountRow.name == name)).scalar_one()
        row.must_change, row.password = False, accounts.HASHER.hash(PASSWORD)
        token = accounts.sign_in(session, accounts.Proof(row.id, fits=True), now)
    with client.session_transaction(base_url="http://localhost") as cookie:
        cookie["_user_id"] = token
    return client


def text_of(answer: TestResponse) -> str:
    """What a reader sees, tags away, white space single."""
    assert answer.status_code == 200, answer.status
    plain = re.sub(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", " ", answer.get_data(as_text=True), flags=re.S)
    return re.sub(r"\s+", " ", unescape(plain))
