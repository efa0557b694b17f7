"""PINs at the hub: how one is set, which station is given whose, and that nothing of it is lost or taken twice."""

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, event, select
from werkzeug.serving import make_server

from station import wire
from station.clock import DrivenClock
from station.facts import ClockFix, Enrolled, Request, Started
from station.joining import KEY
from station.joining import join as join_hub
from station.journal import Journal
from station.keys import load_or_make, verified
from station.pins import FROM_HUB, HASHER, TO_HUB, opened
from station.sealed import SealKey, load_or_make_seal, seal
from station.uplink import Uplink
from tests.web.browsing import signed_in, text_of, token_of
from tests.web.halls import ANYBODY, MONDAY, HallUnderTest, MakeStation, StationUnderTest
from web.ledger.audit import AuditRow
from web.ledger.people import PersonRow, RoleRow
from web.ledger.pins import PinRow
from web.ledger.stations import StationRow
from web.services import audit, people, pins, stations
from web.services.errors import BadInput
from web.services.people import NewPerson
from web.services.rebuild import rebuild

MADE = HASHER.hash("804731")  # one real hash; which digits are in it matters in one test only
OTHER = HASHER.hash("526094")


@pytest.fixture
def seal_key(hall: HallUnderTest, station: StationUnderTest, tmp_path: Path) -> SealKey:
    """The key of the station, known to the hub."""
    key = load_or_make_seal(tmp_path / "station.seal")
    with hall.hub.ledger.writing() as session:
        session.get_one(StationRow, station.id).seal_key = key.public
    return key


def set_pin(hall: HallUnderTest, *names: str, made: str = MADE) -> None:
    with hall.hub.ledger.writing() as session:
        for name in names:
            pins.set_pin(session, hall.people[name], made, hall.hub.now(), ANYBODY)


def handed(hall: HallUnderTest, station: StationUnderTest, key: SealKey) -> dict[str, str]:
    """Person → hash as the station reads them."""
    with hall.hub.ledger.reading() as session:
        return opened(key, pins.hand_out(session, hall.hub, station.id).sealed())


def chosen(hall: HallUnderTest, name: str, made: str) -> Request:
    """What the kiosk records when somebody chooses a PIN there."""
    sealed = seal(hall.hub.seal.public, made.encode(), TO_HUB).hex()
    return Request(person=hall.people[name], asks="pin", fields={"sealed": sealed})


def in_force(hall: HallUnderTest) -> dict[str, str]:
    with hall.hub.ledger.reading() as session:
        return {person: row.hash for person, row in pins.in_force(session).items()}


# Role, its first and last day relative to today, and whether the PIN goes to the stations.
ROLES = [
    ("duty_leader", None, None, True),
    ("supervision", None, None, True),
    ("admin", None, None, True),
    ("patrol_officer", None, None, True),
    ("window_head", None, None, True),
    ("staff", None, None, False),
    ("chief_rep", None, None, False),
    ("unit_leader", None, None, False),
    ("duty_leader", None, -1, True),  # ended yesterday: a station that was away all day may still need it
    ("duty_leader", None, -2, False),
    ("duty_leader", 31, None, True),
    ("duty_leader", 32, None, False),
    ("duty_leader", -9, 9, True),
]


@pytest.mark.parametrize(("role", "since", "until", "goes"), ROLES)
def test_only_who_may_need_a_pin_there_has_it_there(
    hall: HallUnderTest, station: StationUnderTest, seal_key: SealKey, role: str, since: int, until: int, goes: bool
) -> None:
    today = date(2026, 3, 2)
    ming = hall.people["刘明"]
    with hall.hub.ledger.writing() as session:
        session.execute(delete(RoleRow).where(RoleRow.person == ming))
        first = None if since is None else today + timedelta(days=since)
        last = None if until is None else today + timedelta(days=until)
        session.add(RoleRow(id=ANYBODY, person=ming, role=role, since=first, until=last))
    set_pin(hall, "刘明")
    station.record(Enrolled(person=ming, place=1))
    station.send()
    assert (ming in handed(hall, station, seal_key)) == goes


