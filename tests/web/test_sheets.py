"""The month's sheet: adds up, agrees with the judge, is signed by two, and never changes afterwards."""

import io
import json
import re
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from werkzeug.test import TestResponse

from config.errors import Refused
from config.policy import load_policy
from station.facts import Punch
from station.rules.attendance import Judged
from station.rules.judge import as_json, judge_text
from station.rules.marks import due_of
from station.rules.verdict import Verdict
from tests.web.browsing import PASSWORD, signed_in, text_of, token_of
from tests.web.halls import HallUnderTest, StationUnderTest, add_station, copy_hall, counted
from web.cli import hub as command
from web.ledger.people import PersonRow
from web.print.pdf import chinese_font
from web.qr import qr_of
from web.services import in_force, members, month_words, people
from web.services.members import Member
from web.services.notices import masked, notice_of
from web.services.people import NewPerson

UNIT = "医疗保障局"
OTHER = "市场监督管理局"
THIRD = "人力资源和社会保障局"
MARCH = date(2026, 3, 1)
APRIL_2 = datetime(2026, 4, 2, 2, tzinfo=UTC)
WHERE = f"?unit={UNIT}&month=2026-03"
# Presses of March beyond four right ones a working day: day → times.
LIU: dict[int, tuple[str, ...]] = {
    3: ("09:12", "12:02", "13:18", "17:31"),  # late
    4: ("08:50", "12:02", "13:18", "17:20"),  # early
    5: ("09:01", "12:02", "13:31", "17:31"),  # late twice: four with the others
    10: ("08:50", "17:31"),  # a side of each session is missing
    11: (),  # absent
    14: ("09:05", "11:00"),  # a Saturday
}
USUAL = ("08:49", "12:02", "13:17", "17:31")


def presses() -> Iterator[tuple[str, datetime]]:
    """Who pressed when, in order."""
    for day in range(1, 32):
        at = date(2026, 3, day)
        usual = USUAL if at.isoweekday() <= 5 else ()
        for name, times in (("刘明", LIU.get(day, usual)), ("王芳", usual), ("张伟", usual)):
            for text in times:
                hour, minute = map(int, text.split(":"))
                seconds = 5 * ("刘明", "王芳", "张伟").index(name)
                yield (
                    name,
                    datetime(2026, 3, day, tzinfo=UTC) + timedelta(hours=hour - 8, minutes=minute, seconds=seconds),
                )


@pytest.fixture(scope="module")
def month(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[HallUnderTest, StationUnderTest]]:
    """A hall after its March, on 2 April; what a test signs it opens again."""
    folder = tmp_path_factory.mktemp("month")
    hall = copy_hall(template, folder / "hub")
    station = add_station(hall, folder / "station", start=datetime(2026, 3, 1, 0, tzinfo=UTC))
    for name, at in sorted(presses(), key=lambda each: each[1]):
        station.clock.move_to(at)
        station.journal.append(Punch(person=hall.people[name], place=1, score=120))
    upto = 0
    while upto < station.journal.head.seq:
        upto = station.send(upto).upto
    hall.clock.move_to(APRIL_2)
    yield hall, station
    station.reader.close()
    station.journal.close()
    hall.hub.close()


@pytest.fixture
def hall(month: tuple[HallUnderTest, StationUnderTest]) -> HallUnderTest:
    return month[0]


@pytest.fixture(scope="module")
def logins(month: tuple[HallUnderTest, StationUnderTest]) -> dict[str, FlaskClient]:
    """Who takes part: the unit's clerk and leader, another unit's clerk, supervision."""
    hall = month[0]
    return {
        "clerk": signed_in(hall, "attendance_clerk", unit=UNIT),
        "leader": signed_in(hall, "unit_leader", unit=UNIT),
        "both": signed_in(hall, "attendance_clerk", "unit_leader", unit=UNIT),
        "other": signed_in(hall, "attendance_clerk", unit=OTHER),
        "supervision": signed_in(hall, "supervision"),
    }


def send(client: FlaskClient, act: str, **fields: str) -> TestResponse:
    """One of the sheet's forms."""
    token = token_of(client.get("/password"))
    given = {"unit": UNIT, "month": "2026-03", "csrf_token": token, **fields}
    return client.post(f"/sheets/unit/{act}", data=given)


