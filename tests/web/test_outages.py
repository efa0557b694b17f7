"""Outages through the hub: derived from what stations recorded, confirmed before they excuse, and by person."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from station.facts import Body, Device, Enrolled, Started, Stopped
from station.rules.outage import Gap, Turn, gaps, shared
from tests.web.browsing import signed_in, text_of
from tests.web.halls import HallUnderTest, MakeStation, StationUnderTest, copy_hall
from tests.web.test_attendance import press_at
from tests.web.test_corrections import post
from tests.web.test_leave import somebody, verdicts
from web.services import closing, in_force, outage_desk, people
from web.services.errors import BadInput
from web.services.outage_desk import Entered, Listed

pytestmark = pytest.mark.both_databases

TUESDAY = date(2026, 3, 3)
WEDNESDAY = datetime(2026, 3, 4, 2, tzinfo=UTC)
GONE, READY = Device(device="reader", state="gone"), Device(device="reader", state="ready")


def at(text: str) -> datetime:
    """ "3 08:30": that time of a day of March in the hall."""
    day, clock = text.split()
    return datetime.fromisoformat(f"2026-03-{int(day):02}T{clock}:00+08:00")


@pytest.fixture
def hall(template: Path, tmp_path: Path, begun: str) -> Iterator[HallUnderTest]:
    """Sessions 09:00-12:00 and 13:30-17:30."""
    made = copy_hall(template, tmp_path / "hub", database=begun)
    with made.hub.ledger.writing() as session:
        for person in made.people.values():
            people.get(session, person).posted_from = date(2026, 3, 1)
    yield made
    made.hub.close()


def record(station: StationUnderTest, when: str, *bodies: Body) -> None:
    station.clock.move_to(at(when))
    station.record(*bodies)


def begin(station: StationUnderTest, *names: str) -> None:
    """The station begins on Monday and holds a finger of these people; 王芳 presses, and the hall has begun."""
    record(station, "2 08:00", Started(version="1"), READY)
    for place, name in enumerate(names, 1):
        station.record(Enrolled(person=station.hall.people[name], place=place))
    press_at(station, "王芳", "2026-03-02 08:50:00")


def pressed(station: StationUnderTest, *times: str) -> None:
    for text in times:
        press_at(station, "刘明", f"2026-03-03 {text}:00")


def listed(hall: HallUnderTest) -> list[Listed]:
    with hall.hub.ledger.reading() as session:
        return outage_desk.listed(session, in_force.read(session, hall.hub), hall.hub.now())


def decide(hall: HallUnderTest, gap: str, good: bool, reason: str = "当天检修") -> None:
    with hall.hub.ledger.writing() as session:
        held = in_force.read(session, hall.hub)
        outage_desk.decide(session, held, gap, hall.people["张伟"], good, reason, hall.hub.now())


def words(hall: HallUnderTest) -> list[str]:
    return [verdict for verdict, _ in verdicts(hall, "刘明")]


def obstacles(hall: HallUnderTest) -> list[tuple[str, date]]:
    with hall.hub.ledger.reading() as session:
        held = in_force.read(session, hall.hub)
        rows = [row for row in people.everybody(session) if row.id == hall.people["刘明"]]
        found = closing.of_month(session, held, rows, date(2026, 3, 1), hall.hub.now()).obstacles
    return [(each.why, each.day) for each in found if each.why == "outage"]


# what the station recorded → its gaps: (start, end, why)
TURNS = [
    ([("gone", "3 08:30"), ("ready", "3 09:40")], [("3 08:30", "3 09:40", "reader")]),
    ([("gone", "3 08:30"), ("fault", "3 08:40"), ("ready", "3 09:40")], [("3 08:30", "3 09:40", "reader")]),
    ([("gone", "3 08:30")], [("3 08:30", "", "reader")]),
    ([("ready", "3 08:30")], []),
    ([("started", "3 08:00", "2 17:40"), ("ready", "3 08:00")], [("2 17:40", "3 08:00", "power")]),
    ([("started", "3 08:00", "")], []),
]


@pytest.mark.parametrize(("turns", "found"), TURNS)
def test_the_gaps_of_a_station(turns: list[tuple[str, ...]], found: list[tuple[str, str, str]]) -> None:
    given = [Turn(str(n), "s", at(t[1]), t[0], at(t[2]) if t[2:] and t[2] else None) for n, t in enumerate(turns)]
    assert [(each.start, each.end, each.why) for each in gaps(given)] == [
        (at(start), at(end) if end else None, why) for start, end, why in found
    ]


# a gap 08:00-10:00 and those of another station → what is left where both had one
SHARED = [
    ([("3 09:00", "3 09:30")], [("3 09:00", "3 09:30")]),
    ([], []),
    ([("3 07:00", "3 08:30"), ("3 09:30", "3 11:00")], [("3 08:00", "3 08:30"), ("3 09:30", "3 10:00")]),
    ([("3 08:10", "3 08:40"), ("3 08:30", "3 09:00")], [("3 08:10", "3 09:00")]),
]


@pytest.mark.parametrize(("others", "left"), SHARED)
def test_only_where_every_station_was_out(others: list[tuple[str, str]], left: list[tuple[str, str]]) -> None:
    gap = Gap("a", "s", at("3 08:00"), at("3 10:00"), "reader")
    given = [Gap("b", "t", at(start), at(end), "reader") for start, end in others]
    assert shared(gap, [given]) == [(at(start), at(end)) for start, end in left]


def test_a_gap_excuses_once_confirmed_and_no_longer_once_refused(
    hall: HallUnderTest, station: StationUnderTest
) -> None:
    begin(station, "刘明")
    record(station, "3 08:30", GONE)
    record(station, "3 09:40", READY)
    pressed(station, "12:01", "13:15", "17:31")
    station.send()
    hall.clock.move_to(WEDNESDAY)
    assert words(hall) == ["missing_in", "present"]
    (gap,) = [one for one in listed(hall) if one.status == "open"]
    assert obstacles(hall) == [("outage", TUESDAY)], "the month waits for the duty leader's word"
    with pytest.raises(BadInput, match="没有写理由"):
        decide(hall, gap.gap.id, True, " ")
    decide(hall, gap.gap.id, True)
    assert words(hall) == ["present", "present"]
    assert obstacles(hall) == []
    decide(hall, gap.gap.id, False, "另一台可用")
    assert words(hall) == ["missing_in", "present"]
    assert [(one.status, one.reason) for one in listed(hall)] == [("refused", "另一台可用")]
    assert obstacles(hall) == []


def test_who_could_press_elsewhere_is_not_excused(
    hall: HallUnderTest, station: StationUnderTest, make_station: MakeStation
) -> None:
    other = make_station()
    begin(station, "刘明", "王芳")
    begin(other, "刘明")
    record(station, "3 08:30", GONE)
    record(station, "3 09:40", READY)
    pressed(station, "12:01", "13:15", "17:31")
    station.send()
    other.send()
    hall.clock.move_to(WEDNESDAY)
    assert obstacles(hall) == [], "one of the two worked"
    (gap,) = [one for one in listed(hall) if one.status == "open"]
    decide(hall, gap.gap.id, True)
    assert words(hall) == ["missing_in", "present"]
    with hall.hub.ledger.writing() as session:
        told = Entered(other.id, at("3 08:00"), at("3 09:20"), "停电")
        outage_desk.enter(session, in_force.read(session, hall.hub), told, hall.people["张伟"], hall.hub.now())
    assert words(hall) == ["present", "present"], "now both had been out from 08:30 to 09:20"


def test_a_night_without_power_and_one_over_the_break(hall: HallUnderTest, station: StationUnderTest) -> None:
    begin(station, "刘明")
    pressed(station, "08:50")
    record(station, "3 11:55", Stopped(reason="停电"))
    record(station, "3 13:40", Started(version="1"), READY)
    record(station, "3 13:45", GONE)
    record(station, "3 13:46", READY)
    record(station, "4 07:50", Started(version="1"), READY)
    station.send()
    hall.clock.move_to(datetime(2026, 3, 5, 2, tzinfo=UTC))
    assert words(hall) == ["missing_out", "absent"]
    found = {(f"{one.gap.start.astimezone(hall.hub_zone()):%d %H:%M}", one.gap.why): one.gap.id for one in listed(hall)}
    assert set(found) == {("03 11:55", "power"), ("03 13:46", "power")}, "a minute at 13:45 matters to nobody"
    decide(hall, found["03 11:55", "power"], True)
    assert words(hall) == ["present", "missing_out"], "out at noon and in for the afternoon are kept"
    decide(hall, found["03 13:46", "power"], True)
    assert words(hall) == ["present", "outage"]


def test_a_gap_that_goes_on_waits_and_stands_on_todays_page(hall: HallUnderTest, station: StationUnderTest) -> None:
    begin(station, "刘明")
    record(station, "3 08:30", GONE)
    station.send()
    hall.clock.move_to(at("3 09:30"))
    (gap,) = listed(hall)
    assert gap.status == "ongoing"
    with pytest.raises(BadInput, match="还没有恢复"):
        decide(hall, gap.gap.id, True)
    page = text_of(signed_in(hall, "duty_leader").get("/"))
    assert "一楼东门的指纹机故障，正以签到代替打卡" in page


def test_the_whole_hall_is_entered_by_the_duty_leader_alone(hall: HallUnderTest, station: StationUnderTest) -> None:
    begin(station)
    station.send()
    hall.clock.move_to(WEDNESDAY)
    somebody(hall, "高峰", "duty_leader")
    assert words(hall) == ["absent", "absent"]
    leader, clerk = signed_in(hall, "duty_leader"), signed_in(hall, "attendance_clerk", unit="医疗保障局")
    given = {"station": "", "day": "2026-03-03", "start": "08:00", "end": "18：00", "reason": "全厅停电"}
    assert post(clerk, "/outages", **given).status_code == 403
    later = post(leader, "/outages", **given | {"end": "07:00"})
    assert (later.status_code, "故障要有先后" in later.get_data(as_text=True)) == (400, True)
    assert post(leader, "/outages", **given).status_code == 302
    assert words(hall) == ["outage", "outage"]
    assert "宋平：全厅停电" in text_of(clerk.get("/outages"))
    page = text_of(clerk.get(f"/attendance/people/{hall.people['刘明']}?month=2026-03"))
    assert "设备故障（08:00–18:00）" in page