def test_a_person_without_a_finger_anywhere_has_their_pin_at_every_station(
    hall: HallUnderTest, make_station: MakeStation, station: StationUnderTest, seal_key: SealKey
) -> None:
    set_pin(hall, "刘明", "王芳")
    assert handed(hall, station, seal_key) == {hall.people["刘明"]: MADE, hall.people["王芳"]: MADE}
    elsewhere = make_station()
    elsewhere.record(Enrolled(person=hall.people["刘明"], place=4))
    elsewhere.send()
    assert set(handed(hall, station, seal_key)) == {hall.people["王芳"]}
    with hall.hub.ledger.writing() as session:
        stations.revoke(session, elsewhere.id, None, hall.hub.now())
    assert set(handed(hall, station, seal_key)) == {hall.people["刘明"], hall.people["王芳"]}, "no use of that one"
    with hall.hub.ledger.writing() as session:
        session.get_one(PersonRow, hall.people["王芳"]).posted_to = date(2026, 2, 28)
    assert set(handed(hall, station, seal_key)) == {hall.people["刘明"]}, "who left more than a day ago is out"


def test_equal_pins_have_an_equal_etag_and_other_ones_another(
    hall: HallUnderTest, station: StationUnderTest, seal_key: SealKey, tmp_path: Path
) -> None:
    set_pin(hall, "刘明")
    with hall.hub.ledger.reading() as session:
        first, second = (pins.hand_out(session, hall.hub, station.id) for _ in range(2))
    assert first.etag == second.etag
    assert first.sealed() != second.sealed(), "sealing is never the same twice"
    set_pin(hall, "王芳")
    with hall.hub.ledger.writing() as session:
        third = pins.hand_out(session, hall.hub, station.id)
        session.get_one(StationRow, station.id).seal_key = load_or_make_seal(tmp_path / "another").public
        fourth = pins.hand_out(session, hall.hub, station.id)
    assert len({first.etag, third.etag, fourth.etag}) == 3
    assert MADE not in first.etag


def test_over_http_signed_with_a_fresh_nonce_and_304(
    hall: HallUnderTest, station: StationUnderTest, seal_key: SealKey
) -> None:
    set_pin(hall, "刘明")
    path, headers = station.signed("GET", "pins", b"", nonce="stale")
    refused = station.http.get(path, headers=headers)
    assert refused.status_code == 401
    path, headers = station.signed("GET", "pins", b"", nonce=refused.get_json()["nonce"])
    given = station.http.get(path, headers=headers)
    assert given.status_code == 200
    content = given.get_data()
    assert verified(hall.hub.key.public, given.headers[wire.SIGNATURE], wire.answer_message(content))
    assert opened(seal_key, content) == {hall.people["刘明"]: MADE}
    assert MADE.encode() not in content
    same = station.http.get(path, headers=headers | {"If-None-Match": given.headers["ETag"]})
    assert (same.status_code, same.get_data(), same.headers["ETag"]) == (304, b"", given.headers["ETag"])
    unsigned = station.http.get(path)
    assert unsigned.status_code == 400


def test_a_station_without_a_seal_key_gets_none(hall: HallUnderTest, station: StationUnderTest) -> None:
    nonce = station.answer(station.deliver([])).nonce
    path, headers = station.signed("GET", "pins", b"", nonce=nonce)
    refused = station.http.get(path, headers=headers)
    assert (refused.status_code, "封装密钥" in refused.get_json()["error"]) == (404, True)