def sign(client: FlaskClient, role: str, password: str = PASSWORD) -> TestResponse:
    return send(client, "sign", role=role, password=password)


@pytest.fixture
def signed(logins: dict[str, FlaskClient]) -> Iterator[None]:
    """The sheet signed by both, and opened again afterwards."""
    assert sign(logins["clerk"], "attendance_clerk").status_code == 302
    assert sign(logins["leader"], "unit_leader").status_code == 302
    yield
    send(logins["supervision"], "reopen", reason="下一项测试")


def book_of(client: FlaskClient, where: str = WHERE) -> list[list[Any]]:
    """The rows of the Excel sheet."""
    answer = client.get(f"/sheets/unit.xlsx{where}")
    assert answer.status_code == 200
    with CalamineWorkbook.from_object(io.BytesIO(answer.get_data())) as book:
        assert book.sheet_names == ["考勤月表", "异常明细"]
        return book.get_sheet_by_index(0).to_python(skip_empty_area=False)


def row_of(rows: list[list[Any]], name: str) -> tuple[list[str], list[str], dict[str, float]]:
    """Somebody's marks of morning and afternoon, and totals by heading."""
    at = next(number for number, row in enumerate(rows) if row[0] == name)
    heads = [str(head) for head in rows[2][3 + 31 :]]
    totals = dict(zip(heads, rows[at][3 + 31 :], strict=True))
    return [str(mark) for mark in rows[at][3:34]], [str(mark) for mark in rows[at + 1][3:34]], totals


def case_of(hall: HallUnderTest) -> dict[str, Any]:
    """The same month as a case for the judge."""
    names = {hall.people[name]: name for name in hall.people}
    return {
        "policy": "wanzhou", "from": "2026-03-01", "to": "2026-03-31", "as_of": APRIL_2.isoformat(),
        "staff": [{"id": key, "name": name, "unit": UNIT, "window": "1", "posted_from": "2026-03-01"}
                  for key, name in names.items()],
        "punches": [{"person": hall.people[name], "at": at.isoformat()} for name, at in presses()],
        "absences": [], "findings": [],
    }  # fmt: skip


def test_marks_stand_where_the_days_are(logins: dict[str, FlaskClient]) -> None:
    morning, afternoon, totals = row_of(book_of(logins["clerk"]), "刘明")
    shown = {day: morning[day - 1] + afternoon[day - 1] for day in (2, 3, 4, 5, 10, 11, 14)}
    assert shown == {2: "√√", 3: "迟√", 4: "√退", 5: "迟迟", 10: "缺缺", 11: "旷旷", 14: "息息"}
    assert totals == {
        "应出勤": 22, "出勤": 20, "请假": 0, "旷工": 1, "缺卡": 1, "故障": 0, "待定": 0, "迟到次": 3, "早退次": 1,
        "未提前": totals["未提前"], "休息日": 1, "折算": 0.5,
    }  # fmt: skip


def test_page_excel_and_judge_say_the_same(hall: HallUnderTest, logins: dict[str, FlaskClient]) -> None:
    read, answers = judge_text(json.dumps(case_of(hall)), "march")
    judged = {one["id"]: one["totals"] for one in as_json(read.policy, answers)["people"]}
    rows = book_of(logins["clerk"])
    for name in ("刘明", "王芳"):
        totals, said = row_of(rows, name)[2], judged[hall.people[name]]
        days = sum(Fraction(each) for each in said["leave_days"].values())
        assert [totals[head] for head in ("迟到次", "早退次", "未提前", "休息日", "旷工", "折算", "请假")] == [
            said["late"], said["early"], said["unready"], said["rest_day_sessions"], float(said["absent_days"]),
            float(said["accumulated_absent_days"]), float(days),
        ]  # fmt: skip
    page = text_of(logins["clerk"].get(f"/sheets/unit{WHERE}"))
    assert "累计 4 次以上 1 人（刘明）" in page
    assert "迟到 12 分钟；上班 09:12，下班 12:02" in page


