"""A browser without scripts: forms with their tokens, and what a page says."""

import re
from datetime import date, datetime
from html import unescape

from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from uuid6 import uuid7
from werkzeug.test import TestResponse

from tests.web.halls import HallUnderTest
from web.ledger.accounts import AccountRow
from web.services import accounts, people
from web.services.people import NewPerson

PASSWORD = "zhengwu-2026"
HASHED = accounts.HASHER.hash(PASSWORD)


def add_account(hall: HallUnderTest, name: str, *roles: str, unit: str = "") -> str:
    """An account for a new person with these roles, who is not due at the hall; its one-time password."""
    now = hall.hub.now()
    with hall.hub.ledger.writing() as session:
        person = people.add(session, [outsider(roles, unit)], now)[0]
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


def add_login(session: Session, person: str, name: str, now: datetime) -> str:
    """An account with the password PASSWORD, past the forms; its id."""
    row = AccountRow(
        id=str(uuid7()), person=person, name=name, password=HASHED, must_change=False, failures=0, made=now
    )
    session.add(row)
    session.flush()
    return row.id


def enter(hall: HallUnderTest, account: str) -> FlaskClient:
    """A browser that is signed in by this account, past the forms (see test_doors for those)."""
    client = hall.client()
    with hall.hub.ledger.writing() as session:
        token = accounts.sign_in(session, accounts.Proof(account, fits=True), hall.hub.now())
    with client.session_transaction(base_url="http://localhost") as cookie:
        cookie["_user_id"] = token
    return client


def signed_in(hall: HallUnderTest, *roles: str, unit: str = "") -> FlaskClient:
    """A browser whose owner has these roles and the password PASSWORD."""
    now = hall.hub.now()
    with hall.hub.ledger.writing() as session:
        person = people.add(session, [outsider(roles, unit)], now)[0]
        account = add_login(session, person, f"login{len(roles)}{'-'.join(roles)}{unit}", now)
    return enter(hall, account)


def outsider(roles: tuple[str, ...], unit: str = "") -> NewPerson:
    """Somebody with these roles who is not due at the hall."""
    return NewPerson("宋平", group="other", unit=unit, roles=roles, posted_to=date(2026, 1, 1))


def text_of(answer: TestResponse) -> str:
    """What a reader sees, tags away, white space single."""
    assert answer.status_code == 200, answer.status
    plain = re.sub(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", " ", answer.get_data(as_text=True), flags=re.S)
    return re.sub(r"\s+", " ", unescape(plain))
