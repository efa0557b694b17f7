"""From a station's bytes over HTTP to verdicts: what other systems lost or judged wrong, the cache, and its cost."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from station.facts import Exit, Punch, SignIn, canonical
from station.rules.attendance import Judged
from station.rules.given import Absence, Finding, Outage
from tests.web.browsing import signed_in, text_of
from tests.web.halls import HallUnderTest, MakeStation, StationUnderTest, counted
from web.ledger.facts import FactRow, StaleRow, UnreadableRow
from web.ledger.people import PersonRow
from web.ledger.verdicts import VerdictRow
from web.services import attendance, in_force, people, policies
from web.services.attendance import Book
from web.services.people import NewPerson
from web.services.records import Source

pytestmark = pytest.mark.both_databases

MONDAY = date(2026, 3, 2)
TUESDAY_NOON = datetime(2026, 3, 3, 4, tzinfo=UTC)


def book(hall: HallUnderTest, first: date = MONDAY, last: date = MONDAY, sources: tuple[Source, ...] = ()) -> Book:
    """Closed days of everybody as a page gets them: looked up, judged where they lack, kept."""
    now = hall.hub.now()
    with hall.hub.ledger.reading() as session:
        held = in_force.read(session, hall.hub)
        found = attendance.look(session, held, people.everybody(session), first, last, now)
    if not found.lacking:
        return found
    with hall.hub.ledger.writing() as session:
        return attendance.settle(session, hall.hub, found, now, sources)


def anew(hall: HallUnderTest, first: date = MONDAY, last: date = MONDAY) -> dict[str, list[Judged]]:
    """The same from nothing: no cache is looked at."""
    with hall.hub.ledger.reading() as session:
        held = in_force.read(session, hall.hub)
        everybody = people.everybody(session)
        closed = attendance.closed_days(held, first, last, hall.hub.now())
        found: dict[str, list[Judged]] = {person.id: [] for person in everybody}
        wanted = {person.id: closed for person in everybody}
        for person, judged, _ in attendance.judged_days(session, held, everybody, wanted, hall.hub.now()):
            found[person].append(judged)
    return found


def verdicts(hall: HallUnderTest, name: str, day: date = MONDAY) -> list[str]:
    """The verdicts of somebody's day."""
    return [each.verdict for judged in book(hall, day, day).days[hall.people[name]] for each in judged.verdicts]


def minutes(hall: HallUnderTest, name: str) -> list[tuple[int, int]]:
    return [(each.late, each.early) for each in book(hall).days[hall.people[name]][0].verdicts]


def press_at(station: StationUnderTest, name: str, at: str, **more: Any) -> None:
    """A press at this local time "2026-03-02 08:52:10"."""
    station.clock.move_to(datetime.fromisoformat(f"{at}+08:00"))
    station.journal.append(Punch(person=station.hall.people[name], place=1, score=120, **more))


def full_day(station: StationUnderTest, name: str) -> None:
    for text in ("08:52", "12:02", "13:18", "17:31"):
        station.press(name, text)


# What other systems lost or judged wrong. All punches are kept, all are judged right.


def test_double_taps_are_kept_and_count_once(hall: HallUnderTest, station: StationUnderTest) -> None:
    for second in ("08:52:00", "08:52:02", "08:52:59", "12:02:00", "13:18:00", "17:31:00", "17:31:01"):
        press_at(station, "刘明", f"2026-03-02 {second}")
    assert station.send().upto == 7
    hall.clock.move_to(TUESDAY_NOON)
    assert verdicts(hall, "刘明") == ["present", "present"]
    client = signed_in(hall, "supervision")
    page = text_of(client.get(f"/attendance/people/{hall.people['刘明']}?month=2026-03"))
    assert "原始记录 7 条" in page
    assert page.count("一分钟内重复，不采用") == 3


def test_left_minutes_early_at_noon_and_came_back_late(hall: HallUnderTest, station: StationUnderTest) -> None:
    for text in ("08:52", "11:55", "13:37", "17:31"):
        station.press("刘明", text)
    station.send()
    hall.clock.move_to(TUESDAY_NOON)
    assert verdicts(hall, "刘明") == ["early", "late"]
    assert minutes(hall, "刘明") == [(0, 5), (7, 0)]


