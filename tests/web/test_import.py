"""A list of staff from Excel: every fault named by row, column and reason, and nothing half-imported."""

import io
import threading
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import event, func, select
from uuid6 import uuid7

from tests.journeys.kiosk_station import eventually
from tests.web.browsing import signed_in, text_of, token_of
from tests.web.halls import MONDAY, HallUnderTest
from tests.web.sheets import GOOD, many, staff, with_cell, workbook
from web.cli import hub
from web.ledger.audit import AuditRow
from web.ledger.people import PersonRow, RoleRow
from web.ledger.posts import PostRow, RosterChangeRow, SeatRow, UnitRow, WindowRow
from web.people import import_runs
from web.services import audit, importing, posts, roles, roster
from web.services.errors import BadInput
from web.services.importing import Plan
from web.services.sheet import MAX_ROWS
from web.services.staff_rows import read_day
from web.services.staff_template import COLUMNS, template

TODAY = date(2026, 3, 2)
ADMIN = str(uuid7())
TABLES = (PersonRow, RoleRow, UnitRow, WindowRow, PostRow, SeatRow, RosterChangeRow, AuditRow)


def planned(hall: HallUnderTest, content: bytes) -> Plan:
    with hall.hub.ledger.reading() as session:
        return importing.plan(session, content, TODAY)


def imported(hall: HallUnderTest, content: bytes) -> int:
    with hall.hub.ledger.writing() as session:
        plan = importing.plan(session, content, TODAY)
        return importing.carry_out(session, plan, TODAY, hall.hub.now(), ADMIN)


def counts(hall: HallUnderTest) -> list[int]:
    with hall.hub.ledger.reading() as session:
        return [session.execute(select(func.count()).select_from(table)).scalar_one() for table in TABLES]


@pytest.mark.both_databases
def test_a_good_list_becomes_people_posts_roles_and_a_filing(hall: HallUnderTest) -> None:
    assert planned(hall, staff(GOOD)).faults == []
    assert imported(hall, staff(GOOD)) == 5
    with hall.hub.ledger.reading() as session:
        people = {row.name: row for row in session.execute(select(PersonRow)).scalars()}
        assert people["周迅"].number == "2004", "a number that Excel keeps as one"
        assert (people["周迅"].group, people["周迅"].window, people["周迅"].pinyin) == (
            "back_office",
            "202",
            "zhou1 xun4",
        )
        assert (people["李雷"].posted_from, people["李雷"].phone) == (date(2026, 1, 5), "13800001111")
        assert (people["郑爽"].posted_from, people["郑爽"].group) == (None, "window")
        held = session.execute(
            select(RoleRow.role, RoleRow.since, RoleRow.until).where(RoleRow.person == people["周迅"].id)
        )
        assert [tuple(row) for row in held] == [("duty_leader", date(2026, 3, 1), date(2026, 3, 31))]
        own = session.execute(select(RoleRow.role).where(RoleRow.person == people["李雷"].id)).scalars()
        assert set(own) == {"staff", "chief_rep"}
        sitting = [(each.person.name, each.seat.kind, each.seat.rank) for each in posts.seated(session, TODAY)]
        assert sitting == [("李雷", "A", 0), ("韩梅", "B", 1), ("吴磊", "B", 2), ("周迅", "A", 0)]
        assert {row.name for row in posts.units(session)} == {"税务局", "公安局"}
        filed = session.execute(select(RosterChangeRow.unit, RosterChangeRow.what, RosterChangeRow.after)).all()
        assert ("税务局", "join", "201 号窗口 申报岗 A岗") in [tuple(row) for row in filed]
        assert len(filed) == 5
        line = session.execute(select(AuditRow).where(AuditRow.act == "people.import")).scalar_one()
        assert '"people":5' in line.detail
        assert line.by == ADMIN
        assert audit.broken(session) is None


