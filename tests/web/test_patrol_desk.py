"""The desk's pages of patrol: the board of a day, the record in the form's order, its papers, its pictures."""

import gzip
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from station.photos import path_of
from station.round_facts import Check, Found, RoundJoined, RoundOpened, RoundSigned
from tests.web.browsing import signed_in, text_of, token_of
from tests.web.halls import copy_hall, counted
from tests.web.patrolling import MORNING, Patrol, jpeg, patrol_of
from web.door import recorder_of
from web.ledger.audit import AuditRow
from web.ledger.patrol import PictureRow
from web.patrol.photos import SHELF
from web.pictures.detector import Detector
from web.pictures.shelf import Shelf

DAY, AFTERNOON = "2026-03-02", "2026-03-02/1340"
W101, W102, W103, AREA = "101 号窗口", "102 号窗口", "103 号窗口", "自助服务区"
SAME = jpeg((10, 20, 30))


@pytest.fixture(scope="module")
def walked(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Patrol]:
    """The morning's round with a finding, a need and a picture used twice; signed, then added to; 14:00 now."""
    made = patrol_of(copy_hall(template, tmp_path_factory.mktemp("desk") / "hub"))
    made.hall.at("09:30")
    phone = made.phone("陈静")
    made.begin(phone)
    made.hall.at("09:34")
    assert made.check(phone, W101, photos=[SAME]).status_code == 200
    found = {"item": ["conduct-12"], "person": made.hall.people["王芳"], "note": "忘在家里"}
    assert made.check(phone, W102, photos=[jpeg((1, 2, 3)), SAME], **found).status_code == 200
    assert made.check(phone, W103, photos=[], no_photo="相机故障", need="打印机缺纸").status_code == 200
    made.hall.at("10:00")
    made.sign(phone, "陈静", "周凯")
    made.hall.at("10:15")
    assert made.check(phone, W102, note="已补戴", photos=[]).status_code == 200
    made.hall.at("14:00")
    yield made
    recorder_of(made.hall.app).close()
    made.hall.hub.close()


@pytest.fixture(scope="module")
def desk(walked: Patrol) -> FlaskClient:
    """Supervision at the desk."""
    return signed_in(walked.hall, "supervision")


def xlsx(answer: TestResponse, folder: Path) -> list[str]:
    """A workbook's sheet, its texts, and what is said of the whole."""
    file = folder / "file.xlsx"
    file.write_bytes(answer.data)
    with ZipFile(file) as parts:
        names = ("worksheets/sheet1", "sharedStrings", "workbook")
        return [parts.read(f"xl/{name}.xml").decode() for name in names]


def uses(patrol: Patrol) -> dict[str, list[str]]:
    """Digest → where its uses are found."""
    found: dict[str, list[str]] = {}
    with patrol.hall.hub.ledger.reading() as session:
        for row in session.execute(select(PictureRow).order_by(PictureRow.at)).scalars():
            found.setdefault(row.sha256, []).append(f"/patrol/pictures/{row.id}")
    return found


def test_the_board_says_in_a_word_how_each_floor_stands(walked: Patrol, desk: FlaskClient) -> None:
    said = text_of(desk.get(f"/patrol/day/{DAY}/now"))
    assert re.search(r"一楼 1 个问题 尚未开始 二楼 逾时未巡 尚未开始 合计 未巡 1 处 1 个问题 3/4 尚未开始", said)
    assert "今天还要做 1 次不定时巡查" in said
    assert "记录 已签字" in said
    assert "未到时间" in text_of(desk.get("/patrol/day/2026-03-03"))
    assert "没有定时巡查" in text_of(desk.get("/patrol/day/2026-03-08")), "a Sunday"
    assert desk.get("/patrol/day/gestern").status_code == 404