KINDS = ("present", "late", "absent", "missing_in", "outage", "leave", "rest", "not_posted", "pending")


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(KINDS), st.booleans()), max_size=31))
def test_the_days_always_add_up_to_those_due(days: list[tuple[str, str, bool]]) -> None:
    judged = [
        Judged(None, tuple(Verdict("s", one, None, None, provisional=open_, leave_kind="sick") for one in pair), ())  # type: ignore[arg-type]
        for *pair, open_ in days
    ]
    due = due_of(judged)
    wanted = sum(Fraction(1, 2) for *pair, _ in days for one in pair if one not in ("rest", "not_posted"))
    assert due.due == wanted
    parts = (due.present, due.absent, due.missing, due.outage, due.provisional, *due.leave.values())
    assert sum(parts, Fraction(0)) == due.due


def test_two_sign_and_the_month_is_closed(logins: dict[str, FlaskClient], signed: None) -> None:
    page = text_of(logins["supervision"].get(f"/sheets/unit{WHERE}"))
    assert "已锁定" in page
    assert page.count("2026-04-02 10:00") == 2
    overview = text_of(logins["supervision"].get("/sheets?month=2026-03"))
    assert "2026-04-08 前报督查部门" in overview  # five working days after Qingming
    assert "还有 6 天" in overview


def test_after_the_fifth_working_day_it_is_overdue(hall: HallUnderTest) -> None:
    hall.clock.move_to(datetime(2026, 4, 8, 19, 59, tzinfo=UTC))  # the hall's days end at four in the morning
    clerk, leader = (signed_in(hall, role, "staff", unit=UNIT) for role in ("attendance_clerk", "unit_leader"))
    supervision = signed_in(hall, "supervision", "staff")
    assert "今天截止" in text_of(supervision.get("/sheets?month=2026-03"))
    hall.clock.move_to(datetime(2026, 4, 8, 20, tzinfo=UTC))
    for client, role in ((clerk, "attendance_clerk"), (leader, "unit_leader")):
        overview = text_of(supervision.get("/sheets?month=2026-03"))
        assert "已过期限 1 天" in overview
        assert f"{OTHER} 逾期未报" in overview
        assert f"{UNIT} {'逾期未报' if client is clerk else '待派驻单位领导签字'}" in overview
        assert sign(client, role).status_code == 302
    overview = text_of(supervision.get("/sheets?month=2026-03"))
    send(supervision, "reopen", reason="下一项测试")
    hall.clock.move_to(APRIL_2)
    assert f"{UNIT} 已锁定 迟报" in overview


@pytest.mark.parametrize(
    ("who", "role", "password", "status", "words"),
    [
        ("leader", "unit_leader", PASSWORD, 400, "现在该考勤员签字"),
        ("clerk", "unit_leader", PASSWORD, 400, "现在该考勤员签字"),
        ("leader", "attendance_clerk", PASSWORD, 403, "只有本单位的考勤员能签"),
        ("other", "attendance_clerk", PASSWORD, 403, "您只能看本单位的月表"),
        ("supervision", "attendance_clerk", PASSWORD, 403, "只有本单位的考勤员能签"),
        ("clerk", "attendance_clerk", "wrong-password", 400, "密码不对，没有签字"),
    ],
)
def test_nobody_else_signs(
    logins: dict[str, FlaskClient], who: str, role: str, password: str, status: int, words: str
) -> None:
    answer = sign(logins[who], role, password)
    assert (answer.status_code, words in answer.get_data(as_text=True)) == (status, True)
    assert "未签字" in text_of(logins["supervision"].get(f"/sheets/unit{WHERE}"))


def test_one_person_does_not_sign_twice(logins: dict[str, FlaskClient]) -> None:
    assert sign(logins["both"], "attendance_clerk").status_code == 302
    answer = sign(logins["both"], "unit_leader")
    assert (answer.status_code, "须为两个人" in answer.get_data(as_text=True)) == (403, True)
    assert send(logins["clerk"], "withdraw").status_code == 403
    assert send(logins["both"], "withdraw").status_code == 302


def test_a_month_that_runs_is_not_signed(hall: HallUnderTest, logins: dict[str, FlaskClient]) -> None:
    hall.clock.move_to(datetime(2026, 3, 31, 8, tzinfo=UTC))
    answer = sign(logins["clerk"], "attendance_clerk")
    hall.clock.move_to(APRIL_2)
    assert (answer.status_code, "03-31 还没有过完" in answer.get_data(as_text=True)) == (400, True)


