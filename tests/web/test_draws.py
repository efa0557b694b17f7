"""Random rounds: promised before the day, told when they have come, reckoned again by whoever doubts them."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from config.policy import load_policy
from station.hub_rounds import drawn_of
from station.rules.calendar import DayTable
from station.rules.hours import Stretch
from tests.web.browsing import signed_in
from tests.web.halls import HallUnderTest
from web import routines
from web.ledger.audit import AuditRow
from web.services import audit, draws, in_force
from web.services.advice import advice
from web.services.draws import Draw, minutes_of, spans_of
from web.services.rounds import Round

MONDAY = date(2026, 3, 2)
WANZHOU = load_policy("wanzhou")
SEED = hashlib.sha256(b"a day").digest()


def clock(spans: Sequence[Stretch]) -> list[str]:
    return [f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in spans]


def test_times_lie_in_working_hours_with_room_for_a_round_and_away_from_the_scheduled_ones() -> None:
    spans = clock(spans_of(WANZHOU, MONDAY, DayTable()))
    assert spans == ["10:30-11:00", "14:40-16:30"]


def test_a_day_off_draws_nothing() -> None:
    assert spans_of(WANZHOU, date(2026, 3, 1), DayTable()) == ()


@pytest.mark.parametrize("count", [0, 1, 3, 6, 9])
def test_as_many_different_minutes_as_asked_for_all_inside(count: int) -> None:
    spans = (Stretch(540, 543), Stretch(630, 633))
    made = minutes_of(SEED, spans, count)
    assert len(set(made)) == min(count, 6)
    assert set(made) <= {540, 541, 542, 630, 631, 632}
    assert list(made) == sorted(made)


def test_the_rule_of_drawing_is_the_one_that_the_page_tells() -> None:
    spans = (Stretch(540, 600),)
    first = int(hashlib.sha256(SEED + b"\x00").hexdigest(), 16) % 60
    assert minutes_of(SEED, spans, 1) == (540 + first,)


def test_minutes_are_spread_over_all_that_there_are() -> None:
    spans = (Stretch(0, 4),)
    made = [minutes_of(hashlib.sha256(bytes((n,))).digest(), spans, 1)[0] for n in range(200)]
    assert {made.count(minute) > 30 for minute in range(4)} == {True}


def seen(hall: HallUnderTest, walked: Sequence[Round] = ()) -> Draw | None:
    with hall.hub.ledger.reading() as session:
        return draws.of_day(session, hall.hub, MONDAY, walked, in_force.read(session, hall.hub).on(MONDAY).policy)


def told(hall: HallUnderTest) -> list[datetime]:
    """What stations are told of the day's draw."""
    with hall.hub.ledger.reading() as session:
        return drawn_of(advice(session, hall.hub))


def test_the_hash_comes_first_then_the_time_then_the_seed(hall: HallUnderTest) -> None:
    hall.at("00:01")
    for _ in range(2):
        routines.once(hall.hub)
    with hall.hub.ledger.reading() as session:
        lines = session.execute(select(AuditRow).where(AuditRow.act == draws.ACT)).scalars().all()
        assert len(lines) == 1
        assert audit.broken(session) is None
    early = seen(hall)
    assert early is not None
    assert (early.times, early.seed, early.count) == ((), "", 1)
    assert told(hall) == [], "stations know no more than whoever looks at the hub"
    hall.at("23:59")
    evening = seen(hall)
    assert evening is not None
    (drawn,) = evening.times
    assert (drawn.missed, evening.seed) == (True, "")
    assert told(hall) == [drawn.at]
    hall.clock.move_to(hall.clock.read().at + timedelta(minutes=2))
    after = seen(hall)
    assert after is not None
    seed = bytes.fromhex(after.seed)
    assert hashlib.sha256(seed).hexdigest() == early.hash
    assert minutes_of(seed, after.spans, 1) == (drawn.at.hour * 60 + drawn.at.minute,)


def test_a_round_near_the_time_comes_of_it(hall: HallUnderTest) -> None:
    hall.at("00:01")
    routines.once(hall.hub)
    hall.at("23:00")
    known = seen(hall)
    assert known is not None
    at = known.times[0].at
    for minutes, counts in ((-6, False), (-5, True), (59, True), (60, False)):
        one = Round("r", "unscheduled", "", "patrol", at + timedelta(minutes=minutes), visits={"x": None})  # type: ignore[dict-item]
        told = seen(hall, [one])
        assert told is not None
        assert bool(told.times[0].walked) == counts, minutes


def test_times_before_a_late_promise_prove_nothing(hall: HallUnderTest) -> None:
    hall.at("19:00")
    routines.once(hall.hub)
    hall.at("23:00")
    known = seen(hall)
    assert known is not None
    assert (known.times, known.late) == ((), 1)


def test_the_page_tells_all_of_it(hall: HallUnderTest) -> None:
    hall.at("00:01")
    routines.once(hall.hub)
    page = signed_in(hall, "admin").get("/patrol/draws")
    known = seen(hall)
    assert known is not None
    assert (known.hash in page.text, "到时公布" in page.text) == (True, True)
