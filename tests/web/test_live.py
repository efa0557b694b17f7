"""The live stream: pages hear of new facts, about once a second at most, and streams have an end and a number."""

from itertools import islice

from station.facts import Started, Stopped
from tests.web.browsing import signed_in
from tests.web.halls import HallUnderTest, StationUnderTest
from web.live import watcher as module
from web.live.watcher import STREAMS, Watcher


def test_a_page_hears_of_facts_that_came_after_it_was_painted(hall: HallUnderTest, station: StationUnderTest) -> None:
    station.record(Started(version="0.1"))
    station.send()
    watcher = Watcher(hall.hub.ledger)
    events = watcher.events(seen=1)
    assert next(events) == "retry: 2000\n\n"
    watcher.look()
    station.record(Stopped(reason="evening"))
    station.send(after=1)
    watcher.look()
    assert next(events) == "id: 2\nevent: changed\ndata: 2\n\n"


def test_many_facts_between_two_looks_are_one_event(hall: HallUnderTest, station: StationUnderTest) -> None:
    watcher = Watcher(hall.hub.ledger)
    events = watcher.events(seen=0)
    next(events)
    for upto in range(5):
        station.record(Started(version="0.1"))
        station.send(after=upto)
    watcher.look()
    assert next(events).startswith("id: 5\n")


def test_the_watcher_looks_by_itself_while_somebody_listens(hall: HallUnderTest, station: StationUnderTest) -> None:
    client = signed_in(hall, "admin")
    stream = client.get("/live?seen=0", buffered=False)
    assert stream.mimetype == "text/event-stream"
    station.record(Started(version="0.1"))
    station.send()
    said = "".join(str(part) for part in islice(stream.response, 2))
    assert "event: changed" in said
    stream.close()


def test_streams_are_numbered_and_given_back(hall: HallUnderTest) -> None:
    client = signed_in(hall, "admin")
    watcher: Watcher = hall.app.extensions["zaigang_watcher"]
    taken = [watcher.enter() for _ in range(STREAMS)]
    assert all(taken)
    assert client.get("/live").status_code == 204, "the browser then asks by itself"
    watcher.leave()
    stream = client.get("/live", buffered=False)
    assert stream.status_code == 200
    stream.close()
    assert watcher.enter()
    watcher.stopping = lambda: True
    assert list(watcher.events(seen=0)) == ["retry: 2000\n\n"]
    assert client.get("/live").status_code == 204


def test_a_quiet_stream_shows_that_it_is_well(hall: HallUnderTest, monkeypatch: object) -> None:
    watcher = Watcher(hall.hub.ledger)
    module_beat, module_every = module.BEAT_S, module.EVERY_S
    module.BEAT_S, module.EVERY_S = 2, 0.01
    try:
        assert list(islice(watcher.events(seen=0), 3)) == ["retry: 2000\n\n", ": well\n\n", ": well\n\n"]
    finally:
        module.BEAT_S, module.EVERY_S = module_beat, module_every
