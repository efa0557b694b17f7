"""The running day is worked out once for whoever asks, and anew with a fact, a decision or the next minute."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from station.facts import Enrolled
from tests.web.halls import HallUnderTest, StationUnderTest
from web.services import audit, in_force, policies, today

pytestmark = pytest.mark.both_databases


def _nothing(hall: HallUnderTest, station: StationUnderTest) -> None:
    """Some seconds go by."""
    hall.clock.move_to(hall.hub.now() + timedelta(seconds=20))


def _fact(hall: HallUnderTest, station: StationUnderTest) -> None:
    station.record(Enrolled(person=hall.people["刘明"], place=1))
    station.send()


def _decision(hall: HallUnderTest, station: StationUnderTest) -> None:
    with hall.hub.ledger.writing() as session:
        audit.note(session, hall.hub.now(), None, "unit.add", "x")


def _minute(hall: HallUnderTest, station: StationUnderTest) -> None:
    hall.clock.move_to(hall.hub.now() + timedelta(minutes=1))


def worked_out(hall: HallUnderTest) -> list[str]:
    """Asks for the day; whether it is the one that was worked out before shows by its people being the same rows."""
    with hall.hub.ledger.reading() as session:
        return [str(id(one)) for one in today.hall_day(session, hall.hub).people]


@pytest.mark.parametrize(("happens", "anew"), [(_nothing, False), (_fact, True), (_decision, True), (_minute, True)])
def test_when_the_day_is_worked_out_anew(
    hall: HallUnderTest, station: StationUnderTest, happens: Callable[..., None], anew: bool
) -> None:
    before = worked_out(hall)
    kept = hall.hub.once.kept["day"]
    happens(hall, station)
    assert (worked_out(hall) != before) == anew
    assert (hall.hub.once.kept["day"] is not kept) == anew


def test_a_press_from_a_clock_ahead_counts_with_its_second(hall: HallUnderTest, station: StationUnderTest) -> None:
    """A record later than now is read by a later second of the same minute, so nothing is kept before it."""
    hall.at("09:00")
    station.press("刘明", "09:00")  # its second is 0; the hub's clock goes back by five
    hall.clock.move_to(hall.hub.now() - timedelta(seconds=5))
    station.send()
    worked_out(hall)
    assert "day" not in hall.hub.once.kept
    hall.clock.move_to(hall.hub.now() + timedelta(seconds=6))
    with hall.hub.ledger.reading() as session:
        assert len(today.hall_day(session, hall.hub).came()) == 1


def test_numbers_read_beside_the_ledgers_stand_are_plain(hall: HallUnderTest, station: StationUnderTest) -> None:
    """A version's row goes into signed sheets: PostgreSQL's sum of facts must not make a numeric of it."""
    station.press("刘明", "08:52")
    station.send()
    with hall.hub.ledger.writing() as session:
        policies.begin(session, hall.hub, hall.hub.now())
        held = in_force.read(session, hall.hub)
    numbers = [held.versions[0].row, held.schedule.row, held.stand.facts, held.stand.lines]
    assert [type(each) for each in numbers] == [int] * 4
    assert held.stand.facts == 1
