"""Who changes unit within a month stands on both sheets, each with its own days; nothing is counted twice or lost."""

import io
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import partial
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from config.errors import Refused
from config.policy import load_policy
from station.facts import Punch
from station.rules.attendance import Judged
from station.rules.marks import due_of
from station.rules.month import totals_of
from station.rules.verdict import Verdict
from tests.web.browsing import PASSWORD, signed_in, text_of, token_of
from tests.web.halls import ANYBODY, HallUnderTest, add_station, copy_hall
from tests.web.test_sheets import MARCH, OTHER, UNIT, presses, row_of
from web.ledger.people import FormerUnitRow, PersonRow
from web.ledger.posts import RosterChangeRow
from web.ledger.sheets import SheetRow
from web.services import members, moving, people, posts, roles, signing
from web.services.members import Member
from web.services.month_files import units_of, write
from web.services.month_parts import part_of, turns

APRIL_2 = datetime(2026, 4, 2, 2, tzinfo=UTC)
LAST = date(2026, 3, 31)
APRIL, APRIL_LAST = date(2026, 4, 1), date(2026, 4, 30)
UNITS = ("税务局", "公安局", "民政局")
DAYS = st.integers(1, 31).map(lambda day: date(2026, 3, day))
KINDS = st.sampled_from(("present", "late", "early", "absent", "missing_in", "leave", "rest", "outage", "pending"))


@st.composite
def person(draw: st.DrawFn) -> Member:
    """Somebody with any units before, and a posting that may begin or end within the month."""
    ends = sorted(draw(st.sets(st.integers(-20, 50), max_size=4)))
    former = tuple(
        FormerUnitRow(unit=draw(st.sampled_from(UNITS)), window=str(n), until=MARCH + timedelta(days=end))
        for n, end in enumerate(ends)
    )
    since, until = draw(st.none() | DAYS), draw(st.none() | DAYS)
    return Member(PersonRow(unit=draw(st.sampled_from(UNITS)), window="9", posted_from=since, posted_to=until), former)


@given(person(), st.lists(st.tuples(KINDS, KINDS), min_size=31, max_size=31))
def test_what_the_units_count_adds_up_to_the_person(one: Member, kinds: list[tuple[str, str]]) -> None:
    stretches = one.stretches(MARCH, LAST)
    posted = {day for each in stretches for day in days_of(each.first, each.last)}
    judged = [
        judged_day(day, pair if day in posted else ("not_posted", "not_posted"))
        for day, pair in zip(days_of(MARCH, LAST), kinds, strict=True)
    ]
    policy = load_policy("wanzhou")
    parts = [part_of(unit, stretches, judged) for unit in {each.unit for each in stretches}]
    whole, sums = due_of(judged), [due_of(part.days) for part in parts]
    for name in ("due", "present", "absent", "missing", "outage", "provisional"):
        assert sum((getattr(each, name) for each in sums), Fraction(0)) == getattr(whole, name), name
    assert sum((sum(each.leave.values(), Fraction(0)) for each in sums), Fraction(0)) == sum(whole.leave.values())
    totals = totals_of(judged, policy)
    counted = [totals_of(part.days, policy) for part in parts]
    for name in ("late", "early", "missing", "unready", "absent_days"):
        assert sum(getattr(each, name) for each in counted) == getattr(totals, name), name
    borne = [part.accumulated(totals) for part in parts]
    assert sum(borne, Fraction(0)) == totals.accumulated_absent_days
    assert sum(map(bool, borne)) <= 1, "once, whatever the number of units"


@given(person())
def test_who_came_and_went_is_said_on_both_sides(one: Member) -> None:
    stretches = one.stretches(MARCH, LAST)
    units = {each.unit for each in stretches}
    told = {unit: turns(one.row, part_of(unit, stretches, []), MARCH, LAST) for unit in units}
    for before, after in pairwise(stretches):
        assert after.first - before.last == timedelta(days=1)
        assert {"what": "out", "day": before.last.isoformat(), "unit": after.unit} in told[before.unit]
        assert {"what": "in", "day": after.first.isoformat(), "unit": before.unit} in told[after.unit]
    if len(stretches) == 1 and (stretches[0].first, stretches[0].last) == (MARCH, LAST):
        assert told == {stretches[0].unit: []}


