"""What is decided about days of a closed month (RULES 8): refused until the month is opened again, or listed as a
difference. The signed sheet stays as it is in every case. (Of findings: `test_findings`.)"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.web.browsing import signed_in, text_of
from tests.web.halls import HallUnderTest, StationUnderTest, copy_hall
from tests.web.test_attendance import full_day, press_at
from tests.web.test_corrections import post
from tests.web.test_cover_plans import Plans
from tests.web.test_leave import UNIT, somebody
from web.ledger.leaves import LeaveRow
from web.ledger.sheets import SheetRow
from web.services import (
    absences,
    attendance,
    correction_lists,
    corrections,
    cover_plans,
    covering,
    drawing,
    in_force,
    leave_ends,
    leaves,
    months,
    outage_desk,
    people,
    sign_in_sheets,
    signing,
)
from web.services.errors import BadInput
from web.services.in_force import InForce
from web.services.outage_desk import Entered

MARCH = date(2026, 3, 1)
TUESDAY = date(2026, 3, 3)
APRIL_2 = datetime(2026, 4, 2, 2, tzinfo=UTC)
Act = Callable[[Session, InForce, "Closed"], object]


@dataclass
class Closed:
    """A hall with the unit's March; `kept`: what a case prepared, by name."""

    hall: HallUnderTest
    leader: str
    centre: str
    kept: dict[str, str] = field(default_factory=dict)

    def do(self, act: Act) -> object:
        """Something through the services, in one transaction, now."""
        with self.hall.hub.ledger.writing() as session:
            return act(session, in_force.read(session, self.hall.hub), self)

    def at(self, text: str) -> datetime:
        """ "3 08:30": that time of a day of March."""
        day, clock = text.split()
        return datetime.fromisoformat(f"2026-03-{int(day):02}T{clock}:00+08:00")

    def close(self) -> str:
        """The month as it is judged now, signed and closed; its hash."""
        hub = self.hall.hub
        with hub.ledger.writing() as session:
            held = in_force.read(session, hub)
            staff = drawing.staff_of(session, UNIT, MARCH)
            book = attendance.look(session, held, [one.person for one in staff], MARCH, date(2026, 3, 31), hub.now())
            settled = attendance.settle(session, hub, book, hub.now())
            fresh = drawing.drawn(session, hub, UNIT, MARCH, staff, settled).fresh
            raw = months.bytes_of(fresh)
            session.add(SheetRow(id="01950000-0000-7000-8000-00000000cccc", unit=UNIT, month="2026-03",
                                 data=raw.decode(), hash=months.hash_of(raw), frozen=hub.now(), closed=hub.now(),
                                 reason=""))  # fmt: skip
        return months.hash_of(raw)

    def differences(self) -> list[tuple[str, int, str, str]]:
        """What the sheet's page lists as different from what was signed."""
        hub = self.hall.hub
        with hub.ledger.writing() as session:
            held, staff = in_force.read(session, hub), drawing.staff_of(session, UNIT, MARCH)
            book = attendance.look(session, held, [one.person for one in staff], MARCH, date(2026, 3, 31), hub.now())
            found = drawing.drawn(session, hub, UNIT, MARCH, staff, attendance.settle(session, hub, book, hub.now()))
            return [(each.name, each.day, each.was, each.now) for each in found.changes]

    def signed(self) -> str:
        """The hash of what stands signed, made anew from its bytes."""
        return months.hash_of(self.sheet().encode())

    def sheet(self) -> str:
        """What stands signed."""
        with self.hall.hub.ledger.reading() as session:
            row = session.execute(select(SheetRow)).scalar_one()
            assert row.reopened is None
            return row.data


@pytest.fixture
def hall(template: Path, tmp_path: Path, begun: str) -> Iterator[HallUnderTest]:
    """Sessions 09:00-12:00 and 13:00-17:00."""
    made = copy_hall(template, tmp_path / "hub", policy="default", database=begun)
    with made.hub.ledger.writing() as session:
        for person in made.people.values():
            people.get(session, person).posted_from = MARCH
    yield made
    made.hub.close()


@pytest.fixture
def march(hall: HallUnderTest, station: StationUnderTest) -> Closed:
    """王芳 began on Monday; on Tuesday 刘明 came and never pressed again. It is the second of April."""
    full_day(station, "王芳")
    press_at(station, "刘明", "2026-03-03 08:50:00")
    station.send()
    made = Closed(hall, somebody(hall, "高峰", "duty_leader"), somebody(hall, "领", "centre_leader"))
    hall.clock.move_to(APRIL_2)
    return made


def asks(session: Session, held: InForce, closed: Closed, day: int = 4) -> str:
    wanted = leaves.Wanted(closed.hall.people["刘明"], "personal", closed.at(f"{day} 09:00"), closed.at(f"{day} 17:00"),
                           "家里有事")  # fmt: skip
    return leaves.file(session, held, wanted, wanted.person, closed.hall.hub.now()).id