def test_the_unit_gets_its_monthly_notice(logins: dict[str, FlaskClient]) -> None:
    letter = text_of(logins["clerk"].get(f"/sheets/notice{WHERE}"))
    assert f"{UNIT}： 现将贵单位入驻人员本月考勤情况通报如下。 （月表未锁定，仅供核对）" in letter
    assert re.search("刘明 22 20 0 1 1 0 0 3 1 ", letter)
    assert "刘明 3 月 3 日上午：迟到 12 分钟；上班 09:12，下班 12:02" in letter
    assert "万州 考勤 第六条" in letter
    assert logins["other"].get(f"/sheets/notice{WHERE}").status_code == 403


def test_the_quarter_sums_up_what_is_closed(logins: dict[str, FlaskClient]) -> None:
    empty = text_of(logins["supervision"].get("/sheets/quarter?month=2026-03"))
    assert "这个季度还没有锁定的月表" in empty
    assert sign(logins["clerk"], "attendance_clerk").status_code == 302
    assert "这个季度还没有锁定的月表" in text_of(logins["supervision"].get("/sheets/quarter?month=2026-03"))
    assert sign(logins["leader"], "unit_leader").status_code == 302
    summed = text_of(logins["supervision"].get("/sheets/quarter?month=2026-01"))
    assert "2026 年第 1 季度考勤汇总" in summed
    assert f"{UNIT} 1/3 2 3 1 2 1 0" in summed
    assert send(logins["supervision"], "reopen", reason="下一项测试").status_code == 302
    assert logins["clerk"].get("/sheets/quarter").status_code == 403


def test_a_late_fact_is_told_and_the_signed_sheet_stays(
    month: tuple[HallUnderTest, StationUnderTest], logins: dict[str, FlaskClient], signed: None
) -> None:
    hall, station = month
    before = row_of(book_of(logins["clerk"]), "王芳")
    digest = re.search(r"[0-9a-f]{64}", text_of(logins["clerk"].get(f"/sheets/unit{WHERE}")))
    assert digest
    late = station.journal.head.seq
    station.clock.move_to(datetime(2026, 3, 11, 0, 51, tzinfo=UTC))
    station.journal.append(Punch(person=hall.people["刘明"], place=1, score=120))
    station.send(late)
    page = text_of(logins["clerk"].get(f"/sheets/unit{WHERE}"))
    assert "签字之后有" in page
    assert "刘明 3月11日上午：旷工 → 缺卡" in page
    assert digest[0] in page
    assert row_of(book_of(logins["clerk"]), "王芳") == before
    assert row_of(book_of(logins["clerk"]), "刘明")[0][10] == "旷"


def test_reopening_needs_supervision_and_a_reason(logins: dict[str, FlaskClient], signed: None) -> None:
    for who, reason, status in (("clerk", "改错", 403), ("supervision", " ", 400), ("supervision", "补录漏报", 302)):
        assert send(logins[who], "reopen", reason=reason).status_code == status
    page = text_of(logins["clerk"].get(f"/sheets/unit{WHERE}"))
    assert "补录漏报" in page
    assert "未签字" in page


def test_a_month_before_the_unit_came_says_where_its_sheets_are(
    hall: HallUnderTest, logins: dict[str, FlaskClient]
) -> None:
    came = date(2026, 4, 1)  # after the month that all other tests are about
    with hall.hub.ledger.writing() as session:
        people.add(session, [NewPerson("新来", unit="新入驻单位", posted_from=came)], hall.hub.now())
    refused = logins["supervision"].get("/sheets/unit?month=2026-03&unit=新入驻单位")
    assert refused.status_code == 404
    assert "这个单位最早 2026-04 有人入驻，请从月表总览选这个月或以后的月份" in refused.get_data(as_text=True)


def test_the_public_notice_needs_no_login(hall: HallUnderTest, logins: dict[str, FlaskClient], signed: None) -> None:
    anybody = hall.client()
    assert "2026年3月" in text_of(anybody.get("/notices"))
    posted = text_of(anybody.get("/notices/2026-03"))
    assert "刘明" in posted
    assert "张伟" not in posted, "his unit has not signed"
    assert "太谷 考勤 第六条" in posted
    assert anybody.get("/notices/2026-02").status_code == 404
    assert anybody.get("/sheets").status_code == 302, "everything else asks who it is"


