"""A round on the phone, as officers walk it: who may, what counts, what is refused, what is never lost."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from station import round_token
from station.facts import instant
from station.hub_rounds import heard_of
from station.photos import path_of
from station.round_facts import Check, RoundSigned
from station.sun import address, keys_of
from tests.web.browsing import signed_in, token_of
from tests.web.halls import StationUnderTest, add_station, counted
from tests.web.patrolling import MORNING, PIN, Patrol, copied, jpeg, post, words_of
from web.door import recorder_of
from web.ledger.facts import StationEventRow
from web.ledger.patrol import CheckRow, FindingRow, PictureRow, RoundRow, TagRow
from web.services import rounds, sun_keys, sun_taps, tags
from web.services.advice import advice
from web.services.rebuild import rebuild
from web.services.rounds import read_list

W101, W102, W103, AREA = "101 号窗口", "102 号窗口", "103 号窗口", "自助服务区"


@pytest.fixture
def station(patrol: Patrol, tmp_path: Path) -> Iterator[StationUnderTest]:
    """A confirmed station of that hall."""
    made = add_station(patrol.hall, tmp_path / "station")
    yield made
    made.reader.close()
    made.journal.close()


def rows(patrol: Patrol, table: type[CheckRow] | type[FindingRow] | type[RoundRow] | type[PictureRow]) -> int:
    with patrol.hall.hub.ledger.reading() as session:
        return session.execute(select(func.count()).select_from(table)).scalar_one()


def test_two_officers_walk_the_morning_round_and_sign_it(patrol: Patrol) -> None:
    phone = patrol.phone("陈静")
    assert patrol.begin(phone).headers["Location"].endswith(f"/patrol/rounds/{MORNING}")
    patrol.hall.at("09:34")
    assert patrol.check(phone, W101, tag=patrol.token(W101)).get_json() == {"state": "kept", "words": ""}
    found = {"item": ["conduct-12"], "person": patrol.hall.people["王芳"], "note": "忘在家里"}
    assert patrol.check(phone, W102, **found).status_code == 200
    assert patrol.check(phone, W103, photos=[], no_photo="相机故障", need="打印机缺纸", nothing="1").status_code == 200
    assert patrol.check(phone, AREA).status_code == 200
    state = patrol.state()
    assert state.state is not None
    assert (state.state.state, state.state.begun, state.short_handed) == ("done", "on_time", False)
    sheet = words_of(phone.get(f"/patrol/sign/{MORNING}"))
    assert re.search(
        r"09:34 101 号窗口 .*无异常.* 102 号窗口 .*1 个问题.*佩戴工作牌 没戴工作牌 · 王芳.*忘在家里", sheet
    )
    assert "打印机缺纸" in sheet
    assert patrol.sign(phone, "陈静", "周凯").status_code == 302
    assert patrol.round().closed
    assert "已签字结束" in words_of(phone.get(f"/patrol/rounds/{MORNING}"))
    with patrol.hall.hub.ledger.reading() as session:
        check = session.execute(select(CheckRow).where(CheckRow.checkpoint == patrol.points[W101])).scalar_one()
        assert (check.how, len(read_list(check.officers))) == ("qr", 2)


def test_the_list_says_who_should_be_there_and_what_attendance_says(patrol: Patrol, station: StationUnderTest) -> None:
    station.press("刘明", "08:52")
    station.send()
    patrol.hall.at("09:31")
    phone = patrol.phone("陈静")
    patrol.begin(phone)
    said = words_of(phone.get(f"/patrol/rounds/{MORNING}"))
    assert re.search(
        r"101 号窗口 .*刘明 A 岗 .*08:52 到岗.*102 号窗口 .*王芳 A 岗 .*未打卡，已过 31 分钟",
        said.replace("A岗", "A 岗"),
    )


def test_the_form_says_of_which_minute_attendance_is_and_hides_no_item(patrol: Patrol) -> None:
    phone = patrol.phone("陈静")
    patrol.begin(phone)
    patrol.hall.at("09:36")
    page = phone.get(f"/patrol/rounds/{MORNING}?at={patrol.points[W101]}").text
    form, blank = page.split('<section id="point"')[1].split('<template id="blank">')
    assert "考勤截至 09:36" in form
    assert "考勤截至 09:36" in blank
    for part in (form, blank):
        assert '<details class="more" open>' in part
        assert '<details class="more">' not in part


def test_the_phones_worker_may_serve_patrols_first_page(patrol: Patrol) -> None:
    assert patrol.phone("陈静").get("/patrol/worker.js").headers["Service-Worker-Allowed"] == "/patrol"


def test_a_slot_can_be_begun_in_its_time_only(patrol: Patrol) -> None:
    for at, begins in (("09:24", False), ("10:30", False), ("09:25", True), ("10:29", True)):
        patrol.hall.at(at)
        answer = patrol.begin(patrol.phone("陈静"))
        assert (answer.status_code == 302) is begins, at
        assert begins or "现在可以开始不定时巡查" in words_of(answer)


CANNOT_BEGIN = [
    ({"pin": PIN["陈静"], "other": "陈静"}, "两名巡查人员不能是同一个人"),
    ({"pin": PIN["陈静"], "other": ""}, "巡查小组要有 2 人"),
    ({"pin": "000000", "other": "周凯"}, "陈静 的 PIN 不对"),
    ({"pin": PIN["陈静"], "other": "周凯", "other_pin": PIN["陈静"]}, "周凯 的 PIN 不对"),
    ({"pin": PIN["陈静"], "other": "刘明", "other_pin": "1"}, "刘明 还没有设 PIN"),
]


def test_who_cannot_begin_a_round_is_told_why(patrol: Patrol) -> None:
    known, phone = patrol.officers | patrol.hall.people, patrol.phone("陈静")
    for given, said in CANNOT_BEGIN:
        answer = post(phone, "/patrol/begin/0930", **given | {"other": known.get(given["other"], "")})
        assert said in words_of(answer)
        assert answer.status_code in (400, 401)
    assert rows(patrol, RoundRow) == 0


def test_five_wrong_pins_are_followed_by_five_minutes_of_nothing(patrol: Patrol) -> None:
    phone = patrol.phone("陈静")
    for _ in range(5):
        post(phone, "/patrol/begin/0930", pin="111222", alone="1")
    answer = patrol.begin(phone, other="")
    assert "输错次数太多" in words_of(answer)
    patrol.hall.at("09:36")
    assert patrol.begin(phone, other="").status_code == 302


def test_one_officer_alone_is_marked_short_handed(patrol: Patrol) -> None:
    phone = patrol.phone("陈静")
    patrol.begin(phone, other="")
    patrol.check(phone, W101)
    assert patrol.state().short_handed
    assert "人手不足" in words_of(phone.get(f"/patrol/rounds/{MORNING}"))
    patrol.sign(phone, "陈静")
    assert patrol.round().closed


def test_an_officer_who_leaves_midway_leaves_the_round_short_handed(patrol: Patrol) -> None:
    phone = patrol.phone("陈静")
    patrol.begin(phone)
    patrol.check(phone, W101)
    assert not patrol.state().short_handed
    given = {"officer": patrol.officers["周凯"], "csrf_token": ""}
    given["csrf_token"] = phone.get("/patrol/now").get_json()["csrf"]
    phone.post(f"/patrol/leave/{MORNING}", data=given)
    patrol.check(phone, W102)
    assert patrol.state().short_handed
    assert [one.left for one in patrol.round().officers] == [False, True]
    patrol.sign(phone, "陈静")
    assert patrol.round().closed


def test_two_phones_at_one_checkpoint_give_one_check_and_an_addition(patrol: Patrol) -> None:
    first, second = patrol.phone("陈静"), patrol.phone("周凯")
    patrol.begin(first)
    assert patrol.begin(second, first="周凯", other="陈静").status_code == 302  # the same slot: the same round
    patrol.check(first, W101, tag=patrol.token(W101))
    patrol.check(second, W101, tag=patrol.token(W101), item=["conduct-12"])
    visit = patrol.round().visits[patrol.points[W101]]
    assert [row.adds for row in visit.rows] == [False, True]
    assert (visit.found, len(visit.pictures), len(patrol.round().visits)) == (1, 2, 1)


def test_the_same_tag_twice_opens_the_same_check_and_adds_to_it(patrol: Patrol) -> None:
    phone, token = patrol.phone("陈静"), patrol.token(W101)
    patrol.begin(phone)
    patrol.check(phone, W101, tag=token)
    again = phone.get(f"/patrol/t/{token}")
    assert (again.status_code, f'data-open="{patrol.points[W101]}"' in again.text) == (200, True)
    patrol.check(phone, W101, tag=token, note="又看了一次", photos=[])
    visit = patrol.round().visits[patrol.points[W101]]
    assert [(row.adds, row.how, row.note) for row in visit.rows] == [(False, "qr", ""), (True, "qr", "又看了一次")]
    assert len(patrol.round().visits) == 1


def test_a_round_goes_on_after_the_hub_lost_its_power(patrol: Patrol, tmp_path: Path) -> None:
    """What the disk held at that moment, opened anew while the old one is not even closed."""
    phone = patrol.phone("陈静")
    patrol.begin(phone)
    patrol.check(phone, W101, draft="a1" * 16)
    again = copied(patrol, tmp_path / "again")
    again.hall.at("09:41")
    phone = again.phone("陈静")
    assert f"/patrol/rounds/{MORNING}" in phone.get("/patrol").text
    again.check(phone, W101, draft="a1" * 16)  # the answer never came, so the phone sends it once more
    again.check(phone, W102)
    assert again.sign(phone, "陈静", "周凯").status_code == 302
    one = again.round()
    assert (len(one.visits), one.closed, one.opened) == (2, True, patrol.round().opened)
    recorder_of(again.hall.app).close()
    again.hall.hub.close()


@pytest.mark.parametrize("stepped", ["09:05", "10:25"])
def test_a_round_over_a_step_of_the_hubs_clock_is_whole(patrol: Patrol, stepped: str) -> None:
    phone = patrol.phone("陈静")
    patrol.begin(phone)
    patrol.check(phone, W101)
    patrol.hall.at(stepped)
    assert patrol.check(phone, W102).status_code == 200
    patrol.hall.at("09:44")
    patrol.check(phone, W103)
    patrol.check(phone, AREA)
    assert patrol.sign(phone, "陈静", "周凯").status_code == 302
    one = patrol.round()
    assert (one.closed, set(one.visits)) == (True, set(patrol.points.values()))
    patrol.hall.at("10:40")  # what the clock said in its step counts once that time is over
    state = patrol.state().state
    assert state is not None
    assert (state.state, state.unvisited) == ("done", ())
    with patrol.hall.hub.ledger.reading() as session:
        kept = session.execute(select(CheckRow.seq).order_by(CheckRow.seq)).scalars().all()
    assert len(kept) == 4, "in the order in which they were made, whatever the clock said"


def test_a_draft_counts_once_however_often_it_is_sent(patrol: Patrol) -> None:
    phone = patrol.phone("陈静")
    patrol.begin(phone)
    for _ in range(3):
        assert patrol.check(phone, W101, draft="a1" * 16, item=["conduct-12"]).status_code == 200
    assert (rows(patrol, CheckRow), rows(patrol, FindingRow), rows(patrol, PictureRow)) == (1, 1, 1)


OFFLINE = [
    ("09:33", timedelta(days=1), "09:33", False),  # a phone a day ahead is put right by its offset
    ("09:33", timedelta(days=-1), "09:33", False),
    ("09:20", timedelta(), "10:10", True),  # before the round began: that cannot be
    ("10:20", timedelta(), "10:10", True),  # after it arrived: nor can that
]


def test_an_offline_check_counts_when_its_phone_says_if_that_can_be(patrol: Patrol) -> None:
    phone, points = patrol.phone("陈静"), (W101, W102, W103, AREA)
    patrol.begin(phone)
    for point, (claimed, ahead, counts, doubted) in zip(points, OFFLINE, strict=True):
        said, arrival = patrol.hall.at(claimed), patrol.hall.at("10:10")
        sent = {
            "draft": point,
            "phone_at": instant(said + ahead),
            "offset_ms": str(-ahead // timedelta(milliseconds=1)),
        }
        patrol.check(phone, point, **sent, offline="1", reason="listed")  # as the form chooses by itself
        visit = patrol.round().visits[patrol.points[point]]
        assert (f"{visit.at.astimezone(patrol.hall.hub_zone()):%H:%M}", visit.doubted) == (counts, doubted)
        assert (visit.rows[0].reason, visit.rows[0].at) == ("offline", arrival)


def bomb() -> bytes:
    """A small file whose header claims 65,500 × 65,500 pixels."""
    small = jpeg()
    at = small.index(b"\xff\xc0")
    return small[: at + 5] + b"\xff\xdc\xff\xdc" + small[at + 9 :]


LACKING: list[tuple[dict[str, Any], str]] = [
    ({"photos": []}, "没有照片"),
    ({"photos": [b"%PDF-1.4 renamed"]}, "不是 JPEG 照片"),
    ({"photos": [jpeg()[:-200]]}, "照片不完整"),
    ({"photos": [jpeg(size=(9000, 6000))]}, "超过 5000 万像素"),
    ({"photos": [bomb()]}, "超过 5000 万像素"),
    ({"photos": [b"\x89PNG\r\n\x1a\n" + bytes(64)]}, "不是 JPEG 照片"),
    ({"photos": [b"\xff\xd8\xff" + b"0" * 12 * 1024 * 1024]}, "超过 12 兆字节"),
    ({"photos": [jpeg()] * 4}, "一次最多 3 张照片"),
    ({"item": ["conduct-12"], "nothing": "1"}, "不能同时填“无异常”"),
    ({"note": "只有备注"}, "没有选“无异常”"),
    ({"item": ["no-such"]}, "检查清单里没有 no-such"),
]


def test_a_form_that_lacks_something_is_refused_in_words_and_nothing_is_recorded(patrol: Patrol) -> None:
    phone = patrol.phone("陈静")
    patrol.begin(phone)
    for given, said in LACKING:
        answer = patrol.check(phone, W101, **given)
        assert (answer.status_code, said in answer.get_json()["words"]) == (400, True), said
    assert rows(patrol, CheckRow) == 0


def test_without_scripts_the_form_comes_back_filled_and_then_goes_to_the_next(patrol: Patrol) -> None:
    phone = patrol.phone("陈静")
    patrol.begin(phone)
    answer = patrol.check(phone, W101, script=False, photos=[], item=["conduct-12"], note="忘在家里")
    assert answer.status_code == 400
    assert "没有照片" in words_of(answer)
    assert "忘在家里" in answer.text
    assert re.search(r'value="conduct-12" checked', answer.text)
    answer = patrol.check(phone, W101, script=False)
    assert answer.headers["Location"].endswith(f"/patrol/rounds/{MORNING}?at={patrol.points[W102]}")


def test_pictures_are_kept_as_captured_and_a_full_disk_keeps_the_check(
    patrol: Patrol, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, shot = patrol.phone("陈静"), jpeg((1, 2, 3))
    patrol.begin(phone)
    patrol.check(phone, W101, photos=[shot])
    sha256 = patrol.round().visits[patrol.points[W101]].pictures[0]
    assert path_of(patrol.hall.hub.settings.folder / "photos", sha256).read_bytes() == shot
    monkeypatch.setattr("web.services.pictures._full", lambda _folder: True)
    answer = patrol.check(phone, W102)
    assert "磁盘将满" in answer.get_json()["words"]
    visit = patrol.round().visits[patrol.points[W102]]
    assert (visit.pictures, visit.no_photo) == ((), "中枢磁盘将满")


def test_after_both_signatures_only_additions_are_made(patrol: Patrol) -> None:
    phone = patrol.phone("陈静")
    patrol.begin(phone)
    patrol.check(phone, W101)
    patrol.sign(phone, "陈静")
    assert not patrol.round().closed
    assert "已签字" in words_of(phone.get(f"/patrol/sign/{MORNING}"))
    patrol.sign(phone, "周凯")
    patrol.check(phone, W101, item=["conduct-12"], draft="later")
    patrol.check(phone, W102, draft="forgotten in the pocket")
    one = patrol.round()
    assert [row.adds for row in one.visits[patrol.points[W101]].rows] == [False, True]
    assert [row.adds for row in one.visits[patrol.points[W102]].rows] == [True]
    assert patrol.begin(phone, other="孙莉").status_code == 400
    assert one.closed


def test_a_wrong_pin_signs_nothing_and_an_empty_round_cannot_be_signed(patrol: Patrol) -> None:
    phone = patrol.phone("陈静")
    patrol.begin(phone)
    assert "还没有检查任何巡查点" in words_of(patrol.sign(phone, "陈静"))
    patrol.check(phone, W101)
    assert "陈静 的 PIN 不对" in words_of(patrol.sign(phone, "陈静", 陈静="000001"))
    assert [one.signed for one in patrol.round().officers] == [None, None]
    assert "没有输入 PIN" in words_of(post(phone, f"/patrol/sign/{MORNING}"))


def test_a_tag_opens_its_form_and_what_it_means_can_change(patrol: Patrol) -> None:
    phone, token = patrol.phone("陈静"), patrol.token(W102)
    assert "您现在没有进行中的巡查" in words_of(phone.get(f"/patrol/t/{token}"))
    patrol.begin(phone)
    page = phone.get(f"/patrol/t/{token}").text
    assert f'data-open="{patrol.points[W102]}"' in page
    unknown = phone.get("/patrol/t/0000-nonsense")
    assert (unknown.status_code, "另一个大厅的标签" in words_of(unknown)) == (404, True)
    mark = token.split("-")[0]
    assert "不认识这个标签" in words_of(phone.get(f"/patrol/t/{mark}-2222222222"))
    with patrol.hall.hub.ledger.reading() as session:
        told = session.execute(select(StationEventRow.body).where(StationEventRow.kind == "refused")).scalars().all()
    assert len([each for each in told if '"what": "tag"' in each]) == 2
    patrol.check(phone, W101, tag=token)  # another checkpoint's tag identifies nothing
    assert patrol.round().visits[patrol.points[W101]].rows[0].reason == "unreadable"


SUN = "04C0FFEE123480"


def test_every_kind_of_tag_is_replaced_with_its_history(patrol: Patrol) -> None:
    desk, point = signed_in(patrol.hall, "admin"), patrol.points[W101]
    path = f"/patrol/points/{point}/tags"
    for medium, was, uid in (("rfid", "04A1B2C3", "04A1B2C4"), ("sun", "04C0FFEE123480", "04C0FFEE123481")):
        tags.place(recorder_of(patrol.hall.app), was, medium, point, patrol.officers["陈静"])
        old = next(tag.uid for tag in standing(patrol, point) if tag.medium == medium)
        page = desk.get(f"/patrol/points/{point}")
        assert re.search(rf'name="medium" value="{medium}"><input type="hidden" name="was" value="{old}">', page.text)
        given = {"csrf_token": token_of(page), "medium": medium, "was": old}
        assert desk.post(path, data={**given, "uid": ""}).status_code == 400
        assert old in {tag.uid for tag in standing(patrol, point)}, "nothing is taken away for a number that is missing"
        assert desk.post(path, data={**given, "uid": uid}).status_code == 302
        new = next(tag for tag in standing(patrol, point) if tag.medium == medium)
        assert (new.uid != old, new.was) == (True, old)
        assert f"替换 {old}" in words_of(desk.get(f"/patrol/points/{point}"))


def standing(patrol: Patrol, point: str) -> list[TagRow]:
    """The tags that mean a checkpoint now."""
    with patrol.hall.hub.ledger.reading() as session:
        return tags.standing(session)[point]


@pytest.fixture
def dynamic(patrol: Patrol) -> Callable[[int], str]:
    """A dynamic tag at the second window; what it says at each of its taps."""
    tags.place(recorder_of(patrol.hall.app), SUN, "sun", patrol.points[W102], "")
    keys = sun_keys.keys(patrol.hall.hub)
    return lambda count: address("/patrol/t/sun", keys, SUN, count)


def test_a_dynamic_tag_opens_its_form_once_and_the_check_says_so(patrol: Patrol, dynamic: Callable[[int], str]) -> None:
    phone = patrol.phone("陈静")
    assert "请把手机再贴一次标签" in words_of(phone.get(dynamic(1)))  # outside a round: nothing is spent
    patrol.begin(phone)
    opened = phone.get(dynamic(1))
    assert opened.status_code == 302
    form = phone.get(opened.headers["Location"]).text
    assert f'data-open="{patrol.points[W102]}"' in form
    found = re.search(r'data-tag="([^"]+)"', form)
    assert found is not None
    patrol.check(phone, W102, tag=found[1])
    row = patrol.round().visits[patrol.points[W102]].rows[0]
    assert (row.how, row.tag, row.reason) == ("nfc", SUN, "")


@pytest.mark.parametrize("wrong", ["again", "older", "another hall's", "changed", "not registered", "cut"])
def test_an_address_that_proves_nothing_is_refused_and_noted(
    patrol: Patrol, dynamic: Callable[[int], str], wrong: str
) -> None:
    phone = patrol.phone("陈静")
    patrol.begin(phone)
    assert phone.get(dynamic(5)).status_code == 302
    right, others = dynamic(6), keys_of(bytes(32))
    stranger = address("/patrol/t/sun", sun_keys.keys(patrol.hall.hub), "04C0FFEE123481", 6)
    said = {
        "again": dynamic(5), "older": dynamic(4), "another hall's": address("/patrol/t/sun", others, SUN, 6),
        "changed": right[:-1] + ("0" if right[-1] != "0" else "1"), "not registered": stranger, "cut": right[:-2],
    }[wrong]  # fmt: skip
    answer = phone.get(said)
    assert answer.status_code in (400, 404)
    assert "请" in words_of(answer)
    with patrol.hall.hub.ledger.reading() as session:
        told = session.execute(select(StationEventRow.body).where(StationEventRow.kind == "refused")).scalars().all()
    assert len([each for each in told if '"what": "tag"' in each]) == 1
    assert phone.get(right).status_code == 302


@pytest.mark.parametrize("tag", [SUN, "forged.ticket", ""])
def test_a_dynamic_tags_number_alone_identifies_nothing(
    patrol: Patrol, dynamic: Callable[[int], str], tag: str
) -> None:
    phone = patrol.phone("陈静")
    patrol.begin(phone)
    patrol.check(phone, W102, tag=tag)
    row = patrol.round().visits[patrol.points[W102]].rows[0]
    assert (row.how, row.reason) == ("manual", "unreadable" if tag else "listed")


def test_a_ticket_of_another_round_identifies_nothing(patrol: Patrol, dynamic: Callable[[int], str]) -> None:
    phone = patrol.phone("陈静")
    patrol.begin(phone)
    patrol.check(phone, W102, tag=sun_taps.ticket(patrol.hall.hub, SUN, "2026-03-02/1340"))
    assert patrol.round().visits[patrol.points[W102]].rows[0].reason == "unreadable"


def test_the_page_behind_a_tag_costs_ten_questions_at_most(patrol: Patrol, station: StationUnderTest) -> None:
    station.press("刘明", "08:52")
    station.send()
    phone = patrol.phone("陈静")
    patrol.begin(phone)
    patrol.check(phone, W101)
    token = patrol.token(W102)
    for _ in range(2):  # the first look of a minute works the running day out, for everybody
        with counted(patrol.hall) as asked:
            assert phone.get(f"/patrol/t/{token}").status_code == 200
        assert len(asked) <= 10, "\n\n".join(re.sub(r"SELECT .*", "SELECT …", each) for each in asked)


def code_of(patrol: Patrol, by: StationUnderTest, **more: object) -> str:
    pair = [(patrol.officers[name], "finger") for name in ("陈静", "周凯")]
    given = {"key": by.key, "station": by.id, "round_id": MORNING, "kind": "scheduled", "officers": pair}
    return round_token.make(**given | {"now": patrol.hall.hub.now()} | more)  # type: ignore[arg-type]


def test_a_kiosks_code_lets_one_phone_into_one_round(patrol: Patrol, station: StationUnderTest) -> None:
    phone, code = patrol.hall.client(), code_of(patrol, station)
    path = f"/patrol/enter/{code}"
    assert "陈静" in words_of(phone.get(path))
    assert post(phone, path).headers["Location"].endswith(f"/patrol/rounds/{MORNING}")
    assert patrol.check(phone, W101).status_code == 200
    assert [one.by for one in patrol.round().officers] == ["finger", "finger"]
    assert phone.get("/people").status_code == 302
    assert phone.get("/patrol/rounds/other").status_code == 403
    again = patrol.hall.client().get(path)
    assert (again.status_code, "已用过一次" in words_of(again)) == (401, True)
    patrol.sign(phone, "陈静", "周凯")
    assert patrol.round().closed


def test_a_code_that_no_station_signed_lately_lets_nobody_in(patrol: Patrol, station: StationUnderTest) -> None:
    codes = [
        code_of(patrol, station, key=patrol.hall.hub.key),
        code_of(patrol, station, now=patrol.hall.hub.now() - timedelta(minutes=31)),
        code_of(patrol, station)[:-9],
        code_of(patrol, station, station=patrol.officers["陈静"]),
    ]
    answers = [patrol.hall.client().get(f"/patrol/enter/{code}") for code in codes]
    assert [answer.status_code for answer in answers] == [401] * 4


def test_facts_of_stations_and_phones_are_one_round_and_a_rebuild_changes_nothing(
    patrol: Patrol, station: StationUnderTest
) -> None:
    phone = patrol.phone("陈静")
    patrol.begin(phone)
    patrol.check(phone, W101)
    patrol.hall.at("09:40")
    station.clock.move_to(patrol.hall.at("09:32"))
    pair = (patrol.officers["陈静"], patrol.officers["周凯"])
    for point in (W101, W102):
        station.record(
            Check(round=MORNING, checkpoint=patrol.points[point], how="nfc", officers=pair, by=pair[1],
                  nothing_abnormal=True, no_photo="相机故障")
        )  # fmt: skip
    station.send()
    patrol.hall.at("09:50")
    before = patrol.round()
    visit = before.visits[patrol.points[W101]]
    assert [row.how for row in visit.rows] == ["manual", "nfc"]  # the earlier one is the check
    assert len(before.visits) == 2
    with patrol.hall.hub.ledger.writing() as session:
        rebuild(session, patrol.hall.hub_zone())
    after = patrol.round()
    assert (list(after.visits), after.officers, after.opened) == (list(before.visits), before.officers, before.opened)


def test_a_phones_round_is_told_to_stations_and_signed_at_one(patrol: Patrol, station: StationUnderTest) -> None:
    phone = patrol.phone("陈静")
    patrol.begin(phone)
    patrol.check(phone, W101)
    patrol.sign(phone, "陈静")
    with patrol.hall.hub.ledger.reading() as session:
        heard = heard_of(advice(session, patrol.hall.hub))[MORNING]
    other = patrol.officers["周凯"]
    assert [(one.person == other, one.signed is None) for one in heard.walk.members] == [(False, False), (True, True)]
    assert list(heard.walk.visits) == [patrol.points[W101]]
    station.clock.move_to(patrol.hall.at("09:35"))
    station.record(RoundSigned(round=MORNING, officer=other, by="finger", checks=1, digest=heard.digest))
    station.send()
    assert patrol.round().closed
    with patrol.hall.hub.ledger.reading() as session:
        assert rounds.digest(session, MORNING) == heard.digest


def test_a_stranger_to_the_round_adds_nothing_to_it(patrol: Patrol) -> None:
    patrol.begin(patrol.phone("陈静"))
    answer = patrol.check(patrol.phone("孙莉"), W101)
    assert (answer.status_code, "不在这次巡查的小组里" in answer.get_json()["words"]) == (403, True)
    assert rows(patrol, CheckRow) == 0


def test_on_a_make_up_saturday_both_rounds_are_due(patrol: Patrol) -> None:
    hall = patrol.hall
    hall.clock.move_to(hall.at("13:41") + timedelta(days=75))  # Saturday 16 May is no make-up day in 2026
    assert "今天没有定时巡查" in words_of(patrol.phone("陈静").get("/patrol"))
    hall.clock.move_to(hall.at("13:41") + timedelta(days=68))  # Saturday 9 May is one, after the holiday
    answer = patrol.begin(patrol.phone("陈静"), "1340")
    assert answer.headers["Location"].endswith("/patrol/rounds/2026-05-09/1340")