def reaches_in(session: Session, held: InForce, it: Closed) -> None:
    end = it.at("31 17:00") + timedelta(days=1)
    wanted = leaves.Wanted(it.hall.people["刘明"], "personal", it.at("31 09:00"), end, "家里有事")
    leaves.file(session, held, wanted, wanted.person, it.hall.hub.now())


def asked(session: Session, held: InForce, closed: Closed) -> None:
    closed.kept["leave"] = asks(session, held, closed)


def given(session: Session, held: InForce, closed: Closed) -> None:
    asked(session, held, closed)
    leaves.decide(session, held, closed.kept["leave"], closed.centre, True, "", closed.hall.hub.now())


def decides(good: bool) -> Act:
    return lambda s, held, it: leaves.decide(s, held, it.kept["leave"], it.centre, good, "不同意", it.hall.hub.now())


def moves(end: str) -> Act:
    return lambda s, held, it: leave_ends.move_end(
        s, held, it.kept["leave"], it.centre, it.at(end), "有事", it.hall.hub.now()
    )


def revokes(session: Session, held: InForce, it: Closed) -> None:
    leave_ends.revoke(session, held, it.kept["leave"], it.centre, ("supervision",), "不实", it.hall.hub.now())


def returns(session: Session, held: InForce, it: Closed) -> None:
    leave_ends.come_back(session, held, it.kept["leave"], it.leader, it.at("4 10:00"), it.hall.hub.now())


def corrects(session: Session, held: InForce, it: Closed) -> None:
    wanted = corrections.Wanted(it.hall.people["刘明"], TUESDAY, "morning", "out", it.at("3 12:01"), "忘记打卡")
    it.kept["correction"] = corrections.file(session, held, wanted, it.leader, it.hall.hub.now()).id


def approves(session: Session, held: InForce, it: Closed) -> None:
    case = correction_lists.one(session, held, it.kept["correction"], it.hall.hub.now())
    corrections.decide(session, held, case, it.leader, True, "", it.hall.hub.now())


def corrected(session: Session, held: InForce, it: Closed) -> None:
    corrects(session, held, it)
    approves(session, held, it)


def annuls(session: Session, held: InForce, it: Closed) -> None:
    case = correction_lists.one(session, held, it.kept["correction"], it.hall.hub.now())
    corrections.take_back(session, case, it.leader, "不实", it.hall.hub.now())


def signs_in(session: Session, held: InForce, it: Closed) -> None:
    lines = [corrections.Wanted(it.hall.people["刘明"], TUESDAY, "morning", "out", it.at("3 12:01"), "签到表", "paper")]
    sign_in_sheets.enter(session, held, lines, it.leader, it.hall.hub.now())


def nothing(_session: Session, _held: InForce, _it: Closed) -> None:
    """Nothing stood before the month was closed."""


REFUSED: list[tuple[str, Act, Act]] = [
    ("a leave is filed", nothing, asks),
    ("a leave reaches into it from April", nothing, reaches_in),
    ("a leave is approved", asked, decides(True)),
    ("a leave is revoked", given, revokes),
    ("a leave is cut", given, moves("4 12:00")),
    ("a leave is extended", given, moves("5 17:00")),
    ("an early return is reported", given, returns),
    ("a correction is filed", nothing, corrects),
    ("a correction is approved", corrects, approves),
    ("a correction is annulled", corrected, annuls),
    ("a paper sheet is entered", nothing, signs_in),
]


@pytest.mark.parametrize(("why", "before", "act"), REFUSED, ids=[case[0] for case in REFUSED])
def test_the_desks_of_a_unit_are_refused_until_the_month_is_opened(
    march: Closed, why: str, before: Act, act: Act
) -> None:
    march.do(before)
    digest = march.close()
    with pytest.raises(BadInput, match="2026-03 的月表已经锁定") as refusal:
        march.do(act)
    assert "重新打开月表" in refusal.value.remedy, why
    assert (march.signed(), march.differences()) == (digest, [])


def test_a_leave_that_waits_in_a_closed_month_can_still_be_refused(march: Closed) -> None:
    march.do(asked)
    digest = march.close()
    asked_then = json.loads(march.sheet())["exceptions"]
    assert [each["key"] for each in asked_then if (each["name"], each["day"]) == ("刘明", "2026-03-04")] == [
        "provisional",
        "provisional",
    ]
    march.do(decides(False))
    with march.hall.hub.ledger.reading() as session:
        assert session.get_one(LeaveRow, march.kept["leave"]).status == "refused"
    letter = text_of(signed_in(march.hall, "supervision").get(f"/sheets/notice?unit={UNIT}&month=2026-03"))
    assert ("刘明 3 月 3 日上午：" in letter, "刘明 3 月 4 日" in letter) == (True, False), "what waited is no finding"
    waited = ("刘明", 4, "provisional", "absent")
    assert (march.signed(), march.differences()) == (digest, [waited, waited]), "morning and afternoon"


