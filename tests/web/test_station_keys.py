"""A station's standing at the hub, over a real socket: words, a new key, revoked, joined anew, and what it says."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from config.errors import Refused
from station import rekeying, wire
from station.clock import DrivenClock
from station.facts import Punch, Started
from station.hub_line import HubAway
from station.joining import KEY, own_words
from station.joining import join as join_hub
from station.journal import Journal
from station.keys import Key, load_or_make, words
from station.loops.send import light
from station.sealed import FILE as SEAL
from station.uplink import Outcome, Uplink
from tests.web.halls import ANYBODY, MONDAY, HallUnderTest, MakeStation, StationUnderTest
from web.ledger.audit import AuditRow
from web.ledger.stations import OldKeyRow, StationRow
from web.services import station_keys, stations
from web.services.errors import BadInput
from web.services.verifying import lineages, verify_lineage
from web.stations.views import words_of


@dataclass
class Board:
    """A station's own machine: folder, key, journal and uplink."""

    hall: HallUnderTest
    folder: Path
    key: Key
    journal: Journal
    uplink: Uplink

    def again(self) -> "Board":
        """The same after its process was started anew."""
        key = load_or_make(self.folder / KEY)
        clock = DrivenClock(MONDAY, "synced")
        return Board(
            self.hall, self.folder, key, self.journal, Uplink(self.uplink.joined, key, self.journal, clock, self.folder)
        )

    def row(self) -> StationRow:
        """The hub's row of it."""
        with self.hall.hub.ledger.reading() as session:
            return session.get_one(StationRow, self.uplink.joined.station)

    def do(self, act: Callable[..., object], *more: object) -> None:
        """An act of the hub upon it."""
        with self.hall.hub.ledger.writing() as session:
            act(session, self.uplink.joined.station, *more, ANYBODY, self.hall.hub.now())


def code_of(hall: HallUnderTest, station: str | None = None) -> str:
    with hall.hub.ledger.writing() as session:
        return stations.make_code(session, hall.hub.now(), None, station)


def acts(hall: HallUnderTest) -> list[str]:
    with hall.hub.ledger.reading() as session:
        lines = session.execute(select(AuditRow.act).order_by(AuditRow.row)).scalars()
        return [act for act in lines if act.startswith("station.")]


@pytest.fixture
def board(hall: HallUnderTest, url: str, tmp_path: Path) -> Iterator[Board]:
    """A machine that joined and was confirmed, with two facts at the hub."""
    folder = tmp_path / "board"
    key, clock = load_or_make(folder / KEY), DrivenClock(MONDAY, "synced")
    joined = join_hub(folder, url, code_of(hall), "一楼东门", key)
    with Journal(folder, clock) as journal:
        made = Board(hall, folder, key, journal, Uplink(joined, key, journal, clock, folder))
        made.do(stations.confirm)
        journal.append(Started(version="0.1"))
        journal.append(Punch(person=hall.people["刘明"], place=1, score=90))
        assert made.uplink.step() == Outcome("went")
        yield made


def test_the_words_are_of_the_signing_key_and_of_the_sealing_key(board: Board) -> None:
    assert words_of(board.row()) == own_words(board.folder, board.key) != words(board.key.public)
    (board.folder / SEAL).unlink()  # somebody puts a sealing key of their own in the way
    assert words_of(board.row()) != own_words(board.folder, board.key)


def test_what_the_station_says_of_itself_is_shown(board: Board) -> None:
    board.uplink.fetch_papers()
    board.uplink.fetch_sealed("pins")
    board.uplink.step()
    row = board.row()
    assert (row.backlog, row.version) == (0, "0.1.0")
    assert 0 <= (row.disk_percent or -1) <= 100
    assert row.papers_checked is not None
    assert row.pins_checked is not None


def test_a_key_is_changed_under_the_old_ones_signature(board: Board) -> None:
    before = board.key.public
    board.do(lambda session, station, by, now: station_keys.ask(session, station, by, now))
    assert board.uplink.fetch_papers()
    board.journal.append(Punch(person=board.hall.people["王芳"], place=2, score=90))
    assert board.uplink.step() == Outcome("went"), "nothing is held up by it"
    assert board.key.public != before
    assert board.row().public_key == board.key.public == load_or_make(board.folder / KEY).public
    assert not (board.folder / rekeying.NEXT).exists()
    changed = board.key.public
    assert board.uplink.step() == Outcome("went"), "the same request is answered once"
    assert board.uplink.fetch_papers(), "the request is gone from the papers"
    assert board.uplink.held is not None
    assert board.uplink.held.papers.new_key == ""
    assert board.again().uplink.step() == Outcome("went")
    assert board.key.public == changed
    assert acts(board.hall)[-2:] == ["station.key_ask", "station.key"]
    with board.hall.hub.ledger.reading() as session:
        assert session.execute(select(OldKeyRow.public_key)).scalars().all() == [before]
        ((lineage, station),) = lineages(session)
        assert verify_lineage(session, lineage, station, lambda *_: None).broken is None, "both keys vouch for theirs"