def test_what_is_not_signed_is_not_posted(hall: HallUnderTest) -> None:
    assert "还没有可公示的月份" in text_of(hall.client().get("/notices"))
    assert hall.client().get("/notices/2026-03").status_code == 404


def test_a_hall_without_the_rule_posts_nothing(template: Path, tmp_path: Path) -> None:
    hall = copy_hall(template, tmp_path / "hub", policy="shanxi")
    assert "没有规定公示" in text_of(hall.client().get("/notices"))
    hall.hub.close()


def test_a_hall_posts_masked_names_if_it_chose_so(hall: HallUnderTest, signed: None) -> None:
    rules = load_policy("wanzhou").reporting
    with hall.hub.ledger.reading() as session:
        named = {
            names: [line.name for unit in notice_of(session, "2026-03", chosen) for line in unit.lines]
            for names, chosen in (("full", rules), ("masked", rules.model_copy(update={"names": "masked"})))
        }
    assert named == {"full": ["刘明", "王芳"], "masked": ["刘＊", "王＊"]}


@pytest.mark.parametrize(("name", "shown"), [("刘明", "刘＊"), ("欧阳建国", "欧＊＊＊"), ("", "")])
def test_a_masked_name_keeps_its_first_character(name: str, shown: str) -> None:
    assert masked(name) == shown


def decoded(png: bytes) -> str:
    """What the QR code on a picture says; empty for none."""
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    return str(cv2.QRCodeDetector().detectAndDecode(picture)[0])


def test_the_page_shows_the_hash_as_a_qr_code(logins: dict[str, FlaskClient]) -> None:
    page = logins["clerk"].get(f"/sheets/unit{WHERE}").get_data(as_text=True)
    digest = re.search("数据校验码 ([0-9a-f]{64})", page)
    assert digest
    assert str(qr_of(digest[1])) in page


def test_the_paper_page_by_page(logins: dict[str, FlaskClient], tmp_path: Path) -> None:
    """Each page says whose it is, which of how many, and the hash; the first is signed and bears it as a QR code."""
    assert chinese_font()
    digest = str(book_of(logins["clerk"])[-1][3]).removeprefix("数据校验码 ")
    paper = tmp_path / "month.pdf"
    paper.write_bytes(logins["clerk"].get(f"/sheets/unit.pdf{WHERE}").get_data())
    said = subprocess.run(["pdftotext", "-layout", paper, "-"], capture_output=True, check=True).stdout.decode()
    texts = said.split("\f")[:-1]
    subprocess.run(["pdftoppm", "-r", "200", "-png", paper, tmp_path / "page"], check=True)
    pictures = [path.read_bytes() for path in sorted(tmp_path.glob("page-*.png"))]
    assert len(texts) == len(pictures) >= 1
    for number, text in enumerate(texts, start=1):
        for words in (f"{UNIT} 2026-03", f"第 {number} 页，共 {len(texts)} 页", f"数据校验码 {digest}"):
            assert words in text, (number, words)
    for words in ("考勤月表", "考勤员：", "派驻单位领导：", "刘明", "王芳", "签字前为建议"):
        assert words in texts[0], words
    assert all(words in said for words in ("异常明细", "迟到 12 分钟"))
    assert [decoded(picture) for picture in pictures] == [digest] + [""] * (len(pictures) - 1)


def test_the_annex_tells_leave_by_its_kind() -> None:
    totals = {"leave": {"personal": "1.5", "sick": "2.0"}}
    people = [{"name": "刘明", "totals": totals}, {"name": "王芳", "totals": {"leave": {}}}]
    sheet: dict[str, Any] = {"legend": [], "people": people, "exceptions": []}
    assert list(month_words.exception_lines(sheet)) == [("刘明", "", "", "请假合计：事假 1.5 天、病假 2 天", "")]


