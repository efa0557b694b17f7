"""Joining, papers and advice: the station's own client against the hub over a real socket, and the edges by hand."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from config.errors import Refused
from station import wire
from station.clock import DrivenClock
from station.facts import Punch, Started
from station.joining import KEY, own_words
from station.joining import join as join_hub
from station.journal import Journal
from station.keys import load_or_make, verified
from station.papers import read as read_papers
from station.uplink import Uplink
from tests.web.halls import ANYBODY, MONDAY, HallUnderTest, StationUnderTest
from web.ledger.facts import FactRow
from web.ledger.stations import JoinCodeRow, StationRow
from web.services import people, stations
from web.services.people import NewPerson
from web.stations.views import words_of


def code_of(hall: HallUnderTest) -> str:
    with hall.hub.ledger.writing() as session:
        return stations.make_code(session, hall.hub.now())


def test_a_station_joins_sends_and_gets_papers_over_a_socket(hall: HallUnderTest, url: str, tmp_path: Path) -> None:
    folder = tmp_path / "board"
    key = load_or_make(folder / KEY)
    joined = join_hub(folder, url, code_of(hall).lower(), "二楼西厅", key)
    assert (joined.hub_key, joined.hall) == (hall.hub.key.public, "测试大厅")
    clock = DrivenClock(MONDAY, "synced")
    with Journal(folder, clock) as journal:
        journal.append(Started(version="0.1"))
        uplink = Uplink(joined, key, journal, clock, folder)
        assert uplink.step().state == "waiting"
        with hall.hub.ledger.writing() as session:
            row = session.get_one(StationRow, joined.station)
            assert (row.name, row.state, words_of(row)) == ("二楼西厅", "waiting", own_words(folder, key))
            stations.confirm(session, joined.station, None, hall.hub.now())
        for _ in range(1200):
            journal.append(Punch(person=hall.people["刘明"], place=1, score=90))
        steps = [uplink.step() for _ in range(4)]
        assert [step.state for step in steps] == ["went"] * 4
        assert [step.more for step in steps] == [True, True, False, False]
        assert uplink.fetch_papers() is True
        assert uplink.fetch_papers() is False, "they are the present ones"
        assert uplink.held is not None
        assert {person.name for person in uplink.held.papers.people} == set(hall.people)
        with hall.hub.ledger.writing() as session:
            people.add(session, [NewPerson("新人")], hall.hub.now())
        assert uplink.fetch_papers() is True
        hall.at("09:30")
        uplink.fetch_advice()
        told = {key: uplink.advice[key] for key in ("expected", "arrived", "at", "rounds")}
        assert told == {"expected": 5, "arrived": 1, "at": "09:30", "rounds": []}
        assert ["here", "08:40"] in uplink.advice["presence"].values()
        hall.clock.move_to(hall.hub.now() + timedelta(minutes=30))
        uplink.fetch_advice()  # the nonce is stale by now; the fresh one in the refusal is used
        assert uplink.advice["at"] == "10:00"
        assert uplink.acked.upto == journal.head.seq == 1201
    with hall.hub.ledger.reading() as session:
        assert len(session.execute(select(FactRow.seq)).all()) == 1201
        row = session.get_one(StationRow, joined.station)
        assert (row.backlog, row.papers_etag) == (0, uplink.held.etag)


def test_a_code_is_good_once_and_for_half_an_hour(hall: HallUnderTest, url: str, tmp_path: Path) -> None:
    code = code_of(hall)
    first, second = load_or_make(tmp_path / "1"), load_or_make(tmp_path / "2")
    joined = join_hub(tmp_path, url, code, "甲", first)
    assert join_hub(tmp_path, url, code, "甲", first) == joined, "an answer that was lost is given again"
    with pytest.raises(Refused, match="接入码无效或已过期"):
        join_hub(tmp_path, url, code, "乙", second)
    late = code_of(hall)
    hall.clock.move_to(hall.hub.now() + timedelta(minutes=31))
    with pytest.raises(Refused, match="接入码无效或已过期"):
        join_hub(tmp_path, url, late, "乙", second)
    with hall.hub.ledger.reading() as session:
        assert code.replace("-", "") not in "".join(session.execute(select(JoinCodeRow.hash)).scalars())


@pytest.mark.parametrize(
    "asked",
    [
        b"",
        b"[]",
        b"\xff",
        json.dumps({"code": 1, "public_key": "x", "name": "y"}).encode(),
        json.dumps({"code": "AAAAA-AAAAA", "public_key": "00" * 31, "name": "y"}).encode(),
        json.dumps({"code": "AAAAA-AAAAA", "public_key": "00" * 32, "name": " "}).encode(),
        json.dumps({"code": "AAAAA-AAAAA", "public_key": "00" * 32, "name": "y" * 101}).encode(),
        json.dumps({"code": "AAAAA-AAAAA", "public_key": "00" * 32, "name": "y"}).encode(),
    ],
)
def test_what_cannot_join_is_told_why(hall: HallUnderTest, asked: bytes) -> None:
    refused = hall.client().post("/api/v1/join", data=asked)
    assert refused.status_code == 400
    assert refused.get_json()["error"]
    with hall.hub.ledger.reading() as session:
        assert session.execute(select(StationRow)).first() is None


def test_papers_are_signed_and_named_by_their_content(hall: HallUnderTest, station: StationUnderTest) -> None:
    nonce = station.answer(station.deliver([])).nonce
    path, headers = station.signed("GET", "papers", b"", nonce=nonce)
    given = station.http.get(path, headers=headers)
    held = read_papers(given.get_data(), given.headers[wire.SIGNATURE], hall.hub.key.public)
    assert given.headers["ETag"] == f'"{held.etag}"'
    assert held.papers.hall.name == "测试大厅"
    assert 2026 in held.papers.calendar.years
    assert [person.spoken for person in held.papers.people if person.name == "刘明"] == ["liu2 ming2"]
    again = station.http.get(path, headers=headers | {"If-None-Match": f'"{held.etag}"'})
    assert (again.status_code, again.get_data()) == (304, b"")


@pytest.mark.parametrize("part", ["papers", "today"])
def test_a_call_without_a_fresh_nonce_is_given_one(hall: HallUnderTest, station: StationUnderTest, part: str) -> None:
    old = station.answer(station.deliver([])).nonce
    hall.clock.move_to(hall.hub.now() + timedelta(minutes=11))
    for nonce in ("", "nonsense", old):
        path, headers = station.signed("GET", part, b"", nonce=nonce)
        refused = station.http.get(path, headers=headers)
        assert refused.status_code == 401, nonce
        fresh = refused.get_json()["nonce"]
        content = refused.get_data()
        assert verified(hall.hub.key.public, refused.headers[wire.SIGNATURE], wire.answer_message(content))
    path, headers = station.signed("GET", part, b"", nonce=fresh)
    assert station.http.get(path, headers=headers).status_code == 200


def test_a_nonce_is_one_stations(hall: HallUnderTest, station: StationUnderTest) -> None:
    nonce = station.answer(station.deliver([])).nonce
    path, headers = station.signed("GET", "papers", b"", nonce=nonce)
    assert station.http.get(path.replace(station.id, ANYBODY), headers=headers).status_code == 404
    assert station.http.get(path, headers=headers | {wire.NONCE: "x"}).status_code == 401
    assert station.http.get(path.replace("papers", "today"), headers=headers).status_code == 401, "the path is signed"
