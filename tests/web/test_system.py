"""系统: what the hub's administrator is told of it, and what to do about each thing that is not well."""

from datetime import timedelta
from types import MappingProxyType

import pytest

from station.checkup.line import WELL, WORTH_A_LOOK, WRONG, Line
from station.facts import Device, Started
from tests.web.browsing import PASSWORD, add_login, outsider, signed_in, text_of, token_of
from tests.web.halls import HallUnderTest, MakeStation, StationUnderTest
from web.services import people, tls
from web.system import lines
from web.system.lines import DiskSeen

pytestmark = pytest.mark.both_databases
SECURE = MappingProxyType({"base_url": "https://localhost"})


def test_the_page_is_the_administrators_and_leads_to_what_is_theirs(hall: HallUnderTest) -> None:
    admin = signed_in(hall, "admin")
    assert 'href="/system"' in admin.get("/").text
    page = admin.get("/system").text
    for path in ("/ca", "/accounts", "/audit", "/robots", "/api/docs", "/api/tokens", "/logins", "/stations"):
        assert f'href="{path}"' in page, path
    leader = signed_in(hall, "duty_leader")
    assert leader.get("/system").status_code == 403
    assert 'href="/system"' not in leader.get("/").text


def test_the_page_names_hall_version_and_ledger(hall: HallUnderTest, database: str) -> None:
    page = text_of(signed_in(hall, "admin").get("/system"))
    assert "FRESH" not in page, "no demonstration"
    assert "测试大厅，时区 Asia/Shanghai，版本 " in page
    assert ("SQLite " if database == "sqlite" else "PostgreSQL，") in page
    with hall.hub.ledger.reading() as session:
        held = hall.hub.ledger.size(session)
    assert held > 100_000
    assert f"，{held / lines.MB:.1f} MB" in page


def test_plain_http_is_said_with_the_way_out_of_it(hall: HallUnderTest) -> None:
    admin = signed_in(hall, "admin")
    page = text_of(admin.get("/system"))
    assert "本页以 http 打开，密码和记录在网络上不加密" in page
    assert "还没有本厅证书" in page
    assert "zaigang hub tls" in page
    tls.certify(hall.hub.settings.folder, "测试大厅", ["hall.local"], hall.hub.now())
    page = text_of(admin.get("/system"))
    assert "请改用 https 开头、端口 8443 的地址" in page
    assert "有效至 2028-05-10" in page


def test_https_is_said_too(hall: HallUnderTest) -> None:
    client, now = hall.client(), hall.hub.now()
    with hall.hub.ledger.writing() as session:
        add_login(session, people.add(session, [outsider(("admin",))], now)[0], "admin", now)
    form = {"name": "admin", "password": PASSWORD, "csrf_token": token_of(client.get("/login", **SECURE))}
    client.post("/login", data=form, headers={"Referer": "https://localhost/login"}, **SECURE)
    page = text_of(client.get("/system", **SECURE))
    assert "本页以 https 打开，传输加密" in page
    assert "不加密" not in page


def test_a_certificate_is_told_of_before_and_after_its_end(hall: HallUnderTest) -> None:
    made = tls.certify(hall.hub.settings.folder, "测试大厅", ["hall.local"], hall.hub.now())
    zone = hall.hub_zone()
    marks = [
        lines.certificate_line(made.until, made.until + ahead, zone).mark
        for ahead in (-timedelta(days=31), -timedelta(days=29), timedelta())
    ]
    assert marks == [WELL, WORTH_A_LOOK, WRONG]
    (hall.hub.settings.folder / tls.FOLDER / tls.SERVER).write_text("torn")
    assert "证书文件读不出来" in text_of(signed_in(hall, "admin").get("/system"))


def test_stations_stand_there_with_what_to_do(
    hall: HallUnderTest, station: StationUnderTest, make_station: MakeStation
) -> None:
    admin = signed_in(hall, "admin")
    station.record(Started(version="1"), Device(device="reader", state="gone"))
    station.send()
    page = text_of(admin.get("/system"))
    assert "指纹机故障，在线 → 签到已自动打开；请检查指纹机的线，仍不行请更换" in page
    assert "1 项异常" in page
    assert f'href="/stations/{station.id}"' in admin.get("/system").text
    make_station(confirmed=False)
    assert "1 个等待核对确认" in text_of(admin.get("/system"))


def test_a_hub_without_a_station_says_how_to_get_one(hall: HallUnderTest) -> None:
    assert "还没有考勤站接入 → 请打开“考勤站”生成接入码" in text_of(signed_in(hall, "admin").get("/system"))


def test_every_line_that_is_not_well_says_what_to_do(hall: HallUnderTest) -> None:
    now, zone = hall.hub.now(), hall.hub_zone()
    found: list[Line] = [lines.disk_line(DiskSeen(percent, 5)) for percent in (10, 90, 97)]
    assert [line.mark for line in found] == [WELL, WORTH_A_LOOK, WRONG]
    found += [lines.clock_line(now, zone, demo=False, synced=synced) for synced in (True, False)]
    found += [
        lines.door_line(secure=secure, certified=certified, port=8443)
        for secure in (True, False) for certified in (True, False)
    ]  # fmt: skip
    assert {bool(line.remedy) for line in found if line.mark == WELL} == {False}
    assert all(line.remedy for line in found if line.mark != WELL)


def test_a_demonstration_says_how_to_begin_anew(demo_hall: HallUnderTest) -> None:
    assert "到显示密码的窗口按 Ctrl+C 停下演示，再运行 make run FRESH=1" in text_of(demo_hall.client().get("/login"))
