"""What an administrator sees of stations and does with them, from the first code on; everybody else only looks."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from station.facts import Consent, Device, Enrolled, Started
from station.keys import words
from tests.web.browsing import signed_in, text_of, token_of
from tests.web.halls import ANYBODY, HallUnderTest, MakeStation, StationUnderTest
from tests.web.test_lineages import forked, raws_of
from web.ledger.audit import AuditRow
from web.ledger.stations import AlarmRow, StationRow
from web.services import fingers
from web.services.station_health import board
from web.stations.points import points


def post(client: FlaskClient, path: str, page: str = "/stations", **data: str) -> TestResponse:
    return client.post(path, data={"csrf_token": token_of(client.get(page)), **data}, follow_redirects=True)


def audited(hall: HallUnderTest) -> list[tuple[str, Any]]:
    with hall.hub.ledger.reading() as session:
        rows = session.execute(select(AuditRow).order_by(AuditRow.row)).scalars()
        return [(row.act, json.loads(row.detail)) for row in rows]


def test_an_empty_hub_says_how_the_first_station_joins(hall: HallUnderTest) -> None:
    assert "第一步：点下面的“生成接入码”" in text_of(signed_in(hall, "admin").get("/stations"))
    assert "请系统管理员在本页生成接入码" in text_of(signed_in(hall, "duty_leader").get("/stations"))


def test_a_code_is_shown_once_with_its_command_and_its_drawing(hall: HallUnderTest) -> None:
    admin = signed_in(hall, "admin")
    made = post(admin, "/stations/code", page="/stations")
    found = re.search(r"zaigang station join http://localhost --code (\w{5}-\w{5})", text_of(made))
    assert found
    assert re.search(r'<svg [^>]*class="qr"', made.get_data(as_text=True))
    assert "style=" not in made.get_data(as_text=True)
    assert found[1] not in text_of(admin.get("/stations"))


def test_who_is_no_administrator_changes_nothing(hall: HallUnderTest, station: StationUnderTest) -> None:
    leader = signed_in(hall, "duty_leader")
    hall.app.config["WTF_CSRF_ENABLED"] = False
    before = len(audited(hall))
    acts = ("confirm", "revoke", "name", "key", "code")
    for path in (*(f"/stations/{station.id}/{act}" for act in acts), f"/stations/alarms/{ANYBODY}/clear",
                 f"/stations/lineages/{ANYBODY}/refuse", f"/stations/orders/{ANYBODY}/withdraw"):  # fmt: skip
        assert leader.post(path).status_code == 403, path
    assert len(audited(hall)) == before
    page = text_of(leader.get(f"/stations/{station.id}"))
    assert "停用…" not in page
    assert leader.get(f"/stations/{ANYBODY}").status_code == 404


def test_a_station_gets_its_name_and_place(hall: HallUnderTest, station: StationUnderTest) -> None:
    admin, path = signed_in(hall, "admin"), f"/stations/{station.id}"
    page = text_of(post(admin, f"{path}/name", path, name="一号站", location="一楼东门内侧"))
    assert "一号站 一楼东门内侧" in page
    assert ("station.rename", {"name": ["一楼东门", "一号站"], "location": ["", "一楼东门内侧"]}) in audited(hall)
    refused = post(admin, f"{path}/name", path, name=" ")
    assert (refused.status_code, "名称不能为空" in refused.get_data(as_text=True)) == (400, True)
    assert "一号站 一楼东门内侧" in text_of(admin.get("/stations"))


def test_turning_away_asks_twice_and_the_station_stays_in_sight(hall: HallUnderTest, make_station: MakeStation) -> None:
    station = make_station(confirmed=False)
    admin, path = signed_in(hall, "admin"), f"/stations/{station.id}"
    assert words(station.key.public) in text_of(admin.get("/stations/board"))
    assert "确认不接受 一楼东门" in text_of(admin.get(path))
    assert "未接受" in text_of(post(admin, f"{path}/revoke", path))
    page = text_of(admin.get("/stations"))
    assert "等待确认" not in page
    assert "已停用或未接受的（1）" in page
    made = text_of(post(admin, f"{path}/code", path))
    assert re.search(r"--code \w{5}-\w{5} --again", made)


def test_the_worst_station_comes_first_and_says_what_to_do(hall: HallUnderTest, make_station: MakeStation) -> None:
    well, ill = make_station(), make_station()
    admin = signed_in(hall, "admin")
    for station, state, said in ((well, "ready", {"Disk": "40"}), (ill, "gone", {"Disk": "98", "Drift-Ms": "5000"})):
        station.record(Started(version="0.1"), Device(device="reader", state=state))
        station.send()
        path, headers = station.signed("POST", "facts", b"", lineage=station.journal.lineage)
        told = {"Backlog": "0", "Version": "0.1.0", "Papers-Age": "30", "Pins-Age": "30", "Drift-Ms": "12"} | said
        station.http.post(path, headers=headers | {f"Zaigang-{name}": value for name, value in told.items()})
    page = admin.get("/stations/board").get_data(as_text=True)
    assert page.index(ill.id) < page.index(well.id)
    page = text_of(admin.get(f"/stations/{ill.id}"))
    assert "签到已自动打开；请检查指纹机的线，仍不行请更换 指纹机故障" in page
    assert "磁盘已用 98%" in page
    assert "时钟快 5.0 秒" in page
    assert "程序版本 0.1.0" in page
    with hall.hub.ledger.reading() as session:
        found = board(session, hall.hub.now())
    tones = {one.row.id: {point.tone for point in points(one, hall.hub.now())} for one in found.conditions}
    assert tones[well.id] == {"green"}
    hall.clock.move_to(hall.hub.now() + timedelta(minutes=100))
    assert "100 分钟没有联系" in text_of(admin.get("/stations"))


def test_facts_that_are_missing_are_named_until_they_come(hall: HallUnderTest, station: StationUnderTest) -> None:
    station.record(Started(version="0.1"))
    station.send()
    for at in ("08:50", "08:55", "09:01"):
        station.press("刘明", at)
    admin, path = signed_in(hall, "admin"), f"/stations/{station.id}"
    assert station.answer(station.deliver(station.reader.raw_after(3, 9))).upto == 1
    assert "缺 2 条记录" in text_of(admin.get("/stations"))
    assert "连续到第 1 条 缺 2 条" in text_of(admin.get(path))
    station.send(after=1)
    assert "连续到第 4 条 没有缺号" in text_of(admin.get(path))


def test_a_fork_is_told_in_plain_words_and_decided(
    hall: HallUnderTest, station: StationUnderTest, tmp_path: Path
) -> None:
    station.record(Started(version="0.1"))
    station.send()
    journal = forked(station, tmp_path / "new", station.journal.lineage, [])
    hall.at("09:00")
    assert station.deliver(raws_of(journal), lineage=journal.lineage).get_json()["conflict"] == "held"
    admin = signed_in(hall, "admin")
    page = text_of(admin.get("/stations"))
    assert "一楼东门 换了新账本，等待批准" in page
    assert "像是存储卡恢复到了旧状态" in page
    hall.at("09:05")
    station.press("刘明", "09:04")
    station.send(after=1)
    assert "旧账本之后仍在上传（最近 2026-03-02 09:05），像是存储卡被复制" in text_of(admin.get("/stations"))

    post(admin, f"/stations/lineages/{journal.lineage}/refuse")
    refused = station.deliver(raws_of(journal), lineage=journal.lineage)
    assert (refused.status_code, refused.get_json()["conflict"]) == (409, "refused")
    assert "记录仍在考勤站上" in refused.get_json()["error"]
    page = text_of(admin.get(f"/stations/{station.id}"))
    assert "新账本没有批准" in page
    assert admin.get("/stations").get_data(as_text=True).count("条告警") == 0
    post(admin, f"/stations/lineages/{journal.lineage}/approve")
    assert station.answer(station.deliver(raws_of(journal), lineage=journal.lineage)).upto == 1
    assert [act for act, _ in audited(hall) if act.startswith("lineage.")] == ["lineage.refuse", "lineage.approve"]
    journal.close()


def test_an_alarm_stands_until_somebody_looked_into_it(hall: HallUnderTest, station: StationUnderTest) -> None:
    fact = station.record(Started(version="0.1"))[0]
    station.deliver([fact.raw.replace(b'"started"', b'"coffee"')])
    admin = signed_in(hall, "admin")
    assert "有一条记录本程序读不懂" in text_of(admin.get(f"/stations/{station.id}"))
    with hall.hub.ledger.reading() as session:
        alarm = session.execute(select(AlarmRow.id)).scalar_one()
    page = text_of(post(admin, f"/stations/alarms/{alarm}/clear"))
    assert "读不懂" not in page
    assert admin.post(
        f"/stations/alarms/{alarm}/clear", data={"csrf_token": token_of(admin.get("/stations"))}
    ).status_code == 404  # fmt: skip
    assert audited(hall)[-1][0] == "alarm.clear"


def test_an_enrolment_is_ordered_watched_and_withdrawn(hall: HallUnderTest, make_station: MakeStation) -> None:
    east, west = make_station(), make_station()
    ming, admin = hall.people["刘明"], signed_in(hall, "admin")
    path = f"/people/{ming}"
    hall.at("09:00")
    for station in (east, west):
        post(admin, f"{path}/fingers/enrol", path, station=station.id, finger="右手食指")
    twice = post(admin, f"{path}/fingers/enrol", path, station=east.id, finger="右手食指")
    assert (twice.status_code, "已经下达" in twice.get_data(as_text=True)) == (400, True)
    assert post(admin, f"{path}/fingers/enrol", path, station=east.id, finger="脚趾").status_code == 400
    assert text_of(admin.get(path)).count("等待到考勤站录入") == 2
    assert "刘明 录指纹 右手食指 · 2026-03-02 09:00 撤回" in text_of(admin.get(f"/stations/{east.id}"))
    with hall.hub.ledger.reading() as session:
        assert [(order.do, order.finger) for order in fingers.orders_for(session, east.id)] == [("enrol", "右手食指")]

    for station, fact in ((east, Enrolled(person=ming, place=1, finger="右手食指")),
                          (west, Consent(person=ming, text_version="1", given=False))):  # fmt: skip
        station.clock.move_to(hall.at("09:10"))
        station.record(fact)
        station.send()
    page = text_of(admin.get(path))
    assert "已录入，2026-03-02 09:10" in page
    assert "本人没有同意，2026-03-02 09:10" in page
    with hall.hub.ledger.reading() as session:
        assert fingers.outstanding_by_station(session) == {}
    again = post(admin, f"{path}/fingers/enrol", path, station=east.id, finger="右手食指")
    assert (again.status_code, "已有这枚手指" in again.get_data(as_text=True)) == (400, True)
    post(admin, f"{path}/fingers/enrol", path, station=west.id, finger="左手食指")
    with hall.hub.ledger.reading() as session:
        order = fingers.asked_of(session, ming)[0].order.id
    page = text_of(post(admin, f"/stations/orders/{order}/withdraw", path))
    assert "指令已撤回" in page
    assert "· 左手食指" not in page


def test_who_leaves_is_enrolled_nowhere_any_more(hall: HallUnderTest, station: StationUnderTest) -> None:
    ming = hall.people["刘明"]
    with hall.hub.ledger.writing() as session:
        fingers.order_enrol(session, ming, station.id, "右手食指", hall.hub.now(), ANYBODY)
        assert set(fingers.outstanding_by_station(session)) == {station.id}
        left = fingers.order_forget(session, ming, hall.hub.now(), ANYBODY, "left")
        assert fingers.outstanding_by_station(session) == {}
    refused = post(signed_in(hall, "admin"), f"/stations/orders/{left}/withdraw", "/stations")
    assert (refused.status_code, "撤销调离" in refused.get_data(as_text=True)) == (400, True)


def test_a_key_change_is_asked_for_on_the_page(hall: HallUnderTest, station: StationUnderTest) -> None:
    admin, path = signed_in(hall, "admin"), f"/stations/{station.id}"
    assert "已要求换密钥" in text_of(post(admin, f"{path}/key", path))
    with hall.hub.ledger.reading() as session:
        assert session.get_one(StationRow, station.id).key_asked
    post(admin, f"{path}/revoke", path)
    refused = post(admin, f"{path}/key", path)
    assert (refused.status_code, "没有在用" in refused.get_data(as_text=True)) == (400, True)