# What is in the list, and the row, column and reason that are said.
FAULTS: list[tuple[bytes, int, str, str]] = [
    (with_cell(0, ""), 2, "姓名", "不能为空"),
    (with_cell(2, "  "), 2, "单位", "不能为空"),
    (with_cell(0, "李" * 61), 2, "姓名", "超过 60"),
    (with_cell(1, "2002"), 3, "工号", "与第 2 行的工号相同"),
    (with_cell(1, "1001"), 2, "工号", "1001 已是在册的刘明"),
    (staff([["李雷", "", "税务局"], ["李雷", "", "税务局"]]), 3, "姓名", "与第 2 行同单位同名"),
    (staff([["刘明", "", "医疗保障局"]]), 2, "姓名", "同单位已有同名的人在册"),
    (with_cell(2, "公安局"), 3, "窗口编号", "201 号窗口在第 2 行属于公安局"),
    (with_cell(4, "后台", 1), 3, "前/后台", "201 号窗口在第 2 行是前台"),
    (with_cell(4, "楼上"), 2, "前/后台", "“楼上”不是前台或后台"),
    (with_cell(6, "A", 1), 3, "A/B", "A岗 已是第 2 行的李雷"),
    (with_cell(6, "C"), 2, "A/B", "“C”不是 A 或 B"),
    (with_cell(3, ""), 2, "窗口编号", "填了 A/B 就要填窗口编号"),
    (with_cell(7, "窗口负责人", 4), 6, "窗口编号", "窗口负责人要填是哪个窗口的"),
    (with_cell(7, "厅长"), 2, "角色", "没有角色“厅长”"),
    (with_cell(7, "系统管理员"), 2, "角色", "没有角色“系统管理员”"),
    (with_cell(7, "值班长（2026-02-01至2026-03-01）"), 2, "角色", "“值班长”已在 2026-03-01 结束"),
    (with_cell(7, "值班长（2026-04-05至2026-04-01）"), 2, "角色", "结束"),
    (with_cell(7, "值班长（三月至四月）"), 2, "角色", "日期看不懂"),
    (with_cell(7, "值班长、值班长"), 2, "角色", "写了两次"),
    (with_cell(8, "2026-02-30"), 2, "入驻日期", "不是日期"),
    (with_cell(8, "三月一日"), 2, "入驻日期", "不是日期"),
    (with_cell(8, 46083), 2, "入驻日期", "不是日期"),
    (with_cell(8, "1826-01-05"), 2, "入驻日期", "不合情理"),
    (with_cell(8, "2096-01-05"), 2, "入驻日期", "不合情理"),
    (with_cell(9, "没有"), 2, "手机", "不是电话号码"),
    (with_cell(1, "=1+1"), 2, "工号", "是公式"),
    (staff([], COLUMNS), 0, "", "没有人员"),
    (staff([["x"]], ["名字"]), 1, "姓名", "没有这一列"),
    (staff([["李雷", "税务局", "李雷"]], ["姓名", "单位", "姓名"]), 1, "姓名", "出现了两次"),
]


@pytest.mark.parametrize(("content", "row", "column", "reason"), FAULTS, ids=[case[3] for case in FAULTS])
def test_each_fault_is_named_and_nothing_is_written(
    hall: HallUnderTest, content: bytes, row: int, column: str, reason: str
) -> None:
    before = counts(hall)
    faults = planned(hall, content).faults
    assert [fault for fault in faults if (fault.row, fault.column) == (row, column) and reason in fault.reason], faults
    with pytest.raises(BadInput, match="处错误"):
        imported(hall, content)
    assert counts(hall) == before


