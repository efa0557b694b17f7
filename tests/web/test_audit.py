"""The audit as it is read: who, what, when, from where, before and after; found, checked, and as a file."""

import io
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select, text

import web
from tests.web.browsing import signed_in, text_of, token_of
from tests.web.halls import HallUnderTest
from web.audit.lines import DONE, THINGS, act_words
from web.ledger.audit import AuditRow
from web.services import audit
from web.services.audit import Asked

ACT = re.compile(r'"([a-z_]+\.[a-z_]+)"')


def edited(hall: HallUnderTest) -> str:
    """Somebody's telephone was changed from a browser; the page says so."""
    client = signed_in(hall, "admin")
    ming = hall.people["刘明"]
    form = {"name": "刘明", "number": "1001", "unit": "医疗保障局", "group": "window", "phone": "13800001111"}
    form["csrf_token"] = token_of(client.get(f"/people/{ming}"))
    assert client.post(f"/people/{ming}", data=form, environ_base={"REMOTE_ADDR": "10.0.0.7"}).status_code == 302
    return text_of(client.get("/audit"))


def test_a_line_says_who_what_whom_from_where_before_and_after(hall: HallUnderTest) -> None:
    page = edited(hall)
    assert re.search(r"2026-03-02 08:40:00 第 \d+ 行 宋平 人员：修改 刘明 电话 （空） → 13800001111 10\.0\.0\.7", page)
    assert "全部记录链条完整" in page


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("?act=person.edit", True), ("?act=person", True), ("?act=window", False), ("?by=-", False),
        ("?first=2026-03-02&last=2026-03-02", True), ("?last=2026-03-01", False), ("?first=2026-03-03", False),
    ],
)  # fmt: skip
def test_lines_are_found_by_person_act_and_day(hall: HallUnderTest, query: str, there: bool) -> None:
    edited(hall)
    assert ("13800001111" in text_of(signed_in(hall, "supervision").get(f"/audit{query}"))) == there


def test_a_day_that_is_none_is_refused_in_words(hall: HallUnderTest) -> None:
    refused = signed_in(hall, "admin").get("/audit?first=soon")
    assert refused.status_code == 400
    assert "不是日期" in refused.get_data(as_text=True)


@pytest.mark.parametrize(("column", "value"), [("detail", "'{}'"), ("origin", "'10.0.0.9'"), ("by", "NULL")])
def test_what_was_altered_is_named_by_its_row(hall: HallUnderTest, column: str, value: str) -> None:
    edited(hall)
    with hall.hub.ledger.writing() as session:
        row = session.execute(select(AuditRow.row).where(AuditRow.act == "person.edit")).scalar_one()
        session.execute(text(f'UPDATE audit SET "{column}" = {value} WHERE row = {row}'))
    assert f"链条在第 {row} 行断开" in text_of(signed_in(hall, "supervision").get("/audit?check=all"))


def test_the_last_lines_are_checked_at_every_look(hall: HallUnderTest) -> None:
    with hall.hub.ledger.writing() as session:
        for number in range(8):
            audit.note(session, hall.hub.now(), None, "unit.add", str(number))
        last = session.execute(select(AuditRow.row).order_by(AuditRow.row.desc())).scalars().first()
        assert last is not None
        assert audit.broken(session, 3) is None
        session.execute(text(f"UPDATE audit SET subject = 'x' WHERE row = {last - 5}"))
        assert audit.broken(session, 3) is None, "further back"
        assert audit.broken(session, 6) == audit.broken(session) == last - 5


def test_pages_of_a_hundred(hall: HallUnderTest) -> None:
    with hall.hub.ledger.writing() as session:
        for number in range(150):
            audit.note(session, hall.hub.now(), None, "unit.add", f"单位{number:03}")
    client = signed_in(hall, "admin")
    first, second = (text_of(client.get(f"/audit?act=unit&page={page}")) for page in (1, 2))
    assert ("单位149" in first, "单位050" in first, "单位049" in first) == (True, True, False)
    assert ("单位049" in second, "单位000" in second) == (True, True)


def test_the_file_holds_what_the_page_shows(hall: HallUnderTest) -> None:
    edited(hall)
    with hall.hub.ledger.writing() as session:
        audit.note(session, hall.hub.now(), None, "unit.add", "=1+1")
    reader = signed_in(hall, "supervision")
    answer = reader.get("/audit.xlsx?act=person.edit")
    rows = CalamineWorkbook.from_object(io.BytesIO(answer.get_data())).get_sheet_by_index(0).to_python()
    assert [row[3:7] for row in rows[1:]] == [["人员：修改", "刘明", "电话  → 13800001111", "10.0.0.7"]]
    everything = reader.get("/audit.xlsx").get_data()
    told = CalamineWorkbook.from_object(io.BytesIO(everything)).get_sheet_by_index(0).to_python()
    assert "=1+1" in [row[4] for row in told], "a name is no formula"


def test_every_act_has_words() -> None:
    found = set()
    for file in Path(web.__file__).parent.glob("services/*.py"):
        source = file.read_text(encoding="utf-8")
        for call in re.findall(r"audit\.note\((?:[^()]|\([^()]*\))*", source):
            found |= set(ACT.findall(call))
    assert len(found) > 50
    without = {act for act in found if act.partition(".")[0] not in THINGS or act.partition(".")[2] not in DONE}
    assert not without
    assert act_words("person") == "人员（全部）"


def test_what_is_asked_for_is_counted_as_it_is_listed(hall: HallUnderTest) -> None:
    edited(hall)
    zone = hall.hub_zone()
    with hall.hub.ledger.reading() as session:
        for asked in (Asked(), Asked(act="person"), Asked(by="-"), Asked(until=hall.hub.now() + timedelta(days=1))):
            assert audit.count(session, asked) == len(audit.listed(session, asked, 0, 1000))
    assert hall.hub.now().astimezone(zone).date() == date(2026, 3, 2)
