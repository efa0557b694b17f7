"""Photos of what was put right: who sees them, how they are shown, which were used before, how long they stay."""

import hashlib
import io
import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import func, select
from uuid6 import uuid7

from station.photos import path_of
from tests.web.browsing import signed_in
from tests.web.patrolling import Patrol, jpeg, words_of
from tests.web.test_findings import LEFT, UNIT, UNTIDY, W101, W102, head_of, seen, take
from web import routines
from web.cli import hub as command
from web.ledger.audit import AuditRow
from web.ledger.findings import FindingStepRow
from web.ledger.patrol import PhotoLetGoRow, PictureRow
from web.services import photo_keeping, picture_uses

BEFORE, AFTER = jpeg((10, 200, 30)), jpeg((200, 10, 30))
KEPT = timedelta(days=181)


@pytest.fixture
def patrol(patrol: Patrol) -> Patrol:
    """The hall, its forms without tokens."""
    patrol.hall.app.config.update(WTF_CSRF_ENABLED=False)
    return patrol


@pytest.fixture
def head(patrol: Patrol) -> FlaskClient:
    """The head of window 102."""
    client = signed_in(patrol.hall, "window_head", unit=UNIT)
    head_of(patrol, W102)
    return client


def mended(head: FlaskClient, finding: str, photo: bytes = AFTER) -> None:
    """Report it put right with this photo."""
    done = take(head, finding, "rectify", note="已上锁", photo=(io.BytesIO(photo), "a.jpg"))
    assert done.location.endswith(f"/findings/{finding}")


def did(patrol: Patrol, finding: str, step: str, photo: bytes = b"") -> None:
    """The same or another step, taken now, whoever's login has run out since."""
    kept = patrol.hall.hub.photos.keep(photo) if photo else ""
    made = FindingStepRow(
        id=str(uuid7()), finding=finding, at=patrol.hall.hub.now(), by=patrol.officers["孙莉"], step=step,
        role="patrol_officer", person=None, note="", photo=kept,
    )  # fmt: skip
    with patrol.hall.hub.ledger.writing() as session:
        session.add(made)


def step_of(patrol: Patrol, finding: str) -> FindingStepRow:
    """The step that names the photo."""
    with patrol.hall.hub.ledger.reading() as session:
        query = select(FindingStepRow).where(FindingStepRow.finding == finding, FindingStepRow.photo != "")
        return session.execute(query.order_by(FindingStepRow.id.desc())).scalars().first() or FindingStepRow()


def night_after(patrol: Patrol, days: timedelta) -> None:
    """So many days later: let go, then erased."""
    patrol.hall.clock.move_to(patrol.hall.hub.now() + days + timedelta(days=1))
    for _ in range(2):
        routines.once(patrol.hall.hub)


def here(patrol: Patrol, *photos: bytes) -> list[bool]:
    """Which of these photos the hub has."""
    return [patrol.hall.hub.photos.has(hashlib.sha256(photo).hexdigest()) for photo in photos]


def test_it_is_shown_blurred_and_marked_to_whoever_follows_the_finding(patrol: Patrol, head: FlaskClient) -> None:
    finding = seen(patrol, W102, UNTIDY, photos=[BEFORE])
    patrol.hall.at("10:20")
    mended(head, finding)
    step = step_of(patrol, finding)
    address = f"/patrol/pictures/{step.id}/0"
    page = head.get(f"/findings/{finding}").text
    assert f'src="{address}/small"' in page
    assert "重复使用" not in page
    verifier, other = patrol.phone("孙莉"), signed_in(patrol.hall, "window_head", unit="市场监督管理局")
    assert other.get(f"{address}/small").status_code == 403
    assert other.get(address).status_code == 403
    for client in (head, verifier):
        small, shown = client.get(f"{address}/small"), client.get(f"{address}/shown")
        assert (small.mimetype, shown.mimetype) == ("image/jpeg", "image/jpeg")
        assert AFTER not in (small.data, shown.data)
        assert step.photo.encode() in shown.data, "the derivative names its original"
        said = words_of(client.get(address))
        for words in ("102 号窗口", "整改后", "2026-03-02 10:20", "印章没有专人保管", step.photo):
            assert words in said, words
    theirs = patrol.hall.hub.ledger
    with theirs.reading() as session:
        fact = session.execute(select(PictureRow.fact)).scalars().first()
    assert verifier.get(f"/patrol/pictures/{fact}/0/small").status_code == 200, "who verifies sees what was found"
    assert verifier.get(f"/patrol/pictures/{step.id}/1").status_code == 404


