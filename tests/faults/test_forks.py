"""Cloned and rolled-back journals against a real hub: the union is there, nothing twice, nothing silently unsent."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from config.settings import load_hub
from station.facts import Enrolled, Forgotten, Started, parse
from station.joining import KEY, load_joined
from station.journal import FILE, Journal, Reader
from station.keys import load_or_make
from station.lineage import spoken
from station.places import Places
from station.uplink import Outcome, Uplink
from station.verify import files_of, verify_file
from tests.builders import LIU, WANG, clock, punch
from tests.faults.running_hub import RunningHub
from web.ledger.facts import FactRow, FingerRow, PunchRow
from web.ledger.stations import AlarmRow
from web.services import lineages
from web.services.hub import open_hub


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    made = RunningHub(tmp_path_factory.mktemp("hall") / "hub")
    made.start()
    yield made
    made.stop()


@pytest.fixture
def folder(hub: RunningHub, tmp_path: Path) -> Path:
    """A station that joined, enrolled two fingers, pressed five times, and told the hub."""
    with Journal(tmp_path / "own", clock()) as journal:
        uplink = hub.joined(tmp_path / "own", journal, clock())
        journal.append(Started(version="1"))
        journal.append(Enrolled(person=LIU, place=1))
        journal.append(Enrolled(person=WANG, place=2))
        press(journal, 5)
        assert send_all(uplink).state == "went"
    return tmp_path / "own"


class Open:
    """A station's folder, opened as a running station has it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = Journal(folder, clock())
        joined = load_joined(folder)
        assert joined is not None
        self.uplink = Uplink(joined, load_or_make(folder / KEY), self.journal, clock(), folder)

    def known(self, *kinds: str) -> list[str]:
        """Ids of the facts of these kinds that the station knows of."""
        reader = Reader(self.journal.path)
        ids = [fact.id for fact in reader.of_kinds(*kinds)]
        reader.close()
        return ids

    def places(self) -> dict[int, str | None]:
        reader = Reader(self.journal.path)
        places = Places(reader.of_kinds("enrolled", "forgotten"))
        reader.close()
        return {place: places.person_at(place) for place in sorted(places.taken())}


def press(journal: Journal, times: int) -> list[str]:
    return [journal.append(punch(place)).id for place in range(times)]


def send_all(uplink: Uplink) -> Outcome:
    outcome = uplink.step()
    while outcome.state == "went" and outcome.more:
        outcome = uplink.step()
    return outcome


def approve(hub: RunningHub, lineage: str) -> None:
    opened = open_hub(load_hub(hub.folder))
    with opened.ledger.writing() as session:
        lineages.approve(session, lineage, None, opened.now())
    opened.close()


def punches_at(hub: RunningHub, station: str) -> list[str]:
    """Ids of the punches in the hub's tables, each row once."""
    opened = open_hub(load_hub(hub.folder))
    with opened.ledger.reading() as session:
        ids = list(session.execute(select(PunchRow.id).where(PunchRow.station == station)).scalars())
    opened.close()
    return ids


def settle(hub: RunningHub, one: Open) -> None:
    """From the fork on: it is said in words, held, approved, and goes on by itself."""
    was = one.journal.lineage
    forked = one.uplink.step()
    assert (forked.state, "没有丢失" in forked.words) == ("fork", True)
    assert one.journal.lineage != was
    held = one.uplink.step()
    assert (held.state, held.words) == ("held", "换了新账本，等待管理员在中枢批准")
    assert one.uplink.step().state == "held"
    approve(hub, one.journal.lineage)
    assert send_all(one.uplink).state == "went"
    assert one.uplink.backlog() == 0


