"""Policy versions: tried on real days before they are saved, every fault at once, nothing half-loaded."""

import io
import json
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from config.policy import as_data, completed, from_data, load_policy
from tests.web.browsing import signed_in, text_of, token_of
from tests.web.halls import HallUnderTest, StationUnderTest
from tests.web.test_attendance import press_at
from web.ledger.audit import AuditRow
from web.ledger.policies import PolicyRow
from web.ledger.verdicts import VerdictRow
from web.services import in_force, papers

APRIL = "2026-04-01"


@pytest.fixture
def client(hall: HallUnderTest, station: StationUnderTest) -> FlaskClient:
    """An administrator's browser on 10 March: 王芳 was late four times, 张伟 three times."""
    for number, day_of_march in enumerate((2, 3, 4, 5, 6, 9)):
        day = date(2026, 3, day_of_march)
        for name, late in (("刘明", 0), ("王芳", 4), ("张伟", 3)):
            for text in ("09:03" if number < late else "08:49", "12:02", "13:18", "17:31"):
                press_at(station, name, f"{day} {text}:{number:02}")
    station.send()
    hall.clock.move_to(datetime(2026, 3, 10, 1, tzinfo=UTC))
    return signed_in(hall, "admin")


def fill(client: FlaskClient, act: str = "try", **changes: str) -> Any:
    """The form as the page gives it, with these fields changed, and sent."""
    page = client.get("/policy/new").get_data(as_text=True)
    form = page.split('value="form"', 1)[1].split("</form>")[0]
    given = dict(re.findall(r'<input id="f-[^"]+" name="([^"]+)" value="([^"]*)"', form))
    return post(client, {**given, "way": "form", "act": act, "since": APRIL, "month": "2026-03", **changes})


def post(client: FlaskClient, given: dict[str, Any]) -> Any:
    return client.post("/policy/new", data={**given, "csrf_token": token_of(client.get("/policy"))})


def tried(answer: Any) -> str:
    found = re.search(r'name="tried" value="([0-9a-f]{64})"', answer.get_data(as_text=True))
    assert found, answer.get_data(as_text=True)
    return found[1]


def versions(hall: HallUnderTest) -> list[tuple[date, str]]:
    with hall.hub.ledger.reading() as session:
        rows = session.execute(select(PolicyRow.since, PolicyRow.title).order_by(PolicyRow.row))
        return [(row.since, row.title) for row in rows]


def test_a_trial_tells_what_changes_for_whom_and_changes_nothing(hall: HallUnderTest, client: FlaskClient) -> None:
    page = text_of(fill(client, threshold="3"))
    assert "按此设置，3 月有 2 人按旷工半天；现行 1 人。" in page
    listed = page.split("折合旷工 其他变化", 1)[1].split("改了什么")[0]
    assert "张伟" in listed
    assert "0 → 0.5 天" in listed
    assert "王芳" not in listed, "nothing changes for her"
    assert "累计 4 次" in page
    assert versions(hall) == []
    with hall.hub.ledger.reading() as session:
        assert session.execute(select(func.count()).select_from(VerdictRow)).scalar_one() == 0


def test_other_hours_change_lateness_and_readiness(client: FlaskClient) -> None:
    page = text_of(fill(client, **{"hours.0.start": "09:05", "hours.0.end": "12:00", "ready": "15"}))
    assert "按此设置，3 月有 0 人按旷工半天；现行 1 人。" in page
    assert "迟到：0 次；现行 7 次" in page
    assert "0.5 → 0 天" in page


def test_what_was_tried_is_saved_and_holds_from_its_day(hall: HallUnderTest, client: FlaskClient) -> None:
    answer = fill(client, threshold="3", every="2")
    saved = fill(client, act="save", threshold="3", every="2", tried=tried(answer))
    assert saved.headers["Location"] == "/policy"
    page = text_of(client.get("/policy"))
    assert "已保存：自 2026-04-01 起施行" in page
    assert "将施行" in page
    assert [since for since, _ in versions(hall)] == [in_force.SINCE, date(2026, 4, 1)]
    with hall.hub.ledger.reading() as session:
        held = in_force.read(session, hall.hub)
        rules = [held.on(day).policy.consequences.accumulation for day in (date(2026, 3, 31), date(2026, 4, 1))]
        assert [rule and (rule.threshold, rule.every) for rule in rules] == [(4, None), (3, 2)]
        assert [rule and rule.source for rule in rules][1] == ("assumed",), "the hall's own number cites nobody"
        by = session.execute(select(AuditRow.by).where(AuditRow.act == "policy.add").order_by(AuditRow.row)).scalars()
        assert [person is None for person in by] == [True, False]
        issued = papers.draw_up(session, hall.hub, "none").policies
        assert [each.since for each in issued] == [in_force.SINCE, date(2026, 4, 1)]
    newest = text_of(client.get("/policy?version=2"))
    assert "本大厅自定" in newest
    assert "推定" in newest