def test_its_original_is_for_supervision_with_a_reason_and_noted(patrol: Patrol, head: FlaskClient) -> None:
    finding = seen(patrol, W102, UNTIDY)
    mended(head, finding)
    address = f"/patrol/pictures/{step_of(patrol, finding).id}/0/original"
    supervision = signed_in(patrol.hall, "supervision")
    assert head.post(address, data={"reason": "看"}).status_code == 403
    assert supervision.post(address, data={"reason": " "}).status_code == 400
    assert "data:image/jpeg;base64" in supervision.post(address, data={"reason": "核对整改"}).text
    with patrol.hall.hub.ledger.reading() as session:
        row = session.execute(select(AuditRow).where(AuditRow.act == "photo.original")).scalar_one()
    detail = json.loads(row.detail)
    assert (row.subject, detail["reason"]) == (f"{step_of(patrol, finding).id}/0", "核对整改")
    assert detail["where"] == patrol.points[W102]


@pytest.mark.parametrize("source", ["its own finding", "another check", "an earlier step"])
def test_a_photo_that_was_used_before_is_flagged(patrol: Patrol, head: FlaskClient, source: str) -> None:
    old = seen(patrol, W102, UNTIDY, photos=[BEFORE])
    if source == "another check":
        seen(patrol, W101, UNTIDY, at="09:40", photos=[AFTER])
    if source == "an earlier step":
        mended(head, old)
        take(patrol.phone("孙莉"), old, "reopen", note="还没好")
    patrol.hall.at("10:20")
    mended(head, old, BEFORE if source == "its own finding" else AFTER)
    supervision = signed_in(patrol.hall, "supervision")
    assert "重复使用" in words_of(supervision.get(f"/findings/{old}"))
    picture = words_of(supervision.get(f"/patrol/pictures/{step_of(patrol, old).id}/0"))
    assert "完全相同的照片还用在 1 处" in picture
    if source == "its own finding":
        record = words_of(supervision.get("/patrol/record/2026-03-02"))
        assert "重复使用" in record, "the round's record says so too"


def test_both_photos_stay_until_the_finding_is_settled(patrol: Patrol) -> None:
    finding, again = seen(patrol, W102, UNTIDY, photos=[BEFORE]), jpeg((1, 2, 3))
    did(patrol, finding, "rectify", AFTER)
    night_after(patrol, KEPT)
    assert here(patrol, BEFORE, AFTER) == [True, True]
    did(patrol, finding, "verify")
    did(patrol, finding, "reopen")
    night_after(patrol, KEPT)
    assert here(patrol, BEFORE, AFTER) == [True, True], "it was taken up again"
    did(patrol, finding, "rectify", again)
    did(patrol, finding, "verify")
    night_after(patrol, timedelta())
    assert here(patrol, BEFORE, AFTER, again) == [False, False, True], "the new one's time has just begun"
    night_after(patrol, KEPT)
    assert here(patrol, again) == [False]
    said = words_of(signed_in(patrol.hall, "supervision").get(f"/patrol/pictures/{step_of(patrol, finding).id}/0"))
    assert "到期删除" in said