def test_the_afternoon_synced_before_the_morning(
    hall: HallUnderTest, make_station: MakeStation, station: StationUnderTest
) -> None:
    other = make_station()
    for text in ("08:52", "12:02"):
        station.press("刘明", text)
    for text in ("13:18", "17:31"):
        other.press("刘明", text)
    other.send()
    hall.clock.move_to(TUESDAY_NOON)
    assert verdicts(hall, "刘明") == ["absent", "present"], "closed and kept before the morning was known"
    station.send()
    assert verdicts(hall, "刘明") == ["present", "present"]
    assert book(hall).days == anew(hall)


def test_a_record_older_than_everything_seen(
    hall: HallUnderTest, make_station: MakeStation, station: StationUnderTest
) -> None:
    full_day(station, "刘明")
    station.send()
    hall.clock.move_to(TUESDAY_NOON)
    friday = date(2026, 2, 27)
    assert verdicts(hall, "王芳", friday) == ["not_posted", "not_posted"], "entered on Monday, and nothing older known"
    old = make_station(start=datetime(2026, 2, 27, tzinfo=UTC))
    for text in ("08:50", "12:01", "13:15", "17:30"):
        press_at(old, "王芳", f"2026-02-27 {text}:00")
    old.send()
    assert verdicts(hall, "王芳", friday) == ["present", "present"]
    assert verdicts(hall, "刘明") == ["present", "present"]
    assert book(hall, friday).days == anew(hall, friday)


# From when a person without a day of posting is judged.


def test_somebody_entered_today_is_judged_on_no_day_before(hall: HallUnderTest, station: StationUnderTest) -> None:
    full_day(station, "刘明")
    station.send()
    hall.clock.move_to(datetime(2026, 4, 1, 4, tzinfo=UTC))
    hall.people["新人"] = crowd(hall, 1)[0]
    march = book(hall, date(2026, 3, 1), date(2026, 3, 31))
    assert {each.verdict for day in march.days[hall.people["新人"]] for each in day.verdicts} == {"not_posted"}
    assert march.totals(hall.people["新人"]).absent_days == 0
    assert verdicts(hall, "王芳") == ["absent", "absent"], "entered on that Monday"
    page = text_of(signed_in(hall, "admin").get(f"/attendance/people/{hall.people['新人']}?month=2026-03"))
    assert "未入驻" in page
    assert "旷工 0 天" in page


def test_a_record_older_than_the_entry_moves_the_beginning_and_every_day_between(
    hall: HallUnderTest, make_station: MakeStation, station: StationUnderTest
) -> None:
    full_day(station, "刘明")
    station.send()
    hall.clock.move_to(datetime(2026, 3, 6, 4, tzinfo=UTC))
    hall.people["新人"] = crowd(hall, 1)[0]
    assert verdicts(hall, "新人", date(2026, 3, 4)) == ["not_posted", "not_posted"]
    late = make_station()
    press_at(late, "新人", "2026-03-03 08:55:00")
    late.send()
    days = [date(2026, 3, number) for number in (2, 3, 4)]
    assert [verdicts(hall, "新人", day) for day in days] == [
        ["not_posted", "not_posted"],
        ["missing_out", "absent"],
        ["absent", "absent"],
    ]
    assert book(hall, MONDAY, date(2026, 3, 5)).days == anew(hall, MONDAY, date(2026, 3, 5))


def test_a_day_of_posting_on_the_roster_counts_alone(hall: HallUnderTest, station: StationUnderTest) -> None:
    full_day(station, "刘明")
    station.send()
    with hall.hub.ledger.writing() as session:
        session.execute(update(PersonRow).where(PersonRow.name == "刘明").values(posted_from=date(2026, 3, 3)))
    hall.clock.move_to(TUESDAY_NOON)
    assert verdicts(hall, "刘明") == ["not_posted", "not_posted"]