def days_of(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def judged_day(day: date, kinds: tuple[str, str]) -> Judged:
    verdicts = tuple(
        Verdict(name, kind, None, None, late=5 * (kind == "late"), early=5 * (kind == "early"), leave_kind="sick")
        for name, kind in zip(("morning", "afternoon"), kinds, strict=True)
    )
    return Judged(SimpleNamespace(date=day), verdicts, ())  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def hall(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HallUnderTest]:
    """A hall after its March, in which 刘明 went over on the 16th, with four lates and earlies before that."""
    folder = tmp_path_factory.mktemp("moved")
    made = copy_hall(template, folder / "hub")
    station = add_station(made, folder / "station", start=datetime(2026, 3, 1, 0, tzinfo=UTC))
    for name, at in sorted(presses(), key=lambda each: each[1]):
        station.clock.move_to(at)
        station.journal.append(Punch(person=made.people[name], place=1, score=120))
    upto = 0
    while upto < station.journal.head.seq:
        upto = station.send(upto).upto
    made.clock.move_to(datetime(2026, 3, 18, 2, tzinfo=UTC))
    clerk, ming = signed_in(made, "admin"), made.people["刘明"]
    form = {"unit": OTHER, "window": "201", "since": "2026-03-16", "csrf_token": token_of(clerk.get(f"/people/{ming}"))}
    assert clerk.post(f"/people/{ming}/move", data=form).status_code == 302
    made.clock.move_to(APRIL_2)
    yield made
    station.reader.close()
    station.journal.close()
    made.hub.close()


@pytest.fixture(scope="module")
def logins(hall: HallUnderTest) -> dict[str, FlaskClient]:
    made = {f"{role} {unit}": signed_in(hall, role, unit=unit) for unit in (UNIT, OTHER) for role in SIGNERS}
    return made | {"supervision": signed_in(hall, "supervision")}


SIGNERS = ("attendance_clerk", "unit_leader")


def rows_of(client: FlaskClient, unit: str) -> list[list[Any]]:
    content = client.get(f"/sheets/unit.xlsx?unit={unit}&month=2026-03").get_data()
    with CalamineWorkbook.from_object(io.BytesIO(content)) as book:
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
        rows += book.get_sheet_by_index(1).to_python(skip_empty_area=False)
    return [[str(cell).split("\n")[0] if place == 0 else cell for place, cell in enumerate(row)] for row in rows]


def test_each_sheet_has_its_days_and_its_part_of_the_totals(logins: dict[str, FlaskClient]) -> None:
    old, new = (rows_of(logins["supervision"], unit) for unit in (UNIT, OTHER))
    (morning, _, before), (later, _, after) = row_of(old, "刘明"), row_of(new, "刘明")
    assert set(morning[15:]) == {"驻"}
    assert set(later[:15]) == {"驻"}
    assert (morning[2], later[15]) == ("迟", "√")
    assert (before["应出勤"], after["应出勤"]) == (10, 12)
    assert (before["旷工"], after["旷工"]) == (1, 0)
    assert (before["迟到次"], before["早退次"], after["迟到次"], after["早退次"]) == (3, 1, 0, 0)
    assert (before["折算"], after["折算"]) == (0, 0.5), "it follows the person, to the sheet of the last unit"
    for head in ("出勤", "请假", "缺卡", "故障", "待定"):
        assert before[head] + after[head] == {"出勤": 20, "缺卡": 1}.get(head, 0), head
    told = [[str(cell) for cell in row[:4]] for row in (*old, *new) if row[0] == "刘明"]
    assert ["刘明", "3 月 15 日", "", f"调往{OTHER}，这一天止在本单位"] in told
    assert ["刘明", "3 月 16 日", "", f"由{UNIT}调入，这一天起在本单位"] in told
    assert ["刘明", "", "", f"迟到、早退累计并入{OTHER}的月表"] in told
    assert ["刘明", "", "", "迟到、早退累计含本月在其他单位的 4 次"] in told


def test_the_page_says_when_and_leads_only_where_one_may_go(
    hall: HallUnderTest, logins: dict[str, FlaskClient]
) -> None:
    was, now = (logins[f"attendance_clerk {unit}"].get(f"/sheets/unit?unit={unit}&month=2026-03").get_data(as_text=True)
                for unit in (UNIT, OTHER))  # fmt: skip
    assert "调出 03-15" in was
    assert "调入 03-16" in now
    assert "101" in was, "the window that was theirs"
    link = f"/attendance/people/{hall.people['刘明']}"
    assert (link in was, link in now) == (False, True)
    assert "（刘明）" in now


def test_both_units_have_their_sheet_on_paper_and_as_files(hall: HallUnderTest, tmp_path: Path) -> None:
    with hall.hub.ledger.reading() as session:
        units = units_of(session, hall.hub, MARCH, ())
    assert {UNIT, OTHER} <= set(units)
    made = {each.unit: each for each in write(hall.hub, MARCH, [UNIT, OTHER], tmp_path, ("pdf",))}
    assert (made[UNIT].people, made[OTHER].people) == (2, 2)
    text = {unit: subprocess.run(["pdftotext", "-layout", each.files[0], "-"], capture_output=True, check=True)
            .stdout.decode() for unit, each in made.items()}  # fmt: skip
    assert "调出 03-15" in text[UNIT]
    assert "调入 03-16" in text[OTHER]


def sign(hall: HallUnderTest, logins: dict[str, FlaskClient], unit: str) -> None:
    for role in SIGNERS:
        client = logins[f"{role} {unit}"]
        form = {"unit": unit, "month": "2026-03", "role": role, "password": PASSWORD,
                "csrf_token": token_of(client.get("/password"))}  # fmt: skip
        assert client.post("/sheets/unit/sign", data=form).status_code == 302


@pytest.fixture
def signed(hall: HallUnderTest, logins: dict[str, FlaskClient]) -> Iterator[None]:
    """Both sheets signed by both, and opened again afterwards."""
    for unit in (UNIT, OTHER):
        sign(hall, logins, unit)
    yield
    client = logins["supervision"]
    for unit in (UNIT, OTHER):
        form = {"unit": unit, "month": "2026-03", "reason": "下一项", "csrf_token": token_of(client.get("/password"))}
        client.post("/sheets/unit/reopen", data=form)


def test_notices_and_the_quarter_have_both_parts(
    hall: HallUnderTest, logins: dict[str, FlaskClient], signed: None
) -> None:
    posted = text_of(hall.client().get("/notices/2026-03"))
    assert re.search("刘明 调出 03-15 101 10 ", posted)
    assert re.search("刘明 调入 03-16 201 12 ", posted)
    notice = text_of(logins[f"unit_leader {OTHER}"].get(f"/sheets/notice?unit={OTHER}&month=2026-03"))
    assert "刘明 调入 03-16" in notice
    quarter = text_of(logins["supervision"].get("/sheets/quarter?month=2026-03"))
    assert re.search(f"{UNIT} 1/3 2 3 1 ", quarter)
    assert re.search(f"{OTHER} 1/3 2 0 0 ", quarter)


def test_closed_days_are_those_of_the_unit_that_was(hall: HallUnderTest, logins: dict[str, FlaskClient]) -> None:
    sign(hall, logins, UNIT)
    ming = hall.people["刘明"]
    with hall.hub.ledger.reading() as session:
        row = session.get_one(PersonRow, ming)
        closed = partial(signing.closed_month, session, row)
        assert closed(date(2026, 3, 15), date(2026, 3, 15)) == "2026-03"
        assert closed(date(2026, 3, 16), date(2026, 4, 2)) is None
        assert closed(date(2026, 2, 1), date(2026, 3, 20)) == "2026-03"
    with pytest.raises(Refused, match="2026-03 的月表已经锁定"), hall.hub.ledger.writing() as session:
        moving.need_correctable(session, session.get_one(PersonRow, ming), UNIT)
    client = logins["supervision"]
    form = {"unit": UNIT, "month": "2026-03", "reason": "下一项", "csrf_token": token_of(client.get("/password"))}
    assert client.post("/sheets/unit/reopen", data=form).status_code == 302


def test_a_late_fact_of_the_old_unit_is_told_where_it_counts(
    hall: HallUnderTest, logins: dict[str, FlaskClient], signed: None, tmp_path: Path
) -> None:
    station = add_station(hall, tmp_path / "station", start=datetime(2026, 3, 3, tzinfo=UTC))
    station.clock.move_to(datetime(2026, 3, 3, 0, 55, tzinfo=UTC))
    station.journal.append(Punch(person=hall.people["刘明"], place=1, score=120))
    station.send(0)
    was, now = (text_of(logins["supervision"].get(f"/sheets/unit?unit={unit}&month=2026-03")) for unit in (UNIT, OTHER))
    assert "刘明 3月3日上午：迟到 → 出勤" in was
    assert "签字之后有 1 处变化" in now
    assert "刘明 累计折算天数：0.5 → 0.0" in now
    station.reader.close()
    station.journal.close()


@pytest.mark.parametrize(
    ("unit", "since", "words"),
    [
        (OTHER, date(2026, 3, 20), "此人已在"),
        (UNIT, date(2026, 4, 3), "还没有到"),
        (UNIT, date(2026, 3, 16), "2026-03-16 起才在"),
    ],
)
def test_what_is_no_move(hall: HallUnderTest, unit: str, since: date, words: str) -> None:
    now = hall.hub.now()
    with pytest.raises(Refused, match=words), hall.hub.ledger.writing() as session:
        moving.move(session, hall.people["刘明"], unit, "", since, date(2026, 4, 2), now, ANYBODY)


def test_seats_and_the_old_units_roles_end_and_the_change_is_filed(hall: HallUnderTest) -> None:
    now, wei, today = hall.hub.now(), hall.people["张伟"], date(2026, 4, 2)
    with hall.hub.ledger.writing() as session:
        roles.grant(session, wei, "attendance_clerk", date(2026, 3, 2), None, now, ANYBODY)
        roles.grant(session, wei, "patrol_officer", date(2026, 3, 2), None, now, ANYBODY)
        window = posts.open_window(session, posts.Window("301", OTHER), date(2026, 3, 2), now, ANYBODY)
        post = posts.add_post(session, window, "受理岗", now, ANYBODY)
        posts.sit(session, post, wei, "A", date(2026, 3, 2), now, ANYBODY)
        moving.move(session, wei, UNIT, "", today, today, now, ANYBODY)
        held = {row.role: row.until for row in people.roles_of(session, [wei])[wei]}
        assert held == {"staff": None, "attendance_clerk": date(2026, 4, 1), "patrol_officer": None}
        assert [seat.seat.until for seat in posts.seats_of(session, wei)] == [date(2026, 4, 1)]
        filed = select(RosterChangeRow.unit, RosterChangeRow.day).where(RosterChangeRow.what.in_(("out", "in")))
        found = session.execute(filed.where(RosterChangeRow.person == wei).order_by(RosterChangeRow.day)).all()
        assert [tuple(each) for each in found] == [(OTHER, date(2026, 4, 1)), (UNIT, today)]


def test_a_unit_s_new_name_goes_with_its_past(hall: HallUnderTest) -> None:
    with hall.hub.ledger.writing() as session:
        posts.need_unit(session, UNIT, hall.hub.now(), ANYBODY)
        unit = next(row.id for row in posts.units(session) if row.name == UNIT)
        posts.edit_unit(session, unit, "医保局", "", hall.hub.now(), ANYBODY)
        assert "医保局" in members.units_of(members.read(session), MARCH, LAST)
        assert set(session.execute(select(SheetRow.unit).distinct()).scalars()) <= {"医保局", OTHER}
        posts.edit_unit(session, unit, UNIT, "", hall.hub.now(), ANYBODY)


@pytest.fixture
def ledger_hall(template: Path, tmp_path: Path, begun: str) -> Iterator[HallUnderTest]:
    made = copy_hall(template, tmp_path / "hub", database=begun)
    yield made
    made.hub.close()


@pytest.mark.both_databases
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(st.lists(person(), max_size=3))
def test_the_ledger_and_the_pages_name_the_same_units(ledger_hall: HallUnderTest, everybody: list[Member]) -> None:
    with ledger_hall.hub.ledger.writing() as session:
        savepoint = session.begin_nested()
        for n, one in enumerate(everybody):
            row = PersonRow(id=f"p{n}", name="x", number="", pinyin="", unit=one.row.unit, window="", group="window",
                            posted_from=one.row.posted_from, posted_to=one.row.posted_to, added=APRIL_2)  # fmt: skip
            session.add(row)
            session.flush()
            session.add_all(FormerUnitRow(id=f"{n}-{m}", person=row.id, unit=each.unit, window="", until=each.until)
                            for m, each in enumerate(one.former))  # fmt: skip
        session.flush()
        found = set(session.execute(select(members.belonging(MARCH, LAST))).scalars())
        wanted = set(members.units_of(members.read(session), MARCH, LAST))
        asked = members.belonging_in([("march", MARCH, LAST), ("april", APRIL, APRIL_LAST)])
        by_month = {(row.month, row.unit) for row in session.execute(select(asked))}
        april = members.units_of(members.read(session), APRIL, APRIL_LAST)
        savepoint.rollback()
    assert found == wanted
    assert by_month == {("march", unit) for unit in wanted} | {("april", unit) for unit in april}