@pytest.fixture
def url(hall: HallUnderTest) -> Iterator[str]:
    """The hub on a port of its own."""
    server = make_server("127.0.0.1", 0, hall.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def test_the_stations_own_client_gets_them_over_a_socket(hall: HallUnderTest, url: str, tmp_path: Path) -> None:
    folder = tmp_path / "board"
    with hall.hub.ledger.writing() as session:
        code = stations.make_code(session, hall.hub.now())
    joined = join_hub(folder, url, code, "三楼", load_or_make(folder / KEY))
    with hall.hub.ledger.writing() as session:
        stations.confirm(session, joined.station, None, hall.hub.now())
    set_pin(hall, "刘明")
    clock = DrivenClock(MONDAY, "synced")
    with Journal(folder, clock) as journal:
        journal.append(Started(version="0.1"))
        uplink = Uplink(joined, load_or_make(folder / KEY), journal, clock, folder)
        assert uplink.step().state == "went"
        uplink.fetch_papers()
        assert uplink.held is not None
        assert uplink.held.papers.hall.seal_key == hall.hub.seal.public
        content = uplink.fetch_sealed("pins")
        assert content is not None
        assert opened(load_or_make_seal(folder / "station.seal"), content) == {hall.people["刘明"]: MADE}
        assert uplink.fetch_sealed("pins") is None, "they are the present ones"
        journal.append(chosen(hall, "刘明", OTHER))
        assert uplink.step().state == "went"
        content = uplink.fetch_sealed("pins")
        assert content is not None
        assert opened(load_or_make_seal(folder / "station.seal"), content) == {hall.people["刘明"]: OTHER}


def test_another_seal_key_is_compared_by_a_person_again(hall: HallUnderTest, tmp_path: Path) -> None:
    keys = [load_or_make_seal(tmp_path / str(number)).public for number in range(2)]
    public = load_or_make(tmp_path / "key").public
    states = []
    for key in (keys[0], keys[0], keys[1]):
        with hall.hub.ledger.writing() as session:
            code = stations.make_code(session, hall.hub.now())
            row = stations.join(session, code, public, "三楼", hall.hub.now(), key)
            states.append((row.seal_key, row.state))
            if key == keys[0]:
                stations.confirm(session, row.id, None, hall.hub.now())
    assert states == [(keys[0], "waiting"), (keys[0], "confirmed"), (keys[1], "waiting")]
    with pytest.raises(BadInput), hall.hub.ledger.writing() as session:
        stations.join(session, stations.make_code(session, hall.hub.now()), public, "三楼", hall.hub.now(), "no key")


def test_a_pin_chosen_at_a_kiosk_counts_once_and_survives_a_rebuild(
    hall: HallUnderTest, station: StationUnderTest
) -> None:
    station.record(Started(version="0.1"), chosen(hall, "刘明", MADE))
    station.send()
    station.send()
    ming = hall.people["刘明"]
    assert in_force(hall) == {ming: MADE}
    with hall.hub.ledger.writing() as session:
        rebuild(session, hall.hub_zone())
        assert pins.settle(session, hall.hub.seal, hall.hub.now()) == 0
    assert in_force(hall) == {ming: MADE}
    with hall.hub.ledger.writing() as session:
        session.execute(delete(PinRow))  # the table is lost
        assert pins.settle(session, hall.hub.seal, hall.hub.now()) == 1
        assert audit.broken(session) is None
    assert in_force(hall) == {ming: MADE}
    with hall.hub.ledger.reading() as session:
        lines = session.execute(select(AuditRow).where(AuditRow.act == "pin.set")).scalars().all()
        assert [line.subject for line in lines] == [ming, ming]
        assert all(MADE not in line.detail for line in lines)


def test_the_newest_one_counts_wherever_it_was_set(hall: HallUnderTest, station: StationUnderTest) -> None:
    ming = hall.people["刘明"]
    station.record(Started(version="0.1"), chosen(hall, "刘明", MADE))
    hall.clock.move_to(hall.hub.now() + timedelta(hours=1))
    set_pin(hall, "刘明", made=OTHER)
    station.send()  # chosen before, arrives after
    assert in_force(hall) == {ming: OTHER}
    with hall.hub.ledger.reading() as session:
        kept = {row.source: row.hash for row in session.execute(select(PinRow)).scalars()}
    assert kept == {"kiosk": "", "desk": OTHER}, "a replaced hash is kept nowhere"
    station.clock.move_to(hall.hub.now() + timedelta(hours=1))
    station.record(chosen(hall, "刘明", MADE))
    station.send(after=2)
    assert in_force(hall) == {ming: MADE}


def test_one_chosen_while_the_clock_was_wrong_counts_from_its_true_time(
    hall: HallUnderTest, make_station: MakeStation
) -> None:
    ming = hall.people["刘明"]
    set_pin(hall, "刘明", made=OTHER)
    lost = make_station(start=MONDAY.replace(year=1970), trust="unsynced")
    lost.record(Started(version="0.1"), chosen(hall, "刘明", MADE))
    lost.send()
    assert in_force(hall) == {ming: OTHER}
    offset = (MONDAY + timedelta(hours=2) - lost.clock.read().at) // timedelta(microseconds=1)
    lost.record(ClockFix(boot=lost.clock.read().boot, offset_us=offset))
    lost.send(after=2)
    assert in_force(hall) == {ming: MADE}
    with hall.hub.ledger.reading() as session:
        assert {row.hash for row in session.execute(select(PinRow)).scalars()} == {MADE, ""}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"sealed": ""},
        {"sealed": "not hex"},
        {"sealed": "00" * 90},
        {"sealed": 5},
        {"sealed": "PLAIN"},
    ],
)
def test_what_cannot_be_opened_sets_nothing_and_is_noted(
    hall: HallUnderTest, station: StationUnderTest, fields: dict[str, str | int]
) -> None:
    if fields.get("sealed") == "PLAIN":
        fields = {"sealed": seal(hall.hub.seal.public, b"804731", TO_HUB).hex()}  # digits, not a hash
    set_pin(hall, "刘明")
    station.clock.move_to(MONDAY + timedelta(hours=1))
    station.record(Started(version="0.1"), Request(person=hall.people["刘明"], asks="pin", fields=fields))
    assert station.send().upto == 2, "a fact is taken whatever is in it"
    assert in_force(hall) == {hall.people["刘明"]: MADE}
    with hall.hub.ledger.writing() as session:
        assert pins.settle(session, hall.hub.seal, hall.hub.now()) == 0
        assert len(session.execute(select(AuditRow).where(AuditRow.act == "pin.unreadable")).all()) == 1