def test_a_change_whose_answer_was_lost_is_finished(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    rekeying.prepare(board.folder)

    def lost(*_: object) -> None:
        raise HubAway("lost")

    with monkeypatch.context() as broken:
        broken.setattr("station.hub_line.HubLine.check_signature", lost)
        assert board.uplink.step().state == "away"
    assert board.row().public_key == rekeying.prepare(board.folder).public != board.key.public
    later = board.again()  # the power went as well
    assert later.uplink.step() == Outcome("went")
    assert later.key.public == board.row().public_key
    assert acts(board.hall).count("station.key") == 1


def test_nobody_else_changes_a_key(hall: HallUnderTest, make_station: MakeStation, tmp_path: Path) -> None:
    station, other = make_station(), make_station()
    new = load_or_make(tmp_path / "new")
    nonce = station.answer(station.deliver([])).nonce

    def put(public: str, proof: str, by: StationUnderTest = station) -> TestResponse:
        body = json.dumps({"public_key": public, "proof": proof}).encode()
        path, headers = station.signed("PUT", "key", body, nonce=nonce)
        if by is not station:
            signed = wire.Signed("PUT", path, station.id, hashlib.sha256(body).hexdigest(), nonce=nonce)
            headers = signed.headers(by.key.sign(signed.message()))
        return station.http.put(path, data=body, headers=headers)

    proof = new.sign(wire.key_message(station.id, new.public))
    assert put(new.public, proof, by=other).status_code == 401
    assert put(new.public, "00" * 64).status_code == 400, "the new key must sign too"
    assert put("zz", proof).status_code == 400
    assert put(other.key.public, other.key.sign(wire.key_message(station.id, other.key.public))).status_code == 400
    assert station.http.put(f"/api/v1/stations/{station.id}/key", data=b"{}").status_code == 400
    with hall.hub.ledger.reading() as session:
        assert session.get_one(StationRow, station.id).public_key == station.key.public
    assert put(new.public, proof).status_code == 200
    assert put(new.public, proof).status_code == 401, "the old key opens nothing any longer"
    with pytest.raises(BadInput, match="已经换掉"), hall.hub.ledger.writing() as session:
        stations.check_unused(session, station.key.public)


def test_a_revoked_station_is_told_at_once_and_keeps_its_records(board: Board) -> None:
    board.do(stations.revoke)
    board.journal.append(Punch(person=board.hall.people["王芳"], place=2, score=90))
    outcome = board.uplink.step()
    assert outcome.state == "revoked"
    assert light(outcome, board.uplink.backlog()).words == "本站已被中枢停用，打卡照记并存在本机，请联系管理员"
    assert (board.uplink.backlog(), board.journal.head.seq) == (1, 3)


def test_one_that_was_turned_away_is_told_so(hall: HallUnderTest, make_station: MakeStation) -> None:
    station = make_station(confirmed=False)
    waiting = station.deliver([])
    assert (waiting.status_code, "等待管理员核对确认" in waiting.get_json()["error"]) == (403, True)
    assert "standing" not in waiting.get_json()
    with hall.hub.ledger.writing() as session:
        stations.revoke(session, station.id, ANYBODY, hall.hub.now())
    refused = station.deliver([])
    assert (refused.status_code, refused.get_json()["standing"]) == (403, "turned_away")
    assert acts(hall)[-1] == "station.turn_away"


def test_a_station_joins_anew_as_the_same_one(board: Board, url: str, tmp_path: Path) -> None:
    station = board.uplink.joined.station
    board.do(lambda session, station, name, by, now: stations.rename(session, station, name, "东门", by, now), "一号站")
    board.do(stations.revoke)
    code, new = code_of(board.hall, station), load_or_make(tmp_path / "new")
    joined = join_hub(tmp_path, url, code, "新机器", new)
    assert joined.station == station
    row = board.row()
    assert (row.name, row.location, row.state, row.public_key) == ("一号站", "东门", "waiting", new.public)
    assert "密钥不符" in board.uplink.step().words, "the old key is nobody's"
    assert join_hub(tmp_path, url, code, "新机器", new) == joined, "an answer that was lost is given again"
    with pytest.raises(Refused, match="接入码无效或已过期"):
        join_hub(tmp_path, url, code, "旧机器", board.key)
    with pytest.raises(Refused, match="已经换掉"):
        join_hub(tmp_path, url, code_of(board.hall), "旧机器", board.key)
    board.do(stations.confirm)
    assert board.row().state == "confirmed"
    assert acts(board.hall).count("station.rejoin") == 1


def test_who_joined_already_and_joins_once_more_stays_one_station(board: Board, url: str) -> None:
    joined = join_hub(board.folder, url, code_of(board.hall), "一楼东门", board.key)
    assert joined.station == board.uplink.joined.station
    assert board.row().state == "confirmed"
    board.do(stations.revoke)
    join_hub(board.folder, url, code_of(board.hall), "一楼东门", board.key)
    assert board.row().state == "waiting", "words are compared again"
    other = code_of(board.hall)
    with pytest.raises(Refused, match="不合要求"):
        join_hub(board.folder, url, other, " ", board.key)
    with board.hall.hub.ledger.reading() as session:
        assert len(stations.everyone(session)) == 1