def test_nobody_is_judged_on_days_before_the_halls_first_press(hall: HallUnderTest, station: StationUnderTest) -> None:
    with hall.hub.ledger.writing() as session:
        session.execute(update(PersonRow).values(posted_from=date(2026, 2, 1)))
    hall.clock.move_to(datetime(2026, 3, 4, 4, tzinfo=UTC))
    assert verdicts(hall, "王芳") == ["not_posted", "not_posted"], "a hall without a press"
    press_at(station, "刘明", "2026-03-03 08:55:00")
    station.send()
    assert verdicts(hall, "王芳") == ["not_posted", "not_posted"]
    assert verdicts(hall, "王芳", date(2026, 3, 3)) == ["absent", "absent"]


def test_a_press_of_an_unknown_time_begins_nothing(hall: HallUnderTest, make_station: MakeStation) -> None:
    lost = make_station(start=datetime(2026, 2, 2, tzinfo=UTC), trust="unsynced")
    press_at(lost, "刘明", "2026-02-03 08:55:00")
    lost.send()
    hall.clock.move_to(TUESDAY_NOON)
    assert verdicts(hall, "刘明", date(2026, 2, 4)) == ["not_posted", "not_posted"]


def test_a_direction_nobody_knows_is_kept_raw_and_listed(hall: HallUnderTest, station: StationUnderTest) -> None:
    full_day(station, "刘明")
    raws = station.reader.raw_after(0, 10)
    last = json.loads(raws[3])
    strange = canonical(last | {"body": last["body"] | {"direction": "sideways"}})
    assert station.answer(station.deliver([*raws[:3], strange])).upto == 4
    with hall.hub.ledger.reading() as session:
        assert session.execute(select(FactRow.raw).where(FactRow.seq == 4)).scalar_one() == strange
        assert session.execute(select(UnreadableRow.kind)).scalar_one() == "punch"
    assert "读不懂" in text_of(signed_in(hall, "admin").get("/stations"))
    hall.clock.move_to(TUESDAY_NOON)
    assert verdicts(hall, "刘明") == ["present", "missing_out"], "nothing is made of what is not understood"


@pytest.mark.parametrize(
    ("presses", "expected"),
    [
        (("08:52", "12:02", "13:18"), ["present", "missing_out"]),  # forgotten at the end
        (("08:52", "12:02", "17:31"), ["present", "missing_in"]),
        (("17:31",), ["absent", "missing_in"]),  # out only
        (("08:52", "17:31"), ["missing_out", "missing_in"]),
    ],
)
def test_forgotten_presses_are_listed_and_never_made_absence(
    hall: HallUnderTest, station: StationUnderTest, presses: tuple[str, ...], expected: list[str]
) -> None:
    for text in presses:
        station.press("刘明", text)
    station.send()
    hall.clock.move_to(TUESDAY_NOON)
    assert verdicts(hall, "刘明") == expected
    assert book(hall).totals(hall.people["刘明"]).missing == sum(each.startswith("missing") for each in expected)