def test_nothing_is_saved_that_was_not_tried_as_it_is(hall: HallUnderTest, client: FlaskClient) -> None:
    mark = tried(fill(client, threshold="3"))
    again = fill(client, act="save", threshold="2", tried=mark)
    assert "试算结果" in text_of(again)
    assert "3 月有 2 人" in text_of(again)
    assert versions(hall) == []
    same = fill(client, act="save", tried=tried(fill(client)))
    assert (same.status_code, "完全一样" in same.get_data(as_text=True)) == (400, True)
    assert versions(hall) == []


@pytest.mark.parametrize(
    ("since", "more", "words"),
    [
        ("2026-04-02", {}, "应是今天以后某月的 1 日"),
        ("2026-03-01", {}, "应是今天以后某月的 1 日"),
        ("2026-04-02", {"forced": "yes"}, "应是今天以后某月的 1 日"),
        ("2026-04-02", {"forced": "yes", "reason": " "}, "应是今天以后某月的 1 日"),
        ("2026-04-02", {"reason": "县里通知"}, "应是今天以后某月的 1 日"),
        ("2026-13-01", {}, "生效日要写成"),
        ("", {}, "生效日要写成"),
        ("1999-01-01", {}, "不合理"),
        ("2999-01-01", {}, "不合理"),
        ("2026-04-02", {"forced": "yes", "reason": "x" * 201}, "不超过 200 个字"),
    ],
)
def test_versions_begin_on_the_first_unless_forced_with_a_reason(
    client: FlaskClient, since: str, more: dict[str, str], words: str
) -> None:
    answer = fill(client, threshold="3", **{"since": since, **more})
    assert (answer.status_code, words in text_with(answer)) == (400, True)


def text_with(answer: Any) -> str:
    return re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))


def test_forced_with_a_reason_it_begins_when_it_should_and_kept_days_are_judged_anew(
    hall: HallUnderTest, client: FlaskClient
) -> None:
    fang = hall.people["王芳"]
    assert "累计折算 0.5 天" in text_of(client.get(f"/attendance/people/{fang}"))
    changes = {"since": "2026-03-01", "forced": "yes", "reason": "县里通知从三月起", "hours.0.start": "09:05"}
    assert fill(client, act="save", **changes, tried=tried(fill(client, **changes))).status_code == 302
    page = text_of(client.get(f"/attendance/people/{fang}"))
    assert "累计折算 0 天" in page
    assert "迟到 0 次" in page
    assert "县里通知从三月起" in text_of(client.get("/policy"))


def test_a_months_totals_are_made_by_the_version_of_its_last_day(hall: HallUnderTest, client: FlaskClient) -> None:
    changes = {"since": "2026-03-20", "forced": "yes", "reason": "试行", "threshold": "3"}
    assert fill(client, act="save", **changes, tried=tried(fill(client, **changes))).status_code == 302
    assert "累计折算 0.5 天" in text_of(client.get(f"/attendance/people/{hall.people['张伟']}"))


def test_every_fault_of_the_form_at_once(hall: HallUnderTest, client: FlaskClient) -> None:
    wrong = {"hours.0.start": "9点", "hours.1.end": "13:00", "breaks": "10:30-10:20"}
    answer = fill(client, **wrong, threshold="many", since="?")
    page = text_with(answer)
    assert answer.status_code == 400
    for words in (
        "attendance.sessions[0].start 时刻要写成", "attendance.sessions[1].end 结束不能早于或等于开始",
        "attendance.breaks[0].end 结束不能早于或等于开始", "consequences.accumulation.threshold", "生效日要写成",
        "没有保存任何内容",
    ):  # fmt: skip
        assert words in page, words
    assert 'value="9点"' in answer.get_data(as_text=True), "what was typed is still there"
    assert versions(hall) == []


HALL = """title = "新大厅"
[from]
attendance = "shanxi"
consequences = "xingling"
"""


def test_a_halls_file_is_pasted_or_uploaded(hall: HallUnderTest, client: FlaskClient) -> None:
    given = {"way": "text", "act": "try", "since": APRIL, "month": "2026-03"}
    pasted = post(client, {**given, "text": HALL})
    assert "现行 1 人" in text_of(pasted)
    uploaded = post(client, {**given, "file": (io.BytesIO(HALL.encode()), "hall.toml")})
    assert tried(uploaded) == tried(pasted)
    assert "新大厅" in uploaded.get_data(as_text=True), "the file's text is there to be saved"
    saved = post(client, {**given, "act": "save", "text": HALL, "tried": tried(pasted)})
    assert saved.status_code == 302
    page = text_of(client.get("/policy?version=2"))
    assert load_policy("shanxi").title in page
    assert "推定：原制度没有这一部分" in page


