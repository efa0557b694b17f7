"""Photos of the sealed slip: what is taken, who looks and that each look is audited, what an approval without it says,
and how long they are kept."""

import base64
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from station.photos import MAX_BYTES, path_of
from tests.web.browsing import add_login, enter, signed_in, text_of, token_of
from tests.web.halls import HallUnderTest, copy_hall
from tests.web.patrolling import jpeg
from tests.web.test_leave import UNIT, case_of, decide, file, somebody, wanted
from web import routines
from web.cli import hub as command
from web.ledger.audit import AuditRow
from web.ledger.leaves import LeaveSlipRow
from web.services import leave_slips, leaves, people, picture_uses

DAYS = timedelta(days=180)
NIGHT = timedelta(hours=18)


@pytest.fixture
def hall(template: Path, tmp_path: Path, begun: str) -> Iterator[HallUnderTest]:
    """The default hall: business leave comes with the unit's sealed slip."""
    made = copy_hall(template, tmp_path / "hub", policy="default", database=begun)
    with made.hub.ledger.writing() as session:
        for person in made.people.values():
            people.get(session, person).posted_from = None
    yield made
    made.hub.close()


def scan(size: tuple[int, int] = (40, 60)) -> bytes:
    """A page as a scanner gives it."""
    out = io.BytesIO()
    Image.new("RGB", size, (250, 250, 250)).save(out, "PNG")
    return out.getvalue()


def photographed() -> bytes:
    """A telephone's picture that says where and by which telephone it was taken, lying on its side."""
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x010F], exif[0x0112] = "SecretPhone", 6
    exif.get_ifd(0x8825)[1] = "N"
    Image.new("RGB", (64, 48), (200, 20, 20)).save(out, "JPEG", exif=exif)
    return out.getvalue()


def send(client: FlaskClient, path: str, *pages: bytes, **fields: str) -> TestResponse:
    token = token_of(client.get("/password"))
    slips = [(io.BytesIO(page), f"{number}.jpg") for number, page in enumerate(pages)]
    return client.post(path, data=fields | {"csrf_token": token, "slip": slips})


def asked(hall: HallUnderTest, client: FlaskClient, *pages: bytes, day: str = "2026-03-03") -> str:
    """A half day's business leave filed by the unit's clerk; where it is."""
    answer = send(client, "/leave/new", *pages, person="刘明", kind="business", first=day, last=day, part="morning",
                  reason="开会")  # fmt: skip
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return answer.location


def rows(hall: HallUnderTest) -> list[LeaveSlipRow]:
    with hall.hub.ledger.reading() as session:
        return list(session.execute(select(LeaveSlipRow).order_by(LeaveSlipRow.page)).scalars())


def looks(hall: HallUnderTest) -> list[str]:
    with hall.hub.ledger.reading() as session:
        return list(session.execute(select(AuditRow.detail).where(AuditRow.act == "leave.look")).scalars())


def shown(answer: TestResponse) -> Image.Image:
    """The picture on a page."""
    found = re.search(r'src="data:image/jpeg;base64,([^"]+)"', answer.get_data(as_text=True))
    assert answer.status_code == 200
    assert found
    return Image.open(io.BytesIO(base64.b64decode(found[1])))


@pytest.mark.both_databases
def test_the_clerk_hands_it_in_the_leader_looks_and_each_look_is_audited(hall: HallUnderTest) -> None:
    clerk = signed_in(hall, "attendance_clerk", unit=UNIT)
    leader = signed_in(hall, "duty_leader")
    where = asked(hall, clerk, photographed(), scan())
    kept = rows(hall)
    assert [hall.hub.photos.read(row.sha256) for row in kept] == [photographed(), scan()], "the bytes as handed in"
    page = text_of(leader.get(where))
    assert ("假条照片第 1 页 查看" in page, "未收到" in page) == (True, False)
    picture = shown(send(leader, f"{where}/slips/1"))
    assert (picture.size, dict(picture.getexif()), b"SecretPhone" in picture.tobytes()) == ((48, 64), {}, False)
    assert shown(send(leader, f"{where}/slips/2")).size == (40, 60)
    assert len(looks(hall)) == 2
    assert send(clerk, f"{where}/slips/1").status_code == 403, "who handed it in sees that it is there"
    own = clerk.get(where).get_data(as_text=True)
    assert ("假条照片第 1 页" in own, "slips/1" in own) == (True, False)
    assert send(leader, f"{where}/slips/3").status_code == 404
    assert len(looks(hall)) == 2, "a refused look is none"
    audit = text_of(signed_in(hall, "supervision").get("/audit"))
    assert "请假：查看假条照片" in audit