def test_floors_come_with_the_list(hall: HallUnderTest) -> None:
    """Any row of a window says its floor; a list without the column, as templates were, still counts."""
    rows: list[list[Any]] = [
        ["新甲", "3001", "税务局", "301", "", "", "A", "", "", "", ""],
        ["新乙", "3002", "税务局", "301", "", "", "B", "", "", "", "3楼"],
        ["新丙", "3003", "税务局", "B01", "", "", "A", "", "", "", -1],
        ["新丁", "3004", "税务局", "302", "", "", "A", "", "", "", ""],
    ]
    assert imported(hall, staff(rows)) == 4
    with hall.hub.ledger.reading() as session:
        assert {row.number: row.floor for row in posts.windows(session)} == {"301": 3, "B01": -1, "302": None}
    assert planned(hall, staff([["新戊", "3005", "税务局", "301"]], COLUMNS[:-1])).faults == []
    for window, floor, reason in (
        ("301", "4", "301 号窗口在台账是 3 楼"), ("302", "3", "302 号窗口已登记而没有楼层，请在窗口页面上填"),
        ("303", "楼上", "“楼上”不是楼层，请填 -3 到 99 之间的数字"),
        ("303", "-9", "“-9”不是楼层，请填 -3 到 99 之间的数字"),
        ("", "3", "填了楼层就要填窗口编号"),
    ):  # fmt: skip
        faults = planned(hall, staff([["新戊", "3005", "税务局", window, "", "", "", "", "", "", floor]])).faults
        assert [(fault.column, fault.reason) for fault in faults] == [("楼层", reason)]
    two: list[list[Any]] = [["新戊", "3005", "税务局", "303", "", "", "", "", "", "", floor] for floor in ("3", "4")]
    two[1][:2] = ["新己", "3006"]
    assert [fault.reason for fault in planned(hall, staff(two)).faults] == ["303 号窗口在第 2 行是 3 楼"]


def test_an_a_of_the_past_stands_against_who_came_while_they_sat(hall: HallUnderTest) -> None:
    imported(hall, staff(GOOD))
    with hall.hub.ledger.writing() as session:
        seat = next(one.seat for one in posts.seated(session, TODAY) if one.person.name == "李雷")
        posts.rise(session, seat.id, date(2026, 2, 20), hall.hub.now(), ADMIN)
    row = ["新甲", "3001", "税务局", "201", "前台", "申报岗", "A", "", "2026-02-20"]
    clash = planned(hall, staff([row]))
    assert [(fault.column, fault.reason) for fault in clash.faults] == [
        ("A/B", "这个岗位的 A岗 到 2026-02-20 为止是李雷，入驻日期须在这之后")
    ]
    for since in ("2026-02-21", ""):
        assert planned(hall, staff([[*row[:8], since]])).faults == []


def test_who_is_entered_already_is_not_entered_again(hall: HallUnderTest) -> None:
    """By name where one of the two has no 工号; a 工号 is taken to the last day of who has it."""
    with hall.hub.ledger.writing() as session:
        people = {row.name: row for row in session.execute(select(PersonRow)).scalars()}
        people["王芳"].number, people["刘明"].posted_to = "", date(2026, 3, 9)
        unit, numbered = people["王芳"].unit, people["张伟"].unit
    assert [fault.reason for fault in planned(hall, staff([["王芳", "3001", unit]])).faults] == [
        "同单位已有同名的人在册而没有工号，是同一人的请删去这一行，不是的请先给他填工号"
    ]
    assert [fault.reason for fault in planned(hall, staff([["新甲", "1001", "税务局"]])).faults] == [
        "工号 1001 已是在册的刘明"
    ]
    assert planned(hall, staff([["张伟", "3001", numbered]])).faults == [], "two of one name, each with a number"


def merged(book: Any, sheet: Any) -> None:
    for place, title in enumerate(COLUMNS):
        sheet.write(0, place, title)
    sheet.write(1, 0, "李雷")
    sheet.write(2, 0, "韩梅")
    sheet.merge_range("C2:C3", "税务局")


def test_a_windows_head_is_the_head_of_the_window_in_the_row(hall: HallUnderTest) -> None:
    with hall.hub.ledger.writing() as session:
        plan = importing.plan(session, with_cell(7, "窗口负责人"), date(2026, 3, 2))
        importing.carry_out(session, plan, date(2026, 3, 2), hall.hub.now(), None)
        window = next(row for row in posts.windows(session) if row.number == "201")
        assert roles.heads(session, date(2026, 3, 2)) == {window.id: ["李雷"]}


def test_merged_cells_are_named(hall: HallUnderTest) -> None:
    faults = planned(hall, workbook(merged)).faults
    assert (2, "单位", "C2 到 C3 是合并单元格，请取消合并并逐行填写") in faults
    assert (3, "单位", "不能为空") in faults