def test_every_fault_of_a_file_at_once_with_key_and_nearest_spelling(hall: HallUnderTest, client: FlaskClient) -> None:
    bad = HALL.replace("shanxi", "shanxxi") + "[attendanse]\n[consequences]\naccumulation = {treshold = 4}\n[[zone]]\n"
    answer = post(client, {"way": "text", "act": "save", "since": "2026-04-03", "text": bad})
    page = text_with(answer)
    assert answer.status_code == 400
    nearest = ("是不是 shanxi", "是不是 attendance", "是不是 threshold")
    for words in ("from.attendance", "attendanse", "treshold", *nearest):
        assert words in page, words
    assert versions(hall) == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"text": ""}, "没有收到制度文件"),
        ({"text": "title = "}, "不是合格的 TOML"),
        ({"file": (b"\xff\xfe\x00x", "x.toml")}, "不是 UTF-8"),
        ({"file": (b"#" * 200_001, "x.toml")}, "超过 200 千字节"),
    ],
)
def test_files_that_cannot_be_read(client: FlaskClient, given: dict[str, Any], words: str) -> None:
    if "file" in given:
        content, name = given["file"]
        given = {"file": (io.BytesIO(content), name)}
    answer = post(client, {"way": "text", "act": "try", "since": APRIL, **given})
    assert (answer.status_code, words in text_with(answer)) == (400, True)


def test_sections_may_be_taken_from_another_pack(hall: HallUnderTest, client: FlaskClient) -> None:
    answer = fill(client, **{"from.consequences": "shanxi"})
    assert "按此设置，3 月有 0 人按旷工半天；现行 1 人。" in text_of(answer)
    answer = fill(client, **{"from.consequences": "nowhere"})
    assert (answer.status_code, "没有叫 nowhere" in text_with(answer)) == (400, True)


def test_a_policy_says_where_each_section_and_number_comes_from(client: FlaskClient) -> None:
    page = text_of(client.get("/policy"))
    for words in (
        "万州区政务服务中心", "取自", "迟到早退累计折算旷工", "万州 考勤 第五条", "推定", "上班时间 上午",
        "从 09:00，到 12:00",
    ):  # fmt: skip
        assert words in page, words
    assert client.get("/policy?version=77").status_code == 404


@pytest.mark.parametrize(("role", "allowed"), [("admin", True), ("supervision", True), ("attendance_clerk", False)])
def test_who_may_change_policy_and_calendar(hall: HallUnderTest, role: str, allowed: bool) -> None:
    client = signed_in(hall, role)
    assert ("拟新版本" in text_of(client.get("/policy"))) == allowed
    assert ("录入或改动日期" in text_of(client.get("/calendar"))) == allowed
    assert client.get("/policy/new").status_code == (200 if allowed else 403)
    token = token_of(client.get("/policy"))
    for path, given in (("/policy/new", {}), ("/calendar", {"year": "2026"}), ("/calendar/confirm", {"year": "2026"})):
        status = client.post(path, data={**given, "csrf_token": token}).status_code
        assert (status != 403) == allowed, (path, status)


def test_a_version_stored_before_a_key_was_known_gets_it_from_its_pack_as_assumed(
    hall: HallUnderTest, client: FlaskClient
) -> None:
    old = as_data("default")
    del old["patrol"]["photo_days"], old["patrol"]["sources"]["photo_days"]
    text = in_force.text_of(old)
    with hall.hub.ledger.writing() as session:
        session.add(PolicyRow(since=in_force.SINCE, title="旧版", data=text, digest=in_force.digest_of(text), reason="",
                              made=hall.hub.now(), by=None))  # fmt: skip
    with hall.hub.ledger.reading() as session:
        version = in_force.read(session, hall.hub).on(date(2026, 3, 2))
    assert version.policy.patrol.photo_days == load_policy("default").patrol.photo_days == 180
    assert version.policy.patrol.clauses("photo_days") == ("assumed",)
    assert version.policy.attendance == load_policy("default").attendance
    assert "照片保存（天） 180" in text_of(client.get("/policy"))
    saved = fill(client, rectify="2")
    assert fill(client, "save", rectify="2", tried=tried(saved)).status_code == 302
    with hall.hub.ledger.reading() as session:
        newest = session.execute(select(PolicyRow.data).order_by(PolicyRow.row.desc())).scalars().first() or ""
    assert json.loads(newest)["patrol"]["photo_days"] == 180, "the next version says it itself"


@pytest.mark.parametrize(
    ("pack", "days", "expected"),
    [
        ("wanzhou", 90, 90),  # what the hall chose stays
        ("wanzhou", None, None),  # for ever, if it says so
        ("taigu", ..., 180),  # a pack without the section: the default hall's
        ("nowhere", ..., 180),  # one that is no more
    ],
)
def test_what_a_hall_chose_is_never_replaced(pack: str, days: object, expected: int | None) -> None:
    data = as_data("wanzhou")
    data["origins"]["patrol"]["pack"] = pack
    data["patrol"].pop("photo_days")
    if days is not ...:
        data["patrol"]["photo_days"] = days
    before = json.dumps(data)
    assert from_data(completed(data), "x").patrol.photo_days == expected
    assert json.dumps(data) == before, "the stored one is not touched"