def test_a_clone_gets_a_lineage_of_its_own_and_the_hub_has_the_union(
    hub: RunningHub, folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(folder, tmp_path / "clone")
    own, clone = Open(folder), Open(tmp_path / "clone")
    common = own.known("punch")
    mine, theirs = press(own.journal, 3), press(clone.journal, 4)
    clone.journal.append(Forgotten(person=WANG, place=2, reason="left"))
    clone.journal.append(Enrolled(person=LIU, place=9))
    assert send_all(own.uplink).state == "went"
    settle(hub, clone)
    station = own.uplink.joined.station
    assert sorted(punches_at(hub, station)) == sorted([*common, *mine, *theirs])
    press(own.journal, 1)
    assert send_all(own.uplink).state == "went", "the other one goes on undisturbed"
    assert clone.known("punch") == [*common, *theirs]
    assert clone.places() == {1: LIU, 9: LIU}
    for file in files_of(clone.folder):
        assert verify_file(file).broken is None
    clone.journal.close()
    again = Open(clone.folder)
    assert (again.places(), again.known("punch")) == ({1: LIU, 9: LIU}, [*common, *theirs])
    again.journal.close()
    own.journal.close()


def test_a_rolled_back_journal_loses_nothing(hub: RunningHub, folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "backup")
    before = Open(folder)
    common, later = before.known("punch"), press(before.journal, 6)
    assert send_all(before.uplink).state == "went"
    before.journal.close()
    rolled = Open(tmp_path / "backup")
    fresh = press(rolled.journal, 2)  # fewer than the hub has already: its mark lies beyond our end
    settle(hub, rolled)
    fresh += press(rolled.journal, 9)
    assert send_all(rolled.uplink).state == "went"
    station = rolled.uplink.joined.station
    assert sorted(punches_at(hub, station)) == sorted([*common, *later, *fresh])
    assert rolled.known("punch") == [*common, *fresh]
    rolled.journal.close()


def test_fingers_of_a_forked_station_are_one_row_each_at_the_hub(hub: RunningHub, folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "clone")
    own, clone = Open(folder), Open(tmp_path / "clone")
    enrolled = clone.journal.append(Enrolled(person=WANG, place=3)).id
    press(own.journal, 1)
    send_all(own.uplink)
    settle(hub, clone)
    opened = open_hub(load_hub(hub.folder))
    with opened.ledger.reading() as session:
        rows = session.execute(select(FingerRow.id).where(FingerRow.station == own.uplink.joined.station)).scalars()
        assert sorted(rows) == sorted([*own.known("enrolled"), enrolled])
    opened.close()
    own.journal.close()
    clone.journal.close()


def test_a_restored_hub_and_a_clone_at_once(hub: RunningHub, folder: Path, tmp_path: Path) -> None:
    """The hub forgot what it acknowledged and took the clone's instead: more is recorded again than was open."""
    hub.stop()
    hub.save_copy(tmp_path / "older")
    hub.start()
    shutil.copytree(folder, tmp_path / "clone")
    own, clone = Open(folder), Open(tmp_path / "clone")
    mine, theirs = press(own.journal, 4), press(clone.journal, 6)
    assert send_all(own.uplink).state == "went"
    hub.stop()
    hub.restore_copy(tmp_path / "older")
    hub.start()
    assert send_all(clone.uplink).state == "went"
    mine += press(own.journal, 1)
    settle(hub, own)
    have = punches_at(hub, own.uplink.joined.station)
    assert set(mine) <= set(have)
    assert set(theirs) <= set(have)
    assert len(have) == len(set(have)) == 5 + 5 + 6
    own.journal.close()
    clone.journal.close()


@pytest.mark.parametrize("memory", [True, False], ids=["its lineage known", "nothing known"])
def test_a_lost_journal_begins_anew_and_says_so(hub: RunningHub, folder: Path, memory: bool) -> None:
    for path in folder.glob(f"{FILE}*"):
        path.unlink()
    if not memory:
        (folder / "lineage").unlink()
    lost = Open(folder)
    fresh = press(lost.journal, 3)
    outcome = lost.uplink.step()
    while outcome.state == "fork":  # without its lineage's name it has to be told that it must say what it follows
        outcome = lost.uplink.step()
    assert outcome.state == "held"
    approve(hub, lost.journal.lineage)
    assert send_all(lost.uplink).state == "went"
    have = punches_at(hub, lost.uplink.joined.station)
    assert len(have) == len(set(have)) == 5 + 3
    assert set(fresh) <= set(have)
    lost.journal.close()


def test_a_torn_header_is_set_aside_and_the_hub_gets_what_it_had_not(hub: RunningHub, folder: Path) -> None:
    one = Open(folder)
    unsent = press(one.journal, 3)
    one.journal.close()
    with closing(sqlite3.connect(folder / FILE)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # else the log would put the page right again
    with (folder / FILE).open("r+b") as file:
        file.write(b"\0" * 100)
    mended = Open(folder)
    assert mended.places() == {1: LIU, 2: WANG}
    assert len(mended.known("punch")) == 8
    assert mended.uplink.step().state == "held"
    approve(hub, mended.journal.lineage)
    assert send_all(mended.uplink).state == "went"
    have = punches_at(hub, mended.uplink.joined.station)
    assert set(unsent) <= set(have)
    assert len(have) == len(set(have)) == 8
    assert list(folder.glob("journal-*.broken.sqlite3"))
    mended.journal.close()


def test_the_administrator_sees_an_alarm_and_the_ledger_verifies(hub: RunningHub, folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "clone")
    own, clone = Open(folder), Open(tmp_path / "clone")
    press(own.journal, 1)
    press(clone.journal, 1)
    send_all(own.uplink)
    settle(hub, clone)
    opened = open_hub(load_hub(hub.folder))
    with opened.ledger.reading() as session:
        station = own.uplink.joined.station
        kinds = set(session.execute(select(AlarmRow.kind).where(AlarmRow.station == station)).scalars())
        raws = session.execute(select(FactRow.raw).where(FactRow.lineage == clone.journal.lineage)).scalars()
        inner = [spoken(parse(bytes(raw))).id for raw in raws]
    opened.close()
    assert {"fork", "held"} <= kinds
    assert set(clone.known("punch")[5:]) <= set(inner)
    own.journal.close()
    clone.journal.close()