def far_away(_book: Any, sheet: Any) -> None:
    for place, title in enumerate(COLUMNS):
        sheet.write(0, place, title)
    sheet.write(0, 16383, "x")


def bomb() -> bytes:
    """An archive that unpacks to far more than it is."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (70 * 1024 * 1024))
    return made.getvalue()


def archive_of(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


NO_SHEETS = [
    (b"", "不是能读取的"),
    (b"hello", "不是能读取的"),
    ("姓名,单位\n李雷,税务局".encode(), "不是能读取的"),
    (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "不是能读取的"),  # an old .xls, or one with a password
    (staff(GOOD)[:-200], "不是能读取的"),
    (archive_of(note=b"x"), "不是能读取的"),
    (archive_of(**{"xl/workbook.xml": b"<sheet r:id='1'/>", "xl/_rels/workbook.xml.rels": b""}), "不是能读取的"),
    (workbook(far_away), "列太多"),
    (bomb(), "太大"),
]


@pytest.mark.parametrize(("content", "words"), NO_SHEETS)
def test_what_is_no_list_at_all_is_refused(hall: HallUnderTest, content: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        planned(hall, content)


def test_fifty_thousand_rows_are_refused_before_they_are_read(hall: HallUnderTest) -> None:
    def fill(_book: Any, sheet: Any) -> None:
        for row in range(50_001):
            sheet.write(row, 0, "李雷")

    with pytest.raises(BadInput, match=f"超过 {MAX_ROWS} 行"):
        planned(hall, workbook(fill))


def test_days_as_excel_keeps_them(hall: HallUnderTest) -> None:
    def fill(book: Any, sheet: Any) -> None:
        for place, title in enumerate(COLUMNS):
            sheet.write(0, place, title)
        sheet.write_row(1, 0, ["李雷", "2001", "税务局"])
        sheet.write_datetime(1, 8, datetime(2026, 1, 5), book.add_format({"num_format": "yyyy-mm-dd"}))  # noqa: DTZ001

    plan = planned(hall, workbook(fill))
    assert (plan.faults, plan.entries[0].since) == ([], date(2026, 1, 5))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-01", date(2026, 3, 1)),
        ("2026.3.1", date(2026, 3, 1)),
        ("２０２６年３月１日", date(2026, 3, 1)),
        ("20260301", date(2026, 3, 1)),
        ("26-03-01", None),
        ("2026-13-01", None),
        ("2026-03", None),
        ("", None),
    ],
)
def test_days_as_people_write_them(text: str, day: date | None) -> None:
    assert read_day(text) == day


def test_the_template_can_be_read_back(hall: HallUnderTest) -> None:
    plan = planned(hall, template())
    assert [fault.reason for fault in plan.faults] == ["表格里没有人员"]


@pytest.mark.both_databases
def test_an_import_goes_on_where_the_ledger_stands(hall: HallUnderTest) -> None:
    imported(hall, staff(GOOD))
    more = [
        ["新甲", "3001", "税务局", "201", "前台", "申报岗", "B", "", "", ""],
        ["新乙", "3002", "税务局", "201", "前台", "咨询岗", "A", "", "", ""],
    ]
    assert imported(hall, staff(more)) == 2
    with hall.hub.ledger.reading() as session:
        sitting = [(each.post.name, each.person.name, each.seat.rank) for each in posts.seated(session, TODAY)]
        assert sitting[:4] == [
            ("申报岗", "李雷", 0),
            ("申报岗", "韩梅", 1),
            ("申报岗", "吴磊", 2),
            ("申报岗", "新甲", 3),
        ]
        assert sitting[4] == ("咨询岗", "新乙", 0)
        assert session.execute(select(func.count()).select_from(WindowRow)).scalar_one() == 2
    again = planned(hall, staff([["丙", "3003", "税务局", "201", "前台", "申报岗", "A"]]))
    assert [fault.reason for fault in again.faults] == ["这个岗位的 A岗 已是李雷，一个岗位只能有一个"]
    clash = planned(hall, staff([["丙", "3003", "公安局", "201"]]))
    assert [fault.reason for fault in clash.faults] == ["201 号窗口在台账属于税务局"]


@pytest.mark.both_databases
def test_a_thousand_people_are_few_statements(hall: HallUnderTest) -> None:
    content = many(1000)
    statements: list[str] = []
    event.listen(hall.hub.ledger.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    steps: list[tuple[int, int]] = []
    with hall.hub.ledger.writing() as session:
        plan = importing.plan(session, content, TODAY)
        importing.carry_out(session, plan, TODAY, MONDAY, None, lambda done, of: steps.append((done, of)))
    assert len(statements) <= 20, statements
    assert steps[-1][0] == steps[-1][1] == len(steps)
    with hall.hub.ledger.reading() as session:
        assert len(posts.seated(session, TODAY)) == 1000


def upload(client: Any, content: bytes, name: str = "名单.xlsx") -> Any:
    token = token_of(client.get("/people/import"))
    data = {"csrf_token": token, "file": (io.BytesIO(content), name)}
    return client.post("/people/import", data=data, content_type="multipart/form-data")


def test_on_the_page_one_looks_before_it_is_written(hall: HallUnderTest) -> None:
    client = signed_in(hall, "admin")
    before = counts(hall)
    answer = upload(client, staff(GOOD))
    page = text_of(answer)
    assert "共 5 人，没有发现错误" in page
    assert "李雷 2001 税务局" in page
    assert counts(hall)[:7] == before[:7]
    key = answer.get_data(as_text=True).split('name="digest" value="')[1].split('"')[0]
    done = client.post("/people/import/confirm", data={"csrf_token": token_of(answer), "digest": key})
    assert done.status_code == 302
    assert "已导入 5 人" in text_of(client.get(done.headers["Location"]))
    assert counts(hall)[0] == before[0] + 5
    again = client.post("/people/import/confirm", data={"csrf_token": token_of(answer), "digest": key})
    assert (again.status_code, "请重新上传" in again.get_data(as_text=True)) == (404, True)
    assert counts(hall)[0] == before[0] + 5


@pytest.mark.both_databases
def test_what_changed_meanwhile_is_looked_at_again(hall: HallUnderTest) -> None:
    client = signed_in(hall, "admin")
    answer = upload(client, staff(GOOD))
    key = answer.get_data(as_text=True).split('name="digest" value="')[1].split('"')[0]
    imported(hall, staff(GOOD[:1]))
    before = counts(hall)
    refused = client.post("/people/import/confirm", data={"csrf_token": token_of(answer), "digest": key})
    assert refused.status_code == 400
    assert "2001 已是在册的李雷" in refused.get_data(as_text=True)
    assert counts(hall) == before


@pytest.mark.both_databases
def test_a_long_import_shows_how_far_it_is_and_can_be_left(
    hall: HallUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run is held at each stage until the page was looked at."""
    monkeypatch.setattr(import_runs, "PATIENCE_S", 0.0)
    gates = {stage: threading.Event() for stage in ("checking", "writing")}
    at = {stage: threading.Event() for stage in gates}

    def held(run: import_runs.Run, done: int, of: int) -> None:
        run.done, run.of, run.stage = done, of, "checking" if run.stage == "reading" else run.stage
        at[run.stage].set()
        assert gates[run.stage].wait(60)

    monkeypatch.setattr(import_runs.Run, "tell", held)
    client, before = signed_in(hall, "admin"), counts(hall)
    sent = upload(client, staff(GOOD))
    where = sent.headers["Location"]
    assert (sent.status_code, where[:15]) == (303, "/people/import/")
    assert at["checking"].wait(60)
    assert "正在核对名单 读取表格 完成 逐行核对 0/5" in text_of(client.get(where))
    assert where in client.get("/people/import").get_data(as_text=True), "whoever left finds it again"
    gates["checking"].set()
    assert over(client, where)
    looked = client.get(where)
    assert "共 5 人，没有发现错误" in text_of(looked)
    form = {"csrf_token": token_of(looked), "digest": where.rpartition("/")[2]}
    assert client.post("/people/import/confirm", data=form).headers["Location"] == where
    assert at["writing"].wait(60)
    assert "正在写入名单 读取表格 完成 逐行核对 完成 写入台账 1/7" in text_of(client.get(where))
    assert counts(hall) == before, "nothing half-imported"
    assert client.post("/people/import/confirm", data=form).headers["Location"] == where, "once"
    gates["writing"].set()
    assert over(client, where)
    assert "已导入 5 人" in text_of(client.get(client.get(where).headers["Location"]))
    assert counts(hall)[0] == before[0] + 5


