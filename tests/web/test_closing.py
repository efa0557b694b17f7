"""Whether the hub may close a month, and everything that has to be settled first."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from station.rules.given import Absence, Outage
from tests.web.browsing import signed_in, text_of
from tests.web.halls import HallUnderTest, MakeStation, StationUnderTest
from tests.web.test_attendance import book, full_day, press_at
from web.services import closing, in_force, people
from web.services.closing import Closing, Unconfirmed

MARCH = date(2026, 3, 1)
APRIL = datetime(2026, 4, 1, 4, tzinfo=UTC)


def closed(hall: HallUnderTest, first: date = MARCH, unconfirmed: tuple[Unconfirmed, ...] = ()) -> Closing:
    with hall.hub.ledger.reading() as session:
        held = in_force.read(session, hall.hub)
        return closing.of_month(session, held, people.everybody(session), first, hall.hub.now(), unconfirmed)


def whys(found: Closing) -> list[tuple[str, date]]:
    return [(each.why, each.day) for each in found.obstacles]


def test_a_month_that_is_over_and_settled_may_close(hall: HallUnderTest, station: StationUnderTest) -> None:
    full_day(station, "刘明")
    station.send()
    hall.clock.move_to(datetime(2026, 3, 31, 19, 59, tzinfo=UTC))
    assert whys(closed(hall)) == [("running", date(2026, 3, 31))], "the last day runs until 04:00"
    hall.clock.move_to(datetime(2026, 3, 31, 20, tzinfo=UTC))
    assert closed(hall).may_close


def test_no_month_of_a_year_whose_schedule_is_not_known_may_close(
    hall: HallUnderTest, station: StationUnderTest
) -> None:
    full_day(station, "刘明")
    station.send()
    hall.clock.move_to(datetime(2027, 2, 2, 4, tzinfo=UTC))
    assert whys(closed(hall, date(2027, 1, 1))) == [("unknown_year", date(2027, 1, 1))]
    assert closed(hall, date(2026, 12, 1)).may_close


def test_an_uncorrected_clock_keeps_the_month_open(
    hall: HallUnderTest, make_station: MakeStation, station: StationUnderTest
) -> None:
    full_day(station, "刘明")
    station.send()
    lost = make_station(trust="unsynced")
    press_at(lost, "王芳", "2026-03-03 08:55:00")
    lost.send()
    hall.clock.move_to(APRIL)
    assert whys(closed(hall)) == [("unsynced", date(2026, 3, 3))]
    page = text_of(signed_in(hall, "supervision").get(f"/attendance/people/{hall.people['王芳']}?month=2026-03"))
    assert "本月还不能结算" in page
    assert "03-03 上午打卡时的时钟还没有校准" in page


def test_undecided_leave_keeps_the_month_open(hall: HallUnderTest, station: StationUnderTest) -> None:
    full_day(station, "刘明")
    station.send()

    def desk(_session: object, _since: datetime, _until: datetime) -> Iterator[tuple[str | None, Absence]]:
        start, end = (datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (1, 2))
        yield hall.people["刘明"], Absence("l1", "sick", start, end, "pending")

    hall.clock.move_to(APRIL)
    book(hall, MARCH, date(2026, 3, 31), sources=(desk,))
    found = closed(hall)
    assert [(each.why, each.session) for each in found.obstacles] == [("undecided", "morning")]


def test_an_outage_that_nobody_confirmed_keeps_the_month_open(hall: HallUnderTest, station: StationUnderTest) -> None:
    full_day(station, "刘明")
    station.send()
    hall.clock.move_to(APRIL)

    def table(_session: object, since: datetime, until: datetime) -> Iterator[tuple[None, Outage]]:
        assert since < datetime(2026, 3, 1, tzinfo=UTC) < until
        yield None, Outage("o1", datetime(2026, 3, 4, 0, 30, tzinfo=UTC), datetime(2026, 3, 4, 3, tzinfo=UTC))

    assert whys(closed(hall, unconfirmed=(table,))) == [("outage", date(2026, 3, 4))]