def test_a_failure_midway_and_the_retry(
    hall: HallUnderTest, station: StationUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    full_day(station, "刘明")
    raws = station.reader.raw_after(0, 10)
    with monkeypatch.context() as broken:
        broken.setattr("web.services.intake.project", lambda *given: 1 / 0)
        assert station.deliver(raws).status_code == 500
    assert station.answer(station.deliver([])).upto == 0
    assert station.answer(station.deliver(raws[:2])).upto == 2
    assert station.answer(station.deliver(raws)).upto == 4
    assert station.answer(station.deliver(raws)).upto == 4
    hall.clock.move_to(TUESDAY_NOON)
    assert verdicts(hall, "刘明") == ["present", "present"]


# Facts beyond fingers, and what desks decide.


def test_signings_in_count_as_presses(hall: HallUnderTest, station: StationUnderTest) -> None:
    ming, fang = hall.people["刘明"], hall.people["王芳"]
    for hour, minute in ((8, 50), (12, 1), (13, 10), (17, 30)):
        station.clock.move_to(datetime(2026, 3, 2, hour - 8, minute, tzinfo=UTC))
        station.journal.append(SignIn(person=ming, by="witness", witness=fang))
    station.send()
    hall.clock.move_to(TUESDAY_NOON)
    assert verdicts(hall, "刘明") == ["present", "present"]
    page = text_of(signed_in(hall, "admin").get(f"/attendance/people/{ming}?month=2026-03"))
    assert page.count("签到") == 4


def test_an_exit_that_ends_on_a_later_day_keeps_that_mornings_in(
    hall: HallUnderTest, station: StationUnderTest
) -> None:
    ming = hall.people["刘明"]
    for text in ("08:52", "12:02", "13:18"):
        station.press("刘明", text)
    station.clock.move_to(datetime(2026, 3, 2, 8, tzinfo=UTC))
    station.journal.append(Exit(person=ming, way="out", reason="取件"))
    station.send()
    hall.clock.move_to(datetime(2026, 3, 4, 4, tzinfo=UTC))
    tuesday = date(2026, 3, 3)
    assert verdicts(hall, "刘明") == ["present", "present"], "an exit open at the end keeps its out"
    assert verdicts(hall, "刘明", tuesday) == ["absent", "absent"]
    station.clock.move_to(datetime(2026, 3, 3, 1, 20, tzinfo=UTC))
    station.journal.append(Exit(person=ming, way="back"))
    press_at(station, "刘明", "2026-03-03 12:01:00")
    station.send(after=4)
    assert verdicts(hall, "刘明", tuesday) == ["present", "absent"]
    assert book(hall, MONDAY, tuesday).days == anew(hall, MONDAY, tuesday)


def test_what_desks_decide_is_one_source_more(hall: HallUnderTest, station: StationUnderTest) -> None:
    full_day(station, "刘明")
    full_day(station, "张伟")
    station.send()
    hall.clock.move_to(TUESDAY_NOON)

    def at(hour: int) -> datetime:
        return datetime(2026, 3, 2, hour - 8, tzinfo=UTC)

    def desk(_session: object, _since: datetime, _until: datetime) -> Iterator[tuple[str | None, Any]]:
        yield hall.people["王芳"], Absence("l1", "sick", at(9), at(18))
        yield hall.people["张伟"], Finding("f1", at(10), "left_post", True)
        yield None, Outage("o1", at(8), at(18))

    found = book(hall, sources=(desk,)).days
    words = {name: [each.verdict for each in found[hall.people[name]][0].verdicts] for name in hall.people}
    assert words == {
        "刘明": ["present", "present"],
        "王芳": ["leave", "leave"],
        "张伟": ["absent", "present"],
        "阿依古丽·买买提": ["outage", "outage"],
    }


# The cache: never believed when it should not be.


def test_today_is_never_kept_and_a_closed_day_is_kept_once(hall: HallUnderTest, station: StationUnderTest) -> None:
    full_day(station, "刘明")
    station.send()
    hall.at("19:00")
    assert book(hall).days[hall.people["刘明"]] == []
    hall.clock.move_to(datetime(2026, 3, 2, 19, 59, 59, tzinfo=UTC))
    assert book(hall).days[hall.people["刘明"]] == [], "a day runs until 04:00"
    hall.clock.move_to(datetime(2026, 3, 2, 20, tzinfo=UTC))
    first = book(hall)
    assert len(first.days[hall.people["刘明"]]) == 1
    with counted(hall) as said:
        assert book(hall).days == first.days
    assert not [each for each in said if "punches.direction" in each], "kept days are not judged again"


@pytest.mark.parametrize("change", ["posting", "group", "policy"])
def test_a_kept_day_counts_for_nothing_once_its_basis_is_another(
    hall: HallUnderTest, station: StationUnderTest, change: str
) -> None:
    full_day(station, "刘明")
    station.send()
    hall.clock.move_to(TUESDAY_NOON)
    assert verdicts(hall, "刘明") == ["present", "present"]
    before = book(hall).days[hall.people["刘明"]][0].verdicts[1].ready
    values: dict[str, Any] = {"posting": {"posted_to": date(2026, 3, 1)}, "group": {"group": "back_office"}}
    with hall.hub.ledger.writing() as session:
        if change == "policy":
            session.execute(update(VerdictRow).values(basis="1.99.11.window."))
        else:
            session.execute(update(PersonRow).where(PersonRow.name == "刘明").values(**values[change]))
    with counted(hall) as said:
        after = book(hall).days[hall.people["刘明"]][0].verdicts
    assert [each for each in said if "punches.direction" in each]
    assert (before, [each.verdict for each in after], after[1].ready) == {
        "posting": (True, ["not_posted", "not_posted"], None),
        "group": (True, ["present", "present"], None),
        "policy": (True, ["present", "present"], True),
    }[change]


@pytest.mark.zone
def test_everything_judged_anew_is_what_was_kept(hall: HallUnderTest, make_station: MakeStation) -> None:
    """A month of odd days from two stations, delivered in pieces and out of order, against nothing but facts."""
    stations = [make_station(start=datetime(2026, 2, 1, tzinfo=UTC)) for _ in range(2)]
    names = list(hall.people)
    for number in range(27):
        day = date(2026, 2, 2) + timedelta(days=number)
        for index, text in enumerate(("08:4{}:30", "03:59:5{}", "04:00:2{}", "12:0{}:00", "12:5{}:00", "17:3{}:10")):
            if (number * 7 + index * 3) % 5:
                name = names[(number + index) % 4]
                press_at(stations[(number + index) % 2], name, f"{day} {text.format(number % 10)}")
        if number % 6 == 0:
            stations[0].record(Exit(person=hall.people[names[number % 4]], way="out" if number % 12 else "back"))
    first, last = date(2026, 2, 1), date(2026, 3, 1)
    hall.clock.move_to(datetime(2026, 3, 2, 4, tzinfo=UTC))
    for step in range(0, 90, 17):
        for station in stations:
            station.send(after=step, limit=17)
        assert book(hall, first, last).days == anew(hall, first, last), step
    with hall.hub.ledger.writing() as session:
        kept = session.execute(select(VerdictRow.sessions).order_by(VerdictRow.person, VerdictRow.day)).scalars().all()
        session.execute(delete(VerdictRow))
    book(hall, first, last)
    with hall.hub.ledger.reading() as session:
        again = session.execute(select(VerdictRow.sessions).order_by(VerdictRow.person, VerdictRow.day)).scalars().all()
    assert kept == again
    assert len(kept) == 4 * 29


# What it costs: statements do not grow with the batch, nor with the hall.


def begun(hall: HallUnderTest) -> None:
    """Once in its life the hub writes down what it began with; not counted as what a page costs."""
    with hall.hub.ledger.writing() as session:
        policies.begin(session, hall.hub, hall.hub.now())


def crowd(hall: HallUnderTest, count: int, posted_from: date | None = None) -> list[str]:
    """So many people more."""
    with hall.hub.ledger.writing() as session:
        names = [
            NewPerson(f"人{number}", f"n{number}", f"单位{number % 8}", posted_from=posted_from)
            for number in range(count)
        ]
        return people.add(session, names, hall.hub.now())


@pytest.mark.parametrize("size", [1, 40, 120])
def test_late_presses_cost_one_statement_in_intake_and_six_in_the_recompute(
    hall: HallUnderTest, station: StationUnderTest, size: int
) -> None:
    late = crowd(hall, size)
    hall.clock.move_to(datetime(2026, 3, 20, 4, tzinfo=UTC))
    first, last = MONDAY, date(2026, 3, 19)
    book(hall, first, last)
    for number, person in enumerate(late):
        station.clock.move_to(datetime(2026, 3, 3 + number % 4, 1, 7, tzinfo=UTC) + timedelta(seconds=number))
        station.journal.append(Punch(person=person, place=1, score=120))
    with counted(hall) as said:
        assert station.send(limit=500).upto == size
    assert len([each for each in said if "stale" in each]) == 1
    with counted(hall) as said:
        found = book(hall, first, last)
    assert len(said) <= 6, said
    judged = [each.verdict for one in late for day in found.days[one] for each in day.verdicts]
    assert judged.count("missing_out") == size
    with hall.hub.ledger.reading() as session:
        assert session.execute(select(StaleRow)).first() is None


def test_a_page_reads_as_many_statements_for_four_people_as_for_a_hundred(hall: HallUnderTest) -> None:
    begun(hall)
    hall.clock.move_to(datetime(2026, 3, 6, 4, tzinfo=UTC))
    with counted(hall) as few:
        book(hall, MONDAY, date(2026, 3, 5))
    crowd(hall, 100)
    with counted(hall) as many:
        book(hall, MONDAY, date(2026, 3, 4))
    assert (len(few), len(many)) == (6, 6)