def over(client: Any, where: str) -> bool:
    """Whether the page is told that the run is over, within a minute."""
    return bool(eventually(lambda: client.get(f"{where}/now").headers.get("HX-Refresh"), 60))


def test_an_import_that_breaks_says_so_and_writes_nothing(hall: HallUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    client, before = signed_in(hall, "admin"), counts(hall)
    looked = upload(client, staff(GOOD))
    digest = looked.get_data(as_text=True).split('name="digest" value="')[1].split('"')[0]

    def broken(*_given: object) -> None:
        raise RuntimeError("the disk went")

    monkeypatch.setattr(roster, "file", broken)
    refused = client.post("/people/import/confirm", data={"csrf_token": token_of(looked), "digest": digest})
    assert (refused.status_code, "没有写入任何人" in refused.get_data(as_text=True)) == (400, True)
    assert counts(hall) == before
    gone = client.get(f"/people/import/{digest}")
    assert (gone.status_code, "没有写入任何人" in gone.get_data(as_text=True)) == (400, True)
    assert client.get("/people/import/none").headers["Location"] == "/people/import"


def test_the_page_shows_where_each_fault_is(hall: HallUnderTest) -> None:
    client = signed_in(hall, "admin")
    bad = upload(client, with_cell(8, "三月一日"))
    assert bad.status_code == 400
    page = bad.get_data(as_text=True)
    assert "“三月一日”不是日期" in page
    assert 'name="digest"' not in page
    none = upload(client, b"hello")
    assert (none.status_code, "不是能读取的 Excel" in none.get_data(as_text=True)) == (400, True)
    assert upload(client, b"").status_code == 400
    given = client.get("/people/import/template")
    assert given.get_data()[:2] == b"PK"
    assert "attachment" in given.headers["Content-Disposition"]


def test_only_an_administrator_imports(hall: HallUnderTest) -> None:
    client = signed_in(hall, "duty_leader")
    assert client.get("/people/import").status_code == 403
    token = token_of(client.get("/people"))
    for path in ("/people/import", "/people/import/confirm"):
        assert client.post(path, data={"csrf_token": token}).status_code == 403


def test_waiting_lists_do_not_pile_up(hall: HallUnderTest) -> None:
    client = signed_in(hall, "admin")
    for number in range(4):
        upload(client, with_cell(0, f"李雷{number}"))
    hall.clock.move_to(datetime(2026, 3, 4, tzinfo=UTC))
    client = signed_in(hall, "admin", "staff")
    upload(client, staff(GOOD))
    assert len(list((hall.hub.settings.folder / "imports").iterdir())) == 1


def test_from_the_command_line(hall: HallUnderTest, tmp_path: Path) -> None:
    bad, good, before = tmp_path / "bad.xlsx", tmp_path / "good.xlsx", counts(hall)
    bad.write_bytes(with_cell(8, "三月一日"))
    good.write_bytes(staff(GOOD[:3]))
    where = ["import-staff", "--folder", str(hall.hub.settings.folder)]
    refused = CliRunner().invoke(hub, [*where, str(bad)])
    assert isinstance(refused.exception, BadInput)
    assert "第 2 行 入驻日期：“三月一日”不是日期" in refused.output
    assert counts(hall) == before
    done = CliRunner().invoke(hub, [*where, str(good)])
    assert (done.exit_code, "已导入 3 人" in done.output) == (0, True), done.output
    assert counts(hall)[0] == before[0] + 3