def test_a_checks_photo_stays_while_the_same_bytes_show_what_was_put_right(patrol: Patrol) -> None:
    finding = seen(patrol, W102, UNTIDY, photos=[BEFORE])
    patrol.check(patrol.phone("陈静"), W101, photos=[AFTER])
    did(patrol, finding, "rectify", AFTER)
    night_after(patrol, KEPT)
    assert here(patrol, AFTER) == [True]


def test_one_that_was_let_go_and_comes_back_stays(patrol: Patrol) -> None:
    """Somebody hands in an old picture on the morning after its bytes went."""
    finding = seen(patrol, W102, UNTIDY, photos=[BEFORE])
    patrol.check(patrol.phone("陈静"), W101, photos=[AFTER])
    night_after(patrol, KEPT)
    assert here(patrol, AFTER) == [False]
    patrol.hall.clock.move_to(patrol.hall.hub.now() + timedelta(hours=1))
    did(patrol, finding, "rectify", AFTER)
    for _ in range(2):
        routines.once(patrol.hall.hub)
    assert here(patrol, AFTER) == [True]
    step = step_of(patrol, finding)
    with patrol.hall.hub.ledger.reading() as session:
        assert photo_keeping.gone_since(session, step.photo) is None
        assert step.photo in picture_uses.own(session)
        assert session.execute(select(func.count()).select_from(PhotoLetGoRow)).scalar_one() == 1
    assert "重复使用" in words_of(signed_in(patrol.hall, "supervision").get(f"/findings/{finding}"))
    did(patrol, finding, "verify")
    night_after(patrol, KEPT)
    assert here(patrol, AFTER) == [False], "its days begin anew"


def test_the_sweep_knows_it(patrol: Patrol, head: FlaskClient) -> None:
    finding = seen(patrol, W102, UNTIDY)
    mended(head, finding)
    with patrol.hall.hub.ledger.reading() as session:
        assert photo_keeping.is_named(session, step_of(patrol, finding).photo)


def test_an_accusation_keeps_its_photos_too(patrol: Patrol) -> None:
    finding = seen(patrol, W102, LEFT, "王芳", photos=[BEFORE])
    night_after(patrol, KEPT)
    assert here(patrol, BEFORE) == [True]
    take(signed_in(patrol.hall, "supervision"), finding, "refuse", note="当时在开会")
    night_after(patrol, timedelta())
    assert here(patrol, BEFORE) == [False]


def test_verify_finds_one_flipped_byte_and_a_lost_file(patrol: Patrol, head: FlaskClient) -> None:
    mended(head, finding := seen(patrol, W102, UNTIDY))
    folder, digest = patrol.hall.hub.settings.folder, step_of(patrol, finding).photo
    path = path_of(folder / "photos", digest)

    def told() -> tuple[int, str]:
        done = CliRunner().invoke(command, ["verify", "--folder", str(folder)])
        return done.exit_code, done.output

    assert told()[0] == 0, told()[1]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    status, output = told()
    assert (status, digest[:12] in output, "1 张被改动或损坏" in output) == (1, True, True)
    path.unlink()
    status, output = told()
    assert (status, digest[:12] in output, "1 张有记录而没有文件" in output) == (1, True, True)


def test_what_was_typed_stays_when_the_photo_is_refused_and_a_full_disk_hinders_nobody(
    patrol: Patrol, head: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding = seen(patrol, W102, UNTIDY)
    refused = take(head, finding, "rectify", note="柜子已上锁", photo=(io.BytesIO(b"%PDF-1.7"), "a.jpg"))
    assert (refused.status_code, 'value="柜子已上锁"' in refused.text) == (400, True)
    monkeypatch.setattr("web.services.pictures._full", lambda _folder: True)
    full = take(head, finding, "rectify", note="柜子已上锁", photo=(io.BytesIO(AFTER), "a.jpg"))
    assert (full.status_code, "可以先不附照片报告整改" in words_of(full)) == (400, True)
    assert take(head, finding, "rectify", note="柜子已上锁").status_code == 302