# who, in which role and unit → whether they may look
LOOKERS = [
    ("duty_leader", "", True), ("supervision", "", True), ("centre_leader", "", False), ("admin", "", False),
    ("office_leader", "", False), ("unit_leader", UNIT, False), ("attendance_clerk", UNIT, False),
    ("attendance_clerk", "税务局", False), ("patrol_officer", "", False),
]  # fmt: skip


def test_only_who_decides_and_supervision_look(hall: HallUnderTest) -> None:
    clerk = signed_in(hall, "attendance_clerk", unit=UNIT)
    where = asked(hall, clerk, jpeg())
    found = []
    for role, unit, _may in LOOKERS:
        browser = clerk if (role, unit) == ("attendance_clerk", UNIT) else signed_in(hall, role, unit=unit)
        found.append((role, unit, send(browser, f"{where}/slips/1").status_code == 200))
    assert found == LOOKERS
    with hall.hub.ledger.writing() as session:
        account = add_login(session, hall.people["刘明"], "own", hall.hub.now())
    assert send(enter(hall, account), f"{where}/slips/1").status_code == 403, "not one's own either"


def test_pages_come_later_and_the_history_says_so(hall: HallUnderTest) -> None:
    clerk = signed_in(hall, "attendance_clerk", unit=UNIT)
    where = asked(hall, clerk)
    assert "未收到书面材料" in text_of(clerk.get("/leave"))
    assert send(clerk, f"{where}/slip", jpeg()).status_code == 302
    assert send(clerk, f"{where}/slip", jpeg((1, 2, 3)), scan()).status_code == 302
    page = text_of(clerk.get(where))
    assert ("收到书面材料 照片 1 页" in page, "补传假条照片 照片 2 页" in page) == (True, True)
    assert [row.page for row in rows(hall)] == [1, 2, 3]
    assert "未收到书面材料" not in text_of(clerk.get("/leave"))
    other = signed_in(hall, "attendance_clerk", unit="税务局")
    assert send(other, f"{where}/slip", jpeg()).status_code == 403


BAD = [
    (b"", "没有选照片"),
    (b"GIF89a" + b"0" * 100, "不是 JPEG或PNG 照片"),
    (jpeg()[:-200], "照片不完整或已损坏"),
    (scan()[:-30] + b"IEND\xaeB`\x82", "照片不完整或已损坏"),
    (scan((8000, 6300)), "照片超过 5000 万像素"),
    (b"\xff\xd8\xff" + b"0" * MAX_BYTES, "照片超过 12 兆字节"),
    (b"<html>" + jpeg(), "不是 JPEG或PNG 照片"),
]


def test_what_is_no_page_is_refused_and_nothing_is_kept(hall: HallUnderTest) -> None:
    clerk = signed_in(hall, "attendance_clerk", unit=UNIT)
    where = asked(hall, clerk)
    for content, words in BAD:
        answer = send(clerk, f"{where}/slip", *([content] if content else []))
        assert (answer.status_code, words in answer.get_data(as_text=True)) == (400, True), words
    four = send(clerk, f"{where}/slip", *(jpeg((n, n, n)) for n in range(4)))
    assert (four.status_code, "一次最多 3 张" in four.get_data(as_text=True)) == (400, True)
    assert (rows(hall), hall.hub.photos.waiting()) == ([], [])
    filed = send(clerk, "/leave/new", b"GIF89a", person="刘明", kind="business", first="2026-03-04", last="",
                 part="day", reason="学习三天")  # fmt: skip
    body = filed.get_data(as_text=True)
    assert (filed.status_code, "学习三天" in body, "没有这张" in body) == (400, True, False), "what was typed stays"
    for n in range(0, leave_slips.PAGES, leave_slips.MOST):
        assert send(clerk, f"{where}/slip", *(jpeg((n, n, each)) for each in range(3))).status_code == 302
    full = send(clerk, f"{where}/slip", jpeg((9, 9, 9)))
    assert (full.status_code, "最多 9 页" in full.get_data(as_text=True)) == (400, True)


