"""Orders to forget fingers: given in the papers to who holds them, and watched until every station has confirmed."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from station import wire
from station.facts import ClockFix, Enrolled, Forgotten, Started
from station.papers import read as read_papers
from tests.web.browsing import signed_in, text_of, token_of
from tests.web.halls import ANYBODY, MONDAY, HallUnderTest, MakeStation, StationUnderTest
from web.ledger.audit import AuditRow
from web.services import fingers, stations
from web.services.errors import BadInput, NotFound
from web.services.rebuild import rebuild


def order(hall: HallUnderTest, name: str, why: str = "asked") -> str:
    with hall.hub.ledger.writing() as session:
        return fingers.order_forget(session, hall.people[name], hall.hub.now(), ANYBODY, why)


def commands(hall: HallUnderTest, station: StationUnderTest) -> list[tuple[str, str]]:
    """Id and person of what the station's papers, as it fetches them, tell it to forget."""
    nonce = station.answer(station.deliver([])).nonce
    path, headers = station.signed("GET", "papers", b"", nonce=nonce)
    given = station.http.get(path, headers=headers)
    held = read_papers(given.get_data(), given.headers[wire.SIGNATURE], hall.hub.key.public)
    assert all(command.do == "forget" for command in held.papers.commands)
    return [(command.id, command.person) for command in held.papers.commands]


def states(hall: HallUnderTest, name: str) -> dict[str, list[int]]:
    """Station → the places that it still has to forget by the newest order."""
    with hall.hub.ledger.reading() as session:
        newest = fingers.orders_of(session, hall.people[name])[0]
        return {answer.station: answer.left for answer in fingers.answers(session, newest)}


def test_an_order_goes_to_every_station_that_holds_one_until_its_facts_confirm(
    hall: HallUnderTest, make_station: MakeStation
) -> None:
    ming = hall.people["刘明"]
    east, west, north = make_station(), make_station(), make_station()
    east.record(Enrolled(person=ming, place=1), Enrolled(person=ming, place=2))
    west.record(Enrolled(person=ming, place=7), Enrolled(person=hall.people["王芳"], place=8))
    north.record(Started(version="0.1"))
    for each in (east, west, north):
        each.send()
    hall.at("09:00")
    made = order(hall, "刘明")
    assert commands(hall, east) == commands(hall, west) == [(made, ming)]
    assert commands(hall, north) == []
    assert states(hall, "刘明") == {east.id: [1, 2], west.id: [7]}

    east.clock.move_to(hall.hub.now() + timedelta(minutes=1))
    east.record(Forgotten(person=ming, place=1, reason=f"command:{made}"))
    east.send(after=2)
    assert states(hall, "刘明") == {east.id: [2], west.id: [7]}, "half of it is not done"
    east.record(Forgotten(person=ming, place=2, reason=f"command:{made}"))
    east.send(after=3)
    assert states(hall, "刘明") == {east.id: [], west.id: [7]}
    assert (commands(hall, east), commands(hall, west)) == ([], [(made, ming)])
    with hall.hub.ledger.writing() as session:
        rebuild(session, hall.hub_zone())
    assert states(hall, "刘明") == {east.id: [], west.id: [7]}

    west.clock.move_to(hall.hub.now() + timedelta(minutes=1))
    west.record(Enrolled(person=hall.people["张伟"], place=7))  # the place means somebody else now
    west.send(after=2)
    assert states(hall, "刘明") == {east.id: [], west.id: []}
    assert commands(hall, west) == []


def test_who_enrols_again_keeps_the_new_finger(hall: HallUnderTest, station: StationUnderTest) -> None:
    ming = hall.people["刘明"]
    station.record(Enrolled(person=ming, place=1))
    station.send()
    hall.at("09:00")
    order(hall, "刘明")
    station.clock.move_to(hall.hub.now() + timedelta(minutes=1))
    station.record(Forgotten(person=ming, place=1), Enrolled(person=ming, place=1))
    station.send(after=1)
    assert commands(hall, station) == []
    assert states(hall, "刘明") == {station.id: []}


def test_facts_that_come_late_are_meant_too(hall: HallUnderTest, station: StationUnderTest) -> None:
    ming = hall.people["刘明"]
    station.record(Enrolled(person=ming, place=1))
    hall.at("09:00")
    made = order(hall, "刘明")
    assert states(hall, "刘明") == {}, "the hub does not know of it yet"
    station.send()
    assert commands(hall, station) == [(made, ming)]