def test_the_file_is_made_to_be_printed(logins: dict[str, FlaskClient]) -> None:
    """A4 landscape, one page wide and as many long as it takes, with title, legend and days on each."""
    content = logins["clerk"].get(f"/sheets/unit.xlsx{WHERE}").get_data()
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        names = "workbook", "worksheets/sheet1", "worksheets/sheet2"
        book, sheet, annex = (parts.read(f"xl/{name}.xml").decode() for name in names)
        picture = parts.read("xl/media/image1.png")
    rows = book_of(logins["clerk"])
    assert f">考勤月表!$A$1:$AT${len(rows)}<" in book, "down to the signatures and the hash"
    digest = str(rows[-1][3]).removeprefix("数据校验码 ")
    assert f"数据校验码 {digest}" in text_of(logins["clerk"].get(f"/sheets/unit{WHERE}"))
    assert ">考勤月表!$1:$3<" in book
    assert '<pageSetUpPr fitToPage="1"/>' in sheet
    assert re.search(r'<pageSetup paperSize="9"[^>]* fitToHeight="0"[^>]* orientation="landscape"', sheet)
    for page in (sheet, annex):
        foot = re.search("<oddFooter>(.*)</oddFooter>", page)
        assert foot
        assert foot[1].replace("&amp;", "&") == (f"&L&8 {UNIT} 2026-03&C&8 第 &P 页，共 &N 页&R&6 数据校验码 {digest}")
    assert decoded(picture) == digest
    assert re.search("累计 4 次以上 1 人（刘明），按《.+》折算旷工；签字前为建议", str(rows[-3][0]))


def test_a_units_page_costs_few_statements(hall: HallUnderTest, logins: dict[str, FlaskClient]) -> None:
    logins["clerk"].get(f"/sheets/unit{WHERE}")
    with counted(hall) as statements:
        assert logins["clerk"].get(f"/sheets/unit{WHERE}").status_code == 200
    assert len(statements) <= 12


def test_no_role_of_the_house_no_sheet(hall: HallUnderTest) -> None:
    staff = signed_in(hall, "staff", unit=UNIT)
    for path in ("/sheets", f"/sheets/unit{WHERE}", f"/sheets/unit.xlsx{WHERE}", f"/sheets/unit.pdf{WHERE}"):
        assert staff.get(path).status_code == 403
    with hall.hub.ledger.reading() as session:
        assert in_force.read(session, hall.hub).table.is_known(MARCH)


@pytest.mark.parametrize(
    ("since", "until", "counts"),
    [
        (None, None, True),
        (date(2026, 3, 31), None, True),
        (date(2026, 4, 1), None, False),
        (None, date(2026, 2, 28), False),
        (date(2026, 3, 10), date(2026, 3, 9), False),  # an account, and nobody of the hall
    ],
)
def test_who_stands_on_a_months_sheet(since: date | None, until: date | None, counts: bool) -> None:
    row = PersonRow(unit="税务局", posted_from=since, posted_to=until)
    assert members.units_of([Member(row)], MARCH, date(2026, 3, 31)) == (["税务局"] if counts else [])


def run(hall: HallUnderTest, *words: str) -> Result:
    """`zaigang hub month …` on the hall's folder."""
    return CliRunner().invoke(command, ["month", "--folder", str(hall.hub.settings.folder), *words])


def test_the_command_writes_the_sheets_that_the_pages_show(
    hall: HallUnderTest, logins: dict[str, FlaskClient], tmp_path: Path
) -> None:
    made = run(hall, "2026-03", "--out", str(tmp_path))
    assert made.exit_code == 0, made.output
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        f"{unit}考勤月表2026-03.{end}" for unit in (UNIT, OTHER, THIRD) for end in ("pdf", "xlsx")
    )
    with CalamineWorkbook.from_path(str(tmp_path / f"{UNIT}考勤月表2026-03.xlsx")) as book:
        assert book.get_sheet_by_index(0).to_python(skip_empty_area=False) == book_of(logins["clerk"])
    page = text_of(logins["clerk"].get(f"/sheets/unit{WHERE}"))
    digests = re.findall(r"数据校验码 ([0-9a-f]{64})", made.output)
    assert (len(digests), sum(each in page for each in digests)) == (3, 1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("2026-3",), "月份要写成 2026-03 这样"),
        (("2031-01",), "这个月还没有到"),
        (("2026-03", "--unit", "林业局"), f"这个月有月表的单位：{THIRD}、{UNIT}、{OTHER}"),
    ],
)
def test_what_the_command_refuses(hall: HallUnderTest, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    refused = run(hall, *words, "--out", str(tmp_path))
    assert isinstance(refused.exception, Refused)  # which ends the command with status 2 and its words
    assert said in str(refused.exception)
    assert not list(tmp_path.iterdir())