def test_an_approval_without_it_is_marked_for_ever(hall: HallUnderTest) -> None:
    leader, by = signed_in(hall, "duty_leader"), somebody(hall, "高峰", "duty_leader")
    business = wanted(hall, "刘明", "business", "09:00", "12:00")
    first = file(hall, business)
    page = text_of(leader.get(f"/leave/{first.row.id}"))
    assert "还没有收到盖章请假条 仍可同意，审批记录会注明。" in page
    assert "太谷 考勤 第二条" in page
    hall.clock.move_to(hall.hub.now() + timedelta(minutes=1))
    decide(hall, first, by)
    hall.clock.move_to(hall.hub.now() + timedelta(minutes=1))
    with hall.hub.ledger.writing() as session:
        leave_slips.hand_in(session, leaves.get(session, first.row.id), leave_slips.keep(hall.hub, [jpeg()]), by,
                            hall.hub.now())  # fmt: skip
    assert [step.unseen for step in case_of(hall, first.row.id).steps()] == [True], "what came later heals nothing"
    assert "审批时未收到书面材料" in text_of(leader.get(f"/leave/{first.row.id}"))
    second = file(hall, replace(business, person=hall.people["王芳"], paper=True))
    assert [step.unseen for step in decide(hall, second, by).steps()] == [False], "a tick is enough"
    third = file(hall, wanted(hall, "张伟", "sick", "09:00", "12:00"))
    assert [step.unseen for step in decide(hall, third, by).steps()] == [False], "no clause asks for one"


@pytest.mark.both_databases
def test_it_is_kept_its_days_after_the_leave(hall: HallUnderTest) -> None:
    clerk, leader = signed_in(hall, "attendance_clerk", unit=UNIT), signed_in(hall, "duty_leader")
    monday = hall.hub.now()
    where = asked(hall, clerk, jpeg(), day="2026-04-01")
    (row,) = rows(hall)
    assert send(leader, f"{where}/approve").status_code == 302

    def kept() -> tuple[bool, bool]:
        """After two looks of the night: whether its bytes are here, and whether they must be."""
        for _ in range(2):
            routines.once(hall.hub)
        with hall.hub.ledger.reading() as session:
            return hall.hub.photos.has(row.sha256), row.sha256 in picture_uses.own(session)

    hall.clock.move_to(monday + DAYS + NIGHT)
    assert kept() == (True, True), "the leave came a month after its slip"
    hall.clock.move_to(monday + timedelta(days=31) + DAYS + NIGHT)
    assert kept() == (False, False)
    answer = send(signed_in(hall, "supervision"), f"{where}/slips/1")
    assert (answer.status_code, "照片已到期删除" in answer.get_data(as_text=True)) == (400, True)


def test_verify_reads_it(hall: HallUnderTest) -> None:
    asked(hall, signed_in(hall, "attendance_clerk", unit=UNIT), scan())
    (row,) = rows(hall)
    folder = hall.hub.settings.folder
    path = path_of(folder / "photos", row.sha256)

    def verify(words: str) -> int:
        found = CliRunner().invoke(command, ["verify", "--folder", str(folder)])
        assert words in found.output
        return found.exit_code

    assert verify("1 张，逐字节完好") == 0
    path.write_bytes(scan()[:-1] + b"x")
    assert verify("1 张被改动或损坏") == 1
    path.unlink()
    assert verify("1 张有记录而没有文件") == 1