def outage(session: Session, held: InForce, it: Closed) -> object:
    told = Entered("", it.at("3 11:30"), it.at("3 18:30"), "全厅停电")
    return outage_desk.enter(session, held, told, it.leader, it.hall.hub.now())


def outage_refused(session: Session, held: InForce, it: Closed) -> object:
    (known,) = outage_desk.listed(session, held, it.hall.hub.now())
    return outage_desk.decide(session, held, known.gap.id, it.leader, False, "没有停电", it.hall.hub.now())


# what stood before → what is decided → how the sheet differs: (day, was, is) of 刘明
TOLD: list[tuple[str, Act, Act, list[tuple[int, str, str]]]] = [
    ("an outage is entered", nothing, outage, [(3, "missing", "present"), (3, "absent", "outage")]),
    ("an outage counts no longer", outage, outage_refused, [(3, "present", "missing"), (3, "outage", "absent")]),
]


@pytest.mark.parametrize(("why", "before", "act", "changed"), TOLD, ids=[case[0] for case in TOLD])
def test_what_concerns_the_hall_is_listed_as_a_difference_and_whoever_decides_is_told(
    march: Closed, why: str, before: Act, act: Act, changed: list[tuple[int, str, str]]
) -> None:
    march.do(before)
    digest = march.close()
    assert march.do(act) == [f"{UNIT} 2026-03"], why
    of_liu = [(day, was, now) for name, day, was, now in march.differences() if name == "刘明"]
    assert (march.signed(), of_liu) == (digest, changed)


@pytest.mark.both_databases
def test_the_page_tells_who_enters_an_outage_what_it_does_not_change(march: Closed) -> None:
    march.close()
    leader = signed_in(march.hall, "duty_leader")
    given = {"station": "", "day": "2026-03-03", "start": "11:30", "end": "18:30", "reason": "全厅停电"}
    assert post(leader, "/outages", **given).status_code == 302
    page = text_of(leader.get("/outages"))
    assert f"月表已锁定：{UNIT} 2026-03。签字的表不变，判定有变化的在月表页列出" in page
    sheet = text_of(signed_in(march.hall, "supervision").get(f"/sheets/unit?unit={UNIT}&month=2026-03"))
    assert "刘明 3月3日上午：缺卡 → 出勤" in sheet
    post(leader, "/outages", **given | {"day": "2026-04-01"})
    assert "月表已锁定" not in text_of(leader.get("/outages")), "April is open"


@pytest.mark.both_databases
def test_a_request_that_came_late_is_a_difference_and_taken_back_it_is_none(march: Closed) -> None:
    march.close()

    def late(session: Session, _held: InForce, it: Closed) -> None:
        start, end = it.at("4 09:00"), it.at("4 17:00")
        it.kept["leave"] = "01950000-0000-7000-8000-00000000aaaa"
        session.add(LeaveRow(id=it.kept["leave"], person=it.hall.people["刘明"], kind="personal", start=start, ends=end,
                             asked_to=end, reason="有事", filed=start, filed_by=None, paper=False,
                             status="pending"))  # fmt: skip
        session.flush()
        absences.mark(session, it.hall.people["刘明"], start, end)

    march.do(late)
    assert {(day, now) for _, day, _, now in march.differences()} == {(4, "provisional")}
    march.do(lambda s, held, it: leave_ends.withdraw(s, held, it.kept["leave"], it.leader, "", it.hall.hub.now()))
    assert march.differences() == []


def test_opened_again_the_same_is_taken(march: Closed) -> None:
    march.close()
    signer = signing.Signer(march.leader, frozenset(("supervision",)), "")
    march.do(lambda s, held, it: signing.reopen(s, held, MARCH, UNIT, "漏录签到表", signer, it.hall.hub.now()))
    march.do(signs_in)


def test_a_cover_is_neither_named_nor_opened_for_days_past(march: Closed) -> None:
    """A cover stands on no month's sheet; one is named for days to come and opened today alone."""
    plans = Plans(march.hall)
    march.do(given)
    digest = march.close()

    def named(session: Session, held: InForce, it: Closed) -> None:
        leave = leaves.get(session, it.kept["leave"])
        wish = cover_plans.Wish(it.hall.people["周华"], "assigned_by_head", date(2026, 3, 4), date(2026, 3, 4))
        cover_plans.assign(session, held, leave, plans.posts["101"], wish, it.hall.hub.now(), it.leader)

    def opened(session: Session, held: InForce, it: Closed) -> None:
        opening = covering.Opening(
            plans.posts["101"], it.hall.people["周华"], "leave", "", it.at("4 09:00"), date(2026, 4, 2)
        )
        covering.open_cover(session, held, opening, it.hall.hub.now(), it.leader)

    for act, words in ((named, "已过去"), (opened, "今天、现在之前")):
        with pytest.raises(BadInput, match=words):
            march.do(act)
    assert (march.signed(), march.differences()) == (digest, [])
