"""The hub away, killed, and restored from an older copy: nothing lost, nothing twice, no hand needed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import load_hub
from station.joining import join
from station.journal import Journal, Reader
from station.keys import load_or_make
from station.uplink import Outcome, Uplink
from tests.builders import clock, punch
from tests.faults.running_hub import RunningHub
from web.services import stations
from web.services.hub import open_hub


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """One hub for all; each test has a station of its own there."""
    made = RunningHub(tmp_path_factory.mktemp("hall") / "hub")
    made.start()
    yield made
    made.stop()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "station", clock()) as made:
        yield made


@pytest.fixture
def uplink(hub: RunningHub, journal: Journal, tmp_path: Path) -> Uplink:
    return hub.joined(tmp_path / "station", journal, clock())


def press(journal: Journal, times: int) -> None:
    for place in range(times):
        journal.append(punch(place))


def send_all(uplink: Uplink) -> Outcome:
    """Exchange until nothing is left; the last outcome."""
    outcome = uplink.step()
    while outcome.state == "went" and outcome.more:
        outcome = uplink.step()
    return outcome


def own(journal: Journal) -> list[bytes]:
    return list(Reader(journal.path).all_raw())


def test_away_for_the_whole_run_and_back(hub: RunningHub, journal: Journal, uplink: Uplink) -> None:
    hub.stop()
    press(journal, 700)
    assert uplink.step().state == "away"
    assert uplink.backlog() == 700
    hub.start()
    assert send_all(uplink).state == "went"
    assert (uplink.backlog(), hub.held(journal.lineage)) == (0, own(journal))


@pytest.mark.slow  # fifteen thousand facts, a hall's days
def test_the_facts_of_days_away_are_all_sent_in_order(hub: RunningHub, journal: Journal, uplink: Uplink) -> None:
    hub.stop()
    press(journal, 15_000)
    hub.start()
    assert send_all(uplink).state == "went"
    assert (uplink.backlog(), hub.held(journal.lineage)) == (0, own(journal))


def test_the_same_batch_twice_changes_nothing(hub: RunningHub, journal: Journal, uplink: Uplink) -> None:
    press(journal, 20)
    send_all(uplink)
    acked = uplink.acked
    uplink.acked = type(acked)(0, "")  # the answer was lost: the station sends from the start again
    assert send_all(uplink).state == "went"
    assert (uplink.acked, hub.held(journal.lineage)) == (acked, own(journal))


def test_a_killed_hub_loses_nothing_that_it_answered_for(hub: RunningHub, journal: Journal, uplink: Uplink) -> None:
    for _ in range(3):
        press(journal, 30)
        send_all(uplink)
        hub.kill()
        press(journal, 5)
        assert uplink.step().state == "away"
        hub.start()
    assert send_all(uplink).state == "went"
    assert hub.held(journal.lineage) == own(journal)


def test_a_hub_restored_from_an_older_copy_is_filled_up_again(
    hub: RunningHub, journal: Journal, uplink: Uplink, tmp_path: Path
) -> None:
    press(journal, 217)
    send_all(uplink)
    hub.stop()
    hub.save_copy(tmp_path / "copy")
    hub.start()
    press(journal, 85)
    send_all(uplink)
    hub.stop()
    hub.restore_copy(tmp_path / "copy")
    hub.start()
    assert len(hub.held(journal.lineage)) == 217
    press(journal, 4)
    assert send_all(uplink).state == "went"
    assert (len(hub.held(journal.lineage)), hub.held(journal.lineage)) == (306, own(journal))


def test_the_papers_come_signed_and_are_not_sent_again_unchanged(uplink: Uplink) -> None:
    uplink.step()
    assert uplink.fetch_papers()
    assert uplink.held is not None
    assert uplink.held.papers.hall.name == "测试大厅"
    assert not uplink.fetch_papers()


def test_a_station_that_nobody_confirmed_waits_in_words(hub: RunningHub, journal: Journal, tmp_path: Path) -> None:
    opened = open_hub(load_hub(hub.folder))
    with opened.ledger.writing() as session:
        code = stations.make_code(session, opened.now())
    opened.close()
    key = load_or_make(tmp_path / "station" / "station.key")
    waiting = Uplink(join(tmp_path / "station", hub.url, code, "站", key), key, journal, clock(), tmp_path / "station")
    press(journal, 3)
    assert waiting.step().state == "waiting"
    assert hub.held(journal.lineage) == []
