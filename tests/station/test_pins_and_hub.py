"""PINs between a station and a hub that really runs: handed out sealed, set at the kiosk, handed back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import load_hub
from station import sealed
from station.clock import SystemClock
from station.journal import Journal, Reader
from station.pins import HASHER, PinRefused, Pins
from station.sealed import load_or_make_seal
from station.uplink import Uplink
from tests.faults.running_hub import RunningHub
from web.services import people, pins
from web.services.hub import open_hub
from web.services.people import NewPerson

PIN, NEW = "204816", "975310"


class Joined:
    """A station that joined a running hub with one person, who has no finger."""

    def __init__(self, folder: Path) -> None:
        self.hub = RunningHub(folder / "hub")
        hub = open_hub(load_hub(self.hub.folder))
        with hub.ledger.writing() as session:
            people.add(session, [NewPerson(number="1", name="刘明", unit="医疗保障局")], hub.now())
            self.person = people.everybody(session)[0].id
        hub.close()
        self.hub.start()
        self.folder, clock = folder / "station", SystemClock()
        self.journal = Journal(self.folder, clock)
        self.facts = Reader(self.journal.path)
        self.uplink: Uplink = self.hub.joined(self.folder, self.journal, clock)
        self.uplink.step()
        self.uplink.fetch_papers()
        key = load_or_make_seal(self.folder / sealed.FILE)
        self.pins = Pins(
            self.folder, key, self.journal, self.facts, clock,
            lambda: self.uplink.held.papers if self.uplink.held else None,
        )  # fmt: skip

    def fetch(self) -> bool:
        """Ask for the PINs; whether there were others than before."""
        content = self.uplink.fetch_sealed("pins")
        if content is not None:
            self.pins.take(content)
        return content is not None

    def set_at_the_desk(self, digits: str) -> None:
        """The hub's page sets the person's PIN."""
        hub = open_hub(load_hub(self.hub.folder))
        with hub.ledger.writing() as session:
            pins.set_pin(session, self.person, HASHER.hash(digits), hub.now(), by="")
        hub.close()

    def close(self) -> None:
        """End both."""
        self.facts.close()
        self.journal.close()
        self.hub.stop()


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Joined]:
    """The station."""
    made = Joined(tmp_path)
    yield made
    made.close()


def test_a_pin_goes_both_ways(station: Joined) -> None:
    station.fetch()
    assert not station.pins.has(station.person)
    station.set_at_the_desk(PIN)
    assert station.fetch()
    station.pins.check(station.person, PIN)
    assert not station.fetch()  # the same as before

    fact = station.pins.choose(station.person, NEW, NEW)
    station.pins.check(station.person, NEW)
    station.uplink.step()
    assert station.fetch()
    station.pins.check(station.person, NEW)
    with pytest.raises(PinRefused):
        station.pins.check(station.person, PIN)
    key = load_or_make_seal(station.folder / sealed.FILE)
    again = Pins(station.folder, key, station.journal, station.facts, SystemClock(), lambda: None)
    again.check(station.person, NEW)  # from the disk: what the hub handed back
    assert station.uplink.acked.upto >= fact.seq