def test_the_record_stands_in_the_forms_own_order(desk: FlaskClient) -> None:
    said = text_of(desk.get(f"/patrol/record/{DAY}"))
    heads = "序号 巡查时间 今日巡查无异常 巡查中发现的问题 巡查人员签字 备注 照片 区域 窗口人员 "
    assert heads + "在岗情况 规范着装 佩戴工作牌 柜台面整洁 服务行为 其他事宜" in said
    second = "2 09:34 102 号窗口 王芳 没戴工作牌（忘在家里） 陈静 周凯"
    assert re.search(rf"1 09:34 无异常 101 号窗口 陈静 周凯 .*{second}", said)
    assert "困难和需求：打印机缺纸；没有照片：相机故障" in said
    late = "1 10:15 102 号窗口 陈静 周凯 补充；已补戴"
    assert re.search(rf"没有巡查到的 1 处：自助服务区 签字以后的补充 .*{late}", said)
    assert said.count("重复使用") == 2


def test_units_see_their_windows_and_officers_their_rounds(walked: Patrol) -> None:
    theirs = text_of(signed_in(walked.hall, "unit_leader", unit="医疗保障局").get(f"/patrol/record/{DAY}"))
    assert "101 号窗口" in theirs
    assert "自助服务区" not in theirs, "no window of theirs"
    others = text_of(signed_in(walked.hall, "unit_leader", unit="税务局").get(f"/patrol/record/{DAY}"))
    assert "没有您能查看的巡查记录" in others
    assert "102 号窗口" in text_of(walked.phone("周凯").get(f"/patrol/record/{DAY}"))
    assert "没有您能查看的巡查记录" in text_of(walked.phone("孙莉").get(f"/patrol/record/{DAY}")), "she did not walk it"
    picture = uses(walked)[hashlib.sha256(SAME).hexdigest()][0]
    assert walked.phone("孙莉").get(picture).status_code == 403


def test_the_form_is_printed_and_filed(desk: FlaskClient, tmp_path: Path) -> None:
    paper = desk.get(f"/patrol/record/{DAY}/form.pdf")
    assert paper.data.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", paper.data)) == 1
    assert re.search(rb"/MediaBox\s*\[0 0 841\.\d+ 595\.\d+\]", paper.data), "A4 landscape"
    sheet, texts, book = xlsx(desk.get(f"/patrol/record/{DAY}/form.xlsx"), tmp_path)
    assert '<mergeCell ref="D3:K3"/>' in sheet, "the problems' columns under one word"
    assert '<mergeCell ref="A3:A4"/>' in sheet
    assert 'orientation="landscape"' in sheet
    assert 'fitToHeight="0"' in sheet
    assert "_xlnm.Print_Titles" in book
    assert "_xlnm.Print_Area" in book
    assert "没戴工作牌（忘在家里）" in texts


ASKED = [
    ("", 4, "1 行"),
    ("found=1", 1, "佩戴工作牌：没戴工作牌（忘在家里）"),
    ("window=102&first=2026-03-02", 2, "补充；已补戴 签字以后"),
    ("kind=0930&floor=1", 4, "上午定时巡查"),
    ("kind=unscheduled", 0, "这些条件下没有巡查记录"),
    ("floor=2", 0, "请放宽日期或筛选"),
    ("unit=医疗保障局", 4, "医疗保障局"),
    ("last=2026-03-01", 0, "2026-02-23 — 2026-03-01"),
    ("page=9", 4, "没有这一页"),
]


def test_the_register_answers_what_is_asked(desk: FlaskClient) -> None:
    for asked, count, words in ASKED:
        said = text_of(desk.get(f"/patrol/register?{asked}"))
        assert f"{count} 行" in said, asked
        assert words in said or not asked, asked
    whole = text_of(desk.get("/patrol/register"))
    first = whole.index("03-02 10:15 一楼 102 号窗口")
    assert first < whole.index("03-02 09:34 一楼 103 号窗口"), "the newest first"
    for asked, words in (
        ("first=2026-03-05&last=2026-03-01", "早于"),
        ("first=x", "不是日期"),
        ("floor=x", "楼层须在"),
    ):
        answer = desk.get(f"/patrol/register?{asked}")
        assert (answer.status_code, words in answer.text) == (400, True)