def test_a_finger_enrolled_at_an_unknown_time_is_meant_until_the_time_is_known(
    hall: HallUnderTest, make_station: MakeStation
) -> None:
    ming = hall.people["刘明"]
    hall.at("09:00")
    made = order(hall, "刘明")
    lost = make_station(start=MONDAY.replace(year=2030), trust="unsynced")
    lost.record(Enrolled(person=ming, place=1))
    lost.send()
    assert commands(hall, lost) == [(made, ming)]
    offset = (hall.hub.now() + timedelta(minutes=5) - lost.clock.read().at) // timedelta(microseconds=1)
    lost.record(ClockFix(boot=lost.clock.read().boot, offset_us=offset))
    lost.send(after=1)
    assert commands(hall, lost) == [], "it was after the order"


def test_of_somebody_who_left_later_fingers_are_meant_too_until_they_are_back(
    hall: HallUnderTest, station: StationUnderTest
) -> None:
    ming = hall.people["刘明"]
    made = order(hall, "刘明", why="left")
    station.clock.move_to(hall.hub.now() + timedelta(days=2))
    station.record(Enrolled(person=ming, place=1))
    station.send()
    assert commands(hall, station) == [(made, ming)]
    with hall.hub.ledger.writing() as session:
        fingers.cancel_left(session, ming, hall.hub.now(), ANYBODY)
    assert commands(hall, station) == []


def test_a_revoked_station_is_not_waited_for_but_named(hall: HallUnderTest, station: StationUnderTest) -> None:
    ming = hall.people["刘明"]
    station.record(Enrolled(person=ming, place=3))
    station.send()
    hall.at("09:00")
    order(hall, "刘明")
    with hall.hub.ledger.writing() as session:
        stations.revoke(session, station.id, None, hall.hub.now())
        assert fingers.held(session) == {}
        assert [place.place for place in fingers.places_of(session, ming)] == [3]
    page = text_of(signed_in(hall, "admin").get(f"/people/{ming}"))
    assert "一楼东门 第 3 号位 考勤站已停用，请在指纹机上清除" in page


def test_twice_the_same_order_is_one(hall: HallUnderTest, station: StationUnderTest) -> None:
    station.record(Enrolled(person=hall.people["刘明"], place=1))
    station.send()
    hall.at("09:00")
    order(hall, "刘明")
    with pytest.raises(BadInput, match="已经下达"):
        order(hall, "刘明")
    with pytest.raises(NotFound), hall.hub.ledger.writing() as session:
        fingers.order_forget(session, ANYBODY, hall.hub.now(), ANYBODY)


def test_on_the_page_an_administrator_orders_and_sees_who_confirmed(
    hall: HallUnderTest, station: StationUnderTest
) -> None:
    ming = hall.people["刘明"]
    path = f"/people/{ming}"
    station.record(Enrolled(person=ming, place=1))
    station.send()
    hall.at("09:00")
    head = signed_in(hall, "duty_leader")
    assert "删除指纹" not in text_of(head.get(path))
    assert head.post(f"{path}/fingers", data={"csrf_token": token_of(head.get(path))}).status_code == 403
    admin = signed_in(hall, "admin")
    page = text_of(admin.get(path))
    assert "一楼东门 第 1 号位 1 枚" in page
    done = admin.post(f"{path}/fingers", data={"csrf_token": token_of(admin.get(path))})
    assert done.headers["Location"] == path
    assert "一楼东门 等待考勤站执行，余 1 枚" in text_of(admin.get(path))
    again = admin.post(f"{path}/fingers", data={"csrf_token": token_of(admin.get(path))})
    assert (again.status_code, "已经下达" in again.get_data(as_text=True)) == (400, True)
    station.clock.move_to(hall.at("09:30"))
    station.record(Forgotten(person=ming, place=1))
    station.send(after=1)
    page = text_of(admin.get(path))
    assert "一楼东门 已删除，2026-03-02 09:30" in page
    assert "指纹 未录入" in page
    with hall.hub.ledger.reading() as session:
        lines = session.execute(select(AuditRow).where(AuditRow.act == "finger.forget")).scalars().all()
        assert [line.subject for line in lines] == [ming]