def test_a_pin_of_another_context_is_not_taken(hall: HallUnderTest, station: StationUnderTest) -> None:
    sealed = seal(hall.hub.seal.public, MADE.encode(), FROM_HUB).hex()
    station.record(Request(person=hall.people["刘明"], asks="pin", fields={"sealed": sealed}))
    station.send()
    assert in_force(hall) == {}


POOR = [
    ("", "", "6 位数字"),
    ("12345", "12345", "6 位数字"),
    ("1234567", "1234567", "6 位数字"),
    ("12345a", "12345a", "6 位数字"),
    ("１２３５７９", "１２３５７９", "6 位数字"),
    ("804731", "804732", "不一样"),
    ("000000", "000000", "容易猜"),
    ("123456", "123456", "容易猜"),
    ("654321", "654321", "容易猜"),
    ("901234", "901234", "容易猜"),
    ("121212", "121212", "容易猜"),
    ("385385", "385385", "容易猜"),
    ("889988", "889988", "容易猜"),
    ("900215", "900215", "日期"),
    ("150290", "150290", "日期"),
    ("000229", "000229", "日期"),
    ("347801", "347801", "末六位"),
]


@pytest.mark.parametrize(("digits", "again", "words"), POOR)
def test_poor_pins_are_refused_in_words(digits: str, again: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        pins.check(digits, again, ("1001", "13812347801"))


@pytest.mark.parametrize("digits", ["804731", "900231", "135790", "991399"])
def test_good_ones_are_taken(digits: str) -> None:
    pins.check(digits, digits, ("", "1001", "13812347801"))


def test_at_the_desk_it_is_typed_twice_and_never_shown(hall: HallUnderTest) -> None:
    client, ming = signed_in(hall, "admin"), hall.people["刘明"]
    path = f"/people/{ming}"
    assert "PIN 未设置" in text_of(client.get(path))
    token = token_of(client.get(path))
    refused = client.post(f"{path}/pin", data={"pin": "804731", "again": "804732", "csrf_token": token})
    assert (refused.status_code, "两次输入的 PIN 不一样" in refused.get_data(as_text=True)) == (400, True)
    assert "804731" not in refused.get_data(as_text=True)
    done = client.post(f"{path}/pin", data={"pin": "804731", "again": "804731", "csrf_token": token})
    assert done.headers["Location"] == path
    page = client.get(path)
    assert "PIN 已设置" in text_of(page)
    assert "2026-03-02 08:40，在中枢" in text_of(page)
    assert "804731" not in page.get_data(as_text=True)
    made = in_force(hall)[ming]
    assert made.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert HASHER.verify(made, "804731")
    assert made not in page.get_data(as_text=True)
    with hall.hub.ledger.reading() as session:
        line = session.execute(select(AuditRow).where(AuditRow.act == "pin.set")).scalar_one()
        assert (line.subject, "804731" in line.detail) == (ming, False)
        assert session.get_one(PersonRow, line.by).id not in hall.people.values(), "under whose login"


def test_nobody_but_an_administrator_sets_one(hall: HallUnderTest) -> None:
    client, ming = signed_in(hall, "duty_leader"), hall.people["刘明"]
    page = client.get(f"/people/{ming}")
    assert "保存 PIN" not in text_of(page)
    given = {"pin": "804731", "again": "804731", "csrf_token": token_of(page)}
    assert client.post(f"/people/{ming}/pin", data=given).status_code == 403
    admin = signed_in(hall, "admin")
    given["csrf_token"] = token_of(admin.get("/people"))
    assert admin.post(f"/people/{ANYBODY}/pin", data=given).status_code == 404
    assert in_force(hall) == {}


def test_many_people_take_few_statements(hall: HallUnderTest, station: StationUnderTest, seal_key: SealKey) -> None:
    with hall.hub.ledger.writing() as session:
        many = people.add(session, [NewPerson(f"员工{n}", str(3000 + n)) for n in range(50)], hall.hub.now())
        session.add_all(PinRow(id=one, person=one, at=MONDAY, hash=MADE, source="desk", by=None) for one in many)
    statements: list[str] = []
    event.listen(hall.hub.ledger.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    assert len(handed(hall, station, seal_key)) == 50
    assert len(statements) <= 6, statements