def test_the_register_is_narrowed_to_who_looks(walked: Patrol) -> None:
    counts = {
        who: re.search(r"· (\d+) 行", text_of(client.get("/patrol/register")))
        for who, client in {
            "own unit": signed_in(walked.hall, "attendance_clerk", unit="医疗保障局"),
            "another": signed_in(walked.hall, "attendance_clerk", unit="税务局"),
            "walked it": walked.phone("周凯"), "did not": walked.phone("孙莉"),
        }.items()
    }  # fmt: skip
    assert {who: found[1] for who, found in counts.items() if found} == {
        "own unit": "4", "another": "0", "walked it": "4", "did not": "0",
    }  # fmt: skip


def test_the_register_is_printed_and_filed(desk: FlaskClient, tmp_path: Path) -> None:
    assert desk.get("/patrol/register.pdf").data.startswith(b"%PDF")
    sheet, texts, book = xlsx(desk.get("/patrol/register.xlsx"), tmp_path)
    assert '<mergeCell ref="C3:E3"/>' in sheet, "place over floor, checkpoint, unit"
    assert "佩戴工作牌：没戴工作牌（忘在家里）" in texts
    assert "_xlnm.Print_Titles" in book
    assert desk.get("/patrol/register.pdf?first=x").status_code == 400


def test_the_bulletin_tells_the_month_and_each_unit_its_own(walked: Patrol, desk: FlaskClient, tmp_path: Path) -> None:
    said = text_of(desk.get("/patrol/bulletin?month=2026-03"))
    assert "上午定时巡查 1 1 0 0 1 0 0" in said, "due, walked, on time, late, incomplete, missed, short-handed"
    assert "下午定时巡查" not in said, "13:40 is not over at 14:00"
    assert re.search(r"102 号窗口 医疗保障局 1 1 1 103 号窗口 医疗保障局 0 1 合计 1 1 1 1", said)
    assert "103 号窗口 打印机缺纸" in said
    assert "王芳" not in said, "windows and units, never persons"
    other = text_of(signed_in(walked.hall, "chief_rep", unit="税务局").get("/patrol/bulletin"))
    assert "这个月没有发现问题" in other
    assert "打印机缺纸" not in other
    assert "这个月还没有巡查" in text_of(desk.get("/patrol/bulletin?month=2026-02"))
    assert desk.get("/patrol/bulletin?month=2026-3").status_code == 400
    assert desk.get("/patrol/bulletin.pdf").data.startswith(b"%PDF")
    _sheet, texts, _book = xlsx(desk.get("/patrol/bulletin.xlsx"), tmp_path)
    assert "应巡 1 次，按时 0 次，开始晚了 0 次，未巡完 1 次" in texts


def test_a_picture_is_shown_blurred_and_marked_and_its_other_use_named(walked: Patrol, desk: FlaskClient) -> None:
    shelf = walked.hall.app.extensions[SHELF] = Shelf(walked.hall.hub.settings.folder, Detector())
    address = uses(walked)[hashlib.sha256(SAME).hexdigest()][0]
    try:
        small, shown = desk.get(f"{address}/small"), desk.get(f"{address}/shown")
    finally:
        shelf._detector.close()
    assert (small.mimetype, shown.mimetype) == ("image/jpeg", "image/jpeg")
    assert shown.data != small.data
    said = text_of(desk.get(address))
    assert "101 号窗口 2026-03-02 09:34" in said
    assert re.search(r"完全相同的照片还用在 1 处 2026-03-02 09:34 102 号窗口", said)


def test_without_a_detector_a_picture_is_withheld(walked: Patrol, desk: FlaskClient, tmp_path: Path) -> None:
    walked.hall.app.extensions[SHELF] = Shelf(tmp_path, Detector(tmp_path / "no model"))
    digest = next(digest for digest in uses(walked) if digest != hashlib.sha256(SAME).hexdigest())
    for size in ("small", "shown"):
        answer = desk.get(f"{uses(walked)[digest][0]}/{size}")
        assert (answer.mimetype, "不予显示" in answer.text) == ("image/svg+xml", True)
    path = path_of(walked.hall.hub.settings.folder / "photos", digest)
    content = path.read_bytes()
    path.unlink()
    assert "照片还在路上" in desk.get(f"{uses(walked)[digest][0]}/small").text
    path.write_bytes(content)


def test_an_original_is_for_supervision_with_a_reason_and_each_look_is_noted(walked: Patrol, desk: FlaskClient) -> None:
    address = uses(walked)[hashlib.sha256(SAME).hexdigest()][0]

    def look(reason: str) -> TestResponse:
        token = token_of(desk.get(address))
        return desk.post(f"{address}/original", data={"csrf_token": token, "reason": reason})

    assert look(" ").status_code == 400
    answer = look("核实投诉")
    assert "data:image/jpeg;base64," in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    with walked.hall.hub.ledger.reading() as session:
        lines = session.execute(select(AuditRow).where(AuditRow.act == "photo.original")).scalars().all()
    assert [("核实投诉" in line.detail, hashlib.sha256(SAME).hexdigest() in line.detail) for line in lines] == [
        (True, True)
    ]
    leader = signed_in(walked.hall, "duty_leader")
    assert "查看没有遮挡的原图" not in leader.get(address).text
    token = token_of(leader.get("/"))
    assert leader.post(f"{address}/original", data={"csrf_token": token, "reason": "看"}).status_code == 403


MOST_BYTES, MOST_STATEMENTS = 100_000, 12


def test_a_day_of_two_rounds_of_sixty_checkpoints_travels_light(template: Path, tmp_path: Path) -> None:
    """With two pictures each, a finding at every tenth: without the pictures themselves."""
    patrol = patrol_of(copy_hall(template, tmp_path / "hub"), windows=59)
    patrol.hall.at("15:00")
    recorder, team = recorder_of(patrol.hall.app), tuple(patrol.officers.values())[:2]
    assert len(patrol.points) == 60
    for slot in (MORNING, AFTERNOON):
        recorder.record(lambda _, slot=slot: _round(slot, team, list(patrol.points.values())))  # type: ignore[misc]
    desk = signed_in(patrol.hall, "supervision")
    with counted(patrol.hall) as said:
        answer = desk.get(f"/patrol/record/{DAY}", headers={"Accept-Encoding": "gzip"})
    page = gzip.decompress(answer.data).decode()
    assert page.count("<img ") == 240
    assert page.count('loading="lazy"') == 240
    assert len(answer.data) <= MOST_BYTES
    assert len(said) <= MOST_STATEMENTS
    recorder.close()
    patrol.hall.hub.close()


def _round(slot: str, team: tuple[str, ...], points: list[str]) -> list[Any]:
    opened = [RoundOpened(round=slot, kind="scheduled", officer=team[0], by="own_pin")]
    joined = [RoundJoined(round=slot, officer=team[1], by="own_pin")]
    checks = [
        Check(
            round=slot, checkpoint=point, how="manual", reason="listed", officers=team, by=team[0],
            nothing_abnormal=number % 10 > 0, photos=(_digest(slot, number, 0), _digest(slot, number, 1)),
            findings=() if number % 10 else (_found(slot, number),),
        )
        for number, point in enumerate(points)
    ]  # fmt: skip
    signed = [RoundSigned(round=slot, officer=each, by="own_pin", checks=60, digest="0" * 64) for each in team]
    return [*opened, *joined, *checks, *signed]


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _found(slot: str, number: int) -> Found:
    return Found(id=_digest(slot, number)[:36], item="conduct-12", clauses=("wanzhou:patrol:5.3",), column="badge")
